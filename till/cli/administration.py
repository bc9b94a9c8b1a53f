"""The administration functions of the database, called for one store and on behalf of one person."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from till.cli.authority import authorize
from till.cli.calls import call
from till.cli.grounds import owner_connection
from till.cli.venues import check_known, hold_own
from till.domain.errors import ConfigError
from till.domain.i18n import _
from till.domain.staff.person import Role
from till.domain.venue import Venue, read_venue

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    import psycopg

    from db.address import Address
    from till.cli.surroundings import Surroundings
    from till.config import HeldVenue


@dataclass(frozen=True, slots=True)
class Administration:
    """One store's administration over an open connection.

    Attributes:
        owner: the way in that the connection was opened by, for who reads over one of its own.
        actor: the staff number of who runs the command; None for the owner of the database.
    """

    owner: Address
    connection: psycopg.Connection[Any]
    held: HeldVenue
    actor: int | None = None

    @property
    def store_id(self) -> str:
        return self.held.store_id

    def ask(self, function: str, *values: Any) -> Any:
        """Call a function of schema `till` that reads: it takes the store first.

        Raises:
            AdministrationError: it refused; the sentence is the function's own.
        """
        return call(self.connection, function, self.store_id, *values)

    def act(self, function: str, *values: Any) -> Any:
        """Call a function of schema `till` that changes something: it takes the store and the actor first.

        Raises:
            AdministrationError: it refused, and nothing was changed; the sentence is the function's own.
        """
        return call(self.connection, function, self.store_id, self.actor, *values)

    def now(self) -> datetime:
        """The time of the database: the clock of the machine that asks may be wrong."""
        moment: datetime = self.connection.execute("SELECT now()").fetchall()[0][0]
        return moment

    def venue(self) -> Venue:
        """The settings of the venue."""
        return read_venue(self.ask("venue"))


def _refuse_nowhere(here: Surroundings) -> None:
    """Refuse before a database is started, or made, for nothing: who looks for something makes none."""
    is_made = not here.is_embedded or here.server.status().state != "not made"
    if here.config_file is None or not is_made:
        held = here.venue
        if not is_made:
            sentence = _(
                "The database of {name} is not there. `till db upgrade` makes it again from what its tills keep."
            )
            raise ConfigError(sentence.format(name=held.name))


@contextmanager
def administration(here: Surroundings, needs: Role | None = Role.MANAGER) -> Iterator[Administration]:
    """Administer the venue that the data folder holds, after whoever runs the command has shown who they are.

    Args:
        here: config and folders.
        needs: the role without which it is refused; an admin may all that a manager may. None for what the owner of
            the database may do as such: the way in is the owner's alone.

    Raises:
        ConfigError: the folder holds no venue, or the database does not fit this till.
        LoginError: the person did not show who they are.
        RightsError: the person may not.
        DatabaseError: the database cannot be reached.
    """
    _refuse_nowhere(here)
    with owner_connection(here) as (owner, connection):
        hold_own(here, connection)
        held = here.venue
        check_known(here, connection, held)
        actor = authorize(here, connection, held.store_id, needs) if needs is not None else None
        yield Administration(owner, connection, held, actor)
