"""The list of the shifts of tills."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from till.administration.listing import AdminList, DeskRow, ListRows
from till.domain.i18n import N_
from till.reports.report import Column, ColumnKind
from till.reports.shifts import BY_SERVER, OTHER

if TYPE_CHECKING:
    from till.administration.calls import AtServer


def _read(at: AtServer, _selects: Any) -> ListRows:
    return ListRows({"shifts": at.ask("shifts_v1")})


SHIFTS: Final = AdminList(
    "shifts",
    N_("Shifts"),
    N_("List the open shifts and those of the last month, by till."),
    _read,
    (
        Column("till", ColumnKind.NUMBER, N_("Till")),
        Column("number", ColumnKind.TEXT, "Z", words={None: N_("open")}),
        OTHER,
        Column("shift", ColumnKind.ID),
        Column("opened_at", ColumnKind.TIME, N_("Opened")),
        Column("opened_by", ColumnKind.TEXT, N_("Opened by")),
        Column("closed_at", ColumnKind.TIME, N_("Closed")),
        Column("closed_by", ColumnKind.TEXT, N_("Closed by"), words=BY_SERVER),
    ),
    desk=DeskRow("till", "number", ("opened_by", "closed_by", N_("also {other}")), "opened_at"),
)
