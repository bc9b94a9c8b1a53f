"""What the journals of this machine know of their venue, for a database that was made anew and knows nothing."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from till.domain.errors import JournalError
from till.journal import copied
from till.wiring.recover import JournalFound, find_journals, open_found

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from till.config import Folders

#: What a till keeps of its venue, and the venue cannot be made without. Tabs come with the orders that stand on them.
_KEPT: Final = ("settings", "staff", "menu")
#: A journal that never met its database gave itself more letters than the database ever gives.
_LETTERS: Final = 4


@dataclass(slots=True)
class VenueKnown:
    """What is known of a venue.

    Attributes:
        settings: as `till.domain.venue.read_venue` reads them; empty when no journal has any.
        staff: {"number", "name", "role", "pin_hash", "disabled"} each.
        menu: its body; None when no journal has one.
        names: what tills are called, by number.
        series: the letters on the receipts of each till's journal, by number.
    """

    settings: dict[str, Any] = field(default_factory=dict)
    staff: list[dict[str, Any]] = field(default_factory=list)
    menu: dict[str, Any] | None = None
    names: dict[int, str] = field(default_factory=dict)
    series: dict[int, str] = field(default_factory=dict)


def look_at_venue(folders: Folders, store_id: str) -> VenueKnown:
    """The newest that any journal of this venue keeps, also of tills that are open. Nothing is changed by looking."""
    newest: dict[str, tuple[int, Mapping[str, Any]]] = {}
    known = VenueKnown()
    for till, path in find_journals(folders):
        try:
            with copied(path, even_if_held=True) as copy:
                _look(copy, till, store_id, newest, known.series)
        except JournalError:
            continue  # what it knew, another one may; its own till says what is wrong with it
    bodies = {name: dict(body) for name, (_version, body) in newest.items()}
    known.settings = bodies.get("settings", {})
    known.settings.pop("backed_up_at", None)  # of the database that is gone
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
            # of two journals of one till the later one: a shorter series came first
            series[till] = max(series.get(till, ""), journal.series, key=lambda letters: (len(letters), letters))
        for name in _KEPT:
            kept = journal.cached(name)
            if kept is not None and (name not in newest or newest[name][0] < kept[0]):
                newest[name] = kept
