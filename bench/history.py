"""Years of a venue's data, inserted into its tables: orders with every outcome, their events, conflicts, quarantine.

The chains are not valid: no benchmark on these rows reads a hash.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from bench import venue

if TYPE_CHECKING:
    import psycopg

#: Cashiers of the venue, who use every till in turn.
STAFF: Final = 60
MONTHS: Final = 36
#: The numbers of open conflicts, waiting records and open orders; these are the newest of their kinds.
OPEN_CONFLICTS: Final = 50
WAITING: Final = 20
ACTIVE: Final = 200
#: Creates an id from a time and a number; ids sort by both.
BENCH_ID: Final = """
    CREATE FUNCTION bench_id(at timestamptz, number bigint) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$
        SELECT (lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0') || '7'
            || lpad(to_hex(number & 4095), 3, '0') || '8' || lpad(to_hex(number >> 12), 15, '0'))::uuid
    $$
"""
#: The orders, with opening time and outcome. Of a hundred, two were cleared by a colleague, one got a line from another
#: till after it was paid, one is a conflict, and five had a discount or a comp. Of a thousand, one was abandoned.
_MADE: Final = (
    BENCH_ID,
    """
    CREATE UNLOGGED TABLE bench_made AS
    SELECT n, bench_id(t.at, n * 16)::text COLLATE "C" AS id, bench_id(t.at, n * 16 + 8) AS order_id,
        bench_id(t.at, n * 16 + 9) AS line, bench_id(t.at, n * 16 + 10) AS late_line, t.at,
        1 + (n * 7 + n / 50 * 11) %% %(staff)s AS user_id, 1 + n %% %(tills)s AS till,
        CASE WHEN n > %(sessions)s - %(active)s THEN 'active' WHEN n %% 50 = 7 THEN 'discarded'
            WHEN n %% 500 = 31 THEN 'assigned_to_tab' WHEN n %% 1009 = 0 THEN 'pending_logout' ELSE 'completed'
            END AS status,
        n <= %(sessions)s - %(active)s AND n %% 100 = 13 AS late,
        n <= %(sessions)s - %(active)s AND n %% 500 = 31 AS twice,
        n <= %(sessions)s - %(active)s AND n %% 100 = 31 AND n %% 1009 > 0 AS conflict
    FROM generate_series(1, %(sessions)s) AS n,
        LATERAL (SELECT now() - make_interval(months => %(months)s) * (1 - n::float8 / %(sessions)s)) AS t (at)
    """,
    "CREATE INDEX ON bench_made (n)",
    """
    INSERT INTO till.users (store_id, id, name, role)
    SELECT %(store)s, n, 'cashier ' || n, 'cashier' FROM generate_series(1, %(staff)s) AS n ON CONFLICT DO NOTHING
    """,
    """
    INSERT INTO till.order_sessions (
        id, store_id, user_id, till_id, hold_id, hold_till, last_move, status, items, total, currency,
        order_type, version, last_event, created_at, updated_at, arrived_at, logout_time)
    SELECT m.id, %(store)s, m.user_id, CASE WHEN m.status = 'active' THEN m.till END,
        bench_id(m.at, m.n * 16), m.till, bench_id(m.at, m.n * 16 + 2), m.status,
        '[{"item": "Idly", "quantity": 2, "unit_price": "40.00", "amount": "80.00", "line_ids": [], "voided": false}]',
        80, 'INR', 'take_away', CASE WHEN m.twice OR m.late AND m.n %% 500 <> 13 THEN 5 WHEN m.late THEN 4 ELSE 3 END,
        bench_id(m.at, m.n * 16 + 2), m.at,
        m.at + interval '1 minute', m.at + interval '1 minute',
        CASE WHEN m.status = 'pending_logout' THEN m.at + interval '1 minute' END
    FROM bench_made AS m
    """,
)
#: A journal for each till and year; the newest is live, except for the first till, which will begin another one. The
#: newest events are in the log, the others in the audit.
_EVENTS: Final = (
    """
    INSERT INTO warm.journal_head (journal_id, store_id, till_id, series, opened_at, retired_at)
    SELECT md5('journal ' || t || ' ' || y)::uuid, %(store)s, t, chr(65 + y),
        now() - make_interval(months => %(months)s) + make_interval(years => y),
        CASE WHEN y < %(years)s - 1 THEN now() END
    FROM generate_series(1, %(tills)s) AS t, generate_series(0, %(years)s - 1) AS y
    """,
    """
    UPDATE till.tills SET seen_at = now() - interval '40 minutes' WHERE store_id = %(store)s AND id > 1
    """,
    """
    UPDATE till.tills SET live_journal = md5('journal ' || id || ' ' || (%(years)s - 1))::uuid, journals = %(years)s
    WHERE store_id = %(store)s AND id > 1
    """,
    """
    CREATE UNLOGGED TABLE bench_events (LIKE warm.session_events)
    """,
    """
    INSERT INTO bench_events (
        event_id, session_id, stream_kind, stream_id, event_type, v, harmless, event_data, "timestamp", journal_id, seq,
        till_id, store_id, user_id, hold_id, version, prev_hash, hash, body, received_at)
    SELECT bench_id(m.at, m.n * 16 + e.version - 1), m.id, 'order', m.id::uuid, e.type, 1, false, e.data,
        m.at + e.version * interval '10 s',
        md5('journal ' || e.till || ' ' || least(%(years)s - 1, ((m.n - 1) * %(years)s / %(sessions)s)))::uuid,
        (extract(epoch FROM m.at + e.version * interval '10 s') * 1000000)::bigint, e.till, %(store)s, e.user_id,
        bench_id(m.at, m.n * 16), e.version, repeat('0', 64), repeat('0', 64),
        '{"data":' || e.data::text || '}', m.at + e.version * interval '10 s'
    FROM bench_made AS m CROSS JOIN LATERAL (VALUES
        (1, 'order_opened', m.till, m.user_id,
            jsonb_build_object('user', m.user_id, 'currency', 'INR', 'order_type', 'take_away')),
        (2, 'item_added', m.till, m.user_id, jsonb_build_object(
            'line_id', m.line, 'item_id', 'idly', 'item_name', 'Idly', 'quantity', 2, 'price', '40.00')),
        (3, CASE m.status WHEN 'completed' THEN 'order_placed' WHEN 'discarded' THEN 'order_discarded'
                WHEN 'pending_logout' THEN 'order_parked' WHEN 'assigned_to_tab' THEN 'tab_assigned'
                ELSE 'menu_viewed' END, m.till,
            CASE WHEN m.status = 'discarded' THEN 1 + m.user_id %% %(staff)s ELSE m.user_id END,
            CASE m.status WHEN 'completed' THEN jsonb_build_object(
                'order_id', m.order_id, 'receipt', m.till || '-' || m.n, 'total', '80.00', 'currency', 'INR',
                'lines', jsonb_build_array(jsonb_build_object(
                    'line_ids', jsonb_build_array(m.line), 'quantity', 2, 'line_quantities', jsonb_build_array(2))),
                'payments', jsonb_build_array(jsonb_build_object('payment_id', m.order_id, 'amount', '80.00')))
            ELSE jsonb_build_object('line_ids', jsonb_build_array(m.line)) END),
        (4, CASE WHEN m.late THEN 'item_added' ELSE 'lines_moved' END, 1 + m.till %% %(tills)s, m.user_id,
            CASE WHEN m.late THEN jsonb_build_object(
                'line_id', m.late_line, 'item_id', 'dosa', 'item_name', 'Dosa', 'quantity', 1, 'price', '80.00')
            WHEN m.twice THEN jsonb_build_object(
                'to_session', (SELECT x.id FROM bench_made AS x WHERE x.n = m.n + 1),
                'line_ids', jsonb_build_array(m.line)) END),
        (5, 'lines_moved', m.till, m.user_id, CASE WHEN m.late AND m.n %% 500 <> 13 THEN jsonb_build_object(
                'to_session', m.id, 'line_ids', jsonb_build_array(m.late_line), 'late', true)
            WHEN m.twice THEN jsonb_build_object(
                'to_session', (SELECT x.id FROM bench_made AS x WHERE x.n = m.n + 2),
                'line_ids', jsonb_build_array(m.line)) END)
    ) AS e (version, type, till, user_id, data)
    WHERE e.data IS NOT NULL
    """,
    """
    INSERT INTO bench_events (
        event_id, stream_kind, stream_id, event_type, v, harmless, event_data, "timestamp", journal_id, seq, till_id,
        store_id, user_id, prev_hash, hash, body, received_at)
    SELECT bench_id(d.at, 11 + u * 16), 'login', bench_id(d.at, 11 + u * 16), 'logged_in', 1, false,
        jsonb_build_object('user', u), d.at,
        md5('journal ' || (1 + u %% %(tills)s) || ' ' || (%(years)s - 1))::uuid,
        (extract(epoch FROM d.at) * 1000000)::bigint + u, 1 + u %% %(tills)s, %(store)s, u,
        repeat('0', 64), repeat('0', 64), '{}', d.at
    FROM generate_series(now() - interval '60 days', now() - interval '1 day', interval '1 day') AS d (at),
        generate_series(1, %(staff)s) AS u
    """,
    """
    INSERT INTO bench_events (
        event_id, stream_kind, stream_id, event_type, v, harmless, event_data, "timestamp", journal_id, seq, till_id,
        store_id, prev_hash, hash, body, received_at)
    SELECT bench_id(h.opened_at, 12 + h.till_id * 16), 'till', h.journal_id, 'journal_opened', 1, false, '{}',
        h.opened_at, h.journal_id, 1, h.till_id, %(store)s, repeat('0', 64), repeat('0', 64), '{}', h.opened_at
    FROM warm.journal_head AS h WHERE h.store_id = %(store)s AND h.till_id > 0
    """,
    """
    DO $$ DECLARE month timestamp; BEGIN
        FOR month IN SELECT DISTINCT date_trunc('month', received_at AT TIME ZONE 'UTC') FROM bench_events
        LOOP PERFORM cold.make_audit_partition(month); END LOOP;
    END $$
    """,
    *(  # a month at a time: a sort of all of them at once needs gigabytes on the disk
        f"""
        INSERT INTO cold.order_audit SELECT * FROM bench_events WHERE received_at < now() - interval '30 days'
            AND received_at >= date_trunc('month', now()) - interval '{month} months'
            AND received_at < date_trunc('month', now()) - interval '{month - 1} months'
        ORDER BY received_at
        """  # noqa: S608 - our own words
        for month in range(MONTHS + 1, -1, -1)
    ),
    """
    INSERT INTO warm.session_events SELECT * FROM bench_events WHERE received_at >= now() - interval '30 days'
    ORDER BY received_at
    """,
    """
    INSERT INTO warm.logins
    SELECT store_id, user_id, received_at, event_id FROM warm.session_events WHERE event_type = 'logged_in'
    """,
    """
    INSERT INTO cold.audit_reach
    SELECT %(store)s, event_id FROM cold.order_audit ORDER BY received_at DESC LIMIT 1
    ON CONFLICT (store_id) DO UPDATE SET newest = excluded.newest
    """,
    """
    INSERT INTO warm.event_texts
    SELECT e.event_id, 'reason', 'salt', 'the guest left', e.store_id FROM warm.session_events AS e
    WHERE e.event_type = 'order_discarded'
    """,
    """
    INSERT INTO cold.order_audit_texts
    SELECT e.event_id, 'reason', 'salt', 'the guest left', e.store_id FROM cold.order_audit AS e
    WHERE e.event_type = 'order_discarded'
    """,
)
_MONEY: Final = (
    "ALTER TABLE cold.order_line DISABLE TRIGGER nothing_late",
    """
    WITH line AS (
        INSERT INTO cold.order_line
        SELECT m.line, m.order_id, %(store)s FROM bench_made AS m WHERE m.status = 'completed'
    )
    INSERT INTO cold.orders (
        order_id, session_id, order_source_id, total_amount, net, tax, rounding, service_charge, service_charge_net,
        off, currency, receipt, business_date, taxes, voids, user_id, till_id, event_id, store_id, created_at)
    SELECT m.order_id, m.id, 1, 80, 80, 0, 0, 0, 0, CASE WHEN m.n %% 20 = 9 THEN jsonb_build_array(jsonb_build_object(
            'kind', CASE m.n %% 40 WHEN 9 THEN 'comp' ELSE 'discount' END, 'name', '', 'amount', '-5.00',
            'event', bench_id(m.at, m.n * 16 + 1))) ELSE '[]' END,
        'INR', m.till || '-' || m.n, m.at::date, '[]', '[]',
        m.user_id, m.till, bench_id(m.at, m.n * 16 + 2), %(store)s, m.at
    FROM bench_made AS m WHERE m.status = 'completed'
    """,
    """
    INSERT INTO till.conflicts (
        id, store_id, session_id, kind, subject, amount, currency, found_by, till_id, found_at, event_id, resolved_at,
        resolved_by, how)
    SELECT gen_random_uuid(), %(store)s, m.id, CASE WHEN m.twice THEN 'outcome_contradicted'
            WHEN m.n %% 500 = 131 THEN 'number_twice' ELSE 'sold_twice' END,
        CASE WHEN m.twice THEN (SELECT x.line::text FROM bench_made AS x WHERE x.n = m.n + 1)
            ELSE m.order_id::text END, 80, 'INR', m.till, m.till, m.at, m.order_id,
        CASE WHEN row_number() OVER (ORDER BY m.n DESC) > %(open)s THEN m.at + interval '1 day' END, 9, 'given back'
    FROM bench_made AS m WHERE m.conflict
    """,
    """
    INSERT INTO warm.quarantine (
        store_id, session_id, event_id, till_id, event_type, reason, sqlstate, amount, body, received_at, resolved_at)
    SELECT %(store)s, m.id, m.order_id, m.till, 'order_placed', 'The total does not add up.', 'TL001', 80,
        '{"data":{"currency":"INR"}}', m.at,
        CASE WHEN row_number() OVER (ORDER BY m.n DESC) > %(waiting)s THEN m.at + interval '1 day' END
    FROM bench_made AS m WHERE m.n %% 1000 = 77
    """,
    "SELECT warm.rebuild_relation(%(store)s)",
)
_TIDY: Final = (
    "DROP TABLE bench_events, bench_made",
    *(
        f"VACUUM ANALYZE {table}"
        for table in (
            *("till.users", "till.order_sessions", "till.conflicts", "till.tills", "warm.journal_head"),
            *("warm.session_events", "warm.event_texts", "warm.logins", "warm.quarantine", "cold.order_audit"),
            *("cold.order_audit_texts", "cold.orders", "cold.order_line", "warm.order_contents", "warm.content_moves"),
        )
    ),
)


def fill(connection: psycopg.Connection[Any], sessions: int, months: int = MONTHS) -> None:
    """Fill a fresh database of the bench's venue, and vacuum it.

    Args:
        connection: a connection of its owner, in autocommit mode.
        sessions: the number of orders of the venue.
        months: the time in which they were made.
    """
    values = {
        "store": venue.STORE,
        "tills": venue.TILLS,
        "staff": STAFF,
        "months": months,
        "years": -(-months // 12),
        "sessions": sessions,
        "active": ACTIVE,
        "open": OPEN_CONFLICTS,
        "waiting": WAITING,
    }
    for statement in (*_MADE, *_EVENTS, *_MONEY):
        connection.execute(statement, values)
    for statement in _TIDY:
        connection.execute(statement)
