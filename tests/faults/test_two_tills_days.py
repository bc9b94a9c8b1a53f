"""Recorded days rung through two tills at once, while the link of each is cut, shut and frozen at random.

At the end the database is held against the files, sale by sale, and against sums that were made without any till. The
suite rings a day that was never there, and the first real one where it is kept beside the project; `make days` three.
"""

from __future__ import annotations

import random
from collections import defaultdict
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

import pytest

from tests.faults.ringing import STORE, ring_on_two_tills
from tests.replay.bar import CUP, ODD_TENDERS, odd_bar
from tests.replay.test_command import REAL, REAL_DAYS, REAL_TENDERS
from tools.replay.files import read_trading

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import psycopg

    from tests.faults.ringing import Rung
    from tests.plugins.database import Database
    from tests.replay.bar import Bar

SEED: Final = "two tills"
TENDERS: Final = """
    SELECT split_part(o.ref, '/', 1)::integer, p.tender, sum(p.amount)::text
    FROM cold.orders AS o JOIN cold.order_payment AS p USING (order_id) GROUP BY 1, 2
"""
#: Each of them finds nothing where nothing is twice or half.
NOTHING: Final = (
    "SELECT ref FROM cold.orders GROUP BY ref HAVING count(*) > 1",
    "SELECT receipt FROM cold.orders GROUP BY receipt HAVING count(*) > 1",
    """SELECT order_id FROM cold.orders AS o WHERE total_amount IS DISTINCT FROM
    (SELECT coalesce(sum(subtotal), 0) FROM cold.order_item AS i WHERE i.order_id = o.order_id)""",
    "SELECT event_id FROM warm.session_events GROUP BY event_id HAVING count(*) > 1",
    "SELECT journal_id, seq FROM warm.session_events GROUP BY 1, 2 HAVING count(*) > 1",
    "SELECT id FROM warm.quarantine",
    "SELECT id FROM till.conflicts",
    "SELECT id FROM till.order_sessions WHERE status NOT IN ('completed', 'discarded')",
)


@pytest.fixture
def owner(database: Database) -> Iterator[psycopg.Connection[Any]]:
    with database.connect() as connection:
        yield connection


def assert_exact(owner: psycopg.Connection[Any], rung: Rung, tenders: dict[int, dict[str, str]]) -> None:
    """Check each sale against the files, and the sums of the cold tables by themselves."""
    assert rung.report.troubles == ()
    assert rung.report.is_exact
    assert sum(sum(weather.befell.values()) for weather in rung.weathers) > 4, "the roads were too good"
    found = owner.execute(TENDERS).fetchall()
    assert {(day, tender): amount for day, tender, amount in found} == {
        (day, tender): amount for day, own in tenders.items() for tender, amount in own.items()
    }
    for query in NOTHING:
        assert owner.execute(query).fetchall() == [], query
    assert owner.execute("SELECT array_agg(DISTINCT till_id ORDER BY till_id) FROM cold.orders").fetchone() == ([1, 2],)
    audit = owner.execute("SELECT till.audit_verify_v1(%s)", [STORE]).fetchone()
    assert audit is not None
    assert audit[0]["sound"] is True
    assert owner.execute("SELECT count(*) FROM warm.session_events WHERE till_id > 0").fetchone() == (rung.events,)


def made_up_bar(sales: int) -> tuple[Bar, dict[int, dict[str, str]]]:
    """A busy evening beside every oddity of `odd_bar`, and what each tender took, added up here."""
    bar, chance = odd_bar(), random.Random(SEED)  # noqa: S311 - trade
    prices = {"Bitter pint": ("10", "4.80"), "Crisps": ("50", "1.20"), CUP: ("100", "0.20")}
    taken = defaultdict(Decimal, {tender: Decimal(amount) for tender, amount in ODD_TENDERS[1].items()})
    for number in range(sales):
        minute = number * 240 // sales
        at, sale, total = f"{18 + minute // 60}:{minute % 60:02d}", f"busy {number}", Decimal(0)
        for item in chance.sample(list(prices), chance.randint(1, 3)):
            quantity = -1 if item == CUP else chance.randint(1, 4)
            bar.sell(sale, item, quantity, prices[item][1], at=at, department=prices[item][0])
            total += quantity * Decimal(prices[item][1])
        tender = "SQUARE" if chance.random() < 0.8 or total <= 0 else "CASH"
        bar.pay(sale, tender, str(total + (5 if tender == "CASH" else 0)), at=at)
        if tender == "CASH":
            bar.pay(sale, tender, "-5.00", at=at)
        taken[tender] += total
    return bar, {1: {tender: str(amount) for tender, amount in taken.items()}, 2: ODD_TENDERS[2]}


async def test_a_made_up_day_through_two_tills_on_bad_roads_is_exact_and_nothing_is_twice(
    tmp_path: Path, database: Database, owner: psycopg.Connection[Any]
) -> None:
    bar, tenders = made_up_bar(90)
    trading = read_trading(bar.write(tmp_path / "bar"))
    rung = await ring_on_two_tills(trading, database, owner, tmp_path, SEED)
    assert_exact(owner, rung, tenders)


@pytest.mark.slow
@pytest.mark.skipif(not REAL.is_dir(), reason="the real trading is kept beside the project, and is not here")
async def test_real_days_through_two_tills_on_bad_roads_are_exact_and_nothing_is_twice(
    tmp_path: Path, database: Database, owner: psycopg.Connection[Any]
) -> None:
    days = [int(day) for day in REAL_DAYS.split(",")]
    rung = await ring_on_two_tills(read_trading(REAL, days), database, owner, tmp_path, SEED)
    assert_exact(owner, rung, {day: REAL_TENDERS[day] for day in days})
