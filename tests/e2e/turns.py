"""The turns of the conversation of docs/adaptations.md, and the rows after each of them."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from tests.plugins.terminals import Venue

#: The fields of each kind of event of the conversation, in their order.
EVENTS = """SELECT event_type, event_data->>'item_name', (event_data->>'quantity')::integer FROM session_events
    WHERE session_id IS NOT NULL AND event_type = ANY ('{menu_viewed,item_added,order_placed}') ORDER BY event_id"""
STATE = "SELECT user_id, current_step, last_mentioned_item_name FROM session_state"
SHOWN = "SELECT last_shown_menu FROM session_state"
#: A row was added when its first line was keyed.
CART = """SELECT c.item_name, c.quantity, c.price, c.is_active, c.added_at = (
        SELECT min(e.timestamp) FROM session_events AS e
        WHERE e.session_id = c.session_id AND e.event_type = 'item_added' AND e.event_data->>'item_id' = c.item_id)
    FROM session_cart AS c ORDER BY c.added_at"""
ASKED = """SELECT g.item_name, g.quantity, g.price, g.total FROM session_state AS s
    CROSS JOIN LATERAL get_session_cart(s.session_id) AS g"""
TOTAL = "SELECT get_cart_total(session_id) FROM session_state"
CHECKOUT = """SELECT c.order_type, c.payment_method, c.completed_at IS NOT NULL, c.started_at = (
        SELECT e.timestamp FROM session_events AS e
        WHERE e.session_id = c.session_id AND e.event_type = 'checkout_started')
    FROM session_checkout AS c"""
INTENT = "SELECT payment_gateway, amount, status FROM session_payment_intent"
ORDERS = "SELECT total_amount, order_type, payment_method FROM orders"
ITEMS = "SELECT item_name, quantity, unit_price, subtotal FROM order_item ORDER BY position"
HISTORY = "SELECT status FROM order_status_history ORDER BY position"

VIEWED = ("menu_viewed", None, None)
IDLIES = ("item_added", "Idly", 2)
DOSA = ("item_added", "Masala Dosa", 1)


class Turn(NamedTuple):
    """The contents of the tables after a turn; empty by default."""

    events: list[Any]
    step: str
    mentioned: str | None = None
    cart: dict[str, tuple[int, int]] | None = None
    checkout: tuple[Any, ...] | None = None
    intent: tuple[Any, ...] | None = None
    is_placed: bool = False


def check(venue: Venue, turn: Turn) -> None:
    """Check every table after a turn."""
    lines = [(name, quantity, Decimal(price)) for name, (quantity, price) in (turn.cart or {}).items()]
    total = sum((quantity * price for _name, quantity, price in lines), Decimal(0))
    with venue.connect() as session:

        def rows(query: str) -> list[Any]:
            return session.execute(query).fetchall()

        assert rows(EVENTS) == turn.events
        assert rows(STATE) == [("1", turn.step, turn.mentioned)]
        ((menu,),) = rows(SHOWN)
        assert {"name", "position"} <= set(menu[0])
        assert rows(CART) == [(*line, not turn.is_placed, True) for line in lines]
        asked = [] if turn.is_placed else [(*line, line[1] * line[2]) for line in lines]
        assert (rows(ASKED), rows(TOTAL)) == (asked, [(Decimal(0) if turn.is_placed else total,)])
        assert rows(CHECKOUT) == ([turn.checkout] if turn.checkout else [])
        assert rows(INTENT) == ([turn.intent] if turn.intent else [])
        assert rows(ORDERS) == ([(total, "take_away", "cash")] if turn.is_placed else [])
        assert rows(ITEMS) == ([(*line, line[1] * line[2]) for line in lines] if turn.is_placed else [])
        assert rows(HISTORY) == ([("active",), ("completed",)] if turn.is_placed else [])


ONE = {"Idly": (2, 40), "Masala Dosa": (1, 80)}
TWO = {"Idly": (2, 40), "Masala Dosa": (2, 80)}
KEYED = [VIEWED, IDLIES, DOSA, DOSA]
PAID = Turn(
    [*KEYED, ("order_placed", None, None)],
    "order_placed",
    "Masala Dosa",
    TWO,
    ("take_away", "cash", True, True),
    ("CASH", Decimal(240), "completed"),
    is_placed=True,
)
