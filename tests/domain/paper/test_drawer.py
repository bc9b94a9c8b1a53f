"""The documents of a drawer and its shift."""

from __future__ import annotations

from tests.domain.paper.samples import RUPEES
from till.domain.paper.document import Document, DocumentRow, RowRole
from till.domain.paper.drawer import sums_rows
from till.domain.paper.lines import text_of
from till.domain.shift.events import DrawerSum, MovedSum, ShiftSums, TaxSum, TenderSum
from till.domain.shift.names import MOVED
from till.domain.text import Repertoire


def test_the_account_of_a_drawer_follows_the_money() -> None:
    moved = tuple(MovedSum(kind=kind, amount="1.00") for kind in sorted({*MOVED, "a_later_kind"}))
    drawer = DrawerSum(tender="CASH", opening="0.00", closing="21.00", moved=moved)
    rows = sums_rows(ShiftSums(drawer=(drawer,)), RUPEES)
    account = [row.left for row in rows[rows.index(DocumentRow("Opening", "0.00")) :]]
    assert account == ["Opening", *MOVED.values(), "a_later_kind", "Closing"]
    at = [account.index(MOVED[kind]) for kind in ("difference", "payments", "change", "float", "corrected", "taken")]
    assert at == sorted(at)


def test_tax_rates_stand_in_the_order_of_their_numbers() -> None:
    rates = [("CGST", "14"), ("CGST", "2.5"), ("CGST", "9"), ("Deposit", "")]
    sums = ShiftSums(taxes=tuple(TaxSum(name=name, rate=rate, net="0.00", tax="0.00") for name, rate in rates))
    taxes = [row.left for row in sums_rows(sums, RUPEES) if row.left.startswith(("CGST", "Deposit"))]
    assert taxes == ["CGST 2.5 %", "CGST 9 %", "CGST 14 %", "Deposit"]


def test_a_printer_writes_what_waits_for_the_count_in_its_letters() -> None:
    lines = text_of(Document("X", sums_rows(ShiftSums(), RUPEES, hides_cash=True)), 42, Repertoire("cp437"))
    assert "Tenders and drawer         after the count\n" in lines


def test_a_tender_that_moved_nothing_in_a_shift_has_no_row() -> None:
    tenders = (
        TenderSum(tender="CARD", number=0, amount="0.00", used="5.00"),
        TenderSum(tender="CASH", number=2, amount="0.00"),
        TenderSum(tender="UPI", number=0, amount="-3.00"),
    )
    rows = sums_rows(ShiftSums(tenders=tenders), RUPEES)
    assert [row.left for row in rows[rows.index(DocumentRow("Tenders", role=RowRole.HEADING)) + 1 :]] == ["Cash", "UPI"]
