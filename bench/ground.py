"""What the bench stands on: a folder, an embedded PostgreSQL as a venue has it, and databases of a venue to spend."""

from __future__ import annotations

import itertools
import os
import shutil
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from psycopg import sql
from psycopg.errors import ObjectInUse

from bench import venue
from db import migrate
from db.embedded import EmbeddedServer
from db.engine import connect
from till.cli.venues import enrol, make_venue, new_secret

if TYPE_CHECKING:
    from collections.abc import Iterator

    import psycopg

    from db.address import Address


@dataclass(frozen=True, slots=True)
class Database:
    """A database of the venue.

    Attributes:
        owner: the way in with the owner's rights.
        app: the way in as a till.
    """

    owner: Address
    app: Address


@dataclass
class Bench:
    """The folder and the server of one run, gone at its end.

    Attributes:
        folder: where everything of the run stands.
        full: whether the long form was asked for.
        secrets: the enrolment secret of each till.
    """

    folder: Path
    full: bool
    secrets: dict[int, str] = field(default_factory=dict)
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))
    _templates: dict[int, str] = field(default_factory=dict)

    @property
    def server(self) -> EmbeddedServer:
        """The server, with the durability of a venue's."""
        return EmbeddedServer(self.folder / "data", system_dir=self.folder / "system")

    def connect(self, address: Address) -> psycopg.Connection[Any]:
        """A connection in autocommit; close it."""
        return connect(address)

    def clear(self) -> None:
        """Drop what its databases were copied from."""
        with connect(self.server.owner("postgres")) as session:
            for name in self._templates.values():
                _drop(session, name)
        self._templates.clear()

    def new_folder(self) -> Path:
        """An empty folder."""
        made = self.folder / f"folder-{next(self._numbers)}"
        made.mkdir()
        return made

    @contextmanager
    def database(self, items: int = 60) -> Iterator[Database]:
        """A fresh database of the venue with a menu of so many items; every till is enrolled."""
        source, name = self._template(items), f"bench_{os.getpid()}_{next(self._numbers)}"
        with connect(self.server.owner("postgres")) as session:
            session.execute(
                sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy").format(
                    sql.Identifier(name), sql.Identifier(source)
                )
            )
        try:
            yield Database(self.server.owner(name), self.server.app(name))
        finally:
            with connect(self.server.owner("postgres")) as session:
                _drop(session, name)

    def _template(self, items: int) -> str:
        if items not in self._templates:
            name = f"bench_{os.getpid()}_of_{items}"
            with connect(self.server.owner("postgres")) as session:
                session.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
            owner = self.server.owner(name)
            migrate.upgrade(owner)
            with connect(owner) as session:
                make_venue(session, venue.STORE, venue.settings(), staff=venue.staff(), menu=venue.menu_body(items))
                for till in range(1, venue.TILLS + 1):
                    secret = self.secrets.setdefault(till, new_secret())
                    enrol(session, venue.STORE, till, secret)
            self._templates[items] = name
        return self._templates[items]


def _drop(session: psycopg.Connection[Any], name: str) -> None:
    """Drop a database. An autovacuum in it, which a backlog calls for, makes way for a plain drop but not for FORCE."""
    gone = sql.SQL("DROP DATABASE {}").format(sql.Identifier(name))
    try:
        session.execute(gone)
    except ObjectInUse:
        session.execute(gone + sql.SQL(" WITH (FORCE)"))


@contextmanager
def standing(*, full: bool) -> Iterator[Bench]:
    """Lay the ground, and clear it away."""
    folder = Path(tempfile.mkdtemp(prefix="till-bench-"))
    folder.chmod(0o711)  # root's server runs as somebody else, who must pass through
    try:
        ground = Bench(folder, full)
        with ground.server.acquire(f"bench in process {os.getpid()}"):
            yield ground
    finally:
        EmbeddedServer(folder / "data", system_dir=folder / "system").stop(even_if_used=True)
        shutil.rmtree(folder)


def through(address: Address, host: str, port: int) -> Address:
    """The same database by TCP, over a proxy."""
    return replace(address, host=host, port=port, extra=(*address.extra, ("sslmode", "disable")))
