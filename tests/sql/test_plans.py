"""The plans of a push for a new connection of a pooler: all of it is undone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from db.engine import connect

if TYPE_CHECKING:
    from tests.plugins.database import Database
    from tests.sql.ringing import Venue

PLAN = "SELECT warm.plan_pushes_v1()"
TABLES = """
    SELECT c.oid::regclass::text FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
    WHERE n.nspname IN ('till', 'hot', 'warm', 'cold', 'session', 'simulator') AND c.relkind IN ('r', 'p')
"""


def rows(venue: Venue) -> dict[str, object]:
    tables = [table for (table,) in venue.rows(TABLES)]
    return {table: venue.value(f"SELECT jsonb_agg(x ORDER BY x::text) FROM {table} AS x") for table in tables}  # noqa: S608 - ours


def test_a_sale_is_pushed_to_its_end_and_nothing_of_it_is_left(venue: Venue, database: Database) -> None:
    before = rows(venue)
    messages: list[str] = []
    with connect(database.app) as fresh:
        fresh.add_notice_handler(lambda notice: messages.append(str(notice.message_primary)))
        fresh.execute("SET client_min_messages = log")
        fresh.execute(PLAN)
        assert messages == []
        ((locks,),) = fresh.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'").fetchall()
        assert locks == 0
    assert rows(venue) == before


def test_a_failure_is_logged_and_the_connection_opens(venue: Venue, database: Database) -> None:
    venue.owner.execute("ALTER FUNCTION till.store_create_v1(uuid, jsonb) RENAME TO away")
    messages: list[str] = []
    with connect(database.app) as fresh:
        fresh.add_notice_handler(lambda notice: messages.append(str(notice.message_primary)))
        fresh.execute("SET client_min_messages = log")
        fresh.execute(PLAN)
    assert len(messages) == 1
    assert "till.store_create_v1" in messages[0]


def test_an_older_connection_is_not_served(venue: Venue, database: Database) -> None:
    ((made,),) = venue.rows("SELECT pg_get_functiondef('warm.plan_pushes_v1'::regproc)")
    for age, is_served in (("10 seconds", True), ("0 seconds", False)):
        venue.owner.execute(made.replace("'10 seconds'", f"'{age}'").encode())
        with connect(database.app) as fresh, fresh.transaction():
            fresh.execute(PLAN)
            ((wrote,),) = fresh.execute("SELECT pg_current_xact_id_if_assigned() IS NOT NULL").fetchall()
            assert wrote is is_served


def test_only_the_tills_role_has_it(venue: Venue) -> None:
    assert venue.value("SELECT has_function_privilege('till_app', 'warm.plan_pushes_v1()', 'execute')")
    for role in ("till_report", "till_program", "till_gateway"):
        assert not venue.value("SELECT has_function_privilege(%s, 'warm.plan_pushes_v1()', 'execute')", role)
