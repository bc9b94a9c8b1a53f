"""The memory of a till after a day of 1,000 sales, compared with a Python that has loaded the same libraries."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bench.shop import Shop
from bench.table import Figure, under

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bench.terminal import Terminal
    from bench.testbed import Bench

SALES: Final = 1000
#: The sales that are typed in one write.
_BURST: Final = 10
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


def measure(testbed: Bench, sales: int) -> tuple[float, float, float]:
    """Measure megabytes of a till after its first and its second day, and of the libraries alone."""
    with testbed.database() as database:
        shop = Shop(testbed.new_folder(), 1, database.app.url)
        shop.open(0, 60, secret=testbed.secrets[1])
        days = []
        for first in (0, sales):
            with shop.terminal() as terminal:
                shop.log_in(terminal)
                _sell(terminal, first, sales)
                terminal.wait_for("● saved".encode())
                days.append(_megabytes(Path(f"/proc/{terminal.process.pid}/status").read_text(encoding="ascii")))
        shutil.rmtree(shop.folder)
    done = subprocess.run([sys.executable, "-c", _LIBRARIES], capture_output=True, text=True, check=True)
    return days[0], days[1], _megabytes(done.stdout)


def run(testbed: Bench) -> Iterator[Figure]:
    """Yield the memory after a later day, and after the first day."""
    first, other, limit = measure(testbed, SALES)
    for day, own in (("", other), (" on a till's first day", first)):
        what = f"memory after {SALES:,} sales{day}"
        yield Figure(what, own, "MB", limit, "Python with its libraries", under(80, "MB"))
