"""Two tills of one venue, one order (ADR 0010)."""

from __future__ import annotations

import json
import re
import socket
from typing import TYPE_CHECKING, Any

import pytest

from tests.e2e.terminal import KEYS
from tests.e2e.test_type_ahead import SALE

if TYPE_CHECKING:
    from tests.e2e.terminal import Terminal
    from tests.plugins.terminals import Venue

LINES = {"Idly": 2, "Masala Dosa": 1}
WARNING = "Your order is open on another till"
ORDERS = "SELECT till_id, total_amount::text FROM cold.orders ORDER BY cold.orders.total_amount"
#: A till soon learns of a login elsewhere, once it was not heard for some seconds: then it is told.
OFTEN = {"TILL_SYNC__POLL_S": "0.3"}
UNHEARD = "UPDATE till.tills SET seen_at = seen_at - interval '10 seconds' RETURNING 1"


@pytest.fixture
def keyed(venue: Venue) -> Terminal:
    """Till 1 with two lines of Asha on it, saved. It polls rarely, so it learns news by notification."""
    till = venue.open_at(1, more={"TILL_SYNC__POLL_S": "120"}).type("2 idly\r1 masala dosa\r")
    return till.wait_for(lambda t: t.quantities() == LINES).wait_for("● saved")


def warned(venue: Venue) -> Terminal:
    """Till 2, which shows Asha the till that has the order."""
    return venue.log_in(venue.open_connected(till=2, more=OFTEN)).wait_for(WARNING)


def sessions(venue: Venue) -> list[tuple[str, int | None]]:
    return venue.rows("SELECT status, till_id FROM till.order_sessions WHERE items <> '[]' ORDER BY id")


def logins(venue: Venue, *more: str) -> list[dict[str, Any]]:
    done = venue.run("admin", "sessions", "list", "--logins", "--json", *more)
    rows: list[dict[str, Any]] = json.loads(done.stdout)["logins"]
    return rows


def test_the_warning_says_where_it_is_and_viewing_going_back_or_a_new_order_leave_it_there(
    venue: Venue, keyed: Terminal
) -> None:
    other = warned(venue)
    assert "Till 2" in other.line(0)
    other.wait_for("T   Take it over here").wait_for("V   View it").wait_for("N   Start a new one")
    facts = (r"Till +Till 1\b", r"Order +2 lines, ₹160\.00", r"Last key +\d+ s ago", r"Connection +\S+ good")
    other.wait_for(lambda t: all(re.search(fact, t.text) for fact in facts))
    before = venue.rows("SELECT count(*) FROM warm.session_events WHERE session_id IS NOT NULL")
    other.press("v").press("enter").wait_for("The order on Till 1").wait_for("Masala Dosa")
    other.press("escape").wait_for(WARNING)
    other.press("escape").wait_for("type a number")
    assert venue.rows("SELECT count(*) FROM warm.session_events WHERE session_id IS NOT NULL") == before
    assert keyed.read_for(0).quantities() == LINES
    assert sessions(venue) == [("active", 1)]
    keyed.type("1 idly\r").wait_for("Total ₹200.00").wait_for("● saved")

    venue.log_in(other).wait_for(WARNING).press("n").press("enter").wait_for("No lines yet")
    venue.rows(UNHEARD)
    other.wait_for("You are logged in on Till 1 too.")
    other.type("3 idly\r").wait_for("Total ₹120.00").wait_for("● saved")
    assert sessions(venue) == [("active", 1), ("active", 2)]
    keyed.type("1 idly\r").wait_for("You are logged in on Till 2 too.")
    keyed.wait_for(lambda t: t.quantities() == {"Idly": 4, "Masala Dosa": 1})
    live = [row for row in logins(venue) if row["status"] == "ACTIVE"]
    assert [(row["user"], row["till"], row["metadata"]["pod_name"]) for row in live] == [
        (1, 2, socket.gethostname()),
        (1, 1, socket.gethostname()),
    ]
    other.press("f12").wait_for("type a number").wait_for("● saved")
    assert [(row["status"], row["connection_quality"]) for row in logins(venue, "--till", "2")][:1] == [
        ("INACTIVE", None)
    ]


def test_taking_over_shows_the_other_till_who_where_and_when_and_it_is_asked_back_with_f5(
    venue: Venue, keyed: Terminal
) -> None:
    other = warned(venue)
    other.press("t").press("enter").wait_for(lambda t: t.quantities() == LINES)
    keyed.wait_for("Asha took this order over on Till 2 at ")  # long before its next poll
    keyed.type("1 idly\r").wait_for(lambda t: "took this order over" in t.text and t.typed == "1 idly")
    assert keyed.quantities() == LINES
    other.type("1 idly\r").wait_for("Total ₹200.00").wait_for("● saved")
    assert sessions(venue) == [("active", 2)]
    keyed.press("ctrl+u").wait_for(lambda t: not t.typed).press("escape").wait_for("No lines yet")
    keyed.type("1 masala dosa\r").wait_for("Total ₹80.00").wait_for("● saved")
    assert sessions(venue) == [("active", 2), ("active", 1)]
    keyed.press("f9").wait_for("Enter takes ₹80.00").press("enter").wait_for("Paid ₹80.00").wait_for("● saved")

    keyed.press("f5").wait_for("open on Till 2").type("1").press("enter").wait_for(WARNING)
    keyed.press("t").press("enter").wait_for(lambda t: t.quantities() == {"Idly": 3, "Masala Dosa": 1})
    other.wait_for("Asha took this order over on Till 1 at ")
    keyed.type("1 idly\r").wait_for("Total ₹240.00").wait_for("● saved")
    assert sessions(venue)[0] == ("active", 1)
    keyed.press("f9").wait_for("Enter takes ₹240.00").press("enter").wait_for("Paid ₹240.00").wait_for("● saved")
    assert venue.rows(ORDERS) == [(1, "80.00"), (1, "240.00")]


def test_an_order_that_was_logged_out_opens_elsewhere_by_itself_and_a_manager_brings_it_back(
    venue: Venue, keyed: Terminal
) -> None:
    keyed.press("f12").wait_for("The order is kept: 2 lines, ₹160.00.").wait_for("● saved")
    assert sessions(venue) == [("pending_logout", None)]
    other = venue.log_in(venue.open_connected(till=2))
    other.wait_for("Your order is here: 2 lines, ₹160.00.").wait_for(lambda t: t.quantities() == LINES)
    other.wait_for("● saved")
    assert sessions(venue) == [("active", 2)]

    other.press("ctrl+x").wait_for("guest left").press("1").press("enter")
    other.wait_for("The order is cleared: guest left.").wait_for("● saved")
    assert sessions(venue) == [("discarded", None)]
    venue.log_in(keyed, 9).press("f5").wait_for("cleared, of Asha").type("1").press("enter")
    keyed.wait_for("Your order is here: 2 lines, ₹160.00.").wait_for("● saved")
    assert sessions(venue) == [("active", 1)]
    keyed.press("f9").wait_for("Enter takes ₹160.00").press("enter").wait_for("Paid ₹160.00").wait_for("● saved")
    assert venue.rows(ORDERS) == [(1, "160.00")]


def test_an_order_of_a_killed_till_is_brought_back_or_taken_over_and_its_login_ends(
    venue: Venue, keyed: Terminal
) -> None:
    keyed.kill9()
    for asked in (("--till", "1", "--park"), ("--user", "1", "--resume")):
        done = venue.run("recover", *asked)
        assert done.returncode == 0, done.stderr
    other = venue.log_in(venue.open_connected(till=2)).wait_for("Your order is here: 2 lines, ₹160.00.")
    other.type("1 idly\r").wait_for("Total ₹200.00").wait_for("● saved")
    assert sessions(venue) == [("active", 2)]

    other.kill9()
    one = venue.log_in(venue.open_connected())
    one.wait_for(WARNING).press("t").press("enter").wait_for("Your order is here: 2 lines, ₹200.00.")
    one.press("f9").wait_for("Enter takes ₹200.00").press("enter").wait_for("Paid ₹200.00").wait_for("● saved")
    two = venue.open(2, more=OFTEN).wait_for("This till closed unexpectedly at ").wait_for("● saved")
    venue.log_in(two).wait_for("No lines yet")
    venue.rows(UNHEARD)
    two.wait_for("You are logged in on Till 1 too.")
    assert venue.rows(ORDERS) == [(1, "200.00")]

    one.type("1 tea\r").wait_for("Total ₹20.00").wait_for("● saved")
    for till in (one, two):
        till.kill9()
    venue.open_connected(till=1)
    again = venue.log_in(venue.open_connected(till=2)).wait_for(WARNING).press("n").press("enter")
    again.type("1 idly\r").wait_for("Added 1 × Idly").wait_for("● saved")
    assert [row["till"] for row in logins(venue) if row["status"] == "ACTIVE"] == [2]
    assert "You are logged in on" not in again.text


def test_two_tills_that_make_the_venue_at_once_sell_ahead_of_it_and_the_first_leaves(bare_venue: Venue) -> None:
    one, two = bare_venue.open(till=1), bare_venue.open(till=2)
    one.wait_for("type a number").type(f"{SALE}1 masala dosa\r{KEYS['f9']}\r")
    bare_venue.log_in(two, 2).type("1 masala dosa\r").wait_for("Total ₹80.00")
    two.press("f9").wait_for("Enter takes ₹80.00").press("enter").wait_for("Paid ₹80.00").wait_for("● saved")
    one.wait_for("Paid ₹80.00, exact.").wait_for("-000002").wait_for("● saved")
    one.press("f12").wait_for("type a number").press("ctrl+q")
    assert one.wait_for_end() == 0
    two.type("3 idly\r").wait_for("Total ₹120.00").wait_for("● saved")
    sold = bare_venue.rows("SELECT till_id, user_id, total_amount::text FROM cold.orders ORDER BY till_id")
    assert sold == [(1, 1, "80.00"), (1, 1, "80.00"), (2, 2, "80.00")]
    assert bare_venue.rows("SELECT item_name, quantity FROM hot.session_cart WHERE is_active") == [("Idly", 3)]


def test_a_tip_that_another_till_corrected_is_not_corrected_again_on_a_sale_opened_before(venue: Venue) -> None:
    there = venue.open_at(9, till=2).type("2 idly\r").wait_for("Total ₹80.00")
    there.press("f9").wait_for("Enter takes").press("enter").wait_for("Paid ₹80.00").wait_for("● saved")
    there.press("f10").press("enter").wait_for("nothing marked")
    here = venue.log_in(venue.open_connected(till=1))
    here.press("f10").type("2-1\r").wait_for("nothing marked")
    there.type("tip 5\r").wait_for("tip ₹5.00. ₹5.00 more was taken in cash.").wait_for("● saved")
    here.type("tip 5\r").wait_for("Tip ₹5.00, not ₹0.00").type("9\r9999\r")
    here.wait_for("Till 2 has set the tip to ₹5.00. Nothing changed here.")
    here.type("was card\r").wait_for("First type the tip as it was")
    assert venue.rows("SELECT count(*) FROM warm.session_events WHERE event_type LIKE '%_corrected'") == [(1,)]
