"""How a journal is opened: locked, looked at before anything is written, made when there is none."""

from __future__ import annotations

import os
import sqlite3
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from till.journal import meta as facts
from till.journal import schema
from till.journal.disk import Disk
from till.journal.errors import ForeignJournalError, plain, plain_os
from till.journal.lock import JournalLock
from till.journal.typed import TypedText

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Opened:
    """What was found at open.

    Attributes:
        created: whether the file was made now.
        broke_off: when the file was last written, if it was not closed cleanly then.
        notice: a sentence for the first screen; empty when there is nothing to say.
        set_aside: where a damaged file went.
    """

    disk: Disk
    typed: TypedText
    lock: JournalLock
    created: bool = False
    broke_off: datetime | None = None
    notice: str = ""
    set_aside: Path | None = None


def open_disk(path: Path, *, till: int, store_id: str, new_id: Callable[[], str], host: str) -> Opened:
    """Lock, look, make, upgrade; see `JournalFile.open`."""
    _make_folder(path)
    lock = JournalLock(path)
    try:
        written = _last_written(path)
        created = not path.exists()
        if created:
            _make(path, facts.Identity(new_id(), till, store_id, host))
        connection = _connect(path, till=till, store_id=store_id, host=host)
        clean = "clean" in facts.read_meta(connection)
        typed = TypedText(path)
    except sqlite3.Error as problem:
        lock.release()
        raise plain(problem, path) from problem
    except BaseException:
        lock.release()
        raise
    return Opened(Disk(connection, path), typed, lock, created, None if clean else written)


def _make_folder(path: Path) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as problem:
        raise plain_os(problem, path) from problem


def _last_written(path: Path) -> datetime | None:
    files = (path.with_name(path.name + ending) for ending in ("", "-wal", ".typed"))
    times = [file.stat().st_mtime for file in files if file.exists()]
    return datetime.fromtimestamp(max(times), UTC) if times else None


def _make(path: Path, identity: facts.Identity) -> None:
    """Make an empty journal under another name first, so that one of this name is always whole."""
    making = path.with_name(path.name + ".making")
    making.unlink(missing_ok=True)
    os.close(os.open(making, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    connection = schema.connect(making)
    try:
        schema.upgrade(connection, 0)
        connection.execute("BEGIN IMMEDIATE")
        facts.put(connection, "identity", identity.sealed())
        facts.put(connection, "clean", "1")
        connection.execute("COMMIT")
    finally:
        connection.close()
    making.rename(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _connect(path: Path, *, till: int, store_id: str, host: str) -> sqlite3.Connection:
    connection = schema.connect(path)
    try:
        revision = schema.revision_of(connection)
        identity = facts.identity_of(facts.read_meta(connection))
        _check_ours(path, identity, (till, store_id, host))
        schema.upgrade(connection, revision)
    except BaseException:
        connection.close()
        raise
    return connection


def _check_ours(path: Path, identity: facts.Identity, ours: tuple[int, str, str]) -> None:
    if (identity.till, identity.store_id, identity.host) != ours:
        raise ForeignJournalError(path, till=identity.till, store_id=identity.store_id, host=identity.host)
