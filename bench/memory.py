"""The memory of a till after a day of 1,000 sales, compared with a Python that has loaded the same libraries."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bench.shift import rest
from bench.shop import Shop
from bench.table import Figure, under

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bench.terminal import Terminal
    from bench.testbed import Bench

SALES: Final = 1000
#: The further sales of the shift.
_FURTHER: Final = 1000
#: The sales that are typed in one write.
_BURST: Final = 40
_LIBRARIES: Final = (
    "import sqlite3, psycopg, textual.app, textual.widget, argon2, msgspec, rapidfuzz.process; "
    "print(open('/proc/self/status').read())"
)

#: F1, as a terminal sends it.
_HELP: Final = "\x1bOP"


def _megabytes(status: str) -> float:
    found = re.search(r"VmRSS:\s+(\d+) kB", status)
    if found is None:
        raise RuntimeError("This system does not say how much memory a process holds.")
    return int(found[1]) / 1000


def resident_megabytes(process: int) -> float:
    """Return the memory that a process holds."""
    return _megabytes(Path(f"/proc/{process}/status").read_text(encoding="ascii"))


def _sell(terminal: Terminal, sold: int, sales: int) -> None:
    """Sell `sales` orders of three lines for cash, after `sold` earlier ones."""
    for burst in range(sold, sold + sales, _BURST):
        keys = "".join(
            f"{1 + n % 60}\r2 {1 + (n * 7 + 3) % 60}\r{1 + (n * 11 + 5) % 60}\rcash\r"
            for n in range(burst, burst + _BURST)
        )
        # the help is painted after the sales and completely; of a receipt number only the changed digits are painted
        terminal.type(f"{keys}{_HELP}")
        terminal.wait_for(b"Key an item")
        terminal.press("\r")


def measure(testbed: Bench, shop: Shop, *counts: int) -> Iterator[float]:
    """Yield the megabytes of a till at rest, with its books read, after each of these numbers of sales."""
    shop.open(0, 60, secret=testbed.secrets[shop.till])
    with shop.terminal() as terminal:
        shop.log_in(terminal)
        for first, sales in pairwise((0, *counts)):
            _sell(terminal, first, sales - first)
            terminal.wait_for("● saved".encode())
            rest(terminal)
            yield resident_megabytes(terminal.process.pid)


def run(testbed: Bench) -> Iterator[Figure]:
    """Yield the memory after a day's sales, and what further sales of the same shift add."""
    done = subprocess.run([sys.executable, "-c", _LIBRARIES], capture_output=True, text=True, check=True)
    limit, against = _megabytes(done.stdout), "Python with its libraries"
    with testbed.database() as database:
        shop = Shop(testbed.new_folder(), 1, database.app.url)
        try:
            first, last = measure(testbed, shop, SALES, SALES + _FURTHER)
        finally:
            shutil.rmtree(shop.folder)
    yield Figure(f"memory after {SALES:,} sales", first, "MB", limit, against, under(85, "MB"))
    more = (last - first) * SALES / _FURTHER
    yield Figure(f"  for {SALES:,} more in the same shift", more, "MB", goal=under(0.9, "MB"))
