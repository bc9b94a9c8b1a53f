"""A till of each release beside one of today, on a database of today: its wheel, unpacked, with today's libraries."""

from __future__ import annotations

import csv
import sys
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from till.domain.catalogue.labels import check_digit

if TYPE_CHECKING:
    from tests.e2e.terminal import Terminal
    from tests.plugins.terminals import Venue

WHEELS = sorted((Path(__file__).parents[1] / "upgrade/fixtures").glob("*/till-*.whl"))
SALES = "SELECT till_id, total_amount::text FROM cold.orders ORDER BY created_at"
LINES = (
    "SELECT item_name, quantity, unit_price::text, measure, subtotal::text FROM cold.order_item ORDER BY 4 NULLS FIRST"
)
OPEN = "SELECT count(*)::int FROM till.conflicts UNION ALL SELECT count(*)::int FROM warm.quarantine"


def open_released(wheel: Path, venue: Venue, tmp_path: Path) -> Terminal:
    """Open till 2 as a released program, and log somebody in."""
    with zipfile.ZipFile(wheel) as packed:
        packed.extractall(tmp_path)
    program = [sys.executable, "-P", "-c", "from till.cli.main import run; run()", "demo", "--till", "2"]
    return venue.log_in(venue.connected(venue.spawn(program, more={"PYTHONPATH": str(tmp_path)})), 2)


@pytest.mark.parametrize("wheel", WHEELS, ids=lambda wheel: wheel.name)
def test_a_released_till_and_one_of_today_sell_each_others_tables(wheel: Path, venue: Venue, tmp_path: Path) -> None:
    today = venue.open_at(1)
    released = open_released(wheel, venue, tmp_path)
    for number, (one, other) in enumerate([(today, released), (released, today)], 5):
        one.type("2 idly\r").wait_for("Total ₹80.00").type(f"table {number}\r").wait_for("No lines yet.")
        one.wait_for("● saved")
        other.press("f8").wait_for("80.00").type(f"{number}\r").wait_for("1 line, ₹80.00.")
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


@pytest.mark.parametrize("wheel", WHEELS, ids=lambda wheel: wheel.name)
def test_a_released_till_sells_beside_languages_that_it_does_not_know(
    wheel: Path, venue: Venue, tmp_path: Path
) -> None:
    today = venue.open_at(1)
    released = open_released(wheel, venue, tmp_path)
    for words in (
        ("users", "set-language", "2", "es"),
        ("settings", "set", "ticket_languages", '{Bar = "hi"}'),
        ("settings", "set", "languages", '["en", "es"]'),
    ):
        done = venue.run("admin", *words)
        assert done.returncode == 0, done.stdout + done.stderr
    today.type("2 idly\r").wait_for("Total ₹80.00").press("f9").wait_for("Ctrl+F English")
    today.type("\x06").wait_for("Ctrl+F Español").press("escape").wait_for("Back to the order.")
    today.type("table 5\r").wait_for("No lines yet.").wait_for("● saved")
    released.press("f8").wait_for("80.00").type("5\r").wait_for("1 line, ₹80.00.")
    released.type("1 masala dosa\r").wait_for("Total ₹160.00").type("cash\r").wait_for("Paid ₹160.00, exact.")
    released.wait_for("● saved")
    assert venue.rows(SALES) == [(2, "160.00")]
    assert venue.rows(OPEN) == [(0,), (0,)]


@pytest.mark.parametrize("wheel", WHEELS, ids=lambda wheel: wheel.name)
def test_a_released_till_sells_the_lines_of_both_kinds_of_labels(wheel: Path, venue: Venue, tmp_path: Path) -> None:
    today = venue.open_at(1)
    file = tmp_path / "menu.csv"
    assert venue.run("admin", "menu", "export", str(file)).returncode == 0
    with file.open(newline="", encoding="utf-8-sig") as before:
        header, *rows = csv.reader(before)
    named = [dict(zip(header, row, strict=True)) for row in rows]
    coffee = next(one for one in named if one["name"] == "Filter Coffee")
    halwa = {"name": "Halwa", "price": "90.00", "plu": "800", "unit": "kg"}
    halwa |= {name: coffee[name] for name in ("category", "tax")}
    with file.open("w", newline="", encoding="utf-8") as after:
        csv.writer(after).writerows([header, *rows, [halwa.get(name, "") for name in header]])
    for words in (
        ("settings", "set", "labels", "21IIIIIWW.WWWC 23IIIIIPPP.PPC"),
        ("menu", "import", str(file)),
    ):
        done = venue.run("admin", *words)
        assert done.returncode == 0, done.stdout + done.stderr
    priced, weighed = (code + check_digit(code) for code in ("230080001250", "210080000500"))
    today.wait_for("● saved").type("halwa").wait_for("90.00").type("\x15")  # the menu came last
    today.type(f"{priced}\r").wait_for("Total ₹12.50").type(f"{weighed}\r").wait_for("Total ₹57.50")
    today.type("table 5\r").wait_for("No lines yet.").wait_for("● saved")
    released = open_released(wheel, venue, tmp_path / "released")
    released.press("f8").wait_for("57.50").type("5\r").wait_for("2 lines, ₹57.50.")
    released.press("up").type("+\r").wait_for("70.00")
    released.type("cash\r").wait_for("Paid ₹70.00, exact.").wait_for("● saved")
    assert venue.rows(LINES) == [("Halwa", 2, "12.50", None, "25.00"), ("Halwa", 1, "90.00", "0.500 kg", "45.00")]
    assert venue.rows(OPEN) == [(0,), (0,)]
    number = venue.rows("SELECT receipt FROM cold.orders")[0][0]
    today.press("f10").type(f"#{number}\r").wait_for("0.500 kg").type(f"{weighed}\r").wait_for("Refund 45.00")


@pytest.mark.parametrize("wheel", WHEELS, ids=lambda wheel: wheel.name)
def test_a_released_till_keeps_a_rated_line_and_sells_it_once_a_manager_skips_its_rates(
    wheel: Path, venue: Venue, tmp_path: Path
) -> None:
    today = venue.open_at(1)
    released = open_released(wheel, venue, tmp_path / "released")
    file = tmp_path / "menu.csv"
    assert venue.run("admin", "menu", "export", str(file)).returncode == 0
    with file.open(newline="", encoding="utf-8-sig") as before:
        header, *rows = csv.reader(before)
    price = header.index("price")
    for row in rows:
        row[price] = "31.00" if row[0] == "Filter Coffee" else row[price]
    with file.open("w", newline="", encoding="utf-8") as after:
        csv.writer(after).writerows(
            [[*header, "tax dine_in"], *([*row, "GST 18"[: 6 * (row[0] == "Idly")]] for row in rows)]
        )
    refused = venue.run("admin", "menu", "import", str(file), "--yes")
    assert refused.returncode == 1
    assert f"Update first: Till 2 ({wheel.name.split('-')[1]})." in refused.stderr
    done = venue.run("admin", "menu", "import", str(file), "--yes", "--anyway")
    assert done.returncode == 0, done.stdout + done.stderr
    today.wait_for("● saved").type("filter coffee").wait_for("31.00").type("\x15")  # the menu came last
    today.type("2 idly\r").wait_for("Total ₹80.00").type("table 5\r").wait_for("No lines yet.").wait_for("● saved")
    released.press("f8").wait_for("80.00").type("5\r").wait_for("1 record cannot be read")
    released.press("f9").wait_for("A record cannot be read.")
    assert venue.rows(SALES) == []
    released.type("\x15").wait_for("line_rated").type("9\r9999\r").wait_for("Skipped.")
    released.type("cash\r").wait_for("Paid ₹80.00, exact.").wait_for("● saved")
    sold = "SELECT order_type, subtotal::text, taxes->0->>'rate' FROM cold.order_item"
    assert venue.rows(sold) == [("dine_in", "80.00", "5")]
    assert venue.rows("SELECT kind FROM till.conflicts") == [("record_skipped",)]


@pytest.mark.parametrize("wheel", WHEELS, ids=lambda wheel: wheel.name)
def test_a_released_till_takes_no_money_for_a_line_with_combos(wheel: Path, venue: Venue, tmp_path: Path) -> None:
    add = ("admin", "promotions", "add", "Lunch", "--price", "60", "--slot", "Main: Idly", "--slot", "Side: Idly")
    assert venue.run(*add).returncode == 0
    today = venue.open_at(1)
    released = open_released(wheel, venue, tmp_path / "released")
    released.wait_for("● saved").type("2 idly\r").wait_for("Total ₹80.00").type("cash\r").wait_for(
        "Paid ₹80.00, exact."
    )
    today.wait_for("● saved").type("2 idly\r").wait_for("Total ₹60.00").type("table 5\r").wait_for("No lines yet.")
    today.wait_for("● saved")
    released.press("f8").wait_for("60.00").type("5\r").wait_for("1 record cannot be read")
    released.press("f9").wait_for("A record cannot be read.")
    assert venue.rows("SELECT subtotal::text FROM cold.order_item") == [("80.00",)]
