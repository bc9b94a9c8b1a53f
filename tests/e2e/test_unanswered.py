"""A refund that a kill interrupted between its start and its answer is named wherever somebody looks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.e2e.terminal import TILL
from tests.e2e.test_evening import MANAGER

if TYPE_CHECKING:
    from tests.plugins.terminals import Venue

WAITS = "Refund 1-R000001 of ₹40.00 has no answer: F10."


def test_refund_interrupted_by_a_kill_is_named_until_it_is_settled(venue: Venue) -> None:
    till = venue.open_at(1).type("idly\r").wait_for("Total ₹40.00").press("f9").wait_for("Enter takes")
    till.type("\r").wait_for("Paid ₹40.00").wait_for("● saved").press("f10").wait_for("Past sales").type("\r")
    till.wait_for("Refund to").type("1\r").wait_for("F2 for a reason").type("1\r").wait_for("PIN")
    with venue.connect() as session, session.transaction():  # the server takes the claim, and its answer is late
        session.execute("SELECT FROM warm.journal_head WHERE till_id = 1 FOR UPDATE")
        till.type(MANAGER).wait_for("◐ saving")
        till.kill9()
    again = venue.open().wait_for("This till closed unexpectedly at ").wait_for(WAITS)
    venue.log_in(again, 2).wait_for(WAITS).wait_for("● saved")
    other = venue.open_at(2, till=2).wait_for("● saved").press("f10").wait_for("Past sales")
    other.type("1-1\r").wait_for("Refund to").wait_for("Refund 1-R000001 has no answer: till 1 settles it (F10).")

    found = venue.ask("recover", "--list")["unanswered"]
    assert [(one["asked"], one["receipt"], one["amount"], one["till"]) for one in found] == [
        ("refund", "1-R000001", "40.00", 1)
    ]
    assert f"Till 1: {WAITS}" in venue.run("recover", "--list").stderr
    venue.rows("UPDATE till.refund_claims SET started_at = started_at - interval '3 minutes' RETURNING 1")
    desk = venue.spawn([TILL, "admin", "watch"]).wait_for(f"Till 1: {WAITS}")
    desk.press("ctrl+q")

    again.press("f10").wait_for("waits").type("\r").wait_for("type “given” or “not given”")
    again.type("not given\r").wait_for("PIN").type(MANAGER).wait_for("it can be refunded again")
    again.press("escape").press("escape").wait_for("No lines yet").press("f12").wait_for("type a number")
    again.wait_for(lambda t: "no answer" not in t.text)
    assert venue.ask("recover", "--list")["unanswered"] == []
    assert venue.rows("SELECT state FROM till.refund_claims") == [("declined",)]
