"""A real PostgreSQL: one embedded server for the run, a template migrated once, a fresh copy of it for each test."""

from __future__ import annotations

import itertools
import os
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from psycopg import sql

from db import migrate
from db.embedded import EmbeddedServer, locks
from db.engine import connect
from tests.plugins.folders import run_dir

if TYPE_CHECKING:
    from collections.abc import Iterator

    from db.address import Address

_TEMPLATE = "till_template"
_numbers = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Database:
    """A database of one test, gone with it.

    Attributes:
        owner: the way in with the owner's rights, the search path set.
        app: the way in as `till_app`, by password.
    """

    owner: Address
    app: Address

    def connect(self) -> psycopg.Connection[Any]:
        """Opens a connection with the owner's rights, in autocommit; close it."""
        return connect(self.owner)


@pytest.fixture(scope="session")
def postgres(pytestconfig: pytest.Config) -> Iterator[EmbeddedServer]:
    """The server of the run, shared by its workers. Fast, for what it holds may be lost: nothing is synced to disk."""
    run = run_dir(pytestconfig)
    server = EmbeddedServer(run / "data", system_dir=run / "system", durable=False)
    with server.acquire(f"tests in process {os.getpid()}"):
        yield server


class Shelf:
    """Makes databases and drops them, over one connection for the run.

    A database is dropped when the next one is given back: the sessions of its test are gone by then, which PostgreSQL
    would else look for once every tenth of a second.
    """

    def __init__(self, server: EmbeddedServer, session: psycopg.Connection[Any]) -> None:
        self._server, self._session = server, session
        self._left: list[sql.Identifier] = []

    @contextmanager
    def made(self, template: str = "") -> Iterator[Database]:
        """A new database: a copy of the template, or empty."""
        name = f"test_{os.getpid()}_{next(_numbers)}"
        known = sql.Identifier(name)
        if not template:
            self._session.execute(sql.SQL("CREATE DATABASE {}").format(known))
        else:
            copied = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy")
            self._session.execute(copied.format(known, sql.Identifier(template)))
            # rights on a database itself do not come with its template
            self._session.execute(sql.SQL("REVOKE TEMPORARY ON DATABASE {} FROM PUBLIC").format(known))
        try:
            yield Database(self._server.owner(name), self._server.app(name))
        finally:
            self.clear()
            self._left.append(known)

    def clear(self) -> None:
        """Drop what tests have given back."""
        while self._left:
            known = self._left.pop()
            try:
                self._session.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(known))
            except psycopg.errors.InsufficientPrivilege:  # autovacuum is in there, and only the plain way may end it
                self._session.execute(sql.SQL("DROP DATABASE {}").format(known))


@pytest.fixture(scope="session")
def shelf(postgres: EmbeddedServer) -> Iterator[Shelf]:
    """Makes the databases of the tests of this process."""
    with connect(postgres.owner("postgres")) as session:
        made = Shelf(postgres, session)
        yield made
        made.clear()


@pytest.fixture
def empty_database(shelf: Shelf) -> Iterator[Database]:
    """A database with nothing in it, owned by `till_owner`."""
    with shelf.made() as database:
        yield database


@pytest.fixture
def database(shelf: Shelf, template: str) -> Iterator[Database]:
    """A fresh database with every table and function of the till."""
    with shelf.made(template) as database:
        yield database


@pytest.fixture(scope="session")
def template(postgres: EmbeddedServer, pytestconfig: pytest.Config) -> str:
    """The name of the database that `database` copies; the first worker makes it."""
    draft = f"{_TEMPLATE}_draft"
    with locks.exclusively(run_dir(pytestconfig) / "template.lock", 60), connect(postgres.owner("postgres")) as session:
        if session.execute("SELECT FROM pg_database WHERE datname = %s", [_TEMPLATE]).fetchone() is None:
            session.execute(f"DROP DATABASE IF EXISTS {draft}")
            session.execute(f"CREATE DATABASE {draft}")
            migrate.upgrade(postgres.owner(draft))
            session.execute(f"ALTER DATABASE {draft} RENAME TO {_TEMPLATE}")
    return _TEMPLATE
