"""The time from Enter to the painted line: the till on a real journal, compared with the bare app, in turn."""

from __future__ import annotations

import math
import os
import re
import sys
import time
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING, Final, NamedTuple

from bench import venue
from bench.proxy import slow_link
from bench.shop import NOWHERE, shops
from bench.table import Figure, Sample, paired, under, within
from bench.terminal import GAP, Terminal
from bench.testbed import through

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bench.proxy import Proxy
    from bench.testbed import Bench

BARE: Final = "bare Textual app, same widgets"
#: The most times of the bare app that a key may run on the processor, by the lines of its order.
_PROCESSOR: Final = {1: 1.9, 20: 1.5, 50: 1.5, 500: 1.6}
#: Keys at the start of a process that are not counted.
_WARM: Final = 3
#: The minimum number of keys of a process, however long they take.
_FEWEST: Final = 50
#: Output between two digits. Escape sequences match as a whole, so that their digits do not count.
_PASSED: Final = rb"(?:\x1b\[[^A-Za-z]*[A-Za-z]|[^\x1b])*?"


@dataclass(frozen=True, slots=True)
class Setting:
    """The setting of a measurement.

    Attributes:
        lines: the average number of the order's lines.
        items: the items on the menu; more than the lines of an order, because equal lines would share a row.
        links: the milliseconds of a round trip to the database, "away" or "frozen".
        keys: the keys measured on each till.
        order: the keys measured on one order, which grows by that many lines. Then it is paid, and another is keyed.
        life: the keys measured on one process.
        seconds: the time after which fewer keys suffice, so that a busy machine does not delay the whole table.
    """

    lines: int
    items: int
    links: tuple[float | str, ...]
    keys: int
    order: int
    life: int = 1000
    seconds: float = math.inf

    @property
    def first(self) -> int:
        """The lines of an order before its first measured key."""
        return max(0, self.lines - max(1, self.order // 2))


def row_pattern(plu: int) -> bytes:
    """Return the pattern of an item's row in terminal output, from its name to its amount."""
    return re.escape(venue.item_name(plu).encode()) + GAP + re.escape(venue.item_price(plu).encode())


def typed_pattern(plu: int) -> bytes:
    """Return the pattern of a typed number. Each digit may be painted separately."""
    return rb"\A" + b"".join(_PASSED + bytes([digit]) for digit in str(plu).encode())


class Press(NamedTuple):
    """The seconds of one key.

    Attributes:
        took: the time from Enter to the output of the row.
        processor: the part that the program ran on a processor. The rest it waited for the disk or a processor.
    """

    took: float
    processor: float


def press(terminal: Terminal, plu: int) -> Press:
    """Key an item by its number."""
    terminal.type(str(plu))
    terminal.wait_for(typed_pattern(plu))
    terminal.settle(0.006)
    spent = terminal.processor_seconds()
    pressed = terminal.type("\r")
    painted = terminal.wait_for(row_pattern(plu))
    spent = terminal.processor_seconds() - spent
    terminal.settle(0.006)
    return Press(painted - pressed, spent)


@contextmanager
def bare_app(lines: int, items: int) -> Iterator[Terminal]:
    """Run the bare app until it is ready for a key."""
    environment = {**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "C.UTF-8"}
    terminal = Terminal([sys.executable, "-m", "bench.bare", str(lines), str(items)], environment)
    try:
        terminal.wait_for(rb"Group")
        terminal.settle(0.3)
        yield terminal
    finally:
        terminal.close()


@contextmanager
def proxies(testbed: Bench, setting: Setting) -> Iterator[tuple[list[str], list[Proxy]]]:
    """Yield the addresses of a venue's database, one for each link of a setting, and the proxies to freeze."""
    with ExitStack() as stack:
        database = stack.enter_context(testbed.database(setting.items))
        urls: list[str] = []
        frozen: list[Proxy] = []
        for link in setting.links:
            if link == "away":
                urls.append(NOWHERE)
                continue
            delay = link if isinstance(link, int | float) else 0
            proxy = stack.enter_context(slow_link(database.app.host, database.app.port, delay))
            urls.append(through(database.app, "127.0.0.1", proxy.port).url)
            if link == "frozen":
                frozen.append(proxy)
        yield urls, frozen


def _one_life(testbed: Bench, setting: Setting, keys: int, until: float) -> list[list[Press]]:
    """Key the same items on each till and on the bare app, in turn. Return the times of each; the bare app is last."""
    first = setting.first
    with (
        proxies(testbed, setting) as (urls, frozen),
        shops(testbed, urls, first, setting.items) as tills,
        bare_app(first, setting.items) as bare,
    ):
        for proxy in frozen:
            proxy.freeze()
        return _press_in_turn([*(terminal for _shop, terminal in tills), bare], setting, keys, until)


def _press_in_turn(terminals: Sequence[Terminal], setting: Setting, keys: int, until: float) -> list[list[Press]]:
    times: list[list[Press]] = [[] for _ in terminals]
    plu = setting.first
    for number in range(-_WARM, keys):
        if number >= _FEWEST and time.monotonic() > until:
            break
        if number > 0 and number % setting.order == 0:
            plu = setting.first
            for terminal in terminals:
                begin_anew(terminal, plu)
        plu += 1
        for place in _turn(len(terminals), number):
            took = press(terminals[place], plu)
            if number >= 0:
                times[place].append(took)
    return times


def begin_anew(terminal: Terminal, lines: int) -> None:
    """Pay the order, and key `lines` lines of another one."""
    terminal.type("cash\r")
    terminal.wait_for(rb"Paid")
    terminal.settle(0.02)
    if lines:
        terminal.type("".join(f"{plu}\r" for plu in range(1, lines + 1)))
        terminal.wait_for(row_pattern(lines))
        terminal.settle(0.05)


def _turn(count: int, number: int) -> list[int]:
    """Return the order of the programs for a key. It rotates."""
    start = number % count
    return [*range(start, count), *range(start)]


def measure(testbed: Bench, setting: Setting) -> list[tuple[Sample, Sample]]:
    """Measure milliseconds of keys, in total and on the processor: a pair for each link, then for the bare app."""
    lives: list[list[list[Press]]] = []
    left, until = setting.keys, time.monotonic() + setting.seconds
    while left > 0 and (not lives or time.monotonic() < until):
        lives.append(_one_life(testbed, setting, min(setting.life, left), until))
        left -= setting.life
    pressed = [list(chain.from_iterable(own)) for own in zip(*lives, strict=True)]
    return [(Sample.of((p.took for p in own), 1000), Sample.of((p.processor for p in own), 1000)) for own in pressed]


def rows_of(setting: Setting, samples: Sequence[tuple[Sample, Sample]], *, bounded: bool) -> list[Figure]:
    """Return the rows of a setting: the till at each link, compared with the bare app."""
    bare, bare_ran = samples[-1]
    first = samples[0][0]
    rows = []
    for link, (own, ran) in zip(setting.links, samples, strict=False):
        name = f"key to line: {_lines(setting.lines)}, {setting.items:,} items, {_link(link)}"
        rows.append(Figure(f"{name}, p95", own.p95, "ms", bare.p95, BARE, under(8, "ms"), own))
        if bounded:
            rows.append(Figure(f"{name}, p99", own.p99, "ms", bare.p99, BARE, under(16, "ms")))
        rows.append(Figure(f"{name}, median", own.median, "ms", bare.median, BARE, within(1.5)))
        ratios = Sample.of(mine / theirs for mine, theirs in zip(ran.values, bare_ran.values, strict=True) if theirs)
        if ratios.values:  # empty where the machine does not tell
            goal = within(_PROCESSOR[setting.lines]) if link == 0 else None
            on_it = f"{name}, on the processor, in pairs"
            rows.append(Figure(on_it, ran.median, "ms", bare_ran.median, BARE, goal, ran, ratios))
            rows.append(Figure("  its surplus over the bare app", paired(ran, bare_ran), "ms"))
    if bounded:
        rows.append(Figure("  the bare app, p95", bare.p95, "ms", sample=bare))
        rows += [
            Figure(f"  {_link(link)}: slower in pairs than {_link(setting.links[0])}", paired(own, first), "ms",
                goal=under(0.5, "ms"))
            for link, (own, _ran) in zip(setting.links[1:], samples[1:], strict=False)
        ]  # fmt: skip
    return rows


def _lines(count: int) -> str:
    return "1 line" if count == 1 else f"{count} lines"


def _link(link: float | str) -> str:
    return f"{link:g} ms" if isinstance(link, int | float) else f"database {link}"


def _main(testbed: Bench) -> list[Figure]:
    keys, life = (1000, 200) if testbed.full else (80, 80) if testbed.again else (200, 200)
    setting = Setting(500, 10_000, (0, 20, 200), keys, life, life, math.inf if testbed.full else 40)
    return rows_of(setting, measure(testbed, setting), bounded=True)


def _without_database(testbed: Bench) -> list[Figure]:
    keys, life, seconds = (1000, 200, math.inf) if testbed.full else (100, 100, 10)
    setting = Setting(500, 10_000, ("away", "frozen"), keys, life, life, seconds)
    return rows_of(setting, measure(testbed, setting), bounded=False)


def _smaller(lines: int, items: int, order: int, testbed: Bench) -> list[Figure]:
    keys, seconds = (1000, math.inf) if testbed.full else (100, 10)
    setting = Setting(lines, items, (0,), keys, order, seconds=seconds)
    return rows_of(setting, measure(testbed, setting), bounded=False)


#: The settings. Of each, all tills and the bare app are measured in turn.
PARTS: Final = (
    _main,
    _without_database,
    partial(_smaller, 50, 10_000, 20),
    partial(_smaller, 50, 60, 14),
    partial(_smaller, 20, 60, 14),
    partial(_smaller, 1, 60, 1),
)
