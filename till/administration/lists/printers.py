"""The list of the receipt printers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec
from msgspec.structs import asdict

from till.administration.acts.printers import duty_words, read_printers
from till.administration.listing import AdminList, DeskRow, ListRows, columns
from till.domain.i18n import N_, _
from till.domain.settings import PrinterSetting
from till.reports.report import Column, ColumnKind

if TYPE_CHECKING:
    from till.administration.calls import AtServer
    from till.administration.listing import ListResult, Row


def _read(at: AtServer, _selects: Any) -> ListRows:
    return ListRows({"printers": list(map(asdict, read_printers(at)))})


def _texts(_found: ListResult, row: Row) -> Row:
    answers = (_("status") if row["asks_status"] else "", _("ids") if row["answers_ids"] else "")
    return {
        "duty": duty_words(msgspec.convert(row, PrinterSetting)),
        "answers": ", ".join(filter(None, answers)) or _("nothing"),
    }


PRINTERS: Final = AdminList(
    "printers",
    N_("Printers"),
    N_("List the receipt printers."),
    _read,
    (
        *columns(ColumnKind.TEXT, name=N_("Name"), address=N_("Address")),
        Column("columns", ColumnKind.NUMBER, N_("Columns")),
        *columns(ColumnKind.TEXT, code_page=N_("Code page"), answers=N_("Answers"), duty=N_("Does")),
    ),
    texts=_texts,
    desk=DeskRow(name="name", detail=("address", "duty"), right="answers"),
    hint=N_("add printer Bar 192.168.1.50, remove printer Bar"),
)
