"""The documents of a drawer and its shift."""

from __future__ import annotations

from tests.domain.paper.samples import RUPEES
from till.domain.paper.document import Role, Row
from till.domain.paper.drawer import sums_rows
from till.domain.shift.events import DrawerSum, MovedSum, ShiftSums, TenderSum
from till.domain.shift.names import MOVED


def test_the_account_of_a_drawer_follows_the_money() -> None:
    moved = tuple(MovedSum(kind=kind, amount="1.00") for kind in sorted({*MOVED, "a_later_kind"}))
    drawer = DrawerSum(tender="CASH", opening="0.00", closing="21.00", moved=moved)
    rows = sums_rows(ShiftSums(drawer=(drawer,)), RUPEES)
    account = [row.left for row in rows[rows.index(Row("Opening", "0.00")) :]]
    assert account == ["Opening", *MOVED.values(), "a_later_kind", "Closing"]
    at = [account.index(MOVED[kind]) for kind in ("difference", "payments", "change", "float", "corrected", "taken")]
    assert at == sorted(at)


def test_a_tender_that_moved_nothing_in_a_shift_has_no_row() -> None:
    tenders = (
        TenderSum(tender="CARD", number=0, amount="0.00", used="5.00"),
        TenderSum(tender="CASH", number=2, amount="0.00"),
        TenderSum(tender="UPI", number=0, amount="-3.00"),
    )
    rows = sums_rows(ShiftSums(tenders=tenders), RUPEES)
    assert [row.left for row in rows[rows.index(Row("Tenders", role=Role.HEADING)) + 1 :]] == ["Cash", "UPI"]
