"""Calls of the database functions for administration, and their errors."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final, Protocol

from msgspec import Struct
from typing_extensions import override

from till.domain.errors import ConfigError, TillError
from till.domain.i18n import N_, _
from till.domain.venue import Venue, read_venue

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    import psycopg

    from till.ports.desk import PhoneLink

#: The class of SQLSTATEs for refusals by the project's functions, each with a sentence.
_OURS: Final = "TL"


class AdministrationError(TillError):
    """An act that the database refused."""

    code = "administration"
    default = N_("The database refused that.")


class OwnerOnlyError(ConfigError):
    """An act that needs the rights of the database's owner, on a machine without them."""

    code = "owner_only"
    default = N_(
        "That needs the rights of the database's owner. Run it on the machine whose config.toml names "
        "database.owner_url: the one where `till init` ran, if nobody chose another."
    )


def call(connection: psycopg.Connection[Any], function: str, *values: Any) -> Any:
    """Call a function of schema `till`; a dictionary is sent as JSONB."""
    import psycopg
    from psycopg import sql
    from psycopg.types.json import Jsonb

    places = sql.SQL(", ").join(sql.Placeholder() * len(values))
    query = sql.SQL("SELECT {}({})").format(sql.Identifier("till", function), places)
    try:
        row = connection.execute(
            query, [Jsonb(value) if isinstance(value, dict) else value for value in values]
        ).fetchone()
    except psycopg.Error as problem:
        if (problem.sqlstate or "").startswith(_OURS) and problem.diag.message_primary:
            raise AdministrationError(problem.diag.message_primary) from problem
        raise
    return row[0] if row else None


def nobody() -> None:
    """Return None: the author is the owner of the database."""


class ThisMachine(Protocol):
    """This machine, for acts that enrol a till on it."""

    def enrol(
        self,
        at: AtServer,
        number: int,
        name: str,
        stations: tuple[str, ...] | None,
        *,
        replace: bool,
        no_money: bool | None = False,
    ) -> bool:
        """Enrol this machine as a till. Return True if it is a screen of the kitchen."""
        ...

    def check_serving(self) -> None:
        """Refuse a machine whose address phones do not know."""
        ...

    def link(self, number: int, venue: str = "", language: str = "") -> PhoneLink:
        """Return a new link for the phone of a till of this machine; `venue` is the name that its page shows first."""
        ...

    def is_phone(self, number: int) -> bool:
        """Return True if a till of this machine is a phone's."""
        ...


class AtServer(Struct, frozen=True, kw_only=True):
    """The database functions of a store on an open connection, called for one person.

    Attributes:
        connection: the connection.
        store_id: the venue.
        author: returns the staff number of the person, perhaps after a prompt; None for the owner of the database.
        is_embedded: True for the embedded database, which other machines cannot reach.
        machine: this machine; None if it may enrol no till.
    """

    connection: psycopg.Connection[Any]
    store_id: str
    author: Callable[[], int | None] = nobody
    is_embedded: bool = False
    machine: ThisMachine | None = None

    @property
    def actor(self) -> int | None:
        """The staff number of the person who acts; None for the owner of the database."""
        return self.author()

    def ask(self, function: str, *values: Any) -> Any:
        """Call a reading function of schema `till`. Its first argument is the store.

        Raises:
            AdministrationError: the function refused, with its sentence.
        """
        return call(self.connection, function, self.store_id, *values)

    def act(self, function: str, *values: Any) -> Any:
        """Call a writing function of schema `till`. Its first arguments are the store and the actor."""
        return call(self.connection, function, self.store_id, self.actor, *values)

    def own_machine(self) -> ThisMachine:
        """Return this machine.

        Raises:
            AdministrationError: it may enrol no till.
        """
        if self.machine is None:
            raise AdministrationError(_("This machine has the rights of a till only: do it where the owner's are."))
        return self.machine

    def now(self) -> datetime:
        """Return the time of the database, since the local clock may be wrong."""
        moment: datetime = self.connection.execute("SELECT now()").fetchall()[0][0]
        return moment

    def venue(self) -> Venue:
        """Return the settings of the venue."""
        return read_venue(self.ask("venue"))


class AtTill(AtServer, frozen=True, kw_only=True):
    """The functions that a manager may call from a till's machine, on a connection with the rights of tills.

    Attributes:
        till: the number of the till.
        secret: the secret of the till.
        token: the token from the manager's password.
    """

    till: int
    secret: str
    token: str

    @override
    def ask(self, function: str, *values: Any) -> Any:
        return self._manage(function, values)

    @override
    def act(self, function: str, *values: Any) -> Any:
        return self._manage(function, values)

    def _manage(self, function: str, values: tuple[Any, ...]) -> Any:
        facts = {"store": self.store_id, "till": self.till, "secret": self.secret, "token": self.token}
        asked = {**facts, "call": function, "values": [getattr(value, "obj", value) for value in values]}
        return ask_as_till(self.connection, "manage_v1", asked)["value"]


def ask_as_till(connection: psycopg.Connection[Any], function: str, asked: dict[str, Any]) -> dict[str, Any]:
    """Call a function for tills, and return its answer.

    Raises:
        AdministrationError: the function refused, with its sentence.
    """
    answer: dict[str, Any] = json.loads(call(connection, function, json.dumps(asked, default=str)))
    if not answer["ok"]:
        if answer["code"] == "needs_owner":
            raise OwnerOnlyError
        raise AdministrationError(answer["detail"])
    return answer
