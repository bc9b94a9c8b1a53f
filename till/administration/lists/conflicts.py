"""The list of the conflicts about money."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from till.administration.listing import AdminList, ListRows, columns
from till.domain.conflict import kind_in_words
from till.domain.i18n import _, ngettext
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
    _("Conflicts"),
    _(
        "List conflicts about money by till, newest first.\n\n"
        "Without --till, list some of each till and count the rest."
    ),
    _read,
    (
        Column("found_at", ColumnKind.TIME, _("Found")),
        Column("till", ColumnKind.TEXT, _("Till"), words={0: _("server")}),
        Column("user", ColumnKind.TEXT, _("Staff"), words={0: ""}),
        Column("kind", ColumnKind.TEXT, _("What"), of="what"),
        Column("amount", ColumnKind.MONEY_AND_CODE, _("Amount")),
        *columns(ColumnKind.TEXT, receipts=_("Receipts"), how=_("Settled"), conflict=_("Id")),
    ),
    texts=lambda _found, one: {"what": kind_in_words(one["kind"])},
    count=_count,
)
