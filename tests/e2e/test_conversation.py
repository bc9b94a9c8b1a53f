"""The conversation of docs/adaptations.md, keyed word for word, and the rows after each of its turns."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from tests.e2e.turns import DOSA, IDLIES, KEYED, ONE, PAID, TWO, VIEWED, Turn, check

if TYPE_CHECKING:
    from tests.plugins.terminals import Venue


def test_each_turn_of_the_conversation_leaves_the_rows_that_the_documents_list(venue: Venue) -> None:
    till = venue.open_at(1)
    till.type("show me the menu\r").wait_for("change the part.").wait_for("● saved")
    check(venue, Turn([VIEWED], "browsing"))
    till.type("add 2 idly\r").wait_for("Added 2 × Idly. Total ₹80.00.").wait_for("● saved")
    check(venue, Turn([VIEWED, IDLIES], "ordering", "Idly", {"Idly": (2, 40)}))
    till.type("also add 1 masala dosa\r").wait_for("Added 1 × Masala Dosa. Total ₹160.00.").wait_for("● saved")
    check(venue, Turn([VIEWED, IDLIES, DOSA], "ordering", "Masala Dosa", ONE))
    till.type("view my cart\r").wait_for("2 × Idly ₹80.00, 1 × Masala Dosa ₹80.00. Total ₹160.00.").wait_for("● saved")
    check(venue, Turn([VIEWED, IDLIES, DOSA], "ordering", "Masala Dosa", ONE))
    till.type("add one more\r").wait_for("Added 1 × Masala Dosa. Total ₹240.00.").wait_for("● saved")
    check(venue, Turn(KEYED, "ordering", "Masala Dosa", TWO))
    till.type("take away\r").wait_for("This order is take away.")
    till.type("checkout please\r").wait_for("Enter takes ₹240.00 in cash.").wait_for("● saved")
    asked = (None, Decimal(240), "created")
    check(venue, Turn(KEYED, "checkout", "Masala Dosa", TWO, ("take_away", None, False, True), asked))
    till.type("cash\r").wait_for("Paid ₹240.00, exact.").wait_for("● saved")
    check(venue, PAID)
    ((query, shown, period),) = venue.rows(
        "SELECT event_data->>'query', (event_data->>'result_count')::integer, event_data->>'meal_period' "
        "FROM session_events WHERE event_type = 'menu_viewed'"
    )
    assert (query, shown > 0, period is not None) == ("", True, True)
    assert venue.rows("SELECT tender, amount FROM order_payment") == [("CASH", Decimal(240))]


def test_the_same_in_one_write(venue: Venue) -> None:
    words = ("show me the menu", "add 2 idly", "also add 1 masala dosa", "view my cart", "add one more", "take away")
    till = venue.open_at(1)
    till.type("".join(f"{sentence}\r" for sentence in (*words, "checkout please", "cash")))
    till.wait_for("Paid ₹240.00, exact.").wait_for("● saved")
    check(venue, PAID)
