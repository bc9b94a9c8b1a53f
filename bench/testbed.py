"""The testbed: a folder, an embedded PostgreSQL like a venue's, and fresh databases of a venue."""

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
        owner: the address with the owner's rights.
        app: the address of a till.
    """

    owner: Address
    app: Address


@dataclass
class Bench:
    """The folder and the server of one run, removed at its end.

    Attributes:
        folder: the folder of the run.
        full: True for the long form.
        again: True while missed rows are measured again: the middle of three small samples counts.
        secrets: the enrolment secret of each till.
    """

    folder: Path
    full: bool
    again: bool = False
    secrets: dict[int, str] = field(default_factory=dict)
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))
    _templates: dict[int, str] = field(default_factory=dict)

    @property
    def server(self) -> EmbeddedServer:
        """The server, as durable as a venue's."""
        return EmbeddedServer(self.folder / "data", system_dir=self.folder / "system")

    def connect(self, address: Address) -> psycopg.Connection[Any]:
        """Return a connection in autocommit mode, to be closed by the caller."""
        return connect(address)

    def clear(self) -> None:
        """Drop the template databases."""
        with connect(self.server.owner("postgres")) as session:
            for name in self._templates.values():
                _drop(session, name)
        self._templates.clear()

    def new_folder(self) -> Path:
        """Return an empty folder."""
        made = self.folder / f"folder-{next(self._numbers)}"
        made.mkdir()
        return made

    @contextmanager
    def database(self, items: int = 60) -> Iterator[Database]:
        """Create a fresh database of the venue with `items` items on the menu and all tills; drop it afterwards."""
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
    """Drop a database. A plain drop cancels an autovacuum in it, FORCE does not."""
    drop = sql.SQL("DROP DATABASE {}").format(sql.Identifier(name))
    try:
        session.execute(drop)
    except ObjectInUse:
        session.execute(drop + sql.SQL(" WITH (FORCE)"))


@contextmanager
def prepare_testbed(*, full: bool) -> Iterator[Bench]:
    """Prepare the testbed, and remove it afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="till-bench-"))
    folder.chmod(0o711)  # root's server runs as another user, who must be able to enter
    try:
        testbed = Bench(folder, full)
        with testbed.server.acquire(f"bench in process {os.getpid()}"):
            yield testbed
    finally:
        EmbeddedServer(folder / "data", system_dir=folder / "system").stop(even_if_used=True)
        shutil.rmtree(folder)


def through(address: Address, host: str, port: int) -> Address:
    """Return the address of the same database over TCP, through a proxy."""
    return replace(address, host=host, port=port, extra=(*address.extra, ("sslmode", "disable")))
