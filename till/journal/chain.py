"""This till's own events: one chain, what of it the database has, and the receipts that it gave."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from till.domain.errors import EventError
from till.domain.events.envelope import STEP
from till.domain.ids import moment_of
from till.journal import meta as facts
from till.journal import sessions
from till.journal.carrying import carried
from till.journal.errors import JournalDamagedError
from till.journal.rows import CONFLICT, CORRECTION, OF_REFUNDS, PAYMENT, REFUND, kind_of, receipt_of, sealed_row
from till.ports import Head

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from till.domain.events.envelope import Event
    from till.journal.disk import Disk
    from till.journal.meta import Previous
    from till.ports import SessionMark

#: Events carried over in one transaction.
_AT_ONCE: Final = 200
_PUT: Final = "INSERT INTO own VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
_END: Final = "SELECT seq, hash, id FROM own ORDER BY seq DESC LIMIT 1"


class Chain:
    """The part of `JournalFile` that is about own events."""

    def __init__(self, disk: Disk, meta: Mapping[str, str]) -> None:
        self._disk = disk
        self._identity = facts.identity_of(meta)
        self._previous = facts.previous_of(meta)
        self._series = meta.get("series")
        self._acked = facts.read_head(meta.get("acked"))
        self._head, self._last_id = facts.NO_HEAD, meta.get("last_id")
        for seq, sealed, event_id in disk.rows(_END):
            self._head = Head(seq, sealed)
            self._saw(event_id)
        self._last_receipt = self._read_receipt()
        self._last_refund = self._read_receipt(OF_REFUNDS)
        self._carrying = bool(self.salvaged(1))

    def _saw(self, event_id: str | None) -> None:
        if event_id and event_id > (self._last_id or ""):
            self._last_id = event_id

    @property
    def journal_id(self) -> str:
        return self._identity.journal_id

    @property
    def previous(self) -> Previous | None:
        """The damaged journal that this one took the place of, for `journal_opened`; None when there was none."""
        return self._previous

    @property
    def head(self) -> Head:
        return self._head

    @property
    def acked(self) -> Head:
        """How far the database says it has the chain. It need not be a head of this chain: compare the hash."""
        return self._acked

    @property
    def last_id(self) -> str | None:
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
            for row, event in zip(rows, events, strict=True):
                connection.execute(_PUT, row)
                if event.data.takes:
                    sessions.hold(connection, event)
            for session_id in closed:
                connection.execute("UPDATE sessions SET closed = 1 WHERE session_id = ?", (session_id,))
            if self._carrying:
                self._carry(connection, events)
        for row in rows:
            self._grew(row)

    def _chained(self, events: Sequence[Event]) -> list[tuple[Any, ...]]:
        rows: list[tuple[Any, ...]] = []
        seq, before = self._head.seq, self._head.hash
        for event, after in zip(events, [*events[1:], None][: len(events)], strict=True):
            seq += 1
            if event.seq != seq or event.prev_hash != before or event.journal_id != self.journal_id:
                raise EventError
            before = event.hash
            ends = after is None or after.at - event.at != STEP  # what is carried over brings many commands
            rows.append((seq, event.id, event.session_id, *receipt_of(event), kind_of(event), ends, *sealed_row(event)))
        return rows

    def _grew(self, row: tuple[Any, ...]) -> None:
        seq, event_id, _session, series, number, _kind, _ends, sealed, _body, _texts = row
        self._head = Head(seq, sealed)
        self._saw(event_id)
        if series is not None and series == self._receipt_series:
            self._last_receipt = max(self._last_receipt, number)
        elif series is not None and series == f"{self._receipt_series}{OF_REFUNDS}":
            self._last_refund = max(self._last_refund, number)

    def hash_at(self, seq: int) -> str | None:
        """The hash of an own event by its place in the chain, pruned or not; None when there is none."""
        return next((sealed for (sealed,) in self._disk.rows("SELECT hash FROM own WHERE seq = ?", (seq,))), None)

    def written_at(self, seq: int) -> datetime | None:
        """When the own event of a number was written, as the till knew the time; None when there is none.

        Of one that was pruned it is the time in its id, which may be ahead of that.

        Raises:
            JournalDamagedError: it is not what was written.
        """
        for event in self._disk.events("SELECT hash, body, texts FROM own WHERE seq = ? AND body IS NOT NULL", (seq,)):
            return event.at
        for (event_id,) in self._disk.rows("SELECT id FROM own WHERE seq = ?", (seq,)):
            return moment_of(event_id)
        return None

    def unsent(self, limit: int, *, after: Head | None = None) -> list[Event]:
        """Own events after the acknowledged head, in chain order. What was pruned meanwhile is left out.

        Args:
            limit: the most that are wanted; -1 for all.
            after: a place of this chain further on, to begin behind it.

        Raises:
            JournalDamagedError: one of them is not what was written.
        """
        query = "SELECT hash, body, texts FROM own WHERE seq > ? AND body IS NOT NULL ORDER BY seq LIMIT ?"
        known: tuple[int, str | None] = (after.seq, after.hash) if after else (self._acked.seq, None)
        events = self._disk.events(query, (known[0], limit))
        for event in events:
            if not self._follows(event, *known):
                self._disk.condemn()
                raise JournalDamagedError
            known = event.seq, event.hash
        return events

    def ends(self, first: int, last: int) -> set[int]:
        """The places from `first` to `last` where a command ended: a batch is cut there alone."""
        query = "SELECT seq FROM own WHERE seq BETWEEN ? AND ? AND ends"
        return {seq for (seq,) in self._disk.rows(query, (first, last))}

    def is_unsent(self, session_id: str) -> bool:
        """Whether there are own events of a session after the acknowledged head."""
        query = "SELECT 1 FROM own WHERE session_id = ? AND seq > ? LIMIT 1"
        return bool(self._disk.rows(query, (session_id, self._acked.seq)))

    def gone(self, limit: int) -> list[Head]:
        """Own events after the acknowledged head of which only the place is here (pruned), in chain order."""
        query = "SELECT seq, hash FROM own WHERE seq > ? AND body IS NULL ORDER BY seq LIMIT ?"
        return [Head(seq, sealed) for seq, sealed in self._disk.rows(query, (self._acked.seq, limit))]

    def _follows(self, event: Event, seq: int, sealed: str | None) -> bool:
        """Whether an event is the next after that number, but for what was pruned between."""
        if event.seq == seq + 1:
            return sealed is None or event.prev_hash == sealed
        pruned = "SELECT count(*) FROM own WHERE seq > ? AND seq < ? AND body IS NULL"
        return self._disk.rows(pruned, (seq, event.seq)) == [(event.seq - seq - 1,)]

    def acknowledge(self, head: Head, marks: Sequence[SessionMark] = ()) -> None:
        """Keep what the database's head says, even when it went back, and what it says of sessions.

        A power cut may undo the last ones; then the same events are sent again, and the database has them already.
        """
        with self._disk.unhurried() as connection:
            facts.put(connection, "acked", facts.head_text(head))
            for mark in marks:
                sessions.keep(connection, mark)
        self._acked = head

    # Events of the damaged journal before this one

    def salvaged(self, limit: int = -1) -> list[Event]:
        """Events of the damaged journal before this one that the database may not have, as they were sealed then."""
        query = "SELECT hash, body, texts FROM received JOIN salvaged USING (id) ORDER BY id LIMIT ?"
        return self._disk.events(query, (limit,))

    def re_emit(self) -> int:
        """Give salvaged events a place in this chain, with the ids they have; how many.

        Call it once `journal_opened` was appended. What a crash breaks off is carried on by the next call.
        """
        count = 0
        while events := self.salvaged(_AT_ONCE):
            finished = [one for one in {event.session_id for event in events} if one and self._finished(one)]
            self.append(carried(events, self.journal_id, self._head), closed=finished)
            count += len(events)
        self._carrying = False
        return count

    def _finished(self, session_id: str) -> bool:
        return bool(self._disk.rows("SELECT 1 FROM sessions WHERE session_id = ? AND closed", (session_id,)))

    def _carry(self, connection: sqlite3.Connection, events: Sequence[Event]) -> None:
        """Events of before take their place in this chain: they wait no more, and may be older than the last."""
        connection.executemany("DELETE FROM salvaged WHERE id = ?", [(event.id,) for event in events])
        facts.put(connection, "last_id", max([self._last_id or "", *(event.id for event in events)]))

    # Receipts

    @property
    def series(self) -> str | None:
        """The letters of this journal's receipts; None until the database or the first receipt gave them."""
        return self._series

    @property
    def last_receipt(self) -> int:
        """The number of the last receipt that this journal gave in its series; 0 before the first."""
        return self._last_receipt

    @property
    def last_refund(self) -> int:
        """The number of the last refund of this journal; 0 before the first."""
        return self._last_refund

    def sales(self, limit: int) -> list[Event]:
        """The newest sales of this journal that are still here, the newest first."""
        query = """SELECT hash, body, texts FROM own WHERE receipt_series = ? AND body IS NOT NULL
            ORDER BY receipt_number DESC LIMIT ?"""
        return self._disk.events(query, (self._receipt_series, limit))

    def refunds(self) -> list[Event]:
        """All events of refunds of this till that are still here, by their ids, of its journals before this too."""
        return self._of_kind(REFUND)

    def payments(self, limit: int) -> list[Event]:
        """The newest beginnings of payments, and of giving them back, of this till, the newest first.

        Those of a journal that this one took the place of are the oldest.
        """
        query = "SELECT hash, body, texts FROM own WHERE kind = ? AND body IS NOT NULL ORDER BY seq DESC LIMIT ?"
        found = self._disk.events(query, (PAYMENT, limit))
        query = """SELECT hash, body, texts FROM received WHERE kind = ? AND json_extract(body, '$.till') = ?
            ORDER BY id DESC LIMIT ?"""
        return found + self._disk.events(query, (PAYMENT, self._identity.till, limit - len(found)))

    def corrections(self) -> list[Event]:
        """All that put a tender right and is still here, by this till and by others, by their ids."""
        return self._of_kind(CORRECTION)

    def conflicts(self) -> list[Event]:
        """All that was found wrong about money and is still here, by this till and by others, by their ids."""
        return self._of_kind(CONFLICT)

    def _of_kind(self, kind: str) -> list[Event]:
        query = """SELECT hash, body, texts FROM (
            SELECT id, hash, body, texts FROM own WHERE kind = ?1 AND body IS NOT NULL
            UNION ALL SELECT id, hash, body, texts FROM received WHERE kind = ?1) ORDER BY id"""
        return self._disk.events(query, (kind,))

    def set_series(self, series: str) -> None:
        """Keep the letters of this journal's receipts; only the first call counts."""
        if self._series is not None:
            return
        with self._disk as connection:
            facts.put(connection, "series", series)
        self._series = series
        self._last_receipt = self._read_receipt()
        self._last_refund = self._read_receipt(OF_REFUNDS)

    @property
    def _receipt_series(self) -> str | None:
        return None if self._series is None else f"{self._identity.till}{self._series}"

    def _read_receipt(self, of: str = "") -> int:
        query = "SELECT max(receipt_number) FROM own WHERE receipt_series = ?"
        return int(self._disk.rows(query, (f"{self._receipt_series}{of}",))[0][0] or 0)
