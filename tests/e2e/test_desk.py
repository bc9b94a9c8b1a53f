"""The manager's desk in a terminal of its own, while tills sell."""

from __future__ import annotations

from typing import TYPE_CHECKING

from psycopg.types.json import Jsonb

from tests.e2e.terminal import TILL
from tests.sql.ringing import new_id
from till.cli.demo_venue import DEMO

if TYPE_CHECKING:
    from tests.e2e.terminal import Terminal
    from tests.plugins.terminals import Venue

END, PAGE_UP, RIGHT, LEFT = "\x1b[F", "\x1b[5~", "\x1b[C", "\x1b[D"


def open_desk(venue: Venue, size: tuple[int, int]) -> Terminal:
    return venue.spawn([TILL, "admin", "watch"], size=size)


def find_conflict(venue: Venue) -> None:
    data = {"conflict_id": new_id(), "kind": "sold_twice", "subject": new_id(), "amount": "185.00", "currency": "INR"}
    session = new_id()
    with venue.connect() as connection:
        query = "SELECT warm.server_event_v1(%s, NULL, 'conflict_found', %s, %s)"
        connection.execute(query, [DEMO.store_id, session, Jsonb(data)])
        connection.execute("UPDATE till.order_sessions SET status = 'completed' WHERE id = %s", [session])


def test_a_till_sells_and_its_conflict_day_order_and_database_are_seen_to_at_the_desk(
    venue: Venue,
) -> None:
    till = venue.open_at(1).type("2 idly\r").wait_for("● saved")
    desk = open_desk(venue, (80, 24)).wait_for("all tills are online").wait_for("Nothing needs you.")
    assert "Udupi Corner   Desk" in desk.line(0)
    till.type("1 masala dosa\r").wait_for("Total ₹160.00")
    desk.press("tab").wait_for("Open orders  1, longest first").wait_for("160.00")
    till.press("f9").wait_for("Enter takes ₹160.00").press("enter").wait_for("Paid ₹160.00")
    desk.wait_for("1 sale").wait_for("No order is open.")
    find_conflict(venue)
    desk.type("\x1b[Z").wait_for("Sold twice").wait_for("Enter Settle 185.00")
    desk.press("enter").wait_for("F10 refunds one").type("given back\r").wait_for("Settled. It is in the log.")
    desk.wait_for("Nothing needs you.")
    assert venue.rows("SELECT how, resolved_by FROM till.conflicts") == [("given back", 9)]

    desk.press("tab", "tab").wait_for("Till 1")
    desk.press("enter").wait_for("Go through its day").press("enter").wait_for("Which day?").press("enter")
    desk.wait_for("1 of").type(END).wait_for("paid, 1-").type(PAGE_UP).wait_for("0 items")
    desk.type(RIGHT).wait_for("2 × Idly").wait_for("2 items")
    desk.type(RIGHT).wait_for("1 × Masala Dosa").wait_for("3 items").type(LEFT).wait_for("2 items")
    desk.type("1-\r").wait_for("Paid 160.00, receipt 1-").press("escape").press("escape").wait_for("Tills")
    desk.press("ctrl+q").wait_for_end()

    till.type("3 idly\r").wait_for("● saved")
    desk = open_desk(venue, (120, 36)).wait_for("Open orders  1")
    desk.press("tab", "enter").wait_for("3 × Idly").press("2", "enter").wait_for("Who gets it?").type("2\r")
    desk.wait_for("The order waits for number 2.").wait_for("suspended    Ravi")
    desk.press("enter").wait_for("Discard it").press("2", "enter").wait_for("Why?").type("guest left\r")
    desk.wait_for("The order is discarded.").wait_for("No order is open.")
    statuses = "SELECT status FROM till.order_sessions WHERE items <> '[]' ORDER BY id"
    assert venue.rows(statuses) == [("completed",), ("discarded",)]

    till.kill9()  # it would start the database too
    venue.server.stop(even_if_used=True)
    desk.wait_for(lambda _desk: venue.server.status().state == "running")
    desk.wait_for(lambda d: "good," in d.text and "away" not in d.line(0))
    desk.press("ctrl+q").wait_for_end()


def test_without_a_terminal_it_says_what_works(venue: Venue) -> None:
    done = venue.run("admin", "watch")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "till: The desk needs a terminal to draw on. `till admin stats` works without.\n"
