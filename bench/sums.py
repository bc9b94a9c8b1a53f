"""The sums of a shift in the database, at a thousand and at ten thousand records of each kind: their cost is linear."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Final

from bench import venue
from bench.table import Figure, Sample, within

if TYPE_CHECKING:
    from collections.abc import Iterator

    import psycopg

    from bench.testbed import Bench

#: The records of each kind in the two shifts.
FEW: Final = 1_000
MANY: Final = 10_000
_TIMES: Final = 5
#: A kind of record with its data. `n` is its number among its kind, `at(k, n)` the id of a record, `of(n)` that of an
#: order or a payment. Each record that changes another changes one of its own number, after all of the kinds before it.
_KINDS: Final = (
    ("payment_approved", """'payment_id', of(n), 'tender', 'CASH', 'amount', '40.00', 'tendered', '50.00',
        'change', '10.00', 'drawer', 1, 'approved_by', 9"""),
    ("payment_approved", """'payment_id', of(n), 'tender', 'CASH', 'amount', '40.00', 'tendered', '40.00',
        'change', '0.00', 'drawer', 1"""),
    ("order_placed", """'receipt', '1-' || n, 'business_date', '2026-03-03', 'net', '38.10', 'tax', '1.90',
        'total', '40.00', 'rounding', '0.00', 'lines', jsonb_build_array(jsonb_build_object(
            'category', 'C' || n %% 50, 'quantity', 1, 'subtotal', '40.00',
            'off', '[{"kind": "comp", "amount": "1.00"}]'::jsonb)),
        'taxes', '[{"name": "GST", "rate": "5", "net": "38.10", "tax": "1.90"}]'::jsonb,
        'payments', jsonb_build_array(jsonb_build_object('payment_id', of(n), 'tender', 'CASH', 'amount', '40.00'))"""),
    ("payment_voided", "'payment_id', of(n), 'tender', 'CASH', 'amount', '40.00', 'drawer', 1"),
    ("tip_corrected", "'tender', 'CASH', 'returned', '1.00', 'drawer', 1"),
    ("refund_started", "'receipt', '1-R' || n"),
    ("refund_approved", "'tender', 'CASH', 'amount', '-40.00', 'drawer', 1"),
    ("cash_moved", "'kind', 'paid_in', 'amount', '1.00'"),
    ("drawer_corrected", "'payment_id', of(n), 'was', 'CASH', 'tender', 'NOTE', 'amount', '40.00'"),
    ("movement_undone", "'event', at(8, n)"),
    ("drawer_counted", """'counts', '[{"tender": "CASH", "counted": "100.00", "taken": "10.00"}]'::jsonb"""),
    ("drawer_opened", "'why', 'no_sale'"),
    ("receipt_issued", "'amount', '40.00', 'copy', 1"),
    ("line_voided", """'removed', '{"amount": "40.00", "sent": true}'::jsonb"""),
    ("quantity_changed", """'removed', '{"amount": "40.00"}'::jsonb"""),
    ("order_discarded", """'removed', '[{"amount": "40.00"}]'::jsonb"""),
    ("order_resumed", "'user', 1"),
    ("change_undone", "'event', at(14, n)"),
)  # fmt: skip
_IDS: Final = """
    CREATE FUNCTION pg_temp.at(k integer, n integer) RETURNS uuid LANGUAGE sql AS
        $$ SELECT ('01a00000-0000-7000-8000-' || lpad(to_hex(k::bigint * 1000000 + n), 12, '0'))::uuid $$;
    CREATE FUNCTION pg_temp.of(n integer) RETURNS uuid LANGUAGE sql AS
        $$ SELECT ('01a00000-0000-7000-9000-' || lpad(to_hex(n), 12, '0'))::uuid $$;
"""
_INSERT: Final = """
    INSERT INTO warm.session_events (event_id, session_id, stream_kind, stream_id, event_type, v, harmless, event_data,
        "timestamp", journal_id, seq, till_id, store_id, shift, prev_hash, hash, body)
    SELECT pg_temp.at({kind}, n), NULL, 'order', pg_temp.of(n), '{type}', 1, false, jsonb_build_object({data}), now(),
        %(journal)s, 1 + ({kind} - 1) * %(count)s + n, 1, %(store)s, %(shift)s, '', '', ''
    FROM generate_series(1, %(count)s) AS n
"""
_OPENED: Final = """
    WITH journal AS (
        INSERT INTO warm.journal_head (journal_id, store_id, till_id, seq) VALUES (%(journal)s, %(store)s, 1, 10000000)
    ), opened AS (
        INSERT INTO warm.session_events (event_id, stream_kind, stream_id, event_type, v, harmless, event_data,
            "timestamp", journal_id, seq, till_id, store_id, shift, prev_hash, hash, body)
        VALUES (%(shift)s, 'shift', %(shift)s, 'shift_opened', 1, false,
            '{"business_date": "2026-03-03", "currency": "INR", "kept": ["CASH", "NOTE"]}', now(), %(journal)s, 1, 1,
            %(store)s, %(shift)s, '', '', '')
    )
    INSERT INTO till.shifts (shift_id, store_id, till_id, opened) VALUES (%(shift)s, %(store)s, 1, %(shift)s)
"""
#: The shift.
SHIFT: Final = "01a00000-0000-7000-8000-000000000000"
_JOURNAL: Final = "01a00000-0000-7000-a000-000000000000"


def fill(owner: psycopg.Connection[Any], store: str, count: int) -> None:
    """Fill the log of a venue with a shift of `count` records of each kind, which no till pushed."""
    facts = {"store": store, "shift": SHIFT, "journal": _JOURNAL, "count": count}
    owner.execute(_IDS)
    owner.execute(_OPENED, facts)
    for kind, (name, data) in enumerate(_KINDS, 1):
        named = data.replace("of(n)", "pg_temp.of(n)").replace("at(", "pg_temp.at(")
        owner.execute(_INSERT.format(kind=kind, type=name, data=named).encode(), facts)
    owner.execute("VACUUM ANALYZE warm.session_events")


def measure(testbed: Bench, count: int) -> Sample:
    """Measure the milliseconds of the sums of a shift."""
    with testbed.database() as database, testbed.connect(database.owner) as owner:
        fill(owner, venue.STORE, count)
        times = []
        for _time in range(_TIMES):
            begun = time.perf_counter()
            owner.execute("SELECT warm.shift_sums(%s)", [SHIFT])
            times.append(time.perf_counter() - begun)
    return Sample.of(times, 1000)


def run(testbed: Bench) -> Iterator[Figure]:
    """Yield the sums of a long shift against ten times those of a shorter one."""
    few, many = measure(testbed, FEW), measure(testbed, MANY)
    name, against = f"shift_sums at {MANY:,} records of each kind", f"ten times the same at {FEW:,}"
    yield Figure(name, many.median, "ms", 10 * few.median, against, within(1.5), many)
