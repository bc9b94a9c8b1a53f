"""The money of the whole venue that has no answer yet, as the desk and `till recover` name it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import text

from till.domain.payment.unanswered import Asked, Unanswered

if TYPE_CHECKING:
    from datetime import timedelta

    from sqlalchemy import Connection

# What a revoked till left is a conflict of its own (`no_answer`).
_ROWS: Final = text("""
    SELECT c.refund_id::text AS id, 'refund' AS asked, (-c.amount)::text AS amount, o.currency, c.till_id AS till,
        o.session_id AS session, c.started_at AS at, c.receipt, '' AS place, '' AS person, true AS is_over
    FROM till.refund_claims AS c
    JOIN cold.orders AS o ON o.order_id = c.order_id
    JOIN till.tills AS t ON t.store_id = c.store_id AND t.id = c.till_id
    WHERE c.store_id = :store AND c.standing IN ('reserved', 'unknown') AND t.revoked_at IS NULL
        AND c.started_at < now() - :grace
    UNION ALL
    SELECT w.id, w.asked, w.amount, s.currency, coalesce(s.hold_till, w.till_id), s.id, w.at, '', coalesce(b.name, ''),
        coalesce(u.name, ''), s.status IN ('completed', 'discarded')
    FROM till.order_sessions AS s
    CROSS JOIN LATERAL (
        SELECT DISTINCT ON (e.event_data->>'payment_id') e.event_type,
            coalesce(e.event_data->>'return_id', e.event_data->>'payment_id') AS id,
            CASE WHEN starts_with(e.event_type, 'payment_return_') THEN 'return' ELSE 'payment' END AS asked,
            e.event_data->>'amount' AS amount, e.till_id, e."timestamp" AS at
        FROM warm.session_events AS e
        WHERE e.session_id = s.id AND e.version IS NOT NULL
            AND e.event_type IN (
                'payment_started', 'payment_approved', 'payment_declined', 'payment_voided', 'payment_return_started',
                'payment_return_declined')
        ORDER BY e.event_data->>'payment_id', e.event_id DESC
    ) AS w
    LEFT JOIN till.tabs AS b ON b.id = s.tab_id
    LEFT JOIN till.users AS u ON u.store_id = s.store_id AND u.id = s.user_id
    WHERE s.store_id = :store AND s.status IN ('active', 'pending_logout', 'assigned_to_tab')
        AND w.event_type IN ('payment_started', 'payment_return_started') AND w.at < now() - :grace
    ORDER BY at
""")


def read_unanswered(connection: Connection, store_id: str, grace: timedelta) -> list[Unanswered]:
    """Read payments, returns and refunds without an answer, oldest first.

    Args:
        connection: with the owner's rights.
        store_id: the venue.
        grace: how long an answer may take before it is missed.
    """
    rows = connection.execute(_ROWS, {"store": store_id, "grace": grace}).mappings()
    return [Unanswered(**{**row, "asked": Asked(row["asked"])}) for row in rows]
