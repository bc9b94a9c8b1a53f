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
from db.words import _

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from db.address import Address
    from db.backups.tools import Tools

#: The database from which others are made and renamed: a database cannot be renamed while in use.
_BESIDE = "postgres"
#: Seconds for which reconnecting tills are disconnected again.
_PATIENCE_S = 30.0
_MADE = re.compile(r"Archive created at (?P<at>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d) UTC")
#: The message of `pg_restore` for a dump in a newer format.
_UNKNOWN_FORMAT = "unsupported version ("
_TURN = "SELECT pg_advisory_lock(hashtextextended('till restore ' || %s, 0))"
#: The server's own workers have no user: they do not block renaming, and only a superuser may end them.
_SEND_AWAY = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE datname = %s AND usesysid IS NOT NULL AND pid <> pg_backend_pid()"
)


@dataclass(frozen=True, slots=True)
class Restored:
    """The result of a restore.

    Attributes:
        before: the present name of the old database; empty if there was none.
        venues: the names of the venues in it.
    """

    before: str
    venues: tuple[str, ...]


def restore(
    owner: Address, file: Path, *, replace: bool = False, approve: Callable[[Address], None] | None = None
) -> Restored:
    """Restore a backup in the place of a database, upgraded to this program. Its tills are disconnected for a moment.

    Args:
        owner: the address as `till_owner` or as a superuser, who may make databases.
        file: a backup that `take` wrote.
        replace: also replace a database with a venue.
        approve: called with the address of the new database before anything else changes; raises to stop.

    Raises:
        DatabaseError: as `connect` and `migrate.upgrade`, or one of `db.backups.errors`; the database is unchanged.
    """
    with connect(owner.on(_BESIDE)) as beside:
        _take_turn(beside, owner)
        own = tools.find(beside.info.server_version // 10_000, owner)
        made_at = _check(own, file, f"{owner.host}:{owner.port}")
        there = _venues(owner)
        if there and not replace:
            raise TradesError(dbname=owner.dbname, venues=", ".join(there))
        _clear(beside, f"{owner.dbname[:40]}_restoring_")
        draft = f"{owner.dbname[:40]}_restoring_{secrets.token_hex(4)}"
        _make(beside, owner, draft)
        try:
            _fill(own, owner.on(draft), file)
            if made_at is not None:
                note_backup(owner.on(draft), made_at)
            venues = _venues(owner.on(draft)) or ()
            if approve is not None:
                approve(owner.on(draft))
            before = _change_names(beside, owner.dbname, draft, there is not None)
        except BaseException:
            _drop(beside, draft)
            raise
        if before and _is_empty(owner.on(before)):
            _drop(beside, before)
            before = ""
    return Restored(before, venues)


def _take_turn(beside: psycopg.Connection[Any], owner: Address) -> None:
    """Refuse a second restore beside this one. One that just ended may hold its turn until its connection is gone."""
    with beside.transaction():
        beside.execute("SET LOCAL lock_timeout = '1s'")
        try:
            beside.execute(_TURN, [owner.dbname])
        except errors.LockNotAvailable as problem:
            raise BeingRestoredError(place=f"{owner.host}:{owner.port}") from problem


def _check(own: Tools, file: Path, place: str) -> datetime | None:
    """Refuse a file that is no complete backup of a till. Return when it was made, if it says so."""
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
    made = _MADE.search(contents)
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
    """True if nothing was ever made in a database."""
    query = "SELECT NOT EXISTS (SELECT FROM pg_class WHERE relnamespace::regnamespace::text !~ '^(pg_|information_)')"
    with connect(address) as connection:
        return connection.execute(query).fetchone() == (True,)


def _clear(beside: psycopg.Connection[Any], named: str) -> None:
    """Drop what a killed restore left: no other one is running."""
    left = beside.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [named]).fetchall()
    for (name,) in left:
        _drop(beside, str(name))


def _drop(beside: psycopg.Connection[Any], name: str) -> None:
    beside.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def _make(beside: psycopg.Connection[Any], owner: Address, name: str) -> None:
    """Make an empty database. The template's revoked rights stay revoked; one in another encoding cannot be used."""
    make = sql.SQL("CREATE DATABASE {} ENCODING 'UTF8'").format(sql.Identifier(name))
    prepared = beside.execute("SELECT FROM pg_database WHERE datname = %s", [TEMPLATE]).fetchone() is not None
    try:
        try:
            beside.execute(make + sql.SQL(f" TEMPLATE {TEMPLATE}") if prepared else make)
        except (errors.InvalidParameterValue, errors.ObjectInUse):
            beside.execute(make + sql.SQL(" TEMPLATE template0"))
    except errors.InsufficientPrivilege as problem:
        place = f"{owner.host}:{owner.port}"
        raise MayNotRestoreError(user=owner.user, place=place, reason=reason(problem)) from problem
    except psycopg.Error as problem:
        raise NotRestoredError(reason=reason(problem)) from problem


def _fill(own: Tools, draft: Address, file: Path) -> None:
    """Restore all of the backup or nothing: the roles before it, then what no backup contains."""
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


def _change_names(beside: psycopg.Connection[Any], name: str, draft: str, there: bool) -> str:
    """Give the draft the name in one moment. Return the new name of the old database."""
    before = f"{name[:38]}_before_{datetime.now(UTC):%Y%m%d_%H%M%S}" if there else ""
    rename = sql.SQL("ALTER DATABASE {} RENAME TO {}")
    give_up = time.monotonic() + _PATIENCE_S
    while True:
        try:
            with beside.transaction():
                for one in (name, draft):
                    beside.execute(_SEND_AWAY, [one])
                if before:
                    beside.execute(rename.format(sql.Identifier(name), sql.Identifier(before)))
                beside.execute(rename.format(sql.Identifier(draft), sql.Identifier(name)))
        except errors.ObjectInUse as problem:
            if time.monotonic() > give_up:
                raise NotRestoredError(reason=reason(problem)) from problem
        except psycopg.Error as problem:
            raise NotRestoredError(reason=reason(problem)) from problem
        else:
            return before
