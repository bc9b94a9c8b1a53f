"""The Python calls of keys, from the key to the painted rows: the till's screen on a real journal, in this process.

Unlike a time, their number repeats within two in a hundred, also on a busy machine. They are the `call` events of
`sys.setprofile`: each call of a Python function, and each time that a coroutine or a generator goes on, also those of
Textual and of asyncio, but not calls of C functions. The keys are pressed one by one, each once the one before is
painted. What waits for a pause between keys, such as suggestions, is not counted, nor is what the same wait costs
without a key.
"""

from __future__ import annotations

import asyncio
import sys
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from textual import events
from typing_extensions import override

from bench import venue
from bench.shop import key_order
from bench.table import Figure, under, within
from till.cli.demo_venue import DEMO, DEMO_PINS, demo_reference
from till.domain.catalogue.labels import check_digit
from till.domain.order.selling import ItemEntry
from till.register import counter
from till.tui.drawing.palette import Depth, Paint
from till.tui.screens.sell.commands import make_keymap
from till.tui.shell.idle import IdleClock
from till.tui.start import make_app
from till.wiring.parts import LateOutbox, WallClock, make_register, open_journal, seed_cache

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from types import FrameType
    from typing import Any

    from bench.testbed import Bench
    from till.register.register import Register
    from till.tui.shell.app import TillApp

#: A breakfast in Udupi, at which idly is sold.
_MORNING: Final = datetime(2026, 3, 3, 5, 1, tzinfo=UTC)
_LINE: Final = ("2", "space", *"idly", "enter")
_PAYMENT: Final = ("f9", "enter")
#: The times that a list is opened.
_ROUNDS: Final = 6
#: Lines of a long order and of a short one.
_LONG: Final = 1_000
_SHORT: Final = 20
#: Scans of a burst, and the number of the first item.
_SCANNED: Final = 40
_FIRST: Final = 10


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
            app.take_input([events.Key(key, character)])
        await _settle(app)
    finally:
        sys.setprofile(None)
    return calls


async def _measure(app: TillApp, rounds: int, pin: str, keys: Sequence[str]) -> list[int]:
    """Return the calls of each key, one after the other: the fewest, as a timer of Textual may add some."""
    async with app.run_test(size=(120, 36)):
        await _settle(app)
        await _count(app, "1", "enter", *pin, "enter")
        while app.controller.is_held:
            await _settle(app)
        counted = [[await _count(app, *each) for each in ((), *((key,) for key in keys))] for _round in range(rounds)]
    wait, *fewest = map(min, zip(*counted, strict=True))
    return [calls - wait for calls in fewest]


@contextmanager
def _till(testbed: Bench, store: str, reference: Mapping[str, Mapping[str, Any]]) -> Iterator[Register]:
    """Yield a register on a real journal."""
    journal = open_journal(testbed.new_folder() / "till-1.sqlite", till=1, store_id=store)
    try:
        seed_cache(journal, reference)
        yield make_register(journal, _Breakfast(), LateOutbox(), till=1, store_id=store)
    finally:
        journal.close()


def _screen(register: Register) -> TillApp:
    return make_app(register, Paint("dark", Depth.TRUE), make_keymap(), idle_minutes=1000, idle=_NoPause())


def order(testbed: Bench) -> Iterator[Figure]:
    """Yield the calls of an order's first line, and of its payment in cash."""
    rounds = 100 if testbed.full else 40
    with _till(testbed, DEMO.store_id, demo_reference()) as register:
        calls = asyncio.run(_measure(_screen(register), rounds, DEMO_PINS[1], (*_LINE, *_PAYMENT)))
    yield Figure("Python calls of `2 idly`, Enter", sum(calls[: len(_LINE)]), "calls", goal=under(8_900, "calls"))
    yield Figure("Python calls of F9, Enter in cash", sum(calls[len(_LINE) :]), "calls", goal=under(13_400, "calls"))


def count_tables(testbed: Bench, tabs: int) -> int:
    """Return the calls of F8 with open tabs."""
    with _till(testbed, venue.STORE, venue.reference(60)) as register:
        register.ledger.user = 1
        for number in range(tabs):
            register.tabs.save(key_order(register, 1, 3, 1 + number % 50), f"guest {number}")
        register.ledger.user = None
        return asyncio.run(_measure(_screen(register), _ROUNDS, venue.PIN, ("f8", "escape")))[0]


def count_menu(testbed: Bench, items: int) -> int:
    """Return the calls of F4 with items."""
    with _till(testbed, venue.STORE, venue.reference(items)) as register:
        return asyncio.run(_measure(_screen(register), _ROUNDS, venue.PIN, ("f4", "escape")))[0]


def lists(testbed: Bench) -> Iterator[Figure]:
    """Yield the calls of the keys that open the long lists."""
    yield Figure("Python calls of F8, 300 open tabs", count_tables(testbed, 300), "calls", goal=under(10_000, "calls"))
    yield Figure("Python calls of F4, 10,000 items", count_menu(testbed, 10_000), "calls", goal=under(6_000, "calls"))


def count_line(testbed: Bench, lines: int, **more: Any) -> int:
    """Return the calls of the Enter that keys an item once more, on an order of some lines; `more` is of the items."""
    reference = venue.reference(_LONG)
    menu = reference["menu"] | {"items": [one | more for one in reference["menu"]["items"]]}
    with _till(testbed, venue.STORE, reference | {"menu": menu}) as register:
        key_order(register, 1, lines)
        return asyncio.run(_measure(_screen(register), _ROUNDS, venue.PIN, ("1", "2", "enter")))[-1]


def long_order(testbed: Bench) -> Iterator[Figure]:
    """Yield the calls of a line of a long order, beside a line of a short one."""
    own, limit = (count_line(testbed, lines) for lines in (_LONG, _SHORT))
    name = f"Python calls of `12`, Enter, {_LONG:,} lines"
    yield Figure(name, own, "calls", limit, f"an order of {_SHORT} lines", within(1.5))


def types(testbed: Bench) -> Iterator[Figure]:
    """Yield the calls of a line that differs by order type, beside one that does not."""
    rated, limit = (count_line(testbed, _SHORT, by_type=by_type) for by_type in ({"dine_in": {"price": "1.00"}}, {}))
    name = "Python calls of `12`, Enter, with types"
    yield Figure(name, rated, "calls", limit, "an item without types", within(1.15))


def count_beside_combos(testbed: Bench, plu: int, *, combos: bool) -> int:
    """Return the calls of the Enter that keys an item, on an order of a hundred lines that make combos.

    Item 12 is of no combo, item 25 fits a slot of two.
    """
    reference = venue.reference(_LONG)
    ids = [one["id"] for one in reference["menu"]["items"]]
    main, drink, sweet = (
        {"name": name, "of": [{"item": one} for one in ids[first : first + 10]]}
        for name, first in (("Main", 20), ("Drink", 40), ("Sweet", 60))
    )
    offered = [
        {"name": name, "price": price, "slots": slots}
        for name, price, slots in (
            ("Lunch", "0.30", [main, drink]),
            ("Menu", "0.60", [main, drink, sweet]),
            ("Two", "0.50", [drink | {"pieces": 2}]),
        )
    ]
    settings = reference["settings"] | ({"combos": offered} if combos else {})
    with _till(testbed, venue.STORE, reference | {"settings": settings}) as register:
        keyed = [ItemEntry(register.menu.by_plu[plu]) for plu in range(1, 101)]
        counter.add(register, None, 1, keyed)
        return asyncio.run(_measure(_screen(register), _ROUNDS, venue.PIN, (*str(plu), "enter")))[-1]


def combos(testbed: Bench) -> Iterator[Figure]:
    """Yield the calls of a line that fits no combo of three on the menu, and of one that fits, beside no combos."""
    for plu, name, goal in ((12, "beside combos", within(1.1)), (25, "of a combo", within(1.4))):
        own, limit = (count_beside_combos(testbed, plu, combos=offered) for offered in (True, False))
        yield Figure(f"Python calls of `{plu}`, Enter, {name}", own, "calls", limit, "no combos", goal)


def count_scans(testbed: Bench, codes: Sequence[str]) -> int:
    """Return the calls of the costliest of some scans: all characters of a code and its Enter."""
    reference = venue.reference(_SCANNED + _FIRST)
    labels = {"labels": "20IIIIIWW.WWWC 21IIIIIPPP.PPC"}
    with _till(testbed, venue.STORE, reference | {"settings": reference["settings"] | labels}) as register:
        keys = [key for code in codes for key in (*code, "enter")]
        calls = iter(asyncio.run(_measure(_screen(register), _ROUNDS, venue.PIN, keys)))
        return max(sum(next(calls) for _key in (*code, "enter")) for code in codes)


def scans(testbed: Bench) -> Iterator[Figure]:
    """Yield the calls of a burst of labels with a price, beside a burst of barcodes of the menu."""
    plus, own = range(_FIRST, _FIRST + _SCANNED), [f"21{plu:05}01250" for plu in range(_FIRST, _FIRST + _SCANNED)]
    value = count_scans(testbed, [code + check_digit(code) for code in own])
    limit = count_scans(testbed, [venue.barcode(plu) for plu in plus])
    name = f"Python calls of a label, the worst of {_SCANNED}"
    yield Figure(name, value, "calls", limit, "as many barcodes", within(1.1))


PARTS: Final = (order, lists, long_order, types, combos, scans)
