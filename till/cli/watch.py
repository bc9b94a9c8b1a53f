"""`till admin watch`: the manager's desk, a live screen of the whole venue."""

from __future__ import annotations

import logging
import shutil
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

import typer

from till.cli.administration import administration
from till.cli.enrolling import OwnMachine
from till.cli.environment import Surroundings
from till.cli.opening import has_terminal
from till.cli.output import note
from till.cli.refusals import EXIT_DONE, refuse
from till.domain.i18n import _

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from db.address import Address
    from till.cli.administration import Administration


def watch() -> None:
    """Watch tills, logins, open orders and tasks for a manager, live, and act on them."""
    here = Surroundings.find()
    if not has_terminal():
        raise typer.Exit(refuse(_("The desk needs a terminal to draw on. `till admin stats` works without.")))
    from till.wiring.desk import open_desk

    with ExitStack() as stack:
        with administration(here) as admin:
            venue, actor, person, store = admin.venue(), admin.actor, _name(admin), admin.store_id
            place = stack.enter_context(_owner_address(here))
        code = open_desk(
            here.config,
            here.folders,
            place,
            store_id=store,
            venue=venue,
            actor=actor,
            person=person,
            free=lambda: _free(here),
            is_embedded=here.is_embedded,
            machine=OwnMachine(here),
        )
    if code != EXIT_DONE:
        raise typer.Exit(code)


@contextmanager
def _owner_address(here: Surroundings) -> Iterator[Callable[[], Address]]:
    """Yield a function that returns the owner's address. It restarts an embedded database that was killed."""
    if not here.is_embedded:
        yield lambda: here.owner
        return
    with here.server.acquire(_("the desk"), note) as lease:

        def up() -> Address:
            lease.server.ensure_running(logging.getLogger("till").info)
            return lease.server.owner()

        yield up


def _free(here: Surroundings) -> int | None:
    """Return the free bytes on the database's disk; None if it is on another machine, or unknown."""
    try:
        return shutil.disk_usage(here.folders.root).free if here.is_embedded else None
    except OSError:
        return None


def _name(admin: Administration) -> str:
    """Return the name of the person at the desk; empty for the owner of the database."""
    if admin.actor is None:
        return ""
    return str(admin.ask("user_for_login_v1", admin.actor)["name"])
