"""The list of the records that the tax authority refused, or took with errors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from till.administration.listing import AdminList, DeskRow, ListRows, columns
from till.administration.sending import describe_sending, sending_state
from till.domain.i18n import N_, _
from till.reports.report import Column, ColumnKind

if TYPE_CHECKING:
    from till.administration.calls import AtServer
    from till.administration.listing import ListResult


def _read(at: AtServer, _selects: Any) -> ListRows:
    return ListRows(at.ask("fiscal_status_v1"), {"now": at.now()})


def _count(found: ListResult) -> str:
    state = sending_state(found.body)
    if not state.scheme:
        return _("The venue has no law that sends records.")
    venue = found.venue
    notices = describe_sending(state, found.beside["now"], lambda at: f"{venue.local(at):%Y-%m-%d %H:%M}")
    return " ".join(one.sentence for one in notices) or _("All records are sent, and none was refused.")


RECORDS: Final = AdminList(
    "invoices",
    N_("Invoice records"),
    N_("List the records that the tax authority refused or took with errors, in its words."),
    _read,
    (
        Column("number", ColumnKind.TEXT, N_("Number")),
        Column("kind", ColumnKind.TEXT, N_("Kind")),
        Column("at", ColumnKind.TIME, N_("At")),
        Column("state", ColumnKind.TEXT, N_("State"), words={"refused": N_("refused"), "with_errors": N_("errors")}),
        *columns(ColumnKind.TEXT, code=N_("Code"), words=N_("Words")),
    ),
    rows="troubles",
    count=_count,
    desk=DeskRow(name="number", detail=("words",), right="state", has_count=True),
    hint=N_("correct invoice 1-000123"),
)
