"""The analytics of docs/adaptations.md, as written, against our reports and `till admin stats` on a replayed bar."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import pytest

from db.embedded import EmbeddedServer
from db.engine import connect
from tests.papers import queries
from tests.papers.conftest import ITEMS, Books
from tests.replay.test_command import REAL, REAL_TENDERS, replay
from tests.sql.ringing import ask
from till.administration.calls import call
from till.domain.structs import replace
from till.domain.venue import read_venue
from till.reports.days import read_span
from till.reports.declared import FUNNEL, POPULAR, SALES, TIME_TO_ORDER
from till.reports.report import read_report
from till.reports.stats import read_stats

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    import psycopg

    from till.reports.report import Report, ReportResult
    from till.reports.stats import Stats

#: The business days of a replay that ends today: the last 24 hours, and the week.
TWO_DAYS: Final = "last 2 days"
A_WEEK: Final = "last 7 days"
#: The steps of the funnel, by their names in the report.
STEPS: Final = {"menu_viewed": "1 menu", "item_added": "2 item", "order_placed": "4 placed"}


@dataclass(frozen=True)
class Analytics:
    """A venue's reports and statistics, at the time of the queries."""

    owner: psycopg.Connection[Any]
    books: Books

    def report(self, report: Report, days: str) -> ReportResult:
        """Read a report with all of its rows."""
        venue = read_venue(call(self.owner, "venue", self.store))
        whole = replace(report, sections=tuple(replace(section, most=0) for section in report.sections))
        return read_report(
            partial(ask, self.owner, self.store), whole, read_span(days, venue.business_date(self.books.now)), venue
        )

    @property
    def store(self) -> str:
        return str(self.books.value("SELECT store_id FROM stores"))

    def stats(self) -> Stats:
        """Read `till admin stats`. It ends the transaction, so it comes last."""
        return read_stats(partial(ask, self.owner, self.store))


@pytest.fixture
def analytics(owner: psycopg.Connection[Any], books: Books) -> Analytics:
    return Analytics(owner, books)


def check_popular(found: Analytics) -> None:
    """Compare each item of the query, less pieces that were taken off or are unpaid, with the report."""
    week = timedelta(days=7)
    placed = found.books.since(week, "order_placed")
    sold: Counter[str] = Counter()
    for event in placed:
        for line in event.data["lines"]:
            sold[line["item_name"]] += line["quantity"]
    report = {item: pieces for item, pieces, _amount in found.report(POPULAR, A_WEEK).rows("items")}
    assert report == sold
    paid = {line for event in placed for row in event.data["lines"] for line in row["line_ids"]}
    unsold: Counter[str] = Counter()
    for event in found.books.since(week, "item_added"):
        unsold[event.data["item_name"]] += 0 if event.data["line_id"] in paid else event.data["quantity"]
    rows = found.books.rows(queries.POPULAR.text)
    assert rows
    assert {item: pieces - unsold[item] for item, pieces in rows} == {item: report.get(item, 0) for item, _n in rows}


def check_time_to_order(found: Analytics) -> None:
    """Compare the means of the report with the events: each order from its first step until it was placed."""
    types = ("menu_viewed", "item_added", "checkout_started", "order_submitted", "order_placed")
    steps: dict[str, dict[str, datetime]] = {}
    of_programs: set[str] = set()
    for event in sorted(found.books.since(timedelta(days=2), *types), key=lambda event: event.at):
        steps.setdefault(event.stream, {}).setdefault(event.type, event.at)
        if event.till == 0:
            of_programs.add(event.stream)
    times: dict[str, list[float]] = {}
    for stream, one in steps.items():
        if "order_placed" in one:
            ended = min(one["order_placed"], one.get("order_submitted", one["order_placed"]))
            begun = min(one[first] for first in ("menu_viewed", "item_added", "order_placed") if first in one)
            times.setdefault("chatbot" if stream in of_programs else "till", []).append((ended - begun).total_seconds())
    report = found.report(TIME_TO_ORDER, TWO_DAYS)
    rows = report.rows("average")
    assert [row[:2] for row in rows] == sorted((source, len(taken)) for source, taken in times.items())
    for source, orders, mean in rows:
        classes = [row for row in report.rows("times") if row[0] == source]
        assert sum(row[-1] for row in classes) == orders
        # whole seconds are kept of a class and a day
        assert float(mean) == pytest.approx(sum(times[source]) / orders, abs=2 * len(classes) / orders + 0.01)
    check_the_papers_time_to_order(found, steps, sum(float(mean) * orders for _source, orders, mean in rows))


def check_the_papers_time_to_order(found: Analytics, steps: dict[str, dict[str, datetime]], reported: float) -> None:
    """Compare the report with the query, which leaves out who never asked for the menu and waits for the payment."""
    average = found.books.value(queries.TIME_TO_ORDER.text)
    placed = [one for one in steps.values() if "order_placed" in one]
    looked = [one for one in placed if "menu_viewed" in one]
    others = [one["order_placed"] - one["item_added"] for one in placed if "menu_viewed" not in one]
    waited = [one["order_placed"] - one["order_submitted"] for one in looked if "order_submitted" in one]
    expected = (average or timedelta()) * len(looked) + sum(others, timedelta()) - sum(waited, timedelta())
    assert reported == pytest.approx(expected.total_seconds(), abs=2 * len(steps))


def _streams(found: Analytics, kind: str, days: int) -> set[str]:
    return {event.stream for event in found.books.since(timedelta(days=days), kind)}


def check_funnel_and_stats(found: Analytics) -> None:
    """Compare the queries of the funnel, conversion, active sessions and time to order with ours."""
    ((looked, added, placed),) = found.books.rows(queries.FUNNEL.text)
    ((with_items, orders, rate),) = found.books.rows(queries.CONVERSION.text)
    active = found.books.value(queries.ACTIVE_SESSIONS.text)
    average = found.books.value(queries.TIME_TO_ORDER.text)
    steps: Counter[str] = Counter()
    for _source, step, visits in found.report(FUNNEL, TWO_DAYS).rows("steps"):
        steps[step] += visits
    sales = found.report(SALES, TWO_DAYS).figure("sales")
    early = {one: len(_streams(found, one, 2) - _streams(found, one, 1)) for one in STEPS}
    assert {one: steps[step] - early[one] for one, step in STEPS.items()} == {
        "menu_viewed": looked,
        "item_added": added,
        "order_placed": placed,
    }
    lately = _streams(found, "item_added", 1)
    before = [one for one in found.books.since(timedelta(days=2), "order_placed") if one.stream not in lately]
    assert (with_items, orders, rate) == (added, sales - len(before), orders / added * 100)
    stats = found.stats()
    rows = stats.orders
    assert (rows.viewed_menu, rows.added_items, rows.placed_orders) == (looked, added, placed)
    assert (rows.sessions_with_items, rows.orders_placed) == (with_items, orders)
    assert rows.conversion_rate == pytest.approx(rate, abs=0.05)
    assert stats.sessions.active_5_minutes == active
    expected = None if average is None else pytest.approx(average.total_seconds(), abs=0.05)
    assert rows.time_to_order_s == expected


def test_the_papers_the_reports_and_the_stats_agree_on_each_figure(analytics: Analytics) -> None:
    check_popular(analytics)
    check_time_to_order(analytics)
    check_funnel_and_stats(analytics)


def test_the_report_of_a_replayed_day_is_the_recorded_bar(analytics: Analytics) -> None:
    """On the first day of the week only the bar traded; its void is a sale of zero."""
    day = analytics.report(SALES, A_WEEK).rows("days")[0][0]
    found, pieces = analytics.report(SALES, day.isoformat()), sum(ITEMS.values())
    assert (found.figure("sales"), found.figure("total")) == (len(ITEMS) + 1, 200 * pieces)
    assert found.rows("tenders") == (("CASH", 200 * pieces),)
    assert {item: (n, amount) for item, n, amount in found.rows("items")} == {
        item: (n, 200 * n) for item, n in ITEMS.items()
    }
    assert sum(amount for _hour, _orders, amount in found.rows("hours")) == 200 * pieces


@pytest.mark.slow
@pytest.mark.skipif(not REAL.is_dir(), reason="the real trading is kept beside the project, and is not here")
def test_analytics_agree_on_a_day_of_real_trading(data_dir: Path) -> None:
    report, err = replay(str(REAL), "--days", "1", "--ending", "today")
    assert report["lost"] == 0, err
    server = EmbeddedServer(data_dir)
    with server.acquire("a test"), connect(server.owner()) as owner:
        found = Analytics(owner, Books(owner, data_dir))
        tenders = found.report(SALES, TWO_DAYS).rows("tenders")
        money = found.report(SALES, TWO_DAYS).venue.terms.currency
        assert {tender: money.text(amount) for tender, amount in tenders} == REAL_TENDERS[1]
        check_popular(found)
        check_time_to_order(found)
        check_funnel_and_stats(found)
