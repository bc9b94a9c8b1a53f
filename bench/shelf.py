"""The shelf: `till report stock` of 500 items, a year behind their newest counts, and with a longer past."""

from __future__ import annotations

import time
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from bench import losses, venue
from bench.table import Figure, Sample, under, within
from bench.years import _buffers, _ran
from till.administration.calls import AtServer
from till.reports.stock import stock

if TYPE_CHECKING:
    from collections.abc import Iterator

    import psycopg

    from bench.testbed import Bench

ITEMS: Final = 500
#: The orders of two lines of the one day whose takings are not stored.
ORDERS: Final = 300
_TIMES: Final = 9
_KEPT: Final = """
    INSERT INTO till.stock_items (store_id, item_id, name, places, cost)
    SELECT %(store)s, CASE n WHEN 1 THEN 'Idly' WHEN 2 THEN 'Dosa' ELSE 'item ' || n END, 'Item ' || n, '{Bar}', 1.25
    FROM generate_series(1, %(items)s) AS n
"""
#: The stored takings of each day but those of the last ones, of all items.
_STORED: Final = """
    INSERT INTO cold.report_days (store_id, view, business_date, rows)
    SELECT %(store)s, v.view, d.day::date, (
        SELECT jsonb_agg(jsonb_build_object('item_id', k.item_id, 'business_date', d.day::date, 'amount', 7)
            || CASE v.view WHEN 'stock_by_minute' THEN jsonb_build_object('at', d.day) ELSE '{}' END)
        FROM till.stock_items AS k WHERE k.store_id = %(store)s)
    FROM generate_series(current_date - %(days)s, current_date - 3, interval '1 day') AS d (day),
        unnest('{stock_by_day,stock_by_minute}'::text[]) AS v (view)
    ON CONFLICT DO NOTHING
"""
#: Of each item a count a week up to the newest one, and a delivery beside it.
_ACTS: Final = """
    INSERT INTO till.stock_acts (store_id, event_id, item_id, kind, amount, at, till_id, user_id)
    SELECT %(store)s, gen_random_uuid(), k.item_id, a.kind, 50, now() - w.days * interval '1 day', 1, 1
    FROM till.stock_items AS k, generate_series(%(newest)s, %(days)s, 7) AS w (days),
        unnest('{counted,delivered}'::text[]) AS a (kind)
    WHERE k.store_id = %(store)s
"""
_TIDIED: Final = "VACUUM ANALYZE till.stock_acts, till.stock_items, cold.report_days"
#: The stored rows that such a report adds up, read alone.
_ROWS: Final = """
    SELECT sum(x.amount) FROM cold.report_days AS r
    CROSS JOIN LATERAL jsonb_to_recordset(r.rows) AS x (item_id text, amount bigint)
    WHERE r.store_id = %(store)s AND r.view = 'stock_by_day' AND r.business_date >= current_date - 365
"""


def fill(owner: psycopg.Connection[Any], days: int, newest: int) -> None:
    """Fill a fresh database with the past of a shelf, whose items were counted `newest` days ago."""
    losses.fill(owner, ORDERS)
    asked = {"store": venue.STORE, "items": ITEMS, "days": days, "newest": newest}
    for statement in (_KEPT, _STORED, _ACTS):
        owner.execute(statement, asked)
    owner.execute(_TIDIED)


def run(testbed: Bench) -> Iterator[Figure]:
    """Yield the report a year behind the counts, and the buffers of one with a long past before them."""
    read: dict[int, int] = {}
    with testbed.database() as database, testbed.connect(database.owner) as owner:
        fill(owner, 365, 365)
        at, took, rows = AtServer(connection=owner, store_id=venue.STORE), list[float](), list[float]()
        found = stock.read(at).found
        asked = (took, lambda: stock.read(at)), (rows, lambda: owner.execute(_ROWS, {"store": venue.STORE}))
        for _time in range(_TIMES):
            for into, act in asked:
                begun = _ran(owner) or time.perf_counter()
                act()
                into.append((_ran(owner) or time.perf_counter()) - begun)
        if len(found.rows("items")) != ITEMS or any(row[10] is None for row in found.rows("items")):
            raise AssertionError(found.rows("items")[:3])
    sample, limit = Sample.of(took, 1000), Sample.of(rows, 1000)
    words = f"report stock, {ITEMS} items, a year behind their counts, processor"
    yield Figure(words, sample.median, "ms", limit.median, "its stored rows", under(300, "ms"), sample=sample)
    for months in (3, 36):
        with (
            testbed.database() as database,
            testbed.connect(database.owner) as owner,
            testbed.connect(database.owner) as observer,
        ):
            fill(owner, months * 30, 7)
            read_all = partial(stock.read, AtServer(connection=owner, store_id=venue.STORE))
            read[months] = min(_buffers(observer, owner, read_all) for _time in range(_TIMES))
    words = "report stock, a week behind the counts, 36 months"
    yield Figure(words, read[36], "buffers", read[3], "the same at 3 months", within(1.3))
