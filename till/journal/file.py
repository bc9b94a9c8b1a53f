"""The journal of a till: its events on this disk, what the database acknowledged, and what it needs to sell alone."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from till.domain.events.envelope import canonical
from till.domain.ids import id_at, tick_at
from till.domain.order.events import Erased
from till.journal import documents, salvage, sessions
from till.journal import meta as facts
from till.journal.chain import Chain
from till.journal.errors import JournalDamagedError
from till.journal.opening import Owner, open_disk
from till.journal.pruning import prune
from till.journal.rows import kind_of, read_row, sealed_row

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    from till.domain.events.envelope import Event
    from till.journal.opening import Opened
    from till.ports import Received, SessionMark

_PUT_RECEIVED: Final = "INSERT INTO received VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING"
_OF_SESSION: Final = """
    SELECT hash, body, texts FROM received WHERE session_id = ?1
    UNION ALL SELECT hash, body, texts FROM own WHERE session_id = ?1"""


class JournalFile(Chain):
    """`till.ports.Journal` on SQLite. Open one with `JournalFile.open`.

    One process has it open. Its calls may come from any thread, one at a time: each holds a lock to its end. `head`,
    `acked` and the other properties are what the last finished write left; `append` and `re_emit` belong to one thread.

    Attributes:
        opened: what was found when it was opened: a notice for the screen, where a damaged file went.
    """

    def __init__(self, opened: Opened) -> None:
        super().__init__(opened.disk, dict(opened.disk.rows("SELECT name, value FROM meta")))
        self.opened: Final = opened

    @classmethod
    def open(cls, path: Path, *, till: int, store_id: str, new_id: Callable[[], str], host: str) -> JournalFile:
        """Open the journal at `path`, or make it. What reads of a damaged one is carried into a new one in its place.

        Args:
            path: the file; its folder is made. Files of the same name with endings stand beside it.
            till: the number of this till.
            store_id: its store.
            new_id: makes the id of a new journal.
            host: what names this machine and no other (`/etc/machine-id`, say).

        Raises:
            JournalHeldError: another process has it open.
            ForeignJournalError: another till, store or machine wrote it; start one beside it (`path_beside`).
            JournalNewerError: a newer till wrote it.
            JournalError: the disk is full, read-only or failing.
        """
        owner = Owner(till, store_id, host)
        try:
            return cls._begin(open_disk(path, owner, new_id))
        except JournalDamagedError:  # it is condemned by now, so the second look sets it aside
            return cls._begin(open_disk(path, owner, new_id))

    @classmethod
    def _begin(cls, opened: Opened) -> JournalFile:
        try:
            journal = cls(opened)
            journal._take_up()
        except BaseException:
            opened.let_go()
            raise
        return journal

    def _take_up(self) -> None:
        """Append what the end of a damaged log still had."""
        if not self.opened.dropped:
            return
        found = salvage.Salvage({event.id: event for event in self.opened.dropped})
        known = salvage.sessions_of(
            found, self.opened.dropped[0].till, {event.session_id for event in self.opened.dropped}
        )
        self.append(self.opened.dropped, closed=[one for one, (_user, finished) in known.items() if finished])
        if self.opened.dropped_log is not None:
            self.opened.dropped_log.unlink()

    # Orders

    def receive(self, events: Sequence[Received], marks: Sequence[SessionMark] = ()) -> list[str]:
        """Keep events of other journals (repeats are dropped) and what the database says; the sessions that grew."""
        grew: dict[str, None] = {}
        with self._disk as connection:
            for event in (one.event for one in events):
                if self._has(connection, event):
                    continue
                sealed, body, texts = sealed_row(event)
                if texts and event.session_id and event.id in self._erased(connection, event.session_id):
                    texts = ""
                row = (event.id, event.session_id, kind_of(event), sealed, body, texts)
                if connection.execute(_PUT_RECEIVED, row).rowcount and event.session_id:
                    grew[event.session_id] = None
                if isinstance(event.data, Erased):
                    self._erase(connection, event.data.events)
            for mark in marks:
                sessions.keep(connection, mark)
        return list(grew)

    @staticmethod
    def _erased(connection: sqlite3.Connection, session_id: str) -> set[str]:
        """The events of a session whose free text was erased: it stays so, however late a copy of it comes."""
        query = "SELECT hash, body, texts FROM received WHERE session_id = ? AND body LIKE ?"
        found = (read_row(*row).data for row in connection.execute(query, (session_id, '%,"type":"erased",%')))
        return {event_id for data in found if isinstance(data, Erased) for event_id in data.events}

    @staticmethod
    def _erase(connection: sqlite3.Connection, event_ids: Iterable[str]) -> None:
        """Drop the free text beside events."""
        ids = json.dumps(list(event_ids))
        for table in ("own", "received"):
            query = f"UPDATE {table} SET texts = '' WHERE id IN (SELECT value FROM json_each(?))"  # noqa: S608 - ours
            connection.execute(query, (ids,))

    def _has(self, connection: sqlite3.Connection, event: Event) -> bool:
        """Whether an event that came back is one of this chain that is still whole here."""
        if event.journal_id != self.journal_id:
            return False
        found = connection.execute("SELECT hash FROM own WHERE seq = ? AND body IS NOT NULL", (event.seq,)).fetchone()
        return found is not None and found[0] == event.hash

    def events_of(self, session_id: str) -> list[Event]:
        """All events of a session that are here, own and received, sorted by id.

        Raises:
            JournalDamagedError: one of them is not what was written.
        """
        by_id = {event.id: event for event in self._disk.events(_OF_SESSION, (session_id,))}  # own after received
        return [by_id[event_id] for event_id in sorted(by_id)]

    def sessions_by(self, till: int) -> list[str]:
        """The sessions of which events came that a till made (0 is the database itself). It reads all that came."""
        made_by = f'%,"till":{till},"type":"%'  # as every canonical body says it, and no text in one can
        query = "SELECT DISTINCT session_id FROM received WHERE session_id IS NOT NULL AND body LIKE ?"
        return sorted(session_id for (session_id,) in self._disk.rows(query, (made_by,)))

    def drop(self, event_ids: Iterable[str]) -> None:
        """Let received events go: whoever made them was set back to before it did."""
        with self._disk as connection:
            connection.executemany("DELETE FROM received WHERE id = ?", [(one,) for one in event_ids])

    def open_sessions(self) -> list[SessionMark]:
        """Sessions that are not known to be finished, oldest first."""
        return self._marks("open AND NOT closed")

    def followed_sessions(self) -> list[SessionMark]:
        """Open sessions, and those finished here of which the database may not have all yet; oldest first."""
        return self._marks("open")

    def mark_of(self, session_id: str) -> SessionMark | None:
        """What is known of one session."""
        return next(iter(self._marks("session_id = ?", session_id)), None)

    def marks_of(self, session_ids: Iterable[str]) -> dict[str, SessionMark]:
        """What is known of some sessions, by session; those that are not known are left out."""
        marks = self._marks("session_id IN (SELECT value FROM json_each(?))", json.dumps(list(session_ids)))
        return {mark.session_id: mark for mark in marks}

    def _marks(self, condition: str, *values: str) -> list[SessionMark]:
        query = f"SELECT {sessions.COLUMNS} FROM sessions WHERE {condition} ORDER BY session_id"  # noqa: S608 - ours
        return [sessions.read(row) for row in self._disk.rows(query, values)]

    def forget_open(self, session_ids: Iterable[str]) -> None:
        """Stop following sessions: they are finished and the database has all of them."""
        with self._disk.unhurried() as connection:
            connection.executemany("UPDATE sessions SET open = 0 WHERE session_id = ?", [(one,) for one in session_ids])

    # Reference data

    def cached(self, name: str) -> tuple[int, Mapping[str, Any]] | None:
        """The version and body of cached reference data (menu, staff, settings, tabs); None too for what is damaged."""
        for version, kept, _name, row in self._disk.rows(f"{documents.ROWS} WHERE name = ?", (name,)):
            if (body := documents.read(name, version, kept)) is not None:
                return version, body
            with self._disk as connection:  # the next exchange brings it anew
                connection.execute("DELETE FROM cache WHERE rowid = ?", (row,))
        return None

    def cache(self, name: str, version: int, body: Mapping[str, Any]) -> None:
        """Keep reference data."""
        with self._disk as connection:
            kept = documents.sealed(name, version, canonical(body))
            connection.execute("INSERT OR REPLACE INTO cache VALUES (?, ?, ?)", (name, version, kept))

    def versions(self) -> dict[str, int]:
        """The versions of all cached reference data."""
        return dict(self._disk.rows("SELECT name, version FROM cache"))

    # The file

    def typed(self) -> str:
        """Text that was typed but not sent when the till last stopped."""
        return self.opened.typed.read()

    def keep_typed(self, text: str) -> None:
        """Keep typed text, at every key: one write to the page cache, safe against a kill of the process."""
        self.opened.typed.write(text)

    def closed_cleanly(self) -> datetime | None:
        """None after a clean close; otherwise when this file was last written before it was opened now."""
        return self.opened.broke_off

    def prune(self, older_than_days: int, *, now: datetime) -> int:
        """Empty events of finished, acknowledged sessions that are older than that; how many. Call it until it gives 0.

        Of each event its number and hash stay. `now` must be aware.
        """
        with self._disk as connection:
            return prune(connection, self._acked, id_at(tick_at(now - timedelta(days=older_than_days)), 0))

    def condemn(self) -> None:
        """The database has another chain of this journal: the next start begins a new one with what is unsent.

        Until then this one goes on as ever.
        """
        self._disk.condemn(facts.PARTED)

    def tidy(self) -> None:
        """Carry the write-ahead log over into the file, in about a millisecond. Call it between keys, and often.

        It is never needed: a commit does the same by itself when the log is long, and then takes 3 to 8 ms.
        """
        self._disk.rows("PRAGMA wal_checkpoint(PASSIVE)")

    def close(self) -> None:
        """Close cleanly. The file is let go in any case; closing twice does nothing."""
        try:
            if self.opened.lock.held:
                self._disk.sign_off()
        finally:
            self.opened.let_go()
