"""The list of the records that the database could not apply."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from till.administration.listing import AdminList, ListRows, columns
from till.domain.i18n import N_, ngettext
from till.reports.report import Column, ColumnKind

if TYPE_CHECKING:
    from till.administration.calls import AtServer
    from till.administration.listing import ListResult


def _read(at: AtServer, _selects: Any, *, till: int | None, after: int | None, limit: int, every: bool) -> ListRows:
    return ListRows(at.ask("quarantine_list_v1", till, after, limit, every))


def _count(found: ListResult) -> str:
    count = sum(row["records"] for row in found.body["waiting"])
    return ngettext("{n} record needs attention.", "{n} records need attention.", count).format(n=count)


QUARANTINE: Final = AdminList(
    "quarantine",
    N_("Records"),
    N_(
        "List records that the database could not apply, by till, oldest first.\n\n"
        "Without --till, list some of each till and count the rest."
    ),
    _read,
    (
        Column("id", ColumnKind.NUMBER, N_("Id")),
        Column("received_at", ColumnKind.TIME, N_("Came")),
        Column("till", ColumnKind.TEXT, N_("Till"), words={0: N_("server")}),
        Column("type", ColumnKind.TEXT, N_("Event")),
        Column("amount", ColumnKind.MONEY_AND_CODE, N_("Amount")),
        *columns(ColumnKind.TEXT, reason=N_("Why"), how=N_("Settled"), session=N_("Order")),
    ),
    count=_count,
)
