"""A real PostgreSQL: one embedded server for the run, a template migrated once, a fresh copy of it for each test."""

from __future__ import annotations

import itertools
import os
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, Protocol

import psycopg
import pytest
from psycopg import sql

from db import migrate, roles, strangers
from db.embedded import EmbeddedServer, locks
from db.embedded.configuration import OWNER, SUPERUSER
from db.engine import connect
from tests.plugins.folders import run_dir
from tests.plugins.kept import Kept, Shape, transaction_number

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

    from db.address import Address

_numbers = itertools.count(1)
#: The months of the audit that tests need, who let events be some days or a month old: each takes its indexes and
#: triggers, and plans are made again. Of a month that is made later the owner cannot put rows back.
_MAKE_MONTH: Final = "SELECT cold.make_audit_partition(date_trunc('month', (now() - %s::interval) at time zone 'UTC'))"
#: Statements for the triggers that fire for sessions that replicate, too.
_FIRE_AS_USUAL: Final = """
    SELECT format('ALTER TABLE %s ENABLE TRIGGER %I', tgrelid::regclass, tgname)
    FROM pg_trigger WHERE tgenabled = 'A' AND NOT tgisinternal"""


@dataclass(frozen=True, slots=True)
class Database:
    """The database of one test, dropped after it.

    Attributes:
        owner: the owner's address. It sets the search path, as a copy lacks the settings of its template.
        app: the address of `till_app`, by password.
        kept: the open connections to it, if it serves one test after another.
    """

    owner: Address
    app: Address
    kept: Kept | None = None

    def connect(self) -> AbstractContextManager[psycopg.Connection[Any]]:
        """Lend a connection with the owner's rights, in autocommit."""
        return self.kept.session(self.owner) if self.kept else connect(self.owner)


@pytest.fixture(scope="session")
def postgres(pytestconfig: pytest.Config) -> Iterator[EmbeddedServer]:
    """The server of the run, shared by its workers. It is fast, as it syncs nothing to disk: its data may be lost."""
    run = run_dir(pytestconfig)
    server = EmbeddedServer(run / "data", system_dir=run / "system", durable=False)
    with server.acquire(f"tests in process {os.getpid()}"):
        yield server


class Server(Protocol):
    """A server on which databases are made, with the addresses of each."""

    def owner(self, dbname: str) -> Address: ...
    def app(self, dbname: str) -> Address: ...


class Shelf:
    """A maker of databases, which makes and drops them over one connection for the run.

    A database is dropped when the next one is given back: the sessions of its test are gone by then. Otherwise
    PostgreSQL would wait for them, looking every tenth of a second.

    Args:
        server: the server of the databases.
        session: a connection to the server's own database, with the right to make others.
        folder: of the run, for all of its workers.
    """

    def __init__(self, server: Server, session: psycopg.Connection[Any], folder: Path) -> None:
        self._server, self._session, self._folder = server, session, folder
        self._left: list[str] = []
        self._idle: dict[str, list[tuple[Kept, Database]]] = {}
        self._shapes: dict[str, Shape] = {}

    @contextmanager
    def lent(self, template: str) -> Iterator[tuple[Kept, Database]]:
        """Lend a copy of the template, shared by the tests of this process one after another."""
        kept, database = self._restored(template) or self._copied(template)
        try:
            yield kept, database
        finally:
            self.clear()
            self._idle[template].append((kept, database))

    def _copied(self, template: str) -> tuple[Kept, Database]:
        database = self._make(f"test_{os.getpid()}_{next(_numbers)}", template)
        kept = Kept(database.owner.dbname, database.owner, transaction_number(self._session))
        if template not in self._shapes:
            self._shapes[template] = kept.shape()
        return kept, replace(database, kept=kept)

    def _restored(self, template: str) -> tuple[Kept, Database] | None:
        idle = self._idle.setdefault(template, [])
        while idle:
            kept, database = idle.pop()
            if kept.restored(self._shapes[template]):
                return kept, database
            self._give_up(kept)
        return None

    def _give_up(self, kept: Kept) -> None:
        kept.leave(self._session)
        self._left.append(kept.name)

    @contextmanager
    def made(self, template: str = "") -> Iterator[Database]:
        """Make a new database: a copy of the template, or empty."""
        name = f"test_{os.getpid()}_{next(_numbers)}"
        try:
            yield self._make(name, template)
        finally:
            self.clear()
            self._left.append(name)

    def template(self, name: str, fill: Callable[[Database], object], template: str = "") -> str:
        """Return the name of a template; the first worker that asks makes it from another one, and fills it."""
        draft = f"{name}_draft"
        with locks.exclusively(self._folder / f"{name}.lock", 60):
            if self._session.execute("SELECT FROM pg_database WHERE datname = %s", [name]).fetchone() is None:
                self._drop(draft)
                fill(self._make(draft, template))
                renamed = sql.SQL("ALTER DATABASE {} RENAME TO {}")
                self._session.execute(renamed.format(sql.Identifier(draft), sql.Identifier(name)))
        return name

    def clear(self) -> None:
        """Drop the databases that tests gave back."""
        while self._left:
            self._drop(self._left.pop())

    def close(self) -> None:
        """Drop all databases of tests."""
        for kept, _database in itertools.chain.from_iterable(self._idle.values()):
            self._give_up(kept)
        self._idle.clear()
        self.clear()

    def _make(self, name: str, template: str) -> Database:
        known = sql.Identifier(name)
        if not template:
            self._session.execute(sql.SQL("CREATE DATABASE {}").format(known))
        else:
            copied = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy")
            self._session.execute(copied.format(known, sql.Identifier(template)))
            # rights on a database itself do not come with its template
            self._session.execute(sql.SQL("REVOKE TEMPORARY ON DATABASE {} FROM PUBLIC").format(known))
        return Database(self._server.owner(name).with_search_path(), self._server.app(name))

    def _drop(self, name: str) -> None:
        gone = sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(name))
        try:
            self._session.execute(gone + sql.SQL(" WITH (FORCE)"))
        except psycopg.errors.InsufficientPrivilege:  # autovacuum is in there, and only the plain way may end it
            self._session.execute(gone)


@pytest.fixture(scope="session")
def shelf(postgres: EmbeddedServer, pytestconfig: pytest.Config) -> Iterator[Shelf]:
    """The maker of databases for the tests of this process."""
    with connect(postgres.owner("postgres")) as session, pytest.MonkeyPatch.context() as patch:
        _tell_roles_apart(patch)
        made = Shelf(postgres, session, run_dir(pytestconfig))
        yield made
        made.close()


def _tell_roles_apart(patch: pytest.MonkeyPatch) -> None:
    """Let a check see only the roles of its own database: the copies of a template are one venue, on one server.

    Each role that a test makes bears the name of its database from its password on.
    """
    set_password, ours = roles.set_password, " AND coalesce(shobj_description(r.oid, 'pg_authid'), {0}) = {0}"

    def set_password_here(connection: psycopg.Connection[Any], role: str, password: str) -> None:
        if role.startswith("till_program_") or not role.startswith("till_"):
            named = sql.Identifier(role), sql.Literal(connection.info.dbname)
            connection.execute(sql.SQL("COMMENT ON ROLE {} IS {}").format(*named))
        set_password(connection, role, password)

    patch.setattr(roles, "set_password", set_password_here)
    here, any_role = ours.format("current_database()"), "WHERE NOT r.rolsuper"
    patch.setattr(strangers, "_OF_NO_PROGRAM", strangers._OF_NO_PROGRAM + here)
    assert any_role in strangers._ROLES
    patch.setattr(strangers, "_ROLES", strangers._ROLES.replace(any_role, any_role + here))


@pytest.fixture
def empty_database(shelf: Shelf) -> Iterator[Database]:
    """A database with nothing in it, owned by `till_owner`."""
    with shelf.made() as database:
        yield database


@pytest.fixture
def lent(shelf: Shelf, template: str) -> Iterator[tuple[Kept, Database]]:
    """The database of the test, with its open connections."""
    with shelf.lent(template) as lent:
        yield lent


@pytest.fixture
def kept(lent: tuple[Kept, Database]) -> Kept:
    """The open connections to the database of the test."""
    return lent[0]


@pytest.fixture
def database(lent: tuple[Kept, Database]) -> Database:
    """A database with every table and function of the till, and with only the rows of its template."""
    return lent[1]


@pytest.fixture(scope="session")
def migrated(shelf: Shelf) -> str:
    """The name of a database as `till db migrate` leaves it."""

    def fill(empty: Database) -> None:
        migrate.upgrade(empty.owner)
        _make_logins_cheap(empty)

    return shelf.template("till_migrated", fill)


@pytest.fixture(scope="session")
def template(shelf: Shelf, migrated: str) -> str:
    """The name of the database that `database` copies."""

    def fill(database: Database) -> None:
        with database.connect() as owner:
            for ago in ("0", "7 days", "31 days"):
                owner.execute(_MAKE_MONTH, [ago])
        let_owner_unwatch(replace(database.owner, user=SUPERUSER))

    return shelf.template("till_template", fill, migrated)


def _make_logins_cheap(database: Database) -> None:
    """Make the password of tills quick to check: thousands of connections give it, each at 5 ms of CPU."""
    with database.connect() as owner:
        owner.execute("SET scram_iterations = 1")
        words = sql.SQL("ALTER ROLE {} PASSWORD {}")
        owner.execute(words.format(sql.Identifier(database.app.user), sql.Literal(database.app.password)))


@contextmanager
def unwatched(owner: psycopg.Connection[Any]) -> Iterator[None]:
    """Fire no trigger and check no reference meanwhile, as a restore does, in one transaction of the owner.

    Disabling triggers instead makes each session plan again every statement about their tables.
    """
    with owner.transaction():
        owner.execute("SET LOCAL session_replication_role = replica")
        yield


def let_owner_unwatch(superuser: Address) -> None:
    """Let the owner put rows back past triggers and references.

    Triggers fire as before, but for a session that says that it replicates: in a till's database they do there, too.
    """
    with connect(superuser) as session:
        session.execute(f"GRANT SET ON PARAMETER session_replication_role TO {OWNER}")
        for (words,) in session.execute(_FIRE_AS_USUAL).fetchall():
            session.execute(words.encode())
