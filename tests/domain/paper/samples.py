"""Samples of every document, and the page docs/paper.md that shows them: `make paper-page` writes it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from tests.domain.making import SESSION, TAB, Desk, uid
from till.domain.catalogue.menu import Item, Menu
from till.domain.fiscal import Installation, IssuedInvoice
from till.domain.kitchen.stations import Kitchen, Station
from till.domain.money.amount import Currency
from till.domain.money.formats import Formats, marks_of
from till.domain.money.measures import Millionths, Minor, Price4
from till.domain.money.settling import PaidRounding
from till.domain.money.tax import Tax
from till.domain.order import noting, paying
from till.domain.order.events import DiscountApplied, LineVoided, OrderResumed, OrderTypeSet, PlacedTax, TabAssigned
from till.domain.order.line import Modifier
from till.domain.order.numbering import numbered
from till.domain.order.terms import Terms
from till.domain.order.tickets import tickets_due
from till.domain.paper.code import CODE_MM
from till.domain.paper.document import ORIGINAL, Document, Stamp
from till.domain.paper.drawer import make_count, make_movement, make_x, make_z
from till.domain.paper.gift import make_gift
from till.domain.paper.html import code_svg
from till.domain.paper.lines import lines_of, text_of
from till.domain.paper.receipt import Sold, make_bill, make_part, make_receipt
from till.domain.paper.refund import SlipOf, make_refund, make_slip
from till.domain.paper.ticket import WrittenTicket, make_ticket
from till.domain.payment.cards import Card
from till.domain.payment.movement import PaymentState
from till.domain.payment.slips import KeptSlip
from till.domain.refund.events import RefundedLine, RefundStarted
from till.domain.refund.shares import Together
from till.domain.refund.state import new_refund
from till.domain.settings import VenueSettings
from till.domain.shift import events as shift
from till.domain.shift.evolve import Count, Movement, Shift
from till.domain.structs import replace
from till.domain.text import Repertoire
from till.domain.venue import Venue
from till.fiscal.es_verifactu.scheme import SCHEME

if TYPE_CHECKING:
    from till.domain.order.state import Order

PAGE: Final = Path(__file__).parents[3] / "docs/paper.md"
#: The samples with a code that a phone reads, by the name of their picture.
PICTURES: Final = {"paper-spain.svg": "A receipt in Spain, whose code a phone reads", "paper-z.svg": "A Z"}
#: The end of the page: papers that are pictures alone.
_SCRIPTS: Final = """
## In Spanish, with names in three scripts

A receipt, a Z and a ticket, dot by dot as a printer that draws prints them: text where its code page has the letters, rows of dots where it lacks one.

![A receipt, a Z and a ticket in Spanish](paper-spanish.png)

## In Hindi, with names in three scripts

![A receipt, a Z and a ticket in Hindi](paper-hindi.png)
"""  # noqa: E501 - a paragraph of the page
PRINTER: Final = Repertoire("cp437")
AT: Final = datetime(2026, 3, 3, 8, 43, tzinfo=UTC)

RUPEES: Final = Formats(Currency("INR"), marks_of("en_IN"))
CORNER: Final = Venue(
    VenueSettings(
        name="Udupi Corner",
        locale="en_IN",
        timezone="Asia/Kolkata",
        tax_number="GSTIN 29AAAAA0000A1ZY",
        address="12 Car Street, Basavanagudi, Bengaluru 560004",
        receipt_heading="Tax invoice",
        receipt_footer="Thank you. Visit again.",
        hsn="996331",
    ),
    Terms(Currency("INR"), included=True, by_order=True, rounding=PaidRounding(Minor(100), bill=True)),
)
_HALVES: Final = (Tax("CGST", Millionths(25_000)), Tax("SGST", Millionths(25_000)))


def _item(name: str, price: int, tax: str = "A") -> Item:
    return Item(name, name, "all", Price4(price * 10_000), tax)


MEALS, DOSA, PAK = _item("Meals", 120), _item("Masala Dosa", 80), _item("Mysore Pak", 35)
COFFEE, BATH = _item("Filter Coffee", 30), _item("Bisi Bele Bath", 95)


def _at_table(desk: Desk, covers: int) -> None:
    """Save the order on table 7, and recall it."""
    desk.do_one(OrderTypeSet(order_type="dine_in"))
    desk.do_one(TabAssigned(tab_id=TAB, table_number=7, covers=covers, name="table 7"))
    desk.do_one(OrderResumed())


def _keyed(note: str = "less sugar") -> Desk:
    desk = Desk(CORNER.terms, menu=Menu(1, {"A": _HALVES}, items=(MEALS, DOSA, PAK, COFFEE, BATH)))
    _at_table(desk, 3)
    desk.add(MEALS, 2)
    desk.add(DOSA, 1, None, (Modifier("no onion", Price4(0)), Modifier("extra ghee", Price4(200_000))))
    desk.add(PAK, 3)
    coffee = desk.add(COFFEE, 2)
    desk.do(noting.note_row(desk.order, coffee, note))
    desk.do_one(DiscountApplied(line_id=desk.add(BATH), percent="15", name="Waited long"))
    return desk


def _paid(desk: Desk) -> Order:
    """Pay 200 with a tip by card, and the rest in cash."""
    card, tendered = desk.hand.new_id(), paying.Tendered("CARD", Minor(22_000), Minor(2_000))
    desk.do([*paying.start_payment(desk.order, card, tendered), *paying.approve_payment(desk.order, card, tendered)])
    desk.pay("CASH", 50_000)
    desk.place()
    payments = {**desk.order.payments}
    payments[card] = replace(payments[card], card=Card(brand="Visa", last_four="4821"))
    return replace(desk.order, payments=payments)


def _part(venue: Venue, by: str) -> Document:
    """Return the paper of a guest who pays a dosa by card, with a tip."""
    desk = _keyed()
    dosa = next(line.id for line in desk.order.lines.values() if line.name == DOSA.name)
    card, pieces = desk.hand.new_id(), {dosa: 1}
    amount = Minor(paying.items_in(desk.order, "CARD", pieces) + 1_000)
    tendered = paying.Tendered("CARD", amount, Minor(1_000), pieces=pieces)
    desk.do([*paying.start_payment(desk.order, card, tendered), *paying.approve_payment(desk.order, card, tendered)])
    document = make_part(desk.order, card, venue, RUPEES, venue.local(AT), by)
    assert document is not None
    return document


def _receipt(venue: Venue, by: str, note: str, stamp: Stamp = ORIGINAL) -> Document:
    order = _paid(_keyed(note))
    assert order.placed is not None
    placed = replace(order.placed.data, receipt="1-000538")
    return make_receipt(Sold(order, placed, venue.local(AT), by), venue, RUPEES, stamp=stamp)


def _gift(venue: Venue) -> Document:
    order = _paid(_keyed())
    assert order.placed is not None
    placed = replace(order.placed.data, receipt="1-000538")
    return make_gift(Sold(order, placed, venue.local(AT)), venue, RUPEES, {2: 1, 3: 2})


def _called(venue: Venue, by: str) -> Document:
    desk = Desk(CORNER.terms, menu=Menu(1, {"A": _HALVES}, items=(DOSA,)))
    desk.add(DOSA, 2)
    desk.do_one(numbered("1", 7))
    desk.pay("CASH", 16_000)
    placed = replace(desk.place(), receipt="1-000539")
    return make_receipt(Sold(desk.order, placed, venue.local(AT), by), venue, RUPEES)


def _anchor() -> Document:
    """Return a receipt in euros whose lines have different taxes."""
    terms, taxes = Terms(Currency("EUR"), included=True), {"A": (Tax("USt", Millionths(190_000)),)}
    anchor = VenueSettings(
        name="Bar zum Anker",
        locale="de_DE",
        timezone="Europe/Berlin",
        tax_number="USt-IdNr. DE123456789",
        address="Hafenstr. 8, 20459 Hamburg",
        receipt_footer="Vielen Dank und auf Wiedersehen",
    )
    venue = Venue(anchor, terms)
    gin, pie = replace(_item("Gin Tonic", 9), price4=Price4(90_000)), _item("Flammkuchen", 11, "B")
    pils = replace(_item("Pils 0,5 l", 4), price4=Price4(49_000))
    menu = Menu(1, {**taxes, "B": (Tax("USt", Millionths(70_000)),)}, items=(gin, pie, pils))
    desk = Desk(terms, menu=menu)
    _at_table(desk, 2)
    desk.add(pils, 2)
    desk.add(gin, 1, None, (Modifier("mit Gurke", Price4(5_000)),))
    line = desk.add(pie, 1, 119_000)
    desk.do(noting.note_row(desk.order, line, "ohne Zwiebeln"))
    desk.do_one(DiscountApplied(percent="10", name="Stammgast"))
    desk.pay("CARD", desk.order.due)
    placed = replace(desk.place(), receipt="1-004711")
    euros = Formats(Currency("EUR"), marks_of("de_DE"))
    return make_receipt(Sold(desk.order, placed, venue.local(AT), "Jana"), venue, euros)


def spanish(number: str = "1-000042", table: int = 2) -> Document:
    """Return a receipt with the marks of Spain's law."""
    terms, taxes = Terms(Currency("EUR"), included=True, by_order=True), {"A": (Tax("IVA", Millionths(100_000)),)}
    casa = VenueSettings(
        name="Casa Peña",
        locale="es_ES",
        timezone="Europe/Madrid",
        address="Calle Mayor 1, 28013 Madrid",
        receipt_footer="Gracias por su visita",
    )
    venue = Venue(casa, terms)
    tapas, rum = _item("Tabla de jamón", 14), _item("Ron con cola", 9, "B")
    menu = Menu(1, {**taxes, "B": (Tax("IVA", Millionths(210_000)),)}, items=(tapas, rum))
    desk = Desk(terms, menu=menu)
    _at_table(desk, 2)
    desk.add(tapas, table)
    desk.add(rum, 1)
    desk.pay("CARD", desk.order.due)
    placed, at = replace(desk.place(), receipt=number), venue.local(AT)
    issued = IssuedInvoice(
        what="sale",
        of=placed.order_id,
        number=number,
        at=at,
        currency="EUR",
        net=placed.net,
        tax=placed.tax,
        total=placed.total,
        taxes=placed.taxes,
    )
    settings = {"nif": "B12345674", "name": "Peña e Hijos, S.L.", "producer_nif": "B12345674", "producer_name": "Till"}
    settings |= {"program": "till", "system": "T1"}
    stamp = SCHEME.stamp(issued, settings, Installation(uid("journal"), 1, "0.1.1"), None)
    euros = Formats(Currency("EUR"), marks_of("es_ES"))
    return make_receipt(Sold(desk.order, placed, at, "Lola", SCHEME.words(stamp)), venue, euros)


def _refund(venue: Venue, by: str, *, is_divided: bool = False) -> Document:
    ids: dict[str, Any] = {"session_id": SESSION, "order_id": uid("order"), "payment_id": uid("payment")}
    money: dict[str, Any] = {"amount": "-100.00", "net": "-95.24", "tax": "-4.76", "rounding": "0.00"}
    taxes = tuple(PlacedTax(name=name, rate="2.5", tax="-2.38", net="-95.24") for name in ("CGST", "SGST"))
    line = RefundedLine(
        row=2, item_id="dosa", item_name="Masala Dosa", quantity=-1, amount="-100.00", net="-95.24", tax="-4.76"
    )
    data = RefundStarted(
        **ids,
        **money,
        receipt="1-R000007",
        sold="1-000538",
        tender="CASH",
        currency="INR",
        business_date="2026-03-03",
        taxes=taxes,
        lines=(line,),
    )
    refund, at = new_refund("refund", data, AT, 1, 1), venue.local(AT)
    if not is_divided:
        return make_refund(refund, venue, RUPEES, at, by)
    other = new_refund("other", replace(data, receipt="1-R000008", tender="CARD", amount="-40.00", lines=()), AT, 1, 1)
    other = replace(other, state=PaymentState.APPROVED)
    together = Together({2: Minor(16_000)}, ((refund, Minor(10_000)), (other, Minor(4_000))), Minor(2_000))
    return make_refund(refund, venue, RUPEES, at, by, together=together)


_SUMS: Final = shift.ShiftSums(
    sales=shift.SalesSum(number=127, net="12219.04", tax="610.96", gross="12830.00"),
    refunds=shift.NumberedSum(number=1, amount="40.00"),
    refund_tax="1.90",
    new_prices=2,
    taxes=tuple(shift.TaxSum(name=name, rate="2.5", net="12219.04", tax="305.48") for name in ("CGST", "SGST")),
    categories=(
        shift.CategorySum(category="Meals", quantity=74, gross="8880.00"),
        shift.CategorySum(category="", quantity=53, gross="3950.00"),
    ),
    tenders=(
        shift.TenderSum(tender="CASH", number=99, amount="9140.00"),
        shift.TenderSum(tender="CARD", number=25, amount="3745.00", tips="265.00"),
        shift.TenderSum(tender="VOUCHER", number=3, amount="170.00"),
    ),
    tips="265.00",
    discounts=shift.NumberedSum(number=4, amount="310.00"),
    voids=shift.NumberedSum(number=3, amount="185.00"),
    voids_after_sending=shift.NumberedSum(number=1, amount="40.00"),
    cleared_after_sending=shift.NumberedSum(number=1, amount="40.00"),
    drawer=(
        shift.DrawerSum(
            tender="CASH",
            opening="2000.00",
            closing="9230.00",
            moved=(
                shift.MovedSum(kind="payments", amount="24310.00"),
                shift.MovedSum(kind="change", amount="-15130.00"),
                shift.MovedSum(kind="refunds", amount="-40.00"),
                shift.MovedSum(kind="paid_out", amount="-410.00"),
                shift.MovedSum(kind="safe_drop", amount="-1500.00"),
            ),
        ),
    ),
    no_sales=1,
    copies=shift.NumberedSum(number=2, amount="510.00"),
    bills=shift.NumberedSum(number=9, amount="5920.00"),
    receipts=shift.Ends(first="1-000412", last="1-000538"),
    refund_receipts=shift.Ends(first="1-R000007", last="1-R000007"),
)
_OPEN: Final = Shift(
    uid("shift"), 1, shift.ShiftOpened(business_date="2026-03-03", currency="INR"), AT, 1, uid("journal"), 1, "", ""
)
_CLOSED: Final = replace(
    _OPEN,
    closed_at=AT,
    closed_by=9,
    records=(7_011, 8_214),
    closed_hash=f"9f3ac07b{'0' * 52}41d2",
    closed=shift.ShiftClosed(
        number="1-Z000042",
        currency="INR",
        sums=_SUMS,
        open_orders=shift.NumberedSum(number=2, amount="640.00"),
        unanswered=shift.NumberedSum(number=1, amount="120.00"),
        totals=shift.GrandTotals(sales="487240.50", refunds="4625.00", net="482615.50"),
    ),
)


_COUNTED: Final = Count(
    uid("shift"),
    uid("beside"),
    AT,
    1,
    shift.DrawerCounted(
        currency="INR",
        counts=(shift.TenderCount(tender="CASH", expected="9230.00", counted="9190.00", taken="7190.00"),),
        to="safe, bag 118",
    ),
)


def _movement(venue: Venue, by: str, reason: str) -> Document:
    data = shift.CashMoved(kind="paid_out", amount="-410.00", currency="INR", reason=reason)
    return make_movement(Movement(uid("moved"), AT, 1, data), venue, RUPEES, 1, by)


def _count(venue: Venue, by: str, note: str) -> Document:
    counts = (
        shift.TenderCount(tender="CASH", expected="9270.00", counted="9230.00", taken="7230.00"),
        shift.TenderCount(tender="VOUCHER", expected="170.00", counted="190.00"),
    )
    pieces = (shift.CountedPieces(value="500", number=18), shift.CountedPieces(value="10", number=23))
    words: Any = {"to": "safe, bag 118", "note": note}
    data = shift.DrawerCounted(currency="INR", counts=counts, pieces=pieces, **words)
    return make_count(Count("shift", uid("counted"), AT, 1, data), venue, RUPEES, 1, by)


def _tickets(venue: Venue, by: str, note: str) -> dict[str, Document]:
    """Return the tickets of a table, and one of an order to take away that was paid while the printer was off."""
    desk, menu = _keyed(note), Menu(1, {}, items=(MEALS, DOSA, PAK))
    kitchen = Kitchen((Station(name="Grill", categories=("all",)),), menu)

    def send(count: int, minutes: int, *, is_late: bool = False) -> Document:
        desk.hand.now = AT + timedelta(minutes=minutes)
        (due,) = tickets_due(desk.order, kitchen, saves=True)
        event = desk.do_one(ticket := replace(due, ticket=f"1-{count}"))
        return make_ticket(WrittenTicket(desk.order, ticket, event.id, event.at, menu, by), venue, is_late=is_late)

    new = send(117, 0)
    desk.add(MEALS)
    more = send(118, 9)
    pak = next(line.id for line in desk.order.lines.values() if line.name == PAK.name)
    desk.do_one(LineVoided(line_id=pak, reason=note))
    void = send(119, 11)
    desk = Desk(CORNER.terms, menu=Menu(1, {"A": _HALVES}, items=(DOSA,)))
    desk.do_one(numbered("1", 7))
    dosa = desk.add(DOSA, 2)
    desk.do(noting.note_row(desk.order, dosa, note))
    return {
        "A ticket of the kitchen": new,
        "More for the same table": more,
        "A dish that is not to be made": void,
        "A late ticket, of an order that is called by its number": send(120, 20, is_late=True),
    }


def samples(venue: Venue = CORNER, by: str = "Asha", words: str = "") -> dict[str, Document]:
    """A sample of every document, by what it shows. `words` replace the texts that people typed."""
    slip_lines = ("CARD PAYMENT", words or "Visa  •••• 4821", "Amount  200.00", "Auth 083114")
    slip, note = KeptSlip(uid("payment"), None, False, True, slip_lines), words or "less sugar"
    at = venue.local(AT)
    return {
        "A receipt, with the same taxes on all lines": _receipt(venue, by, note),
        "A receipt whose lines have different taxes": _anchor(),
        "A receipt in Spain, whose code a phone reads": spanish(),
        "A receipt of an order that is called by its number": _called(venue, by),
        "A copy": _receipt(venue, by, note, Stamp(copy=1, at=at)),
        "A gift receipt, for some of the pieces": _gift(venue),
        "A provisional bill": make_bill(_keyed(note).order, venue, RUPEES, at, by),
        "A part payment by items": _part(venue, by),
        "A refund": _refund(venue, by),
        "A refund of pieces that go back in three tenders": _refund(venue, by, is_divided=True),
        "A slip of a card terminal": make_slip(slip, SlipOf("Payment", "1-000538", Minor(20_000), at), venue, RUPEES),
        "A movement of cash": _movement(venue, by, words or "milk"),
        "A count": _count(venue, by, words or "wrong change to table 4, 13:47"),
        "An X, before the drawer was counted": make_x(_OPEN, _SUMS, venue, RUPEES, at, by, hides_cash=True),
        "A Z": make_z(replace(_CLOSED, counts=(_COUNTED,)), venue, RUPEES, by, "Meena"),
        **_tickets(venue, by, words or "no onion"),
    }


def page(columns: int = 42) -> str:
    """The page with all samples, as a printer of code page 437 prints them."""
    about = f"`make paper-page` lays these samples out for {columns} columns, as a printer without ₹ prints them."
    parts = [f"# On paper\n\n{about}\n"]
    for title, one in samples().items():
        picture = next((f"![{title}]({name})\n\n" for name, of in PICTURES.items() if of == title), "")
        parts.append(f"\n## {title}\n\n{picture}```text\n{text_of(one, columns, PRINTER)}```\n")
    return "".join([*parts, _SCRIPTS])


def picture(document: Document, columns: int = 42) -> str:
    """A document as a picture of the paper of a printer, 80 mm wide."""
    parts, y = list[str](), 6.0
    for line in lines_of(document, columns, PRINTER):
        if line.code:
            code = code_svg(line.code).replace("mm", "")
            side = float(code.partition('width="')[2].partition('"')[0])
            parts.append(f'<svg x="{40 - side / 2}" y="{y + (CODE_MM - side) / 2}"{code.removeprefix("<svg")}')
            y += CODE_MM
            continue
        tall = 1 + line.tall
        y += 3.6 * tall
        bold = ' font-weight="bold"' if line.bold else ""
        long = len(line.text) * 72 / columns
        place = f'transform="translate(4 {y:.1f}) scale(1 {tall})"{bold} textLength="{long:.2f}"'
        parts += [f'<text {place} xml:space="preserve">{escape(line.text)}</text>'] if line.text else []
    style = 'font-family="monospace" font-size="2.85"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" width="480" viewBox="0 0 80 {y + 8:.0f}" {style}>'
    return "\n".join([head, '<rect width="100%" height="100%" fill="#fff"/>', *parts, "</svg>\n"])


if __name__ == "__main__":
    from tests.domain.paper import scripts

    scripts.write()
    for name, title in PICTURES.items():
        PAGE.with_name(name).write_text(picture(samples()[title]), encoding="utf-8")
    PAGE.write_text(page(), encoding="utf-8")
