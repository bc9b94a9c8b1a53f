"""The salvage of a damaged journal. Every event has its own seal, so every readable event is genuine.

Two methods are combined: SQL queries from both ends of each table, up to the first error, and a search in the raw bytes
of the file and its log, where the hash, body and texts of an event are adjacent. Neither writes to the damaged files.
"""

from __future__ import annotations

import json
import logging
import shutil
from contextlib import closing, contextmanager, suppress
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct, field

from till.domain.errors import EventError
from till.domain.events.envelope import NO_HASH
from till.domain.order.events import (
    Erased,
    OrderDiscarded,
    OrderGranted,
    OrderOpened,
    OrderParked,
    OrderPlaced,
    OrderResumed,
    TabAssigned,
)
from till.domain.streams import AGGREGATES, unseal
from till.domain.till.events import JournalOpened
from till.journal import documents, schema
from till.journal import jobs as print_jobs
from till.journal import meta as facts
from till.journal.checking import places
from till.journal.errors import Failures, JournalDamagedError
from till.journal.log import PAGE, look, place_of, read_log
from till.ports import Head

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Collection, Iterable, Iterator
    from pathlib import Path

    from till.domain.events.envelope import Event
    from till.journal.log import Ending
    from till.ports.printer import Job

_LOG: Final = logging.getLogger(__name__)

#: The beginning of every body, and the most bytes to search for an event with its texts.
_BEGIN: Final = b'{"at":"'
_REACH: Final = 8192
#: Bytes that every event has: two hashes, the names of its fields and its ids.
_LEAST: Final = 256


class Salvage(Struct):
    """The salvaged content.

    Attributes:
        events: the events by id, own and received.
        meta: the readable names and values.
        cache: the names and bodies of genuine reference data. The new journal stores them as version 0.
        unread: the numbers of unreadable events of the chain; those after the last readable event are lost.
        last_event: the id of the journal and the number of its last event, from the file beside it.
        jobs: the readable print jobs that may not be on paper, by number.
    """

    events: dict[str, Event] = field(default_factory=dict)
    meta: dict[str, str] = field(default_factory=dict)
    cache: list[tuple[str, str]] = field(default_factory=list)
    unread: set[int] = field(default_factory=set)
    last_event: tuple[str, int] = ("", 0)
    jobs: dict[int, Job] = field(default_factory=dict)

    def add(self, events: Iterable[Event]) -> None:
        """Add events, each once."""
        for event in events:
            self.events.setdefault(event.id, event)

    @property
    def journal_id(self) -> str:
        """The id of the journal; empty if it is unreadable."""
        try:
            return facts.identity_of(self.meta).journal_id
        except JournalDamagedError:
            return ""

    @property
    def acked(self) -> int:
        """The number of the last acknowledged event; 0 if it is unreadable."""
        return facts.read_head(self.meta.get("acked")).seq

    @property
    def erased(self) -> frozenset[str]:
        """The events whose free text was erased: old bytes of the file may still have the text."""
        found = (event.data.events for event in self.events.values() if isinstance(event.data, Erased))
        return frozenset[str]().union(*found)

    def previous(self, till: int, store_id: str) -> facts.Previous | None:
        """Return the id of this journal with its last readable head; None if it has no readable id or event."""
        own = [event for event in self.events.values() if event.till == till and event.store_id == store_id]
        if journal_id := self.journal_id:
            heads = [Head(event.seq, event.hash) for event in own if event.journal_id == journal_id]
            return facts.Previous(journal_id, max(heads, key=lambda head: head.seq, default=facts.NO_HEAD))
        # the events name the journal
        last = max(own, key=lambda event: event.id, default=None)
        return facts.Previous(last.journal_id, Head(last.seq, last.hash)) if last else None

    def unsent(self, till: int, previous: facts.Previous | None) -> list[Event]:
        """Return this till's events that the database may lack, without opening events."""
        return [
            event
            for event in sorted(self.events.values(), key=lambda event: event.id)
            if event.till == till
            and not isinstance(event.data, JournalOpened)
            and not (previous and event.journal_id == previous.journal_id and event.seq <= self.acked)
        ]

    def missing(self, previous: facts.Previous | None) -> facts.Missing | None:
        """Return the unreadable events of the chain that the database may lack; None if there are none."""
        if previous is None:
            return None
        ranges = tuple(self._gaps(previous, self.acked))
        return facts.Missing(previous.journal_id, ranges) if ranges else None

    def _gaps(self, previous: facts.Previous, before: int) -> Iterator[tuple[int, int]]:
        """Yield the first and last number of each gap of the chain after a number."""
        journal_id, number = self.last_event
        last = number if journal_id == previous.journal_id else 0
        read = {event.seq for event in self.events.values() if event.journal_id == previous.journal_id}
        for seq in sorted({*(seq for seq in read if seq > before), max(previous.head.seq, last, *self.unread, 0) + 1}):
            if seq > before + 1:
                yield before + 1, seq - 1
            before = seq

    def drawer_gap(self, till: int, previous: facts.Previous) -> str:
        """Return the id of this till's newest event if the balance of its drawer cannot be added up from these events.

        It can if all events since the last close are there, or since the opening of the open shift. An older copy of a
        journal lacks those that only the database has. Empty if it can, or if this till never had a shift.
        """
        own = sorted((one for one in self.events.values() if one.till == till), key=lambda one: one.id)
        base = next((one for one in reversed(own) if one.data.labels), None)
        label = next((one.shift for one in reversed(own) if one.shift is not None), None)
        if label is None:
            return ""
        is_whole = (
            base is not None
            and base.stream_id == label
            and base.id > self.meta.get("drawer_gap", "")
            and self.meta.get("condemned") != facts.PARTED
            and not any(self._gaps(previous, base.seq if base.journal_id == previous.journal_id else 0))
        )
        return "" if is_whole else own[-1].id


def read(path: Path, scratch: Path) -> Salvage:
    """Read the readable content of the journal at `path`.

    Args:
        path: the damaged file; it is not changed.
        scratch: the path for a copy, which SQLite may repair. It is removed afterwards.

    Raises:
        OSError: the files cannot be copied or read at all.
    """
    found = Salvage()
    for log in _logs(path):
        with _copied(path, scratch, log):
            if scratch.exists() and scratch.stat().st_size:
                _query(scratch, found)
    data = [
        file.read_bytes() for file in (path.with_name(path.name + ending) for ending in schema.ENDINGS) if file.exists()
    ]
    known = {event.hash.encode() for event in found.events.values()}
    journal_id = found.journal_id
    if journal_id:
        found.unread.update(seq for one in data for seq, _at in places(one, journal_id))
    _add_carved(found, [event for one in data for event in carve(one, known)])
    own = (event.seq for event in found.events.values() if event.journal_id == journal_id)
    most = max(found.acked, *own, 0) + sum(map(len, data)) // _LEAST
    found.unread = {seq for seq in found.unread if seq <= most}  # a number beyond that is damaged itself
    return found


def read_end(path: Path, ending: Ending, journal_id: str, head: Head) -> tuple[list[Event], bool]:
    """Return the sealed events after the head in the dropped end of a log, and True if they are complete.

    A command is recovered completely or not at all: an incomplete set of events must not be appended.
    """
    scratch = path.with_name(path.name + ".reading")
    found = Salvage()
    with _copied(path, scratch, _mended(path, ending)):
        _query(scratch, found, ["own"], head.seq)
    found.unread.update(seq for seq, _at in places(ending.tail, journal_id))
    found.add(carve(ending.tail, {event.hash.encode() for event in found.events.values()}))
    after = {event.prev_hash: event for event in found.events.values() if event.journal_id == journal_id}
    events: list[Event] = []
    before = head
    while (event := after.get(before.hash)) and event.seq == before.seq + 1:
        events.append(event)
        before = Head(event.seq, event.hash)
    shown = {event.seq for event in found.events.values() if event.journal_id == journal_id}
    return events, max(shown | found.unread, default=0) <= before.seq


def _logs(path: Path) -> Iterator[bytes]:
    """Yield the log of a journal, and a version with new checksums if SQLite would drop a part."""
    written = read_log(path)
    yield written
    ending = look(written)
    if ending.dropped:
        yield _mended(path, ending)


def _mended(path: Path, ending: Ending) -> bytes:
    return ending.mended(path.stat().st_size // PAGE + 1)


@contextmanager
def _copied(path: Path, scratch: Path, log: bytes) -> Iterator[None]:
    """Make a temporary copy of a journal with a log, for queries."""
    try:
        if path.exists():
            scratch.touch(mode=0o600)
            shutil.copyfile(path, scratch)
        if log:
            place_of(scratch).touch(mode=0o600)
            place_of(scratch).write_bytes(log)
        yield
    finally:
        for ending in (*schema.ENDINGS, "-shm", "-journal"):
            scratch.with_name(scratch.name + ending).unlink(missing_ok=True)


def _add_carved(found: Salvage, carved: list[Event]) -> None:
    """Add events found only in raw bytes. Of two events with one number, the one without a successor was refused."""
    places = {(event.journal_id, event.seq) for event in found.events.values()}
    followed = {event.prev_hash for event in (*found.events.values(), *carved)}
    for event in sorted(carved, key=lambda event: event.hash not in followed):
        if (event.journal_id, event.seq) not in places:
            places.add((event.journal_id, event.seq))
            found.events.setdefault(event.id, event)


def _query(scratch: Path, found: Salvage, tables: Iterable[str] = ("own", "received"), after: int = 0) -> None:
    """Query a copy for the rows of some tables after a number."""
    try:
        connection = schema.connect(scratch)
    except Failures:
        return  # no SQL is possible; the raw bytes are still searched
    known: set[object] = set()
    with closing(connection):
        for name, value in _rows(connection, "SELECT name, value FROM meta"):
            found.meta.setdefault(name, value)
        for version, kept, raw, _row in _rows(connection, documents.ROWS):
            name = documents.name_of(raw)
            if (text := documents.text_of(name, version, kept)) is not None:
                found.cache.append((name, text))
        _add_jobs(connection, found)
        # invalid UTF-8 must not stop the query: the seal decides
        connection.text_factory = lambda raw: raw.decode(errors="replace")
        rows = "SELECT hash, body, texts, rowid FROM {} WHERE body IS NOT NULL AND rowid > {} ORDER BY rowid {}"
        for table in tables:
            for way in ("", "DESC"):
                query = rows.format(table, after, way)
                for sealed, body, texts, place in _rows(connection, query):
                    if sealed not in known:
                        known.add(sealed)
                        events = list(_verified(sealed, body, texts))
                        found.add(events)
                        if table == "own" and not events:
                            found.unread.add(place)


def _add_jobs(connection: sqlite3.Connection, found: Salvage) -> None:
    for row in _rows(connection, print_jobs.LIVE):
        with suppress(ValueError, TypeError):  # values of a damaged row may have any type
            found.jobs.setdefault(row[0], print_jobs.read(row))


def _rows(connection: sqlite3.Connection, query: str) -> Iterator[tuple[Any, ...]]:
    """Yield the rows of a query up to the first unreadable one."""
    with suppress(*Failures):
        yield from connection.execute(query)


def _verified(sealed: object, body: object, texts: object) -> Iterator[Event]:
    """Yield the event if it is genuine. Values of a damaged row may have any type."""
    if not (isinstance(sealed, str) and isinstance(body, str) and isinstance(texts, str)):
        return
    with suppress(EventError, ValueError, RecursionError):
        beside = json.loads(texts) if texts else {}
        yield unseal(body, sealed, beside if isinstance(beside, dict) else {})


def carve(data: bytes, known: Iterable[bytes] = ()) -> Iterator[Event]:
    """Yield the events in raw bytes of a journal, each once, except events with known hashes.

    An event that spans several pages of SQLite is not found.
    """
    decoder, seen, at = json.JSONDecoder(), set(known), -1
    while (at := data.find(_BEGIN, at + 1)) >= 0:
        sealed = data[max(0, at - len(NO_HASH)) : at]
        if sealed in seen:
            continue
        text = data[at : at + _REACH].decode(errors="replace")
        try:
            _value, end = decoder.raw_decode(text)
        except (ValueError, RecursionError):
            continue
        try:
            texts_end = decoder.raw_decode(text, end)[1] if text[end : end + 1] == "{" else end
        except (ValueError, RecursionError):
            texts_end = end  # the texts are damaged, but the event is complete
        for event in _verified(sealed.decode(errors="replace"), text[:end], text[end:texts_end]):
            seen.add(sealed)
            yield event


def others_of(events: Iterable[Event]) -> dict[tuple[str, str], list[Event]]:
    """Return the events of foldable streams other than orders, by kind and id."""
    streams: dict[tuple[str, str], list[Event]] = {}
    for event in events:
        if event.stream_kind in AGGREGATES and event.session_id is None:
            streams.setdefault((event.stream_kind, event.stream_id), []).append(event)
    return streams


def is_over(kind: str, stream_id: str, events: Iterable[Event]) -> bool:
    """True if the stream of these events is finished."""
    try:
        state = AGGREGATES[kind].fold(events)
    except Exception:  # noqa: BLE001 - a fault in a step must not keep a till from starting: it stays open, and is logged
        _LOG.exception("stream_not_folded", extra={"session": stream_id})
        return False
    return state is not None and state.is_over


def sessions_of(found: Salvage, till: int, waiting: Collection[str | None] = ()) -> dict[str, tuple[int, bool]]:
    """Return the sessions with events of this till: the user of each, and True if it was finished here.

    A session of `waiting` has events that the database may lack: if it is suspended or on a tab, it counts as
    unfinished, since only this till can list it.
    """
    known: dict[str, tuple[int, bool]] = {}
    for event in sorted(found.events.values(), key=lambda event: event.id):
        if event.session_id is None or (event.till != till and event.session_id not in known):
            continue
        user, finished = known.get(event.session_id, (event.user or 0, False))
        if isinstance(event.data, OrderOpened):
            user = event.data.user
        if isinstance(event.data, OrderPlaced | OrderDiscarded):
            finished = True
        elif isinstance(event.data, OrderParked | TabAssigned) and event.session_id not in waiting:
            finished = True  # the database has it, and reports its outcome
        elif isinstance(event.data, OrderResumed) or (isinstance(event.data, OrderGranted) and event.data.till == till):
            finished = False
        known[event.session_id] = (user, finished)
    return known
