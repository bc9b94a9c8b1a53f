"""Taxes as law and trade have them. Figures are checked by hand beside each."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from till.domain.errors import ConfigError
from till.domain.money.amount import Currency
from till.domain.money.measures import Millionths, Minor, Price4
from till.domain.money.rounding import divide_and_round
from till.domain.money.tax import WHOLE, Tax, levy, levy_price4, tax_line, tax_order

VAT = (Tax("VAT", Millionths(200_000)),)
GST = (Tax("CGST", Millionths(25_000)), Tax("SGST", Millionths(25_000)))
SALES = (Tax("NY", Millionths(88_750)),)
MWST7, MWST19 = (Tax("MwSt", Millionths(70_000)),), (Tax("MwSt", Millionths(190_000)),)
CANADA = (Tax("GST", Millionths(50_000)), Tax("PST", Millionths(70_000)))

bands = st.sampled_from([VAT, GST, SALES, MWST7, MWST19, CANADA, ()])
lines = st.lists(st.tuples(st.integers(-(10**7), 10**7), bands), min_size=1, max_size=12)


@pytest.mark.parametrize(
    ("amount", "taxes", "included", "net", "parts", "gross"),
    [
        (1200, VAT, True, 1000, (200,), 1200),
        (999, VAT, True, 832, (167,), 999),  # 166.5, up
        (-999, VAT, True, -832, (-167,), -999),
        (280, VAT, True, 233, (47,), 280),  # 46.67
        (24000, (Tax("GST", Millionths(50_000)),), True, 22857, (1143,), 24000),  # the look's own figure: GST 11.43
        (10500, GST, True, 10000, (250, 250), 10500),
        (8000, GST, True, 7620, (190, 190), 8000),  # 190.48 each
        (10000, GST, False, 10000, (250, 250), 10500),
        (4999, GST, False, 4999, (125, 125), 5249),  # 124.975 each
        (1999, SALES, False, 1999, (177,), 2176),  # 177.41
        (1200, MWST19, True, 1008, (192,), 1200),  # 191.60
        (1070, MWST7, True, 1000, (70,), 1070),
        (1000, CANADA, False, 1000, (50, 70), 1120),
        (1120, CANADA, True, 1000, (50, 70), 1120),
        (0, VAT, True, 0, (0,), 0),
        (500, (), True, 500, (), 500),
        (500, (), False, 500, (), 500),
        (1, VAT, True, 1, (0,), 1),
    ],
)
def test_a_line_is_taxed_by_itself(
    amount: Minor, taxes: tuple[Tax, ...], *, included: bool, net: int, parts: tuple[int, ...], gross: int
) -> None:
    taxed = tax_line(amount, taxes, included=included)
    assert (taxed.net, taxed.taxes, taxed.gross) == (net, parts, gross)


def test_three_lines_rounded_apart_are_not_the_order_rounded_once() -> None:
    amounts, taxes = [Minor(333)] * 3, [VAT] * 3
    apart = tax_order(amounts, taxes, included=True, by_order=False)
    once = tax_order(amounts, taxes, included=True, by_order=True)
    assert [t.tax for t in apart] == [56, 56, 56]  # 55.5 each, up
    assert sum(t.tax for t in once) == 167  # 166.5, up, once
    assert [t.tax for t in once] == [56, 56, 55]


def test_german_rates_on_one_order_round_each_by_itself() -> None:
    once = tax_order([Minor(199), Minor(199), Minor(349)], [MWST7, MWST7, MWST19], included=True, by_order=True)
    assert once[0].tax + once[1].tax == 26  # 398 × 7 / 107 = 26.04
    assert once[2].tax == 56  # 349 × 19 / 119 = 55.72


def test_an_exclusive_sales_tax_by_order() -> None:
    once = tax_order([Minor(1999), Minor(500), Minor(125)], [SALES] * 3, included=False, by_order=True)
    assert sum(t.tax for t in once) == 233  # 26.24 × 8.875 % = 2.3288
    assert sum(t.gross for t in once) == 2624 + 233


def test_two_taxes_of_one_name_and_rate_are_both_charged() -> None:
    twice = (Tax("LEVY", Millionths(25_000)), Tax("LEVY", Millionths(25_000)))
    by_line = tax_order([Minor(10_000), Minor(999)], [twice, VAT], included=False, by_order=False)
    by_order = tax_order([Minor(10_000), Minor(999)], [twice, VAT], included=False, by_order=True)
    assert [t.taxes for t in by_order] == [t.taxes for t in by_line] == [(250, 250), (200,)]


@given(lines, st.booleans(), st.booleans())
def test_net_and_tax_are_gross_on_every_line(
    rows: list[tuple[Minor, tuple[Tax, ...]]], included: bool, by_order: bool
) -> None:
    taxed = tax_order([a for a, _t in rows], [t for _a, t in rows], included=included, by_order=by_order)
    for (amount, taxes), own in zip(rows, taxed, strict=True):
        assert own.net + sum(own.taxes) == own.gross
        assert len(own.taxes) == len(taxes)
        assert (own.gross if included else own.net) == amount


@given(lines, st.booleans())
def test_each_tax_by_order_is_the_exact_sum_rounded_once(
    rows: list[tuple[Minor, tuple[Tax, ...]]], included: bool
) -> None:
    taxed = tax_order([a for a, _t in rows], [t for _a, t in rows], included=included, by_order=True)
    exact: dict[Tax, Fraction] = {}
    charged: dict[Tax, int] = {}
    for (amount, taxes), own in zip(rows, taxed, strict=True):
        whole = WHOLE + (sum(t.rate for t in taxes) if included else 0)
        for tax, part in zip(taxes, own.taxes, strict=True):
            owed = Fraction(amount * tax.rate, whole)
            assert abs(part - owed) < 1
            exact[tax] = exact.get(tax, Fraction(0)) + owed
            charged[tax] = charged.get(tax, 0) + part
    assert charged == {tax: divide_and_round(sum_.numerator, sum_.denominator) for tax, sum_ in exact.items()}


@given(lines, st.booleans(), st.booleans())
def test_an_order_given_back_is_the_mirror_of_the_order_sold(
    rows: list[tuple[Minor, tuple[Tax, ...]]], included: bool, by_order: bool
) -> None:
    taxes = [t for _a, t in rows]
    sold = tax_order([a for a, _t in rows], taxes, included=included, by_order=by_order)
    back = tax_order([Minor(-a) for a, _t in rows], taxes, included=included, by_order=by_order)
    assert [(-t.net, tuple(-p for p in t.taxes), -t.gross) for t in back] == [(t.net, t.taxes, t.gross) for t in sold]


@pytest.mark.parametrize(("text", "rate"), [("20", 200_000), ("8.875", 88_750), ("0", 0), ("2.5", 25_000)])
def test_a_rate_is_read_and_written_in_percent(text: str, rate: int) -> None:
    tax = Tax.of("T", text)
    assert tax.rate == rate
    assert (tax.name, tax.percent) == ("T", text)


@pytest.mark.parametrize(
    ("code", "price4", "exact"),
    [
        ("EUR", 2_500, Fraction(25)),
        ("EUR", 25, Fraction(1, 4)),
        ("JPY", 5_000, Fraction(1, 2)),
        ("BHD", 5, Fraction(1, 2)),
    ],
)
def test_a_levy_is_exact_in_minor_units_and_goes_back_to_its_record(code: str, price4: Price4, exact: Fraction) -> None:
    assert levy(price4, Currency(code)) == exact
    assert levy_price4(exact, Currency(code)) == price4


@pytest.mark.parametrize("rate", ["", "-5", "1e2", "20 %", "1000", "8.87555", "٢٠"])
def test_an_invalid_rate_is_refused(rate: str) -> None:
    with pytest.raises(ConfigError, match="is not a tax rate"):
        Tax.of("T", rate)
