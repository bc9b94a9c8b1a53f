"""The journal of a till: its events on this disk, what the database acknowledged, and what it needs to sell alone."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from till.domain.errors import EventError
from till.domain.events import canonical
from till.journal import meta as facts
from till.journal import sessions
from till.journal.errors import JournalDamagedError
from till.journal.opening import open_disk
from till.journal.rows import read_row, receipt_of, sealed_row
from till.ports import Head

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    from till.domain.events import Event
    from till.journal.opening import Opened
    from till.ports import Received, SessionMark

_PUT_OWN: Final = "INSERT INTO own VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
_PUT_RECEIVED: Final = "INSERT INTO received VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING"
_OF_SESSION: Final = """
    SELECT hash, body, texts FROM received WHERE session_id = ?1
    UNION ALL SELECT hash, body, texts FROM own WHERE session_id = ?1"""


class JournalFile:
    """`till.ports.Journal` on SQLite. Open one with `JournalFile.open`.

    One process has it open. Its calls may come from any thread, one at a time: each holds a lock to its end. `head`,
    `acked` and the other properties are what the last finished write left; give sealed events from one thread only.

    Attributes:
        opened: what was found when it was opened: a notice for the screen, the journal before this one.
    """

    def __init__(self, opened: Opened) -> None:
        self.opened: Final = opened
        self._disk = opened.disk
        self._typed = opened.typed
        self._lock = opened.lock
        meta = dict(self._disk.rows("SELECT name, value FROM meta"))
        self._clean = "clean" in meta
        self._identity = facts.identity_of(meta)
        self._series = meta.get("series")
        self._acked = facts.read_head(meta.get("acked"))
        self._head, self._last_id = self._read_end(meta.get("last_id"))
        self._last_receipt = self._read_receipt()

    @classmethod
    def open(cls, path: Path, *, till: int, store_id: str, new_id: Callable[[], str], host: str) -> JournalFile:
        """Open the journal at `path`, or make it.

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
        return cls(open_disk(path, till=till, store_id=store_id, new_id=new_id, host=host))

    # The chain

    @property
    def journal_id(self) -> str:
        """The id that was made with the file."""
        return self._identity.journal_id

    @property
    def head(self) -> Head:
        """The end of this till's own chain."""
        return self._head

    @property
    def acked(self) -> Head:
        """How far the database says it has the chain. It need not be a head of this chain: compare the hash."""
        return self._acked

    @property
    def last_id(self) -> str | None:
        """The newest event id here, own or received."""
        return self._last_id

    def append(self, events: Sequence[Event], *, closed: Iterable[str] = ()) -> None:
        """Put sealed events at the end of the chain, in one transaction, and mark sessions as finished here.

        A session that an event opens, resumes or takes over is followed from then on, without further ado. One that is
        named in `closed` is not in `open_sessions` any more, but followed until `forget_open`.

        Raises:
            EventError: the events do not follow the chain, or were changed after they were sealed.
        """
        rows = self._chained(events)
        with self._disk as connection:
            self._begin(connection)
            for row, event in zip(rows, events, strict=True):
                connection.execute(_PUT_OWN, row)
                if event.type in sessions.HOLDING:
                    sessions.hold(connection, event)
            for session_id in closed:
                connection.execute("UPDATE sessions SET closed = 1 WHERE session_id = ?", (session_id,))
            newest = max((event.id for event in events), default=None)
            if newest and self._last_id and newest < self._last_id:  # events of before, carried over
                facts.put(connection, "last_id", self._last_id)
        self._clean = False
        for row in rows:
            self._grew(row)

    def _chained(self, events: Sequence[Event]) -> list[tuple[Any, ...]]:
        rows: list[tuple[Any, ...]] = []
        seq, before = self._head.seq, self._head.hash
        for event in events:
            seq += 1
            if (event.seq, event.prev_hash, event.journal_id) != (seq, before, self.journal_id):
                raise EventError
            before = event.hash
            rows.append((seq, event.id, event.session_id, *receipt_of(event), *sealed_row(event)))
        return rows

    def _grew(self, row: tuple[Any, ...]) -> None:
        seq, event_id, _session, series, number, sealed, _body, _texts = row
        self._head = Head(seq, sealed)
        self._last_id = max(self._last_id or "", event_id)
        if series is not None and series == self._receipt_series:
            self._last_receipt = max(self._last_receipt, number)

    def _begin(self, connection: Any) -> None:
        if self._clean:
            connection.execute("DELETE FROM meta WHERE name = 'clean'")

    def _read_end(self, kept: str | None) -> tuple[Head, str | None]:
        head, ids = facts.NO_HEAD, [kept]
        for seq, sealed, event_id in self._disk.rows("SELECT seq, hash, id FROM own ORDER BY seq DESC LIMIT 1"):
            head = Head(seq, sealed)
            ids.append(event_id)
        ids += [row[0] for row in self._disk.rows("SELECT max(id) FROM received")]
        return head, max((event_id for event_id in ids if event_id), default=None)

    def unsent(self, limit: int) -> list[Event]:
        """Own events after the acknowledged head, in chain order. What was pruned meanwhile is left out.

        Raises:
            JournalDamagedError: one of them is not what was written.
        """
        rows = self._disk.rows(
            "SELECT hash, body, texts FROM own WHERE seq > ? AND body IS NOT NULL ORDER BY seq LIMIT ?",
            (self._acked.seq, limit),
        )
        return [read_row(*row) for row in rows]

    def acknowledge(self, head: Head, marks: Sequence[SessionMark] = ()) -> None:
        """Keep what the database's head says, even when it went back, and what it says of sessions."""
        with self._disk as connection:
            self._begin(connection)
            facts.put(connection, "acked", facts.head_text(head))
            for mark in marks:
                sessions.keep(connection, mark)
        self._clean = False
        self._acked = head

    # Orders

    def receive(self, events: Sequence[Received], marks: Sequence[SessionMark] = ()) -> list[str]:
        """Keep events of other journals (repeats are dropped) and what the database says; the sessions that grew."""
        grew: dict[str, None] = {}
        newest = self._last_id or ""
        with self._disk as connection:
            self._begin(connection)
            for version, event in ((one.version, one.event) for one in events):
                if self._has(connection, event):
                    continue
                row = (event.id, event.session_id, version, *sealed_row(event))
                if connection.execute(_PUT_RECEIVED, row).rowcount and event.session_id:
                    grew[event.session_id] = None
                newest = max(newest, event.id)
            for mark in marks:
                sessions.keep(connection, mark)
        self._clean = False
        self._last_id = newest or None
        return list(grew)

    def _has(self, connection: Any, event: Event) -> bool:
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
        found = (read_row(*row) for row in self._disk.rows(_OF_SESSION, (session_id,)))
        by_id = {event.id: event for event in found}  # of one that is own and received, the own
        return [by_id[event_id] for event_id in sorted(by_id)]

    def open_sessions(self) -> list[SessionMark]:
        """Sessions that are not known to be finished, oldest first."""
        return self._marks("open AND NOT closed")

    def followed_sessions(self) -> list[SessionMark]:
        """Open sessions, and those finished here of which the database may not have all yet; oldest first."""
        return self._marks("open")

    def mark_of(self, session_id: str) -> SessionMark | None:
        """What is known of one session."""
        return next(iter(self._marks("session_id = ?", session_id)), None)

    def _marks(self, condition: str, *values: str) -> list[SessionMark]:
        query = f"SELECT {sessions.COLUMNS} FROM sessions WHERE {condition} ORDER BY session_id"  # noqa: S608 - ours
        return [sessions.read(row) for row in self._disk.rows(query, values)]

    def forget_open(self, session_ids: Iterable[str]) -> None:
        """Stop following sessions: they are finished and the database has all of them."""
        with self._disk as connection:
            self._begin(connection)
            connection.executemany("UPDATE sessions SET open = 0 WHERE session_id = ?", [(one,) for one in session_ids])
        self._clean = False

    # Receipts

    @property
    def series(self) -> str | None:
        """The letters of this journal's receipts; None until the database or the first receipt gave them."""
        return self._series

    @property
    def last_receipt(self) -> int:
        """The number of the last receipt that this journal gave in its series; 0 before the first."""
        return self._last_receipt

    def set_series(self, series: str) -> None:
        """Keep the letters of this journal's receipts; only the first call counts."""
        if self._series is not None:
            return
        self._put("series", series)
        self._series = series
        self._last_receipt = self._read_receipt()

    @property
    def _receipt_series(self) -> str | None:
        return None if self._series is None else f"{self._identity.till}{self._series}"

    def _read_receipt(self) -> int:
        query = "SELECT max(receipt_number) FROM own WHERE receipt_series = ?"
        return int(self._disk.rows(query, (self._receipt_series,))[0][0] or 0)

    def _put(self, name: str, value: str) -> None:
        with self._disk as connection:
            self._begin(connection)
            facts.put(connection, name, value)
        self._clean = False

    # Reference data

    def cached(self, name: str) -> tuple[int, Mapping[str, Any]] | None:
        """The version and body of cached reference data (menu, staff, settings, tabs)."""
        for version, body in self._disk.rows("SELECT version, body FROM cache WHERE name = ?", (name,)):
            try:
                return version, json.loads(body)
            except ValueError as problem:
                raise JournalDamagedError from problem
        return None

    def cache(self, name: str, version: int, body: Mapping[str, Any]) -> None:
        """Keep reference data."""
        with self._disk as connection:
            self._begin(connection)
            connection.execute("INSERT OR REPLACE INTO cache VALUES (?, ?, ?)", (name, version, canonical(body)))
        self._clean = False

    def versions(self) -> dict[str, int]:
        """The versions of all cached reference data."""
        return dict(self._disk.rows("SELECT name, version FROM cache"))

    # The file

    def typed(self) -> str:
        """Text that was typed but not sent when the till last stopped."""
        return self._typed.read()

    def keep_typed(self, text: str) -> None:
        """Keep typed text, at every key: one write to the page cache, safe against a kill of the process."""
        self._typed.write(text)

    def closed_cleanly(self) -> datetime | None:
        """None after a clean close; otherwise when this file was last written before it was opened now."""
        return self.opened.broke_off

    def tidy(self) -> None:
        """Carry the write-ahead log over into the file. Call it between keys, and often."""
        self._disk.rows("PRAGMA wal_checkpoint(PASSIVE)")

    def close(self) -> None:
        """Close cleanly. The file is let go in any case; closing twice does nothing."""
        try:
            if not self._clean and self._lock.held:
                with self._disk as connection:
                    facts.put(connection, "clean", "1")
        finally:
            self._disk.close()
            self._typed.close()
            self._lock.release()
