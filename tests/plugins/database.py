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


@pytest.fixture
def empty_database(postgres: EmbeddedServer) -> Iterator[Database]:
    """A database with nothing in it, owned by `till_owner`."""
    with _made(postgres, sql.SQL("")) as database:
        yield database


@pytest.fixture
def database(postgres: EmbeddedServer, template: str) -> Iterator[Database]:
    """A fresh database with every table and function of the till."""
    with _made(postgres, sql.SQL("TEMPLATE {} STRATEGY file_copy").format(sql.Identifier(template))) as database:
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


@contextmanager
def _made(postgres: EmbeddedServer, source: sql.Composable) -> Iterator[Database]:
    name = f"test_{os.getpid()}_{next(_numbers)}"
    known = sql.Identifier(name)
    with connect(postgres.owner("postgres")) as session:
        session.execute(sql.SQL("CREATE DATABASE {} {}").format(known, source))
        if source != sql.SQL(""):  # rights on a database itself do not come with its template
            session.execute(sql.SQL("REVOKE TEMPORARY ON DATABASE {} FROM PUBLIC").format(known))
        try:
            yield Database(postgres.owner(name), postgres.app(name))
        finally:
            try:
                session.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(known))
            except psycopg.errors.InsufficientPrivilege:  # autovacuum is in there, and only the plain way may end it
                session.execute(sql.SQL("DROP DATABASE {}").format(known))
