"""Connections to the database: as its owner for a command, and as a till for a screen."""

from __future__ import annotations

import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct

from till.administration.calls import AtTill, OwnerOnlyError, call
from till.cli.output import note
from till.config import held_venue
from till.domain.advice import Advice
from till.domain.errors import ConfigError, TillError
from till.domain.i18n import N_, _
from till.domain.structs import replace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import psycopg

    from db.address import Address
    from db.embedded import EmbeddedServer, Lease
    from db.schema import SchemaState
    from till.administration.calls import AtServer
    from till.cli.environment import Surroundings
    from till.sync.settings import ConnectionFacts

#: Seconds to wait for another command that makes the database, and between two looks.
_MAKING_S: Final = 30.0
_LOOKS_S: Final = 0.2


class LeasedDatabase(Struct):
    """The running database of a till. Call `release` when the till closes.

    Attributes:
        facts: the address and the secret with which the till connects.
    """

    facts: ConnectionFacts
    _look: Callable[[], ConnectionFacts]
    _lease: Lease | None
    _tell: Callable[[str], None]

    def renew(self) -> ConnectionFacts:
        """Restart the embedded server if it was killed, and return the current facts. Blocks."""
        if self._lease is not None:
            self._lease.server.ensure_running(self._tell)
        self.facts = self._look()
        return self.facts

    def release(self) -> None:
        """Release the lease on the embedded server; the last till stops it. Blocks. A second call does nothing."""
        if self._lease is not None:
            self._lease.release()


class SuperuserOwnerError(ConfigError):
    """A superuser of the server where the config names the database's owner."""

    code = "superuser"
    default = N_("The config connects as a superuser of the server.")

    @classmethod
    def of(cls, user: str) -> SuperuserOwnerError:
        """Return the error for a user."""
        return cls(Advice(*superuser_parts(user)))


def superuser_parts(user: str) -> tuple[str, str]:
    """Return the fault of a config that connects as a superuser, and its remedy."""
    lead = _("{user} in the config is a superuser of the server: whatever the database holds would run as one.")
    remedy = _("Name till_owner in database.owner_url; on the server `till db prepare` gives it a password.")
    return lead.format(user=user), remedy


@contextmanager
def owner_address(here: Surroundings, *, superuser_may: bool = False) -> Iterator[Address]:
    """Yield the address at which the owner connects. An embedded database runs until the context ends.

    Args:
        here: config and folders.
        superuser_may: yield even the address of a superuser of a server, guarded.

    Raises:
        SuperuserOwnerError: the config names a superuser of a server.
    """
    if not here.is_embedded:
        from db.engine import connect
        from db.roles import is_superuser

        with connect(here.owner) as connection:
            is_guarded = superuser_may and is_superuser(connection)
            if not is_guarded:
                refuse_superuser(connection)
                _refuse_other_users(here, connection)
        yield here.owner.guarded() if is_guarded else here.owner
        return
    server = here.server
    with server.acquire(_("a command"), note):
        yield server.owner()


def refuse_superuser(connection: psycopg.Connection[Any]) -> None:
    """Refuse a superuser as the owner of a server's database, as the first thing in a connection."""
    from db.roles import is_superuser

    if is_superuser(connection):
        raise SuperuserOwnerError.of(connection.info.user)


def _refuse_other_users(here: Surroundings, connection: psycopg.Connection[Any]) -> None:
    from db.roles import APP, is_owner

    user = connection.info.user
    if is_owner(connection):
        return
    if user == APP and not here.config.database.owner_url:
        raise OwnerOnlyError
    sentence = _("{user} does not own the database {dbname}: correct database.owner_url.")
    raise ConfigError(sentence.format(user=user, dbname=connection.info.dbname))


@contextmanager
def owner_connection(here: Surroundings) -> Iterator[tuple[Address, psycopg.Connection[Any]]]:
    """Yield the owner's address and an autocommit connection to a database of this till's version."""
    from db.engine import connect

    with owner_address(here) as owner, connect(owner) as connection:
        _wait_for_maker(here, connection)
        refuse_other_version(connection)
        yield owner, connection


def _wait_for_maker(here: Surroundings, connection: psycopg.Connection[Any]) -> None:
    """Wait while another command makes the tables and the venue of this folder."""
    from db.engine import read_state

    deadline = time.monotonic() + _MAKING_S
    while (
        here.is_embedded
        and len(here.server.status().holders) > 1
        and held_venue(here.folders) is not None
        and (read_state(connection).revision is None or not call(connection, "stores_v1"))
        and time.monotonic() < deadline
    ):
        time.sleep(_LOOKS_S)


class OtherVersionError(ConfigError):
    """A database of another version than this till. The sentence tells which of the two is older, and what to do."""

    code = "other_version"
    default = N_("The database is of another version. Run `till db status`.")


def refuse_other_version(connection: psycopg.Connection[Any]) -> None:
    """Refuse a database of another version than this till."""
    from db.engine import read_state

    state = read_state(connection)
    if state.verdict != "current":
        raise OtherVersionError(version_sentence(state, connection))


def version_sentence(state: SchemaState, connection: psycopg.Connection[Any]) -> Advice:
    """Return the sentence that tells if the database or this till is older, and who upgrades it: only the owner may."""
    from db.roles import is_owner

    if state.verdict != "behind" or state.revision is None or is_owner(connection):
        return Advice(*state.parts)
    return Advice.of(*state.parts, _("It runs on the machine whose config.toml names database.owner_url."))


def prepare_database(
    here: Surroundings, till: int, tell: Callable[[str], None], lease: Lease | None = None
) -> LeasedDatabase:
    """Return the running database of an enrolled till. Its secret is in the data folder.

    Args:
        here: config and folders.
        till: its number.
        tell: called with a sentence before slow work.
        lease: a lease on the embedded server that the caller already has.

    Raises:
        ConfigError: this till was never enrolled on this machine, or `database.url` is invalid.
    """
    secret_of(here, till)  # refuse before a server is started
    if here.is_embedded:
        lease = lease or take_lease(here.server, till, tell)

    def look() -> ConnectionFacts:
        """Read secret and password again: they may have been renewed."""
        secret = secret_of(here, till)
        if lease is not None:
            return _facts(lease.server.app(), secret)
        return replace(_facts(here.app, secret), by_superuser=names_superuser(here))

    return LeasedDatabase(look(), look, lease, tell)


def names_superuser(here: Surroundings) -> bool:
    """Return True if the config names a superuser. The server is asked only about a user of another name than ours."""
    import psycopg

    from db.engine import connect
    from db.errors import DatabaseError
    from db.roles import APP, OWNER, is_superuser

    with suppress(TillError, DatabaseError, psycopg.Error):  # reported where they are used
        user = here.owner.user
        if user not in {APP, OWNER}:
            with connect(here.app) as connection:
                return is_superuser(connection, user)
    return False


def secret_of(here: Surroundings, till: int) -> str:
    """Return the secret of a till of this machine."""
    secret = here.folders.read_secret(till)
    if secret is None:
        remedy = _("`till admin tills add {till} --here` enrols it, or `till enrol` with a code from another machine.")
        lead = _("Till {till} is not enrolled on this machine.")
        raise ConfigError(Advice(lead.format(till=till), remedy.format(till=till)))
    return secret


def helper_facts(here: Surroundings, admin: AtServer) -> ConnectionFacts:
    """Return the facts with which the owner or a manager sends the records of a till. The database must be running."""
    if isinstance(admin, AtTill):
        return _facts(here.app, admin.token)
    return _facts(here.server.owner() if here.is_embedded else here.owner, "")


def take_lease(server: EmbeddedServer, till: int, tell: Callable[[str], None]) -> Lease:
    """Take a lease that keeps the embedded server running for a till."""
    return server.acquire(_("Till {number}").format(number=till), tell)


def _facts(address: Address, secret: str) -> ConnectionFacts:
    from till.sync.settings import ConnectionFacts

    return ConnectionFacts(address.conninfo, secret, is_local=address.is_local)
