"""Receipts and provisional bills: their rows, and their texts on paper."""

from __future__ import annotations

from datetime import UTC, datetime
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.domain.making import CUP, DOSA, IDLY, INR, MENU, Desk
from till.domain.money.amount import Currency
from till.domain.money.formats import Formats, marks_of
from till.domain.money.measures import Millionths, Minor, Price4
from till.domain.money.settling import PaidRounding
from till.domain.money.tax import Tax
from till.domain.order import discounting, noting, paying
from till.domain.order.line import Modifier
from till.domain.order.paying import CASH, Tendered
from till.domain.order.state import Buyer, Customer
from till.domain.order.terms import ChargeRule, Terms
from till.domain.paper.document import Document, DocumentRow, RowRole, Stamp
from till.domain.paper.head import named
from till.domain.paper.lines import text_of
from till.domain.paper.receipt import Sold, make_bill, make_receipt
from till.domain.payment.cards import Card
from till.domain.settings import VenueSettings
from till.domain.structs import replace
from till.domain.text import Repertoire
from till.domain.venue import Venue

SETTINGS = VenueSettings(name="Café Řím", locale="en_IN", timezone="Asia/Kolkata", tax_number="29ABC")
VENUE = Venue(SETTINGS, INR)
DOLLARS = Formats(Currency("USD"), marks_of("en_US"))
RUPEES = Formats(Currency("INR"), marks_of("en_IN"))
PRINTER = Repertoire("cp437")
AT = datetime(2026, 3, 3, 10, 31, tzinfo=UTC)


def keyed(*, note: str = "") -> Desk:
    desk = Desk(INR)
    desk.add(IDLY, 2)
    line = desk.add(DOSA)
    desk.do(discounting.discount_line(desk.order, line, amount=Minor(1000), reason="regular"))
    if note:
        desk.do(noting.note_order(desk.order, note))
    return desk


def sold(desk: Desk) -> Sold:
    if not paying.is_settled(desk.order):
        desk.pay(CASH, 50_000)
    return Sold(desk.order, desk.place(), AT)


def rows_of(desk: Desk, formats: Formats = RUPEES, *, below: str = "") -> list[tuple[str, ...]]:
    """The texts of the rows of a receipt, from the one that begins with `below`."""
    rows = make_receipt(sold(desk), VENUE, formats).rows
    texts = [tuple(filter(None, (row.left, *row.middle, row.right))) for row in rows if row.left]
    return texts[next(place for place, text in enumerate(texts) if text[0].startswith(below)) :]


def test_a_printer_replaces_characters_it_lacks_and_the_screen_does_not() -> None:
    receipt = make_receipt(sold(keyed(note="“no onion” — ₹5 off…")), VENUE, RUPEES)
    assert text_of(receipt, 32, PRINTER).splitlines() == [
        "            Café Rím",
        "             29ABC",
        "",
        "1-000001        03/03/2026 10:31",
        "Take away",
        "--------------------------------",
        " 2 x Idly                  80.00",
        "     @ 40.00",
        " 1 x Masala Dosa           80.00",
        "     Discount             -10.00",
        'Note: "no onion" - Rs5 off...',
        "--------------------------------",
        "3 items",
        "Taxable value             142.86",
        "GST 5 %                     7.14",
        "================================",
        "TOTAL  Rs                 150.00",
        "================================",
        "Cash                      500.00",
        "Change                   -350.00",
    ]
    assert DocumentRow("TOTAL  ₹", "150.00", role=RowRole.TOTAL) in receipt.rows
    assert DocumentRow("     Discount", "−10.00", role=RowRole.MUTED) in receipt.rows


@pytest.mark.parametrize(
    ("stamp", "training", "marks", "printed"),
    [
        (Stamp(), False, [], False),
        (Stamp(copy=2, at=AT), False, ["COPY 2"], True),
        (Stamp(again=True), False, ["AGAIN"], False),
        (Stamp(copy=1, again=True, at=AT), False, ["COPY 1", "AGAIN"], True),
        (Stamp(), True, ["TRAINING"], False),
    ],
)
def test_marks_stand_above_and_the_time_of_a_copy_below(
    stamp: Stamp, training: bool, marks: list[str], printed: bool
) -> None:
    rows = make_receipt(sold(keyed()), replace(VENUE, training=training), RUPEES, stamp=stamp).rows
    assert [row.left for row in rows if row.role is RowRole.MARK] == marks
    assert [row.left for row in rows[: len(marks)]] == marks
    assert (rows[-1].left == "COPY, printed 03/03/2026 10:31") is printed


def test_the_venue_stands_above_and_its_words_below() -> None:
    here = replace(SETTINGS, address="12 Car Street", receipt_heading="TAX INVOICE", receipt_footer="Bye!")
    venue = Venue(replace(here, hsn="996331"), INR)
    texts = [row.left for row in make_receipt(sold(keyed()), venue, RUPEES).rows]
    assert texts[:6] == ["Café Řím", "12 Car Street", "29ABC", "HSN 996331", "TAX INVOICE", ""]
    assert texts[-1] == "Bye!"


@pytest.mark.parametrize(
    ("number", "printed"),
    [
        ("B12345674", "NIF B12345674"),
        ("ESB12345674", "NIF ESB12345674"),
        ("DE123", "VAT number DE123"),
        ("passport DE C01X00T47", "Passport C01X00T47"),
        ("pasaporte DE c01x-00t47", "Passport C01X-00T47"),
        ("id IT RSSMRA85T10A562S", "Document number RSSMRA85T10A562S"),
    ],
)
def test_the_number_of_a_buyer_abroad_has_another_name(number: str, printed: str) -> None:
    rows = list(named(Buyer("Rao", number), Venue(replace(SETTINGS, locale="es_ES"), INR)))
    assert [row.left.strip() for row in rows] == ["To: Rao", printed]


def test_equal_taxes_of_all_lines_and_the_rounding_stand_above_the_total() -> None:
    halves = (Tax("CGST", Millionths(25_000)), Tax("SGST", Millionths(25_000)))
    terms = Terms(Currency("INR"), included=True, rounding=PaidRounding(Minor(100), bill=True))
    desk = Desk(terms, menu=replace(MENU, taxes={"A": halves}))
    desk.add(IDLY, 1, 5_857_500)
    desk.pay(CASH, 58_600)
    assert rows_of(desk, below="1 item") == [
        ("1 item",),
        ("Taxable value", "557.85"),
        ("CGST 2.5 %", "13.95"),
        ("SGST 2.5 %", "13.95"),
        ("Rounding", "0.25"),
        ("TOTAL  ₹", "586.00"),
        ("Cash", "586.00"),
    ]


def test_letters_name_the_taxes_of_each_line_in_a_table_below_the_total() -> None:
    full, food = (Tax("USt", Millionths(190_000)),), (Tax("USt", Millionths(70_000)),)
    euros, terms = Formats(Currency("EUR"), marks_of("de")), Terms(Currency("EUR"), included=True)
    pils, pie = replace(IDLY, name="Pils"), replace(DOSA, name="Flammkuchen", tax="B")
    desk = Desk(terms, menu=replace(MENU, taxes={"A": full, "B": food}, items=(pils, pie)))
    desk.add(pils, 2, 49_000)
    desk.add(pie, 1, 119_000)
    assert rows_of(desk, euros, below=" 2 × Pils") == [
        (" 2 × Pils", "@ 4,90", "9,80 A"),
        (" 1 × Flammkuchen", "11,90 B"),
        ("3 items",),
        ("TOTAL  €", "21,70  "),
        ("Tax", "Net", "Tax", "Total"),
        ("A USt 19 %", "8,24", "1,56", "9,80"),
        ("B USt 7 %", "11,12", "0,78", "11,90"),
        ("Cash", "500,00  "),
        ("Change", "−478,30  "),
    ]


def halves_of(percent: int) -> tuple[Tax, ...]:
    """The two halves of a GST rate."""
    return tuple(Tax(name, Millionths(percent * 5_000)) for name in ("CGST", "SGST"))


@pytest.mark.parametrize("included", [True, False])
def test_a_second_gst_rate_prints_each_tax_on_one_line_of_narrow_paper(included: bool) -> None:
    terms = Terms(Currency("INR"), included=included)
    menu = replace(MENU, taxes={"A": halves_of(5), "B": halves_of(18)}, items=(IDLY, replace(DOSA, tax="B")))
    desk = Desk(terms, menu=menu)
    desk.add(menu.items[0], 2)
    desk.add(menu.items[1])
    lines = text_of(make_receipt(sold(desk), VENUE, RUPEES), 32, PRINTER).splitlines()
    assert [line.split()[:3] for line in lines if "GST" in line] == [
        ["A", "CGST", "2.5"],
        ["A", "SGST", "2.5"],
        ["B", "CGST", "9"],
        ["B", "SGST", "9"],
    ]
    assert all(len(line.split()) == 6 for line in lines if "GST" in line), "the name, its net and its tax"
    assert (["Tax", "18.40"] in [line.split() for line in lines]) is not included


def test_only_india_calls_the_net_the_taxable_value() -> None:
    desk = Desk(Terms(Currency("EUR"), included=True))
    desk.add(IDLY)
    euros = Formats(Currency("EUR"), marks_of("de"))
    assert ("Net", "38,10") in rows_of(desk, euros)


def test_a_tip_keeps_its_column_on_narrow_paper() -> None:
    tip, cash = DocumentRow("     Tip included", "", ("", "20.00")), DocumentRow("Cash", "500.00")
    for columns, lines in {
        32: ["     Tip included  20.00", "Cash                      500.00"],
        42: ["     Tip included         20.00", "Cash                                500.00"],
    }.items():
        assert text_of(Document("", (tip, cash)), columns, PRINTER).splitlines() == lines


def test_returned_deposits_are_no_items() -> None:
    desk = Desk(INR)
    desk.add(CUP, -2)
    desk.pay(CASH, -200)
    assert rows_of(desk, below="−2 ×") == [
        ("−2 × Cup deposit", "@ 1.00", "−2.00"),
        ("TOTAL  ₹", "−2.00"),
        ("Cash", "−2.00"),
    ]


def test_an_untaxed_line_has_no_letter_and_taxes_on_one_line_no_total_of_their_own() -> None:
    halves = (Tax("CGST", Millionths(25_000)), Tax("SGST", Millionths(25_000)))
    desk = Desk(INR, menu=replace(MENU, taxes={"A": halves}))
    desk.add(IDLY)
    desk.add(CUP)
    assert rows_of(desk, below=" 1 × Idly")[:7] == [
        (" 1 × Idly", "40.00 A"),
        (" 1 × Cup deposit", "1.00  "),
        ("2 items",),
        ("TOTAL  ₹", "41.00  "),
        ("Tax", "Net", "Tax"),
        ("A CGST 2.5 %", "38.10", "0.95"),
        ("A SGST 2.5 %", "38.10", "0.95"),
    ]


def test_added_taxes_and_the_service_charge_stand_above_the_total() -> None:
    city, deposit = Tax("City", Millionths(80_000)), Tax("Deposit", Millionths(0), Fraction(50), included=True)
    terms = Terms(
        Currency("USD"),
        included=False,
        rounding=PaidRounding(Minor(10)),
        charge=ChargeRule(Millionths(100_000), (city,)),
    )
    desk = Desk(terms, menu=replace(MENU, taxes={"A": (city, deposit)}))
    desk.add(IDLY, 2, 100_000)
    desk.pay(CASH, 2_500)
    assert rows_of(desk, DOLLARS, below=" 2 × Idly") == [
        (" 2 × Idly", "@ 10.00", "20.00 A"),
        ("Service 10 %", "2.00 B"),
        ("2 items",),
        ("Subtotal", "22.00  "),
        ("Tax", "1.68  "),
        ("Rounding", "0.02  "),
        ("TOTAL  $", "23.70  "),
        ("Tax", "Net", "Tax"),
        ("AB City 8 %", "21.00", "1.68"),
        ("A Deposit", "19.00", "1.00"),
        ("Cash", "25.00  "),
        ("Change", "−1.30  "),
    ]


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


def test_modifiers_and_wishes_are_printed_under_their_line() -> None:
    desk = Desk(INR)
    line = desk.add(DOSA, 1, None, (Modifier("cheese", Price4(0), "Extra"), Modifier("ghee", Price4(200_000), "Extra")))
    desk.do(noting.note_row(desk.order, line, "crisp"))
    assert rows_of(desk, below=" 1 × Masala Dosa")[:4] == [
        (" 1 × Masala Dosa", "@ 80.00", "100.00"),
        ("     cheese",),
        ("     ghee", "+20.00"),
        ("     crisp",),
    ]


def test_the_price_before_the_choices_and_what_they_add_come_to_the_price_of_a_piece() -> None:
    desk = Desk(INR)
    desk.add(DOSA, 2, None, (Modifier("extra ghee", Price4(200_000), "Extra"),))
    assert rows_of(desk, below=" 2 ×")[:2] == [
        (" 2 × Masala Dosa", "@ 80.00", "200.00"),
        ("     extra ghee", "+20.00"),
    ]


def test_a_house_account_names_the_guest_and_the_balance_left() -> None:
    desk = Desk(INR)
    desk.add(IDLY)
    paid = desk.pay("ACCOUNT", 4_000)
    payment = desk.order.payments[paid]
    placed, guest = desk.place(), "0197a000-0000-7000-8000-00000000cccc"
    payment = replace(payment, balance=Minor(96_000), reference=(guest, "", ""))
    order = replace(desk.order, customer=Customer(guest, "Mrs Rao"), payments={paid: payment})
    rows = make_receipt(Sold(order, placed, AT), VENUE, RUPEES).rows
    assert rows[-3:] == (
        DocumentRow("House account", "40.00"),
        DocumentRow("     Mrs Rao", role=RowRole.MUTED),
        DocumentRow("     left on it", "", ("", "960.00"), RowRole.MUTED),
    )


def test_a_card_is_named_by_its_brand_and_last_digits() -> None:
    desk = Desk(INR)
    desk.add(IDLY)
    paid = desk.pay("CARD", 4_000)
    placed = desk.place()
    payment = replace(desk.order.payments[paid], card=Card(brand="Visa", last_four="4821"))
    receipt = make_receipt(Sold(replace(desk.order, payments={paid: payment}), placed, AT), VENUE, RUPEES)
    assert text_of(receipt, 32, PRINTER).splitlines()[-1] == "Card  Visa .... 4821       40.00"


@pytest.mark.parametrize(
    ("tender", "amount", "rows"),
    [
        ("MEAL", 4_500, [("MEAL voucher", "45.00"), ("     Tip included", "5.00")]),
        (CASH, 10_000, [("CASH voucher", "100.00"), ("     Tip included", "5.00"), ("Change", "−55.00")]),
    ],
)
def test_a_tip_is_under_its_payment_and_above_the_change(tender: str, amount: int, rows: list[tuple[str, ...]]) -> None:
    desk = Desk(INR)
    desk.add(IDLY)
    payment, tendered = desk.hand.new_id(), Tendered(tender, Minor(amount), Minor(500))
    desk.do(
        [*paying.start_payment(desk.order, payment, tendered), *paying.approve_payment(desk.order, payment, tendered)]
    )
    made = make_receipt(Sold(desk.order, desk.place(), AT), VENUE, RUPEES, lambda name: f"{name} voucher").rows
    texts = [tuple(filter(None, (row.left, *row.middle, row.right))) for row in made]
    assert texts[-len(rows) :] == rows


def test_a_bill_says_that_it_is_no_receipt_and_what_is_left_to_pay() -> None:
    desk = keyed()
    bill = make_bill(desk.order, VENUE, RUPEES, AT)
    assert bill.rows[0] == DocumentRow("BILL, NOT A RECEIPT", role=RowRole.MARK)
    assert DocumentRow("TO PAY  ₹", "150.00", role=RowRole.TOTAL) in bill.rows
    assert "1-000001" not in text_of(bill, 42, PRINTER)
    desk.pay("CARD", 5_000)
    rows = make_bill(desk.order, VENUE, RUPEES, AT, "Asha").rows
    place = rows.index(DocumentRow("TOTAL  ₹", "150.00", role=RowRole.TOTAL))
    assert rows[place + 2 : place + 4] == (
        DocumentRow("Card", "50.00"),
        DocumentRow("TO PAY  ₹", "100.00", role=RowRole.TOTAL),
    )
    assert DocumentRow("Take away", "Asha") in rows


def test_a_bill_is_rounded_where_the_venue_rounds_bills() -> None:
    desk = Desk(Terms(Currency("INR"), included=True, rounding=PaidRounding(Minor(100), bill=True)))
    desk.add(IDLY, 1, 405_000)
    rows = make_bill(desk.order, VENUE, RUPEES, AT).rows
    assert DocumentRow("Rounding", "0.50") in rows
    assert DocumentRow("TO PAY  ₹", "41.00", role=RowRole.TOTAL) in rows
