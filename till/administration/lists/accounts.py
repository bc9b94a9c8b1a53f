"""The list of the house accounts."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from till.administration.listing import AdminList, DeskRow, Rows, columns
from till.domain.i18n import _, ngettext
from till.reports.report import Column, Kind

if TYPE_CHECKING:
    from till.administration.calls import AtServer


def _read(at: AtServer, selects: Any) -> Rows:
    from till.reports.vouchers import read_accounts

    rows = read_accounts(selects, at.store_id)
    return Rows({"accounts": [row for row in rows if row["erased_at"] is None or Decimal(row["owed"])]})


ACCOUNTS: Final = AdminList(
    "accounts",
    _("House accounts"),
    _(
        "List house accounts by name, with the balance owed.\n\n"
        "An erased guest's account is listed only while a balance is owed."
    ),
    _read,
    (
        Column("name", Kind.TEXT, _("Name"), of="guest"),
        *columns(Kind.MONEY, owed=_("Owed"), limit=_("Limit")),
        Column("closed_at", Kind.FLAG, words={True: _("closed")}),
        Column("customer", Kind.TEXT, _("Id")),
    ),
    texts=lambda _found: lambda one: {"guest": one["name"] or one["phone"] or _("erased")},
    count=lambda found: ngettext("{n} account.", "{n} accounts.", found.size).format(n=found.size),
    desk=DeskRow(name="name", detail=(_("up to {limit}"), "closed_at"), right="owed"),
    by_owner=True,
)
