"""The list of the customers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from till.administration.listing import AdminList, DeskRow, ListRows, columns
from till.domain.i18n import N_, ngettext
from till.reports.report import Column, ColumnKind

if TYPE_CHECKING:
    from till.administration.calls import AtServer


def _read(at: AtServer, selects: Any) -> ListRows:
    from till.reports.customers import read_customers

    return ListRows({"customers": read_customers(selects, at.store_id)})


CUSTOMERS: Final = AdminList(
    "customers",
    N_("Customers"),
    N_("List all customers, by name."),
    _read,
    (
        *columns(ColumnKind.TEXT, name=N_("Name"), phone=N_("Phone")),
        Column("orders", ColumnKind.NUMBER, N_("Orders")),
        Column("last_at", ColumnKind.DAY, N_("Last")),
        Column("customer", ColumnKind.TEXT, N_("Id")),
    ),
    count=lambda found: ngettext("{n} customer.", "{n} customers.", found.size).format(n=found.size),
    desk=DeskRow(name="name", detail=("phone", N_("orders: {orders}")), right="last_at"),
    by_owner=True,
)
