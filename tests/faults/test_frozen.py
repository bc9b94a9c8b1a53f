"""A database that is frozen (SIGSTOP) neither answers nor breaks off: the till goes on, and says so (design §6)."""

from __future__ import annotations

import os
import signal
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.plugins.terminals import Venue


@contextmanager
def frozen(venue: Venue) -> Iterator[None]:
    """Stop the server and the backends of all tills, and let them go on afterwards."""
    postmaster = venue.server.status().pid
    assert postmaster is not None
    pids = [postmaster, *(pid for (pid,) in venue.rows("SELECT pid FROM pg_stat_activity WHERE usename = 'till_app'"))]
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)


def test_selling_paying_and_logging_in_go_on_while_the_database_is_frozen(venue: Venue) -> None:
    till = venue.open_at(1).type("2 idly\r").wait_for("Total ₹80.00").wait_for("● saved")
    with frozen(venue):
        till.type("1 masala dosa\r").wait_for("Total ₹160.00").wait_for("▲ offline since ")
        till.press("f9").wait_for("Enter takes").type("200\r").wait_for("Change ₹40.00")
        till.press("f12").wait_for("type a number").type("1\r1111\r").wait_for("No lines yet")
        till.type("3 idly\r").wait_for("Total ₹120.00")
    till.wait_for("● saved")
    assert venue.rows("SELECT total_amount::text FROM cold.orders") == [("160.00",)]
    assert venue.rows("SELECT item_name, quantity FROM hot.session_cart WHERE is_active") == [("Idly", 3)]
