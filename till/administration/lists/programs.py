"""The list of the programs other than tills."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from till.administration.acts.stations import cooked_text
from till.administration.listing import AdminList, DeskRow, ListRows, columns
from till.domain.i18n import N_
from till.reports.report import Column, ColumnKind

if TYPE_CHECKING:
    from till.administration.calls import AtServer
    from till.administration.listing import ListResult, Row


def _read(at: AtServer, selects: Any) -> ListRows:
    from till.reports.programs import read_programs

    cooked = at.venue().settings.cooked
    rows = read_programs(selects, at.store_id)
    return ListRows({"programs": [{**row, "cooked": cooked.get(row["program"], "opened")} for row in rows]})


def _texts(_found: ListResult, row: Row) -> Row:
    return {"cooked": cooked_text(row["cooked"])}


PROGRAMS: Final = AdminList(
    "programs",
    N_("Programs"),
    N_("List the programs, by name."),
    _read,
    (
        *columns(ColumnKind.TEXT, program=N_("Name"), role=N_("Role"), cooked=N_("Cooked")),
        Column("added_at", ColumnKind.TIME, N_("Since")),
        Column("revoked", ColumnKind.FLAG, N_("Status"), words={True: N_("revoked")}),
    ),
    texts=_texts,
    desk=DeskRow(name="program", detail=("role", "cooked", "revoked"), right="added_at"),
    hint=N_("cook chat when submitted, or opened, or paid"),
    by_owner=True,
)
