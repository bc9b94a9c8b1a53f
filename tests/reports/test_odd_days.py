"""Reports of odd days and hard names: clock changes, many days, an unfinished day, renamed items, characters."""

from __future__ import annotations

import csv
import io
import uuid
import zipfile
from datetime import UTC, date, datetime, timedelta
from html.parser import HTMLParser
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from psycopg.types.json import Jsonb

from tests.reports.test_outputs import kept, read
from tests.reports.test_sales import Shop, at, shop  # noqa: F401 - a fixture
from tests.sql.ringing import DAY, DOSA, IDLY, SETTINGS, Cart, new_id, roll_up
from till.administration.calls import call
from till.cli.output import csv_text
from till.cli.report_output import _csv, to_json
from till.domain.structs import replace
from till.domain.venue import read_venue
from till.reports.declared import REPORTS, SALES
from till.reports.page import page
from till.reports.report import ReportTable, Span, read_report
from till.reports.workbook import workbook

if TYPE_CHECKING:
    from till.reports.report import Report, ReportResult

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.fixture
def abroad(shop: Shop) -> Shop:  # noqa: F811
    """A store of its own in Berlin, whose business day ends at three."""
    shop.store = str(uuid.uuid4())
    settings = {**SETTINGS, "timezone": "Europe/Berlin", "business_day_ends": "03:00"}
    shop.connection.execute("SELECT till.store_create_v1(%s, %s)", [shop.store, Jsonb(settings)])
    return shop


def sell_at(shop: Shop, moment: datetime) -> None:  # noqa: F811
    venue = read_venue(call(shop.connection, "venue", shop.store))
    order = Cart(lines={new_id(): (IDLY, 1)}).frozen(business_date=venue.business_date(moment).isoformat())
    shop.connection.execute(
        "SELECT cold.place_order(%s, %s, 1, 1, %s, %s, %s, %s, 'till')",
        [shop.store, new_id(), new_id(), moment, moment, Jsonb(order)],
    )


def found_of(shop: Shop, day: date, report: Report = SALES) -> ReportResult:  # noqa: F811
    venue = read_venue(call(shop.connection, "venue", shop.store))
    ask = lambda name, asked: call(shop.connection, name, shop.store, asked)  # noqa: E731
    return read_report(ask, report, Span(day, day), venue)


@pytest.mark.parametrize(
    ("day", "hours", "twice"), [(date(2026, 10, 24), 25, 2), (date(2026, 3, 28), 23, 0), (date(2026, 3, 27), 24, 1)]
)
def test_a_day_of_a_clock_change_has_each_of_its_hours_once(abroad: Shop, day: date, hours: int, twice: int) -> None:
    """The hour that the clock shows twice has both sales, the one that it leaves out has no row; the sum is right."""
    begins = datetime(day.year, day.month, day.day, 3, tzinfo=BERLIN).astimezone(UTC)
    after = day + timedelta(days=1)
    ends = datetime(after.year, after.month, after.day, 3, tzinfo=BERLIN).astimezone(UTC)
    assert ends - begins == timedelta(hours=hours)
    for number in range(-1, hours + 1):
        sell_at(abroad, begins + timedelta(hours=number, minutes=30))
    found = found_of(abroad, day)
    by_hour = {hour: sales for hour, sales, _amount in found.rows("hours")}
    assert found.figure("sales") == sum(by_hour.values()) == hours
    assert by_hour.get(2, 0) == twice
    assert all(sales == 1 for hour, sales in by_hour.items() if hour != 2)
    assert next(iter(by_hour)) == 3, "the day begins with its first hour"
    assert found_of(abroad, after).figure("sales") == 1


#: Sales of days that are over, written at once: as many lines and payments as sales.
FILL = """
    WITH days AS (SELECT current_date - 10 - n AS day FROM generate_series(0, %(days)s - 1) AS n), made AS (
        INSERT INTO cold.orders (order_id, session_id, order_source_id, total_amount, net, tax, rounding,
            service_charge, service_charge_net, currency, receipt, business_date, taxes, voids, user_id, till_id,
            event_id, store_id, created_at)
        SELECT gen_random_uuid(), gen_random_uuid()::text, 1, 40, 38.10, 1.90, 0, 0, 0, 'INR', d.day::text || '-' || n,
            d.day, '[]', '[]', 1, 1, gen_random_uuid(), %(store)s, d.day + interval '10 hours'
        FROM days AS d CROSS JOIN generate_series(1, %(each)s) AS n
        RETURNING order_id
    ), lines AS (
        INSERT INTO cold.order_item (order_id, position, menu_item_id, item_name, quantity, unit_price, subtotal, net,
            tax, discount, taxes, modifiers, line_ids, store_id)
        SELECT order_id, 1, 'i1', 'Idly', 1, 40, 40, 38.10, 1.90, 0, '[]', '[]', ARRAY[gen_random_uuid()], %(store)s
        FROM made
    )
    INSERT INTO cold.order_payment (order_id, position, payment_id, tender, amount, store_id)
    SELECT order_id, 1, gen_random_uuid(), 'CASH', 40, %(store)s FROM made
"""
#: Rows that this transaction read of each table.
READ_SO_FAR = """
    SELECT relname, seq_tup_read + coalesce(idx_tup_fetch, 0) FROM pg_stat_xact_user_tables WHERE schemaname = 'cold'
        AND relname IN ('orders', 'order_item', 'order_payment', 'report_days')
"""


def test_a_report_of_many_days_reads_the_sums_and_not_the_sales(shop: Shop) -> None:  # noqa: F811
    """The work grows with days: one row per day and view, and only the sales of days without kept sums."""
    days, each = 12, 100
    for table in ("order_item", "order_payment"):
        shop.connection.execute(f"ALTER TABLE cold.{table} DISABLE TRIGGER nothing_late".encode())
    shop.connection.execute(FILL, {"days": days, "each": each, "store": shop.store})
    roll_up(shop.connection, shop.store)
    shop.connection.execute("ANALYZE cold.orders, cold.order_item, cold.order_payment, cold.report_days")
    today = shop.connection.execute("SELECT current_date").fetchall()[0][0]
    span = Span(today - timedelta(days=days + 9), today - timedelta(days=10))
    with shop.connection.transaction():
        before = read_rows(shop)
        found = read(shop, SALES, span)
        rows = {table: rows - before[table] for table, rows in read_rows(shop).items()}
    assert (found.figure("sales"), found.figure("total")) == (days * each, days * each * 4_000)
    ends = 3 * len(SALES.sections)  # the planner looks at the ends of an index, however many rows it has
    assert max(rows["orders"], rows["order_item"], rows["order_payment"]) <= ends < each
    sums = shop.connection.execute("SELECT count(*) FROM cold.report_days").fetchall()[0][0]
    assert 0 < rows["report_days"] <= 2 * sums * len(SALES.sections)
    sell_at(shop, datetime.now(UTC) - timedelta(days=20))  # a late sale: its day is read anew, and no other
    with shop.connection.transaction():
        before = read_rows(shop)
        assert read(shop, SALES, span).figure("sales") == days * each + 1
        rows = {table: rows - before[table] for table, rows in read_rows(shop).items()}
    assert 0 < rows["orders"] <= 4 * (each + 1) * len(SALES.sections)


def read_rows(shop: Shop) -> dict[str, int]:  # noqa: F811
    return {table: int(rows) for table, rows in shop.connection.execute(READ_SO_FAR).fetchall()}


def test_a_report_of_a_day_that_goes_on_is_that_of_the_day_once_it_is_over(shop: Shop) -> None:  # noqa: F811
    now = datetime.now(UTC)
    today = read_venue(SETTINGS).business_date(now)
    sell_at(shop, now)
    shop.sell(now, (DOSA, 2), off=[{"kind": "comp", "amount": "5.00"}])
    span = Span(today, today)
    going_on = [to_json(read(shop, report, span)) for report in REPORTS]
    roll_up(shop.connection, shop.store)
    assert kept(shop, today) == 0, "a day that goes on is not summed up"
    with shop.connection.transaction(force_rollback=True):
        shop.connection.execute(
            "CREATE OR REPLACE FUNCTION till.business_date(p_store uuid, p_at timestamptz) RETURNS date"
            " LANGUAGE sql STABLE AS $$ SELECT current_date + 30 $$"
        )
        roll_up(shop.connection, shop.store)
        assert kept(shop, today) > 0, "a month later it is"
        assert [to_json(read(shop, report, span)) for report in REPORTS] == going_on


def test_an_item_renamed_within_the_range_stands_under_each_of_its_names(shop: Shop) -> None:  # noqa: F811
    def sell(day: int, item: str, name: str) -> None:
        order = Cart(lines={new_id(): (IDLY, 1)}).frozen(business_date=f"2026-03-{day:02}")
        lines = [{**order["lines"][0], "item_id": item, "item_name": name}]
        shop.connection.execute(
            "SELECT cold.place_order(%s, %s, 1, 1, %s, %s, %s, %s, 'till')",
            [shop.store, new_id(), new_id(), at(10, day=day), at(10, day=day), Jsonb({**order, "lines": lines})],
        )

    for day, item, name in ((2, "i1", "Tea"), (3, "i1", "Masala Tea"), (3, "i1", "Masala Tea"), (3, "i9", "Tea")):
        sell(day, item, name)
    span = Span(DAY - timedelta(days=1), DAY)
    found = read(shop, SALES, span)
    assert found.rows("items") == (("Masala Tea", 2, 8_000), ("Tea", 2, 8_000))
    assert found.figure("items_total") == 16_000


class _Text(HTMLParser):
    """The text of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.text = ""
        self.tags: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del attrs
        self.tags.add(tag)

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.mark.parametrize(
    "name",
    [
        *("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "a\x00b\x1b[2J", "\u202e=x", "<b>", "&amp;", "]]>", "\ufffe"),
        "x" * 40_000,
    ],
    ids=lambda name: repr(name[:9]),
)
def test_a_hard_name_is_text_in_every_output(shop: Shop, name: str) -> None:  # noqa: F811
    found = read(shop, SALES)
    tables = tuple(
        ReportTable(one.section, ((name, 1, 100),)) if one.section.name == "items" else one for one in found.tables
    )
    found = replace(found, tables=tables)
    cells = [cell for row in csv.reader(io.StringIO(csv_text(*_csv(found)))) for cell in row]
    assert all(not cell.startswith(("=", "+", "@", "\t", "\r")) for cell in cells)
    assert not any(ord(char) < 32 or char == "\u202e" for cell in cells for char in cell)
    text = _Text()
    text.feed(page(found))
    assert "b" not in text.tags
    assert not any(char in text.text for char in "\x00\x1b\u202e")
    with zipfile.ZipFile(io.BytesIO(workbook(found))) as book:
        assert book.testzip() is None
        sheets = "".join(book.read(one).decode() for one in book.namelist() if "worksheets/" in one)
    assert "<f>" not in sheets
    assert to_json(found)["items"][0]["item"] == name
