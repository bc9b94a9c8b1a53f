"""Programs other than tills: a password shown once lets them in, and a revocation ends their next statement."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from db import roles
from db.engine import connect
from db.errors import DatabaseError

if TYPE_CHECKING:
    from db.address import Address
    from tests.cli.conftest import Shell
    from tests.plugins.database import Database


def way_in(database: Database, reply: dict[str, Any]) -> Address:
    """The address that the command printed."""
    return type(database.app)(reply["host"], reply["port"], reply["dbname"], reply["role"], reply["password"])


def test_a_program_connects_with_its_password(staffed: Shell, database: Database) -> None:
    staffed.become(9)
    reply = staffed("admin", "programs", "add", "chat", "--json").json
    assert (reply["program"], reply["dbname"]) == ("chat", database.owner.dbname)
    with connect(way_in(database, reply)) as program:
        assert program.execute("SELECT session_user::text").fetchall() == [(reply["role"],)]
    (row,) = staffed("admin", "programs", "list", "--json").json["programs"]
    assert (row["program"], row["role"], row["revoked"]) == ("chat", reply["role"], False)
    assert reply["password"] not in json.dumps(row)
    assert "chat" in staffed.ok("admin", "programs", "list")
    with database.connect() as owner:
        acts = "SELECT user_id, event_data->>'program' FROM warm.session_events WHERE event_type = 'program_added'"
        assert owner.execute(acts).fetchall() == [(9, "chat")]
        rights = "SELECT rolsuper, rolcreatedb, rolcreaterole, rolreplication, rolbypassrls FROM pg_roles"
        assert owner.execute(f"{rights} WHERE rolname = %s", [reply["role"]]).fetchall() == [(False,) * 5]


def test_another_password_ends_what_was_open_under_the_old_one(staffed: Shell, database: Database) -> None:
    old = staffed("admin", "programs", "add", "chat", "--json").json
    with connect(way_in(database, old)) as program:
        assert staffed.ok("admin", "programs", "add", "chat").count(old["role"]) == 1
        with pytest.raises(psycopg.OperationalError):
            program.execute("SELECT 1")
    with pytest.raises(DatabaseError):
        connect(way_in(database, old))


def test_a_program_that_is_shut_out_is_so_at_its_next_statement(staffed: Shell, database: Database) -> None:
    reply = staffed("admin", "programs", "add", "chat", "--json").json
    with connect(way_in(database, reply)) as program:
        program.execute("SELECT 1")
        assert staffed.ok("admin", "programs", "revoke", "chat") == "The program chat is revoked.\n"
        with pytest.raises(psycopg.OperationalError):
            program.execute("SELECT 1")
    with pytest.raises(DatabaseError):
        connect(way_in(database, reply))
    with database.connect() as owner:
        member = "SELECT pg_has_role(%s, 'till_program', 'MEMBER')"
        assert owner.execute(member, [reply["role"]]).fetchall() == [(False,)]
    assert "There is no program chat to revoke." in staffed.refused("admin", "programs", "revoke", "chat")
    (row,) = staffed("admin", "programs", "list", "--json").json["programs"]
    assert row["revoked"] is True
    again = staffed("admin", "programs", "add", "chat", "--json").json
    assert again["role"] == reply["role"]
    with connect(way_in(database, again)) as program:
        program.execute("SELECT 1")


@pytest.mark.parametrize("name", ["", "Chat", "1chat", "chat; DROP ROLE till_app", "chat\"'", "ch at", "c" * 25, "čat"])
def test_a_name_that_is_none_makes_no_role(staffed: Shell, database: Database, name: str) -> None:
    assert "The name of a program has" in staffed.refused("admin", "programs", "add", "--", name)
    with database.connect() as owner:
        roles = "SELECT count(*) FROM pg_roles JOIN till.programs ON role = rolname"
        assert owner.execute(roles).fetchall() == [(0,)]


def test_acts_of_a_program_name_it(counter: Shell, database: Database) -> None:
    reply = counter("admin", "programs", "add", "chat", "--json").json
    add = """INSERT INTO session_cart (session_id, item_id, quantity)
        SELECT %s, menu_item_id, 2 FROM menu_item WHERE plu = 1"""
    with connect(way_in(database, reply)) as program:
        for session in ("cleared", "sess_abc123"):
            program.execute(add, [session])
        program.execute("UPDATE session_cart SET is_active = false WHERE session_id = 'sess_abc123'")
        program.execute(add.replace("= 1", "= 2"), ["sess_abc123"])
        ((store,),) = program.execute("SELECT DISTINCT store_id FROM menu_item").fetchall()
        program.execute("SELECT till.order_session_discard_v1(%s, NULL, 'cleared', 'changed their mind')", [store])
        program.execute("SELECT till.order_session_assign_to_tab_v1(%s, NULL, 'sess_abc123', NULL, NULL, 4)", [store])
        program.execute(add, ["of the owner"])
    counter.ok("admin", "sessions", "close", "of the owner", "--reason", "nobody came", "--as-owner")
    acts = counter("admin", "audit", "show", "--what", "voided", "--what", "cleared", "--json").json["acts"]
    assert [(act["type"], act["user"], act["name"]) for act in acts] == [
        ("order_discarded", None, None), ("order_discarded", None, "chat"), ("line_voided", None, "chat"),
    ]  # fmt: skip
    shown = counter.ok("admin", "audit", "show", "--what", "cleared").splitlines()
    assert "the server, or the database owner" in shown[1]
    assert " chat " in shown[2]
    people = counter("report", "voids", "--by", "people", "--json").json["people"]
    assert [(one["name"], one["user"], one["kind"]) for one in people] == [
        ("", None, "clear"), ("chat", None, "void"), ("chat", None, "clear"),
    ]  # fmt: skip
    (tab,) = counter("admin", "sessions", "list", "--status", "saved", "--json").json["sessions"]
    assert (tab["id"], tab["tab"]["name"]) == ("sess_abc123", "table 4")
    (row,) = (row for row in counter.ok("admin", "sessions", "list").splitlines() if "sess_abc123" in row)
    assert "saved" in row
    assert "recalled" not in row


def test_program_commands_need_a_manager(staffed: Shell) -> None:
    staffed.become(1)
    for words in (("add", "chat"), ("revoke", "chat"), ("list",)):
        assert "Number 1 may not do that." in staffed.refused("admin", "programs", *words)


def test_the_server_never_gets_the_password_so_that_no_log_can_hold_it(database: Database) -> None:
    role = f"till_program_{database.owner.dbname}_{os.urandom(6).hex()}"  # of a program of another venue
    with database.connect() as one, database.connect() as other:
        roles.enable_program(one, role, "it's a secret")
        query = "SELECT query FROM pg_stat_activity WHERE pid = %s"
        ((words,),) = other.execute(query, [one.info.backend_pid]).fetchall()
        assert words.startswith(f'ALTER ROLE "{role}" PASSWORD \'SCRAM-SHA-256$')
        assert "secret" not in words
        one.execute(f'DROP ROLE "{role}"'.encode())


def test_an_owner_who_may_make_no_roles_reads_whom_to_ask(staffed: Shell, database: Database) -> None:
    plain = f"plain_{database.owner.dbname}"
    with connect(replace(database.owner, user="postgres")) as owner:
        owner.execute(f'CREATE ROLE "{plain}" LOGIN'.encode())
        try:
            roles.set_password(owner, plain, "plain")
            owner.execute(f'GRANT till_owner TO "{plain}"'.encode())
            way = replace(database.app, user=plain, password="plain")
            staffed.patch.setenv("TILL_DATABASE__OWNER_URL", way.url)
            message = staffed.refused("admin", "programs", "add", "chat")
            assert message.startswith(f"{plain} may not make roles on that server.")
            assert owner.execute("SELECT count(*) FROM till.programs").fetchall() == [(0,)]
        finally:
            owner.execute(f'DROP ROLE "{plain}"'.encode())
