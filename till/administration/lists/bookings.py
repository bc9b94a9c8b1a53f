"""The list of the bookings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from till.administration.listing import AdminList, DeskRow, ListRows, columns
from till.domain.i18n import _, ngettext
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
    _("Bookings"),
    _("List bookings by time: of one business day, or all upcoming."),
    _read,
    (
        Column("at", ColumnKind.TIME, _("At")),
        *columns(ColumnKind.TEXT, name=_("Name"), phone=_("Phone")),
        *columns(ColumnKind.NUMBER, covers=_("Guests"), table=_("Table")),
        Column(
            "status",
            ColumnKind.TEXT,
            words={"booked": "", "seated": _("seated"), "no_show": _("no-show"), "cancelled": _("cancelled")},
        ),
        Column("booking", ColumnKind.TEXT, _("Id")),
    ),
    count=_count,
    desk=DeskRow(name="at", detail=("name", _("for {covers}"), _("table {table}"), "status"), right="phone"),
    by_owner=True,
)
