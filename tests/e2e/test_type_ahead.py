"""Keys that come faster than screens change: none is lost, none lands in the wrong field."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING

from tests.e2e.terminal import KEYS

if TYPE_CHECKING:
    from tests.plugins.terminals import Venue

SALE = "1\r1111\r2 idly\r" + KEYS["f9"] + "200\r"
ROUNDS = 4
PAUSES = 10


def test_from_login_to_paid_in_one_write_many_times(venue: Venue) -> None:
    till = venue.open().wait_for("type a number")
    for number in range(1, ROUNDS + 1):
        till.type(SALE).wait_for(f"1-{number:06d}").wait_for("Paid ₹80.00. Change ₹120.00.")
        till.press("f12").wait_for("type a number")
    venue.log_in(till, 9).wait_for("● saved")
    sales = venue.rows("SELECT total_amount::text, user_id FROM cold.orders")
    assert sales == [("80.00", 1)] * ROUNDS
    assert venue.rows("SELECT DISTINCT amount::text FROM cold.order_payment ORDER BY 1") == [("-120.00",), ("200.00",)]
    refused = venue.rows("SELECT count(*) FROM warm.session_events WHERE event_type = 'login_refused'")
    assert refused == [(0,)]


def test_keys_that_come_before_the_first_paint_are_kept(venue: Venue) -> None:
    till = venue.open().type(SALE)
    till.wait_for("Paid ₹80.00. Change ₹120.00.").wait_for("● saved")
    assert venue.rows("SELECT total_amount::text FROM cold.orders") == [("80.00",)]


def test_keys_keep_their_order_though_the_till_is_stopped_and_continued(venue: Venue) -> None:
    """No handler sees SIGSTOP; Textual took each SIGCONT for the end of a pause, and began to read once more."""
    till = venue.log_in(venue.open())
    for _ in range(PAUSES):
        for key, shown in (("f1", "Esc Back"), ("escape", "F9 Pay")):
            till.press(key)
            os.kill(till.pid, signal.SIGSTOP)
            os.kill(till.pid, signal.SIGCONT)
            till.wait_for(shown)
    for _ in range(ROUNDS):
        for key in "12 idly\r":
            till.type(key)
    till.wait_for(lambda now: now.quantities() == {"Idly": 12 * ROUNDS})
    till.press("f12").wait_for("type a number").press("ctrl+q").wait_for_end()
    assert till.is_cooked
