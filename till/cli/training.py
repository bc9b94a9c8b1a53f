"""Databases of a training: the venue's, and the training's own on this machine's embedded server."""

from __future__ import annotations

import shutil
from contextlib import ExitStack, contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from till.cli.connections import LeasedDatabase, prepare_database, take_lease
from till.cli.venues import enrol, make_venue, new_secret
from till.config import Folders, HeldVenue, VenueKind, hold_venue
from till.domain.errors import ConfigError, StoreError
from till.domain.i18n import N_, _
from till.wiring.training import OTHER_TILL

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    import psycopg

    from till.cli.environment import Surroundings
    from till.sync.settings import ConnectionFacts
    from till.wiring.known import VenueKnown

#: The trainee's till in the training, and the till of a terminal that joins it.
TRAINEE: Final = 1
JOINER: Final = 2
_PREFIX: Final = "training_"


def check_machine() -> None:
    """Refuse to train on a machine without an embedded PostgreSQL."""
    from db.embedded import binaries
    from db.embedded.errors import NoBinariesError

    try:
        binaries.bundled_binaries()
    except NoBinariesError as problem:
        sentence = _("This installation has no PostgreSQL of its own to train on. Install the till again, then train.")
        raise ConfigError(sentence) from problem


def training_folder(here: Surroundings, simulator: str) -> Folders:
    """Return the folder of a training within the data folder."""
    return Folders(here.folders.root / "training" / simulator)


def database_name(simulator: str) -> str:
    """Return the name of a training's database."""
    return f"{_PREFIX}{simulator.replace('-', '_')}"


class EmbeddedDatabases:
    """`till.wiring.training.TrainingDatabases` on this machine's embedded server, wherever the venue's database is.

    Args:
        here: config and data folder of the real till.
        till: the number of the real till on which the training runs.
        simulator: the id of the training.
        tell: called with a sentence before slow work.
        at_any_hour: True to sell each item of the menu at any hour.
    """

    def __init__(
        self,
        here: Surroundings,
        till: int,
        simulator: str,
        tell: Callable[[str], None],
        *,
        at_any_hour: bool = False,
    ) -> None:
        self._here = here
        self._till = till
        self._tell = tell
        self._at_any_hour = at_any_hour
        self._name = database_name(simulator)
        self._kept = ExitStack()
        self._venue: LeasedDatabase | None = None
        self.folders = training_folder(here, simulator)

    @cached_property
    def _known(self) -> VenueKnown:
        from till.wiring.known import look_at_venue

        held = self._here.venue
        known = look_at_venue(self._here.folders, held.store_id)
        if known.menu is None or not known.settings:
            sentence = _("This machine does not know the menu of {name} yet. Open its till once, then train.")
            raise ConfigError(sentence.format(name=held.name))
        if self._at_any_hour:
            known.menu = without_hours(known.menu)
        return known

    @property
    def held(self) -> HeldVenue:
        """The venue of the training; reading this marks its folder with it."""
        return hold_venue(self.folders, HeldVenue(VenueKind.DEMO, *self._names))

    @property
    def _names(self) -> tuple[str, str, str]:
        from till.domain.ids import derived_id

        held = self._here.venue
        return derived_id(held.store_id, self._name), held.name, held.currency

    def reference(self) -> Mapping[str, Mapping[str, Any]]:
        """Return menu, staff and settings for the till of the training until it has connected to its database."""
        known = self._known
        tills = [{"number": number, "name": name} for number, name in _TILLS.items()]
        settings = {**known.settings, **_IN_TRAINING, "tills": tills}
        return {"menu": known.menu or {}, "staff": {"staff": known.staff}, "settings": settings}

    def venue(self) -> ConnectionFacts:
        """Return the connection facts of the venue's database, for the real till."""
        if self._venue is None:
            self._venue = prepare_database(self._here, self._till, self._tell)
            self._kept.callback(self._venue.release)
            return self._venue.facts
        return self._venue.renew()

    def make(self) -> None:
        """Make the database, with the venue's menu, staff and settings, and enrol its tills."""
        with _as_store_errors():
            self._kept.enter_context(take_lease(self._here.server, self._till, self._tell))
            self._make()

    def _make(self) -> None:
        from db.engine import connect
        from db.migrate import upgrade

        server = self._here.server
        self._statement("CREATE DATABASE {} ENCODING 'UTF8' TEMPLATE template0")
        upgrade(server.owner(self._name))
        store_id, known = self.held.store_id, self._known
        with connect(server.owner(self._name)) as connection:
            make_venue(connection, store_id, {**known.settings, **_IN_TRAINING}, staff=known.staff, menu=known.menu)
            for number, name in _TILLS.items():
                secret = self.folders.keep_secret(number, new_secret())
                enrol(connection, store_id, number, secret, name=name)

    def _statement(self, text: str) -> None:
        """Run a statement on the training's database, over a connection to another one."""
        from psycopg import sql

        from db.engine import connect

        with connect(self._here.server.owner()) as connection:
            connection.execute(sql.SQL(text).format(sql.Identifier(self._name)))

    def database(self, till: int) -> LeasedDatabase:
        """Return the database for a till of the training."""
        from till.sync.settings import ConnectionFacts

        secret = self.folders.read_secret(till) or ""
        facts = ConnectionFacts(self._here.server.app(self._name).conninfo, secret)
        return LeasedDatabase(facts, lambda: facts, None, self._tell)

    def cut(self, *, off: bool) -> None:
        """Refuse connections to the training's database and end the open ones; with `off=False`, allow them again."""
        from db.engine import connect

        with _as_store_errors():
            self._statement(f"ALTER DATABASE {{}} ALLOW_CONNECTIONS {not off}")
            if off:
                with connect(self._here.server.owner()) as connection:
                    _end_connections(connection, self._name)

    def drop(self) -> None:
        """Drop the database; the folder goes with `release`."""
        with _as_store_errors():
            self._statement("DROP DATABASE IF EXISTS {} WITH (FORCE)")
        self._kept.callback(shutil.rmtree, self.folders.root, ignore_errors=True)

    def release(self) -> None:
        """Release the leases on the embedded server, and remove the folder of a training that has ended."""
        self._kept.close()


def without_hours(menu: Mapping[str, Any]) -> dict[str, Any]:
    """Return a menu that sells everything at any hour."""
    parts = {name: [{**one, "daypart": None} for one in menu[name]] for name in ("categories", "items")}
    return {**menu, **parts, "dayparts": []}


_IN_TRAINING: Final = {"training": True}
_TILLS: Final = {TRAINEE: N_("Till 1"), JOINER: N_("Till 2"), OTHER_TILL: N_("Till 9")}


def _end_connections(connection: psycopg.Connection[Any], name: str) -> None:
    connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])


@contextmanager
def _as_store_errors() -> Iterator[None]:
    """Turn failures of the database into a `StoreError`."""
    import psycopg

    from db.errors import DatabaseError

    try:
        yield
    except DatabaseError as problem:
        raise StoreError(problem.sentence) from problem
    except psycopg.errors.DiskFull as problem:
        raise StoreError(_("The disk is full. Free some space, then run `till train` again.")) from problem
    except (psycopg.Error, OSError) as problem:
        why = str(problem).splitlines()[0]
        raise StoreError(_("The training's database cannot be made: {why}.").format(why=why)) from problem


@contextmanager
def alive(here: Surroundings, simulator: str) -> Iterator[None]:
    """Hold the lock that marks a training as running."""
    import os

    from db.embedded import locks

    folder = training_folder(here, simulator).root
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    lock = locks.open_lock(folder / "lock")
    locks.try_lock(lock)
    try:
        yield
    finally:
        os.close(lock)


def running(here: Surroundings) -> list[str]:
    """Return the ids of the trainings that run on this machine, oldest first."""
    from db.embedded import locks

    folders = sorted((here.folders.root / "training").glob("*"))
    return [folder.name for folder in folders if locks.is_held(folder / "lock")]


def sweep(here: Surroundings, tell: Callable[[str], None]) -> None:
    """Drop the databases and remove the folders of trainings that were killed."""
    alive = set(running(here))
    leftovers = [folder for folder in (here.folders.root / "training").glob("*") if folder.name not in alive]
    for folder in leftovers:
        _drop_killed(here, folder, tell)


def _drop_killed(here: Surroundings, folder: Path, tell: Callable[[str], None]) -> None:
    databases = EmbeddedDatabases(here, TRAINEE, folder.name, tell)
    with _as_store_errors(), take_lease(here.server, TRAINEE, tell):
        databases.drop()
    databases.release()
