"""A scanner's burst: keys of barcodes in sequence, 5 ms apart, and the time until each line is shown."""

from __future__ import annotations

import re
import shutil
import time
from typing import TYPE_CHECKING, Final

from bench import venue
from bench.keys import BARE, bare_app, row_pattern
from bench.shop import Shop
from bench.table import Figure, Sample, exactly, under

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bench.terminal import Terminal
    from bench.testbed import Bench

_GAP: Final = 0.005
_LINES: Final = 450
_ITEMS: Final = 10_000
_PATIENCE: Final = 2.0


def scan(terminal: Terminal, codes: list[tuple[int, str]]) -> tuple[list[float], int]:
    """Type codes with Enter, a key every 5 ms. Return the seconds from each Enter to its row, and the lost lines."""
    terminal.type("")
    pressed: dict[int, float] = {}
    pieces: list[tuple[float, bytes]] = []
    due = time.perf_counter()
    for plu, code in codes:
        for key in f"{code}\r":
            pieces += terminal.read_until(due)
            pressed[plu] = terminal.press(key)  # the last key is Enter
            due = max(due + _GAP, pressed[plu])
    pieces += terminal.read_until(time.perf_counter() + _PATIENCE)
    return _match(pressed, pieces)


def _match(pressed: dict[int, float], pieces: list[tuple[float, bytes]]) -> tuple[list[float], int]:
    """Return the seconds until each item's row appeared in the output, and the number of missing rows."""
    ends, text = [], b""
    for moment, piece in pieces:
        text += piece
        ends.append((len(text), moment))
    found, lost, place = [], 0, 0
    for plu, moment in pressed.items():
        row = re.compile(row_pattern(plu)).search(text)
        if row is None:
            lost += 1
            continue
        place = next(at for at in range(len(ends)) if ends[at][0] >= row.end())
        found.append(ends[place][1] - moment)
    return found, lost


def measure(testbed: Bench, scans: int) -> tuple[Sample, Sample, int]:
    """Measure milliseconds of each scan on the till and on the bare app (by PLU), and count the lines the till lost."""
    plus = range(_LINES + 1, _LINES + 1 + scans)
    with testbed.database(_ITEMS) as database:
        shop = Shop(testbed.new_folder(), 1, database.app.url)
        shop.open(_LINES, _ITEMS, secret=testbed.secrets[1])
        with shop.terminal() as terminal:
            shop.log_in(terminal)
            own, lost = scan(terminal, [(plu, venue.barcode(plu)) for plu in plus])
        shutil.rmtree(shop.folder)
    with bare_app(_LINES, _ITEMS) as bare:
        limit, _none = scan(bare, [(plu, f"{plu:013}") for plu in plus])
    return Sample.of(own, 1000), Sample.of(limit, 1000), lost


def run(testbed: Bench) -> Iterator[Figure]:
    """Yield scans without a pause on an order of some 500 lines."""
    own, limit, lost = measure(testbed, 1000 if testbed.full else 150)
    name = "scanner's burst: 14 keys 5 ms apart"
    yield Figure(f"{name}, worst line", own.worst, "ms", limit.worst, BARE, under(16, "ms"), own)
    yield Figure(f"{name}, median line", own.median, "ms", limit.median, BARE)
    yield Figure("  lines lost", lost, "lines", goal=exactly(0))
