"""A page of the active order sessions, and one session by its id, in a large table."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Final

from bench import venue
from bench.table import Figure, Sample, under

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import psycopg

    from bench.testbed import Bench

ACTIVE: Final = 10_000
_PAGE: Final = 50
#: Sessions of different age. The active ones are spread among all; a few are suspended. They have no events, and their
#: version says so: else each look-up would search the audit for what is missing.
_FILL: Final = """
    INSERT INTO till.order_sessions (
        id, store_id, user_id, status, items, total, currency, order_type, version, created_at, updated_at, arrived_at)
    SELECT '0197d6a0-' || lpad(to_hex(n >> 16), 4, '0') || '-7' || lpad(to_hex((n >> 4) & 4095), 3, '0') || '-8'
            || lpad(to_hex(n & 15), 3, '0') || '-000000000000',
        %(store)s, 1 + n %% %(users)s,
        CASE WHEN n %% %(every)s = 0 THEN 'active' WHEN n %% 1009 = 0 THEN 'pending_logout' ELSE 'completed' END,
        '[{"item": "Idly", "quantity": 2, "unit_price": "40.00", "amount": "80.00", "line_ids": [], "voided": false}]',
        80, 'INR', 'take_away', 0, now() - interval '1 year' + n * interval '20 seconds', now(), now()
    FROM generate_series(1, %(all)s) AS n
"""
_LIST: Final = "SELECT till.session_list_v1(%s, ARRAY['active'], p_limit => 50, p_after => %s)"
_BY_ID: Final = "SELECT till.order_session_by_id_v1(%s, 1, %s)"
_ROWS: Final = "SELECT * FROM till.order_sessions WHERE id = ANY (%s)"


def fill(connection: psycopg.Connection[Any], rows: int, users: int) -> None:
    """Insert sessions of some users."""
    connection.execute(_FILL, {"store": venue.STORE, "every": max(2, rows // ACTIVE), "all": rows, "users": users})
    connection.execute("VACUUM ANALYZE till.order_sessions")


def _timed(connection: psycopg.Connection[Any], query: str, values: Sequence[Any]) -> tuple[float, Any]:
    begun = time.perf_counter()
    row = connection.execute(query, values, prepare=True).fetchall()
    return time.perf_counter() - begun, row


def measure(testbed: Bench, rows: int, times: int) -> dict[str, tuple[Sample, Sample]]:
    """Measure milliseconds of pages and of lookups, and of reading the same rows by primary key."""
    pages: tuple[list[float], list[float]] = ([], [])
    ones: tuple[list[float], list[float]] = ([], [])
    with testbed.database() as database, testbed.connect(database.owner) as connection:
        fill(connection, rows, 6)
        after = None
        for number in range(times + 5):
            took, found = _timed(connection, _LIST, (venue.STORE, after))
            page = found[0][0]
            ids = [session["id"] for session in page["sessions"]]
            raw, _rows = _timed(connection, _ROWS, (ids,))
            own = next(session["id"] for session in page["sessions"] if session["user"] == 1)
            one, _row = _timed(connection, _BY_ID, (venue.STORE, own))
            key, _row = _timed(connection, _ROWS, ([own],))
            after = page["next"] if len(ids) == _PAGE and number % 100 else None
            if number >= 5:
                for samples, pair in ((pages, (took, raw)), (ones, (one, key))):
                    samples[0].append(pair[0])
                    samples[1].append(pair[1])
    return {
        "page": (Sample.of(pages[0], 1000), Sample.of(pages[1], 1000)),
        "lookup": (Sample.of(ones[0], 1000), Sample.of(ones[1], 1000)),
    }


def run(testbed: Bench) -> Iterator[Figure]:
    """Yield a page and a lookup. The long form adds a larger table, to show that the size does not matter."""
    for rows in (100_000, 1_000_000) if testbed.full else (100_000,):
        found = measure(testbed, rows, 1000 if testbed.full else 200)
        own, limit = found["page"]
        name = f"{ACTIVE:,} active of {rows:,} sessions"
        yield Figure(
            f"page of {_PAGE}, {name}, p95", own.p95, "ms", limit.p95, "the same rows by id", under(10, "ms"), own
        )
        own, limit = found["lookup"]
        yield Figure(f"one session, {name}, p95", own.p95, "ms", limit.p95, "the same row by id", under(1, "ms"), own)
