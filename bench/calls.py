"""The Python calls of an order, from the key to the painted rows: the till's screen on a real journal, in this process.

Unlike a time, their number repeats within two in a hundred, also on a busy machine. They are the `call` events of
`sys.setprofile`: each call of a Python function, and each time that a coroutine or a generator goes on, also those of
Textual and of asyncio, but not calls of C functions. The keys are pressed one by one, each once the one before is
painted. What waits for a pause between keys, such as suggestions, is not counted, nor is what the same wait costs
without a key.
"""

from __future__ import annotations

import asyncio
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from textual import events
from typing_extensions import override

from bench.table import Figure
from till.cli.demo_venue import DEMO, DEMO_PINS, demo_reference
from till.tui.drawing.palette import Depth, Paint
from till.tui.screens.sell.commands import make_keymap
from till.tui.shell.idle import IdleClock
from till.tui.start import make_app
from till.wiring.parts import LateOutbox, WallClock, make_register, open_journal, seed_cache

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

    from bench.testbed import Bench
    from till.tui.shell.app import TillApp

#: A breakfast in Udupi, at which idly is sold.
_MORNING: Final = datetime(2026, 3, 3, 5, 1, tzinfo=UTC)
_LINE: Final = ("2", "space", *"idly", "enter")
_PAYMENT: Final = ("f9", "enter")
_KEYS: Final = tuple((key,) for key in (*_LINE, *_PAYMENT))


class _Breakfast(WallClock):
    """A clock that is stopped, so that no minute is painted."""

    @override
    def now(self) -> datetime:
        return _MORNING


class _NoPause(IdleClock):
    """The clock of a till at which there is no pause between keys."""

    @override
    async def calm(self) -> None:
        await asyncio.Event().wait()


async def _settle(app: TillApp) -> None:
    """Wait until all keys are handled, and the changes are laid out and painted."""
    for _round in range(3):
        painted = asyncio.Event()
        app.call_later(_set_once_painted, app, painted)
        await painted.wait()


def _set_once_painted(app: TillApp, painted: asyncio.Event) -> None:
    app.screen.call_after_refresh(painted.set)


async def _count(app: TillApp, *keys: str) -> int:
    """Press keys at once, and return the calls until all is painted."""
    calls = 0

    def count(_frame: FrameType, event: str, _value: object) -> None:
        nonlocal calls
        calls += event == "call"

    sys.setprofile(count)
    try:
        for key in keys:
            character = " " if key == "space" else key if len(key) == 1 else None
            app.post_message(events.Key(key, character))
        await _settle(app)
    finally:
        sys.setprofile(None)
    return calls


async def _measure(app: TillApp, rounds: int) -> tuple[int, int]:
    """Return the calls of a line and of its payment: of each key the fewest, as a timer of Textual may add some."""
    async with app.run_test(size=(120, 36)):
        await _settle(app)
        await _count(app, "1", "enter", *DEMO_PINS[1], "enter")
        while app.controller.is_held:
            await _settle(app)
        counted = [[await _count(app, *keys) for keys in ((), *_KEYS)] for _round in range(rounds)]
    wait, *keys = map(min, zip(*counted, strict=True))
    calls = [key - wait for key in keys]
    return sum(calls[: len(_LINE)]), sum(calls[len(_LINE) :])


def run(testbed: Bench) -> Iterator[Figure]:
    """Yield the calls of an order's first line, and of its payment in cash."""
    journal = open_journal(testbed.new_folder() / "till-1.sqlite", till=1, store_id=DEMO.store_id)
    try:
        seed_cache(journal, demo_reference())
        register = make_register(journal, _Breakfast(), LateOutbox(), till=1, store_id=DEMO.store_id)
        app = make_app(register, Paint("dark", Depth.TRUE), make_keymap(), idle_minutes=1000, idle=_NoPause())
        line, payment = asyncio.run(_measure(app, 100 if testbed.full else 40))
    finally:
        journal.close()
    yield Figure("Python calls of `2 idly`, Enter", line, "calls")
    yield Figure("Python calls of F9, Enter in cash", payment, "calls")
