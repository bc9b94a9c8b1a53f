"""The list of the accounts of the accountant's journal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from till.administration.listing import AdminList, DeskRow, ListRows
from till.domain.i18n import N_
from till.reports.report import Column, ColumnKind

if TYPE_CHECKING:
    from till.administration.calls import AtServer


def _read(at: AtServer, _selects: Any) -> ListRows:
    return ListRows({"ledger_accounts": at.ask("ledger_accounts_v1")})


LEDGER_ACCOUNTS: Final = AdminList(
    "ledger-accounts",
    N_("Accounts of the accountant"),
    N_("List the accounts of the accountant's journal, by the kind of what is booked."),
    _read,
    (
        Column("kind", ColumnKind.TEXT, N_("Kind")),
        Column("account", ColumnKind.TEXT, N_("Account")),
        Column("default", ColumnKind.FLAG, N_("By default"), words={True: N_("yes")}),
    ),
    rows="ledger_accounts",
    desk=DeskRow(name="kind", detail=("default",), right="account"),
    hint=N_("ledger account sales.food.19 8400"),
)
