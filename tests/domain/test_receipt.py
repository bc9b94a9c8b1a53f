"""Receipts as text in the characters of a device, complete and within its width."""

from datetime import UTC, datetime, time
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.domain.making import DOSA, IDLY, INR, MENU, Desk
from till.domain.money.amount import Currency
from till.domain.money.formats import Formats, marks_of
from till.domain.money.measures import Millionths, Minor, Price4
from till.domain.money.settling import PaidRounding
from till.domain.money.tax import Tax
from till.domain.order import paying, selling
from till.domain.order.line import Modifier
from till.domain.order.paying import CASH, Tendered
from till.domain.order.terms import Charge, Terms
from till.domain.receipt import Sold, make_receipt, receipt_text
from till.domain.structs import replace
from till.domain.text import Repertoire
from till.domain.venue import Venue

VENUE = Venue("Café Řím", "en_IN", "Asia/Kolkata", time(0), INR, tax_number="29ABC")
DOLLARS = Formats(Currency("USD"), marks_of("en_US"))
RUPEES = Formats(Currency("INR"), marks_of("en_IN"))
PRINTER = Repertoire("cp437")
AT = datetime(2026, 3, 3, 10, 31, tzinfo=UTC)


def sold(*, note: str = "") -> Sold:
    desk = Desk(INR)
    desk.add(IDLY, 2)
    line = desk.add(DOSA)
    desk.do(selling.discount_line(desk.order, line, amount=Minor(1000), reason="regular"))
    if note:
        desk.do(selling.note_order(desk.order, note))
    desk.pay(CASH, 50_000)
    return Sold(desk.place(), desk.order.terms, AT, "table 7")


def test_a_printer_replaces_characters_it_lacks_and_the_screen_does_not() -> None:
    lines = receipt_text(sold(note="“no onion” — ₹5 off…"), VENUE, RUPEES, device=PRINTER, width=32)
    assert lines == (
        "Café Rím                1-000001",
        "29ABC           2026-03-03 10:31",
        "table 7",
        "--------------------------------",
        "2 x Idly                   80.00",
        "1 x Masala Dosa            80.00",
        "    Discount              -10.00",
        'Note: "no onion" - Rs5 off...',
        "--------------------------------",
        "Total                  Rs 150.00",
        "GST 5 % included            7.14",
        "Cash                      500.00",
        "Change                    350.00",
    )
    rows = [row for part in make_receipt(sold(), VENUE, RUPEES).parts for row in part]
    assert ("Total", "₹150.00") in [(row.left, row.right) for row in rows]
    assert ("    Discount", "−10.00") in [(row.left, row.right) for row in rows]


def test_a_training_receipt_begins_with_training() -> None:
    training = replace(VENUE, training=True)
    (first, *_rest) = receipt_text(sold(), training, RUPEES, device=PRINTER, width=32)
    assert first == "TRAINING"
    assert make_receipt(sold(), training, RUPEES).parts[0][0].left == "TRAINING"
    assert "TRAINING" not in "".join(receipt_text(sold(), VENUE, RUPEES, device=PRINTER, width=32))


def test_additions_are_above_the_total_and_rounding_is_below() -> None:
    city, deposit = Tax("City", Millionths(80_000)), Tax("Deposit", Millionths(0), Fraction(50), included=True)
    terms = Terms(
        Currency("USD"),
        included=False,
        rounding=PaidRounding(Minor(10)),
        charge=Charge(Millionths(100_000), (city,)),
    )
    desk = Desk(terms, menu=replace(MENU, taxes={"A": (city, deposit)}))
    desk.add(IDLY, 2, 100_000)
    desk.pay(CASH, 2_500)
    lines = receipt_text(Sold(desk.place(), terms, AT), VENUE, DOLLARS, device=PRINTER, width=32)
    assert lines[3:] == (
        "2 x Idly                   20.00",
        "Service 10 %                2.00",
        "--------------------------------",
        "Subtotal                   22.00",
        "City 8 %                    1.68",
        "Total                     $23.68",
        "Rounding                    0.02",
        "To pay                    $23.70",
        "Deposit included            1.00",
        "Cash                       25.00",
        "Change                      1.30",
    )


@pytest.mark.parametrize(
    ("page", "currency", "locale", "minor", "money"),
    [
        ("cp437", "INR", "en_IN", -24_000, "-Rs 240.00"),
        ("cp437", "EUR", "de", 123_456, "1.234,56 EUR"),
        ("cp858", "EUR", "de", 620, "6,20 €"),
        ("cp437", "EUR", "fr_FR", 123_456, "1 234,56 EUR"),
        ("cp437", "CHF", "de_CH", 123_456, "CHF 1'234.56"),
        ("cp437", "GBP", "en_GB", 620, "£6.20"),
        ("utf-8", "INR", "en_IN", -620, "−₹6.20"),
    ],
)
def test_an_amount_uses_only_characters_of_the_device(
    page: str, currency: str, locale: str, minor: Minor, money: str
) -> None:
    assert Formats(Currency(currency), marks_of(locale)).on(Repertoire(page)).money(minor) == money


def test_a_device_can_define_its_own_replacements() -> None:
    assert RUPEES.on(Repertoire("cp437", {"₹": "INR", "−": "~"})).money(Minor(-100)) == "~INR 1.00"


@given(st.text(max_size=60), st.sampled_from(["cp437", "cp858", "ascii", "latin-1"]))
def test_every_text_can_be_encoded_for_the_device(text: str, page: str) -> None:
    Repertoire(page).spell(text).encode(page)


@given(st.integers(24, 60), st.text("ab éß日- ", min_size=1, max_size=90))
def test_no_line_is_too_wide_and_no_amount_is_cut(width: int, name: str) -> None:
    venue = Venue(name, "en_IN", "Asia/Kolkata", time(0), INR)
    lines = receipt_text(sold(), venue, RUPEES, device=PRINTER, width=width)
    assert max(map(len, lines)) <= width
    ends = [line.split()[-1] for line in lines if line.strip("-")]
    assert [end for end in ends if end.replace("-", "").replace(".", "").isdigit()][-6:] == [
        "80.00",
        "-10.00",
        "150.00",
        "7.14",
        "500.00",
        "350.00",
    ]
    assert "".join(PRINTER.spell(name).split()) in "".join("".join(lines).split())


def test_modifiers_and_wishes_are_printed_under_their_line() -> None:
    desk = Desk(INR)
    desk.add(DOSA)
    desk.pay(CASH, 50_000)
    placed = desk.place()
    (line,) = placed.lines
    note = "0197a000-0000-7000-8000-00000000dddd"
    placed = replace(placed, lines=(replace(line, modifiers=("cheese", "no onion"), note=note),))
    made = make_receipt(Sold(placed, desk.order.terms, AT, wished={note: ("crisp",)}), VENUE, RUPEES)
    assert [row.left.strip() for row in made.parts[1]] == ["1 × Masala Dosa", "cheese", "no onion", "crisp"]


def test_the_price_before_the_choices_and_what_they_add_come_to_the_price_of_a_piece() -> None:
    desk = Desk(INR)
    ghee = (Modifier("extra ghee", Price4(200_000), "Extra"), Modifier("no onion", Price4(0), "Without"))
    desk.add(DOSA, 2, None, ghee)
    desk.pay(CASH, 50_000)
    made = make_receipt(Sold(desk.place(), desk.order.terms, AT, lines=desk.order.lines), VENUE, RUPEES)
    assert [(row.left, row.right) for row in made.parts[1]] == [
        ("2 × Masala Dosa", "200.00"),
        ("    @ 80.00", ""),
        ("    extra ghee +20.00", ""),
        ("    no onion", ""),
    ]


def test_a_house_account_names_the_guest_and_the_balance_left() -> None:
    desk = Desk(INR)
    desk.add(IDLY)
    desk.pay("ACCOUNT", 4_000)
    placed = desk.place()
    paid = placed.payments[0].payment_id
    sale = Sold(placed, desk.order.terms, AT, balances={paid: Minor(96_000)}, guests={paid: "Mrs Rao"})
    lines = receipt_text(sale, VENUE, RUPEES, device=PRINTER, width=32)
    assert lines[-3:] == ("House account              40.00", "    Mrs Rao", "left on it                960.00")


def test_a_tip_is_under_its_payment_which_the_config_names() -> None:
    desk = Desk(INR)
    desk.add(IDLY)
    tendered = Tendered("MEAL", Minor(4_500), Minor(500), slip="M-17")
    drafts = paying.approve_payment(desk.order, "0197a000-0000-7000-8000-00000000bbbb", tendered)
    desk.do([*paying.start_payment(desk.order, "0197a000-0000-7000-8000-00000000bbbb", tendered), *drafts])
    made = make_receipt(Sold(desk.place(), desk.order.terms, AT), VENUE, RUPEES, lambda name: f"{name} voucher")
    rows = [(row.left, row.right) for row in made.parts[-1]]
    assert rows[-2:] == [("MEAL voucher", "45.00"), ("Tip included", "5.00")]


def test_a_tip_in_cash_is_above_the_change() -> None:
    desk = Desk(INR)
    desk.add(IDLY)
    payment, tendered = desk.hand.new_id(), Tendered(CASH, Minor(10_000), Minor(500))
    desk.do(
        [*paying.start_payment(desk.order, payment, tendered), *paying.approve_payment(desk.order, payment, tendered)]
    )
    made = make_receipt(Sold(desk.place(), desk.order.terms, AT), VENUE, RUPEES)
    assert [row.left for row in made.parts[-1]][-3:] == ["Cash", "Tip included", "Change"]
