"""The four tests that order sessions must pass (docs/adaptations.md), by the names that they have there.

    1. Test crash recovery scenarios
    2. Test cross-till session continuity
    3. Test concurrent session handling
    4. Validate data integrity during transitions

Real tills in pseudo-terminals on a real PostgreSQL. Each is one walk; its corners
stand in `tests/e2e`, `tests/faults` and `tests/simulation`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tests.faults.test_kill_server import kill_server

if TYPE_CHECKING:
    from tests.plugins.terminals import Venue

LINES: Final = {"Idly": 2, "Masala Dosa": 1}
#: By user first: of orders that two tills begin at one moment either may be the older.
SESSIONS: Final = "SELECT status, till_id, user_id FROM till.order_sessions ORDER BY user_id, id"
SOLD: Final = """
    SELECT o.user_id, i.item_name, i.quantity FROM cold.orders AS o JOIN cold.order_item AS i USING (order_id)
    ORDER BY 1, 2
"""
CART: Final = "SELECT item_name, quantity FROM hot.session_cart WHERE is_active ORDER BY 1"
#: Each order in the database: its status, its rows that are not void, and its total.
SHOWN: Final = """
    SELECT s.status, (SELECT jsonb_object_agg(i.item, i.quantity) FROM jsonb_to_recordset(s.items)
        AS i (item text, quantity integer, voided boolean) WHERE NOT i.voided), s.total::text
    FROM till.order_sessions AS s ORDER BY s.id
"""


def test_crash_recovery_scenarios(venue: Venue) -> None:
    """The till is killed, its window is closed, the database is killed, and both at once: the order is there again."""
    till = venue.open_at(1).type("2 idly\r").wait_for("Total ₹80.00").wait_for("● saved")
    till.kill9()
    till = venue.open().wait_for("This till closed unexpectedly at ").wait_for("1 order was open: 1 line, ₹80.00.")
    venue.log_in(till).wait_for("Your order is here").type("1 masala dosa\r3 te")
    till.wait_for(lambda t: t.quantities() == LINES and t.typed == "3 te")
    assert till.hang_up() != 0
    till = venue.open().wait_for("This till closed unexpectedly at ").wait_for("1 order was open: 2 lines, ₹160.00.")
    venue.log_in(till).wait_for("Your order is here: 2 lines, ₹160.00.")
    till.wait_for(lambda t: t.quantities() == LINES and t.typed == "3 te")
    till.press("ctrl+u").wait_for(lambda t: not t.typed)
    kill_server(venue)
    till.type("1 idly\r").wait_for("Total ₹200.00").wait_for("● saved")
    assert venue.rows(CART) == [("Idly", 3), ("Masala Dosa", 1)]
    till.kill9()
    kill_server(venue)
    till = venue.log_in(venue.open().wait_for("1 order was open: 2 lines, ₹200.00."))
    till.wait_for(lambda t: t.quantities() == {"Idly": 3, "Masala Dosa": 1}).wait_for("● saved")
    assert venue.rows(CART) == [("Idly", 3), ("Masala Dosa", 1)]
    till.press("f9").wait_for("Enter takes ₹200.00").press("enter").wait_for("Paid ₹200.00").wait_for("● saved")
    assert venue.rows(SOLD) == [(1, "Idly", 3), (1, "Masala Dosa", 1)]
    assert venue.rows(SESSIONS) == [("completed", None, 1)]


def test_cross_till_session_continuity(venue: Venue) -> None:
    """An order is its user's: it goes from till to till with them, and a till that still has it open is named first."""
    one = venue.open_at(1).type("2 idly\r").wait_for("Total ₹80.00").press("f12").wait_for("The order is kept: 1 line")
    one.wait_for("● saved")
    two = venue.log_in(venue.open_connected(till=2)).wait_for("Your order is here: 1 line, ₹80.00.")
    two.type("1 masala dosa\r").wait_for(lambda t: t.quantities() == LINES).wait_for("● saved")
    assert venue.rows(SESSIONS) == [("active", 2, 1)]
    venue.log_in(one).wait_for("Your order is open on another till").press("t").press("enter")
    one.wait_for(lambda t: t.quantities() == LINES)
    two.wait_for("Asha took this order over on Till 1 at ")
    one.press("f9").wait_for("Enter takes ₹160.00").press("enter").wait_for("Paid ₹160.00").wait_for("● saved")
    assert venue.rows(SOLD) == [(1, "Idly", 2), (1, "Masala Dosa", 1)]
    assert venue.rows(SESSIONS) == [("completed", None, 1)]


def test_concurrent_session_handling(venue: Venue) -> None:
    """Two people at two tills at once, and one person at both: each order is its own, and none mixes with another."""
    one, two = venue.open_connected(till=1), venue.open_connected(till=2)
    venue.log_in(one, 1)
    venue.log_in(two, 2)
    for _round in range(3):
        one.type("1 idly\r")
        two.type("1 masala dosa\r")
    one.wait_for(lambda t: t.quantities() == {"Idly": 3}).wait_for("● saved")
    two.wait_for(lambda t: t.quantities() == {"Masala Dosa": 3}).press("f12").wait_for("The order is kept")
    two.wait_for("● saved")
    venue.log_in(two, 1).wait_for("Your order is open on another till").press("n").press("enter").wait_for(
        "No lines yet"
    )
    two.type("1 tea\r").wait_for("Total ₹20.00").wait_for("● saved")
    assert venue.rows(SESSIONS) == [("active", 1, 1), ("active", 2, 1), ("pending_logout", None, 2)]
    for till in (one, two):
        till.press("f9").wait_for("Enter takes").press("enter").wait_for("Paid ₹").wait_for("● saved")
    assert venue.rows(SOLD) == [(1, "Idly", 3), (1, "Tea", 1)]
    two.press("f12").wait_for("type a number")
    venue.log_in(two, 2).wait_for(lambda t: t.quantities() == {"Masala Dosa": 3}).wait_for("● saved")
    two.press("f9").wait_for("Enter takes").press("enter").wait_for("Paid ₹").wait_for("● saved")
    assert venue.rows(SOLD) == [(1, "Idly", 3), (1, "Tea", 1), (2, "Masala Dosa", 3)]
    assert venue.rows("SELECT count(*)::integer FROM till.conflicts") == [(0,)]


def test_data_integrity_during_transitions(venue: Venue) -> None:
    """Active, logged out, active, on a tab, recalled, paid; and discarded: after each step the lines are the same."""
    till = venue.open_at(1).type("2 idly\r1 masala dosa\r").wait_for("Total ₹160.00").wait_for("● saved")
    assert venue.rows(SHOWN) == [("active", LINES, "160.00")]
    till.press("f12").wait_for("The order is kept: 2 lines, ₹160.00.").wait_for("● saved")
    assert venue.rows(SHOWN) == [("pending_logout", LINES, "160.00")]
    venue.log_in(till).wait_for("Your order is here: 2 lines, ₹160.00.").wait_for("● saved")
    assert venue.rows(SHOWN) == [("active", LINES, "160.00")]
    till.press("f8").wait_for("then Enter.").type("7\r").wait_for("Saved to table 7.").wait_for("● saved")
    assert venue.rows(SHOWN) == [("assigned_to_tab", LINES, "160.00")]
    till.type("1 tea\r").wait_for("Total ₹20.00").press("ctrl+x").wait_for("guest left").press("1").press("enter")
    till.wait_for("The order is cleared: guest left.").wait_for("● saved")
    assert venue.rows(SHOWN)[1:] == [("discarded", {"Tea": 1}, "20.00")]
    till.press("f8").wait_for("Enter Recall").wait_for("Table 7").type("7\r").wait_for(
        "Table 7 is here: 2 lines, ₹160.00."
    )
    till.wait_for("● saved")
    assert [row for row in venue.rows(SHOWN) if row[0] == "active"] == [("active", LINES, "160.00")]
    till.press("f9").wait_for("Enter takes ₹160.00").press("enter").wait_for("Paid ₹160.00").wait_for("● saved")
    assert venue.rows(SOLD) == [(1, "Idly", 2), (1, "Masala Dosa", 1)]
    assert sorted(row[0] for row in venue.rows(SHOWN)) == ["completed", "discarded"]
    assert venue.rows("SELECT total_amount::text FROM cold.orders") == [("160.00",)]
    assert venue.rows("SELECT status FROM cold.order_status_history ORDER BY changed_at DESC LIMIT 1") == [
        ("completed",)
    ]
