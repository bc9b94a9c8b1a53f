"""The list of the conflicts about money."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from till.administration.listing import AdminList, ListRows, columns
from till.domain.conflict import kind_in_words
from till.domain.i18n import N_, ngettext
from till.reports.report import Column, ColumnKind

if TYPE_CHECKING:
    from till.administration.calls import AtServer
    from till.administration.listing import ListResult


def _read(at: AtServer, _selects: Any, *, till: int | None, after: str | None, limit: int, every: bool) -> ListRows:
    return ListRows(at.ask("conflict_list_v1", till, after, limit, every))


def _count(found: ListResult) -> str:
    count = sum(row["conflicts"] for row in found.body["waiting"])
    return ngettext("{n} waits to be settled.", "{n} wait to be settled.", count).format(n=count)


CONFLICTS: Final = AdminList(
    "conflicts",
    N_("Conflicts"),
    N_(
        "List conflicts about money by till, newest first.\n\n"
        "Without --till, list some of each till and count the rest."
    ),
    _read,
    (
        Column("found_at", ColumnKind.TIME, N_("Found")),
        Column("till", ColumnKind.TEXT, N_("Till"), words={0: N_("server")}),
        Column("user", ColumnKind.TEXT, N_("Staff"), words={0: ""}),
        Column("kind", ColumnKind.TEXT, N_("What"), of="what"),
        Column("amount", ColumnKind.MONEY_AND_CODE, N_("Amount")),
        *columns(ColumnKind.TEXT, receipts=N_("Receipts"), how=N_("Settled"), conflict=N_("Id")),
    ),
    texts=lambda _found, one: {"what": kind_in_words(one["kind"])},
    count=_count,
)
