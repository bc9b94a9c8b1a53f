"""The replacement of a damaged journal, or an older copy. A crash at any moment loses neither file."""

from __future__ import annotations

import os
from contextlib import closing
from datetime import UTC, datetime
from itertools import count
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from till.domain import structs
from till.domain.events.envelope import SERVER, sha256
from till.domain.events.registry import SHIFT
from till.domain.i18n import _, ngettext
from till.journal import documents, schema, sessions
from till.journal import jobs as print_jobs
from till.journal import meta as facts
from till.journal.rows import list_of, sealed_row
from till.journal.side_page import END, TYPED, SidePage
from till.ports import SessionMark
from till.ports.printer import JobState

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator
    from pathlib import Path

    from till.journal.salvage import Salvage

_READY: Final = ".replacement"
_LOG: Final = "-wal"
#: The word in the name of a replaced file; True for an older copy.
_WHY: Final = {False: "damaged", True: "older"}


class SetAside(Struct, frozen=True):
    """A replaced journal.

    Attributes:
        path: the path of the file.
        is_older: True for an older copy, whose end differs from the database's; False for a damaged journal.
        is_log: True for a log alone, whose end could not be read.
    """

    path: Path
    is_older: bool
    is_log: bool = False


def make(path: Path, identity: facts.JournalIdentity, found: Salvage | None = None) -> None:
    """Create a journal at `path` with the salvaged content of the previous one. It is complete on return."""
    _clear(path)
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        with closing(schema.connect(path)) as connection:
            schema.upgrade(connection, 0)
            connection.execute("BEGIN IMMEDIATE")
            facts.put(connection, "identity", identity.sealed())
            facts.put(connection, "clean", "1")
            if found:
                _fill(connection, identity, found)
            connection.execute("COMMIT")
    except BaseException:
        _clear(path)  # an incomplete file takes space that may be missing
        raise


def _clear(path: Path) -> None:
    for ending in (*schema.ENDINGS, "-journal"):
        path.with_name(path.name + ending).unlink(missing_ok=True)


def _fill(connection: sqlite3.Connection, identity: facts.JournalIdentity, found: Salvage) -> None:
    from till.journal import salvage  # noqa: PLC0415 - only for a damaged journal

    previous = found.previous(identity.till, identity.store_id)
    if previous:
        facts.put(connection, "previous", f"{previous.journal_id} {facts.head_text(previous.head)}")
    if missing := found.missing(previous):
        facts.put(connection, "missing", missing.text())
    gap = found.drawer_gap(identity.till, previous) if previous else ""
    if gap:
        facts.put(connection, "drawer_gap", gap)
    erased = found.erased
    for event in found.events.values():
        sealed, body, texts = sealed_row(event)
        row = (event.id, event.stream_id, list_of(event), "", sealed, body, "" if event.id in erased else texts)
        connection.execute("INSERT INTO received VALUES (?, ?, ?, ?, ?, ?, ?)", row)
    if last_id := max((event.id for event in found.events.values() if event.till == identity.till), default=None):
        facts.put(connection, "last_id", last_id)
    unsent = found.unsent(identity.till, previous)
    connection.executemany("INSERT INTO salvaged VALUES (?)", [(event.id,) for event in unsent])
    kept = [(name, documents.seal_document(name, 0, text)) for name, text in found.cache]
    connection.executemany("INSERT OR IGNORE INTO cache VALUES (?, 0, ?)", kept)
    # one that waited may be on paper from the damaged journal: a person says if it is printed again
    print_jobs.put(connection, (structs.replace(one, state=JobState.UNKNOWN) for one in found.jobs.values()))
    to_send = {event.session_id for event in unsent}
    # another till may have more events: the database's answer ends following the rest
    shared = {event.session_id for event in found.events.values() if event.till not in {identity.till, SERVER}}
    for session_id, (user, finished) in salvage.sessions_of(found, identity.till, to_send).items():
        followed = not finished or session_id in to_send or session_id in shared
        sessions.keep(connection, SessionMark(session_id, user, open=followed), closed=finished)
    for (kind, stream_id), events in salvage.others_of(found.events.values()).items():
        for opened in [event for event in events if event.data.opens][:1]:
            sessions.begin(connection, opened)
        if salvage.is_over(kind, stream_id, events) or (gap and kind == SHIFT):  # nobody here can close it
            sessions.close(connection, stream_id)


def replace(path: Path, identity: facts.JournalIdentity) -> tuple[Path, str, str]:
    """Replace the journal at `path` with a new one. Return its new path, the event as a sentence, and that path as one.

    Raises:
        OSError, sqlite3.Error: for instance no space for the new file. The old file is unchanged.
    """
    from till.journal import salvage  # noqa: PLC0415 - only for a damaged journal

    found = salvage.read(path, path.with_name(path.name + ".reading"))
    is_older = found.meta.get("condemned") == facts.PARTED
    aside = _free_name(path, _WHY[is_older])
    making = path.with_name(path.name + ".making")
    with closing(SidePage(path, END)) as end:
        found.last_event = end.last_event()
    make(making, identity, found)
    making.rename(aside.with_name(aside.name + _READY))
    finish(path)
    event, kept = _sentences(aside, len(found.events), is_older=is_older)
    previous = found.previous(identity.till, identity.store_id)
    if previous and found.drawer_gap(identity.till, previous):
        kept += " " + _("The drawer cannot be added up here: F11 counts it.")
    return aside, event, kept


def finish(path: Path) -> None:
    """Move a completed replacement into place, also after a crash."""
    for ready in [ready for why in _WHY.values() for ready in _named(path, why, _READY)]:
        aside = ready.with_name(ready.name.removesuffix(_READY))
        for ending in schema.ENDINGS:
            old = path.with_name(path.name + ending)
            if old.exists():
                old.chmod(0o600)  # other users must not read the replaced files
                old.rename(aside.with_name(aside.name + ending))
        ready.rename(path)
    sync_folder(path)


def put_beside(path: Path, journal_id: str) -> Path:
    """Rename a journal with all its files, so that another can begin at `path`. Return its new path.

    The name follows from the journal, so that a renaming that a crash broke off is finished by the next call: the
    journal itself comes last. No file is overwritten.
    """
    endings = (*schema.ENDINGS[1:], TYPED, END, schema.ENDINGS[0])
    there = [ending for ending in endings if path.with_name(path.name + ending).exists()]
    names = (path.with_name(f"{path.stem}-{sha256(f'{journal_id} {n}')[:8]}{path.suffix}") for n in count())
    beside = next(one for one in names if not any(one.with_name(one.name + e).exists() for e in ("", *there)))
    for ending in there:
        path.with_name(path.name + ending).rename(beside.with_name(beside.name + ending))
    sync_folder(path)
    return beside


def keep_dropped(path: Path, log: bytes) -> Path:
    """Write a log whose end SQLite drops to a file, durably. Return its path."""
    aside = _free_name(path, _WHY[False])
    kept = aside.with_name(aside.name + _LOG)
    with os.fdopen(os.open(kept, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600), "wb") as file:
        file.write(log)
        file.flush()
        os.fsync(file.fileno())
    sync_folder(path)
    return kept


def sync_folder(path: Path) -> None:
    """Sync the folder of a file to disk."""
    folder = os.open(path.parent, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def set_aside_beside(path: Path) -> list[SetAside]:
    """Return the replaced journals of this folder by kind, oldest first, then the logs."""
    journals = [
        SetAside(file, is_older)
        for is_older, why in _WHY.items()
        for file in sorted(_named(path, why))
        if file.suffix == path.suffix
    ]
    logs = sorted(_named(path, _WHY[False], _LOG))
    return [
        *journals,
        *(
            SetAside(log, is_older=False, is_log=True)
            for log in logs
            if not log.with_name(log.name.removesuffix(_LOG)).exists()
        ),
    ]


def _named(path: Path, why: str, ending: str = "") -> Iterator[Path]:
    return path.parent.glob(f"{path.stem}.{why}-*{path.suffix}{ending}")


def _free_name(path: Path, why: str) -> Path:
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S")
    names = (
        path.with_name(f"{path.stem}.{why}-{stamp}{more}{path.suffix}")
        for more in ("", *map("-{}".format, range(1, 1000)))
    )
    return next(name for name in names if not any(name.with_name(name.name + e).exists() for e in schema.ENDINGS))


def _sentences(aside: Path, count: int, *, is_older: bool) -> tuple[str, str]:
    """Return a sentence on the event, and one with the name of the replaced file."""
    if is_older:
        event = _("The journal of this till was an older copy.")
        kept = ngettext(
            "It is kept as {name}; {count} record is carried over.",
            "It is kept as {name}; {count} records are carried over.",
            count,
        )
    else:
        event = _("The journal of this till was damaged.")
        kept = ngettext(
            "It is kept as {name}; {count} record was read from it.",
            "It is kept as {name}; {count} records were read from it.",
            count,
        )
    return event, kept.format(name=aside.name, count=count)
