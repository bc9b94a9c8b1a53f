"""The list of the tills."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from till.administration.listing import AdminList, DeskRow, ListRows, time_words
from till.domain.i18n import N_, _
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
    N_("Tills"),
    N_("List the tills, by number."),
    _read,
    (
        Column("till", ColumnKind.NUMBER, N_("Number")),
        Column("name", ColumnKind.TEXT, N_("Name")),
        Column("phone", ColumnKind.FLAG, N_("Phone"), words={True: N_("a phone")}),
        Column("kitchen", ColumnKind.FLAG, N_("Kitchen"), words={True: N_("a kitchen screen")}),
        Column("seen_at", ColumnKind.TIME, N_("Seen"), words={None: N_("never")}),
        Column("seq", ColumnKind.NUMBER, N_("Records"), words={None: "0"}),
        Column("no_money", ColumnKind.FLAG, N_("Money"), words={True: N_("takes none")}),
        Column("revoked", ColumnKind.FLAG, N_("Status"), words={True: N_("revoked")}),
    ),
    texts=_texts,
    count=_waiting,
    desk=DeskRow("till", "name", ("phone", "kitchen", "no_money", "revoked"), "seen"),
    hint=N_("add till 3 Terrace, add phone 5, phone 5, replace till 2, renew till 2, lock till 2, no money till 3"),
)
