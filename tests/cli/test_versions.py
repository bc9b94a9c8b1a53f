"""A table of refusals for a version: each says which side is older, and names a command that works."""

from __future__ import annotations

import sqlite3
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

import pytest

from db.schema import RETIRED, Program, compare
from tests.cli.test_recover_journals import sell
from till.cli.environment import Surroundings
from till.journal.schema import REVISIONS
from till.sync.failures import schema_sentence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.cli.conftest import Shell
    from tests.plugins.database import Database

OURS = Program().revision
NEWER = "The database belongs to a newer till. Upgrade this till."
BEHIND = "The database is older than this till. `till db upgrade` brings it up to date."
BEFORE = (
    "The database is older than this till, from before the first release. Keep it, and start a new one: another "
    "TILL_DATA_DIR or database.url."
)
#: A statement that makes the database of another version, and the sentence for it.
DATABASES = {
    "a newer revision": ("UPDATE till.alembic_version SET version_num = '9999'", NEWER),
    "a newer program": (
        "UPDATE till.schema_info SET value = '99999' WHERE key IN ('functions', 'program')",
        NEWER,
    ),
    "newer functions": (
        (
            "UPDATE till.schema_info SET value = CASE key WHEN 'program' THEN (value::int + 1)::text ELSE 'x' END "
            "WHERE key IN ('functions', 'program')"
        ),
        NEWER,
    ),
    "older functions": ("UPDATE till.schema_info SET value = 'x' WHERE key = 'functions'", BEHIND),
    "an earlier letter": ("UPDATE till.alembic_version SET version_num = '0001'", BEFORE),
    "a retired number": ("UPDATE till.alembic_version SET version_num = '0002'", BEFORE),
}
#: Commands that need a database of this version. Commands that only inspect it print the same sentence as their answer.
NEEDING = (["report", "sales"], ["admin", "list-sessions"], ["admin", "users", "list"], ["admin", "audit", "verify"])
LOOKING = (["db", "status"], ["db", "check"], ["doctor"])


@pytest.fixture
def selling(staffed: Shell) -> Shell:
    """A till with a sale that the database does not have."""
    staffed.ok("admin", "tills", "add", "1", "--here")
    sell()
    return staffed


@contextmanager
def changed(database: Database, statement: str) -> Iterator[None]:
    """Make the database one of another version meanwhile."""
    with database.connect() as owner:
        info = owner.execute("SELECT value, key FROM till.schema_info").fetchall()
        owner.execute(statement.encode())
        try:
            yield
        finally:
            owner.execute("UPDATE till.alembic_version SET version_num = %s", [OURS])
            owner.cursor().executemany("UPDATE till.schema_info SET value = %s WHERE key = %s", info)


def test_database_of_another_version(selling: Shell, database: Database, subtests: pytest.Subtests) -> None:
    for what, (statement, sentence) in DATABASES.items():
        with subtests.test(what), changed(database, statement):
            for command in NEEDING:
                assert selling.refused(*command) == sentence
            for command in LOOKING:
                result = selling(*command)
                assert sentence in result.out
                assert "elling" not in result.out + result.err
            if sentence is BEHIND:
                selling.ok("db", "upgrade")
                selling.ok("report", "sales")
            else:
                assert selling.refused("db", "upgrade") == sentence


def test_recover_lists_and_sends_what_a_till_would(
    selling: Shell, database: Database, subtests: pytest.Subtests
) -> None:
    events = 7
    for what, (statement, sentence) in DATABASES.items():
        with subtests.test(what), changed(database, statement):
            listed = selling("recover", "--list")
            assert (listed.code, listed.err.splitlines()[0]) == (1, sentence)
            assert f"{events} events of till 1 wait." in listed.err
            sent = selling("recover").err
            if sentence is BEFORE:
                assert f"{events} events of till 1 wait." in sent
                assert "from before the first release" in sent.splitlines()[-1]
            else:
                assert f"{events} events of till 1 were sent." in sent
                sell()
                events = 5  # the first sale of a journal begins it


def test_upgrade_that_this_machine_may_not_run_is_named_with_the_one_that_may(
    selling: Shell, database: Database
) -> None:
    with database.connect() as owner:
        owner.execute(DATABASES["older functions"][0])
    selling.patch.delenv("TILL_DATABASE__OWNER_URL")
    for command in (["report", "sales"], ["doctor"], ["db", "status"]):
        result = selling(*command)
        assert "It runs on the machine whose config.toml names database.owner_url." in result.out + result.err


def test_backup_of_a_newer_till(selling: Shell, database: Database) -> None:
    file = str(selling.folder / "backup.dump")
    with database.connect() as owner:
        owner.execute(DATABASES["a newer revision"][0])
    selling.ok("db", "backup", file)
    with database.connect() as owner:
        owner.execute("UPDATE till.alembic_version SET version_num = %s", [OURS])
    assert selling.refused("db", "restore", file, "--replace") == (
        "The backup was not restored, and the database is as it was: it belongs to a newer till. Upgrade this till."
    )


JOURNAL_NEWER = "This journal was written by a newer till"
JOURNAL_BEFORE = "This journal was written by an older till, from before the first release. Keep it, and start"


JOURNALS = dict.fromkeys((1, 2, 3), JOURNAL_BEFORE) | dict.fromkeys((len(REVISIONS) + 1, 99), JOURNAL_NEWER)


def test_journal_of_another_version(selling: Shell, subtests: pytest.Subtests) -> None:
    for revision, sentence in JOURNALS.items():
        with closing(sqlite3.connect(Surroundings.find().folders.journal(1))) as journal:
            journal.execute("UPDATE schema SET revision = ?", [revision])
            journal.commit()
        with subtests.test(revision=revision):
            for command in (["recover", "--list"], ["recover"]):
                asked = selling(*command)
                assert (asked.code, sentence in asked.err) == (1, True), asked
            output = selling("doctor").out
            assert sentence in output
            assert "elling" not in output
            remedy = "Upgrade this till" if sentence is JOURNAL_NEWER else "another TILL_DATA_DIR"
            assert remedy in output


@pytest.mark.parametrize(
    ("theirs", "side", "remedy"),
    [
        (None, "older", "`till db upgrade`"),
        (OURS, "older", "`till db upgrade`"),  # it lost something
        ("0001k", "older", "`till db upgrade`"),
        ("0001", "older", "keep it, and start a new one"),
        ("0002", "older", "keep it, and start a new one"),
        ("9999", "newer", "Upgrade this till"),
    ],
)
def test_light_of_a_till(theirs: str | None, side: str, remedy: str) -> None:
    message = schema_sentence(theirs, OURS)
    assert f"The server is {side} than this till" in message
    assert remedy in message
    assert message.endswith("keep selling.")  # a till that says so is open, and does


def test_no_number_is_used_again() -> None:
    assert not any(revision[:4] in RETIRED for revision in Program().revisions)
    assert [compare(one, OURS) for one in (*sorted(RETIRED), OURS)] == ["too_old", "current"]
    assert not any(REVISIONS[:3])
