"""The list of the programs other than tills."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from till.administration.listing import AdminList, DeskRow, ListRows, columns
from till.domain.i18n import _
from till.reports.report import Column, ColumnKind

if TYPE_CHECKING:
    from till.administration.calls import AtServer


def _read(at: AtServer, selects: Any) -> ListRows:
    from till.reports.programs import read_programs

    return ListRows({"programs": read_programs(selects, at.store_id)})


PROGRAMS: Final = AdminList(
    "programs",
    _("Programs"),
    _("List the programs, by name."),
    _read,
    (
        *columns(ColumnKind.TEXT, program=_("Name"), role=_("Role")),
        Column("added_at", ColumnKind.TIME, _("Since")),
        Column("revoked", ColumnKind.FLAG, _("Status"), words={True: _("revoked")}),
    ),
    desk=DeskRow(name="program", detail=("role", "revoked"), right="added_at"),
    by_owner=True,
)
