"""Passwords of the database after they were stolen: the owner's (`till db set-password`), and that of the tills."""

from __future__ import annotations

import re
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import psycopg
import pytest
from psycopg import errors

from db.engine import connect
from db.errors import FullServerError, RefusedLoginError
from db.migrate import _FUNCTIONS, _digest
from db.roles import set_password
from tests.cli.conftest import both, is_oldest
from tests.plugins.servers import FIFTEEN

if TYPE_CHECKING:
    from db.address import Address
    from tests.cli.conftest import Shell


def test_old_password_opens_nothing_more(shell: Shell, prepared: Address) -> None:
    file = shell.folder / "owner.pw"
    with connect(prepared) as thief:
        printed = shell.ok("db", "set-password")
        with pytest.raises(psycopg.OperationalError):
            thief.execute("SELECT 1")
    with pytest.raises(RefusedLoginError):
        connect(prepared)
    assert "till_owner has a new password" in printed
    assert "wherever config.toml names owner_url" in printed
    assert "They came from: this machine." in printed
    assert file.stat().st_mode & 0o777 == 0o600
    assert [one.name for one in shell.folder.glob("owner.pw*")] == ["owner.pw"]
    shell.ok("db", "status")


#: Things that somebody with the owner's password leaves behind, each with the name under which it is found.
LEFT: Final = {
    "CREATE ROLE thief LOGIN PASSWORD 'thief'; GRANT till_owner, pg_read_all_data TO thief":
    "role thief (pg_read_all_data, till_owner)",
    "CREATE ROLE reader LOGIN; GRANT SELECT ON cold.orders TO reader; GRANT SELECT (name) ON till.users TO reader; "
    "GRANT CONNECT ON DATABASE bar TO reader": "role reader (bar, cold.orders, till.users.name)",
    "GRANT till_report TO till_app": "role till_app (till_report)",
    "ALTER ROLE till_admin LOGIN PASSWORD 'thief'": "role till_admin (LOGIN)",
    "CREATE ROLE till_program_chat_0123456789ab LOGIN IN ROLE till_program, till_owner":
    "role till_program_chat_0123456789ab (till_owner)",
    "CREATE ROLE joins NOLOGIN CREATEROLE": "role joins (CREATEROLE)",
    "CREATE SCHEMA away": "schema away",
    "CREATE FUNCTION away.copied() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN new; END'":
    "function away.copied()",
    "CREATE TRIGGER never_changes AFTER INSERT ON till.users FOR EACH ROW EXECUTE FUNCTION away.copied()":
    "trigger never_changes ON till.users",
    "CREATE RULE told AS ON INSERT TO till.users DO ALSO NOTIFY away": "rule told ON till.users",
    "CREATE POLICY all_rows ON cold.orders USING (true)": "policy all_rows ON cold.orders",
    "CREATE TABLE till.copies (what text)": "table till.copies",
    "CREATE VIEW public.people AS SELECT * FROM till.users": "view public.people",
    "CREATE PUBLICATION sales FOR TABLE cold.orders": "publication sales",
    "CREATE EXTENSION pgcrypto SCHEMA public": "extension pgcrypto",
    "CREATE TYPE warm.word AS ENUM ('x')": "type warm.word",
    "SELECT lo_from_bytea(4711, 'x')": "large object 4711",
    "ALTER DEFAULT PRIVILEGES IN SCHEMA till GRANT SELECT ON TABLES TO PUBLIC":
    "ALTER DEFAULT PRIVILEGES FOR ROLE till_owner IN SCHEMA till REVOKE ALL ON TABLES FROM PUBLIC",
}  # fmt: skip


BODY: Final = "SELECT prosrc FROM pg_proc WHERE proname = 'days_without'"


@pytest.fixture
def robbed(shell: Shell, prepared: Address, server: Address) -> Address:
    """The database of a venue, prepared by 0.1.0 on PostgreSQL 15, after somebody used the owner's password."""
    shell.ok("db", "upgrade")
    assert shell.ok("db", "check") == "The database is as this till made it.\n"
    with connect(server) as administrator:
        administrator.execute("ALTER ROLE till_owner CREATEROLE")
    with connect(prepared) as thief:
        for words in LEFT:
            thief.execute(words.encode())
    return prepared


@pytest.mark.skipif(not FIFTEEN.is_dir(), reason="PostgreSQL 15 is not installed here")
def test_a_thief_with_the_owners_password_leaves_nothing_behind(shell: Shell, robbed: Address, server: Address) -> None:
    thief = replace(robbed, user="thief", password="thief")
    shell("db", "upgrade")  # it removes nothing of it
    for found in (shell("db", "check").out, shell("doctor").out):
        assert [name for name in LEFT.values() if f"Not the till's: {name}" not in found] == []
    with connect(thief) as session:
        session.execute("SET ROLE till_owner")
        session.execute("SELECT FROM cold.orders")
        assert "Nothing of it was removed. --remove-strangers removes all of it." in shell.ok("db", "set-password")
        session.execute("SELECT FROM cold.orders")
        printed = shell.ok("db", "set-password", "--remove-strangers")
        assert [name for name in LEFT.values() if f"Not the till's: {name}" not in printed] == []
        assert "Still there" not in printed
        with pytest.raises(psycopg.OperationalError):
            session.execute("SELECT FROM cold.orders")
    with pytest.raises(RefusedLoginError):
        connect(thief)
    with connect(replace(server, dbname="bar")) as administrator:
        kept = (
            "SELECT bool_and(admin_option), count(*) FROM pg_auth_members"
            " WHERE member = 'till_owner'::regrole AND roleid::regrole::text LIKE 'till%'"
        )
        assert administrator.execute(kept).fetchone() == (True, 5)
        administrator.execute("ALTER ROLE till_owner NOCREATEROLE")
    shell.ok("db", "upgrade")
    assert shell.ok("db", "check") == "The database is as this till made it.\n"


_VENUE: Final = "(SELECT store_id FROM till.stores)"
#: Changes by SQL of somebody with the owner's password, each with the words under which `till db check` names it.
BY_SQL: Final = {
    "INSERT INTO till.users (store_id, id, name, role) VALUES (VENUE, 66, 'Ghost', 'admin')":
    "user 66: role admin (recorded: none)",
    "UPDATE till.users SET role = 'admin' WHERE id = 1": "user 1: role admin (recorded: cashier)",
    "UPDATE till.users SET disabled_at = NULL WHERE id = 2": "user 2: disabled false (recorded: true)",
    "INSERT INTO till.tills (store_id, id, name, secret_hash) VALUES (VENUE, 66, 'Ghost', repeat('0', 64))":
    "till 66: revoked false (recorded: none)",
    "INSERT INTO till.programs (store_id, name, role) VALUES (VENUE, 'loot', 'till_app')":
    "program loot: revoked false (recorded: none)",
    "UPDATE till.settings SET body = body || '{\"tax_number\": \"DE66\"}' WHERE name = 'settings'":
    'setting tax_number: "DE66" (recorded: "DE1")',
    "ALTER POLICY own_rows ON cold.order_payment USING (true)": "policy own_rows ON cold.order_payment",
    "ALTER TABLE till.users ENABLE ROW LEVEL SECURITY; CREATE POLICY own_rows ON till.users USING (true)":
    "policy own_rows ON till.users",
    "ALTER ROLE till_owner SET search_path TO away": "Each session of till_owner begins with search_path = away",
    "ALTER DATABASE bar SET search_path TO away": "Each session of the database begins with search_path = away",
    "ALTER TABLE till.act_tokens DROP CONSTRAINT act_tokens_pkey": "key act_tokens_pkey ON till.act_tokens",
    "ALTER TABLE till.users ADD CONSTRAINT mine CHECK (id < 99)": "key mine ON till.users",
    "DROP INDEX cold.order_payment_once": "key cold.order_payment_once ON cold.order_payment",
    "UPDATE till.schema_info SET value = '-' WHERE key = 'rights_in_place'": "The rights in the database are not as",
}  # fmt: skip
#: Changes by the server's own functions, which write a record: the audit lists them as acts of the owner.
BY_FUNCTION: Final = {
    "SELECT till.user_add_v1(VENUE, NULL, 67, 'Guest', 'admin', NULL)": "added 67 as admin",
    "SELECT till.user_set_role_v1(VENUE, NULL, 3, 'manager')": "made 3 manager",
    "SELECT till.till_enrol_v1(VENUE, NULL, 67, 'Guest', repeat('0', 64))": "enrolled till 67",
    'SELECT till.store_settings_v1(VENUE, NULL, \'{"name": "Loot"}\')': "changed settings: name",
}


def run(session: psycopg.Connection[Any], words: str) -> None:
    session.execute(words.replace("VENUE", _VENUE).encode())


@both
def test_changes_by_sql_are_named_and_undone(shell: Shell, prepared: Address, server: Address) -> None:
    shell.ok("db", "upgrade")
    shell.patch.setenv("PGPASSWORD", "venue")
    with connect(prepared) as owner:
        for number, role in ((1, "cashier"), (2, "admin"), (9, "admin")):
            run(owner, f"SELECT till.user_add_v1(VENUE, NULL, {number}, 'Staff', '{role}', NULL)")
        run(owner, "SELECT till.user_disable_v1(VENUE, NULL, 2, true)")
        run(owner, 'SELECT till.store_settings_v1(VENUE, NULL, \'{"tax_number": "DE1"}\')')
        query = "SELECT left(md5(store_id::text), 12) FROM till.stores"
        ghost = f"till_program_loot2_{owner.execute(query).fetchall()[0][0]}"
    assert shell.ok("db", "check") == "The database is as this till made it.\n"
    with connect(prepared) as thief:
        for words in BY_SQL:
            run(thief, words)
        makes = f'CREATE ROLE "{ghost}" LOGIN PASSWORD \'loot\'; GRANT till_program TO "{ghost}"'
        if is_oldest(server):
            with pytest.raises(errors.InsufficientPrivilege):
                thief.execute(makes.encode())
        else:
            thief.execute(makes.encode())
    found = shell("db", "check").out
    assert [words for words in BY_SQL.values() if words not in found] == []
    assert is_oldest(server) or f"role {ghost} (till_program)" in found
    superuser = f"postgresql://venue@/bar?host={server.host}"
    shell.ok("db", "set-password", superuser, "--password-file", str(shell.folder / "owner.pw"), "--remove-strangers")
    shell.ok("db", "upgrade", "--anew")
    remedy = shell.folder / "remedy.sql"
    found = shell("db", "check", "--sql", str(remedy)).out
    assert "policy" not in found
    assert is_oldest(server) or f"role {ghost} (till_program)" in found  # the till's own tables tell
    with connect(replace(server, dbname="bar")) as administrator:
        administrator.execute(remedy.read_bytes())
    (left,) = shell("db", "check").out.splitlines()
    assert left.startswith("Changed by SQL, without a record: program loot: ")
    for words in (
        "users disable 66", "users set-role 66 cashier", "users set-role 1 cashier", "users disable 2",
        "tills revoke 66", "programs revoke loot", "settings set tax_number DE1",
    ):  # fmt: skip
        shell.ok("admin", *words.split(), "--as-owner")
    assert shell.ok("db", "check") == "The database is as this till made it.\n"


@both
def test_changes_by_the_servers_functions_are_in_the_audit(shell: Shell, prepared: Address) -> None:
    shell.ok("db", "upgrade")
    with connect(prepared) as thief:
        run(thief, "SELECT till.user_add_v1(VENUE, NULL, 3, 'Staff', 'cashier', NULL)")
        for words in BY_FUNCTION:
            run(thief, words)
    assert shell.ok("db", "check") == "The database is as this till made it.\n"
    shown = shell.ok("admin", "audit", "show", "--what", "administered", "--as-owner")
    assert [words for words in BY_FUNCTION.values() if words not in shown] == []


#: Statements of somebody with the owner's password, to become a superuser of the server, or read its files.
CLIMBS: Final = (
    "CREATE ROLE climber", "GRANT pg_execute_server_program TO till_owner", "ALTER ROLE till_owner SUPERUSER",
    "GRANT pg_write_server_files TO till_app", "COPY (SELECT 1) TO PROGRAM 'id'", "SELECT pg_read_file('pg_hba.conf')",
    "ALTER ROLE till_owner CREATEROLE", "ALTER ROLE venue PASSWORD 'x'", "GRANT venue TO till_owner",
)  # fmt: skip


@both
def test_owners_password_is_no_superusers(prepared: Address, server: Address) -> None:
    with connect(prepared) as thief:
        for words in CLIMBS[
            not is_oldest(server) :
        ]:  # from 16 on it makes roles, and those have no more than it has itself
            with pytest.raises(errors.InsufficientPrivilege):
                run(thief, words)


@pytest.mark.skipif(not FIFTEEN.is_dir(), reason="PostgreSQL 15 is not installed here")
@pytest.mark.usefixtures("prepared")
def test_a_right_that_makes_a_superuser_is_named_and_taken_away(shell: Shell, server: Address) -> None:
    """An earlier version gave the owner CREATEROLE; a thief made himself a superuser by it, and a reader of files."""
    shell.ok("db", "upgrade")
    with connect(server) as administrator:
        administrator.execute("ALTER ROLE till_owner CREATEROLE")
        assert "Who has the password of till_owner is a superuser of this server" in shell("db", "check").out
        administrator.execute(
            "CREATE ROLE boss SUPERUSER; CREATE ROLE copier REPLICATION; CREATE ROLE sneak LOGIN;"
            "GRANT pg_execute_server_program, pg_monitor TO sneak"
        )
        printed = shell.ok("db", "set-password", "--remove-strangers")
        left = ["boss (superuser)", "copier (replication)", "sneak (pg_execute_server_program, pg_monitor)",
                "till_owner (CREATEROLE)"]  # fmt: skip
        assert re.findall(r"On the server, and left there: (.+?)\. Not yours", printed) == left
        shell.patch.setenv("PGPASSWORD", "venue")
        files = (
            "--password-file",
            str(shell.folder / "app.pw"),
            "--owner-password-file",
            str(shell.folder / "owner.pw"),
        )
        shell.ok("db", "prepare", f"postgresql://venue@/bar?host={server.host}", *files)
    shell.ok("db", "upgrade")
    assert shell.ok("db", "check") == "The database is as this till made it.\n"
    assert "till_owner (" not in shell.ok("db", "set-password", "--remove-strangers")


@both
def test_a_program_comes_and_goes(shell: Shell, prepared: Address, server: Address) -> None:
    shell.ok("db", "upgrade")
    add = ("admin", "programs", "add", "chat", "--as-owner")
    url = f"postgresql://venue@/bar?host={server.host}"
    shell.patch.setenv("PGPASSWORD", "venue")
    if not is_oldest(server):
        assert "leave out --superuser" in shell(*add, "--superuser", url).err
        reply = shell(*add, "--json").json
    else:
        assert "add --superuser postgresql://" in shell.refused(*add)
        reply = shell(*add, "--superuser", url, "--json").json
    assert shell.ok("db", "check") == "The database is as this till made it.\n"
    program = replace(prepared, user=reply["role"], password=reply["password"])
    with connect(program) as chat:
        chat.execute("SELECT FROM menu_item")
        shell.ok("admin", "programs", "revoke", "chat", "--as-owner")
        with pytest.raises(psycopg.OperationalError):
            chat.execute("SELECT 1")
    # on PostgreSQL 15 it still logs in, and sees nothing
    with pytest.raises((RefusedLoginError, errors.UndefinedTable)), connect(program) as chat:
        chat.execute("SELECT FROM menu_item")


def test_a_function_that_a_thief_forged_is_made_anew(shell: Shell, prepared: Address) -> None:
    shell.ok("db", "upgrade")
    with connect(prepared) as thief:
        before = thief.execute(BODY).fetchone()
        thief.execute(
            "CREATE OR REPLACE FUNCTION cold.days_without(p_kept date[], p_first date, p_last date) RETURNS date[]"
            " LANGUAGE sql IMMUTABLE PARALLEL SAFE AS 'SELECT p_kept'"
        )
        digest = _digest(thief, _FUNCTIONS)
        thief.execute("UPDATE till.schema_info SET value = %s WHERE key = 'functions_in_place'", [digest])
    shell.ok("db", "check")
    assert "till db upgrade --anew" in shell.ok("db", "set-password")
    shell.ok("db", "upgrade", "--anew")
    with connect(prepared.with_password((shell.folder / "owner.pw").read_text().strip())) as owner:
        assert owner.execute(BODY).fetchone() == before


def test_strangers_that_a_person_knows_stay(shell: Shell, prepared: Address) -> None:
    shell.ok("db", "upgrade")
    with connect(prepared) as owner:
        run(owner, "CREATE SCHEMA books; CREATE SCHEMA loot")
    shell.patch.setattr("till.cli.asking.AnswerReader.__init__", lambda asker: setattr(asker, "present", True))
    done = shell("db", "set-password", stdin="n\ny\n")
    assert done.out.count("Not the till's: schema ") == 2
    assert "Still there: schema books. `till db check --sql FILE` writes what removes it." in done.out
    remedy = shell.folder / "remedy.sql"
    shell("db", "check", "--sql", str(remedy))
    assert "DROP SCHEMA IF EXISTS books CASCADE;" in remedy.read_text()


def test_superuser_sets_it_where_nobody_has_the_old_one(shell: Shell, prepared: Address, server: Address) -> None:
    new = shell.folder / "new.pw"
    shell.patch.setenv("PGPASSWORD", "venue")
    url = f"postgresql://venue@/bar?host={server.host}"
    shell.ok("db", "set-password", url, "--password-file", str(new))
    with pytest.raises(RefusedLoginError):
        connect(prepared)
    connect(prepared.with_password(new.read_text().strip())).close()


def test_tills_get_their_connections_back_by_the_steps_of_the_runbook(
    shell: Shell, prepared: Address, server: Address
) -> None:
    """Somebody with the tills' old password holds all of their connections, also after it was changed."""
    runbook = (Path(__file__).parents[2] / "docs/runbook/server.md").read_text(encoding="utf-8")
    (steps,) = re.findall(r"^Give it another password.*?\n\n", runbook, re.MULTILINE | re.DOTALL)
    reset, end = re.findall(r"`((?:ALTER|SELECT) [^`]+)`", steps)
    tills = replace(prepared, user="till_app", password=(shell.folder / "app.pw").read_text().strip())
    with ExitStack() as stack:
        administrator = stack.enter_context(connect(replace(server, dbname="bar")))
        administrator.execute("ALTER ROLE till_app CONNECTION LIMIT 3")
        for _connection in range(3):
            stack.enter_context(connect(tills))
        with pytest.raises(FullServerError):
            connect(tills)
        connect(prepared).close()
        administrator.execute(reset.encode())
        set_password(administrator, "till_app", "another")
        with pytest.raises(FullServerError):
            connect(tills.with_password("another"))
        administrator.execute(end.encode())
        with pytest.raises(RefusedLoginError):
            connect(tills)
        connect(tills.with_password("another")).close()


def test_embedded_database_has_none(shell: Shell) -> None:
    assert "has no owner's password" in shell.refused("db", "set-password")
