"""The facts about a venue in the journals of this machine, for a newly created database."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from till.domain.errors import JournalError
from till.journal import temporary_copy
from till.wiring.recover import JournalFound, find_journals, open_found

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from till.config import Folders

#: The documents that a venue needs. Tabs come with their orders.
_KEPT: Final = ("settings", "staff", "menu")
#: The longest series that a database assigns; a series that a journal sets itself is longer.
_LETTERS: Final = 4


@dataclass(slots=True)
class VenueKnown:
    """The known facts of a venue.

    Attributes:
        settings: the settings for `till.domain.venue.read_venue`; empty if no journal has any.
        staff: {"number", "name", "role", "pin_hash", "disabled"} for each person.
        menu: the body of the menu; None if no journal has one.
        names: the names of tills, by number.
        series: the receipt series of tills, by number.
    """

    settings: dict[str, Any] = field(default_factory=dict)
    staff: list[dict[str, Any]] = field(default_factory=list)
    menu: dict[str, Any] | None = None
    names: dict[int, str] = field(default_factory=dict)
    series: dict[int, str] = field(default_factory=dict)


def look_at_venue(folders: Folders, store_id: str) -> VenueKnown:
    """Return the newest facts in all journals of this venue, including those of open tills.

    No journal is changed.
    """
    newest: dict[str, tuple[int, Mapping[str, Any]]] = {}
    known = VenueKnown()
    for till, path in find_journals(folders):
        try:
            with temporary_copy(path, even_if_held=True) as copy:
                _look(copy, till, store_id, newest, known.series)
        except JournalError:
            continue  # another journal may have the same facts; the journal's till reports the fault
    bodies = {name: dict(body) for name, (_version, body) in newest.items()}
    known.settings = bodies.get("settings", {})
    for name in ("backed_up_at", "restored_at", "unheard"):  # they are about the lost database
        known.settings.pop(name, None)
    known.names = {one["number"]: one["name"] for one in known.settings.pop("tills", [])}
    known.staff = bodies.get("staff", {}).get("staff", [])
    known.menu = bodies.get("menu")
    return known


def _look(
    path: Path,
    till: int,
    store_id: str,
    newest: dict[str, tuple[int, Mapping[str, Any]]],
    series: dict[int, str],
) -> None:
    found = JournalFound(till, path)
    journal = open_found(found, store_id)
    if journal is None:
        return
    with closing(journal):
        if journal.series is not None and len(journal.series) <= _LETTERS and not found.foreign:
            # of two journals of one till, keep the later series: shorter series were assigned first
            series[till] = max(series.get(till, ""), journal.series, key=lambda letters: (len(letters), letters))
        for name in _KEPT:
            kept = journal.cached(name)
            if kept is not None and (name not in newest or newest[name][0] < kept[0]):
                newest[name] = kept
