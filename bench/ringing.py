"""`python -m tools.replay` in sales per second: the whole command, from the files to the last acknowledgement."""

from __future__ import annotations

import csv
import json
import os
import shutil
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any, Final

from msgspec.structs import replace

from bench.journal import RawDisk
from bench.table import Figure
from db.embedded import EmbeddedServer
from till.domain.events.envelope import NO_HASH, Draft, Origin, seal
from till.domain.order.events import ItemAdded
from till.wiring.parts import WallClock, new_journal_id

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from bench.testbed import Bench

#: The lines of a sale. Each line and the payment is a transaction of the journal.
_LINES: Final = 3
_COMMANDS: Final = _LINES + 1
_WARM: Final = 20
_HEADS: Final = {
    "departments": ("department", "name", "tax_band"),
    "menu": ("item", "department", "unit_price", "sold"),
    "days": ("trading_day", "business_date", "starttime", "endtime", "tender", "declared_total"),
    "lines": (
        *(
            "line_id",
            "trading_day",
            "sale_id",
            "time",
            "till",
            "user_id",
            "code",
            "voided_by",
            "quantity",
            "unit_price",
        ),
        *("unit_discount", "discount_name", "department", "item"),
    ),
    "payments": ("payment_id", "trading_day", "sale_id", "time", "till", "user_id", "tender", "amount"),
}


def write_bar(folder: Path, sales: Sequence[int]) -> None:
    """Write recorded days with these numbers of sales, of three lines each, paid in cash or by card."""
    rows: dict[str, list[tuple[Any, ...]]] = {name: [] for name in _HEADS}
    rows["departments"] = [("10", "Ale", "A")]
    rows["menu"] = [(f"Ale {n}", "10", f"{3 + n}.20", 1) for n in range(20)]
    for day, count in enumerate(sales, 1):
        date = f"2025-07-{day:02}"
        rows["days"] += [
            (day, date, f"{date} 10:00:00", f"{date} 23:00:00", tender, "1.00") for tender in ("CASH", "SQUARE")
        ]
        for sale in range(count):
            moment = f"{date} {11 + sale // 360 % 12}:{sale // 6 % 60:02}:{sale % 6 * 10:02}"
            name, total = f"{day}-{sale}", 0
            for line in range(_LINES):
                item = (sale + line * 7) % 20
                total += 320 + 100 * item
                rows["lines"].append(
                    (len(rows["lines"]) + 1, day, name, moment, "bar", 4, "S", "", 1, f"{3 + item}.20", "0.00", "",
                     "10", f"Ale {item}")
                )  # fmt: skip
            tender = ("CASH", "SQUARE")[sale % 2]
            amount = f"{total // 100}.{total % 100:02}"
            rows["payments"].append((len(rows["payments"]) + 1, day, name, moment, "bar", 4, tender, amount))
    for table, head in _HEADS.items():
        with (folder / f"{table}.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([head, *rows[table]])


def _replay(bar: Path, data: Path, day: int) -> tuple[float, dict[str, Any]]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("TILL_", "PG"))}
    environment = {
        **kept,
        "TILL_DATA_DIR": str(data),
        "TILL_SYSTEM_DIR": str(data.parent / "system"),
        "LANG": "C.UTF-8",
    }
    command = [sys.executable, "-m", "tools.replay", str(bar), "--days", str(day), "--json"]
    begun = time.perf_counter()
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    return time.perf_counter() - begun, json.loads(done.stdout)


def _disk_rate(folder: Path, commits: int) -> float:
    """Return raw commits per second of an event of usual size."""
    some = new_journal_id()
    line = ItemAdded(line_id=some, item_id="x" * 180, item_name="Ale" + "x" * 180, quantity=1, price="4.20", taxes=())
    origin = Origin(some, 1, some, 1, None, None, WallClock().now())
    event = seal(Draft(line, some), origin, event_id=some, seq=1, prev_hash=NO_HASH, salt=str)
    raw = RawDisk(str(folder / "raw.sqlite"))
    begun = time.perf_counter()
    for seq in range(1, commits + 1):
        raw.commit(replace(event, seq=seq))
    seconds = time.perf_counter() - begun
    raw.close()
    return commits / seconds


def measure(testbed: Bench, sales: int) -> tuple[float, float]:
    """Measure sales per second of a replay, and of the disk alone if each command were a raw commit.

    Raises:
        RuntimeError: the replay lost a sale.
    """
    folder = testbed.new_folder()
    bar, data = folder / "bar", testbed.folder / "replay"
    bar.mkdir()
    write_bar(bar, (_WARM, sales))
    try:
        _replay(bar, data, 1)  # creates the database
        seconds, report = _replay(bar, data, 2)
    finally:
        EmbeddedServer(data, system_dir=testbed.folder / "system").stop(even_if_used=True)
        shutil.rmtree(data, ignore_errors=True)
    if report["lost"] or [day["sales"] for day in report["days"]] != [sales]:
        raise RuntimeError(f"The replay lost a sale: {report}")
    return sales / seconds, _disk_rate(folder, 500) / _COMMANDS


def run(testbed: Bench) -> Iterator[Figure]:
    """Yield a replay of one day."""
    own, limit = measure(testbed, 3000 if testbed.full else 600)
    against = f"raw SQLite commits, {_COMMANDS} a sale, no database"
    yield Figure("replay, the whole command", own, "sales/s", limit, against)
