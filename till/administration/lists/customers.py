"""The list of the customers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from till.administration.listing import AdminList, DeskRow, ListRows, columns
from till.domain.i18n import _, ngettext
from till.reports.report import Column, ColumnKind

if TYPE_CHECKING:
    from till.administration.calls import AtServer


def _read(at: AtServer, selects: Any) -> ListRows:
    from till.reports.customers import read_customers

    return ListRows({"customers": read_customers(selects, at.store_id)})


CUSTOMERS: Final = AdminList(
    "customers",
    _("Customers"),
    _("List all customers, by name."),
    _read,
    (
        *columns(ColumnKind.TEXT, name=_("Name"), phone=_("Phone")),
        Column("orders", ColumnKind.NUMBER, _("Orders")),
        Column("last_at", ColumnKind.DAY, _("Last")),
        Column("customer", ColumnKind.TEXT, _("Id")),
    ),
    count=lambda found: ngettext("{n} customer.", "{n} customers.", found.size).format(n=found.size),
    desk=DeskRow(name="name", detail=("phone", _("orders: {orders}")), right="last_at"),
    by_owner=True,
)
