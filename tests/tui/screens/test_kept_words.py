"""Walks through all that a till holds: no sentence is kept in the language of somebody who was logged in before."""

from __future__ import annotations

import re
import sqlite3
from collections import deque
from typing import TYPE_CHECKING

import msgspec
import pytest
from textual.widget import Widget

from tests.tui.playing import FakeStore
from tests.tui.quiet import a_drawn_till
from tests.tui.screens.test_languages import venue
from tests.tui.screens.test_screens import SCENES
from till.domain.i18n import ENGLISH, Translations, spoken

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_MADE_UP = re.compile("[áƀçđéƒĝĥíĵķļḿñóṕɋřšťúṽŵẋýž]{2}")
_LOG_OUT = "{escape}{escape}{escape}{f12}"
_CONTAINERS = (list, tuple, set, frozenset, deque)
#: Fields that may hold words of a language that is not spoken now, each by class and name, with the reason.
_BY_DESIGN = {
    ("Tenders", "_by_language"): "the words of a language are made once, and found by it",
    ("MenuBoards", "_made"): "a board is made again for another language",
}


def _fields(holder: object) -> Iterator[tuple[str, object]]:
    """Yield the fields of an object of the till, or what is in a container."""
    if isinstance(holder, dict):
        yield from (("", each) for pair in list(holder.items()) for each in pair)
    elif isinstance(holder, _CONTAINERS):
        yield from (("", each) for each in list(holder))
    elif isinstance(holder, msgspec.Struct):
        yield from ((name, getattr(holder, name)) for name in holder.__struct_fields__)
    elif type(holder).__module__.startswith("till."):
        slots = [name for kind in type(holder).__mro__ for name in getattr(kind, "__slots__", ())]
        yield from ((name, getattr(holder, name)) for name in slots if hasattr(holder, name))
        yield from list(getattr(holder, "__dict__", {}).items())


def _held(*roots: object) -> set[str]:
    """Return the made-up words that are reached from objects, with their places. Widgets are painted when shown."""
    seen: dict[int, object] = {}
    due = deque[tuple[str, object]](("", root) for root in roots)
    found = set()
    while due:
        place, holder = due.popleft()
        if isinstance(holder, str):
            found |= {f"{place}: {holder}"} if _MADE_UP.search(holder) else set()
        elif id(holder) not in seen and not isinstance(holder, type | Translations | Widget):
            seen[id(holder)] = holder  # kept, so that no other object has its id
            kind = type(holder).__name__
            due.extend(
                (f"{kind}.{name}" if name else place, each)
                for name, each in _fields(holder)
                if (kind, name) not in _BY_DESIGN
            )
    return found


def _on_disk(folder: Path) -> set[str]:
    """Return the made-up words in the journals of a folder, each with its table."""
    found = set()
    for path in folder.rglob("*.sqlite"):
        connection = sqlite3.connect(path)
        tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        for table in tables:
            cells = [cell for row in connection.execute(f"SELECT * FROM {table}") for cell in row]  # noqa: S608 - ours
            texts = [cell.decode(errors="ignore") if isinstance(cell, bytes) else str(cell) for cell in cells]
            found |= {f"{table}: {text}" for text in texts if _MADE_UP.search(text)}
        connection.close()
    return found


@pytest.mark.parametrize("name", SCENES)
async def test_nothing_is_kept_in_the_language_of_who_was_logged_in(name: str, qps: str, tmp_path: Path) -> None:
    """All that one person made is walked through once another is logged in, and then on the disk."""
    async with a_drawn_till(tmp_path, reference=venue(n1=qps), store=FakeStore()) as till:
        await till.type(SCENES[name] + _LOG_OUT + "2{enter}2222{enter}")
        assert spoken() == ENGLISH
        assert _held(till.app, till.register) == set()
    assert _on_disk(tmp_path) == set()
