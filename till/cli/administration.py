"""The administration functions of the database, called for one store and on behalf of one person."""

from __future__ import annotations

from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any

from till.administration.calls import AdministrationError, AtServer, OwnerOnlyError
from till.cli.authority import acts_as_owner, authorize, demo_author, log_in_at
from till.cli.connections import owner_connection, refuse_other_version
from till.cli.enrolling import OwnMachine
from till.cli.environment import Surroundings
from till.cli.output import note, say
from till.cli.venues import check_known, hold_own
from till.config import VenueKind
from till.domain.errors import ConfigError
from till.domain.i18n import _
from till.domain.staff.person import Role
from till.domain.structs import replace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from db.address import Address
    from till.administration.acts.act import AdminAction
    from till.config import HeldVenue


class Administration(AtServer, frozen=True, kw_only=True):
    """The administration of one store over an open connection.

    Attributes:
        owner: the address of the connection, for callers that open another one.
        held: the venue of the data folder.
    """

    owner: Address
    held: HeldVenue


def _refuse_missing(here: Surroundings) -> None:
    """Refuse a folder without a venue or a database, before one is started or made for nothing."""
    if gone := here.database_gone:
        raise ConfigError(gone)
    if here.config_file is None or (here.is_embedded and here.server.status().state == "not made"):
        _ = here.venue  # refuses a folder without one


@contextmanager
def administration(here: Surroundings, needs: Role = Role.MANAGER) -> Iterator[Administration]:
    """Open the administration of the data folder's venue for the person who runs the command.

    On a server the person logs in at once. On the embedded database, which only its own user can reach, the person
    logs in before the first change; in a trial venue, never (`demo_author`). A read-only server checks no password:
    there the owner reads, and nobody changes anything.

    Args:
        here: config and folders.
        needs: the role that the person must have; an admin may do all that a manager may.
    """
    from db.engine import connect, is_read_only
    from db.errors import ReadOnlyServerError

    _refuse_missing(here)
    with owner_connection(here) as (owner, connection):
        hold_own(here, connection)
        held = here.venue
        check_known(here, connection, held)
        only_reads = is_read_only(connection)

        @cache
        def author() -> int | None:
            if only_reads:
                raise ReadOnlyServerError
            if acts_as_owner() or (here.is_embedded and held.kind is VenueKind.REPLAY):
                return None
            if here.is_embedded and held.kind is VenueKind.DEMO:
                return demo_author(connection, held.store_id)
            with connect(owner) as login_connection:  # a wrong password counts even if the act is rolled back
                return authorize(here, login_connection, held.store_id, needs)

        if not (here.is_embedded or only_reads):
            author()
        yield Administration(
            owner=owner,
            connection=connection,
            held=held,
            store_id=held.store_id,
            author=author,
            is_embedded=here.is_embedded,
            machine=OwnMachine(here),
        )


@contextmanager
def management(here: Surroundings, needs: Role = Role.MANAGER) -> Iterator[AtServer]:
    """Open the functions that a manager may call from any machine: as the owner, or with the secret of its till.

    Args:
        here: config and folders.
        needs: the role that the person must have. The server itself checks acts that need an admin.

    Raises:
        DatabaseError: the database cannot be reached, or its server takes no password because it is read-only.
    """
    from db.engine import connect, is_read_only
    from db.errors import ReadOnlyServerError
    from db.roles import is_owner

    if here.is_embedded or here.config.database.owner_url:
        with administration(here, needs) as admin:
            yield admin
        return
    with connect(here.app) as connection:
        if is_owner(connection):
            with administration(here, needs) as admin:
                yield admin
            return
        if acts_as_owner():
            raise OwnerOnlyError
        if is_read_only(connection):
            raise ReadOnlyServerError
        refuse_other_version(connection)
        yield replace(log_in_at(here, connection, needs), machine=OwnMachine(here))


def _confirmed(act: Any, admin: AtServer) -> Any:
    """Print the subject of an act, and return the act as it was looked up, once the person agrees."""
    from till.cli.asking import AnswerReader

    admin.author()
    prepared = act.look_up(admin)
    note(f"{prepared.title}.")
    for label, text in prepared.facts:
        if text:
            note(f"{label}: {text}")
    if not AnswerReader().agrees(_("Do it?")):
        raise AdministrationError(_("Nothing was changed."))
    return prepared.act


def carry_out(act: AdminAction, keyed: Callable[[AdminAction], AdminAction] = lambda act: act) -> None:
    """Do an act for the person who runs the command, who needs its role. Print its sentence, and its hints.

    Args:
        act: the act.
        keyed: returns the act with the secret that it needs, after asking for it.
    """
    act = act.checked()
    opened = administration if act.of_owner else management
    with opened(Surroundings.find(), act.needs) as admin:
        act.check(admin)
        if act.confirms:
            act = _confirmed(act, admin)
        sentence = keyed(act).do(admin)
        hints = [*act.hints(admin)]
    say(sentence)
    for hint in hints:
        note(hint)
