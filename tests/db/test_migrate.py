"""Upgrading a database: whole, once, by whoever comes first, and never backwards."""

from __future__ import annotations

import re
import shutil
import subprocess
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import pytest
from psycopg import DataError
from psycopg.errors import InsufficientPrivilege

from db import migrate, roles
from db.embedded import binaries, configuration
from db.engine import connect, schema_state
from db.errors import (
    BarredRoleError,
    FullServerError,
    HeldUpError,
    NewerDatabaseError,
    NoDatabaseError,
    NoRightsError,
    RefusedLoginError,
    UnreachableError,
    UpgradeError,
)
from db.schema import Program, judge

if TYPE_CHECKING:
    from pathlib import Path

    import psycopg

    from db.embedded import EmbeddedServer
    from tests.plugins.database import Database, Shelf

_REVISION = """
from alembic import op
revision = "{number}"
down_revision = {below}
def upgrade():
    op.execute("{words}")
"""


@pytest.fixture
def small(tmp_path: Path) -> Program:
    """A program of one table and one function, in a folder with an awkward name."""
    program = Program(tmp_path / "100% mine" / "migrations", tmp_path / "sql")
    (program.migrations / "versions").mkdir(parents=True)
    shutil.copy(Program().migrations / "env.py", program.migrations)
    shutil.copytree(Program().functions / "00_schema", program.functions / "00_schema")
    (program.functions / "50_line").mkdir()
    (program.functions / "50_line" / "line.sql").write_text(
        "CREATE OR REPLACE FUNCTION till.line_v1() RETURNS text LANGUAGE sql AS $$ SELECT '2 idly, 50%' $$;"
    )
    (program.functions / "90_grants").mkdir()
    (program.functions / "90_grants" / "grants.sql").write_text("GRANT USAGE ON SCHEMA till TO till_app;")
    return _with_revision(program, "0001", "CREATE TABLE till.line (id int PRIMARY KEY)")


def _with_revision(program: Program, number: str, words: str) -> Program:
    below = repr(f"{int(number) - 1:04}") if number != "0001" else None
    text = _REVISION.format(number=number, below=below, words=words)
    (program.migrations / "versions" / f"{number}_test.py").write_text(text)
    return Program(program.migrations, program.functions)


def test_the_tills_own_program_makes_a_database_that_is_as_it_should_be(database: Database) -> None:
    state = schema_state(database.app)
    assert (state.verdict, state.functions_ok) == ("current", True)
    assert state.revision == Program().revision
    assert migrate.check(database.owner) == ()


def test_an_upgrade_that_finds_all_in_place_takes_nothing_from_under_a_push(database: Database) -> None:
    made = """
        SELECT oid FROM pg_type WHERE typnamespace = 'shape'::regnamespace
        UNION ALL SELECT oid FROM pg_proc WHERE pronamespace = 'warm'::regnamespace ORDER BY oid
    """
    with database.connect() as session:
        before = session.execute(made).fetchall()
        migrate.upgrade(database.owner)
        assert session.execute(made).fetchall() == before
        session.execute("ALTER TYPE shape.envelope DROP ATTRIBUTE till")
    assert any("by hand" in fault.sentence for fault in migrate.check(database.owner))
    migrate.upgrade(database.owner)
    assert migrate.check(database.owner) == ()


def test_the_revision_read_from_the_files_is_alembics() -> None:
    from alembic.script import ScriptDirectory  # noqa: PLC0415 - alembic takes a while to load

    assert ScriptDirectory(str(Program().migrations)).get_current_head() == Program().revision


def test_an_empty_database_is_behind_and_then_current(empty_database: Database, small: Program) -> None:
    state = schema_state(empty_database.owner, small)
    assert (state.verdict, state.revision) == ("behind", None)
    assert "till db upgrade" in state.sentence
    for _again in range(2):
        assert migrate.upgrade(empty_database.owner, small).verdict == "current"
    with empty_database.connect() as session:
        assert session.execute("SELECT till.line_v1()").fetchone() == ("2 idly, 50%",)
        owner = "SELECT tableowner FROM pg_tables WHERE tablename IN ('line', 'schema_info', 'alembic_version')"
        assert session.execute(owner).fetchall() == [("till_owner",)] * 3


def _with_functions(program: Program, number: int, body: str) -> Program:
    """Return a program of the same revision, with functions of another number."""
    functions = program.functions.parent / f"sql {number}"
    shutil.copytree(program.functions, functions)
    made = f"CREATE OR REPLACE FUNCTION till.line_v1() RETURNS text LANGUAGE sql AS $$ {body} $$;"
    (functions / "50_line" / "line.sql").write_text(made)
    (functions / "number.txt").write_text(f"{number} checksum\n")
    return Program(program.migrations, functions)


def test_a_revision_is_run_once(empty_database: Database, small: Program) -> None:
    migrate.upgrade(empty_database.owner, small)
    small = _with_revision(small, "0002", "INSERT INTO till.line VALUES (1)")
    assert schema_state(empty_database.owner, small).verdict == "behind"
    for _again in range(2):
        assert migrate.upgrade(empty_database.owner, small).revision == "0002"
    with empty_database.connect() as session:
        assert session.execute("SELECT count(*) FROM till.line").fetchone() == (1,)


def test_two_tills_that_upgrade_at_once_take_turns(empty_database: Database, small: Program) -> None:
    _with_revision(small, "0002", "INSERT INTO till.line VALUES (1)")
    barrier = threading.Barrier(2)
    verdicts: list[str] = []

    def upgrade() -> None:
        program = Program(small.migrations, small.functions)
        barrier.wait(10)
        verdicts.append(migrate.upgrade(empty_database.owner, program).verdict)

    tills = [threading.Thread(target=upgrade) for _ in range(2)]
    for till in tills:
        till.start()
    for till in tills:
        till.join(60)
    assert verdicts == ["current", "current"]
    with empty_database.connect() as session:
        assert session.execute("SELECT count(*) FROM till.line").fetchone() == (1,)


def test_an_upgrade_that_fails_leaves_no_trace(empty_database: Database, small: Program) -> None:
    _with_revision(small, "0002", "SELECT 1 / 0")
    with pytest.raises(UpgradeError, match="division by zero"):
        migrate.upgrade(empty_database.owner, Program(small.migrations, small.functions))
    with empty_database.connect() as session:
        assert session.execute("SELECT to_regclass('till.line'), to_regnamespace('warm')").fetchone() == (None, None)


def test_a_function_that_fails_is_named(empty_database: Database, small: Program) -> None:
    bad = small.functions / "50_line" / "bad.sql"
    bad.write_text("CREATE FUNCTION till.bad() RETURNS no_such_type LANGUAGE sql AS '';")
    with pytest.raises(UpgradeError, match=r"50_line/bad\.sql: type .no_such_type. does not exist"):
        migrate.upgrade(empty_database.owner, Program(small.migrations, small.functions))
    assert schema_state(empty_database.owner, small).revision is None


def test_an_older_till_leaves_a_newer_database_alone(empty_database: Database, small: Program) -> None:
    newer = _with_revision(_with_revision(small, "0002", "SELECT 1"), "0003", "SELECT 1")
    migrate.upgrade(empty_database.owner, newer)
    for number in ("0002", "0003"):
        (small.migrations / "versions" / f"{number}_test.py").unlink()
    older = Program(small.migrations, small.functions)
    assert schema_state(empty_database.owner, older).verdict == "ahead"
    with pytest.raises(NewerDatabaseError, match=r"belongs to a newer till\. Upgrade this till\."):
        migrate.upgrade(empty_database.owner, older)
    (found,) = migrate.check(empty_database.owner, older)
    assert found.sentence == schema_state(empty_database.owner, older).sentence


def test_other_functions_are_found_by_their_checksum(empty_database: Database, small: Program) -> None:
    migrate.upgrade(empty_database.owner, small)
    with (small.functions / "50_line" / "line.sql").open("a") as words:
        words.write("-- other\n")
    changed = Program(small.migrations, small.functions)
    state = schema_state(empty_database.owner, changed)
    assert (state.verdict, state.functions_ok) == ("behind", False)
    assert migrate.upgrade(empty_database.owner, changed).functions_ok


def test_other_functions_drop_the_stored_days_of_reports(database: Database, tmp_path: Path) -> None:
    stored = "INSERT INTO cold.report_days VALUES (gen_random_uuid(), 'sales_by_item', '2026-03-03', '[]')"
    count = "SELECT count(*) FROM cold.report_days"
    changed = Program(Program().migrations, shutil.copytree(Program().functions, tmp_path / "sql"))
    with (changed.functions / "80_report" / "sales.sql").open("a") as words:
        words.write("-- another formula\n")
    with database.connect() as session:
        session.execute(stored)
        migrate.upgrade(database.owner)
        assert session.execute(count).fetchone() == (1,)
        migrate.upgrade(database.owner, changed)
        assert session.execute(count).fetchone() == (0,)


@pytest.mark.parametrize(
    ("program", "verdict"),
    [("8", "behind"), ("10", "ahead"), ("", "behind"), ("0.1.0.8", "behind"), ("0.1.0.10", "ahead"),
     ("0.1.0+g99999999.8", "behind"), ("0.1.0+g00000000.10", "ahead")],
)  # fmt: skip
def test_newer_functions_are_known_by_their_number_alone(small: Program, program: str, verdict: str) -> None:
    facts = {"revision": "0001", "functions": "others", "program": program}
    assert judge("18.4", facts, _with_functions(small, 9, "SELECT 'nine'")).verdict == verdict


def test_an_older_program_leaves_newer_functions_of_its_own_revision_in_place(
    empty_database: Database, small: Program
) -> None:
    newer = _with_functions(small, 12, "SELECT 'twelve'")
    migrate.upgrade(empty_database.owner, newer)
    older = _with_functions(small, 9, "SELECT 'nine'")
    state = schema_state(empty_database.owner, older)
    assert (state.verdict, state.sentence) == ("ahead", "The database belongs to a newer till. Upgrade this till.")
    with pytest.raises(NewerDatabaseError):
        migrate.upgrade(empty_database.owner, older)
    with empty_database.connect() as session:
        assert session.execute("SELECT till.line_v1()").fetchone() == ("twelve",)
    assert schema_state(empty_database.owner, newer).verdict == "current"
    newest = _with_functions(small, 13, "SELECT 'thirteen'")
    assert schema_state(empty_database.owner, newest).verdict == "behind"
    assert migrate.upgrade(empty_database.owner, newest).verdict == "current"


def test_a_program_without_a_number_of_functions_leaves_numbered_ones_in_place(small: Program) -> None:
    numbered = _with_functions(small, 1, "SELECT 'one'")
    facts = {"revision": "0001", "functions": "others", "program": str(numbered.number)}
    assert judge("18.4", facts, Program(small.migrations, small.functions.parent / "none")).verdict == "ahead"


def test_a_function_changed_by_hand_is_found_and_put_back(empty_database: Database, small: Program) -> None:
    migrate.upgrade(empty_database.owner, small)
    with empty_database.connect() as session:
        session.execute("CREATE OR REPLACE FUNCTION till.line_v1() RETURNS text LANGUAGE sql AS 'SELECT $$free$$'")
    assert any("by hand" in fault.sentence for fault in migrate.check(empty_database.owner, small))
    migrate.upgrade(empty_database.owner, small)
    assert migrate.check(empty_database.owner, small) == ()


def test_a_function_that_the_program_makes_no_more_is_dropped(empty_database: Database, small: Program) -> None:
    line = small.functions / "50_line" / "line.sql"
    kept = line.read_text()
    older = "CREATE OR REPLACE FUNCTION till.{}(p integer) RETURNS integer LANGUAGE sql AS $$ SELECT p $$;\n"
    line.write_text(kept + older.format("older_v1") + older.format("line_v1"))
    migrate.upgrade(empty_database.owner, Program(small.migrations, small.functions))
    line.write_text(kept)
    newer = Program(small.migrations, small.functions)
    assert migrate.upgrade(empty_database.owner, newer).verdict == "current"
    with empty_database.connect() as session:
        found = session.execute(
            "SELECT oid::regprocedure::text FROM pg_proc WHERE pronamespace = 'till'::regnamespace AND proname ~ '_v1$'"
        )
        assert {name for (name,) in found} == {"line_v1()", "schema_v1()"}
    assert migrate.check(empty_database.owner, newer) == ()


@pytest.mark.parametrize("older", ["() RETURNS integer", "(OUT other integer)"])
def test_a_function_that_gave_something_else_in_an_older_till_is_replaced(
    empty_database: Database, small: Program, older: str
) -> None:
    line = small.functions / "50_line" / "line.sql"
    kept = line.read_text()
    line.write_text(f"CREATE OR REPLACE FUNCTION till.line_v1{older} LANGUAGE sql AS 'SELECT 2';")
    migrate.upgrade(empty_database.owner, Program(small.migrations, small.functions))
    line.write_text(kept)
    newer = Program(small.migrations, small.functions)
    assert migrate.upgrade(empty_database.owner, newer).verdict == "current"
    assert migrate.check(empty_database.owner, newer) == ()
    with empty_database.connect() as session:
        assert session.execute("SELECT till.line_v1()").fetchone() == ("2 idly, 50%",)


def test_a_gone_function_that_something_still_needs_stops_the_upgrade(empty_database: Database, small: Program) -> None:
    migrate.upgrade(empty_database.owner, small)
    with empty_database.connect() as session:
        session.execute("CREATE VIEW till.lines AS SELECT till.line_v1()")
    (small.functions / "50_line" / "line.sql").write_text("SELECT 1;")
    with pytest.raises(UpgradeError, match=r"functions that are gone: cannot drop function.*depend"):
        migrate.upgrade(empty_database.owner, Program(small.migrations, small.functions))
    with empty_database.connect() as session:
        assert session.execute("SELECT till.line_v1()").fetchone() == ("2 idly, 50%",)


def test_each_trouble_of_connecting_has_its_own_sentence(database: Database) -> None:
    with pytest.raises(RefusedLoginError, match=r"till_app.*database\.url"):
        connect(replace(database.app, password="wrong"))
    with pytest.raises(RefusedLoginError, match="no password"):
        connect(replace(database.app, password=None))
    with pytest.raises(NoDatabaseError, match="`till db prepare`"):
        connect(database.owner.on("nowhere"))
    with pytest.raises(UnreachableError, match="No such file"):
        connect(replace(database.owner, host="/no/such/folder"))
    with pytest.raises(UnreachableError, match="refused"):
        connect("postgresql://till_app@127.0.0.1:1/till")


def test_connections_that_are_all_taken_are_named_and_no_password(database: Database) -> None:
    with connect(replace(database.owner, user=configuration.SUPERUSER)) as session:
        session.execute("CREATE ROLE crowded LOGIN CONNECTION LIMIT 0 PASSWORD 'x'")
        try:
            with pytest.raises(FullServerError) as refused:
                connect(replace(database.app, user="crowded", password="x"))
        finally:
            session.execute("DROP ROLE crowded")
    assert "are in use: too many connections for role" in refused.value.sentence
    assert "password" not in refused.value.sentence


def test_a_role_that_may_not_upgrade_reads_the_right_it_lacks(empty_database: Database) -> None:
    with pytest.raises(NoRightsError, match=r"till_app lacks a right.*CREATE ROLE till_owner"):
        migrate.upgrade(empty_database.app)


def test_a_turn_that_somebody_keeps_is_waited_for_so_long_and_its_holder_is_named(database: Database) -> None:
    with connect(database.owner, application_name="a stranger") as stranger:
        stranger.execute("SELECT pg_advisory_lock(hashtextextended('till upgrade', 0))")
        pid = stranger.info.backend_pid
        with pytest.raises(
            HeldUpError, match=rf"till_owner \(a stranger, process {pid}\) .*pg_terminate_backend\({pid}\)"
        ):
            migrate.upgrade(database.owner, patience_s=0.2)
    assert migrate.upgrade(database.owner).verdict == "current"


def test_a_table_that_somebody_keeps_is_waited_for_so_long_and_its_holder_is_named(
    empty_database: Database, small: Program
) -> None:
    migrate.upgrade(empty_database.owner, small)
    small = _with_revision(small, "0002", "ALTER TABLE till.line ADD what text")
    with connect(empty_database.owner, application_name="psql") as other, other.transaction():
        other.execute("TABLE till.line")
        with pytest.raises(HeldUpError, match=rf"till_owner \(psql, process {other.info.backend_pid}\) has held up"):
            migrate.upgrade(empty_database.owner, small, patience_s=0.2)
    assert migrate.upgrade(empty_database.owner, small).revision == "0002"


def test_tills_leave_connections_to_others(database: Database) -> None:
    with database.connect() as owner:
        limit = "SELECT rolconnlimit FROM pg_roles WHERE rolname = 'till_app'"
        assert owner.execute(limit).fetchone() == (80,)
        assert roles.missing_limits(owner) == []
        with owner.transaction(force_rollback=True):
            owner.execute("ALTER ROLE till_app CONNECTION LIMIT -1")
            assert roles.missing_limits(owner) == ["ALTER ROLE till_app CONNECTION LIMIT 80;"]
            roles.set_limits(owner)
            assert owner.execute(limit).fetchone() == (80,)


def test_two_databases_of_one_server_are_upgraded_at_once(server: EmbeddedServer) -> None:
    with server.acquire("Till 1"):
        superuser = replace(server.owner(), user=configuration.SUPERUSER)
        with connect(superuser) as one, connect(superuser) as other:
            one.execute("ALTER ROLE till_app CONNECTION LIMIT -1")
            one.execute("BEGIN")
            roles.set_limits(one)
            with ThreadPoolExecutor(1) as pool:
                second = pool.submit(roles.set_limits, other)
                blocked = "SELECT cardinality(pg_blocking_pids(%s)) > 0"
                while one.execute(blocked, [other.info.backend_pid]).fetchone() != (True,):
                    assert not second.done()
                one.execute("COMMIT")
                second.result(timeout=30)
            assert roles.missing_limits(one) == []


#: Functions that tills may not call, and a call of each.
HURTFUL: Final = {
    "lo_from_bytea(oid,bytea)": "lo_from_bytea(0, 'x')",
    "pg_advisory_lock(bigint)": "pg_advisory_lock(1)",
    "pg_try_advisory_xact_lock_shared(integer,integer)": "pg_try_advisory_xact_lock_shared(1, 1)",
    "pg_terminate_backend(integer,bigint)": "pg_terminate_backend(pg_backend_pid())",
    "pg_cancel_backend(integer)": "pg_cancel_backend(pg_backend_pid())",
    "pg_logical_emit_message(boolean,text,text,boolean)": "pg_logical_emit_message(false, 'x', 'x')",
}


def refused_calls(till: psycopg.Connection[Any]) -> list[str]:
    """Return the hurtful calls that a till is refused, each made in a transaction of its own."""
    refused = []
    for call in HURTFUL.values():
        try:
            till.execute(f"SELECT {call}".encode())
        except InsufficientPrivilege:
            refused.append(call)
    return refused


def test_tills_call_nothing_that_hurts_others(database: Database) -> None:
    superuser = replace(database.owner, user=configuration.SUPERUSER)
    with connect(superuser) as session, connect(database.app) as till:
        assert refused_calls(till) == list(HURTFUL.values())
        for function in HURTFUL:
            session.execute(f"GRANT EXECUTE ON FUNCTION {function} TO PUBLIC".encode())
            session.execute(f"REVOKE EXECUTE ON FUNCTION {function} FROM till_owner".encode())
            (fault,) = migrate.check(database.owner)
            assert "`till db check --sql FILE`" in fault.sentence, function
            session.execute(fault.sql.encode())
            assert migrate.check(database.owner) == (), function
        for function in HURTFUL:
            session.execute(f"GRANT EXECUTE ON FUNCTION {function} TO PUBLIC".encode())
        migrate.upgrade(superuser)
        assert migrate.check(database.owner) == ()
        assert refused_calls(till) == list(HURTFUL.values())
        query = "SELECT has_function_privilege('till_owner', %s, 'EXECUTE')"
        assert [one for one in HURTFUL if session.execute(query, [one]).fetchone() != (True,)] == []


def test_sessions_that_hold_up_the_tills_can_be_ended_by_them(database: Database) -> None:
    with connect(replace(database.owner, user=configuration.SUPERUSER)) as session:
        assert roles.may_end_tills(session)
        with session.transaction(force_rollback=True):
            session.execute("REVOKE till_app FROM till_owner")
            assert not roles.may_end_tills(session)
            roles.make(session)
            assert roles.may_end_tills(session)


@pytest.mark.parametrize("name", ["postgres", "template1"])
def test_tills_enter_no_database_but_those_of_venues(database: Database, name: str) -> None:
    with pytest.raises(BarredRoleError, match="permission denied for database"):
        connect(database.app.on(name))


#: Statements that shut tills out, and the one that lets them in again.
SHUT_OUT: Final = {
    "REVOKE CONNECT ON DATABASE till FROM till_app, PUBLIC": "GRANT CONNECT ON DATABASE till TO till_app;",
    "ALTER ROLE till_app NOLOGIN": "ALTER ROLE till_app LOGIN;",
    "ALTER ROLE till_app CONNECTION LIMIT 0": "ALTER ROLE till_app CONNECTION LIMIT 80;",
    "ALTER ROLE till_app VALID UNTIL '2001-01-01'": "ALTER ROLE till_app VALID UNTIL 'infinity';",
    "REVOKE USAGE ON SCHEMA till FROM till_app": "`till db upgrade`",
}


def test_check_finds_tills_that_are_shut_out_and_upgrade_lets_them_in(server: EmbeddedServer) -> None:
    with server.acquire("Till 1"), connect(replace(server.owner(), user=configuration.SUPERUSER)) as session:
        migrate.upgrade(server.owner())
        for taken, mended in SHUT_OUT.items():
            session.execute(taken.encode())
            (fault,) = migrate.check(server.owner())
            assert mended in fault.sentence, taken
            assert fault.sql in mended, taken
            migrate.upgrade(server.owner())
            assert migrate.check(server.owner()) == (), taken
            with connect(server.app()) as till:
                assert till.execute("SELECT till.hello_v1('{}')").fetchone() is not None


def test_upgrade_without_the_right_leaves_tills_shut_out_for_check_to_say(database: Database) -> None:
    superuser = replace(database.owner, user=configuration.SUPERUSER)
    with connect(superuser) as session, session.transaction(force_rollback=True):
        session.execute("ALTER ROLE till_app NOLOGIN")
        session.execute("SET LOCAL ROLE till_report")
        roles.allow_tills(session)
        assert roles.missing_access(session) == ["ALTER ROLE till_app LOGIN;"]


def test_a_tills_role_without_its_rights_reads_of_the_upgrade(database: Database) -> None:
    with connect(database.owner) as session:
        session.execute("REVOKE USAGE ON SCHEMA till FROM till_app")
    with pytest.raises(NoRightsError, match=r"run: till db upgrade$"):
        schema_state(database.app)


def run_program(name: str, *arguments: str) -> str:
    done = subprocess.run(
        [binaries.bundled_binaries().program(name), *arguments], capture_output=True, text=True, check=False, timeout=60
    )
    return done.stderr


#: Options of pg_restore, and words of the faults that it leaves.
RESTORES: Final = {
    "": ["temporary tables"],
    "--no-privileges": ["not as this till granted them", "temporary tables"],
    "--no-owner": ["temporary tables"],
}


def test_the_faults_of_a_restored_backup_are_listed_and_mended(
    database: Database, shelf: Shelf, tmp_path: Path
) -> None:
    backup = str(tmp_path / "backup")
    assert run_program("pg_dump", "--format=custom", "--file", backup, "--dbname", database.owner.url) == ""
    for option, expected in RESTORES.items():
        with shelf.made() as restored:
            assert run_program("pg_restore", *option.split(), "--dbname", restored.owner.url, backup) == ""
            found = migrate.check(restored.owner)
            assert len(found) == len(expected), (option, found)
            assert all(words in fault.sentence for words, fault in zip(expected, found, strict=True)), option
            migrate.upgrade(restored.owner)
            assert migrate.check(restored.owner) == (), option
            with connect(restored.app) as till:
                assert till.execute("SELECT till.hello_v1('{}')").fetchone() is not None
                with pytest.raises(InsufficientPrivilege):
                    till.execute("CREATE TEMPORARY TABLE mine (id int)")
            with connect(restored.owner) as owner:
                owner.execute(f"GRANT TEMPORARY ON DATABASE {restored.owner.dbname} TO till_app")
            assert "temporary tables" in migrate.check(restored.owner)[0].sentence, option


def test_installed_functions_are_known_by_any_search_path(database: Database) -> None:
    bare = replace(database.owner, extra=())
    migrate.upgrade(bare)
    assert migrate.check(database.owner) == migrate.check(bare) == ()


#: Settings that would log a till's secret, and words of the fault; of one that would not, none.
LOGGING: Final = {
    "log_min_duration_statement = 0": "log_min_duration_statement = 0",
    "log_statement = 'all'": "log_statement = all",
    "log_statement = 'mod'": "",
    "log_transaction_sample_rate = 0.5": "log_transaction_sample_rate = 0.5",
    "log_parameter_max_length_on_error = 64": "log_parameter_max_length_on_error = 64",
    "auto_explain.log_min_duration = '1s'": "auto_explain.log_min_duration = 1s",
}


def test_a_server_that_would_log_a_tills_secret_is_reported(database: Database) -> None:
    name = database.owner.dbname
    with connect(replace(database.owner, user="postgres")) as session:
        session.execute(f"ALTER DATABASE {name} SET log_parameter_max_length = -1")
        assert migrate.check(database.owner) == ()
        for settings, expected in LOGGING.items():
            session.execute(f"ALTER DATABASE {name} SET {settings}")
            faults = migrate.check(database.owner)
            assert [fault for fault in faults if expected not in fault.sentence] == [], settings
            assert len(faults) == (1 if expected else 0), settings
            mending = re.findall(r'ALTER ROLE ("\w+") (SET \S+ = \S+);', " ".join(fault.sql for fault in faults))
            for role, statement in mending:
                session.execute(f"ALTER ROLE {role} IN DATABASE {name} {statement}")
            assert migrate.check(database.owner) == (), settings
            session.execute(f"ALTER DATABASE {name} RESET {settings.partition(' ')[0]}")
            session.execute(f"ALTER DATABASE {name} SET log_parameter_max_length = -1")
            for role, _statement in mending:
                session.execute(f"ALTER ROLE {role} IN DATABASE {name} RESET ALL")


def test_the_embedded_server_logs_nothing_of_what_a_till_sends(postgres: EmbeddedServer, database: Database) -> None:
    with connect(replace(database.owner, user="postgres")) as session:
        session.execute(f"ALTER DATABASE {database.owner.dbname} SET log_min_duration_statement = 0")
    with connect(database.app) as till:
        till.execute("SELECT %s::text AS asked", ["a secret of till 1"])
        with pytest.raises(DataError):
            till.execute("SELECT %s::text, 1 / (random() * 0)", ["a secret of till 1"])
    assert migrate.check(database.owner) == ()
    log = (postgres.status().folder / "server.log").read_text()
    assert "AS asked" in log
    assert "a secret of till 1" not in log
