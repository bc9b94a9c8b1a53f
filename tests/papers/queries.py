"""Queries of the owner's papers in SQL, letter for letter: facts of an interface, each with its paper."""

from __future__ import annotations

from typing import Final, NamedTuple

HOT_COLD: Final = "hot-cold-session-architecture.md"
CONVERSATION: Final = "sample-conversation-flow.md"
SESSION_SERVICE: Final = "session-service-database.md"
AT_SCALE: Final = "redbut-session-optimisations.md"


class Written(NamedTuple):
    """A statement, as its paper has it."""

    paper: str
    text: str


ACTIVE_SESSIONS: Final = Written(
    HOT_COLD,
    """
SELECT COUNT(*) FROM session_state
WHERE last_activity_at > NOW() - INTERVAL '5 minutes';
""",
)
HOT_SIZES: Final = Written(
    HOT_COLD,
    """
SELECT
    schemaname,
    tablename,
    pg_size_pretty(pg_total_relation_size(schemaname||'.'||tablename))
FROM pg_tables
WHERE tablename LIKE 'session_%';
""",
)
CONVERSION: Final = Written(
    HOT_COLD,
    """
SELECT
    COUNT(DISTINCT se.session_id) as sessions_with_items,
    COUNT(DISTINCT o.order_id) as orders_placed,
    (COUNT(DISTINCT o.order_id)::float / COUNT(DISTINCT se.session_id) * 100) as conversion_rate
FROM session_events se
LEFT JOIN orders o ON se.session_id = o.session_id
WHERE se.event_type = 'item_added'
  AND se.timestamp > NOW() - INTERVAL '24 hours';
""",
)
CLEAN_CART: Final = Written(
    HOT_COLD,
    """
DELETE FROM session_cart WHERE session_id IN (
    SELECT session_id FROM session_state
    WHERE last_activity_at < NOW() - INTERVAL '24 hours'
);
""",
)
CLEAN_STATE: Final = Written(
    HOT_COLD,
    """
DELETE FROM session_state
WHERE last_activity_at < NOW() - INTERVAL '24 hours';
""",
)
CLEAN_EVENTS: Final = Written(
    HOT_COLD,
    """
DELETE FROM session_events
WHERE timestamp < NOW() - INTERVAL '30 days';
""",
)

FUNNEL: Final = Written(
    CONVERSATION,
    """
SELECT
    COUNT(DISTINCT CASE WHEN event_type = 'menu_viewed' THEN session_id END) as viewed_menu,
    COUNT(DISTINCT CASE WHEN event_type = 'item_added' THEN session_id END) as added_items,
    COUNT(DISTINCT CASE WHEN event_type = 'order_placed' THEN session_id END) as placed_orders
FROM session_events
WHERE timestamp > NOW() - INTERVAL '1 day';
""",
)
POPULAR: Final = Written(
    CONVERSATION,
    """
SELECT
    event_data->>'item_name' as item_name,
    SUM((event_data->>'quantity')::int) as total_quantity
FROM session_events
WHERE event_type = 'item_added'
  AND timestamp > NOW() - INTERVAL '7 days'
GROUP BY event_data->>'item_name'
ORDER BY total_quantity DESC
LIMIT 10;
""",
)
TIME_TO_ORDER: Final = Written(
    CONVERSATION,
    """
SELECT
    AVG(order_time - view_time) as avg_time_to_order
FROM (
    SELECT
        session_id,
        MIN(CASE WHEN event_type = 'menu_viewed' THEN timestamp END) as view_time,
        MIN(CASE WHEN event_type = 'order_placed' THEN timestamp END) as order_time
    FROM session_events
    WHERE timestamp > NOW() - INTERVAL '1 day'
    GROUP BY session_id
    HAVING MIN(CASE WHEN event_type = 'order_placed' THEN timestamp END) IS NOT NULL
) t;
""",
)
CART: Final = Written(CONVERSATION, "SELECT * FROM get_session_cart('sess_abc123');")
CART_TOTAL: Final = Written(CONVERSATION, "SELECT get_cart_total('sess_abc123');")
LAST_MENTIONED: Final = Written(
    CONVERSATION,
    """
SELECT last_mentioned_item_name
FROM session_state
WHERE session_id = 'sess_abc123';
""",
)
EXACT_STATE: Final = Written(
    CONVERSATION, "SELECT item_name, quantity FROM session_cart WHERE session_id = ? AND is_active = TRUE;"
)
TRAIL: Final = Written(
    CONVERSATION, "SELECT * FROM session_events WHERE session_id = 'sess_abc123' ORDER BY timestamp;"
)

LOG_VIEW: Final = Written(
    CONVERSATION,
    """
INSERT INTO session_events (session_id, event_type, event_data)
VALUES (
    'sess_abc123',
    'menu_viewed',
    '{"query": "", "result_count": 50, "meal_period": "Breakfast"}'::jsonb
);
""",
)
SHOW_MENU: Final = Written(
    CONVERSATION,
    """
INSERT INTO session_state (session_id, user_id, last_shown_menu)
VALUES (
    'sess_abc123',
    '4c85ba72-f59b-4287-bf91-e53f49ed0b9d',
    '[{"id": "item1", "name": "Idly", "position": 1}, ...]'::jsonb
)
ON CONFLICT (session_id) DO UPDATE SET
    last_shown_menu = EXCLUDED.last_shown_menu,
    last_activity_at = NOW();
""",
)
LOG_ADD: Final = Written(
    CONVERSATION,
    """
INSERT INTO session_events (session_id, event_type, event_data)
VALUES (
    'sess_abc123',
    'item_added',
    '{"item_id": "item-123", "item_name": "Idly", "quantity": 2, "price": 40}'::jsonb
);
""",
)
ADD: Final = Written(
    CONVERSATION,
    """
INSERT INTO session_cart (session_id, item_id, item_name, quantity, price)
VALUES ('sess_abc123', 'item-123', 'Idly', 2, 40.00)
ON CONFLICT (session_id, item_id) DO UPDATE SET
    quantity = session_cart.quantity + EXCLUDED.quantity,
    updated_at = NOW(),
    is_active = TRUE;
""",
)
MENTION: Final = Written(
    CONVERSATION,
    """
UPDATE session_state
SET
    last_mentioned_item_id = 'item-123',
    last_mentioned_item_name = 'Idly',
    current_step = 'ordering',
    last_activity_at = NOW()
WHERE session_id = 'sess_abc123';
""",
)
ONE_MORE: Final = Written(
    CONVERSATION,
    """
UPDATE session_cart
SET quantity = quantity + 1, updated_at = NOW()
WHERE session_id = 'sess_abc123' AND item_id = 'item-456';
""",
)
CHECKOUT: Final = Written(
    CONVERSATION,
    """
INSERT INTO session_checkout (session_id, order_type, started_at)
VALUES ('sess_abc123', 'take_away', NOW());
""",
)
ORDER: Final = Written(
    CONVERSATION,
    """
SELECT create_order_from_session(
    'sess_abc123',
    'take_away',
    'cash',
    '4c85ba72-f59b-4287-bf91-e53f49ed0b9d'
);
""",
)

OF_USER: Final = Written(
    SESSION_SERVICE,
    """
SELECT s.session_id, s.created_at, s.last_active, s.expires_at, 
       m.metadata->>'simulator_id' as simulator_id
FROM session.active_sessions s
JOIN session.session_metadata m ON s.session_id = m.session_id
WHERE s.user_id = '<user_id>' AND s.expires_at > NOW();
""",  # noqa: W291 - as written
)
INACTIVE_SIMULATORS: Final = Written(
    SESSION_SERVICE,
    """
SELECT simulator_id, session_id, user_id, status, 
       EXTRACT(EPOCH FROM (NOW() - last_active)) as seconds_inactive
FROM simulator.instances
WHERE status != 'STOPPED' 
AND last_active < NOW() - INTERVAL '1 hour';
""",  # noqa: W291 - as written
)
CONNECTIONS: Final = Written(
    SESSION_SERVICE,
    """
SELECT s.session_id, 
       (m.metadata->>'frontend_connections')::int as ws_connections,
       (m.metadata->>'sse_connections')::int as sse_connections,
       m.metadata->>'connection_quality' as quality,
       m.metadata->>'last_ws_connection' as last_connection
FROM session.active_sessions s
JOIN session.session_metadata m ON s.session_id = m.session_id
WHERE s.expires_at > NOW();
""",  # noqa: W291 - as written
)

SESSIONS_OF_A_WAITER: Final = Written(
    AT_SCALE, "EXPLAIN ANALYZE SELECT * FROM users WHERE waiter_id = ? AND session_id NOT LIKE 'CLOSED_%';"
)
"""Adapted: sessions are orders here, a waiter is `user_id`, and an end is a status. See docs/adaptations.md."""
