"""The lists of the house accounts, and of what was paid off."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from till.administration.listing import AdminList, DeskRow, ListRows, columns
from till.domain.i18n import N_, _, ngettext
from till.reports.report import Column, ColumnKind

if TYPE_CHECKING:
    from till.administration.calls import AtServer


def _read(at: AtServer, selects: Any) -> ListRows:
    from till.reports.vouchers import read_accounts

    rows = read_accounts(selects, at.store_id)
    return ListRows({"accounts": [row for row in rows if row["erased_at"] is None or Decimal(row["owed"])]})


ACCOUNTS: Final = AdminList(
    "accounts",
    N_("House accounts"),
    N_(
        "List house accounts by name, with the balance owed.\n\n"
        "An erased guest's account is listed only while a balance is owed."
    ),
    _read,
    (
        Column("name", ColumnKind.TEXT, N_("Name"), of="guest"),
        *columns(ColumnKind.MONEY, owed=N_("Owed"), limit=N_("Limit")),
        Column("closed_at", ColumnKind.FLAG, words={True: N_("closed")}),
        Column("customer", ColumnKind.TEXT, N_("Id")),
    ),
    texts=lambda _found, one: {"guest": one["name"] or one["phone"] or _("erased")},
    count=lambda found: ngettext("{n} account.", "{n} accounts.", found.size).format(n=found.size),
    desk=DeskRow(name="name", detail=(N_("up to {limit}"), "closed_at"), right="owed"),
    by_owner=True,
)


#: Each state of a pay-off, in words.
_STATES: Final = {"booked": "", "undone": N_("undone"), "reversed": N_("reversed")}


def end_of(pay_off: str) -> str:
    """Return the end of the id of a pay-off, by which people name it."""
    return pay_off[-8:]


PAY_OFFS: Final = AdminList(
    "accounts pay-offs",
    N_("Pay-offs, newest first"),
    N_("List what guests paid off, newest first."),
    lambda at, _selects: ListRows({"pay_offs": at.ask("pay_offs_v1")}),
    (
        Column("at", ColumnKind.TIME, N_("Paid")),
        Column("name", ColumnKind.TEXT, N_("Name"), of="guest"),
        Column("amount", ColumnKind.MONEY, N_("Amount")),
        Column("how", ColumnKind.TEXT, N_("By")),
        Column("till", ColumnKind.TEXT, N_("Till"), words={0: N_("server")}),
        Column("state", ColumnKind.TEXT, words=_STATES),
        Column("end", ColumnKind.TEXT, N_("Id")),
        Column("pay_off", ColumnKind.ID),
        Column("customer", ColumnKind.ID),
    ),
    rows="pay_offs",
    texts=lambda _found, one: {"guest": one["guest"] or _("erased"), "end": end_of(one["pay_off"])},
    count=lambda found: ngettext("{n} pay-off.", "{n} pay-offs.", found.size).format(n=found.size),
    desk=DeskRow(name="name", detail=("at", N_("till {till}"), "state", "end"), right="amount"),
    also=("pay-offs",),
    hint=N_("correct pay-off 4f2a91c3: it was never paid"),
    by_owner=True,
)
