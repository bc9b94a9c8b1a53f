"""`python -m tools.replay` on the embedded database: real parts, real processes, kill -9."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from db.embedded import EmbeddedServer
from db.engine import connect
from tests.plugins.commands import run_here
from tests.replay.bar import ODD_LINES, ODD_SALES, ODD_TENDERS, Bar, odd_bar
from till.config import Folders, HeldVenue, VenueKind, hold_venue

if TYPE_CHECKING:
    from tests.e2e.loaded import ForkedTill, LoadedTill
    from tests.plugins.terminals import Venue

ROOT = Path(__file__).parents[2]
#: The real trading stands beside the project where it is worked on; everywhere else there is none.
REAL = ROOT.parent / "shared" / "data" / "emf2024"
REAL_TENDERS = {
    1: {"CASH": "16.10", "SQUARE": "421.55"},
    2: {"CASH": "434.00", "SQUARE": "11162.39"},
    3: {"CASH": "693.90", "SQUARE": "18784.25"},
}
#: Over and short of the counted cash; the other tender has none.
REAL_OVER = {1: "-0.10", 2: "3.95", 3: "-0.35"}
#: `make days` names all of them; the suite rings the first.
REAL_DAYS = os.environ.get("REPLAY_DAYS", "1")
TENDERS = """
    SELECT o.business_date::text, p.tender, sum(p.amount)::text
    FROM cold.orders AS o JOIN cold.order_payment AS p USING (order_id) GROUP BY 1, 2
"""


_REPLAY = """
import sys
from till.cli.main import run_module
sys.exit(run_module("replay", "tools.replay.command", sys.argv[1:]))
"""


def start(venue: Venue, loaded: LoadedTill, *arguments: str) -> ForkedTill:
    """Start a replay in a process of its own, which nobody reads from."""
    environment = venue.environment()
    assert loaded.fits(environment)
    with Path(os.devnull).open("r+b") as nothing:
        return loaded.fork(["-c", _REPLAY, *arguments], environment, *[nothing.fileno()] * 3)


def replay(*arguments: str, code: int = 0) -> tuple[Any, str]:
    done = run_here([*arguments, "--json"], tool="replay")
    assert done.returncode == code, done.stderr
    return json.loads(done.stdout) if done.stdout else None, done.stderr


def tenders(report: dict[str, Any]) -> dict[int, dict[str, str]]:
    return {day["day"]: day["tenders"] for day in report["days"]}


class Books:
    """The database of the data folder, up while it is looked into."""

    def __init__(self, data_dir: Path) -> None:
        self._server = EmbeddedServer(data_dir)

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        with self._server.acquire("a test"), connect(self._server.owner()) as connection:
            return connection.execute(query).fetchall()

    def events(self) -> int:
        return int(self.rows("SELECT count(*) FROM warm.session_events")[0][0])


def test_every_oddity_reaches_the_cold_tables_and_twice_is_once(tmp_path: Path, data_dir: Path) -> None:
    folder = odd_bar().write(tmp_path / "odd")
    report, _err = replay(str(folder))
    assert report["lost"] == 0
    assert tenders(report) == ODD_TENDERS
    assert [(day["sales"], day["lines"], day["unbalanced"]) for day in report["days"]] == [
        (ODD_SALES[day], ODD_LINES[day], 0) for day in (1, 2)
    ]
    books = Books(data_dir)
    assert {(day, tender): amount for day, tender, amount in books.rows(TENDERS)} == {
        (f"2025-07-0{day}", tender): amount for day, own in ODD_TENDERS.items() for tender, amount in own.items()
    }
    assert books.rows("SELECT status, count(*)::int FROM till.order_sessions GROUP BY 1 ORDER BY 1") == [
        ("completed", sum(ODD_SALES.values())),
        ("discarded", 2),
    ]
    assert books.rows("SELECT count(*)::int FROM warm.quarantine") == [(0,)]
    # The session shows the final order: a snapshot went with the last events of each.
    assert (
        books.rows(
            "SELECT id FROM till.order_sessions AS s JOIN cold.orders AS o ON o.session_id = s.id "
            "WHERE s.total <> o.total_amount"
        )
        == []
    )
    before = books.events()
    again, _err = replay(str(folder), "--ending", "today")
    assert again == report
    assert books.events() == before


def test_a_killed_replay_goes_on_loses_nothing_and_reports_an_unbalanced_sale(
    tmp_path: Path, data_dir: Path, bare_venue: Venue, loaded_till: LoadedTill
) -> None:
    bar = Bar()
    for sale in range(60):
        bar.sell(f"{sale}", "Bitter pint", 2, "4.80", at=f"12:{sale // 3:02d}")
        bar.pay(f"{sale}", "CASH", "10.00", at=f"12:{sale // 3:02d}")
        bar.pay(f"{sale}", "CASH", "-0.40", at=f"12:{sale // 3:02d}")
    bar.sell("short", "Bitter pint", 1, "4.80", at="12:30")
    bar.pay("short", "SQUARE", "4.00", at="12:30")
    folder = bar.write(tmp_path / "busy")
    journal = data_dir / "journals" / "till-90-replay.sqlite-wal"
    ends = []
    for _time in range(3):
        size = journal.stat().st_size if journal.exists() else 0
        process = start(bare_venue, loaded_till, str(folder))
        deadline = time.monotonic() + 60
        while process.poll() is None and time.monotonic() < deadline:
            grown = journal.stat().st_size if journal.exists() else 0
            if grown > size + 20_000:
                break
            with suppress(subprocess.TimeoutExpired):
                process.wait(0.005)
        process.kill()
        ends.append(process.wait())
    assert -signal.SIGKILL in ends
    report, err = replay(str(folder), code=1)
    assert "Sale short of day 1 does not balance: its lines come to 4.80, its payments to 4.00." in err
    assert report == {
        "days": [
            {"day": 1, "sales": 60, "lines": 60, "tenders": {"CASH": "576.00"}, "unbalanced": 1},
            {"day": 2, "sales": 0, "lines": 0, "tenders": {}, "unbalanced": 0},
        ],
        "lost": 0,
    }
    books = Books(data_dir)
    assert books.rows(TENDERS) == [("2025-07-01", "CASH", "576.00")]
    waiting = "SELECT status, user_id FROM till.order_sessions WHERE status <> 'completed'"
    assert books.rows(waiting) == [("pending_logout", 4)]
    assert books.rows("SELECT count(*)::int, count(DISTINCT receipt)::int FROM cold.orders") == [(60, 60)]


def test_a_file_that_does_not_read_makes_no_venue(tmp_path: Path, data_dir: Path) -> None:
    folder = odd_bar().write(tmp_path / "odd")
    (folder / "days.csv").unlink()
    report, err = replay(str(folder), code=1)
    assert report is None
    assert err == (
        f"till: {folder} has no days.csv. Recorded trading is the files "
        "departments.csv, menu.csv, days.csv, lines.csv, payments.csv.\n"
    )
    assert not data_dir.exists()


def test_a_folder_that_holds_another_venue_is_left_alone(tmp_path: Path, data_dir: Path) -> None:
    folders = Folders(data_dir)
    hold_venue(folders, HeldVenue(VenueKind.OWN, "0b8f7a52-6f0c-4d31-9d43-6f6e6a1b9a10", "Café", "EUR"))
    report, err = replay(str(odd_bar().write(tmp_path / "odd")), code=1)
    assert report is None
    assert err == (
        f"till: The data folder {data_dir} holds the venue Café. Name another in TILL_DATA_DIR for the replay.\n"
    )
    assert not (data_dir / "postgres").exists()


@pytest.mark.parametrize(
    "arguments", [("--days", "one"), ("--days", ","), ("--speed", "fast"), ("--speed", "0"), ("--ending", "soon"), ()]
)
def test_wrong_usage_is_one_line_and_exit_2(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    done = run_here([str(tmp_path), *arguments] if arguments else [], tool="replay")
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)


@pytest.mark.slow
@pytest.mark.skipif(not REAL.is_dir(), reason="the real trading is kept beside the project, and is not here")
def test_real_trading_comes_through_to_the_penny(data_dir: Path) -> None:
    report, err = replay(str(REAL), "--days", REAL_DAYS, "--count")
    days = [int(day) for day in REAL_DAYS.split(",")]
    assert report["lost"] == 0, err
    assert tenders(report) == {day: REAL_TENDERS[day] for day in days}
    assert [day["unbalanced"] for day in report["days"]] == [0] * len(days)
    assert [day["over"] for day in report["days"]] == [{"CASH": REAL_OVER[day], "SQUARE": "0.00"} for day in days]
    found = Books(data_dir).rows(TENDERS)
    dates = {1: "2024-05-29", 2: "2024-05-30", 3: "2024-05-31"}
    assert {(date, tender): amount for date, tender, amount in found} == {
        (dates[day], tender): amount for day in days for tender, amount in REAL_TENDERS[day].items()
    }
