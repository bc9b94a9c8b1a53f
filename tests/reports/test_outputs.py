"""Reports as a page, a workbook and orders behind a row; days kept summed up; the funnel of chats and tills."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import date, datetime, timedelta
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any, Final

import pytest
from psycopg.types.json import Jsonb

from tests.reports.test_sales import VENUE, Shop, at, payment, shop  # noqa: F401 - a fixture
from tests.sql.ringing import DAY, DOSA, IDLY, Cart, new_id, refund, roll_up, sum_up
from till.administration.calls import AdministrationError, call
from till.cli.report_output import to_json
from till.domain.errors import TillError
from till.domain.structs import replace
from till.reports.declared import DAY as GLANCE
from till.reports.declared import FUNNEL, REPORTS, SALES, TIME_TO_ORDER, VOIDS
from till.reports.orders import orders_behind, read_orders
from till.reports.page import page
from till.reports.report import Span, read_report
from till.reports.shifts import Z
from till.reports.workbook import workbook

if TYPE_CHECKING:
    from till.reports.report import Report, ReportResult

WEEK = timedelta(days=7)


TODAY = Span(DAY, DAY)
#: Of an order for 80.00 with its taxes.
CHARGED: Final[dict[str, Any]] = {
    "service_charge": {"percent": "10", "subtotal": "8.00", "net": "8.00", "tax": "0.00", "taxes": []},
    "total": "88.00",
    "net": "84.19",
}


def read(shop: Shop, report: Report = SALES, span: Span = TODAY, *only: str) -> ReportResult:  # noqa: F811
    return read_report(lambda name, asked: call(shop.connection, name, shop.store, asked), report, span, VENUE, only)


class Tags(HTMLParser):
    """The tags of a page that are still open."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del attrs
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del tag, attrs


@pytest.fixture
def sold(shop: Shop) -> Shop:  # noqa: F811
    shop.sell(at(10, 59), (IDLY, 2), (DOSA, 1), payments=[payment("CASH", "160.00", "40.00")], user=1)
    shop.sell(at(11), (DOSA, 2), payments=[payment("CARD", "160.00")])
    shop.sell(at(11, day=24) - timedelta(days=28), (DOSA, 1))
    return shop


def test_a_page_needs_no_other_file_and_runs_nothing_of_what_people_typed(sold: Shop) -> None:
    found = replace(read(sold, GLANCE), before=read(sold, GLANCE, Span(DAY - WEEK, DAY - WEEK)))
    text = page(found)
    tags = Tags()
    tags.feed(text)
    assert tags.open == []
    assert not re.search(r"(src|href)=|<script|url\(|@import", text)
    assert "Masala Dosa" in text
    assert text.count("<svg") == sum(len(table.rows) for table in found.tables if table.section.chart)
    assert text.count("<line") > 0, "the mark of a week before"


def test_a_bar_stands_beside_its_column_and_a_footnote_below_its_part(sold: Shop) -> None:
    log(sold, new_id(), ("menu_viewed", 0), ("item_added", 15), till=0)
    text = page(read(sold, GLANCE))
    (items,) = re.findall(r"<section><h2>Popular items</h2>.*?</section>", text)
    assert re.findall(r"<th[^>]*>([^<]*)</th>", items) == ["Item", "Pieces", "", "Amount"]
    assert re.findall(r'<td(?: class="(.)")?>', items)[:4] == ["", "n", "b", "n"]
    (steps,) = re.findall(r"<section><h2>Steps of an order</h2>.*?</section>", text)
    assert text.count("only chats count fully") == steps.count("only chats count fully") == 1
    assert steps.endswith("</table>" + steps[steps.index('<p class="note">') :])
    assert "only chats" not in page(read(sold, GLANCE, TODAY, "hours"))


def test_a_page_of_no_sales_says_so(shop: Shop) -> None:  # noqa: F811
    assert "Nothing was sold." in page(read(shop, GLANCE))


def test_an_empty_part_is_named(sold: Shop) -> None:
    found = read(sold)
    assert found.nothing(_table_of(found, "weights")) == "By weight: nothing on these days."
    assert read(sold, SALES, TODAY, "contested_sales").nothing() == "Contested sales: nothing on these days."
    alone = "<p>Contested sales: nothing on these days.</p>"
    assert alone in page(read(sold, SALES, TODAY, "contested_sales"))
    empty = read(sold, SALES, Span(DAY - 9 * WEEK, DAY - 9 * WEEK))
    assert empty.nothing(_table_of(empty, "weights")) == "Nothing was sold."


def test_a_name_is_text_on_a_page_and_in_a_workbook(shop: Shop) -> None:  # noqa: F811
    found = read(shop)
    items = next(section for section in SALES.sections if section.name == "items")
    evil = "<img src=x onerror=alert(1)>\u202e=cmd"
    table = replace(_table_of(found, "items"), rows=((evil, 1, 100),))
    found = replace(found, tables=(table,))
    assert "<img" not in page(found)
    assert "&lt;img" in page(found)
    with zipfile.ZipFile(io.BytesIO(workbook(found))) as book:
        strings = book.read("xl/sharedStrings.xml").decode()
        sheets = "".join(book.read(name).decode() for name in book.namelist() if "worksheets/" in name)
    assert "&lt;img src=x onerror=alert(1)&gt;=cmd" in strings
    assert "<f>" not in sheets
    assert items.chart == "amount"


def _table_of(found: ReportResult, name: str) -> Any:
    return next(table for table in found.tables if table.section.name == name)


def test_a_workbook_has_a_sheet_for_each_part_with_numbers_and_charts(sold: Shop) -> None:
    with zipfile.ZipFile(io.BytesIO(workbook(read(sold)))) as book:
        names = re.findall(r'<sheet name="(\w+)"', book.read("xl/workbook.xml").decode())
        charts = [name for name in book.namelist() if name.startswith("xl/charts/chart")]
        figures = book.read("xl/worksheets/sheet1.xml").decode()
    assert names[0] == "figures"
    assert {"tenders", "items", "hours", "rates"} <= set(names)
    assert charts
    assert "<v>320</v>" in figures, "an amount in the currency's units"


@pytest.mark.parametrize(
    ("part", "row", "receipts"),
    [
        ("hours", "11", 1),
        ("hours", "10:00", 1),
        ("items", "masala dosa", 2),
        ("items", "Idly", 1),
        ("tenders", "CARD", 1),
        ("tenders", "cash", 1),
        ("rates", "GST 5 %", 2),
        ("drawers", "1", 1),
        ("days", "2026-03-03", 2),
        ("months", "2026-03", 2),
    ],
)
def test_the_orders_behind_a_row_are_those_that_it_sums_up(sold: Shop, part: str, row: str, receipts: int) -> None:
    found = read(sold, SALES, TODAY, part)
    ask = lambda name, asked: call(sold.connection, name, sold.store, asked)  # noqa: E731
    orders = orders_behind(ask, found, row)
    assert len(orders) == receipts
    if part in {"days", "months"}:
        assert sum(one.total for one in orders) == found.tables[0].rows[0][-1]


def close_a_shift(shop: Shop, session: str) -> None:  # noqa: F811
    """Write a shift that sold an order, was counted and corrected, with its Z; and one that is still open."""
    journal, shift, later = new_id(), least_id(at(9)), least_id(at(20))
    shop.connection.execute(
        "INSERT INTO warm.journal_head (journal_id, store_id, till_id, seq) VALUES (%s, %s, 1, 7)",
        [journal, shop.store],
    )
    count = {"tender": "CASH", "expected": "88.00", "counted": "87.50", "taken": "80.00"}
    sums = {
        "sales": {"number": 1, "net": "83.81", "tax": "4.19", "gross": "88.00"},
        "taxes": [{"name": "GST", "rate": "5", "net": "83.81", "tax": "4.19"}],
        "categories": [{"category": "", "quantity": 2, "gross": "88.00"}],
        "tenders": [{"tender": "CASH", "number": 1, "amount": "93.00", "tips": "5.00"}],
        "drawer": [{"tender": "CASH", "opening": "0.00", "closing": "87.50"}],
        "dates": [{"business_date": (DAY + timedelta(days=1)).isoformat(), "number": 1, "gross": "88.00"}],
    }
    steps: tuple[tuple[str, dict[str, Any]], ...] = (
        ("shift_opened", {"business_date": DAY.isoformat(), "currency": "INR", "kept": ["CASH"]}),
        ("order_placed", {"business_date": DAY.isoformat(), "total": "88.00"}),
        ("drawer_counted", {"currency": "INR", "counts": [count]}),
        ("drawer_corrected", {"payment_id": shift, "was": "CASH", "tender": "CARD", "amount": "0.50"}),
        ("shift_closed", {"number": "1-Z000001", "currency": "INR", "sums": sums}),
        ("shift_opened", {"business_date": DAY.isoformat(), "currency": "INR"}),
        ("order_placed", {"business_date": DAY.isoformat(), "total": "88.00"}),
    )
    ids = [new_id() for _step in steps]
    for number, (kind, data) in enumerate(steps, 1):
        is_order, of = kind == "order_placed", shift if number < 6 else later
        shop.connection.execute(
            """INSERT INTO warm.session_events (event_id, session_id, stream_kind, stream_id, event_type, v, harmless,
                event_data, "timestamp", journal_id, seq, till_id, store_id, shift, prev_hash, hash, body)
            VALUES (%s, %s, %s, %s, %s, 1, false, %s, %s, %s, %s, 1, %s, %s, '', '', '')""",
            [
                *(ids[number - 1], session if is_order else None, "order" if is_order else "shift"),
                *(session if is_order else of, kind, Jsonb(data), at(10) + timedelta(seconds=10 + number)),
                *(journal, number, shop.store, of),
            ],
        )
    for of, opened, closed in ((shift, ids[0], ids[4]), (later, ids[5], None)):
        shop.connection.execute(
            "INSERT INTO till.shifts (shift_id, store_id, till_id, opened, closed) VALUES (%s, %s, 1, %s, %s)",
            [of, shop.store, opened, closed],
        )
        shop.connection.execute(
            """INSERT INTO till.shift_facts (shift_id, event_id, store_id)
            SELECT stream_id, event_id, store_id FROM warm.session_events WHERE stream_id = %s""",
            [of],
        )


def least_id(moment: datetime) -> str:
    """Return the first id of a time."""
    millis = f"{int(moment.timestamp() * 1000):012x}"
    return f"{millis[:8]}-{millis[8:]}-7000-8000-000000000000"


def open_session(shop: Shop, *types: str, **data: Any) -> str:  # noqa: F811
    """Write an order that was never paid in full, with these events; with one, a line taken off, if none are named."""
    session = new_id()
    shop.connection.execute(
        """INSERT INTO till.order_sessions (id, store_id, user_id, till_id, currency, total, created_at, updated_at)
        VALUES (%s, %s, 1, 1, 'INR', 40, %s, %s)""",
        [session, shop.store, at(10), at(10)],
    )
    log(shop, session, *((one, n) for n, one in enumerate(types or ("line_voided",))), **data)
    return session


def test_fewer_pieces_are_a_void(shop: Shop) -> None:  # noqa: F811
    session = open_session(shop, "quantity_changed", removed=[{"pieces": 1, "amount": "40.00", "sent": False}])
    ask = lambda name, asked: call(shop.connection, name, shop.store, asked)  # noqa: E731
    assert [one.session for one in orders_behind(ask, read(shop, VOIDS), "voids")] == [session]


def test_each_row_of_each_report_leads_to_its_orders(shop: Shop) -> None:  # noqa: F811
    """Sold by weight and refunded, tipped, given away, judged; and one that was only keyed and voided."""
    gifts = [{"kind": "comp", "amount": "5.00"}, {"kind": "discount", "amount": "1.00", "name": "Regular"}]
    paid = [{**payment("CASH", "93.00"), "tip": "5.00"}]
    (line,) = Cart(lines={new_id(): (IDLY, 2)}).frozen()["lines"]
    weighed = [{**line, "measure": 500, "unit": "kg"}]
    shop.sell(at(10), (IDLY, 2), lines=weighed, off=gifts, payments=paid, **CHARGED)
    ((order, session),) = shop.connection.execute("SELECT order_id::text, session_id FROM cold.sales").fetchall()
    log(shop, session, ("menu_viewed", 0), ("item_added", 5), ("checkout_started", 8), ("order_placed", 9))
    refund(shop.connection, shop.store, at(12), DAY, "-5", "0", "0")
    shop.connection.execute(
        """INSERT INTO cold.feedback (feedback_id, order_id, session_id, store_id, score, words, created_at,
            user_id, till_id) VALUES (%s, %s, %s, %s, 5, 'Fine', %s, 1, 1)""",
        [new_id(), order, session, shop.store, at(12)],
    )
    shop.connection.execute(
        """INSERT INTO till.conflicts (id, event_id, store_id, kind, session_id, subject, amount, found_by, found_at)
        VALUES (%s, %s, %s, 'sold_twice', %s, %s, 80, 1, %s)""",
        [new_id(), new_id(), shop.store, session, order, at(12)],
    )
    voided = open_session(shop, removed=[{"pieces": 1, "amount": "40.00", "sent": True}])
    close_a_shift(shop, session)
    ask = lambda name, asked: call(shop.connection, name, shop.store, asked)  # noqa: E731
    seen: set[str] = set()
    of_voids = {"taken_off_by_person", "void_acts"}
    # The kitchen has `tests.reports.test_kitchen`; rows of the accountant's journal are of a shift, not of orders.
    others = [report for report in REPORTS if report.name not in {"kitchen", "journal"}]
    for report in others:
        for table in (found := read(shop, report)).tables:
            for row in table.rows:
                behind = read_orders(ask, found, table, row)
                wanted = [("", voided)] if table.section.view in of_voids else [(order, session)]
                assert [(one.order, one.session) for one in behind] == wanted, (report.name, table.section.name, row)
                seen.add(table.section.name)
    assert seen >= {section.name for report in others for section in report.sections if section.keys}
    (count,) = read(shop, Z).tables[4].rows
    assert count[7:9] == (-50, -50), "the correction explains the difference"
    people = read(shop, VOIDS)
    assert [one.session for one in orders_behind(ask, people, "voids")] == [voided]
    steps = read(shop, FUNNEL)
    assert [one.session for one in orders_behind(ask, steps, "at the till")] == [session], "four rows, one order"


def test_the_figures_beside_items_and_tenders_lead_to_their_orders(shop: Shop) -> None:  # noqa: F811
    """Service charge, rounding, cash on open orders and contested sales; a plain sale is behind none of them."""
    shop.sell(at(10), (IDLY, 1))
    served = beside(shop)
    ask = lambda name, asked: call(shop.connection, name, shop.store, asked)  # noqa: E731
    wanted = {
        "service_charge": ("charges", "service_charge", served["charged"]),
        "rounding": ("charges", "Rounding", served["rounded"]),
        "open_orders": ("cash", "open_order", served["open"]),
        "contested": ("contested_sales", served["receipt"], served["contested"]),
    }
    for summed in (False, True):
        if summed:
            assert roll_up(shop.connection, shop.store) > 0
        for report in (SALES, GLANCE):
            for figure, (part, row, session) in wanted.items():
                found = read(shop, report, TODAY, part)
                assert [one.session for one in orders_behind(ask, found, row)] == [session], (report.name, figure)
                rows = [one for one in found.tables[0].rows if part != "cash" or "open_order" in one]
                whole = read(shop, report).figure(figure)
                assert whole
                assert sum(one[-1] for one in rows if part != "charges" or one[0] == figure) == whole


def beside(shop: Shop) -> dict[str, str]:  # noqa: F811
    """Ring an order behind each figure that is no item and no tender; return their sessions, and a receipt."""
    shop.sell(at(11, 30), (DOSA, 1), payments=[payment("CASH", "88.00")], **CHARGED)
    shop.sell(at(12), (DOSA, 1), rounding="0.02", payments=[payment("CASH", "80.02")])
    shop.sell(at(13), (DOSA, 2))
    query = "SELECT session_id, order_id, receipt FROM cold.sales ORDER BY created_at DESC LIMIT 3"
    (contested, order, receipt), (rounded, *_other), (charged, *_others) = shop.connection.execute(query).fetchall()
    shop.connection.execute(
        """INSERT INTO till.conflicts (id, event_id, store_id, kind, session_id, subject, amount, found_by, found_at)
        VALUES (%s, %s, %s, 'sold_twice', %s, %s, 80, 1, %s)""",
        [new_id(), new_id(), shop.store, contested, order, at(13)],
    )
    left = open_session(shop, removed=[])
    paid: dict[str, Any] = {**payment("CASH", "30.00"), "drawer": 2}
    log(shop, left, ("payment_approved", 60), **paid)
    return {"charged": charged, "rounded": rounded, "open": left, "contested": contested, "receipt": receipt}


def test_the_acts_of_an_order_are_found_only_in_views_of_reports(shop: Shop) -> None:  # noqa: F811
    asked = {"acts": "order_audit", "row": {}, "from": "2026-03-03", "to": "2026-03-03", "currency": "INR", "most": 5}
    with pytest.raises(AdministrationError, match="There is no report of"):
        call(shop.connection, "report_orders_v1", shop.store, asked)


def test_a_row_that_is_not_there_has_no_orders(sold: Shop) -> None:
    with pytest.raises(TillError, match="There is no row “Pizza” in items"):
        orders_behind(lambda *_asked: [], read(sold, SALES, TODAY, "items"), "Pizza")


def test_bars_are_shares_of_the_longest_of_both_weeks(sold: Shop) -> None:
    now, then = read(sold, SALES, TODAY, "items"), read(sold, SALES, Span(DAY - WEEK, DAY - WEEK), "items")
    found = replace(now, before=then)
    table = found.tables[0]
    assert [row[0] for row in table.rows] == ["Masala Dosa", "Idly"]
    assert found.bars(table) == [(1.0, pytest.approx(1 / 3)), (pytest.approx(1 / 3), None)]
    assert [found.change(table, row) for row in table.rows] == [200, None]


def test_every_report_is_the_same_from_days_that_are_kept(sold: Shop) -> None:
    span = Span(date(2026, 2, 1), date(2026, 3, 31))
    before = {report.name: to_json(read(sold, report, span)) for report in REPORTS}
    assert roll_up(sold.connection, sold.store) > 0
    for report in REPORTS:
        assert to_json(read(sold, report, span)) == before[report.name], report.name
    assert roll_up(sold.connection, sold.store) == 0, "nothing is summed up twice"


def test_the_parts_of_a_report_over_one_view_share_its_reading(sold: Shop) -> None:
    roll_up(sold.connection, sold.store)
    looked = """SELECT seq_scan + idx_scan FROM pg_stat_xact_user_tables WHERE relname = 'report_days'"""
    one_of_each = {section.view: section for section in reversed(SALES.sections)}
    counts: list[int] = []
    with sold.connection.transaction():
        for report in (SALES, replace(SALES, sections=(*one_of_each.values(),))):
            ((before,),) = sold.connection.execute(looked).fetchall()  # also what came in the second before
            read(sold, report, Span(DAY - WEEK, DAY))
            ((after,),) = sold.connection.execute(looked).fetchall()
            counts.append(after - before)
    assert counts[0] == counts[1] >= len(one_of_each)


def test_every_view_of_a_report_is_kept_but_for_those_that_change_later(shop: Shop) -> None:  # noqa: F811
    kept = {view for (view,) in shop.connection.execute("SELECT view FROM cold.rolled_views()")}
    declared = {section.view for report in REPORTS for section in report.sections}
    assert declared - kept == {
        *("contested_by_day", "cooked", "feedback_by_order", "ledger", "open_shifts", "void_acts")
    }
    assert kept - declared == {"stock_by_day", "stock_by_minute"}, "the shelf adds them up, and shows no day"


def kept(shop: Shop, day: date) -> int:  # noqa: F811
    query = "SELECT count(*) FROM cold.report_days WHERE store_id = %s AND business_date = %s"
    row = shop.connection.execute(query, [shop.store, day]).fetchone()
    assert row is not None
    return int(row[0])


def test_another_name_shows_in_kept_days_and_a_late_sale_drops_its_day_alone(sold: Shop) -> None:
    sold.connection.execute(
        "INSERT INTO till.users (store_id, id, name, role) VALUES (%s, 1, 'Asha', 'cashier')", [sold.store]
    )
    roll_up(sold.connection, sold.store)
    assert kept(sold, DAY) > 0
    assert [row[1] for row in read(sold).rows("people")] == ["Asha"]
    sold.connection.execute("UPDATE till.users SET name = 'Meena' WHERE store_id = %s", [sold.store])
    assert kept(sold, DAY) > 0, "only what names people is dropped"
    assert [row[1] for row in read(sold).rows("people")] == ["Meena"]
    total = read(sold).figure("total")
    sold.sell(at(12), (IDLY, 1))
    assert (kept(sold, DAY), kept(sold, DAY - timedelta(days=1)) > 0) == (0, True)
    assert read(sold).figure("total") == total + 40_00


def test_a_range_of_ten_thousand_years_is_read(sold: Shop) -> None:
    found = sum_up(sold.connection, sold.store, SALES, date(1, 1, 1), date(9999, 12, 31))
    assert found.figure("sales") == 3


def log(shop: Shop, session: str, *steps: tuple[str, float], till: int = 1, **data: Any) -> None:  # noqa: F811
    """Write steps of an order, by seconds after ten, as a till or a program (till 0) would leave them."""
    journal = new_id()
    for number, (kind, seconds) in enumerate(steps, 1):
        shop.connection.execute(
            """INSERT INTO warm.session_events (event_id, session_id, stream_kind, stream_id, event_type, v, harmless,
                event_data, "timestamp", journal_id, seq, till_id, store_id, prev_hash, hash, body)
            VALUES (%s, %s, 'order', %s, %s, 1, false, %s, %s, %s, %s, %s, %s, '', '', '')""",
            [
                *(new_id(), session, session, kind, Jsonb(data), at(10) + timedelta(seconds=seconds)),
                *(journal, number, till, shop.store),
            ],
        )


def test_the_funnel_and_the_time_to_order_tell_chats_from_tills(shop: Shop) -> None:  # noqa: F811
    """An order of a program was placed as it was submitted, but not before somebody paid for it."""
    shop.sell(at(11), (IDLY, 1))
    log(shop, new_id(), ("menu_viewed", 0), ("item_added", 15), ("checkout_started", 50), ("order_placed", 60), till=0)
    log(shop, new_id(), ("menu_viewed", 0), till=0)
    waiting, paid = new_id(), new_id()
    for session in (waiting, paid):
        log(shop, session, ("item_added", 0), ("order_submitted", 30), till=0)
    log(shop, paid, ("order_placed", 900), till=1)
    log(shop, new_id(), ("item_added", 0), ("order_placed", 20))
    output = to_json(read(shop, FUNNEL))
    assert [(row["source"], row["step"], row["visits"]) for row in output["steps"]] == [
        ("chatbot", "1 menu", 2), ("chatbot", "2 item", 3), ("chatbot", "3 paying", 2), ("chatbot", "4 placed", 2),
        ("till", "2 item", 1), ("till", "3 paying", 1), ("till", "4 placed", 1),
    ]  # fmt: skip
    times = to_json(read(shop, TIME_TO_ORDER))
    average = [("chatbot", 2, "45.00"), ("till", 1, "20.00")]
    assert [(row["source"], row["orders"], row["seconds"]) for row in times["average"]] == average
    assert [(row["source"], row["minutes"], row["orders"]) for row in times["times"]] == [
        ("chatbot", 1, 1),
        ("chatbot", 2, 1),
        ("till", 0, 1),
    ]


def test_a_mean_over_kept_days_counts_each_order_once(shop: Shop) -> None:  # noqa: F811
    for seconds in (10, 10, 10, 90):  # two classes of one day: by rows it would be 50
        log(shop, new_id(), ("item_added", 0), ("order_placed", seconds))
    shop.sell(at(11), (IDLY, 1))
    for rolled in (False, True):
        assert bool(roll_up(shop.connection, shop.store) if rolled else 0) is rolled
        assert to_json(read(shop, TIME_TO_ORDER))["average"] == [{"source": "till", "orders": 4, "seconds": "30.00"}]
