"""One sale among a year's, found as in the list of past sales (F10): by receipt, time, amount and item."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from bench import history, venue
from bench.table import Figure, Sample, under
from till.domain.events.envelope import time_text
from till.sync.messages import decode_as, encode_read
from till.sync.past_sales import PAST_SALES, past_sale
from till.sync.settings import Identity

if TYPE_CHECKING:
    from collections.abc import Iterator

    import psycopg

    from bench.testbed import Bench
    from till.domain.refund.past import PastSale

#: A year with a thousand sales a day.
SALES: Final = 365_000
ITEMS: Final = 60
#: The first calls of a connection, which load catalogues and plans, and are not counted.
_WARM: Final = 8
#: Sales of two items, `per_day` a day, the last one just now; one in a hundred was refunded. Of 365,000 sales a hundred
#: have the same amount, and one in thirty has a given item.
_MADE: Final = (
    history.BENCH_ID,
    """
    CREATE UNLOGGED TABLE bench_sold AS
    SELECT n, bench_id(t.at, n * 4) AS id, bench_id(t.at, n * 4 + 1) AS session, bench_id(t.at, n * 4 + 2) AS payment,
        bench_id(t.at, n * 4 + 3) AS refund, t.at, 1 + n %% %(tills)s AS till,
        1 + n %% %(tills)s || '-' || lpad(n::text, 6, '0') AS receipt, 20 + 0.5 * (n * 37 %% 3650) AS total
    FROM generate_series(1, %(sales)s) AS n, LATERAL (
        SELECT date_trunc('milliseconds', now())
            - make_interval(secs => 86400.0 / %(per_day)s * (%(sales)s - n)) AS at) AS t
    """,
    "ALTER TABLE cold.order_item DISABLE TRIGGER nothing_late",
    "ALTER TABLE cold.order_payment DISABLE TRIGGER nothing_late",
    """
    WITH item AS (
        INSERT INTO cold.order_item (
            order_id, position, menu_item_id, item_name, quantity, unit_price, subtotal, net, tax, discount, taxes,
            modifiers, line_ids, store_id)
        SELECT s.id, i.position, (%(ids)s::text[])[i.which], (%(names)s::text[])[i.which], 1, s.total / 2, s.total / 2,
            s.total / 2, 0, 0, '[]', '[]', ARRAY[]::uuid[], %(store)s
        FROM bench_sold AS s CROSS JOIN LATERAL (
            VALUES (1, 1 + s.n * 7 %% %(items)s), (2, 1 + (s.n * 13 + s.n / 60) %% %(items)s)) AS i (position, which)
    ), payment AS (
        INSERT INTO cold.order_payment (order_id, position, payment_id, tender, amount, store_id)
        SELECT s.id, 1, s.payment, 'CARD', s.total, %(store)s FROM bench_sold AS s
    )
    INSERT INTO cold.orders (
        order_id, session_id, order_source_id, total_amount, net, tax, rounding, service_charge, service_charge_net,
        currency, receipt, business_date, taxes, voids, user_id, till_id, event_id, store_id, created_at)
    SELECT s.id, s.session::text, 1, s.total, s.total, 0, 0, 0, 0, 'INR', s.receipt, s.at::date, '[]', '[]',
        s.till, s.till, s.session, %(store)s, s.at
    FROM bench_sold AS s
    """,
    """
    INSERT INTO till.refund_claims (
        refund_id, order_id, payment_id, receipt, amount, state, data, user_id, till_id, store_id, started_at,
        event_id, journal_id)
    SELECT s.refund, s.id, s.payment, s.till || '-R' || lpad(s.n::text, 6, '0'), -s.total, 'approved',
        jsonb_build_object(
            'session_id', s.session, 'receipt', s.till || '-R' || lpad(s.n::text, 6, '0'), 'tender', 'CARD',
            'amount', (-s.total)::text, 'order_id', s.id, 'sold', s.receipt, 'business_date', s.at::date,
            'payment_id', s.payment, 'currency', 'INR', 'net', (-s.total)::text, 'tax', '0.00', 'rounding', '0.00'),
        s.till, s.till, %(store)s, s.at, s.refund, s.refund
    FROM bench_sold AS s WHERE s.n %% 100 = 0
    """,
    *(
        f"VACUUM ANALYZE {table}"
        for table in ("cold.orders", "cold.order_item", "cold.order_payment", "till.refund_claims")
    ),
)
_ONE: Final = """
    SELECT s.id::text, s.receipt, s.total::text, s.at, (
        SELECT i.menu_item_id FROM cold.order_item AS i WHERE i.order_id = s.id AND i.position = 1)
    FROM bench_sold AS s WHERE s.n = %s
"""
_ROW: Final = "SELECT * FROM cold.orders WHERE order_id = %s"


@dataclass(frozen=True, slots=True)
class Wanted:
    """A sale to search for, with the criteria of each search."""

    order_id: str
    ways: dict[str, dict[str, object]]


@dataclass(frozen=True, slots=True)
class Timed:
    """The seconds of each search, and of reading a row by its primary key right after it."""

    own: list[float] = field(default_factory=list)
    limit: list[float] = field(default_factory=list)


def fill(owner: psycopg.Connection[Any], sales: int, per_day: int = 1_000) -> None:
    """Fill a fresh database of the bench's venue, and vacuum it."""
    plus = range(1, ITEMS + 1)
    values = {
        "store": venue.STORE,
        "tills": venue.TILLS,
        "sales": sales,
        "per_day": per_day,
        "items": ITEMS,
        "ids": [venue.item_id(plu) for plu in plus],
        "names": [venue.item_name(plu) for plu in plus],
    }
    for statement in _MADE:
        owner.execute(statement, values)
    owner.execute("CREATE INDEX ON bench_sold (n)")


def wanted(owner: psycopg.Connection[Any], number: int) -> Wanted:
    """Return a sale by its number, from 1.

    A search by item returns only a page of the newest sales, so it may not include this sale.
    """
    order_id, receipt, total, at, item = owner.execute(_ONE, [number]).fetchall()[0]
    minute = at.replace(second=0, microsecond=0)
    return Wanted(
        order_id,
        {
            "receipt": {"receipt": receipt},
            "time": {"from": time_text(minute), "to": time_text(minute + timedelta(minutes=1))},
            "amount": {"amount": total},
            "item": {"items": [item]},
        },
    )


def find(app: psycopg.Connection[Any], secret: str, known: dict[str, object]) -> list[PastSale]:
    """Return the first page of the sales that a till finds."""
    text = encode_read(Identity(venue.STORE, 1, ""), secret, **known)
    answer = decode_as(app.execute(PAST_SALES.statement, [text], prepare=True).fetchall()[0][0], PAST_SALES.answer)
    if not answer.ok:
        raise AssertionError(answer)
    return [past_sale(row) for row in answer.sales]


def measure(testbed: Bench, sales: int, times: int) -> dict[str, Timed]:
    """Measure each kind of search `times` times, for sales of the whole year, and reading the row by primary key."""
    found: dict[str, Timed] = {}
    with testbed.database() as database, testbed.connect(database.owner) as owner, testbed.connect(database.app) as app:
        fill(owner, sales)
        for number in range(_WARM + times):
            sale = wanted(owner, 1 + number * 7919 % sales)
            for way, known in sale.ways.items():
                begun = time.perf_counter()
                page = find(app, testbed.secrets[1], known)
                middle = time.perf_counter()
                owner.execute(_ROW, [sale.order_id], prepare=True).fetchall()
                ended = time.perf_counter()
                if not page:
                    raise AssertionError(known)
                if number >= _WARM:
                    timed = found.setdefault(way, Timed())
                    timed.own.append(middle - begun)
                    timed.limit.append(ended - middle)
    return found


def run(testbed: Bench) -> Iterator[Figure]:
    """Yield the searches in a year of a venue with a thousand sales a day."""
    for way, timed in measure(testbed, SALES, 1000 if testbed.full else 100).items():
        own, limit = Sample.of(timed.own, 1000), Sample.of(timed.limit, 1000)
        name = f"one sale of {SALES:,} by its {way}, p95"
        yield Figure(name, own.p95, "ms", limit.p95, "its row by its primary key", under(100, "ms"), own)
