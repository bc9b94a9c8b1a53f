"""The restore of a backup into a new database, which then swaps names with the old one."""

from __future__ import annotations

import re
import secrets
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg import errors, sql

from db import migrate, roles
from db.backups import tools
from db.backups.errors import (
    BeingRestoredError,
    MayNotRestoreError,
    NewerBackupError,
    NotABackupError,
    NotRestoredError,
    TradesError,
)
from db.backups.taking import note_backup
from db.engine import connect, reason
from db.errors import NewerDatabaseError, NoDatabaseError, OlderDatabaseError
from db.preparing import TEMPLATE
from db.turns import name_session
from db.words import _

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from db.address import Address
    from db.backups.tools import Tools

#: The database to connect to when others are created and renamed: a database in use cannot be renamed.
_MAINTENANCE = "postgres"
#: Seconds during which reconnecting tills are disconnected again.
_PATIENCE_S = 30.0
_CREATED = re.compile(r"Archive created at (?P<at>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d) UTC")
#: The message of `pg_restore` for a dump in a newer format.
_UNKNOWN_FORMAT = "unsupported version ("
_TURN = "SELECT pg_advisory_lock(hashtextextended('till restore ' || %s, 0))"
#: Seconds between two looks for sessions that this role may not end.
_LOOK_S = 0.5
#: The sessions in a database with their roles. The server's own workers have none, and do not block renaming.
_SESSIONS = """FROM pg_stat_activity AS a JOIN pg_roles AS r ON r.oid = a.usesysid
    WHERE a.datname = ANY(%s) AND a.pid <> pg_backend_pid()"""
#: PostgreSQL's rule for `pg_terminate_backend`.
_MAY_END = """((SELECT rolsuper FROM pg_roles WHERE rolname = current_user) OR NOT r.rolsuper
    AND (pg_has_role(r.oid, 'USAGE') OR pg_has_role('pg_signal_backend', 'USAGE')))"""
_DISCONNECT = f"SELECT pg_terminate_backend(a.pid) {_SESSIONS} AND {_MAY_END}"
_HOLDERS = f"SELECT a.pid, r.rolname, a.application_name {_SESSIONS} AND NOT {_MAY_END} ORDER BY 1"
#: The programs that may log in, and whose role this server does not have.
_SHUT_OUT = """SELECT p.name FROM till.programs AS p
    WHERE p.revoked_at IS NULL AND NOT EXISTS (SELECT FROM pg_roles AS r WHERE r.rolname = p.role) ORDER BY 1"""


@dataclass(frozen=True, slots=True)
class Restored:
    """The result of a restore.

    Attributes:
        before: the new name of the old database; empty if there was none.
        venues: the names of the restored venues.
        programs: the programs that cannot log in: their roles belong to another server.
    """

    before: str
    venues: tuple[str, ...]
    programs: tuple[str, ...]


def restore(
    owner: Address,
    file: Path,
    *,
    replace: bool = False,
    approve: Callable[[Address], None] | None = None,
    tell: Callable[[str], None] = lambda _sentence: None,
) -> Restored:
    """Replace a database by a backup, upgraded to this program. Its tills are disconnected for a moment.

    It waits for sessions in the database that this role may not end.

    Args:
        owner: the address as `till_owner` or as a superuser, who may create databases.
        file: a backup of `take`.
        replace: replace even a database with a venue.
        approve: called with the address of the new database before the names are swapped; raises to stop.
        tell: called with a sentence that names the sessions it waits for.

    Raises:
        DatabaseError: as `connect` and `migrate.upgrade`, or one of `db.backups.errors`; the database is unchanged.
    """
    with connect(owner.on(_MAINTENANCE)) as maintenance:
        _take_turn(maintenance, owner)
        own = tools.find(maintenance.info.server_version // 10_000, owner)
        made_at = _check(own, file, f"{owner.host}:{owner.port}")
        there = _venues(owner)
        if there and not replace:
            raise TradesError(dbname=owner.dbname, venues=", ".join(there))
        _clear(maintenance, f"{owner.dbname[:40]}_restoring_")
        draft = f"{owner.dbname[:40]}_restoring_{secrets.token_hex(4)}"
        _make(maintenance, owner, draft)
        try:
            _fill(own, owner.on(draft), file)
            if made_at is not None:
                note_backup(owner.on(draft), made_at)
            with connect(owner.on(draft)) as connection:
                connection.execute("SELECT till.note_restored()")
                programs = tuple(str(name) for (name,) in connection.execute(_SHUT_OUT))
            venues = _venues(owner.on(draft)) or ()
            if approve is not None:
                approve(owner.on(draft))
            before = _swap_names(maintenance, owner.dbname, draft, there is not None, tell)
        except BaseException:
            _drop(maintenance, draft)
            raise
        if before and _is_empty(owner.on(before)):
            _drop(maintenance, before)
            before = ""
    return Restored(before, venues, programs)


def _take_turn(maintenance: psycopg.Connection[Any], owner: Address) -> None:
    """Refuse a concurrent restore. Waits a second, because an ended one holds its turn until it has disconnected."""
    with maintenance.transaction():
        maintenance.execute("SET LOCAL lock_timeout = '1s'")
        try:
            maintenance.execute(_TURN, [owner.dbname])
        except errors.LockNotAvailable as problem:
            raise BeingRestoredError(place=f"{owner.host}:{owner.port}") from problem


def _check(own: Tools, file: Path, place: str) -> datetime | None:
    """Refuse a file that is not a complete backup of a till. Return the time of the backup; None if unknown."""
    if not file.is_file():
        raise NotABackupError(file=file, reason=_("it is not a file") if file.exists() else _("there is no such file"))
    why = own.run("pg_restore", "--file=-", file)
    if _UNKNOWN_FORMAT in why and tools.is_dump(file):
        raise NewerBackupError(file=file, version=tools.dumped_from(file), place=place)
    if why:
        raise NotABackupError(file=file, reason=why)
    contents = own.contents(file)
    if "TABLE till schema_info" not in contents:
        raise NotABackupError(file=file, reason=_("it holds something else"))
    made = _CREATED.search(contents)
    return datetime.strptime(made["at"], "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC) if made else None


def _venues(address: Address) -> tuple[str, ...] | None:
    """Return the venues in a database; None if there is no such database."""
    try:
        with connect(address) as connection:
            if connection.execute("SELECT to_regclass('till.stores')").fetchone() == (None,):
                return ()
            rows = connection.execute("SELECT name FROM till.stores ORDER BY created_at").fetchall()
    except NoDatabaseError:
        return None
    return tuple(str(name) for (name,) in rows)


def _is_empty(address: Address) -> bool:
    """True if a database has no objects of its own."""
    query = "SELECT NOT EXISTS (SELECT FROM pg_class WHERE relnamespace::regnamespace::text !~ '^(pg_|information_)')"
    with connect(address) as connection:
        return connection.execute(query).fetchone() == (True,)


def _clear(maintenance: psycopg.Connection[Any], named: str) -> None:
    """Drop the databases that killed restores left. No other restore is running."""
    left = maintenance.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [named]).fetchall()
    for (name,) in left:
        _drop(maintenance, str(name))


def _drop(maintenance: psycopg.Connection[Any], name: str) -> None:
    maintenance.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def _make(maintenance: psycopg.Connection[Any], owner: Address, name: str) -> None:
    """Create an empty database, from the prepared template if possible: rights revoked there stay revoked."""
    make = sql.SQL("CREATE DATABASE {} ENCODING 'UTF8'").format(sql.Identifier(name))
    prepared = maintenance.execute("SELECT FROM pg_database WHERE datname = %s", [TEMPLATE]).fetchone() is not None
    try:
        try:
            maintenance.execute(make + sql.SQL(f" TEMPLATE {TEMPLATE}") if prepared else make)
        except (errors.InvalidParameterValue, errors.ObjectInUse):
            maintenance.execute(make + sql.SQL(" TEMPLATE template0"))
    except errors.InsufficientPrivilege as problem:
        place = f"{owner.host}:{owner.port}"
        raise MayNotRestoreError(user=owner.user, place=place, reason=reason(problem)) from problem
    except psycopg.Error as problem:
        raise NotRestoredError(reason=reason(problem)) from problem


def _fill(own: Tools, draft: Address, file: Path) -> None:
    """Restore the whole backup or nothing: first the roles, then the backup, then the upgrade."""
    with connect(draft) as connection, connection.transaction():
        roles.make(connection)
        roles.become_owner(connection)
    named = f"dbname={draft.dbname}"
    arguments = ("--exit-on-error", "--single-transaction", "--no-owner", f"--role={roles.OWNER}", "--dbname", named)
    why = own.run("pg_restore", *arguments, file, address=draft)
    if why:
        raise NotRestoredError(reason=why)
    try:
        migrate.upgrade(draft)
    except OlderDatabaseError as problem:
        raise NotRestoredError(reason=_("it is older than this till, from before the first release")) from problem
    except NewerDatabaseError as problem:
        raise NotRestoredError(reason=_("it belongs to a newer till. Upgrade this till")) from problem


def _wait_for_others(maintenance: psycopg.Connection[Any], databases: list[str], tell: Callable[[str], None]) -> bool:
    """Wait until no session that this role may not end is left. Return True if there were any.

    Tills continue in the old database meanwhile.
    """
    named: set[str] = set()
    while names := [name_session(*row) for row in maintenance.execute(_HOLDERS, [databases])]:
        if not named.issuperset(names):
            sentence = _(
                "The restore waits for {names}, which only a superuser can end. Close that program: then it continues. "
                "Ctrl+C cancels it, and nothing changes."
            )
            tell(sentence.format(names=", ".join(names)))
            named.update(names)
        time.sleep(_LOOK_S)
    return bool(named)


def _swap_names(
    maintenance: psycopg.Connection[Any], name: str, draft: str, there: bool, tell: Callable[[str], None]
) -> str:
    """Swap the names in one transaction. Return the new name of the old database; empty if there was none."""
    before = f"{name[:38]}_before_{datetime.now(UTC):%Y%m%d_%H%M%S}" if there else ""
    rename = sql.SQL("ALTER DATABASE {} RENAME TO {}")
    both = [name, draft]
    give_up = time.monotonic() + _PATIENCE_S
    while True:
        if _wait_for_others(maintenance, both, tell):
            give_up = time.monotonic() + _PATIENCE_S
        try:
            with maintenance.transaction():
                maintenance.execute(_DISCONNECT, [both])
                if before:
                    maintenance.execute(rename.format(sql.Identifier(name), sql.Identifier(before)))
                maintenance.execute(rename.format(sql.Identifier(draft), sql.Identifier(name)))
        except errors.ObjectInUse as problem:
            if time.monotonic() > give_up:
                raise NotRestoredError(reason=reason(problem)) from problem
        except psycopg.Error as problem:
            raise NotRestoredError(reason=reason(problem)) from problem
        else:
            return before
