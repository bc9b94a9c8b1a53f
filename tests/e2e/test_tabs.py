"""Lines added to a tab that is open on the screen of another till."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.plugins.terminals import Venue


def test_one_more_tea_for_a_table_that_another_till_has_open_waits_until_it_is_saved_there(venue: Venue) -> None:
    one, two = venue.open_connected(till=1), venue.open_connected(till=2)
    venue.log_in(two, 2).type("2 idly\rtab 5\r").wait_for("Saved to table 5.").wait_for("● saved")
    two.press("f8").wait_for("Table 5").press("enter").wait_for("Table 5 is here").wait_for("● saved")
    venue.log_in(one, 1).type("1 tea\rless sugar\r").wait_for("Noted on 1 × Tea: less sugar.")
    one.press("f8").wait_for("Till 2").type("5")
    one.wait_for("Table 5 is open on Till 2. Enter asks to take it over.")
    one.type("\r").wait_for("Take it over and add").press("escape")
    one.wait_for(lambda t: t.quantities() == {"Tea": 1})
    two.press("f8").wait_for("Enter saves back").press("enter").wait_for("Saved to table 5.").wait_for("● saved")
    one.press("f8").type("5").wait_for("Enter adds 1 line, ₹20.00 to table 5: total ₹100.00.").type("\r")
    one.wait_for("Added to table 5: 1 line, ₹20.00.").wait_for("No lines yet").wait_for("● saved")
    two.press("f8").wait_for("Also: merge 7").wait_for("100.00").press("enter")  # once it has heard of the other till
    two.wait_for("Table 5 is here: 2 lines, ₹100.00.")
    two.wait_for("less sugar").wait_for(lambda t: t.quantities() == {"Idly": 2, "Tea": 1})
    two.press("f9").wait_for("Enter takes ₹100.00").type("\r").wait_for(", exact.").wait_for("● saved")
    assert venue.rows("SELECT total_amount::text, till_id, order_type FROM cold.orders") == [("100.00", 2, "dine_in")]
    assert venue.rows("SELECT status FROM till.order_sessions ORDER BY id") == [("completed",), ("discarded",)]
    granted = "SELECT event_data->>'till' FROM warm.session_events WHERE event_type = 'order_granted' ORDER BY event_id"
    assert venue.rows(granted) == [("1",), ("2",)]
    assert venue.rows("SELECT count(*) FROM till.conflicts") == [(0,)]
    assert venue.rows("SELECT count(*) FROM warm.quarantine") == [(0,)]


def test_words_about_a_table_that_another_till_saved_have_it_granted(venue: Venue) -> None:
    one, two = venue.open_connected(till=1), venue.open_connected(till=2)
    venue.log_in(two, 2).type("2 idly\rtab 5\r").wait_for("Saved to table 5.").wait_for("● saved")
    venue.log_in(one, 1).press("f8").wait_for("Table 5")
    one.type("guests 4\r").wait_for("4 guests sit at table 5.")
    one.type("guests 400\r").wait_for("Type 1 to 99 guests.").wait_for("● saved")
    assert venue.rows("SELECT status, till_id, hold_till, user_id FROM till.order_sessions") == [
        ("assigned_to_tab", None, 1, 2)
    ]
    assert venue.rows("SELECT covers FROM till.tabs") == [(4,)]
    two.press("f8").wait_for("4 guests").press("enter").wait_for("Table 5 is here").wait_for("● saved")
    assert venue.rows("SELECT status, till_id FROM till.order_sessions") == [("active", 2)]
