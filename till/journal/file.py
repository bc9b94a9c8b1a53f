"""The journal of a till: its events on this disk, the acknowledged head, and the reference data for offline sales."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from typing_extensions import override

from till.domain.errors import JournalError
from till.domain.events.envelope import canonical
from till.domain.events.registry import OrderEvent
from till.domain.ids import id_at, tick_at
from till.domain.order.events import Erased
from till.journal import documents, sessions
from till.journal import jobs as print_jobs
from till.journal import meta as facts
from till.journal.chain import Chain
from till.journal.checking import check_whole
from till.journal.errors import JournalDamagedError
from till.journal.opening import Owner, open_disk
from till.journal.rows import list_of, read_row, sealed_row
from till.ports import UnderSeal

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    from till.domain.events.envelope import Event
    from till.journal.opening import OpenedJournal
    from till.ports import Received, SessionMark
    from till.ports.printer import Job

_PUT_RECEIVED: Final = "INSERT INTO received VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING"
_OF_STREAM: Final = """
    SELECT hash, body, texts FROM received WHERE stream_id = ?1
    UNION ALL SELECT hash, body, texts FROM own WHERE stream_id = ?1"""
#: The most streams to prune in one call, about 5 ms, so that no key waits long.
_STREAMS: Final = 10
#: The place of the opening of an open shift in this chain; nothing if a replaced journal has it.
_SHIFT_BEGAN: Final = """
    SELECT seq FROM sessions LEFT JOIN own ON stream_id = session_id AND body LIKE '%,"type":"shift_opened",%'
    WHERE kind = 'shift' AND open AND NOT closed"""
_DONE: Final = """
    SELECT session_id FROM sessions WHERE NOT open AND kind <> 'shift' AND session_id < :before AND NOT EXISTS (
        SELECT 1 FROM own WHERE stream_id = session_id AND (seq > :last OR id >= :before))
    ORDER BY session_id LIMIT :limit"""
_EMPTY: Final = "UPDATE own SET body = NULL, texts = '', stream_id = NULL"
# The newest stamp stays, whatever its age: the next one names it. So does the last answer on whether it takes money.
_OF_NONE: Final = f"""{_EMPTY} WHERE body IS NOT NULL AND seq <= :last AND id < :before
    AND body NOT LIKE '%,"stream_kind":"shift",%'
    AND seq NOT IN (SELECT max(seq) FROM own WHERE listed IN ('stamps', 'money') GROUP BY listed)
    AND NOT EXISTS (SELECT 1 FROM sessions WHERE session_id = stream_id)"""  # noqa: S608 - our own words


class JournalFile(Chain):
    """The implementation of `till.ports.Journal` on SQLite. Open it with `JournalFile.open`.

    Only one process can have it open. Calls are safe from any thread: each holds a lock until its end. `head`, `acked`
    and the other properties are those of the last finished write; call `append` and `re_emit` from one thread only.

    Attributes:
        opened: the result of opening: a notice for the screen, and the new name of a damaged file.
    """

    def __init__(self, opened: OpenedJournal) -> None:
        super().__init__(opened.disk, dict(opened.disk.rows("SELECT name, value FROM meta")))
        self.opened: Final = opened

    @classmethod
    def open(
        cls,
        path: Path,
        *,
        till: int,
        store_id: str,
        new_id: Callable[[], str],
        host: str,
        journals: frozenset[str] | None = None,
    ) -> JournalFile:
        """Open the journal at `path`, or create it. A damaged one is replaced with a new one with its readable part.

        Args:
            path: the file; its folder is created. Files of the same name with other endings belong to it.
            till: the number of this till.
            store_id: the store of this till.
            new_id: returns the id of a new journal.
            host: the unique name of this machine (such as `/etc/machine-id`).
            journals: the ids of the journals that belong to the till's enrolment; another one of this machine is
                renamed, and a new one begun. None if any belongs to it.

        Raises:
            ForeignJournalError: another till, store or machine wrote it; open a new one at `path_beside`.
        """
        owner = Owner(till, store_id, host, journals)
        try:
            return cls._begin(open_disk(path, owner, new_id))
        except JournalDamagedError:  # it is condemned now, so the second opening replaces it
            return cls._begin(open_disk(path, owner, new_id))

    @classmethod
    def _begin(cls, opened: OpenedJournal) -> JournalFile:
        try:
            journal = cls(opened)
            journal._append_dropped()
        except BaseException:
            opened.close()
            raise
        return journal

    def _append_dropped(self) -> None:
        """Append the events from the end of a damaged log."""
        if not self.opened.dropped:
            return
        from till.journal import salvage  # noqa: PLC0415 - only for a damaged journal

        found = salvage.Salvage({event.id: event for event in self.opened.dropped})
        known = salvage.sessions_of(
            found, self.opened.dropped[0].till, {event.session_id for event in self.opened.dropped}
        )
        closed = [one for one, (_user, finished) in known.items() if finished]
        for (kind, one), events in salvage.others_of(self.opened.dropped).items():
            closed += [one] if salvage.is_over(kind, one, [*self.events_of(one, kind), *events]) else []
        self.append(self.opened.dropped, closed=closed)
        if self.opened.dropped_log is not None:
            self.opened.dropped_log.unlink()

    @override
    def append(
        self, events: Sequence[Event], *, closed: Iterable[str] = (), jobs: Iterable[Job] = (), kick: int = 0
    ) -> None:
        """Append sealed events, as `Chain` does, and write the last number to the side file."""
        super().append(events, closed=closed, jobs=jobs, kick=kick)
        with suppress(JournalError):  # the events are on disk; too low a number only detects fewer losses
            self.opened.end.write(f"{self.journal_id} {self.head.seq}")

    # Orders

    def receive(self, events: Sequence[Received], marks: Sequence[SessionMark] = ()) -> list[str]:
        """Write events of other journals, without repeated ones, and marks. Return the sessions that grew."""
        grew: dict[str, None] = {}
        with self._disk as connection:
            for event, seal in ((one.event, one.seal) for one in events):
                if self._has(connection, event):
                    continue
                sealed, body, texts = sealed_row(event)
                if texts and event.session_id and event.id in self._erased(connection, event.session_id):
                    texts = ""
                row = (event.id, event.stream_id, list_of(event), seal, sealed, body, texts)
                is_new = connection.execute(_PUT_RECEIVED, row).rowcount
                if is_new and event.session_id:
                    grew[event.session_id] = None
                if is_new and sessions.begins(event, self.journal_id):
                    sessions.begin(connection, event)
                if isinstance(event.data, Erased):
                    self._erase(connection, event.data.events)
            for mark in marks:
                sessions.keep(connection, mark)
        return list(grew)

    @staticmethod
    def _erased(connection: sqlite3.Connection, session_id: str) -> set[str]:
        """Return the events of a session whose free text was erased, so that a late copy does not restore it."""
        query = "SELECT hash, body, texts FROM received WHERE stream_id = ? AND body LIKE ?"
        found = (read_row(*row).data for row in connection.execute(query, (session_id, '%,"type":"erased",%')))
        return {event_id for data in found if isinstance(data, Erased) for event_id in data.events}

    @staticmethod
    def _erase(connection: sqlite3.Connection, event_ids: Iterable[str]) -> None:
        """Erase the free text of events."""
        ids = json.dumps(list(event_ids))
        for table in ("own", "received"):
            query = f"UPDATE {table} SET texts = '' WHERE id IN (SELECT value FROM json_each(?))"  # noqa: S608 - ours
            connection.execute(query, (ids,))

    def _has(self, connection: sqlite3.Connection, event: Event) -> bool:
        """True if an event is of this chain and not pruned."""
        if event.journal_id != self.journal_id:
            return False
        found = connection.execute("SELECT hash FROM own WHERE seq = ? AND body IS NOT NULL", (event.seq,)).fetchone()
        return found is not None and found[0] == event.hash

    def is_here(self, event: Event) -> bool:
        """True if an event is of this chain and not pruned."""
        query = "SELECT hash FROM own WHERE seq = ? AND body IS NOT NULL"
        return event.journal_id == self.journal_id and self._disk.rows(query, (event.seq,)) == [(event.hash,)]

    def events_of(self, stream_id: str, kind: str = OrderEvent.stream) -> list[Event]:
        """Return all events of a stream on this disk, own and received, sorted by id."""
        found = self._disk.events(_OF_STREAM, (stream_id,))  # own after received
        by_id = {event.id: event for event in found if event.stream_kind == kind}
        return [by_id[event_id] for event_id in sorted(by_id)]

    def streams(self, kind: str, *, is_open: bool = False) -> list[str]:
        """Return the streams of a kind on this disk, oldest first; with `is_open`, only the unfinished ones."""
        condition = "kind = ? AND open AND NOT closed" if is_open else "kind = ?"
        query = f"SELECT session_id FROM sessions WHERE {condition} ORDER BY session_id"  # noqa: S608 - ours
        return [stream_id for (stream_id,) in self._disk.rows(query, (kind,))]

    def sessions_by(self, till: int) -> list[str]:
        """Return the sessions with events by a till (0 is the database itself). It reads all received events."""
        made_by = f'%,"stream_kind":"order","till":{till},"type":"%'  # in every canonical body, in no text
        query = "SELECT DISTINCT stream_id FROM received WHERE body LIKE ?"
        return sorted(session_id for (session_id,) in self._disk.rows(query, (made_by,)))

    def under_seal(self, session_id: str) -> list[UnderSeal]:
        """Return the server's sealed events of a session, grants and acts, sorted by id."""
        query = "SELECT seal, hash, body, texts FROM received WHERE stream_id = ? AND seal <> '' ORDER BY id"
        return [UnderSeal(read_row(*row), seal) for seal, *row in self._disk.rows(query, (session_id,))]

    def drop(self, event_ids: Iterable[str]) -> None:
        """Drop received events that a restored database no longer has."""
        with self._disk as connection:
            connection.executemany("DELETE FROM received WHERE id = ?", [(one,) for one in event_ids])

    def followed_sessions(self) -> list[SessionMark]:
        """Return open sessions, and finished ones that the database may not have completely; oldest first."""
        return self._marks("open AND kind = 'order'")

    def mark_of(self, session_id: str) -> SessionMark | None:
        """Return the mark of a session; None if it is unknown."""
        return next(iter(self._marks("session_id = ?", session_id)), None)

    def marks_of(self, session_ids: Iterable[str]) -> dict[str, SessionMark]:
        """Return the marks of sessions, by session, without unknown ones."""
        marks = self._marks("session_id IN (SELECT value FROM json_each(?))", json.dumps(list(session_ids)))
        return {mark.session_id: mark for mark in marks}

    def _marks(self, condition: str, *values: str) -> list[SessionMark]:
        query = f"SELECT {sessions.COLUMNS} FROM sessions WHERE {condition} ORDER BY session_id"  # noqa: S608 - ours
        return [sessions.read(row) for row in self._disk.rows(query, values)]

    def forget_open(self, session_ids: Iterable[str]) -> None:
        """Stop following sessions that are finished and complete in the database."""
        with self._disk.unhurried() as connection:
            connection.executemany("UPDATE sessions SET open = 0 WHERE session_id = ?", [(one,) for one in session_ids])

    # Reference data

    def cached(self, name: str) -> tuple[int, Mapping[str, Any]] | None:
        """Return the version and body of cached reference data (menu, staff, settings, tabs); None if damaged."""
        for version, kept, _name, row in self._disk.rows(f"{documents.ROWS} WHERE name = ?", (name,)):
            if (body := documents.read(name, version, kept)) is not None:
                return version, body
            with self._disk as connection:  # the next reply has it again
                connection.execute("DELETE FROM cache WHERE rowid = ?", (row,))
        return None

    def cache(self, name: str, version: int, body: Mapping[str, Any]) -> None:
        """Write reference data to the cache."""
        with self._disk as connection:
            kept = documents.seal_document(name, version, canonical(body))
            connection.execute("INSERT OR REPLACE INTO cache VALUES (?, ?, ?)", (name, version, kept))

    def versions(self) -> dict[str, int]:
        """Return the versions of all cached reference data."""
        return dict(self._disk.rows("SELECT name, version FROM cache"))

    # The file

    def typed(self) -> str:
        """Return the unsent text from the last run of the till."""
        return self.opened.typed.read()

    def keep_typed(self, text: str) -> None:
        """Keep typed text at every key: one write to the page cache, which survives a killed process."""
        self.opened.typed.write(text)

    def closed_cleanly(self) -> datetime | None:
        """Return None after a clean close, otherwise the time of the last write before the unclean end."""
        return self.opened.broke_off

    def prune(self, older_than_days: int, *, now: datetime) -> int:
        """Prune old events of finished streams, or of none, that the database has. Call it until it returns 0.

        The number and hash of each event are kept. Nothing is pruned while events of an earlier journal are still to be
        appended, or if the acknowledged head is not in this chain: then the database may lack the events. Nothing since
        the opening of the open shift is pruned, and no event of a shift. `now` must be aware.
        """
        acked, before = self._acked, id_at(tick_at(now - timedelta(days=older_than_days)), 0)
        gone = 0
        with self._disk as connection:
            here = connection.execute("SELECT hash FROM own WHERE seq = ?", (acked.seq,)).fetchone()
            if here != (acked.hash,) or connection.execute("SELECT 1 FROM salvaged").fetchone():
                return 0
            began = [seq for (seq,) in connection.execute(_SHIFT_BEGAN)]
            if None in began:  # its first events are those that the replaced journal had
                return 0
            last = min([acked.seq, *(seq - 1 for seq in began)])
            limits = {"before": before, "last": last, "limit": _STREAMS}
            for (stream_id,) in connection.execute(_DONE, limits).fetchall():
                gone += connection.execute(f"{_EMPTY} WHERE stream_id = ?", (stream_id,)).rowcount
                connection.execute("DELETE FROM received WHERE stream_id = ?", (stream_id,))
                connection.execute("DELETE FROM sessions WHERE session_id = ?", (stream_id,))
            connection.execute(print_jobs.PRUNE, {"before": (now - timedelta(days=older_than_days)).isoformat()})
            return gone or connection.execute(_OF_NONE, limits).rowcount

    def check_whole(self) -> None:
        """Check every page of the file, also after a clean close. It reads the whole file.

        Raises:
            JournalDamagedError: a page is damaged.
        """
        with self._disk as connection:
            check_whole(connection)

    def condemn(self) -> None:
        """Mark the chain as different from the database's. The next start begins a new chain with the unsent events."""
        self._disk.condemn(facts.PARTED)

    def tidy(self) -> None:
        """Checkpoint the write-ahead log, in about a millisecond. Call it often, between keys.

        It is optional: a commit checkpoints a long log automatically, and then takes 3 to 8 ms.
        """
        self._disk.rows("PRAGMA wal_checkpoint(PASSIVE)")

    def close(self, *, is_shown: bool = True) -> None:
        """Close cleanly. The lock is always released; closing twice does nothing.

        Without `is_shown`, no screen had the notice of an unclean end before this opening: the next opening has it.
        """
        try:
            if self.opened.lock.held:
                self._disk.sign_off(None if is_shown else self.opened.broke_off)
        finally:
            self.opened.close()
