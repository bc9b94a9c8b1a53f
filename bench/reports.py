"""Each report over all days of a venue: past days from their stored sums, and today."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from bench import past, venue
from bench.table import Figure, Sample, under
from till.administration.calls import AtServer
from till.reports.declared import REPORTS
from till.reports.report import Span, read_report

if TYPE_CHECKING:
    from collections.abc import Iterator

    import psycopg

    from bench.testbed import Bench

#: The sales of the long form, and the sales of a day. The last day is today.
SALES: Final = int(os.environ.get("TILL_BENCH_SALES", "1000000"))
A_DAY: Final = int(os.environ.get("TILL_BENCH_SALES_A_DAY", "1000"))
SOME: Final = 50_000
#: The first calls of a connection, which load catalogues and plans, and are not counted.
_WARM: Final = 2
_KEPT: Final = """
    SELECT r.rows FROM cold.report_days AS r
    WHERE r.store_id = %s AND r.view = ANY (%s) ORDER BY r.view, r.business_date
"""

_ROLL_UP: Final = """
    SELECT count(*) FROM cold.days_to_roll(%(store)s, 1000000) AS d
    CROSS JOIN LATERAL cold.roll_up_day(%(store)s, d.view, d.business_date)
"""


@dataclass(frozen=True, slots=True)
class Timed:
    """The seconds of reading each report, and of reading the stored rows of its views right after it."""

    own: list[float] = field(default_factory=list)
    limit: list[float] = field(default_factory=list)


def fill(owner: psycopg.Connection, sales: int) -> None:
    """Fill a fresh database of the bench's venue with sales, and store the sums of past days, as tills do."""
    past.fill(owner, sales, A_DAY)
    owner.execute(_ROLL_UP, {"store": venue.STORE})
    owner.execute("VACUUM ANALYZE cold.report_days")


def every_day(owner: psycopg.Connection[Any]) -> Span:
    """Return the days from the first sale to today."""
    first, last = owner.execute("SELECT min(business_date), max(business_date) FROM cold.orders").fetchall()[0]
    return Span(first, last)


def measure(testbed: Bench, sales: int, times: int) -> dict[str, Timed]:
    """Measure each report `times` times over all days, and reading the stored rows of its views."""
    found: dict[str, Timed] = {}
    with testbed.database() as database, testbed.connect(database.owner) as owner:
        fill(owner, sales)
        at = AtServer(connection=owner, store_id=venue.STORE)
        span, settings = every_day(owner), at.venue()
        for number in range(_WARM + times):
            for report in REPORTS:
                views = [section.view for section in report.sections]
                begun = time.perf_counter()
                read_report(at.ask, report, span, settings)
                middle = time.perf_counter()
                owner.execute(_KEPT, [venue.STORE, views], prepare=True).fetchall()
                ended = time.perf_counter()
                if number >= _WARM:
                    timed = found.setdefault(report.name, Timed())
                    timed.own.append(middle - begun)
                    timed.limit.append(ended - middle)
    return found


def run(testbed: Bench) -> Iterator[Figure]:
    """Yield each report of the venue."""
    sales = SALES if testbed.full else SOME
    for report, timed in measure(testbed, sales, 40 if testbed.full else 20).items():
        own, limit = Sample.of(timed.own, 1000), Sample.of(timed.limit, 1000)
        name = f"till report {report}, {sales:,} orders, p95"
        yield Figure(name, own.p95, "ms", limit.p95, "the kept rows of its views, as they are", under(500, "ms"), own)
