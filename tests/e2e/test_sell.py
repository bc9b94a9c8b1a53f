"""From the key to PostgreSQL: a sale as a cashier keys it, and the rows that it leaves."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.plugins.terminals import Venue

ORDERS = "SELECT order_type, total_amount, customer_id, session_id FROM cold.orders"
ITEMS = "SELECT item_name, quantity, unit_price, subtotal FROM cold.order_item ORDER BY item_name"


def test_a_sale_from_login_to_the_rows_of_the_database(venue: Venue) -> None:
    till = venue.open_at(1, size=(120, 36))
    till.type("2 idly\r").wait_for("Added 2 × Idly. Total ₹80.00.")
    till.type("1 masala dosa\r").wait_for("Added 1 × Masala Dosa. Total ₹160.00.")
    till.wait_for(lambda t: t.quantities() == {"Idly": 2, "Masala Dosa": 1})
    till.press("f7").wait_for("keyed twice").press("2").press("enter").wait_for(
        "Void: 1 × Masala Dosa. Ctrl+Z undoes it."
    )
    till.wait_for("wrong item")
    till.press("ctrl+z").wait_for("Masala Dosa is back. Total ₹160.00.")
    till.press("f9").wait_for("Enter takes ₹160.00 in cash.")
    till.type("500").wait_for("Change ₹340.00.").press("enter")
    till.wait_for("Paid ₹160.00. Change ₹340.00.").wait_for("stays until the next line")
    till.wait_for(lambda t: t.quantities() == {"Idly": 2, "Masala Dosa": 1})
    till.wait_for("● saved")

    ((kind, total, _customer, session),) = venue.rows(ORDERS)
    assert (kind, total) == ("take_away", Decimal("160.00"))
    assert venue.rows(ITEMS) == [
        ("Idly", 2, Decimal(40), Decimal("80.00")),
        ("Masala Dosa", 1, Decimal(80), Decimal("80.00")),
    ]
    assert venue.rows("SELECT tender, amount, is_change FROM cold.order_payment ORDER BY is_change") == [
        ("CASH", Decimal("500.00"), False),
        ("CASH", Decimal("-340.00"), True),
    ]
    assert venue.rows("SELECT id::text, status, user_id FROM till.order_sessions") == [(session, "completed", 1)]
    assert venue.rows("SELECT DISTINCT is_active FROM hot.session_cart") == [(False,)]
    report = venue.ask("report", "sales", "--day", "today")
    assert (report["sales"], report["total"], report["tenders"]) == (1, "160.00", {"CASH": "160.00"})
    assert report["items"] == [
        {"item": "Idly", "quantity": 2, "amount": "80.00"},
        {"item": "Masala Dosa", "quantity": 1, "amount": "80.00"},
    ]
