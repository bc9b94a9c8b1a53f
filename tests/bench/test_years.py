"""Questions to a database of years, which read the rows that they are about and never all that grows with them."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest

from bench import history, reports, venue, years
from bench.recording import When, record
from till.administration.calls import AtServer
from till.reports.declared import FUNNEL, SALES, TIME_TO_ORDER, VOIDS
from till.reports.report import Span, read_report
from till.reports.shifts import X

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import psycopg

    from bench.testbed import Bench
    from till.reports.report import Report

#: Enough for the planner to see what is large, and little enough to be filled in seconds.
_SESSIONS = 20_000
#: A month at the end of the years may have a day or two: so little is read whole at any size of the others.
_READ = """
    SELECT schemaname || '.' || x.relname, seq_tup_read
    FROM pg_stat_xact_user_tables AS x JOIN pg_class AS c ON c.oid = x.relid
    WHERE seq_tup_read > 0 AND c.reltuples > 500 AND (x.relname LIKE 'order%' OR x.relname = 'session_events')
"""

_ANYHOW_READ = """
    SELECT relname, seq_tup_read + coalesce(idx_tup_fetch, 0) FROM pg_stat_xact_user_tables
    WHERE schemaname = 'cold' AND relname LIKE 'order%'
"""

_MONTHS_READ = """
    SELECT sum(seq_scan + coalesce(idx_scan, 0)) FROM pg_stat_xact_user_tables
    WHERE schemaname = 'cold' AND relname ~ '^order_audit_\\d'
"""

#: The days of years are summed up long before; what a new one costs is the subject of another bench.
_ROLLED = """
    INSERT INTO cold.report_days SELECT c.store_id, v.view, c.business_date, '[]'
    FROM cold.calendar AS c CROSS JOIN cold.rolled_views() AS v ON CONFLICT DO NOTHING
"""


@pytest.fixture(scope="module")
def old(testbed: Bench) -> Iterator[psycopg.Connection]:
    """The owner's connection to a database of years."""
    with testbed.database() as database, testbed.connect(database.owner) as owner:
        history.fill(owner, _SESSIONS)
        owner.execute(_ROLLED)
        yield owner


def read_whole(owner: psycopg.Connection) -> dict[str, int]:
    return {str(name): int(rows) for name, rows in owner.execute(_READ)}


def read_anyhow(owner: psycopg.Connection) -> dict[str, int]:
    """Return the rows read of each cold table of orders, by an index or whole."""
    return {str(name): int(rows) for name, rows in owner.execute(_ANYHOW_READ)}


@pytest.mark.parametrize("name", years.questions(0))
def test_nothing_that_grows_is_read_whole(testbed: Bench, old: psycopg.Connection, name: str) -> None:
    # maintenance takes from what the others ask for
    with old.transaction(force_rollback=True):
        asker = years.Asker(old, old, testbed.secrets[1], [])
        for number in range(7):  # the sixth call of a connection has the plan that stays
            years.questions(number)[name](asker)
        before = read_whole(old)
        years.questions(7)[name](asker)
        assert read_whole(old) == before


def test_the_x_of_today_reads_no_month_of_the_audit(testbed: Bench, old: psycopg.Connection) -> None:
    """Journals of years are not looked up: the shift was opened after they began."""
    with testbed.database() as source:
        recording = record(testbed.new_folder(), source, testbed.secrets[1], 2, When.ORDER)
    at, today = AtServer(connection=old, store_id=venue.STORE), Span(date.today(), date.today())  # noqa: DTZ011 - X asks for no day
    with old.transaction(force_rollback=True):
        for push in (recording.first, *recording.pushes):
            old.execute("SELECT warm.sync_push_v1(%s)", [push.text])
        before = old.execute(_MONTHS_READ).fetchall()
        found = read_report(at.ask, X, today, at.venue())
        assert any(table.rows for table in found.tables)
        assert old.execute(_MONTHS_READ).fetchall() == before


@pytest.mark.parametrize("report", [SALES, VOIDS, FUNNEL, TIME_TO_ORDER], ids=lambda report: report.name)
def test_days_that_are_not_kept_read_their_part_of_the_log(old: psycopg.Connection, report: Report) -> None:
    """The report reads one week of the partitioned audit; the log itself has only the last month."""
    at = AtServer(connection=old, store_id=venue.STORE)
    last = reports.every_day(old).last
    with old.transaction(force_rollback=True):
        old.execute("DELETE FROM cold.report_days")
        before = read_anyhow(old)
        read_report(at.ask, report, Span(last - timedelta(days=46), last - timedelta(days=40)), at.venue())
        read = {table: rows - before.get(table, 0) for table, rows in read_anyhow(old).items()}
        months = {table for table, rows in read.items() if rows and table.startswith("order_audit_")}
        assert len(months) <= 2, read
        assert all(rows < _SESSIONS / 10 for table, rows in read.items() if table not in months), read


def test_the_years_hold_what_is_asked_for(testbed: Bench, old: psycopg.Connection) -> None:
    asker = years.Asker(old, old, testbed.secrets[1], [])
    found = asker.read("conflicts_v1")
    assert len(found["conflicts"]) == history.OPEN_CONFLICTS
    assert {row["kind"] for row in found["conflicts"]} == {"sold_twice", "outcome_contradicted", "number_twice"}
    assert all(row["receipts"] for row in found["conflicts"])
    assert len(found["quarantine"]) == history.WAITING
    assert len(asker.read("open_orders_v1")["sessions"]) == history.STAFF


def test_a_table_at_a_minute_is_read_from_orders_that_a_till_keyed(old: psycopg.Connection, tmp_path: Path) -> None:
    with old.transaction(force_rollback=True):
        assert years.read_one_table(tmp_path, old, old) < 2, "the bench has the limit"
