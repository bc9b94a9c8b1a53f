"""The list of the bookings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from till.administration.listing import AdminList, DeskRow, ListRows, columns
from till.domain.i18n import N_, ngettext
from till.reports.report import Column, ColumnKind

if TYPE_CHECKING:
    from till.administration.calls import AtServer
    from till.administration.listing import ListResult


def _read(at: AtServer, selects: Any, *, day: str | None = None) -> ListRows:
    from till.reports.bookings import read_bookings
    from till.reports.days import read_day

    business_day = None if day is None else read_day(day, at.venue().business_date(at.now()))
    return ListRows({"bookings": read_bookings(selects, at.store_id, business_day)})


def _count(found: ListResult) -> str:
    expected = sum(row["covers"] for row in found.body["bookings"] if row["status"] == "booked")
    return ngettext("{n} guest expected.", "{n} guests expected.", expected).format(n=expected)


BOOKINGS: Final = AdminList(
    "bookings",
    N_("Bookings"),
    N_("List bookings by time: of one business day, or all upcoming."),
    _read,
    (
        Column("at", ColumnKind.TIME, N_("At")),
        *columns(ColumnKind.TEXT, name=N_("Name"), phone=N_("Phone")),
        *columns(ColumnKind.NUMBER, covers=N_("Guests"), table=N_("Table")),
        Column(
            "status",
            ColumnKind.TEXT,
            words={"booked": "", "seated": N_("seated"), "no_show": N_("no-show"), "cancelled": N_("cancelled")},
        ),
        Column("booking", ColumnKind.TEXT, N_("Id")),
    ),
    count=_count,
    desk=DeskRow(name="at", detail=("name", N_("for {covers}"), N_("table {table}"), "status"), right="phone"),
    by_owner=True,
)
