"""The list of the stations of the kitchen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec

from till.administration.acts.stations import makes_text, read_stations
from till.administration.listing import AdminList, DeskRow, ListRows, columns
from till.domain.i18n import N_, _
from till.domain.kitchen.stations import Station
from till.reports.report import Column, ColumnKind

if TYPE_CHECKING:
    from till.administration.calls import AtServer
    from till.administration.listing import ListResult, Row


def _read(at: AtServer, _selects: Any) -> ListRows:
    rows = [msgspec.structs.asdict(one) for one in read_stations(at)]
    silent = at.ask("kitchen_waits_v1")["silent"] if rows else []
    return ListRows({"stations": rows, "silent_tills": [one["till"] for one in silent]}, at.ask("menu_export_v1") or {})


def _silent(found: ListResult) -> str:
    """Name the tills that are on and send nothing."""
    tills = ", ".join(found.venue.till_name(one) for one in found.body["silent_tills"])
    return _("Not sent to the kitchen by {tills}: an older version of till.").format(tills=tills) if tills else ""


def _texts(found: ListResult, row: Row) -> Row:
    return {"makes": makes_text(msgspec.convert(row, Station), found.beside)}


STATIONS: Final = AdminList(
    "stations",
    N_("Stations"),
    N_("List the stations of the kitchen, with what each makes."),
    _read,
    (
        *columns(ColumnKind.TEXT, name=N_("Name"), makes=N_("Makes"), printer=N_("Printer")),
        Column("screen", ColumnKind.FLAG, N_("Screen"), words={True: N_("yes")}),
    ),
    texts=_texts,
    count=_silent,
    desk=DeskRow(name="name", detail=("makes",), right="printer"),
    hint=N_("add station Grill makes Breakfast, Soup printer Kitchen"),
)
