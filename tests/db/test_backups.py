"""Backups of a real database by PostgreSQL's own tools."""

from __future__ import annotations

import shutil
import stat
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from db import migrate
from db.backups import last_backup, note_backup, restore, take, tools
from db.backups.errors import (
    BackupThereError,
    BeingRestoredError,
    MayNotRestoreError,
    NewerBackupError,
    NoFolderError,
    NoRoomError,
    NotABackupError,
    NoToolsError,
    NotRestoredError,
    NotTakenError,
    TradesError,
)
from db.embedded import EmbeddedServer
from db.embedded.configuration import SUPERUSER
from db.engine import connect
from db.errors import DatabaseError, UnreachableError
from db.schema import Program

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from db.address import Address
    from tests.plugins.database import Database, Shelf

STORE = "0197a000-0000-7000-8000-000000000001"


def trade(database: Database) -> None:
    with database.connect() as session:
        session.execute("SELECT till.store_create_v1(%s, %s)", [STORE, '{"name": "Café", "currency": "EUR"}'])


@pytest.fixture(scope="module")
def whole(shelf: Shelf, template: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A backup of a venue that trades, taken once."""
    file = tmp_path_factory.mktemp("whole") / "backup"
    with shelf.made(template) as database:
        trade(database)
        take(database.owner, file)
    return file


@pytest.fixture
def backup(whole: Path, tmp_path: Path) -> Path:
    """A backup of the venue, which a test may change."""
    return Path(shutil.copy(whole, tmp_path / "backup"))


@pytest.fixture
def venue(database: Database) -> Iterator[Database]:
    """A venue that trades."""
    trade(database)
    yield database
    with connect(database.owner.on("postgres")) as beside:
        for (name,) in beside.execute(
            "SELECT datname FROM pg_database WHERE starts_with(datname, %s) AND datname <> %s",
            [f"{database.owner.dbname}_", database.owner.dbname],
        ).fetchall():
            beside.execute(f'DROP DATABASE "{name}"')


def names(database: Database) -> list[Any]:
    with database.connect() as session:
        return [row[0] for row in session.execute("SELECT name FROM till.stores").fetchall()]


def beside(database: Database) -> list[str]:
    """The databases that a restore of this one made."""
    with database.connect() as session:
        query = "SELECT datname FROM pg_database WHERE starts_with(datname, current_database() || '_')"
        return [row[0] for row in session.execute(query).fetchall()]


def test_a_backup_is_whole_closed_to_others_and_written_over_nothing(venue: Database, tmp_path: Path) -> None:
    file = tmp_path / "a backup's file"
    taken = take(venue.owner, file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert taken.size == file.stat().st_size > 10_000
    written = file.read_bytes()
    with pytest.raises(BackupThereError, match="already exists"):
        take(venue.owner, file)
    assert file.read_bytes() == written
    assert [path.name for path in tmp_path.iterdir()] == [file.name]


def test_a_stick_that_is_too_full_is_told_before_anything_is_written(
    venue: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    free = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda _folder: free._replace(free=100_000))
    with pytest.raises(NoRoomError) as refused:
        take(venue.owner, tmp_path / "backup")
    assert refused.value.sentence.startswith(f"{tmp_path} has 0.1 MB free, and this backup takes about ")
    assert list(tmp_path.iterdir()) == []


def test_a_backup_that_fails_leaves_no_file(venue: Database, tmp_path: Path) -> None:
    with pytest.raises(NoFolderError, match="There is no folder"):
        take(venue.owner, tmp_path / "nowhere" / "backup")
    with pytest.raises(NotTakenError, match="holds no data of a till"):
        take(venue.owner.on("postgres"), tmp_path / "backup")
    with pytest.raises(UnreachableError):
        take(replace(venue.owner, host="/nowhere"), tmp_path / "backup")
    assert list(tmp_path.iterdir()) == []


@contextmanager
def sessions_that_keep_coming(venue: Database) -> Iterator[None]:
    """Two tills that connect at once whenever they are thrown out."""
    stop = threading.Event()

    def keep_coming() -> int:
        came = 0
        while not stop.wait(0.005):
            try:
                with connect(venue.app):
                    came += 1
            except (DatabaseError, psycopg.Error):
                continue
        return came

    with ThreadPoolExecutor(2) as pool:
        tills = [pool.submit(keep_coming) for _number in range(2)]
        try:
            yield
        finally:
            stop.set()
        assert all(till.result(30) > 0 for till in tills)


def test_lost_data_comes_back_with_its_rights(venue: Database, tmp_path: Path) -> None:
    taken = take(venue.owner, tmp_path / "backup")
    with venue.connect() as session:
        session.execute("UPDATE till.stores SET name = 'lost'")
    with pytest.raises(TradesError, match=r"holds lost.*--replace"):
        restore(venue.owner, tmp_path / "backup")
    assert names(venue) == ["lost"]
    with sessions_that_keep_coming(venue):
        done = restore(venue.owner, tmp_path / "backup", replace=True)
    assert (done.venues, beside(venue)) == (("Café",), [done.before])
    assert names(venue) == ["Café"]
    assert migrate.check(venue.owner) == ()
    with venue.connect() as session:  # it is its own backup
        noted = last_backup(session)
        assert noted is not None
        assert abs(noted - taken.at) < timedelta(seconds=30)
    with connect(venue.owner.on(done.before)) as session:
        assert session.execute("SELECT name FROM till.stores").fetchone() == ("lost",)


def test_a_restore_names_a_superusers_session_and_continues_once_it_is_closed(venue: Database, backup: Path) -> None:
    sentences: list[str] = []
    superuser = replace(venue.owner, user=SUPERUSER, extra=(("application_name", "pgAdmin"),))
    with ExitStack() as open_session, connect(venue.app):
        session = open_session.enter_context(connect(superuser))
        pid = session.info.backend_pid

        def tell(sentence: str) -> None:
            sentences.append(sentence)
            with connect(venue.app) as till:  # sells meanwhile
                till.execute("SELECT till.schema_v1()")
            open_session.close()

        done = restore(venue.owner, backup, replace=True, tell=tell)
    (sentence,) = sentences
    assert sentence.startswith(f"The restore waits for {SUPERUSER} (pgAdmin, process {pid}), which only a superuser")
    assert beside(venue) == [done.before]


def foreign(venue: Database, file: Path) -> None:
    """Write a backup of a database that does not belong to a till."""
    file.unlink()
    own = tools.find(18, venue.owner)
    assert own.run("pg_dump", "--format=custom", f"--file={file}", address=venue.owner.on("postgres")) == ""


def test_an_incomplete_backup_changes_nothing(venue: Database, backup: Path, subtests: pytest.Subtests) -> None:
    data = backup.read_bytes()
    harms: dict[str, Callable[[Path], object]] = {
        "cut": lambda file: file.write_bytes(data[:-500]),
        "bent": lambda file: file.write_bytes(data[:-2000] + bytes(100) + data[-1900:]),
        "empty": lambda file: file.write_bytes(b""),
        "text": lambda file: file.write_text("DROP TABLE orders;"),
        "foreign": partial(foreign, venue),
        "gone": Path.unlink,
        "folder": Path.mkdir,
    }
    for harm, do in harms.items():
        do(backup)
        with subtests.test(harm):
            with pytest.raises(NotABackupError, match=r"is not a complete backup"):
                restore(venue.owner, backup, replace=True)
            assert names(venue) == ["Café"]
            assert beside(venue) == []


def test_a_backup_of_a_newer_postgresql_is_whole_and_says_where_it_goes(venue: Database, backup: Path) -> None:
    data = bytearray(backup.read_bytes())
    data[6] = 99  # the second number of the version of the format, behind "PGDMP" and the first
    backup.write_bytes(data)
    with pytest.raises(NewerBackupError, match=r"PostgreSQL 18.*Nothing was changed.*that version or newer"):
        restore(venue.owner, backup, replace=True)
    assert names(venue) == ["Café"]
    data[8:4000] = bytes(3992)
    backup.write_bytes(data)
    with pytest.raises(NewerBackupError, match=r"a newer PostgreSQL"):
        restore(venue.owner, backup, replace=True)


def test_second_restore_waits_and_clears_up_after_a_killed_one(venue: Database, backup: Path) -> None:
    taken = "SELECT pg_advisory_lock(hashtextextended('till restore ' || %s, 0))"  # as `restore` takes it

    def again(_draft: Address) -> None:
        with pytest.raises(BeingRestoredError, match="at this moment"):
            restore(venue.owner, backup, replace=True)

    with connect(venue.owner.on("postgres")) as before, ThreadPoolExecutor() as pool:
        before.execute(f'CREATE DATABASE "{venue.owner.dbname}_restoring_0badcafe"')
        before.execute(taken, [venue.owner.dbname])
        ending = pool.submit(before.execute, "SELECT pg_sleep(0.2), pg_advisory_unlock_all()")
        done = restore(venue.owner, backup, replace=True, approve=again)
        ending.result()
    assert beside(venue) == [done.before]


def test_a_role_that_cannot_create_databases_reads_the_statement_to_run(data_dir: Path, backup: Path) -> None:
    server = EmbeddedServer(data_dir)  # of its own: on the one of all tests, others make databases meanwhile
    with server.acquire("a test"):
        owner = server.owner()
        with connect(replace(owner.on("postgres"), user="postgres")) as root:
            root.execute("ALTER ROLE till_owner NOCREATEDB")
        with pytest.raises(MayNotRestoreError, match='ALTER ROLE "till_owner" CREATEDB'):
            restore(owner, backup, replace=True)


def test_the_tools_are_those_that_the_server_of_a_restore_has(venue: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    assert tools.find(18, venue.owner).major == 18
    assert tools.find(16, venue.owner).major == 16
    elsewhere = replace(venue.owner, host="db.example")
    with pytest.raises(NoToolsError, match="postgresql-client-19"):
        tools.find(19, venue.owner)
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(NoToolsError, match=r"18 or newer, and this machine has .*postgresql-client-18"):
        tools.find(18, elsewhere)


def test_no_argument_of_a_tool_holds_a_password(venue: Database, tmp_path: Path) -> None:
    seen = tmp_path / "seen"
    folder = tmp_path / "bin"
    folder.mkdir()
    spy = folder / "pg_dump"
    spy.write_text(f'#!/bin/sh\necho "$@" > {seen}\necho "$PGUSER $PGHOSTADDR $PGPASSWORD" >> {seen}\n')
    spy.chmod(0o755)
    address = replace(venue.owner, password="hidden", extra=(("application_name", "it's"),))
    assert tools.Tools(folder, 18).run("pg_dump", "--file=x", address=address) == ""
    assert seen.read_text().splitlines() == ["--no-password --file=x", "till_owner  hidden"]


def test_the_database_knows_of_its_last_backup(venue: Database, tmp_path: Path) -> None:
    with venue.connect() as session:
        assert last_backup(session) is None
        before = session.execute("SELECT version FROM till.settings WHERE name = 'settings'").fetchone()
        taken = take(venue.owner, tmp_path / "backup")
        note_backup(venue.owner, taken.at)
        assert last_backup(session) == taken.at
        note_backup(venue.owner, taken.at.replace(year=2020))
        assert last_backup(session) == taken.at
        after = session.execute("SELECT version FROM till.settings WHERE name = 'settings'").fetchone()
        assert before is not None
        assert after == (before[0] + 2,)


def test_a_database_that_is_behind_is_backed_up_and_restored_into_an_empty_one(
    venue: Database, empty_database: Database, tmp_path: Path
) -> None:
    with venue.connect() as session:
        session.execute("DROP FUNCTION till.note_backup(timestamptz)")
    taken = take(venue.owner, tmp_path / "backup")
    assert not note_backup(venue.owner, taken.at)
    done = restore(empty_database.owner, tmp_path / "backup")
    assert (done.before, beside(empty_database)) == ("", [])
    assert names(empty_database) == ["Café"]
    assert migrate.check(empty_database.owner) == ()
    assert note_backup(empty_database.owner, taken.at)


def test_a_backup_from_before_the_release_is_refused(venue: Database, tmp_path: Path) -> None:
    with venue.connect() as session:
        session.execute("UPDATE till.alembic_version SET version_num = '0001'")
        take(venue.owner, tmp_path / "backup")
        session.execute("UPDATE till.alembic_version SET version_num = %s", [Program().revision])
    with pytest.raises(NotRestoredError, match="is older than this till, from before the first release"):
        restore(venue.owner, tmp_path / "backup", replace=True)
    assert (names(venue), beside(venue)) == (["Café"], [])
