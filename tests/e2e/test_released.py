"""A till of each release beside one of today, on a database of today: its wheel, unpacked, with today's libraries."""

from __future__ import annotations

import sys
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.plugins.terminals import Venue

WHEELS = sorted((Path(__file__).parents[1] / "upgrade/fixtures").glob("*/till-*.whl"))
SALES = "SELECT till_id, total_amount::text FROM cold.orders ORDER BY created_at"
OPEN = "SELECT count(*)::int FROM till.conflicts UNION ALL SELECT count(*)::int FROM warm.quarantine"


@pytest.mark.parametrize("wheel", WHEELS, ids=lambda wheel: wheel.name)
def test_a_released_till_and_one_of_today_sell_each_others_tables(wheel: Path, venue: Venue, tmp_path: Path) -> None:
    with zipfile.ZipFile(wheel) as packed:
        packed.extractall(tmp_path)
    program = [sys.executable, "-P", "-c", "from till.cli.main import run; run()", "demo", "--till", "2"]
    today = venue.open_at(1)
    released = venue.spawn(program, more={"PYTHONPATH": str(tmp_path)}).wait_for("type a number").wait_for("● saved")
    venue.log_in(released, 2)
    for number, (one, other) in enumerate([(today, released), (released, today)], 5):
        one.type("2 idly\r").wait_for("Total ₹80.00").type(f"table {number}\r").wait_for("No lines yet.")
        one.wait_for("● saved")
        other.press("f8").wait_for(f"Table {number}").type(f"{number}\r").wait_for("1 line, ₹80.00.")
        other.type("1 masala dosa\r").wait_for("Total ₹160.00").type("cash\r").wait_for("Paid ₹160.00, exact.")
        other.wait_for("● saved")
    assert venue.rows(SALES) == [(2, "160.00"), (1, "160.00")]
    assert venue.rows(OPEN) == [(0,), (0,)]
    # it does not know of tills that take no money: what it takes counts, and it is named
    venue.rows("UPDATE till.tills SET money_changes = 1, money_changed_at = now() WHERE id = 2 RETURNING id")
    released.type("2 idly\r").wait_for("Total ₹80.00").type("cash\r").wait_for("Paid ₹80.00, exact.")
    released.wait_for("● saved")
    assert venue.rows(SALES)[2:] == [(2, "80.00")]
    waits = "SELECT till.money_waits(t) FROM till.tills AS t WHERE id = 2"
    assert venue.rows(waits) == [({"why": "shift", "build": wheel.name.split("-")[1]},)]
    assert venue.rows(OPEN) == [(0,), (0,)]
