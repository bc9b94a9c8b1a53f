"""A past sale is found by each way that the bench times, without reading all sales."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bench import past

if TYPE_CHECKING:
    from collections.abc import Iterator

    import psycopg

    from bench.testbed import Bench

#: Enough for the planner to see what is large, and little enough to be filled in a second.
_SALES = 4_000
_READ = """
    SELECT relname, seq_tup_read FROM pg_stat_xact_user_tables
    WHERE seq_tup_read > 0 AND relname IN ('orders', 'order_item', 'order_payment', 'refund_claims')
"""


@pytest.fixture(scope="module")
def year(testbed: Bench) -> Iterator[psycopg.Connection]:
    """The owner's connection to a database of sales."""
    with testbed.database() as database, testbed.connect(database.owner) as owner:
        past.fill(owner, _SALES)
        yield owner


@pytest.mark.parametrize("way", ["receipt", "time", "amount", "item"])
def test_a_sale_is_found_and_no_table_is_read_whole(testbed: Bench, year: psycopg.Connection, way: str) -> None:
    with year.transaction():
        for back in range(7):  # the sixth call of a connection has the plan that stays
            sale = past.wanted(year, _SALES - back)
            page = past.find(year, testbed.secrets[1], sale.ways[way])
            assert sale.order_id in {one.order_id for one in page}
            assert all(len(one.items) == 2 and one.tenders == ("CARD",) for one in page)
        assert year.execute(_READ).fetchall() == []


def test_a_refund_stands_with_its_sale(testbed: Bench, year: psycopg.Connection) -> None:
    (sale,) = past.find(year, testbed.secrets[1], past.wanted(year, 100).ways["receipt"])
    assert sale.is_all_back


def test_each_way_is_timed_beside_a_row_by_its_key(testbed: Bench) -> None:
    timed = past.measure(testbed, 300, 3)
    assert {way: (len(one.own), len(one.limit)) for way, one in timed.items()} == dict.fromkeys(
        ("receipt", "time", "amount", "item"), (3, 3)
    )
