"""The opening of a journal: lock it, check it before any write, and create or replace it if necessary."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from till.domain.advice import Advice
from till.domain.events.envelope import canonical, sha256
from till.domain.i18n import N_, _, ngettext
from till.journal import documents, replacing, schema
from till.journal import meta as facts
from till.journal.checking import check_open_orders, check_whole
from till.journal.disk import Disk
from till.journal.errors import (
    Failures,
    ForeignJournalError,
    JournalDamagedError,
    is_damage,
    not_writable_error,
    plain,
    plain_os,
)
from till.journal.lock import JournalLock
from till.journal.log import keep_log, look, read_log
from till.journal.rows import read_row
from till.journal.schema import ENDINGS
from till.journal.side_page import END, TYPED, SidePage
from till.ports import Head

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable
    from pathlib import Path

    from till.domain.events.envelope import Event
    from till.journal.log import Ending

_MAY_BE_PAID: Final = N_("An order here may be paid already: check the last receipts.")


class OpenedJournal(Struct, frozen=True):
    """The result of opening a journal.

    Attributes:
        disk: the connection.
        typed: the side file with the typed text.
        end: the side file with the id of the journal and the number of its last event.
        lock: the lock of this process.
        created: True if the file is new, or a replacement.
        broke_off: the time of the last write before an unclean end whose notice no screen had yet; None if there is
            none.
        found: a sentence on what was found wrong, which is true of a copy of the files too; empty if there is none.
        kept: a sentence with the name of a replaced file; empty if there is none.
        set_aside: the new path of a replaced file, damaged or an older copy.
        dropped: events that SQLite dropped with the end of the log, to be appended.
        dropped_log: the path of the dropped log until they are appended; None if there is none.
        missing: the numbers that are missing, of this journal's end or of the one it replaces; None if there are none.
    """

    disk: Disk
    typed: SidePage
    end: SidePage
    lock: JournalLock
    created: bool = False
    broke_off: datetime | None = None
    found: Advice = Advice()
    kept: str = ""
    set_aside: Path | None = None
    dropped: tuple[Event, ...] = ()
    dropped_log: Path | None = None
    missing: facts.Missing | None = None

    @property
    def notice(self) -> Advice:
        """The sentences for the first screen, which may drop the last ones; empty if there are none."""
        return Advice.of(self.found, self.kept)

    def close(self) -> None:
        """Close the files and release the lock."""
        self.disk.close()
        self.typed.close()
        self.end.close()
        self.lock.release()


class Owner(Struct, frozen=True):
    """The required owner of a journal: till, store and machine.

    Attributes:
        journals: the ids of the journals that belong to the till's enrolment; None if any does.
    """

    till: int
    store_id: str
    host: str
    journals: frozenset[str] | None = None

    def is_of(self, identity: facts.JournalIdentity) -> bool:
        """True if this is the owner of a journal."""
        return (self.till, self.store_id, self.host) == (identity.till, identity.store_id, identity.host)

    def identity(self, journal_id: str) -> facts.JournalIdentity:
        """Return the identity of a new journal."""
        return facts.JournalIdentity(journal_id, self.till, self.store_id, self.host)


def path_beside(path: Path, *, till: int, store_id: str, host: str) -> Path:
    """Return the path of this till's journal if the journal at `path` belongs to another.

    The path depends only on till, store and machine.
    """
    return path.with_name(f"{path.stem}-{sha256(canonical([till, store_id, host]))[:8]}{path.suffix}")


def open_disk(path: Path, owner: Owner, new_id: Callable[[], str]) -> OpenedJournal:
    """Lock, check, create and upgrade a journal; see `JournalFile.open`."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as problem:
        raise plain_os(problem, path) from problem
    if not all(os.access(place, os.W_OK) for place in (path.parent, path) if place.exists()):
        raise not_writable_error(path)  # SQLite would report an I/O error
    lock = JournalLock(path)
    try:
        return _open_locked(path, owner, new_id, lock)
    except Failures as problem:
        lock.release()
        raise plain(problem, path) from problem
    except OSError as problem:
        lock.release()
        raise plain_os(problem, path) from problem
    except BaseException:
        lock.release()
        raise


def _open_locked(path: Path, owner: Owner, new_id: Callable[[], str], lock: JournalLock) -> OpenedJournal:
    replacing.finish(path)
    beside = _put_beside(path, owner)
    written = _last_written(path)
    created = written is None
    aside, notice, kept = None, "", beside
    if created:
        _make(path, owner.identity(new_id()))
    ending = look(read_log(path))
    try:
        connection, clean, notice = _look(path, owner, ending)
    except (*Failures, JournalDamagedError) as problem:
        if isinstance(problem, Failures) and not is_damage(problem):
            raise
        aside, notice, kept = replacing.replace(path, owner.identity(new_id()))
        ending = look(b"")
        connection, clean, _more = _look(path, owner, ending)
    try:
        dropped, dropped_log, lost = _recover_end(path, connection, ending)
        if dropped_log is not None and not dropped:
            kept = _("It is kept as {name}.").format(name=dropped_log.name)
        schema.upgrade(connection, schema.revision_of(connection))
        broke_off = facts.broke_off_of(facts.read_meta(connection))
        typed, end = SidePage(path, TYPED), SidePage(path, END)
        missing = _missing(connection, end, len(dropped))
        if missing is not None and not lost:
            lost = _sentence(missing)
        elif not (lost or clean or ending.log or aside):
            lost = Advice(_("The log of the journal is gone."), _(_MAY_BE_PAID))
            missing = facts.Missing(_id_of(connection), ())
    except BaseException:
        connection.close()
        keep_log(path, ending.log)
        raise
    return OpenedJournal(
        Disk(connection, path, clean=clean),
        typed,
        end,
        lock,
        created=created or bool(aside),
        broke_off=written if aside or not clean else broke_off,
        found=Advice.of(notice, lost),
        kept=kept,
        set_aside=aside,
        dropped=dropped,
        dropped_log=dropped_log,
        missing=missing,
    )


def _put_beside(path: Path, owner: Owner) -> str:
    """Rename a journal of this machine that the till's enrolment does not name. Return the sentence on it, if any."""
    identity = facts.identity_at(path) if owner.journals is not None and path.exists() else None
    if identity is None or identity.journal_id in (owner.journals or ()) or not owner.is_of(identity):
        return ""
    kept = replacing.put_beside(path, identity.journal_id)
    rest = _("It is kept as {name}: `till recover` sends the rest of it.").format(name=kept.name)
    return Advice(_("An older journal was in this till's place."), rest)


def _recover_end(
    path: Path, connection: sqlite3.Connection, ending: Ending
) -> tuple[tuple[Event, ...], Path | None, str]:
    """Return the dropped events of a log's end to append, the path of the kept log, and a notice.

    A flipped bit is in content that was on the screen. A commit torn by a power cut was never shown; if it is complete,
    appending it does no harm.
    """
    last = connection.execute("SELECT seq, hash FROM own ORDER BY seq DESC LIMIT 1").fetchone()
    head = Head(*last) if last else facts.NO_HEAD
    journal_id = _id_of(connection)
    if not ending.hides(journal_id, head.seq):
        return (), None, ""
    from till.journal import salvage  # noqa: PLC0415 - only for a damaged journal

    events, is_all = salvage.read_end(path, ending, journal_id, head)
    if is_all and not events:
        return (), None, ""  # it had no event of this till, and the database sends the rest again
    kept = replacing.keep_dropped(path, ending.log)
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # otherwise the next opening finds it again
    facts.put(connection, "dropped", kept.name)  # an empty log would count as lost
    if is_all:
        sentence = ngettext(
            "{count} record was read from the damaged end of this till's journal.",
            "{count} records were read from the damaged end of this till's journal.",
            len(events),
        )
        return tuple(events), kept, sentence.format(count=len(events))
    remedy = _("Is the last order complete? If not, call the manager.")
    return (), kept, Advice(_("The end of the journal cannot be read."), remedy)


def _missing(connection: sqlite3.Connection, end: SidePage, dropped: int) -> facts.Missing | None:
    """Return the numbers that a new journal's predecessor lacks, or that are missing at this one's end.

    A truncated log looks like a shorter log, and a removed journal like a new one. The numbers are missing until an
    event is appended after them.
    """
    (there,) = connection.execute("SELECT coalesce(max(seq), 0) FROM own").fetchone()
    meta = facts.read_meta(connection)
    if there == 0 and (found := facts.missing_of(meta)) is not None:
        return found
    journal_id, last = end.last_event()
    if journal_id == facts.identity_of(meta).journal_id:
        first = there + dropped + 1
    elif there == 0 and facts.previous_of(meta) is None:  # nothing of the journal before can be read
        first = 1
    else:
        return None
    return facts.Missing(journal_id, ((first, last),)) if last >= first else None


def _id_of(connection: sqlite3.Connection) -> str:
    return facts.identity_of(facts.read_meta(connection)).journal_id


def _sentence(missing: facts.Missing) -> Advice:
    sentence = ngettext("{count} record is missing.", "{count} records are missing.", missing.count)
    return Advice(sentence.format(count=missing.count), _(_MAY_BE_PAID))


def _last_written(path: Path) -> datetime | None:
    """Return the time of the last write of the journal or its typed text; None if there is no journal or log."""
    files = [path.with_name(path.name + ending) for ending in ENDINGS]
    if not any(file.exists() for file in files):
        return None
    files.append(path.with_name(path.name + TYPED))
    return datetime.fromtimestamp(max(file.stat().st_mtime for file in files if file.exists()), UTC)


def _make(path: Path, identity: facts.JournalIdentity) -> None:
    """Create an empty journal under a temporary name, then rename it, so that it is always complete."""
    making = path.with_name(path.name + ".making")
    replacing.make(making, identity)
    making.rename(path)
    replacing.sync_folder(path)


def _look(path: Path, owner: Owner, ending: Ending) -> tuple[sqlite3.Connection, bool, str]:
    """Open the file and check its owner and integrity. Return the connection, True after a clean close, and a notice.

    The only write removes damaged documents from the cache.

    Raises:
        JournalDamagedError, sqlite3.Error: the file is damaged.
    """
    if not path.exists() or not path.stat().st_size:  # SQLite would treat it as new and drop its log
        raise JournalDamagedError
    schema.check_head(path)
    try:
        connection = schema.connect(path)
        try:
            clean = _check(connection, path, owner)
            _check_end(ending)
            notice = documents.remove_damaged(connection)
        except BaseException:
            connection.close()
            raise
    except BaseException:
        keep_log(path, ending.log)
        raise
    return connection, clean, notice


def _check_end(ending: Ending) -> None:
    """Check that SQLite dropped at most one commit, as after a power cut."""
    if ending.commits > 1:
        raise JournalDamagedError


def _check(connection: sqlite3.Connection, path: Path, owner: Owner) -> bool:
    """Check the file, and return True after a clean close: then only the chain's end and the open orders are checked.

    The seal of a damaged row fails when the row is read, which condemns the file for the next opening.

    Raises:
        JournalDamagedError, sqlite3.Error: the file is damaged.
    """
    schema.check_tables(connection, schema.revision_of(connection))
    meta = facts.read_meta(connection)
    identity = facts.identity_of(meta)
    if not owner.is_of(identity):
        raise ForeignJournalError(path, till=identity.till, store_id=identity.store_id, host=identity.host)
    if "condemned" in meta:
        raise JournalDamagedError
    if "clean" in meta:
        check_open_orders(connection, meta["clean"])
    else:
        check_whole(connection)
    last = connection.execute("SELECT hash, body, texts FROM own WHERE body IS NOT NULL ORDER BY seq DESC LIMIT 1")
    for row in last.fetchall():
        read_row(*row)
    return "clean" in meta
