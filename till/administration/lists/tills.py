"""The list of the tills."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from till.administration.listing import AdminList, DeskRow, ListRows, time_words
from till.domain.i18n import _
from till.reports.report import Column, ColumnKind

if TYPE_CHECKING:
    from till.administration.calls import AtServer
    from till.administration.listing import ListResult, Row


def _read(at: AtServer, _selects: Any) -> ListRows:
    from till.reports.tills import read_tills

    is_phone = at.machine.is_phone if at.machine is not None else lambda _number: False
    rows = read_tills(at.ask)
    also = ({"phone": is_phone(row["till"]), "kitchen": row["stations"] is not None} for row in rows)
    return ListRows({"tills": [{**row, **one} for row, one in zip(rows, also, strict=True)]})


def _texts(found: ListResult, till: Row) -> Row:
    seen = time_words(found.venue, till["seen_at"]) if till["seen_at"] else ""
    return {"seen": _("seen {time}").format(time=seen) if seen else _("never seen")}


def _waiting(found: ListResult) -> str:
    """Name the tills that should take no money, or money again, and have not answered yet."""
    from till.reports.tills import money_text

    sentences = (money_text(row, found.venue.till_name(row["till"])) for row in found.body["tills"])
    return " ".join(f"{one}." for one in sentences if one)


TILLS: Final = AdminList(
    "tills",
    _("Tills"),
    _("List the tills, by number."),
    _read,
    (
        Column("till", ColumnKind.NUMBER, _("Number")),
        Column("name", ColumnKind.TEXT, _("Name")),
        Column("phone", ColumnKind.FLAG, _("Phone"), words={True: _("a phone")}),
        Column("kitchen", ColumnKind.FLAG, _("Kitchen"), words={True: _("a kitchen screen")}),
        Column("seen_at", ColumnKind.TIME, _("Seen"), words={None: _("never")}),
        Column("seq", ColumnKind.NUMBER, _("Records"), words={None: "0"}),
        Column("no_money", ColumnKind.FLAG, _("Money"), words={True: _("takes none")}),
        Column("revoked", ColumnKind.FLAG, _("Status"), words={True: _("revoked")}),
    ),
    texts=_texts,
    count=_waiting,
    desk=DeskRow("till", "name", ("phone", "kitchen", "no_money", "revoked"), "seen"),
    hint=_("add till 3 Terrace, add phone 5, phone 5, replace till 2, renew till 2, lock till 2, no money till 3"),
)
