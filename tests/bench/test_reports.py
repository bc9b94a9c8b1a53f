"""Reports of the bench: timed over all days, and read from what is kept without reading all sales."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench import reports, rush, venue
from till.administration.calls import AtServer
from till.reports.declared import REPORTS
from till.reports.report import read_report

if TYPE_CHECKING:
    from bench.ground import Bench

#: Days of a thousand sales: enough for the planner to see what is large.
_SALES = 8_000
_READ = "SELECT seq_tup_read FROM pg_stat_xact_user_tables WHERE relname = 'orders'"


def test_no_report_of_all_days_reads_all_sales(ground: Bench) -> None:
    with ground.database() as database, ground.connect(database.owner) as owner:
        reports.fill(owner, _SALES)
        at = AtServer(connection=owner, store_id=venue.STORE)
        span, settings = reports.every_day(owner), at.venue()
        owner.execute("SELECT pg_stat_force_next_flush()")
        with owner.transaction():
            for report in REPORTS:
                found = read_report(at.ask, report, span, settings)
                if report.name == "sales":
                    assert found.figure("sales") == _SALES
            ((read,),) = owner.execute(_READ).fetchall()
            assert read < _SALES / 100, "those of today are found by their day"


def test_each_report_is_timed_beside_its_kept_rows(ground: Bench) -> None:
    timed = reports.measure(ground, 300, 2)
    assert {name: (len(one.own), len(one.limit)) for name, one in timed.items()} == dict.fromkeys(
        (report.name for report in REPORTS), (2, 2)
    )


def test_a_guest_is_timed_beside_raw_commits(ground: Bench) -> None:
    own, limit = rush.measure(ground, 4)
    assert (len(own.values), len(limit.values)) == (4, 4)
    assert min(own.values) > 0
    assert min(limit.values) > 0
