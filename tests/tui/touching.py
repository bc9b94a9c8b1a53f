"""Fingers for the tests: taps and swipes on a till of tiles."""

from __future__ import annotations

import re
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from textual import events

from tests.tui.playing import a_till
from till.tui.drawing.palette import Paint

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tests.tui.playing import Till

PHONE, LARGE_PHONE, TABLET = (40, 22), (60, 34), (100, 34)
SIZES = [PHONE, LARGE_PHONE, TABLET]


@asynccontextmanager
async def a_touched_till(folder: Path, size: tuple[int, int], **other: Any) -> AsyncIterator[Till]:
    async with a_till(folder, size, paint=Paint(touch=True), **other) as till:
        till.clock.passed += 1  # since the screen opened
        yield till


def mouse(kind: type[events.MouseEvent], x: int, y: int) -> events.MouseEvent:
    return kind(None, x, y, 0, 0, 1, shift=False, meta=False, ctrl=False)


async def tap(till: Till, *words: str) -> None:
    """Tap on each of these words, at its lowest place on the screen; `@` before one for its highest."""
    for at, highest in ((one.removeprefix("@"), one.startswith("@")) for one in words):
        whole = re.compile(rf"(?<![\w.]){re.escape(at)}(?!\w)")
        places = [(found, y) for y, row in enumerate(till.rows()) if (found := whole.search(row))]
        assert places, f"{at!r} is not on the screen:\n{till.text()}"
        found, y = places[0 if highest else -1]
        await tap_at(till, (found.start() + found.end()) // 2, y)


async def tap_at(till: Till, x: int, y: int) -> None:
    till.app.take_input([mouse(events.MouseDown, x, y)])
    till.app.take_input([mouse(events.MouseUp, x, y)])
    await till.settle()


async def swipe(till: Till, x: int, y: int, rows: int) -> None:
    """Move the content up by some rows."""
    for _row in range(abs(rows)):
        till.app.take_input([mouse(events.MouseScrollDown if rows > 0 else events.MouseScrollUp, x, y)])
    await till.settle()
