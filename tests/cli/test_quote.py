"""`python -m tools.quote`: its contract, and what it says of nonsense."""

from __future__ import annotations

import json
import re
from decimal import ROUND_HALF_DOWN, Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from till.cli.output import FileRefusedError, read_file

if TYPE_CHECKING:
    from tests.cli.conftest import Shell

BASKET: dict[str, Any] = {
    "currency": "EUR",
    "prices_include_tax": True,
    "taxes": {"A": [{"name": "VAT", "rate": "21"}], "B": [{"name": "VAT", "rate": 6}]},
    "lines": [{"item": "Tea", "quantity": 2, "unit_price": "2.50", "tax": "A"}],
}
#: Stands for a field that is left out.
GONE = object()


def basket(**fields: Any) -> str:
    """The basket with other fields, as JSON."""
    return json.dumps({name: value for name, value in {**BASKET, **fields}.items() if value is not GONE})


def line(**fields: Any) -> str:
    """The basket with other fields in its line."""
    whole = {**BASKET["lines"][0], **fields}
    return basket(lines=[{name: value for name, value in whole.items() if value is not GONE}])


def tax(**fields: Any) -> str:
    """The basket with other fields in its tax."""
    whole = {**BASKET["taxes"]["A"][0], **fields}
    return basket(taxes={"A": [{name: value for name, value in whole.items() if value is not GONE}]})


def paid(*payments: Any, **fields: Any) -> str:
    """Return the basket, with a total of 5.00, and payments."""
    return basket(payments=list(payments), **fields)


def test_the_basket_of_the_page_comes_to_the_answer_that_stands_there(quote: Shell) -> None:
    page = Path(__file__).parents[2] / "docs/quote.md"
    asked, answer = re.findall(r"```json\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
    assert quote("-", "--json", stdin=asked).json == json.loads(answer)


def test_the_answer_is_the_contract(quote: Shell) -> None:
    whole = basket(
        lines=[
            {"item": "Tea", "quantity": 3, "unit_price": "2.50", "tax": "A", "discount": {"percent": "10"}},
            {"item": "Cheese", "quantity": 1, "measure": "0.335", "unit_price": "12.9900", "tax": "B"},
            {"quantity": -1, "unit_price": 1},
        ],
        discounts=[{"amount": "1.00"}],
        service_charge={"percent": "10", "tax": "A"},
        rounding={"step": "0.05"},
        payments=[{"tender": "card", "amount": "5.00", "tip": "0.50"}, {"tender": "cash", "amount": "exact"}],
    )
    # 7.50 − 0.75 and 4.35 and −1.00 are 10.10; 1.00 off is 0.67, 0.43 and −0.10; the charge is a tenth of 9.10
    assert quote("-", "--json", stdin=whole).json == {
        "lines": [
            {"net": "5.02", "tax": "1.06", "gross": "6.08"},
            {"net": "3.70", "tax": "0.22", "gross": "3.92"},
            {"net": "-0.90", "tax": "0.00", "gross": "-0.90"},
            {"net": "0.75", "tax": "0.16", "gross": "0.91"},
        ],
        "taxes": [
            {"name": "VAT", "rate": "21", "net": "5.77", "tax": "1.22"},
            {"name": "VAT", "rate": "6", "net": "3.70", "tax": "0.22"},
        ],
        "net": "8.57",
        "tax": "1.44",
        "total": "10.01",
        "rounding": "-0.01",
        "to_pay": "10.00",
    }


def test_for_people_it_is_a_small_table(quote: Shell) -> None:
    whole = paid(
        {"tender": "cash", "amount": "10.00", "tip": "1.00"},
        service_charge={"percent": 12.5, "tax": "B"},
        rounding={"step": "0.05"},
    )
    assert quote.ok("-", stdin=whole).splitlines() == [
        "Item             Net   Tax  Gross",
        "Tea             4.13  0.87   5.00",
        "Service charge  0.59  0.04   0.63",
        "",
        "           EUR",
        "VAT 21 %  0.87",
        "VAT 6 %   0.04",
        "Net       4.72",
        "Tax       0.91",
        "Total     5.63",
        "Rounding  0.02",
        "To pay    5.65",
        "Tips      1.00",
        "Change    3.35",
    ]


def test_a_file_is_read_with_or_without_a_mark(quote: Shell, tmp_path: Path) -> None:
    file = tmp_path / "basket.json"
    file.write_text(basket(), encoding="utf-8-sig")
    assert quote(str(file), "--json").json["total"] == "5.00"


@pytest.mark.parametrize(
    ("given", "total"),
    [
        (line(unit_price="0.0125", quantity=100), "1.25"),
        (line(quantity=GONE), "2.50"),
        (line(quantity=0), "0.00"),
        (line(quantity="-2"), "-5.00"),
        (line(tax=GONE, item=GONE), "5.00"),
        (line(tax=None, discount=None, measure=None), "5.00"),
        (line(item=4711), "5.00"),
        (line(measure="0.125"), "0.63"),
        (line(discount={"percent": 100}), "0.00"),
        (line(discount={"amount": "99"}), "0.00"),
        (basket(lines=[]), "0.00"),
        (basket(taxes=GONE, prices_include_tax=GONE, lines=[{"unit_price": 1}]), "1.00"),
        (basket(currency="JPY", lines=[{"unit_price": "100.5", "quantity": 3}]), "302"),
        (basket(currency="BHD", lines=[{"unit_price": "0.1235"}]), "0.124"),
        # a number is read by its text: as a float this is 0.28499999999999998, and 0.29 times 100 is 28.999999999999996
        ('{"currency": "EUR", "lines": [{"unit_price": 0.29, "quantity": 100}]}', "29.00"),
        ('{"currency": "EUR", "lines": [{"unit_price": 1.005}]}', "1.01"),
        (
            '{"currency": "EUR", "lines": [{"unit_price": 999999999999.9999, "quantity": 9999999}]}',
            "9999998999999999000.00",
        ),
    ],
)
def test_omitted_and_odd_values_are_priced(quote: Shell, given: str, total: str) -> None:
    assert quote("-", "--json", stdin=given).json["total"] == total


def test_a_levy_has_no_rate(quote: Shell) -> None:
    taxes = quote("-", "--json", stdin=tax(rate=GONE, per_piece="0.25", name="Deposit")).json["taxes"]
    assert taxes == [{"name": "Deposit", "rate": None, "net": "4.50", "tax": "0.50"}]


CASH5 = {"tender": "cash", "amount": "5.00"}
NONSENSE = [
    # not a basket at all
    ("", "This is not JSON: line 1, column 1."),
    ("{", "This is not JSON: line 1, column 2."),
    ("currency: EUR", "This is not JSON"),
    ('{"currency": "EUR", "lines": [],}', "This is not JSON: line 1, column 33."),
    ("[" * 200_000, "brackets are nested too deep"),
    ("[]", "This is a list, and a basket is one object."),
    ("1e5", "This is 1e5, and a basket is one object."),
    ("null", "This is null"),
    # fields that are not there
    ("{}", "currency is missing."),
    (basket(lines=GONE), "lines is missing."),
    (basket(lines=None), "lines is missing."),
    (line(unit_price=GONE), "lines[0].unit_price is missing."),
    (tax(name=GONE), "taxes.A[0].name is missing."),
    (basket(prices_include_tax=GONE), "taxes.A[0].included is missing. Write true or false, here or for all in"),
    (basket(rounding={}), "rounding.step is missing."),
    (basket(service_charge={}), "service_charge.percent is missing."),
    (paid({"amount": "5"}), "payments[0].tender is missing."),
    (paid({"tender": "cash"}), "payments[0].amount is missing."),
    # fields that nobody knows
    (basket(curency="EUR"), "There is no curency. Did you mean currency?"),
    (basket(tips="1"), "There is no tips."),
    (line(quantiy=2), "There is no lines[0].quantiy. Did you mean lines[0].quantity?"),
    (line(price=2), "There is no lines[0].price. Did you mean lines[0].unit_price?"),
    (line(xyzzy=2), "There is no lines[0].xyzzy. There are: item, quantity, measure, unit_price, tax, discount"),
    (line(discount={"percnt": 10}), "There is no lines[0].discount.percnt. Did you mean lines[0].discount.percent?"),
    (tax(perpiece=1), "There is no taxes.A[0].perpiece. Did you mean taxes.A[0].per_piece?"),
    (basket(rounding={"steps": 1}), "There is no rounding.steps. Did you mean rounding.step?"),
    (paid({**CASH5, "tipp": 1}), "There is no payments[0].tipp. Did you mean payments[0].tip?"),
    (basket(**{"\x1b[31m": 1}), "There is no "),
    (basket(**{"\x1b": 1}), "There is no “”. There are: currency, "),
    # fields that stand twice
    ('{"currency": "EUR", "lines": [], "currency": "GBP"}', "currency appears twice."),
    ('{"currency": "EUR", "lines": [{"unit_price": 1, "unit_price": 2}]}', "lines[0].unit_price appears twice."),
    (
        '{"currency": "EUR", "lines": [], "rounding": {"step": 1}, "rounding": {"step": 2}}',
        "rounding appears twice.",
    ),
    ('{"currency": "EUR", "lines": [], "taxes": {"A": [], "A": []}}', "taxes.A appears twice."),
    # the wrong kind
    (basket(currency=978), "currency is 978."),
    (basket(currency="eur"), "currency is “eur”. Write the three capital letters"),
    (basket(currency="ZZZ"), "currency is “ZZZ”."),
    (basket(currency="€"), "currency is “€”."),
    (basket(prices_include_tax="yes"), "prices_include_tax is “yes”. Write true or false."),
    (basket(prices_include_tax=1), "prices_include_tax is 1."),
    (basket(tax_rounding="lines"), "tax_rounding is “lines”. Write one of line, order."),
    (basket(tax_rounding="bill"), "tax_rounding is “bill”. Write one of line, order."),
    (basket(tax_rounding_direction="half_down"), "tax_rounding_direction is “half_down”."),
    (basket(tax_rounding_direction=["up"]), "tax_rounding_direction is a list. Write one of half_up, up, down."),
    (basket(tax_rounding_of="sum"), "tax_rounding_of is “sum”."),
    (basket(taxes=[]), "taxes is a list. It must be one object"),
    (basket(taxes={"A": {"name": "VAT", "rate": 20}}), "taxes.A is an object. It must be a list."),
    (basket(taxes={"A": ["VAT"]}), "taxes.A[0] is “VAT”. It must be one object."),
    (basket(lines={}), "lines is an object. It must be a list."),
    (basket(lines=["tea"]), "lines[0] is “tea”. It must be one object."),
    (line(item=["tea"]), "lines[0].item is a list."),
    (line(item=float("nan")), "lines[0].item is NaN. Write a name in quotes."),
    (line(tax="Z"), "lines[0].tax is “Z”. There are: A, B."),
    (line(tax=0), "lines[0].tax is 0."),
    (basket(taxes={f"\x1b[31m{n}\n{'x' * 3000}": [] for n in range(9)}), "lines[0].tax is “A”. There are: [31m0 xxxx"),
    (line(discount="10%"), "lines[0].discount is “10%”. It must be one object."),
    (basket(discounts={"percent": 10}), "discounts is an object. It must be a list."),
    (basket(service_charge=12.5), "service_charge is 12.5. It must be one object."),
    (basket(service_charge={"percent": 10, "tax": "C"}), "service_charge.tax is “C”."),
    (basket(rounding=[{"step": "0.05"}, {"step": "1"}]), "rounding is a list. It must be one object."),
    (basket(rounding="0.05"), "rounding is “0.05”."),
    (basket(payments={}), "payments is an object."),
    (basket(payments="exact"), "payments is “exact”."),
    (tax(included="no"), "taxes.A[0].included is “no”."),
    (tax(affects_later=1), "taxes.A[0].affects_later is 1."),
    (tax(name=""), "taxes.A[0].name is “”."),
    (tax(name=5), "taxes.A[0].name is 5."),
    # two where one belongs
    (tax(per_piece="0.25"), "taxes.A[0] has both rate and per_piece. Keep one of them."),
    (tax(rate=GONE), "taxes.A[0] has neither rate nor per_piece."),
    (line(discount={"percent": 10, "amount": 1}), "lines[0].discount has both percent and amount."),
    (line(discount={}), "lines[0].discount has neither percent nor amount."),
    (basket(discounts=[{"percent": 10}, {}]), "discounts[1] has neither percent nor amount."),
    # numbers
    (line(unit_price="two"), "lines[0].unit_price is “two”. Write a number such as 12.50."),
    (line(unit_price="1,50"), "lines[0].unit_price is “1,50”."),
    (line(unit_price="٣"), "lines[0].unit_price is “٣”."),
    (line(unit_price=""), "lines[0].unit_price is “”."),
    (line(unit_price=" 1"), "lines[0].unit_price is "),
    (line(unit_price=True), "lines[0].unit_price is true."),
    (line(unit_price={}), "lines[0].unit_price is an object."),
    (line(unit_price=float("nan")), "lines[0].unit_price is NaN."),
    (line(unit_price=float("inf")), "lines[0].unit_price is Infinity."),
    (line(unit_price=1e300), "lines[0].unit_price is 1e+300. Write it without an exponent"),
    (line(unit_price="1E3"), "lines[0].unit_price is “1E3”. Write it without an exponent"),
    (line(unit_price="0" * 5_000_000 + "x"), "lines[0].unit_price is “0000000000000000000000000000000000000000…”."),
    (line(unit_price="1.00001"), "lines[0].unit_price is “1.00001”. It can have 4 decimals"),
    (line(unit_price=-1), "lines[0].unit_price is -1. It cannot be less than 0: a return has its minus in quantity."),
    (line(unit_price="9" * 13), "lines[0].unit_price is “9999999999999”. That is too much."),
    (line(unit_price="9" * 5000), "lines[0].unit_price is “9999999999999999999999999999999999999999…”."),
    (line(unit_price=10**90), "lines[0].unit_price is 1000000000"),
    (
        line(quantity=1.5),
        "lines[0].quantity is 1.5. Write a whole number, such as 2, and the weight as its measure.",
    ),
    (line(quantity="two"), "lines[0].quantity is “two”."),
    (line(quantity=10**7), "lines[0].quantity is 10000000. It cannot be more than 9999999."),
    (line(quantity=-(10**7)), "lines[0].quantity is -10000000. It cannot be less than -9999999."),
    (line(measure="0.0001"), "lines[0].measure is “0.0001”. It can have 3 decimals"),
    (line(measure="-1"), "lines[0].measure is “-1”. It cannot be less than 0: a return has its minus in quantity."),
    (line(discount={"percent": 101}), "lines[0].discount.percent is 101. It cannot be more than 100."),
    (line(discount={"percent": "-5"}), "lines[0].discount.percent is “-5”. It cannot be less than 0."),
    (line(discount={"percent": "10 %"}), "lines[0].discount.percent is “10 %”."),
    (line(discount={"amount": "-1"}), "lines[0].discount.amount is “-1”."),
    (line(discount={"amount": "0.001"}), "lines[0].discount.amount is “0.001”. It can have 2 decimals"),
    (basket(discounts=[{"percent": "abc"}]), "discounts[0].percent is “abc”."),
    (basket(currency="JPY", discounts=[{"amount": "0.5"}]), "discounts[0].amount is “0.5”. Write a whole number"),
    (basket(service_charge={"percent": -1}), "service_charge.percent is -1."),
    (tax(rate="-5"), "taxes.A[0].rate is “-5”."),
    (tax(rate="20%"), "taxes.A[0].rate is “20%”."),
    (tax(rate="1001"), "taxes.A[0].rate is “1001”. It cannot be more than 1000."),
    (tax(rate="1.23456"), "taxes.A[0].rate is “1.23456”."),
    (tax(rate=GONE, per_piece=-1), "taxes.A[0].per_piece is -1."),
    # more than any sale has
    ('{"currency": "EUR", "lines": [' + "1," * 100_000 + "1]}", "lines is a list. It can hold 100000 at most."),
    (basket(taxes={"A": [{"name": "T", "rate": 1, "affects_later": True}] * 21}), "taxes.A is a list. It can hold 20"),
    (basket(taxes={str(n): [] for n in range(201)}), "taxes is an object. It can hold 200 names at most."),
    (basket(discounts=[{"percent": 1}] * 51), "discounts is a list. It can hold 50 at most."),
    (paid(*[CASH5] * 1001), "payments is a list. It can hold 1000 at most."),
    # payments
    (basket(rounding={"step": 0}), "rounding.step is 0."),
    (basket(rounding={"step": "-0.05"}), "rounding.step is “-0.05”."),
    (basket(rounding={"step": "0.001"}), "rounding.step is “0.001”."),
    (basket(rounding={"step": "0.05", "direction": "up"}), "rounding.direction is “up”."),
    (basket(rounding={"step": "0.05", "of": "card"}), "rounding.of is “card”. Write one of cash, bill."),
    (basket(rounding={"step": "0.05", "nothing_up_to": "-1"}), "rounding.nothing_up_to is “-1”."),
    (basket(rounding={"step": "0.05", "never": "voucher"}), "rounding.never is “voucher”. It must be a list."),
    (basket(rounding={"step": "0.05", "never": [1]}), "rounding.never[0] is 1."),
    (basket(rounding={"step": "0.05", "never": ["voucher", "Cash"]}), "rounding.never[1] is “Cash”. Only cash"),
    (paid({"tender": "", "amount": "5"}), "payments[0].tender is “”."),
    (
        paid({"tender": "cash", "amount": "all"}),
        "payments[0].amount is “all”. Write a number such as 12.50, or exact for all that is due.",
    ),
    (
        paid({"tender": "card", "amount": "5.01"}),
        "payments[0].amount is 5.01, and 5.00 is due: only cash gives change. Write exact, or put the rest in tip.",
    ),
    (paid(CASH5, CASH5), "payments[1].amount is 5.00, and nothing more is due."),
    (
        paid({"tender": "cash", "amount": -6}, lines=[{"unit_price": 5, "quantity": -1}]),
        "payments[0].amount is -6.00, and -5.00 is due: only that is refunded. Write exact.",
    ),
    (
        paid({"tender": "cash", "amount": "-5"}),
        "payments[0].amount is -5.00, which does not count towards the 5.00 due. Write exact for all of it.",
    ),
    (paid({"tender": "cash", "amount": "0"}), "payments[0].amount is 0.00, which does not count towards the 5.00"),
    (paid({**CASH5, "tip": "-1"}), "payments[0].tip is “-1”."),
    (paid({**CASH5, "tip": "5.01"}), "payments[0].tip is 5.01, more than its payment."),
    (
        paid({"tender": "voucher", "amount": "6"}, rounding={"step": "1", "of": "bill", "never": ["voucher"]}),
        "payments[0].amount is 6.00, and 5.00 is due",
    ),
]


@pytest.mark.parametrize(("given", "expected"), NONSENSE, ids=[expected[:60] for _given, expected in NONSENSE])
def test_nonsense_is_one_sentence_that_names_the_field(quote: Shell, given: str, expected: str) -> None:
    refusal = quote.refused("-", "--json", stdin=given)
    assert refusal.startswith(expected) or expected in refusal
    assert len(refusal) < 240
    assert "\x1b" not in refusal


def test_a_file_that_is_none_of_ours_is_one_sentence(quote: Shell, tmp_path: Path) -> None:
    file = tmp_path / "basket.json"
    file.write_bytes(basket().encode("utf-16"))
    assert "not UTF-8: byte 1" in quote.refused(str(file))
    file.write_bytes(b'{"currency": "\xff"}')
    assert "not UTF-8: byte 15" in quote.refused(str(file))
    with file.open("wb") as huge:
        huge.truncate(100_000_000)
    assert "larger than any basket" in quote.refused(str(file))
    assert "cannot be read" in quote.refused(str(tmp_path))
    assert "cannot be read" in quote.refused("nowhere.json")
    assert "\x1b" not in quote.refused("\x1b[31mnowhere.json")


def test_without_a_standard_input_it_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("till.cli.output.sys.stdin", None)  # as a service leaves it
    with pytest.raises(FileRefusedError, match="Nothing can be read from standard input"):
        read_file("-")


def test_ten_thousand_lines_are_priced(quote: Shell) -> None:
    lines = [{"item": f"{n}", "quantity": 1, "unit_price": f"{n}.99", "tax": "A"} for n in range(10_000)]
    answer = quote("-", "--json", stdin=basket(lines=lines, tax_rounding="order", discounts=[{"percent": 5}])).json
    assert len(answer["lines"]) == 10_000


def test_quote_without_a_file_is_wrong_usage(quote: Shell) -> None:
    assert quote().code == 2


def on(promotion: object, *lines: dict[str, Any]) -> str:
    """The basket with a promotion, and other lines."""
    return basket(promotions=[promotion], lines=list(lines) or BASKET["lines"])


TEA: dict[str, Any] = {"item": "Tea", "quantity": 3, "unit_price": "2.50"}
BUN: dict[str, Any] = {"item": "Bun", "unit_price": "4.00"}


@pytest.mark.parametrize(
    ("promotion", "gross"),
    [
        ({"name": "P", "percent": "10"}, ["6.75", "3.60"]),
        ({"name": "P", "items": "all", "percent": "10"}, ["6.75", "3.60"]),
        ({"name": "P", "items": ["Tea"], "amount": "0.50"}, ["6.00", "4.00"]),
        ({"name": "P", "items": ["Bun"], "price": "3.33"}, ["7.50", "3.33"]),
        ({"name": "P", "items": ["Tea"], "buy": 2, "get": 1}, ["5.00", "4.00"]),
        ({"name": "P", "items": ["Tea", "Bun"], "buy": 1, "get": "1", "percent": 50}, ["5.00", "4.00"]),
        ({"name": "P", "items": ["Tea"], "set": 3, "price": "6.00"}, ["6.00", "4.00"]),
        ({"name": "P", "set": ["Tea", "Bun"], "price": "5.00"}, ["6.92", "3.08"]),
        (
            {
                "name": "P",
                "price": "4.50",
                "slots": [{"name": "Cup", "items": {"Tea": "0.50"}}, {"name": "Cake", "items": {"Bun": 0, "Tea": 1}}],
            },
            ["6.92", "3.08"],
        ),
    ],
)
def test_promotions_come_off_before_anything_else(quote: Shell, promotion: Any, gross: list[str]) -> None:
    found = quote("-", "--json", stdin=on(promotion, TEA, BUN)).json
    assert [one["gross"] for one in found["lines"]] == gross
    halved = quote("-", "--json", stdin=on(promotion, {**TEA, "discount": {"percent": "50"}}, BUN)).json
    half = Decimal(gross[0]) / 2
    assert Decimal(halved["lines"][0]["gross"]) == half.quantize(Decimal("0.01"), ROUND_HALF_DOWN)


def test_two_promotions_on_one_line_are_the_better_for_the_guest(quote: Shell) -> None:
    both = [{"name": "B", "percent": "10"}, {"name": "A", "items": ["Tea"], "percent": "20"}]
    found = quote("-", "--json", stdin=basket(promotions=both, lines=[TEA, BUN])).json
    assert [one["gross"] for one in found["lines"]] == ["6.00", "3.60"]


def test_a_deposit_in_the_price_bears_no_promotion(quote: Shell) -> None:
    taxes = {"A": [{"name": "Deposit", "per_piece": "0.25"}]}
    bottle = {"item": "Cola", "quantity": 2, "unit_price": "2.25", "tax": "A"}
    for promotion in ({"name": "P", "percent": "50"}, {"name": "P", "buy": 1, "get": 1}):
        found = quote("-", "--json", stdin=basket(taxes=taxes, promotions=[promotion], lines=[bottle])).json
        assert found["total"] == "2.50"


@pytest.mark.parametrize(
    ("promotion", "sentence"),
    [
        (1, "promotions[0] is 1. It must be one object."),
        ({}, "promotions[0].name is missing. Write the name of the promotion."),
        (
            {"name": "P"},
            "promotions[0] takes nothing off. Write percent, amount, price, buy and get, or set and price.",
        ),
        ({"name": "P", "percent": "10", "amount": "1"}, "promotions[0] has both percent and amount."),
        ({"name": "P", "percent": "101"}, "promotions[0].percent is “101”. It cannot be more than 100."),
        ({"name": "P", "price": "1", "percent": 10}, "promotions[0].percent is 10. It does not go with price"),
        ({"name": "P", "buy": 1}, "promotions[0].get is missing. Write how many are free."),
        ({"name": "P", "get": 1}, "promotions[0].buy is missing. Write how many are bought."),
        ({"name": "P", "buy": 0, "get": 1}, "promotions[0].buy is 0. It cannot be less than 1."),
        ({"name": "P", "buy": 1.5, "get": 1}, "promotions[0].buy is 1.5. Write a whole number, such as 2."),
        ({"name": "P", "buy": 1, "get": 1, "amount": 1}, "promotions[0].amount is 1. It does not go with buy"),
        ({"name": "P", "slots": []}, "promotions[0].price is missing. Write the price of the combo, such as 12.50."),
        ({"name": "P", "slots": [{"name": "S"}], "price": 1}, "promotions[0].slots[0].items is missing."),
        ({"name": "P", "set": 3}, "promotions[0].price is missing. Write the price of the set, such as 12.50."),
        ({"name": "P", "set": [], "price": 1}, "promotions[0].set is a list. Write the items of a set, or how many"),
        ({"name": "P", "set": ["Tea"], "items": ["Tea"], "price": 1}, "promotions[0].items is a list. The set names"),
        ({"name": "P", "set": [1.5, True], "price": 1}, "promotions[0].set[1] is true. Write a name in quotes."),
        ({"name": "P", "items": "some", "percent": 1}, "promotions[0].items is “some”. It must be a list."),
        ({"name": "P", "items": [float("-inf")], "percent": 1}, "promotions[0].items[0] is -Infinity. Write a name"),
        ({"name": "P", "percent": 1, "until": "now"}, "There is no promotions[0].until."),
    ],
)
def test_a_promotion_that_is_none_is_refused_by_its_field(quote: Shell, promotion: Any, sentence: str) -> None:
    found = quote("-", stdin=on(promotion))
    assert found.code == 1
    assert sentence in found.err
