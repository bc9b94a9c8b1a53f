"""Guests of one table pay by items: at two tills, and around a till that is killed."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.plugins.terminals import Venue


def test_guests_pay_by_items_at_a_till_that_is_killed_and_at_another(venue: Venue) -> None:
    one = venue.log_in(venue.open_connected(till=1), 1).type("2 idly\r1 masala dosa\r").wait_for("Total ₹160.00")
    one.type("tab 7\r").wait_for("Saved to table 7.").press("f8").wait_for("Table 7").type("7\r")
    one.wait_for("Table 7 is here: 2 lines, ₹160.00.").type("pay items\r").wait_for("Nothing is marked yet.").type(
        "1-"
    ).wait_for("1 × Idly: ₹40.00.")
    one.type("\r").wait_for("guest 1, 1 piece").type("c\r").wait_for("Paid. ₹120.00 is still due.").wait_for("● saved")
    one.kill9()

    again = venue.log_in(venue.open_connected(till=1), 1).wait_for("₹40.00 of it is paid").wait_for("1 of 2 paid")
    again.type("split\r").wait_for("paid card").wait_for("1 × Idly").press("escape")
    again.press("f7").wait_for("Void 1 × Masala Dosa").press("escape").press("up").press("f7")
    again.wait_for("Void 2 × Idly").type("1\r").wait_for("1 Idly is paid for: refund that payment first.")
    again.press("escape").press("f8").wait_for("saves back to table 7").press("enter").wait_for("Saved to table 7.")
    again.wait_for("● saved")

    two = venue.log_in(venue.open_connected(till=2), 2).press("f8").wait_for("Also: merge 7").type("7\r")
    two.wait_for("1 of 2 paid").type("split\r").wait_for("Guest 1").wait_for("paid card").wait_for(
        "Nothing is marked yet."
    )
    two.type("12").wait_for("1 × Idly, 1 × Masala Dosa: ₹120.00.").type("\r").wait_for("guest 2, 2 pieces")
    two.type("u\r").wait_for("Paid ₹160.00").wait_for("● saved")

    assert venue.rows("SELECT amount::text FROM cold.order_payment ORDER BY 1") == [("120.00",), ("40.00",)]
    named = "SELECT event_data->'for' FROM warm.session_events WHERE event_type = 'payment_started' ORDER BY event_id"
    assert [sorted(pieces.values()) for (pieces,) in venue.rows(named)] == [[1], [1, 1]]
    assert venue.rows("SELECT count(*) FROM till.conflicts") == [(0,)]
    assert venue.rows("SELECT count(*) FROM warm.quarantine") == [(0,)]
