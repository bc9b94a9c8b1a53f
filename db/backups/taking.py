"""Taking a backup. It is written and verified under a draft name, and then renamed."""

from __future__ import annotations

import os
import re
import secrets
import shutil
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from db.backups import tools
from db.backups.errors import BackupThereError, NoFolderError, NoRoomError, NotRemovedError, NotTakenError
from db.engine import connect
from db.words import _

if TYPE_CHECKING:
    from pathlib import Path

    import psycopg

    from db.address import Address

_OWNER_ONLY = 0o600
#: The bytes of all tables without indexes. A backup of two weeks of sales was 22 % of them: a fifth refuses none that
#: fits.
_TABLES = "SELECT coalesce(sum(pg_table_size(oid)), 0)::bigint FROM pg_class WHERE relkind = 'r' AND NOT relisshared"
_SHARE = 5
#: The names that `new_file` gives.
_NAMED = re.compile(r"till-\d{8}-\d{6}\.dump")


@dataclass(frozen=True, slots=True)
class Backup:
    """A backup.

    Attributes:
        at: the time of its state, by the server's clock.
    """

    file: Path
    size: int
    at: datetime


def new_file(folder: Path, now: datetime) -> Path:
    """Return the path of a backup in a folder, named after the time in UTC."""
    return folder / f"till-{now:%Y%m%d-%H%M%S}.dump"


def remove_older(taken: Path, keep: int) -> list[Path]:
    """Remove the oldest backups in the folder of a new one, and return them. Files with other names stay.

    Args:
        taken: the new backup, which stays.
        keep: the number of backups to keep, with the new one.
    """
    others = sorted(path for path in taken.parent.iterdir() if _NAMED.fullmatch(path.name) and path != taken)
    removed = others[: max(len(others) - keep + 1, 0)]
    for path in removed:
        try:
            path.unlink(missing_ok=True)
        except OSError as problem:
            raise NotRemovedError(taken=taken, file=path, reason=problem.strerror) from problem
    return removed


def take(owner: Address, file: Path) -> Backup:
    """Write a backup of a database to a new file that only its owner may read. Tills can sell meanwhile.

    Args:
        owner: the address as `till_owner`, or as a superuser.
        file: the path, which must not exist.
    """
    if file.exists():
        raise BackupThereError(file=file)
    if not file.parent.is_dir():
        raise NoFolderError(folder=file.parent)
    with connect(owner) as connection:
        own = tools.find(connection.info.server_version // 10_000, owner)
        at = _value(connection, "SELECT now()")
        if _value(connection, "SELECT to_regclass('till.schema_info')") is None:
            raise NotTakenError(reason=_("the database {name} holds no data of a till").format(name=owner.dbname))
        needed = _value(connection, _TABLES) // _SHARE
    if (free := shutil.disk_usage(file.parent).free) < needed:
        raise NoRoomError(folder=file.parent, free=f"{free / 1e6:.1f}", needed=f"{needed / 1e6:.1f}")
    draft = file.with_name(f".{file.name}.{secrets.token_hex(4)}.part")
    try:
        os.close(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, _OWNER_ONLY))
        why = own.run("pg_dump", "--format=custom", f"--file={draft}", address=owner)
        why = why or own.run("pg_restore", "--file=-", draft)  # reads the whole file
        if why:
            raise NotTakenError(reason=why)
        _sync(draft)
        size = draft.stat().st_size
        _publish(draft, file)
    except OSError as problem:
        raise NotTakenError(reason=f"{file}: {problem.strerror}") from problem
    finally:
        draft.unlink(missing_ok=True)
    with suppress(OSError):  # some file systems cannot sync a folder
        _sync(file.parent)
    return Backup(file, size, at.astimezone(UTC))


def note_backup(owner: Address, at: datetime) -> bool:
    """Record the time of a backup in the database. Its tills are notified.

    Returns:
        True if it was recorded; False in a database that is older than this program.
    """
    with connect(owner) as connection:
        knows = _value(connection, "SELECT to_regprocedure('till.note_backup(timestamptz)')") is not None
        if knows:
            connection.execute("SELECT till.note_backup(%s)", [at])
    return knows


def last_backup(connection: psycopg.Connection[Any]) -> datetime | None:
    """Return the time of the last backup of an up-to-date database; None if there is none."""
    found = _value(connection, "SELECT max(value)::timestamptz FROM till.schema_v1() WHERE key = 'backup'")
    return found.astimezone(UTC) if found else None


def _value(connection: psycopg.Connection[Any], query: str) -> Any:
    row = connection.execute(query.encode()).fetchone()
    return row[0] if row else None


def _publish(draft: Path, file: Path) -> None:
    """Rename the file unless the name exists. Some file systems have no hard links."""
    try:
        os.link(draft, file)
    except FileExistsError:
        raise BackupThereError(file=file) from None
    except OSError:
        if file.exists():
            raise BackupThereError(file=file) from None
        draft.rename(file)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
