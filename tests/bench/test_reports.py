"""Reports of the bench: timed over all days, and read from what is kept without reading all sales."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from bench import past, reports, rush, venue
from till.administration.calls import AtServer
from till.reports.declared import REPORTS
from till.reports.report import Span, read_report

if TYPE_CHECKING:
    from bench.testbed import Bench

#: Days of a thousand sales: enough for the planner to see what is large.
_SALES = 4_000
#: Days of five sales.
_DAYS = 2_000
_ALL_READ = "SELECT relname, seq_tup_read + coalesce(idx_tup_fetch, 0) FROM pg_stat_xact_user_tables"
_READ = "SELECT seq_tup_read FROM pg_stat_xact_user_tables WHERE relname = 'orders'"


def test_no_report_of_all_days_reads_all_sales(testbed: Bench) -> None:
    with testbed.database() as database, testbed.connect(database.owner) as owner:
        reports.fill(owner, _SALES)
        at = AtServer(connection=owner, store_id=venue.STORE)
        span, settings = reports.every_day(owner), at.venue()
        owner.execute("SELECT pg_stat_force_next_flush()")
        with owner.transaction():
            # Late in the day a quarter of so few sales is of today, and to read all would be cheapest.
            owner.execute("SET LOCAL enable_seqscan = off")
            for report in REPORTS:
                found = read_report(at.ask, report, span, settings)
                if report.name == "sales":
                    assert found.figure("sales") == _SALES
            ((read,),) = owner.execute(_READ).fetchall()
            assert read < _SALES / 100, "those of today are found by their day"


def test_days_that_are_not_kept_read_their_own_rows_and_never_all(testbed: Bench) -> None:
    """A week is a three-hundredth of all sales, as for ten million in six years."""
    with testbed.database() as database, testbed.connect(database.owner) as owner:
        past.fill(owner, 5 * _DAYS, per_day=5)
        at = AtServer(connection=owner, store_id=venue.STORE)
        settings, last = at.venue(), reports.every_day(owner).last
        for report in REPORTS:
            owner.execute("SELECT pg_stat_force_next_flush()")
            with owner.transaction():
                found = read_report(
                    at.ask, report, Span(last - timedelta(days=36), last - timedelta(days=30)), settings
                )
                read = {str(table): int(rows) for table, rows in owner.execute(_ALL_READ)}
            assert max(read.values(), default=0) < _DAYS / 2, (report.name, read)
            assert report.name != "sales" or 30 <= found.figure("sales") <= 40


def test_each_report_is_timed_beside_its_kept_rows(testbed: Bench) -> None:
    timed = reports.measure(testbed, 300, 2)
    assert {name: (len(one.own), len(one.limit)) for name, one in timed.items()} == dict.fromkeys(
        (report.name for report in REPORTS), (2, 2)
    )


def test_a_guest_is_timed_beside_raw_commits(testbed: Bench) -> None:
    own, limit = rush.measure(testbed, 4)
    assert (len(own.values), len(limit.values)) == (4, 4)
    assert min(own.values) > 0
    assert min(limit.values) > 0
