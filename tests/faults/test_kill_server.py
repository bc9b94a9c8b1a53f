"""The database dies under a till that sells: the till keeps selling, and everything arrives."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING

from db.embedded import locks, places

if TYPE_CHECKING:
    from db.embedded.places import Home
    from tests.plugins.terminals import Venue


def kill_server(venue: Venue) -> Home:
    """Kill PostgreSQL, and wait until the last of its processes is gone."""
    pid = venue.server.status().pid
    assert pid is not None
    home = places.find(venue.folder, places.default_system_dir())
    assert home is not None
    os.kill(pid, signal.SIGKILL)
    assert locks.wait_until_free(home.server_lock, 30)
    return home


def test_a_killed_server_is_started_again_and_gets_everything_also_what_was_sold_meanwhile(venue: Venue) -> None:
    till = venue.open_at(1).type("2 idly\r").wait_for("Total ₹80.00").wait_for("● saved")
    kill_server(venue)
    till.type("1 masala dosa\r").wait_for("Total ₹160.00")
    till.press("f9").wait_for("Enter takes").type("200\r").wait_for("Change ₹40.00").wait_for("● saved")
    assert venue.rows("SELECT total_amount::text FROM cold.orders") == [("160.00",)]
    assert venue.rows("SELECT item_name FROM cold.order_item ORDER BY 1") == [("Idly",), ("Masala Dosa",)]

    home = places.find(venue.folder, places.default_system_dir())
    assert home is not None
    with locks.exclusively(home.control_lock, 30):  # as if another till took long to start it
        kill_server(venue)
        till.type("4 tea\r").wait_for("Total ₹80.00").wait_for("▲ offline since ")
        till.press("f9").wait_for("Enter takes").type("100\r").wait_for("Change ₹20.00")
        till.press("f12").wait_for("type a number").type("1\r1111\r").wait_for("No lines yet")
        till.type("3 idly\r").wait_for("Total ₹120.00")
    till.wait_for("● saved")
    assert venue.rows("SELECT total_amount::text FROM cold.orders ORDER BY 1") == [("160.00",), ("80.00",)]
    assert venue.rows("SELECT item_name, quantity FROM hot.session_cart WHERE is_active") == [("Idly", 3)]


def test_kill_of_one_backend_restarts_the_server_under_both_tills_and_all_arrives(venue: Venue) -> None:
    one = venue.open_at(1).type("2 idly\r").wait_for("Total ₹80.00").wait_for("● saved")
    two = venue.open_at(2, till=2).type("1 masala dosa\r").wait_for("Total ₹80.00").wait_for("● saved")
    epoch = venue.rows("SELECT epoch FROM hot.hot_epoch")
    ((backend,),) = venue.rows("SELECT pid FROM pg_stat_activity WHERE application_name = 'till 1'")
    os.kill(backend, signal.SIGKILL)
    one.type("1 idly\r").wait_for("Total ₹120.00").wait_for("● saved")
    two.press("f9").wait_for("Enter takes").press("enter").wait_for("Paid ₹80.00").wait_for("● saved")
    assert venue.rows("SELECT till_id, total_amount::text FROM cold.orders") == [(2, "80.00")]
    assert venue.rows("SELECT item_name, quantity FROM hot.session_cart WHERE is_active") == [("Idly", 3)]
    assert venue.rows("SELECT epoch FROM hot.hot_epoch") != epoch
