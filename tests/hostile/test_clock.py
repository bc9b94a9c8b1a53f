"""A wrong clock, and its warning: the database knows the time, and every answer carries it."""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from till.ports import Light, LightState
from till.sync.status import SyncStatus

if TYPE_CHECKING:
    from tests.plugins.terminals import Venue

NOON = datetime(2026, 3, 3, 12, 0, tzinfo=UTC)
#: A till whose machine's clock is off by so many hours.
OFF = """
import sys
from datetime import timedelta
from till.wiring import parts
now = parts.WallClock.now
parts.WallClock.now = lambda self: now(self) + timedelta(hours=float(sys.argv[1]))
from till.cli.main import main
sys.exit(main(["demo"]))
"""


class Quiet:
    """A journal with nothing to send, a silent listener, and a stopped clock."""

    def __init__(self, now: datetime) -> None:
        self.head = self.acked = type("Head", (), {"seq": 0})()
        self._now = now

    def now(self) -> datetime:
        return self._now

    def light_changed(self, light: Light) -> None:
        """Do nothing: nobody looks."""


@pytest.mark.parametrize(
    ("off", "words"),
    [
        (timedelta(days=1), "1 day ahead"),
        (timedelta(days=-40), "40 days behind"),
        (timedelta(days=365), "365 days ahead"),
        (timedelta(days=-365), "365 days behind"),
        (timedelta(hours=-2), "2 hours behind"),
        (timedelta(minutes=11), "11 minutes ahead"),
        (timedelta(minutes=-4), ""),
        (timedelta(0), ""),
    ],
)
def test_words_that_the_light_adds_for_a_wrong_clock(off: timedelta, words: str) -> None:
    quiet = Quiet(NOON + off)
    status = SyncStatus(quiet, quiet, quiet)  # type: ignore[arg-type] # it asks nothing else of them
    status.compare(NOON)
    assert status.light.state is LightState.SAVED
    assert words in status.light.notice
    assert bool(words) == bool(status.light.notice)
    status.compare(quiet.now())
    assert status.light.notice == "", "it goes away when the clock is set"


def test_a_till_whose_clock_is_a_day_off_says_so_and_sells(venue: Venue, subtests: pytest.Subtests) -> None:
    for hours, words in ((24, "1 day ahead"), (-8760, "365 days behind")):
        with subtests.test(words):
            till = venue.spawn([sys.executable, "-c", OFF, str(hours)])
            till.wait_for("type a number").wait_for(f"This till's clock is {words}")
            venue.log_in(till).wait_for(f"clock is {words}").wait_for("● saved")
            till.type("2 idly\r").wait_for("Total ₹80.00").press("f9").wait_for("Enter takes").type("100\r")
            till.wait_for("Change ₹20.00").wait_for("● saved")
            query = "SELECT array_agg(event_id::text ORDER BY seq) FROM warm.session_events GROUP BY journal_id"
            for (ids,) in venue.rows(query):
                assert ids == sorted(ids), "whatever its clock says, a journal's ids keep their order"
            till.press("f12").wait_for("type a number").press("ctrl+q").wait_for_end()
