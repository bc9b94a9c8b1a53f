"""What can still be read of a damaged journal. Every event carries its own seal, so what reads at all reads truly.

Two ways are gone together: SQL from both ends of each table, as far as it goes, and the raw bytes of the file and its
log, where hash, body and texts of an event stand side by side. Neither writes to the damaged files.
"""

from __future__ import annotations

import json
import shutil
from contextlib import closing, contextmanager, suppress
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct, field

from till.domain.errors import EventError
from till.domain.events.envelope import NO_HASH
from till.domain.order.events import Erased, OrderDiscarded, OrderOpened, OrderParked, OrderPlaced, TabAssigned
from till.domain.streams import unseal
from till.domain.till.events import JournalOpened
from till.journal import documents, schema
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

ENDINGS: Final = ("", "-wal")

#: How every body begins, and room for one that fits a page with the texts behind it.
_BEGIN: Final = b'{"at":"'
_REACH: Final = 8192


class Salvage(Struct):
    """What was read.

    Attributes:
        events: by id, own and received.
        meta: names and values, as far as they read.
        cache: names and bodies of reference data that are what was written. The new journal has them as version 0.
        unread: places of the chain where something stands; those beyond the last event that reads are lost.
    """

    events: dict[str, Event] = field(default_factory=dict)
    meta: dict[str, str] = field(default_factory=dict)
    cache: list[tuple[str, str]] = field(default_factory=list)
    unread: set[int] = field(default_factory=set)

    def add(self, events: Iterable[Event]) -> None:
        """Keep events, each once."""
        for event in events:
            self.events.setdefault(event.id, event)

    @property
    def journal_id(self) -> str:
        """Its id; empty when that does not read."""
        try:
            return facts.identity_of(self.meta).journal_id
        except JournalDamagedError:
            return ""

    @property
    def acked(self) -> int:
        """The number of the last event that the database had; 0 when that does not read."""
        return facts.read_head(self.meta.get("acked")).seq

    @property
    def erased(self) -> frozenset[str]:
        """The events whose free text was erased: old bytes may still have it."""
        found = (event.data.events for event in self.events.values() if isinstance(event.data, Erased))
        return frozenset[str]().union(*found)

    def previous(self, till: int, store_id: str) -> facts.Previous | None:
        """The journal that this was, and its last event that reads."""
        own = [event for event in self.events.values() if event.till == till and event.store_id == store_id]
        if journal_id := self.journal_id:
            heads = [Head(event.seq, event.hash) for event in own if event.journal_id == journal_id]
            return facts.Previous(journal_id, max(heads, key=lambda head: head.seq, default=facts.NO_HEAD))
        # its events say whose it was
        last = max(own, key=lambda event: event.id, default=None)
        return facts.Previous(last.journal_id, Head(last.seq, last.hash)) if last else None

    def unsent(self, till: int, previous: facts.Previous | None) -> list[Event]:
        """Events of this till that the database is not known to have; what opened the journal is not carried over."""
        return [
            event
            for event in sorted(self.events.values(), key=lambda event: event.id)
            if event.till == till
            and not isinstance(event.data, JournalOpened)
            and not (previous and event.journal_id == previous.journal_id and event.seq <= self.acked)
        ]

    def lost(self, previous: facts.Previous | None) -> int:
        """How many events of the chain, that the database is not known to have, do not read."""
        if previous is None:
            return 0
        read = {event.seq for event in self.events.values() if event.journal_id == previous.journal_id}
        between = previous.head.seq - self.acked - sum(seq > self.acked for seq in read)
        return between + sum(seq > max(previous.head.seq, self.acked) for seq in self.unread)


def read(path: Path, scratch: Path) -> Salvage:
    """Read what can be read of the journal at `path`.

    Args:
        path: the damaged file; it stays as it is.
        scratch: a name for a copy, which SQLite may repair as it does after any crash. It is taken away again.

    Raises:
        OSError: the files cannot be copied or read at all.
    """
    found = Salvage()
    for log in _logs(path):
        with _copied(path, scratch, log):
            if scratch.exists() and scratch.stat().st_size:
                _ask(scratch, found)
    files = [path.with_name(path.name + ending) for ending in ENDINGS]
    known = {event.hash.encode() for event in found.events.values()}
    if journal_id := found.journal_id:
        found.unread.update(
            seq for file in files if file.exists() for seq, _at in places(file.read_bytes(), journal_id)
        )
    _add_carved(found, [event for file in files if file.exists() for event in carve(file.read_bytes(), known)])
    return found


def read_end(path: Path, ending: Ending, journal_id: str, head: Head) -> tuple[list[Event], bool]:
    """What SQLite drops of the end of a journal's log and follows its head, sealed; and whether that is all of it.

    A command counts whole or not at all: events that are not all of them are not to be taken in.

    Raises:
        OSError: there is no room for a copy, say.
    """
    scratch = path.with_name(path.name + ".reading")
    found = Salvage()
    with _copied(path, scratch, _mended(path, ending)):
        _ask(scratch, found, ["own"], head.seq)
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
    """The log beside a journal, and what it says with new sums where SQLite would drop some of it."""
    written = read_log(path)
    yield written
    ending = look(written)
    if ending.dropped:
        yield _mended(path, ending)


def _mended(path: Path, ending: Ending) -> bytes:
    return ending.mended(path.stat().st_size // PAGE + 1)


@contextmanager
def _copied(path: Path, scratch: Path, log: bytes) -> Iterator[None]:
    """A copy of a journal with a log beside it, to be asked; it is taken away again."""
    try:
        if path.exists():
            scratch.touch(mode=0o600)
            shutil.copyfile(path, scratch)
        if log:
            place_of(scratch).touch(mode=0o600)
            place_of(scratch).write_bytes(log)
        yield
    finally:
        for ending in (*ENDINGS, "-shm", "-journal"):
            scratch.with_name(scratch.name + ending).unlink(missing_ok=True)


def _add_carved(found: Salvage, carved: list[Event]) -> None:
    """Add what only the raw bytes gave. Of two in one place of a chain, one was refused: nothing follows it."""
    places = {(event.journal_id, event.seq) for event in found.events.values()}
    followed = {event.prev_hash for event in (*found.events.values(), *carved)}
    for event in sorted(carved, key=lambda event: event.hash not in followed):
        if (event.journal_id, event.seq) not in places:
            places.add((event.journal_id, event.seq))
            found.events.setdefault(event.id, event)


def _ask(scratch: Path, found: Salvage, tables: Iterable[str] = ("own", "received"), after: int = 0) -> None:
    """Ask SQLite for what a copy has in these tables behind a row."""
    try:
        connection = schema.connect(scratch)
    except Failures:
        return  # SQL gets nothing out of it; the raw bytes are still read
    known: set[object] = set()
    with closing(connection):
        for name, value in _rows(connection, "SELECT name, value FROM meta"):
            found.meta.setdefault(name, value)
        for version, kept, raw, _row in _rows(connection, documents.ROWS):
            name = documents.name_of(raw)
            if (text := documents.text_of(name, version, kept)) is not None:
                found.cache.append((name, text))
        # what is no UTF-8 is no end of the rows: the seal tells
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


def _rows(connection: sqlite3.Connection, query: str) -> Iterator[tuple[Any, ...]]:
    """The rows of a query up to the first that does not read."""
    with suppress(*Failures):
        yield from connection.execute(query)


def _verified(sealed: object, body: object, texts: object) -> Iterator[Event]:
    """The event, if it is what was sealed; of a damaged row a value may be of any kind."""
    if not (isinstance(sealed, str) and isinstance(body, str) and isinstance(texts, str)):
        return
    with suppress(EventError, ValueError, RecursionError):
        beside = json.loads(texts) if texts else {}
        yield unseal(body, sealed, beside if isinstance(beside, dict) else {})


def carve(data: bytes, known: Iterable[bytes] = ()) -> Iterator[Event]:
    """Events in raw bytes of a journal, each once, but for those of known hashes.

    One that SQLite spread over several pages is not found so.
    """
    decoder, seen, at = json.JSONDecoder(), set(known), -1
    while (at := data.find(_BEGIN, at + 1)) >= 0:
        sealed = data[max(0, at - len(NO_HASH)) : at]
        if sealed in seen:
            continue
        text = data[at : at + _REACH].decode(errors="replace")
        try:
            _value, end = decoder.raw_decode(text)
            texts_end = decoder.raw_decode(text, end)[1] if text[end : end + 1] == "{" else end
        except (ValueError, RecursionError):
            continue
        for event in _verified(sealed.decode(errors="replace"), text[:end], text[end:texts_end]):
            seen.add(sealed)
            yield event


def sessions_of(found: Salvage, till: int, waiting: Collection[str | None] = ()) -> dict[str, tuple[int, bool]]:
    """The sessions that this till had a hand in: whose they are, and whether they were finished here.

    One of `waiting` has events that the database may not have: put aside or on a tab, it is listed by this till alone.
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
            finished = True  # the database, once it has them, tells what becomes of it
        elif event.data.takes:
            finished = False
        known[event.session_id] = (user, finished)
    return known
