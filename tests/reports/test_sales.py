from __future__ import annotations

import uuid
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import pytest
from psycopg.types.json import Jsonb

from db.engine import connect
from tests.sql.ringing import DAY, DOSA, IDLY, MENU, SETTINGS, Cart, new_id, refund, sum_up
from till.administration.calls import AdministrationError, call
from till.cli.report_output import to_json
from till.domain.venue import read_venue
from till.reports.declared import REPORTS, SALES
from till.reports.words import value_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    import psycopg

    from db.address import Address
    from tests.plugins.database import Database
    from till.reports.report import Report, ReportResult

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

    def report(self, first: date = DAY, last: date | None = None) -> ReportResult:
        return sum_up(self.connection, self.store, SALES, first, last)


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
    assert to_json(shop.report()) == {
        "day": "2026-03-03",
        "from": "2026-03-03",
        "to": "2026-03-03",
        "currency": "INR",
        "sales": 3,
        "lines": 5,
        "gross_sales": "320.00",
        "discounts": "0.00",
        "items_total": "320.00",
        "service_charge": "0.00",
        "total": "320.00",
        "rounding": "0.00",
        "tips": "0.00",
        "taken": "320.00",
        "open_orders": "0.00",
        "account_cash": "0.00",
        "net": "304.76",
        "tax": "15.24",
        "contested": "0.00",
        "tenders": {"CARD": "100.00", "CASH": "220.00"},
        "refunded": "0.00",
        "after_refunds": "320.00",
        "refund_rounding": "0.00",
        "refund_rates": [],
        "refunds": {},
        "drawers": {"1": "220.00"},
        "cash": [{"till": 1, "moved_by": "sale", "amount": "220.00"}],
        "charges": {},
        "contested_sales": {},
        "rates": [{"rate": "GST 5 %", "net": "304.76", "tax": "15.24", "gross": "320.00"}],
        "order_types": [
            {
                "order_type": "take_away",
                "kind": "sale",
                "net": "304.76",
                "tax": "15.24",
                "gross": "320.00",
                "rounding": "0.00",
                "tips": "0.00",
            },
        ],
        "order_type_rates": [
            {
                "order_type": "take_away",
                "kind": "sale",
                "rate": "GST 5 %",
                "net": "304.76",
                "tax": "15.24",
                "gross": "320.00",
            },
        ],
        "taxes": [{"name": "GST", "rate": "5", "net": "304.76", "tax": "15.24"}],
        "categories": [{"category": "", "quantity": 5, "amount": "320.00"}],
        "items": [
            {"item": "Masala Dosa", "quantity": 3, "amount": "240.00"},
            {"item": "Idly", "quantity": 2, "amount": "80.00"},
        ],
        "weights": [],
        "people": [{"user": 1, "name": "", "sales": 3, "total": "320.00"}],
        "tips_by_person": [],
        "hours": [
            {"hour": "10:00", "sales": 1, "amount": "200.00"},
            {"hour": "11:00", "sales": 2, "amount": "120.00"},
        ],
        "days": [{"day": "2026-03-03", "sales": 3, "net": "304.76", "tax": "15.24", "total": "320.00"}],
        "months": [{"month": "2026-03", "sales": 3, "net": "304.76", "tax": "15.24", "total": "320.00"}],
    }


def test_gross_sales_less_discounts_and_refunds_are_what_is_left(shop: Shop) -> None:
    """A refund counts on its own day, without its rounding; without a sale that day is below zero."""
    (line,) = Cart(lines={new_id(): (DOSA, 2)}).frozen()["lines"]
    less = {"discount": "55.00", "subtotal": "105.00", "net": "100.00", "tax": "5.00"}
    taxes = [{"name": "GST", "rate": "5", "net": "100.00", "tax": "5.00"}]
    paid = [payment("CASH", "105.00")]
    lines = [line | less | {"taxes": taxes}]
    shop.sell(at(10), (DOSA, 2), lines=lines, taxes=taxes, payments=paid, total="105.00", net="100.00", tax="5.00")
    refund(shop.connection, shop.store, at(12), DAY, "-50.00", "-2.50", "-0.50")
    refund(shop.connection, shop.store, at(12, day=4), date(2026, 3, 4), "-10.00", "-0.50", "0")
    names = ("gross_sales", "discounts", "items_total", "net", "tax", "total", "refunded", "after_refunds")
    figures = [[to_json(shop.report(date(2026, 3, day)))[name] for name in names] for day in (3, 4)]
    assert figures == [
        ["160.00", "-55.00", "105.00", "100.00", "5.00", "105.00", "-53.00", "52.50"],
        [*["0.00"] * 6, "-10.50", "-10.50"],
    ]


def test_after_midnight_it_is_still_the_day_before_and_comes_last(shop: Shop) -> None:
    shop.sell(at(23, 30), (IDLY, 1))
    shop.sell(at(1, 15, day=4), (DOSA, 1))
    shop.sell(at(4, 0, day=4), (DOSA, 1))
    assert shop.report().rows("hours") == ((23, 1, 4000), (1, 1, 8000))
    assert shop.report(date(2026, 3, 4)).rows("hours") == ((4, 1, 8000),)


def test_range_sums_up_its_days_and_months(shop: Shop) -> None:
    shop.sell(datetime(2026, 2, 28, 10, tzinfo=VENUE.zone), (IDLY, 1))
    shop.sell(at(10), (IDLY, 1))
    shop.sell(at(11), (DOSA, 1))
    shop.sell(at(10, day=9), (DOSA, 1))
    found = shop.report(date(2026, 2, 1), date(2026, 3, 8))
    assert (found.figure("sales"), found.figure("total")) == (3, 16_000)
    assert [row[:2] + row[-1:] for row in found.rows("months")] == [("2026-02", 1, 4_000), ("2026-03", 2, 12_000)]
    assert [row[0] for row in found.rows("days")] == [date(2026, 2, 28), DAY]
    assert found.rows("items") == (("Idly", 2, 8_000), ("Masala Dosa", 1, 8_000))


def weigh(shop: Shop, item: str, quantity: int, measure: int, unit: str = "kg") -> None:
    """Sell pieces of a weighed good."""
    (line,) = Cart(lines={new_id(): (item, quantity)}).frozen()["lines"]
    shop.sell(at(10), (item, quantity), lines=[{**line, "measure": measure, "unit": unit}])


def test_weighed_goods_are_summed_up_by_unit(shop: Shop) -> None:
    weigh(shop, IDLY, 1, 1_250)
    weigh(shop, IDLY, 3, 335)
    weigh(shop, IDLY, 1, 50, "fl oz")
    weigh(shop, DOSA, -1, 250)
    shop.sell(at(11), (IDLY, 9))
    found = shop.report()
    assert found.rows("weights") == (
        ("Idly", 4, 2_255, "kg", 16_000), ("Idly", 1, 50, "fl oz", 4_000), ("Masala Dosa", -1, -250, "kg", -8_000),
    )  # fmt: skip
    assert to_json(found)["weights"][2] == {
        "item": "Masala Dosa", "quantity": -1, "weight": -0.25, "unit": "kg", "amount": "-80.00",
    }  # fmt: skip
    table = next(table for table in found.tables if table.section.name == "weights")
    assert [value_text(found, table.section.columns[2], row[2]) for row in table.rows] == ["2.255", "0.050", "−0.250"]
    measures = shop.connection.execute("SELECT measure FROM cold.order_item ORDER BY measure NULLS LAST").fetchall()
    assert measures == [("0.050 fl oz",), ("0.250 kg",), ("0.335 kg",), ("1.250 kg",), (None,)]


def test_category_is_that_of_the_menu_at_the_sale(shop: Shop) -> None:
    call(shop.connection, "menu_import_v1", shop.store, None, MENU)
    shop.sell(at(10), (IDLY, 1))
    call(shop.connection, "menu_import_v1", shop.store, None, {**MENU, "categories": [], "items": []})
    assert shop.report().rows("categories") == (("Breakfast", 1, 4_000),)
    shop.sell(at(11), (DOSA, 2))
    assert shop.report().rows("categories") == (("", 2, 16_000), ("Breakfast", 1, 4_000))


def test_category_that_a_till_froze_stands_however_late_it_arrives(shop: Shop) -> None:
    call(shop.connection, "menu_import_v1", shop.store, None, MENU)
    row = {"line_ids": [new_id()], "line_quantities": [1], "item_id": IDLY, "item_name": "Idly", "quantity": 1}
    row |= {"unit_price": "40.00", "subtotal": "40.00", "net": "38.10", "tax": "1.90", "discount": "0.00"}
    shop.sell(at(10), (IDLY, 1), lines=[row | {"category": "Morning"}])
    assert shop.report().rows("categories") == (("Morning", 1, 4_000),)


def test_cash_rounding_stands_by_itself(shop: Shop) -> None:
    shop.sell(at(10), (IDLY, 1), rounding="0.02", payments=[payment("CASH", "40.02")])
    report = shop.report()
    assert [report.figure(name) for name in ("total", "rounding", "taken")] == [4000, 2, 4002]


def test_tips_are_in_what_the_tenders_took_and_stand_by_themselves(shop: Shop) -> None:
    tipped = payment("CARD", "45.00") | {"tip": "5.00"}
    shop.sell(at(10), (IDLY, 1), payments=[tipped])
    shop.sell(at(11), (IDLY, 2), payments=[payment("CASH", "82.00", "18.00") | {"tip": "2.00"}])
    report = shop.report()
    assert report.rows("tenders") == (("CARD", 4500), ("CASH", 8200))
    assert [report.figure(name) for name in ("total", "tips", "taken")] == [12_000, 700, 12_700]


def test_tips_go_to_whoever_took_the_payment(shop: Shop) -> None:
    parts = [payment("CARD", "25.00") | {"tip": "5.00", "user": 2}, payment("CASH", "22.00", "8.00") | {"tip": "2.00"}]
    shop.sell(at(10), (IDLY, 1), payments=parts)
    shop.sell(at(11), (IDLY, 1), payments=[payment("CARD", "41.00") | {"tip": "1.00", "user": 2}])
    assert shop.report().rows("tips_by_person") == ((2, "", 2, 600), (1, "", 1, 200))


@pytest.mark.parametrize("report", REPORTS, ids=[report.name for report in REPORTS])
def test_reports_of_no_data_are_all_zero(shop: Shop, report: Report) -> None:
    """Each view has the columns that its report declares."""
    found = sum_up(shop.connection, shop.store, report)
    assert [table.rows for table in found.tables] == [()] * len(found.tables)
    assert not any(value for _column, value in found.figures)


def test_all_parts_are_of_one_moment(shop: Shop) -> None:
    query = "SELECT provolatile FROM pg_proc WHERE oid = 'till.report_v1(uuid, jsonb)'::regprocedure"
    assert shop.connection.execute(query).fetchone() == ("s",)  # it reads with the snapshot of its caller


def test_a_view_that_is_no_report_is_refused(shop: Shop) -> None:
    for view in ("orders", "order_payment"):
        with pytest.raises(AdministrationError, match="There is no report of"):
            call(shop.connection, "report_v1", shop.store, {"parts": [{"view": view, "columns": []}]})


def test_another_store_stays_out(shop: Shop) -> None:
    other = Shop(shop.owner, shop.connection)
    other.sell(at(10), (IDLY, 5))
    shop.sell(datetime(2026, 3, 3, 5, 0, tzinfo=UTC), (IDLY, 1))
    assert shop.report().rows("items") == (("Idly", 1, 4_000),)


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
