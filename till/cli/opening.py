"""Commands that open a screen: they read config and folders, and prepare the database after the first paint."""

from __future__ import annotations

import os
import sys
from functools import partial
from typing import TYPE_CHECKING

from till.cli.environment import Surroundings
from till.cli.refusals import refuse
from till.config import VenueKind, held_venue
from till.domain.i18n import _

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from till.cli.connections import LeasedDatabase
    from till.config import HeldVenue
    from till.training.recorded import RecordedHour


def open_configured(number: int | None = None) -> int:
    """Open the till that the config names, or print how to get one. Return the exit code.

    Args:
        number: the number of another till of this machine; None for the config's.
    """
    here = Surroundings.find()
    here.check_keys()  # before anything is created
    venue = held_venue(here.folders)
    if here.config_file is None and (venue is None or venue.kind is not VenueKind.OWN):
        from till.cli.shared_files import shared_file

        example = shared_file("config.example.toml") or "config.example.toml"
        return refuse(
            _(
                "There is no venue here yet. `till demo` opens a till to try, `till init` makes your own; "
                "{example} names every setting."
            ).format(example=example)
        )
    till = number or here.config.till.id
    if number is not None and here.folders.read_secret(number) is None:
        sentence = _(
            "Till {n} is not enrolled on this machine: `till admin tills add {n} --here`, then `till --till {n}`."
        )
        return refuse(sentence.format(n=number))
    return open_screen(here, here.venue, till, lambda tell: _prepare_database(here, till, tell))


def open_board(stations: tuple[str, ...], number: int | None) -> int:
    """Open the board of the kitchen, and return the exit code.

    Args:
        stations: the stations to show; none for all of its enrolment.
        number: the number of the screen; None for the config's, or the only one of this machine.
    """
    here = Surroundings.find()
    here.check_keys()
    own = [one for one in here.folders.enrolled() if here.folders.is_kitchen(one)]
    till = number or (own[0] if len(own) == 1 else here.config.till.id)
    if here.folders.read_secret(till) is None:
        sentence = _(
            "No screen of the kitchen is enrolled here: `till admin tills add 90 --kitchen` where the manager is, then "
            "`till enrol` here; on one machine, `--kitchen --here`."
        )
        return refuse(sentence)
    if not has_terminal():
        return refuse_screen()
    from till.wiring.kitchen import open_kitchen

    return open_kitchen(
        here.config,
        here.folders,
        here.venue,
        till=till,
        stations=stations,
        prepare=lambda tell: _prepare_database(here, till, tell),
    )


def _prepare_database(here: Surroundings, till: int, tell: Callable[[str], None]) -> LeasedDatabase:
    """Prepare the database. It runs after the first paint, as it loads psycopg."""
    from till.cli.connections import prepare_database

    return prepare_database(here, till, tell)


def open_demo(till: int, *, at_cafe: bool = False) -> int:
    """Open a till of the demo venue, or of the café, and return the exit code."""
    from till.cli.demo_venue import CAFE, DEMO, cafe_surroundings, demo_reference, hold_demo

    here = Surroundings.find()
    here = cafe_surroundings(here) if at_cafe else here
    here.check_keys()
    if not has_terminal():
        return refuse_screen()  # before the data folder is taken for the demo
    venue = hold_demo(here, CAFE if at_cafe else DEMO)
    from till.journal import JournalHeldError

    try:
        return open_screen(
            here, venue, till, lambda tell: _prepare_demo(here, till, tell), partial(demo_reference, venue)
        )
    except JournalHeldError as problem:  # the demo can have any number of tills
        second = _("A second till of the demo: {command} --till {number}.").format(
            command="till demo --menu cafe" if venue == CAFE else "till demo", number=till + 1
        )
        return refuse(f"{problem.sentence} {second}")


def _prepare_demo(here: Surroundings, till: int, tell: Callable[[str], None]) -> LeasedDatabase:
    """Prepare the demo. It runs after the first paint: it loads psycopg, and SQLAlchemy if there are tables to make."""
    from till.cli.venues import prepare_demo

    return prepare_demo(here, till, tell)


def open_screen(
    here: Surroundings,
    venue: HeldVenue,
    till: int,
    prepare: Callable[[Callable[[str], None]], LeasedDatabase],
    reference: Callable[[], Mapping[str, Mapping[str, Any]]] | None = None,
) -> int:
    """Paint the till, prepare its database in the background, and return the exit code.

    Args:
        here: config and folders.
        venue: the venue of the data folder.
        till: the number of this till.
        prepare: starts and fills the till's database, and reports its steps. It is slow and runs in a thread.
        reference: returns menu, staff and settings for a journal that was never connected to a database.
    """
    if not has_terminal():
        return refuse_screen()
    from till.wiring import open_till

    return open_till(here.config, here.folders, venue, till=till, prepare=prepare, reference=reference)


def refuse_screen() -> int:
    """Print that there is no terminal to draw on, and return the exit code."""
    return refuse(
        _("The till needs a terminal to draw on. Run it in one; `till --help` lists the commands that need none.")
    )


def has_terminal() -> bool:
    """Return True if keys can be read and a screen can be drawn."""
    return sys.stdin.isatty() and sys.stdout.isatty() and os.environ.get("TERM", "") != "dumb"


def open_training(
    till: int | None,
    *,
    guests: int | None,
    cash: str,
    pace: float,
    seed: int | None,
    tell: Callable[[str], None],
    read_hour: Callable[[Surroundings, int], RecordedHour] | None = None,
) -> int:
    """Open a training of this machine's venue and return the exit code."""
    import secrets
    from datetime import UTC, datetime

    here = Surroundings.find()
    here.check_keys()
    number = till or here.config.till.id
    if not has_terminal():
        return refuse_screen()
    from till.cli.training import TRAINEE, EmbeddedDatabases, alive, check_machine, sweep
    from till.domain.ids import IdClock
    from till.domain.venue import read_venue
    from till.reports.words import read_amount
    from till.wiring import open_till
    from till.wiring.training import Exercise, make_training_room

    check_machine()
    hour = read_hour(here, number) if read_hour is not None else None
    ids = IdClock(secrets.randbits)
    simulator, login = ids.next(datetime.now(UTC)), ids.next(datetime.now(UTC))
    sweep(here, tell)
    with alive(here, simulator):
        databases = EmbeddedDatabases(here, number, simulator, tell, at_any_hour=hour is not None)
        float_ = read_amount(read_venue(databases.reference()["settings"]), cash)
        room = make_training_room(
            here.config, databases, here.venue.store_id, number, simulator, login, cash=str(float_)
        )
        exercise = Exercise(room, seed=seed or secrets.randbits(32), pace=pace, guests=guests, hour=hour)
        try:
            return open_till(
                here.config,
                databases.folders,
                databases.held,
                till=TRAINEE,
                prepare=lambda _tell: databases.database(TRAINEE),
                reference=databases.reference,
                exercise=exercise,
            )
        finally:
            databases.release()


def open_joined() -> int:
    """Open a second till of the training that runs on this machine, and return the exit code."""
    here = Surroundings.find()
    here.check_keys()
    if not has_terminal():
        return refuse_screen()
    from till.cli.training import JOINER, EmbeddedDatabases, running

    found = running(here)
    if not found:
        return refuse(_("No training runs on this machine. `till train` begins one."))
    databases = EmbeddedDatabases(here, JOINER, found[-1], lambda _step: None)
    from till.wiring import open_till

    try:
        return open_till(
            here.config,
            databases.folders,
            databases.held,
            till=JOINER,
            prepare=lambda _tell: databases.database(JOINER),
            reference=databases.reference,
        )
    finally:
        databases.release()
