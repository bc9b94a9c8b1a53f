"""The password of `till_app`, stolen without a till's secret: it reads, changes and blocks nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from psycopg import errors

from db import migrate
from db.engine import connect
from tests.sql.conftest import template, venue
from tests.sql.ringing import IDLY, Cart, Till, heard, new_id
from tests.sql.test_grants import GRANTED, RELATIONS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.plugins.database import Database
    from tests.sql.ringing import Venue

__all__ = ["template", "venue"]


@pytest.fixture
def thief(database: Database) -> Iterator[psycopg.Connection[Any]]:
    """The thief's connection, apart from that of the tills of `venue`."""
    with connect(database.app) as session:
        yield session


def trading(venue: Venue) -> tuple[Till, Cart]:
    """A till with an open order."""
    till, cart = venue.keyed(IDLY)
    assert till.shown(cart)["ok"]
    return till, cart


def test_till_role_reads_and_writes_no_table(venue: Venue, thief: psycopg.Connection[Any]) -> None:
    for (name,) in venue.rows(RELATIONS):
        for words in (f"TABLE {name}", f"DELETE FROM {name}", f"TRUNCATE {name}", f"LOCK TABLE {name}"):  # noqa: S608 - names that the catalogue gave
            with (
                pytest.raises(
                    (errors.InsufficientPrivilege, errors.ObjectNotInPrerequisiteState, errors.WrongObjectType)
                ),
                thief.transaction(),
            ):
                thief.execute(words.encode())
    assert thief.execute(
        "SELECT count(*) FROM pg_stats WHERE schemaname IN ('till', 'hot', 'warm', 'cold', 'session')"
    ).fetchone() == (0,)


def test_each_function_that_it_may_call_asks_for_a_secret_first(venue: Venue, thief: psycopg.Connection[Any]) -> None:
    trading(venue)
    by_a_code = {"enrol_v1(text)"}  # of an enrolment, which is tried in a test of its own
    take_nothing = {"schema_v1()", "plan_pushes_v1()"}  # tests/sql/test_plans.py tries the second
    functions = {name for (name,) in venue.rows(GRANTED, "till_app")} - take_nothing - by_a_code
    schemas = dict(venue.rows("SELECT proname::text, pronamespace::regnamespace::text FROM pg_proc"))
    assert len(functions) > 10
    for signature in functions:
        name = signature.removesuffix("(text)")
        assert name != signature, "all takes one text, in which the secret stands"
        till = Till(thief, venue.store, 1, "")
        for secret in ("", None, "secret 2", "' OR true --", {"a": 1}, ["secret 1"], "SECRET 1", 0, True, "secret 1\n"):
            asked = till.request(secret=secret)
            assert till.send(asked, f"{schemas[name]}.{name}")["code"] == "wrong_secret", (name, secret)
        without = till.request()
        del without["secret"]
        assert till.send(without, f"{schemas[name]}.{name}")["code"] == "wrong_secret", name
    assert venue.value("SELECT count(*) FROM till.tills WHERE live_journal IS NOT NULL") == 1


@pytest.mark.parametrize(
    "words",
    [
        "SET ROLE till_owner", "SET ROLE till_admin", "SET ROLE till_report", "SET ROLE till_program",
        "SET ROLE postgres", "SET SESSION AUTHORIZATION till_owner", "RESET SESSION AUTHORIZATION; SET ROLE till_owner",
        "GRANT till_owner TO till_app", "ALTER ROLE till_app SUPERUSER", "ALTER ROLE till_app CONNECTION LIMIT -1",
        "ALTER ROLE till_owner PASSWORD 'x'", "ALTER ROLE till_owner SET search_path TO public", "CREATE ROLE mine",
        "ALTER DATABASE postgres SET search_path TO public", "ALTER SYSTEM SET port = 1",
    ],
)  # fmt: skip
def test_till_role_cannot_become_another_role(thief: psycopg.Connection[Any], words: str) -> None:
    with pytest.raises(errors.InsufficientPrivilege):
        thief.execute(words.encode())


@pytest.mark.parametrize(
    "words",
    [
        "SELECT rolpassword FROM pg_authid", "SELECT passwd FROM pg_shadow", "SELECT pg_read_file('pg_hba.conf')",
        "SELECT pg_read_binary_file('global/1260')", "SELECT pg_ls_dir('.')", "SELECT * FROM pg_hba_file_rules",
        "TABLE pg_largeobject", "SELECT lo_import('/etc/passwd')", "SELECT lo_create(0)", "SELECT lo_get(1)",
        "COPY (SELECT 1) TO '/tmp/x'", "COPY (SELECT 1) TO PROGRAM 'id'", "SELECT pg_switch_wal()",
        "SELECT pg_reload_conf()", "SELECT pg_stat_reset()", "CHECKPOINT", "TABLE pg_statistic",
        "SELECT pg_current_logfile()", "SELECT pg_create_physical_replication_slot('x')",
        "SET session_replication_role = replica", "SET temp_file_limit = -1", "SET log_statement = 'all'",
    ],
)  # fmt: skip
def test_till_role_reaches_nothing_of_the_server(thief: psycopg.Connection[Any], words: str) -> None:
    with pytest.raises(errors.InsufficientPrivilege):
        thief.execute(words.encode())


def test_till_role_sees_only_that_other_sessions_exist(venue: Venue, thief: psycopg.Connection[Any]) -> None:
    trading(venue)
    venue.value("SELECT 'said by the owner'")
    rows = thief.execute("SELECT usename, query FROM pg_stat_activity WHERE pid <> pg_backend_pid()").fetchall()
    assert {"till_app", "till_owner"} <= {user for user, _query in rows}
    reply = " ".join(query for _user, query in rows)
    assert "said by the owner" not in reply
    assert "sync_push_v1($1" in reply, "a secret is a parameter, and is told to nobody"
    assert "secret 1" not in reply


def test_till_role_creates_nothing_on_a_search_path(venue: Venue, thief: psycopg.Connection[Any]) -> None:
    till, cart = trading(venue)
    for words in (
        "CREATE TEMP TABLE tills (store_id uuid, id int, secret_hash text)",
        "CREATE TEMP VIEW tills AS SELECT 1",
        "SELECT 1 AS id INTO TEMP tills",
        "CREATE FUNCTION pg_temp.digest(text) RETURNS text LANGUAGE sql AS 'SELECT $1'",
        "CREATE FUNCTION public.digest(text) RETURNS text LANGUAGE sql AS 'SELECT $1'",
        "CREATE FUNCTION warm.mine() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "CREATE OPERATOR public.= (LEFTARG = text, RIGHTARG = text, FUNCTION = texteq)",
        "CREATE TABLE public.tills (id int)",
        "CREATE SCHEMA mine",
        "CREATE TYPE public.door AS (refusal text)",
        "CREATE DOMAIN pg_temp.uuid AS text",
        "CREATE OR REPLACE FUNCTION warm.is_helper(jsonb) RETURNS boolean LANGUAGE sql AS 'SELECT true'",
        "ALTER FUNCTION warm.sync_push_v1(text) SECURITY INVOKER",
        "ALTER FUNCTION warm.sync_push_v1(text) RESET search_path",
    ):
        with pytest.raises(errors.InsufficientPrivilege):
            thief.execute(words.encode())
    thief.execute("SET search_path TO pg_temp, public, till, warm, hot, cold")
    stranger = Till(thief, venue.store, 1, "")
    assert stranger.push()["code"] == "wrong_secret"
    till.connection = thief
    till.add(cart, IDLY)
    assert till.shown(cart)["ok"], "the same as with any other search path"


def test_settings_that_a_thief_makes_up_are_not_believed(venue: Venue, thief: psycopg.Connection[Any]) -> None:
    settings = ("till.token", "till.actor", "till.program", "till.store", "till.secret", "session.user", "role.name")
    for setting in settings:
        thief.execute("SELECT set_config(%s, 'till_owner', false)", [setting])
    thief.execute("SET application_name = 'till_owner'")
    for read in ("till.hello_v1", "till.manage_v1", "till.maintenance_v1", "warm.sync_push_v1"):
        for secret in ("", "till_owner"):
            asked = Till(thief, venue.store, 1, secret)
            assert asked.read(read, token="till_owner", journal=asked.journal)["code"] == "wrong_secret"


def test_till_role_blocks_no_till_with_locks(venue: Venue, thief: psycopg.Connection[Any]) -> None:
    till, cart = trading(venue)
    venue.app.execute("SET statement_timeout = '2s'")
    locks = [name for (name,) in venue.rows("SELECT oid::regprocedure::text FROM pg_proc WHERE proname ~ '_advisory_'")]
    assert len(locks) > 15
    for lock in locks:
        call = lock.partition("(")[0] + {0: "()", 1: "(1)"}.get(lock.count(",") + ("()" not in lock), "(1, 1)")
        with pytest.raises(errors.InsufficientPrivilege):
            thief.execute(f"SELECT {call}".encode())
    with thief.transaction():
        for catalogue in ("pg_class", "pg_proc", "pg_authid"):
            with pytest.raises(errors.InsufficientPrivilege), thief.transaction():
                thief.execute(f"LOCK TABLE pg_catalog.{catalogue} IN ROW EXCLUSIVE MODE".encode())
        for one in range(2000):
            thief.execute(f"SAVEPOINT s{one}; SELECT pg_current_xact_id()".encode())
        till.add(cart, IDLY)
        assert till.shown(cart)["ok"]


def test_till_role_ends_no_session_of_a_till(venue: Venue, thief: psycopg.Connection[Any]) -> None:
    for call in ("pg_terminate_backend(%s)", "pg_cancel_backend(%s)"):
        with pytest.raises(errors.InsufficientPrivilege):
            thief.execute(f"SELECT {call}".encode(), [venue.app.info.backend_pid])
    trading(venue)


def test_a_queue_of_hints_that_is_full_costs_no_push(venue: Venue, database: Database) -> None:
    """Anybody may run NOTIFY: a full queue would abort every transaction that sends a notification."""
    with connect(database.app) as listener:
        listener.execute("LISTEN till_store")
        till, cart = trading(venue)
        till.save(cart, new_id(), "Window")
        assert till.push()["ok"]
        assert heard(listener)
        venue.owner.execute(
            "CREATE OR REPLACE FUNCTION till.hints_have_room() RETURNS boolean LANGUAGE sql AS 'SELECT false'"
        )
        till.open(cart := Cart())
        till.save(cart, new_id(), "Door")
        assert till.push()["ok"]
        assert heard(listener) == []


def test_a_query_fills_no_disk(thief: psycopg.Connection[Any]) -> None:
    assert thief.execute("SHOW temp_file_limit").fetchone() == ("1GB",)


def test_defaults_that_a_role_sets_for_itself_are_reported(database: Database) -> None:
    """PostgreSQL lets each role set its sessions' defaults, also the tills': nobody would know why no push succeeds."""
    with connect(database.app) as thief:
        of_here = f'ALTER ROLE till_app IN DATABASE "{thief.info.dbname}"'
        thief.execute(f"{of_here} SET default_transaction_read_only = on".encode())
        thief.execute(f"{of_here} SET lock_timeout = 1".encode())
        thief.execute(f"{of_here} SET statement_timeout = 1".encode())
        [rows] = migrate.check(database.owner)
        assert "default_transaction_read_only = on, lock_timeout = 1, statement_timeout = 1." in rows.sentence
        assert rows.sql == " ".join(
            f"ALTER ROLE till_app IN DATABASE {thief.info.dbname} RESET {name};"
            for name in ("default_transaction_read_only", "lock_timeout", "statement_timeout")
        )
        thief.execute("SET default_transaction_read_only = off")
        thief.execute(f"{of_here} RESET ALL".encode())
    assert migrate.check(database.owner) == ()
