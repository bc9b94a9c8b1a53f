"""The list of the tills."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from till.administration.listing import AdminList, DeskRow, ListRows, time_words
from till.domain.i18n import _
from till.reports.report import Column, ColumnKind

if TYPE_CHECKING:
    from collections.abc import Callable

    from till.administration.calls import AtServer
    from till.administration.listing import ListResult, Row


def _read(at: AtServer, _selects: Any) -> ListRows:
    from till.reports.tills import read_tills

    is_phone = at.machine.is_phone if at.machine is not None else lambda _number: False
    return ListRows({"tills": [{**row, "phone": is_phone(row["till"])} for row in read_tills(at.ask)]})


def _texts(found: ListResult) -> Callable[[Row], Row]:
    def texts(till: Row) -> Row:
        seen = time_words(found.venue, till["seen_at"]) if till["seen_at"] else ""
        return {"seen": _("seen {time}").format(time=seen) if seen else _("never seen")}

    return texts


TILLS: Final = AdminList(
    "tills",
    _("Tills"),
    _("List the tills, by number."),
    _read,
    (
        Column("till", ColumnKind.NUMBER, _("Number")),
        Column("name", ColumnKind.TEXT, _("Name")),
        Column("phone", ColumnKind.FLAG, _("Phone"), words={True: _("a phone")}),
        Column("seen_at", ColumnKind.TIME, _("Seen"), words={None: _("never")}),
        Column("seq", ColumnKind.NUMBER, _("Records"), words={None: "0"}),
        Column("revoked", ColumnKind.FLAG, _("Status"), words={True: _("revoked")}),
    ),
    texts=_texts,
    desk=DeskRow("till", "name", ("phone", "revoked"), "seen"),
    hint=_("add till 3 Terrace, add phone 5, phone 5, replace till 2, renew till 2, lock till 2"),
)
