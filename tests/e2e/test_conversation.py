"""The documents' own conversation, keyed word for word, and the rows that it lists at its end."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.plugins.terminals import Venue


@pytest.mark.parametrize("size", [(80, 24), (120, 36)])
def test_the_conversation_of_the_documents_leaves_the_rows_that_it_lists(venue: Venue, size: tuple[int, int]) -> None:
    till = venue.open_at(1, size=size)
    till.type("show me the menu\r").wait_for("change the part.")
    till.type("add 2 idly\r").wait_for("Added 2 × Idly. Total ₹80.00.")
    till.type("also add 1 masala dosa\r").wait_for("Added 1 × Masala Dosa. Total ₹160.00.")
    till.type("view my cart\r").wait_for("2 × Idly 80.00, 1 × Masala Dosa 80.00. Total ₹160.00.")
    till.type("add one more\r").wait_for("Added 1 × Masala Dosa. Total ₹240.00.")
    till.type("take away\r").wait_for("This order is take away.")
    till.type("checkout please\r").wait_for("Enter takes ₹240.00 in cash.")
    till.type("cash\r").wait_for("Paid ₹240.00. Change ₹0.00.").wait_for("● saved")
    assert_rows_of_the_documents(venue)


def test_the_same_in_one_write(venue: Venue) -> None:
    words = ("show me the menu", "add 2 idly", "also add 1 masala dosa", "view my cart", "add one more", "take away")
    till = venue.open_at(1)
    till.type("".join(f"{sentence}\r" for sentence in (*words, "checkout please", "cash")))
    till.wait_for("Paid ₹240.00. Change ₹0.00.").wait_for("● saved")
    assert_rows_of_the_documents(venue)


def assert_rows_of_the_documents(venue: Venue) -> None:
    with venue.connect() as session:
        ((session_id, order_id, total, kind),) = session.execute(
            "SELECT session_id, order_id, total_amount, order_type FROM orders"
        ).fetchall()
        assert (total, kind) == (Decimal("240.00"), "take_away")
        listed = ["menu_viewed", "item_added", "order_placed"]
        events = session.execute(
            "SELECT event_type, event_data->>'item_name', (event_data->>'quantity')::integer FROM session_events "
            "WHERE session_id = %s AND event_type = ANY(%s) ORDER BY timestamp, event_id",
            [session_id, listed],
        ).fetchall()
        assert events == [
            ("menu_viewed", None, None),
            ("item_added", "Idly", 2),
            ("item_added", "Masala Dosa", 1),
            ("item_added", "Masala Dosa", 1),
            ("order_placed", None, None),
        ]
        ((query, shown, period),) = session.execute(
            "SELECT event_data->>'query', (event_data->>'result_count')::integer, event_data->>'meal_period' "
            "FROM session_events WHERE event_type = 'menu_viewed'"
        ).fetchall()
        assert query == ""
        assert shown > 0
        assert period is not None
        cart = session.execute(
            "SELECT item_name, quantity, price, is_active FROM session_cart WHERE session_id = %s ORDER BY item_name",
            [session_id],
        ).fetchall()
        assert cart == [("Idly", 2, Decimal("40.00"), False), ("Masala Dosa", 2, Decimal("80.00"), False)]
        ((step, mentioned, menu),) = session.execute(
            "SELECT current_step, last_mentioned_item_name, last_shown_menu FROM session_state WHERE session_id = %s",
            [session_id],
        ).fetchall()
        assert (step, mentioned) == ("order_placed", "Masala Dosa")
        assert {"name", "position"} <= set(menu[0])
        items = session.execute(
            "SELECT item_name, quantity, unit_price, subtotal FROM order_item WHERE order_id = %s ORDER BY item_name",
            [order_id],
        ).fetchall()
        assert items == [
            ("Idly", 2, Decimal("40.00"), Decimal("80.00")),
            ("Masala Dosa", 2, Decimal("80.00"), Decimal("160.00")),
        ]
        payments = session.execute("SELECT tender, amount FROM order_payment").fetchall()
        assert payments == [("CASH", Decimal("240.00"))]
        assert session.execute("SELECT get_cart_total(%s)", [session_id]).fetchone() == (Decimal(0),)
