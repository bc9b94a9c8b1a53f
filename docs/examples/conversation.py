"""A conversation at a chat front end. As libpq does, it takes PGHOST, PGPASSWORD and so on.

`till admin programs add chat` prints them. Say: conversation.py [session] [the last turn to play, 1 to 6].
"""

import json
import sys
from typing import Any

import psycopg

GUEST = "4c85ba72-f59b-4287-bf91-e53f49ed0b9d"
MENU = "SELECT menu_item_id, name, price FROM menu_item WHERE name IN ('Idly', 'Masala Dosa') ORDER BY position;"
LOG = "INSERT INTO session_events (session_id, event_type, event_data) VALUES (%s, %s, %s::jsonb);"
SHOW = """INSERT INTO session_state (session_id, user_id, last_shown_menu) VALUES (%s, %s, %s::jsonb)
    ON CONFLICT (session_id) DO UPDATE SET last_shown_menu = EXCLUDED.last_shown_menu, last_activity_at = NOW();"""
ADD = """INSERT INTO session_cart (session_id, item_id, item_name, quantity, price) VALUES (
    %(session)s, %(item_id)s, %(item_name)s, %(quantity)s, %(price)s)
    ON CONFLICT (session_id, item_id) DO UPDATE SET
        quantity = session_cart.quantity + EXCLUDED.quantity, updated_at = NOW(), is_active = TRUE;"""
MENTION = """UPDATE session_state SET last_mentioned_item_id = %s, last_mentioned_item_name = %s,
    current_step = 'ordering', last_activity_at = NOW() WHERE session_id = %s;"""
MORE = "UPDATE session_cart SET quantity = quantity + 1 WHERE session_id = %(session)s AND item_id = %(item_id)s;"
LAST = "SELECT last_mentioned_item_name FROM session_state WHERE session_id = %s;"
CHECKOUT = "INSERT INTO session_checkout (session_id, order_type, started_at) VALUES (%s, 'take_away', NOW());"
ORDER = "SELECT create_order_from_session(%s, 'take_away', 'cash', %s);"


def main(session: str = "sess_abc123", last: str = "6") -> None:
    """Play the turns; each statement is a transaction of its own."""
    with psycopg.connect(autocommit=True) as chat:

        def ask(query: str, *values: object) -> tuple[Any, ...]:
            return chat.execute(query, values).fetchall()[0]

        menu = [{"id": item, "name": name, "price": float(price)} for item, name, price in chat.execute(MENU)]

        def add(wanted: str, quantity: int, statement: str = ADD) -> None:
            (one,) = (one for one in menu if one["name"] == wanted)
            item = {"item_id": one["id"], "item_name": wanted, "quantity": quantity, "price": one["price"]}
            chat.execute(LOG, [session, "item_added", json.dumps(item)])
            chat.execute(statement, {**item, "session": session})
            chat.execute(MENTION, [one["id"], wanted, session])

        def show_menu() -> None:
            chat.execute(LOG, [session, "menu_viewed", '{"query": "", "result_count": 50, "meal_period": "Breakfast"}'])
            chat.execute(SHOW, [session, GUEST, json.dumps(menu)])

        def check_out() -> None:
            chat.execute(CHECKOUT, [session])
            print("Order", *ask(ORDER, session, GUEST))

        turns = (show_menu, lambda: add("Idly", 2), lambda: add("Masala Dosa", 1), lambda: None,
                 lambda: add(ask(LAST, session)[0], 1, MORE), check_out)  # fmt: skip
        for turn in turns[: int(last)]:
            turn()
            print(*ask("SELECT get_cart_total(%s);", session), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
