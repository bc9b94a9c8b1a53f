"""An order saved to a tab on one till is listed, recalled and paid on another."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.plugins.terminals import Venue


def test_a_tab_of_one_till_is_recalled_and_paid_on_another(venue: Venue) -> None:
    one, two = venue.open_connected(till=1), venue.open_connected(till=2)
    venue.log_in(one, 1).type("2 idly\r1 masala dosa\r").wait_for("Total ₹160.00")
    one.press("f8").wait_for("then Enter.").type("7\r")
    one.wait_for("Saved to table 7.").wait_for("No lines yet").wait_for("● saved")

    venue.log_in(two, 2).press("f8").wait_for("Enter Recall").wait_for("Table 7").wait_for("2 lines")
    two.type("7\r").wait_for("Table 7 is here: 2 lines, ₹160.00.")
    two.wait_for(lambda t: t.quantities() == {"Idly": 2, "Masala Dosa": 1})
    two.type("1 idly\r").wait_for("Total ₹200.00")
    two.press("f9").wait_for("Enter takes ₹200.00").type("500\r").wait_for("Change ₹300.00").wait_for("● saved")

    one.press("f8").wait_for("0 open")
    assert venue.rows("SELECT total_amount::text, till_id, user_id FROM cold.orders") == [("200.00", 2, 2)]
    assert venue.rows("SELECT item_name, quantity FROM cold.order_item ORDER BY 1") == [("Idly", 3), ("Masala Dosa", 1)]
    assert venue.rows("SELECT status FROM till.order_sessions ORDER BY id") == [("completed",)]
    assert venue.rows("SELECT count(*) FROM till.tabs WHERE status = 'open'") == [(0,)]


def test_a_tab_that_is_open_on_another_till_says_so(venue: Venue) -> None:
    one, two = venue.open_connected(till=1), venue.open_connected(till=2)
    venue.log_in(one, 1).type("2 idly\rtab Asha\r").wait_for("Saved to Asha.").wait_for("● saved")
    venue.log_in(two, 2).press("f8").wait_for("Asha").type("asha\r").wait_for("Asha is here").wait_for("● saved")
    one.press("f8").wait_for("on Till 2").press("enter")
    one.wait_for("Asha is open on another till").wait_for("Till 2, cashier 2")
    one.press("escape").wait_for("No lines yet")
    two.press("f8").wait_for("Enter saves back to Asha").press("enter").wait_for("Saved to Asha.").wait_for("● saved")
    one.press("f8").wait_for("Enter Recall").wait_for("1 line").press("enter").wait_for("Asha is here: 1 line, ₹80.00.")


def test_one_more_tea_for_a_table_that_another_till_has_open(venue: Venue) -> None:
    one, two = venue.open_connected(till=1), venue.open_connected(till=2)
    venue.log_in(two, 2).type("2 idly\rtab 5\r").wait_for("Saved to table 5.").wait_for("● saved")
    two.press("f8").wait_for("Table 5").press("enter").wait_for("Table 5 is here").wait_for("● saved")
    venue.log_in(one, 1).type("1 tea\rless sugar\r").wait_for("Noted on 1 × Tea: less sugar.")
    one.press("f8").wait_for("Till 2").type("5").wait_for("Enter adds 1 line, ₹20.00: total ₹100.00.").type("\r")
    one.wait_for("Added to table 5: 1 line, ₹20.00.").wait_for("No lines yet").wait_for("● saved")
    two.wait_for("1 × Tea came from Till 1.").wait_for("less sugar")
    two.wait_for(lambda t: t.quantities() == {"Idly": 2, "Tea": 1})
    two.press("f9").wait_for("Enter takes ₹100.00").type("\r").wait_for("Change ₹0.00").wait_for("● saved")
    assert venue.rows("SELECT total_amount::text, till_id, order_type FROM cold.orders") == [("100.00", 2, "dine_in")]
    assert venue.rows("SELECT status FROM till.order_sessions ORDER BY id") == [("completed",), ("discarded",)]
    assert venue.rows("SELECT count(*) FROM till.conflicts") == [(0,)]
    assert venue.rows("SELECT count(*) FROM warm.quarantine") == [(0,)]
