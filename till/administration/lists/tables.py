"""The list of the tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from till.administration.listing import AdminList, DeskRow, ListRows, columns
from till.domain.i18n import N_
from till.reports.report import Column, ColumnKind

if TYPE_CHECKING:
    from till.administration.calls import AtServer


def _read(at: AtServer, selects: Any) -> ListRows:
    from till.reports.bookings import read_tables

    return ListRows({"tables": read_tables(selects, at.store_id)})


TABLES: Final = AdminList(
    "tables",
    N_("Tables"),
    N_("List the tables by number."),
    _read,
    (
        *columns(ColumnKind.NUMBER, table=N_("Table"), seats=N_("Seats")),
        Column("area", ColumnKind.TEXT, N_("Area")),
    ),
    desk=DeskRow("table", N_("seats {seats}"), ("area",)),
    by_owner=True,
)
