"""A till that nobody touches locks; the order stays."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.plugins.terminals import Venue

QUICK = {"TILL_SESSION__IDLE_MINUTES": "0.02"}
LOCKED = "Locked after a while without a key."


def test_a_locked_screen_opens_by_the_pin_as_it_was_also_that_of_paying_or_esc_logs_out(venue: Venue) -> None:
    till = venue.open_at(1, more=QUICK).type("2 idly\r1 mas").wait_for("Total ₹80.00").wait_for(LOCKED)
    assert till.quantities() == {}, "a locked screen shows nobody's order"
    till.type("9999\r").wait_for("Wrong PIN for number 1.")
    till.type("1111\r").wait_for(lambda t: t.quantities() == {"Idly": 2} and t.typed.startswith("1 mas"))

    till.press("ctrl+u", "f9").wait_for("Enter takes ₹80.00").type("100").wait_for("Change ₹20.00.").wait_for(LOCKED)
    till.type("1111\r").wait_for("Enter takes ₹100.00 in cash. Change ₹20.00.")
    till.press("enter").wait_for("Paid ₹80.00. Change ₹20.00.")

    till.type("3 idly\r").wait_for("Total ₹120.00").wait_for(LOCKED)
    till.press("escape").wait_for("The order is kept: 1 line, ₹120.00.").wait_for("type a number").wait_for("● saved")
    assert venue.rows("SELECT status FROM till.order_sessions ORDER BY id") == [("completed",), ("pending_logout",)]
    till.type("1\r1111\r").wait_for("Your order is here: 1 line, ₹120.00.")
