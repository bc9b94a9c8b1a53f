"""A database that serves several tests is to each of them as if it had just been made."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from db.engine import connect
from tests.sql.conftest import template
from tests.sql.ringing import IDLY, the_venue

if TYPE_CHECKING:
    import psycopg

    from tests.plugins.database import Shelf

__all__ = ["template"]

TABLES = "SELECT c.oid::regclass::text FROM pg_class AS c WHERE c.relkind = 'r' AND c.oid >= 16384"
TRIGGERS = "SELECT tgrelid::regclass::text, tgname, tgenabled::text FROM pg_trigger ORDER BY 1, 2"
FUNCTIONS = (
    "SELECT oid, pg_get_functiondef(oid), proacl::text FROM pg_proc WHERE prokind = 'f' AND oid >= 16384 ORDER BY 1"
)
SEQUENCES = "SELECT schemaname, sequencename, last_value FROM pg_sequences ORDER BY 1, 2"

QUERIES = (
    "SELECT name, setting FROM pg_settings WHERE name NOT LIKE 'plpgsql.%'",  # those come with a function
    "SELECT current_user",
    "SELECT coalesce(sum(seq_scan), 0) FROM pg_stat_xact_user_tables",
    "SELECT pg_listening_channels()",
    "SELECT count(*) FROM pg_prepared_statements",
    "SELECT count(*) FROM pg_cursors",
    "SELECT to_regclass('pg_temp.one')",
    "SELECT count(*) FROM pg_locks WHERE pid = pg_backend_pid() AND locktype = 'advisory'",
)


def state(owner: psycopg.Connection[Any]) -> list[Any]:
    rows = {  # the catalogue lists its tables in no order that lasts
        name: owner.execute(f"SELECT t::text FROM {name} AS t ORDER BY 1").fetchall()  # noqa: S608 - of ours
        for (name,) in owner.execute(TABLES).fetchall()
    }
    return [rows, *(owner.execute(query).fetchall() for query in (TRIGGERS, FUNCTIONS, SEQUENCES))]


def test_a_test_finds_the_rows_of_the_template_and_no_others(shelf: Shelf, template: str) -> None:
    with shelf.lent(template) as (first, database), first.session(database.owner) as owner:
        before = state(owner)
        with first.session(database.app) as app:
            venue = the_venue(owner, app)
            till, cart = venue.keyed((IDLY, 2))
            till.place(cart)
            assert till.push(cart.snapshot(0, status="completed"))["ok"]
        owner.execute("UPDATE till.settings SET version = version + 1")  # which others refer to
        for (name,) in owner.execute("SELECT oid::regclass::text FROM pg_class WHERE relkind = 'S'").fetchall():
            owner.execute("SELECT nextval(%s)", [name])
        changed = state(owner)
        owner.execute("ALTER TABLE cold.orders DISABLE TRIGGER USER")
        owner.execute("SELECT cold.make_audit_partition('2020-01-01')")
        assert [now != then for now, then in zip(changed, before, strict=True)] == [True, False, False, True]
    with shelf.lent(template) as (second, database), second.session(database.owner) as again:
        assert second is first
        assert again is owner
        assert state(again) == before


@pytest.mark.parametrize(
    "words", ["DELETE FROM till.users", "UPDATE till.tills SET name = 'x'", "TRUNCATE warm.journal_head"]
)
def test_nor_those_of_somebody_who_is_gone(shelf: Shelf, template: str, words: str) -> None:
    with shelf.lent(template) as (first, database), first.session(database.owner) as owner:
        before = state(owner)
        with connect(database.owner) as other:
            other.execute(words.encode())
        assert state(owner) != before
    with shelf.lent(template) as (second, database), second.session(database.owner) as again:
        assert second is first
        assert state(again) == before


@pytest.mark.parametrize(
    "words",
    [
        "CREATE TABLE till.more (id int); CREATE VIEW till.on_it AS SELECT id FROM till.more",
        "DROP VIEW cold.sales_by_hour",
        "DROP TABLE cold.feedback CASCADE",
        "DROP TRIGGER stays_completed ON till.order_sessions",
        "CREATE FUNCTION till.more() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "GRANT SELECT ON till.users TO till_app",
        "ALTER TABLE till.tills ALTER COLUMN name SET DEFAULT 'x'",
    ],
)
def test_a_database_with_changed_tables_or_rights_serves_nobody_else(shelf: Shelf, template: str, words: str) -> None:
    with shelf.lent(template) as (first, database), first.session(database.owner) as owner:
        owner.execute(words.encode())
    with shelf.lent(template) as (second, _database):
        assert second is not first


def test_nor_does_one_of_which_all_sessions_were_ended(shelf: Shelf, template: str) -> None:
    with shelf.lent(template) as (first, database), first.session(database.owner) as ended:
        with connect(database.owner) as owner:
            everybody = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
            owner.execute(f"{everybody} AND usename = current_user AND pid <> pg_backend_pid()")
        assert not ended.closed
    with shelf.lent(template) as (second, database), second.session(database.owner) as owner:
        assert second is not first
        owner.execute("SELECT")


def test_nor_does_one_that_somebody_has_not_left(shelf: Shelf, template: str) -> None:
    with shelf.lent(template) as (first, database):
        left = connect(database.app)
    with shelf.lent(template) as (second, _database), left:
        assert second is not first


def test_nor_does_one_that_somebody_whom_the_owner_may_not_watch_has_not_left(shelf: Shelf, template: str) -> None:
    with shelf.lent(template) as (first, database), first.session(database.owner) as owner:
        stranger = f"stranger_{database.owner.dbname}"
        owner.execute(f"CREATE ROLE {stranger} LOGIN PASSWORD 'strange'".encode())
        left = connect(replace(database.app, user=stranger, password="strange"))
        owner.execute(f"DROP ROLE {stranger}".encode())
    with shelf.lent(template) as (second, _database), left:
        assert second is not first


@pytest.mark.parametrize(
    ("words", "stays"),
    [
        ("SET statement_timeout = 77", True),
        ("SET ROLE till_app", True),
        ("SELECT FROM till.stores", True),
        ("LISTEN somebody", True),
        ("PREPARE one AS SELECT 1", True),
        ("CREATE TEMPORARY TABLE one ()", True),
        ("SELECT pg_advisory_lock(1)", True),
        ("DECLARE c CURSOR WITH HOLD FOR SELECT 1", True),
        ("BEGIN", False),
    ],
)
def test_a_connection_has_forgotten_its_settings(shelf: Shelf, template: str, words: str, *, stays: bool) -> None:
    with shelf.lent(template) as (kept, database):
        with kept.session(database.owner) as before:
            replies = [before.execute(query.encode()).fetchall() for query in QUERIES]
            before.execute(words.encode())
        with kept.session(database.owner) as after:
            assert (after is before) == stays
            assert [after.execute(query.encode()).fetchall() for query in QUERIES] == replies
