from __future__ import annotations

import uuid
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import pytest
from psycopg.types.json import Jsonb
from sqlalchemy import delete
from sqlalchemy.exc import InternalError

from db.engine import connect, reading
from db.tables.cold import order_audit
from tests.sql.ringing import DOSA, IDLY, SETTINGS, Cart, new_id
from till.domain.money.measures import Minor
from till.domain.venue import read_venue
from till.reports.sales import HourSales, ItemSales, SalesReport, read_sales

if TYPE_CHECKING:
    from collections.abc import Iterator

    import psycopg

    from db.address import Address
    from tests.plugins.database import Database

DAY = date(2026, 3, 3)
VENUE = read_venue(SETTINGS)


class Shop:
    """A store into which a test puts completed orders."""

    def __init__(self, owner: Address, connection: psycopg.Connection[Any]) -> None:
        self.owner, self.connection = owner, connection
        self.store = str(uuid.uuid4())
        connection.execute("SELECT till.store_create_v1(%s, %s)", [self.store, Jsonb(SETTINGS)])

    def sell(self, at: datetime, *lines: tuple[str, int], **changes: Any) -> None:
        cart = Cart(lines={new_id(): line for line in lines})
        order = cart.frozen(business_date=VENUE.business_date(at).isoformat(), **changes)
        self.connection.execute(
            "SELECT cold.place_order(%s, %s, 1, 1, %s, %s, %s, %s, 'till')",
            [self.store, cart.session, new_id(), at, at, Jsonb(order)],
        )

    def report(self, day: date = DAY) -> SalesReport:
        with reading(self.owner) as connection:
            return read_sales(connection, self.store, day, VENUE)


@pytest.fixture
def shop(database: Database) -> Iterator[Shop]:
    with connect(database.owner) as connection:
        yield Shop(database.owner, connection)


def at(hour: int, minute: int = 0, day: int = 3) -> datetime:
    return datetime(2026, 3, day, hour, minute, tzinfo=VENUE.zone)


def payment(tender: str, amount: str, change: str = "0.00") -> dict[str, str]:
    return {"payment_id": new_id(), "tender": tender, "amount": amount, "change": change}


def test_a_day_adds_up_per_tender_item_and_hour(shop: Shop) -> None:
    shop.sell(at(10, 59), (IDLY, 2), (DOSA, 1), (IDLY, 1), payments=[payment("CASH", "200.00", "300.00")])
    shop.sell(at(11), (DOSA, 2), payments=[payment("CASH", "60.00"), payment("CARD", "100.00")])
    shop.sell(at(11, 30), (IDLY, -1))
    report = shop.report()
    assert report.to_data() == {
        "day": "2026-03-03",
        "currency": "INR",
        "sales": 3,
        "lines": 5,
        "total": "320.00",
        "contested": "0.00",
        "net": "304.76",
        "tax": "15.24",
        "rounding": "0.00",
        "tips": "0.00",
        "tenders": {"CARD": "100.00", "CASH": "220.00"},
        "refunds": {},
        "drawers": {"1": "220.00"},
        "items": [
            {"item": "Masala Dosa", "quantity": 3, "amount": "240.00"},
            {"item": "Idly", "quantity": 2, "amount": "80.00"},
        ],
        "hours": [
            {"hour": "10:00", "sales": 1, "amount": "200.00"},
            {"hour": "11:00", "sales": 2, "amount": "120.00"},
        ],
    }
    assert report.net + report.tax == report.total == sum(report.tenders.values()) - report.rounding


def test_after_midnight_it_is_still_the_day_before_and_comes_last(shop: Shop) -> None:
    shop.sell(at(23, 30), (IDLY, 1))
    shop.sell(at(1, 15, day=4), (DOSA, 1))
    shop.sell(at(4, 0, day=4), (DOSA, 1))
    assert shop.report().hours == (HourSales("23:00", 1, Minor(4000)), HourSales("01:00", 1, Minor(8000)))
    assert shop.report(date(2026, 3, 4)).hours == (HourSales("04:00", 1, Minor(8000)),)


def test_cash_rounding_stands_by_itself(shop: Shop) -> None:
    shop.sell(at(10), (IDLY, 1), rounding="0.02", payments=[payment("CASH", "40.02")])
    report = shop.report()
    assert (report.total, report.rounding, report.tenders) == (4000, 2, {"CASH": 4002})


def test_tips_are_in_what_the_tenders_took_and_stand_by_themselves(shop: Shop) -> None:
    tipped = payment("CARD", "45.00") | {"tip": "5.00"}
    shop.sell(at(10), (IDLY, 1), payments=[tipped])
    shop.sell(at(11), (IDLY, 2), payments=[payment("CASH", "82.00", "18.00") | {"tip": "2.00"}])
    report = shop.report()
    assert (report.tenders, report.tips) == ({"CARD": 4500, "CASH": 8200}, 700)
    assert sum(report.tenders.values()) == report.total + report.rounding + report.tips


def test_a_day_without_sales_is_all_zero(shop: Shop) -> None:
    report = shop.report()
    assert (report.sales, report.lines, report.total, report.tenders, report.items, report.hours) == (
        0,
        0,
        0,
        {},
        (),
        (),
    )


def test_it_reads_as_of_one_moment_and_writes_nothing(shop: Shop) -> None:
    shop.sell(at(10), (IDLY, 1))
    with reading(shop.owner) as connection:
        before = read_sales(connection, shop.store, DAY, VENUE)
        shop.sell(at(11), (DOSA, 1))
        assert read_sales(connection, shop.store, DAY, VENUE) == before
        with pytest.raises(InternalError, match="read-only transaction"):
            connection.execute(delete(order_audit))
    assert shop.report().sales == 2


def test_another_store_stays_out(shop: Shop) -> None:
    other = Shop(shop.owner, shop.connection)
    other.sell(at(10), (IDLY, 5))
    shop.sell(datetime(2026, 3, 3, 5, 0, tzinfo=UTC), (IDLY, 1))
    assert shop.report().items == (ItemSales("Idly", 1, Minor(4000)),)


def test_the_role_of_reports_reads_them_and_nothing_of_people(shop: Shop) -> None:
    shop.sell(at(10), (IDLY, 1))
    with shop.connection.transaction():
        shop.connection.execute("SET LOCAL ROLE till_report")
        rows = shop.connection.execute("SELECT orders FROM cold.sales_by_day").fetchall()
        allowed = shop.connection.execute(
            "SELECT has_table_privilege('till_report', 'till.users', 'SELECT')"
        ).fetchone()
    assert rows == [(1,)]
    assert allowed == (False,)
