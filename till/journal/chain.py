"""This till's own events: the chain, its acknowledged part, and the receipt numbers."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Any, Final

from till.domain.errors import EventError
from till.domain.events.envelope import STEP, reseal
from till.domain.ids import moment_of
from till.domain.numbers import SERIES
from till.domain.order.events import InvoiceIssued
from till.journal import jobs as print_jobs
from till.journal import meta as facts
from till.journal import sessions
from till.journal.errors import JournalDamagedError
from till.journal.rows import document_of, list_of, sealed_row
from till.ports import Head

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from till.domain.events.envelope import Event
    from till.journal.disk import Disk
    from till.journal.meta import Previous
    from till.ports import SessionMark
    from till.ports.printer import Job, JobState

#: Events carried over in one transaction.
_AT_ONCE: Final = 200
_PUT: Final = "INSERT INTO own VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
#: The beginning of a name in `meta`, before the number of an event for which the drawer is to be kicked.
_KICK: Final = "kick "
_END: Final = "SELECT seq, hash, id FROM own ORDER BY seq DESC LIMIT 1"


class Chain:
    """The part of `JournalFile` for own events."""

    def __init__(self, disk: Disk, meta: Mapping[str, str]) -> None:
        self._disk = disk
        self._identity = facts.identity_of(meta)
        self._previous = facts.previous_of(meta)
        self._series = meta.get("series")
        self._drawer_gap = meta.get("drawer_gap", "")
        self._acked = facts.read_head(meta.get("acked"))
        self._head, self._last_id = facts.NO_HEAD, meta.get("last_id")
        for seq, sealed, event_id in disk.rows(_END):
            self._head = Head(seq, sealed)
            self._note_id(event_id)
        self._carrying = bool(self.salvaged(1))

    def _note_id(self, event_id: str | None) -> None:
        if event_id and event_id > (self._last_id or ""):
            self._last_id = event_id

    @property
    def journal_id(self) -> str:
        return self._identity.journal_id

    @property
    def previous(self) -> Previous | None:
        """The damaged journal that this one replaced, for `journal_opened`; None if there is none."""
        return self._previous

    @property
    def drawer_gap(self) -> str:
        """The last event of a replaced journal that lacked events of the drawer; empty if there is none."""
        return self._drawer_gap

    @property
    def head(self) -> Head:
        return self._head

    @property
    def acked(self) -> Head:
        """The end of the chain reported by the database. It may be a head of another chain: compare the hash."""
        return self._acked

    @property
    def last_id(self) -> str | None:
        return self._last_id

    def append(
        self, events: Sequence[Event], *, closed: Iterable[str] = (), jobs: Iterable[Job] = (), kick: int = 0
    ) -> None:
        """Append sealed events to the chain, in one transaction, and mark streams as finished here.

        An event that opens or resumes a stream marks it as open. `closed` names the finished streams; a finished order
        is followed until `forget_open`. `jobs` and `kick` are as in `till.ports.Journal`.

        Raises:
            EventError: the events do not continue the chain, or were changed after sealing.
        """
        rows = self._chained(events)
        with self._disk as connection:
            for row, event in zip(rows, events, strict=True):
                connection.execute(_PUT, row)
                if sessions.begins(event, self.journal_id):
                    sessions.begin(connection, event)
            for stream_id in closed:
                sessions.close(connection, stream_id)
            print_jobs.put(connection, jobs)
            if kick:
                facts.put(connection, f"{_KICK}{kick}", "")
            if self._carrying:
                self._drop_salvaged(connection, events)
        for event in events:
            self._head = Head(event.seq, event.hash)
            self._note_id(event.id)

    def _chained(self, events: Sequence[Event]) -> list[tuple[Any, ...]]:
        rows: list[tuple[Any, ...]] = []
        seq, before = self._head.seq, self._head.hash
        for event, after in zip(events, [*events[1:], None][: len(events)], strict=True):
            seq += 1
            if event.seq != seq or event.prev_hash != before or event.journal_id != self.journal_id:
                raise EventError
            before = event.hash
            ends = after is None or after.at - event.at != STEP  # carried-over events come from many commands
            rows.append((seq, event.id, event.stream_id, *document_of(event), list_of(event), ends, *sealed_row(event)))
        return rows

    def hash_at(self, seq: int) -> str | None:
        """Return the hash of an own event by its number, pruned or not; None if there is none."""
        return next((sealed for (sealed,) in self._disk.rows("SELECT hash FROM own WHERE seq = ?", (seq,))), None)

    def written_at(self, seq: int) -> datetime | None:
        """Return the time of an own event on the till's clock; None if there is none.

        For a pruned event, return the time in its id, which may be later.

        Raises:
            JournalDamagedError: the event is damaged.
        """
        for event in self._disk.events("SELECT hash, body, texts FROM own WHERE seq = ? AND body IS NOT NULL", (seq,)):
            return event.at
        for (event_id,) in self._disk.rows("SELECT id FROM own WHERE seq = ?", (seq,)):
            return moment_of(event_id)
        return None

    def unsent(self, limit: int, *, after: Head | None = None) -> list[Event]:
        """Return own events after the acknowledged head, in chain order, without pruned ones.

        Args:
            limit: the most events; -1 for all.
            after: a later head of this chain to start after.

        Raises:
            JournalDamagedError: an event is damaged.
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
        """Return the numbers from `first` to `last` at which a command ends: batches are cut only there."""
        query = "SELECT seq FROM own WHERE seq BETWEEN ? AND ? AND ends"
        return {seq for (seq,) in self._disk.rows(query, (first, last))}

    def is_unsent(self, session_id: str) -> bool:
        """True if there are own events of a session after the acknowledged head."""
        query = "SELECT 1 FROM own WHERE stream_id = ? AND seq > ? LIMIT 1"
        return bool(self._disk.rows(query, (session_id, self._acked.seq)))

    def gone(self, limit: int) -> list[Head]:
        """Return the heads of pruned own events after the acknowledged head, in chain order."""
        query = "SELECT seq, hash FROM own WHERE seq > ? AND body IS NULL ORDER BY seq LIMIT ?"
        return [Head(seq, sealed) for seq, sealed in self._disk.rows(query, (self._acked.seq, limit))]

    def _follows(self, event: Event, seq: int, sealed: str | None) -> bool:
        """True if an event is the next after number `seq`, except for pruned events between them."""
        if event.seq == seq + 1:
            return sealed is None or event.prev_hash == sealed
        pruned = "SELECT count(*) FROM own WHERE seq > ? AND seq < ? AND body IS NULL"
        return self._disk.rows(pruned, (seq, event.seq)) == [(event.seq - seq - 1,)]

    def acknowledge(self, head: Head, marks: Sequence[SessionMark] = ()) -> None:
        """Write the head that the database reports, even an earlier one, and its marks of sessions.

        A power cut may undo the last writes; then the same events are sent again, and the database ignores them.
        """
        with self._disk.unhurried() as connection:
            facts.put(connection, "acked", facts.head_text(head))
            for mark in marks:
                sessions.keep(connection, mark)
        self._acked = head

    # Events of the damaged journal that this one replaced

    def carried(self, shift: str, limit: int, *, after: str = "") -> list[Event]:
        """Return events of the previous journal with the label of a shift, sorted by id, after an id."""
        query = """SELECT hash, body, texts FROM received WHERE id > ? AND body LIKE ? ORDER BY id LIMIT ?"""
        found = self._disk.events(query, (after, f'%,"shift":"{shift}",%', limit))
        return [event for event in found if event.till == self._identity.till]

    def salvaged(self, limit: int = -1) -> list[Event]:
        """Return events of the previous, damaged journal that the database may lack, with their original seals."""
        query = "SELECT hash, body, texts FROM received JOIN salvaged USING (id) ORDER BY id LIMIT ?"
        return self._disk.events(query, (limit,))

    def re_emit(self) -> int:
        """Append salvaged events to this chain, with their ids. Return their number.

        Call it after `journal_opened` is appended. If a crash interrupts it, the next call continues.
        """
        count = 0
        while events := self.salvaged(_AT_ONCE):
            finished = [one for one in {event.stream_id for event in events} if self._finished(one)]
            self.append(seal_again(events, self.journal_id, self._head), closed=finished)
            count += len(events)
        self._carrying = False
        return count

    def _finished(self, stream_id: str) -> bool:
        return bool(self._disk.rows("SELECT 1 FROM sessions WHERE session_id = ? AND closed", (stream_id,)))

    def _drop_salvaged(self, connection: sqlite3.Connection, events: Sequence[Event]) -> None:
        """Remove appended events from the salvaged ones, and keep the greatest id: they may be older than the last."""
        connection.executemany("DELETE FROM salvaged WHERE id = ?", [(event.id,) for event in events])
        facts.put(connection, "last_id", max([self._last_id or "", *(event.id for event in events)]))

    # Print jobs, and the kick of the drawer

    def last_job(self) -> int:
        """Return the number of the newest print job; 0 if there is none."""
        return int(self._disk.rows("SELECT coalesce(max(number), 0) FROM jobs")[0][0])

    def jobs_of(self, stream_id: str) -> list[Job]:
        """Return the print jobs about a stream, oldest first."""
        return [print_jobs.read(row) for row in self._disk.rows(print_jobs.OF, (stream_id,))]

    def live_jobs(self, state: JobState | None = None) -> list[Job]:
        """Return the print jobs that are queued or unknown, or in one of these states, oldest first."""
        return [print_jobs.read(row) for row in self._disk.rows(print_jobs.LIVE) if state in {None, row[-1]}]

    def keep_jobs(self, jobs: Iterable[Job], *, is_lasting: bool = True) -> None:
        """Write print jobs in their present states. If not `is_lasting`, a power cut may undo it."""
        with self._disk if is_lasting else self._disk.unhurried() as connection:
            print_jobs.put(connection, jobs)

    def kicked(self, seq: int) -> None:
        """Forget that the drawer is to be kicked for an event: it was tried."""
        with self._disk.unhurried() as connection:
            connection.execute("DELETE FROM meta WHERE name = ?", (f"{_KICK}{seq}",))

    def kicks_left(self) -> list[Event]:
        """Return the events for which the drawer was to be kicked, if the till was killed before it was tried."""
        query = """SELECT hash, body, texts FROM own WHERE body IS NOT NULL AND seq IN (
            SELECT CAST(substr(name, ?) AS INTEGER) FROM meta WHERE name LIKE ?) ORDER BY seq"""
        return self._disk.events(query, (len(_KICK) + 1, f"{_KICK}%"))

    # Receipts

    @property
    def series(self) -> str | None:
        """The letters of this journal's receipts; None until the database or the first receipt sets them."""
        return self._series

    def last_number(self, of: str = "") -> int:
        """Return the last number in this journal's series, 0 before the first; `of` is the kind of document."""
        query = "SELECT max(receipt_number) FROM own WHERE receipt_series = ?"
        return int(self._disk.rows(query, (self._numbers(of),))[0][0] or 0)

    def numbered(self, limit: int, of: str = "") -> list[Event]:
        """Return the newest documents of a kind that are still here, newest first, from all its series."""
        query = """SELECT hash, body, texts FROM own WHERE receipt_series = ? AND body IS NOT NULL
            AND listed IS NOT ? ORDER BY receipt_number DESC LIMIT ?"""
        series = SERIES.get(of, (of,))
        found = [self._disk.events(query, (self._numbers(one), InvoiceIssued.listed, limit)) for one in series]
        return found[0] if len(found) == 1 else sorted(chain(*found), key=lambda one: one.seq, reverse=True)[:limit]

    def _numbers(self, of: str) -> str | None:
        return None if self._series is None else f"{self._identity.till}{self._series}-{of}"

    def newest(self, listed: str, limit: int) -> list[Event]:
        """Return this till's newest events of a list, newest first. Events of a replaced journal come last."""
        query = "SELECT hash, body, texts FROM own WHERE listed = ? AND body IS NOT NULL ORDER BY seq DESC LIMIT ?"
        found = self._disk.events(query, (listed, limit))
        query = """SELECT hash, body, texts FROM received WHERE listed = ? AND json_extract(body, '$.till') = ?
            ORDER BY id DESC LIMIT ?"""
        return found + self._disk.events(query, (listed, self._identity.till, limit - len(found)))

    def unsent_listed(self, listed: str) -> tuple[int, datetime | None]:
        """Return how many events of a list the database lacks, and the time of the oldest."""
        query = "SELECT count(*), min(id) FROM own WHERE listed = ? AND seq > ?"
        ((count, first),) = self._disk.rows(query, (listed, self.acked.seq))
        return count, moment_of(first) if first else None

    def listed(self, listed: str) -> list[Event]:
        """Return all events of a list that are still here, from all tills, sorted by id."""
        query = """SELECT hash, body, texts FROM (
            SELECT id, hash, body, texts FROM own WHERE listed = ?1 AND body IS NOT NULL
            UNION ALL SELECT id, hash, body, texts FROM received WHERE listed = ?1) ORDER BY id"""
        return self._disk.events(query, (listed,))

    def events_with(self, listed: str, text: str) -> list[Event]:
        """Return the events of a list whose body contains `text`, of any till, sorted by id."""
        query = """SELECT hash, body, texts FROM (
            SELECT id, hash, body, texts FROM own WHERE listed = ?1 AND instr(body, ?2)
            UNION ALL SELECT id, hash, body, texts FROM received WHERE listed = ?1 AND instr(body, ?2)) ORDER BY id"""
        return self._disk.events(query, (listed, text))

    def streams_with(self, listed: str, text: str) -> list[str]:
        """Return the streams with an event of a list, of any till, whose body contains `text`; the oldest first."""
        query = """SELECT stream_id FROM (
            SELECT id, stream_id, body FROM own WHERE listed = ?1 AND body IS NOT NULL
            UNION ALL SELECT id, stream_id, body FROM received WHERE listed = ?1)
            WHERE instr(body, ?2) GROUP BY stream_id ORDER BY min(id)"""
        return [stream for (stream,) in self._disk.rows(query, (listed, text))]

    def set_series(self, series: str) -> None:
        """Set the letters of this journal's receipts. Later calls do nothing."""
        if self._series is not None:
            return
        with self._disk as connection:
            facts.put(connection, "series", series)
        self._series = series


def seal_again(events: Iterable[Event], journal_id: str, head: Head) -> list[Event]:
    """Return the events sealed again after `head`. They keep their ids, times, people and texts."""
    placed: list[Event] = []
    seq, before = head.seq, head.hash
    for event in events:
        seq += 1
        placed.append(reseal(event, journal_id=journal_id, seq=seq, prev_hash=before))
        before = placed[-1].hash
    return placed
