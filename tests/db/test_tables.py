"""The modules of `db.tables` are what the database has; views that reports declare are there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from till.reports.declared import REPORTS
from tools.tables import modules

if TYPE_CHECKING:
    from tests.plugins.database import Database

_VIEWS: Final = """
    SELECT c.relname, a.attname
    FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0
    WHERE c.relnamespace = 'cold'::regnamespace AND c.relkind = 'v'
"""
_UNLOGGED: Final = """
    SELECT relnamespace::regnamespace::text FROM pg_class WHERE relpersistence = 'u' AND relkind = 'r'
"""
_WITHOUT_ZONE: Final = """
    SELECT table_schema, table_name, column_name FROM information_schema.columns
    WHERE table_schema IN ('till', 'warm', 'hot', 'cold', 'session', 'simulator')
        AND data_type IN ('timestamp without time zone', 'double precision', 'real', 'money')
"""


def test_the_modules_are_what_the_database_has(database: Database) -> None:
    with database.connect() as connection:
        made = modules(connection)
    assert {path: path.read_text(encoding="utf-8") for path in made} == made, "make tables"


def test_times_have_a_zone_and_amounts_are_exact(database: Database) -> None:
    with database.connect() as connection:
        assert connection.execute(_WITHOUT_ZONE).fetchall() == []


def test_only_hot_tables_are_unlogged(database: Database) -> None:
    with database.connect() as connection:
        assert set(connection.execute(_UNLOGGED)) == {("hot",)}


def test_the_views_of_reports_have_their_columns(database: Database) -> None:
    with database.connect() as connection:
        here = set(connection.execute(_VIEWS).fetchall())
    parts = [section for report in REPORTS for section in report.sections]
    assert {(part.view, column.of or column.name) for part in parts for column in part.columns} <= here
