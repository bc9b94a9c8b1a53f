"""The journal's commit, compared with a raw SQLite commit of the same bytes: WAL, `synchronous=FULL`, one row."""

from __future__ import annotations

import sqlite3
import time
from typing import TYPE_CHECKING, Any, Final

from bench import venue
from bench.shop import key_order
from bench.table import Figure, Sample, paired, within
from till.domain.order.selling import ItemEntry
from till.wiring.parts import LateOutbox, WallClock, make_register, open_journal, seed_cache

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bench.testbed import Bench
    from till.domain.events.envelope import Event
    from till.journal import JournalFile

COMMITS: Final = 1000
_TABLE: Final = (
    "CREATE TABLE event (seq INTEGER PRIMARY KEY, id TEXT, session_id TEXT, hash TEXT, body TEXT, texts TEXT)"
)


class RawDisk:
    """The lower limit for the journal: one table, one insert, one commit."""

    def __init__(self, path: str) -> None:
        self._connection = sqlite3.connect(path, isolation_level=None)
        for pragma in ("journal_mode = WAL", "synchronous = FULL"):
            self._connection.execute(f"PRAGMA {pragma}")
        self._connection.execute(_TABLE)

    def commit(self, *events: Event) -> None:
        """Write the bytes of events to disk in one transaction."""
        self._connection.execute("BEGIN IMMEDIATE")
        for event in events:
            row = (event.seq, event.id, event.session_id, event.hash, event.body, "")
            self._connection.execute("INSERT INTO event VALUES (?, ?, ?, ?, ?, ?)", row)
        self._connection.execute("COMMIT")

    def close(self) -> None:
        """Close the file."""
        self._connection.close()


class TimedJournal:
    """A journal that times each append, and commits the same bytes raw, before or after it in turn.

    Args:
        journal: the journal to time.
        raw: the disk for the raw commits.
        most: the most events of an append that is timed.
    """

    def __init__(self, journal: JournalFile, raw: RawDisk, most: int = 1) -> None:
        self._most = most
        self._journal = journal
        self._raw = raw
        self.own: list[float] = []
        self.bare: list[float] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._journal, name)

    def append(self, events: Sequence[Event], **more: Any) -> None:
        """Append events, and time it. `more` is as in `till.ports.Journal.append`."""
        if len(events) > self._most:
            self._journal.append(events, **more)
            return
        raw_first = len(self.own) % 2
        if raw_first:
            self._time_raw(events)
        begun = time.perf_counter()
        self._journal.append(events, **more)
        self.own.append(time.perf_counter() - begun)
        if not raw_first:
            self._time_raw(events)

    def _time_raw(self, events: Sequence[Event]) -> None:
        begun = time.perf_counter()
        self._raw.commit(*events)
        self.bare.append(time.perf_counter() - begun)


def measure(testbed: Bench, commits: int) -> tuple[Sample, Sample]:
    """Measure milliseconds of each commit by the journal, and of a raw commit of the same event."""
    folder = testbed.new_folder()
    journal = open_journal(folder / "till-1.sqlite", till=1, store_id=venue.STORE)
    raw = RawDisk(str(folder / "raw.sqlite"))
    try:
        seed_cache(journal, venue.reference(60))
        timed = TimedJournal(journal, raw)
        register = make_register(timed, WallClock(), LateOutbox(), till=1, store_id=venue.STORE)  # type: ignore[arg-type] # it forwards all arguments
        timed.own.clear()
        timed.bare.clear()
        session = key_order(register, 1, 1)
        for number in range(commits):
            if number % 50 == 0:
                session = key_order(register, 1, 1)
            register.sales.add(session, 1, ItemEntry(register.menu.by_plu[2 + number % 50]))
        return Sample.of(timed.own, 1000), Sample.of(timed.bare, 1000)
    finally:
        raw.close()
        journal.close()


def run(testbed: Bench) -> Iterator[Figure]:
    """Yield the commit of one event, and the median difference of the pairs."""
    own, raw = measure(testbed, COMMITS)
    against = "raw SQLite, WAL, FULL, same bytes"
    yield Figure("journal commit, median", own.median, "ms", raw.median, against, within(1.2), own)
    yield Figure("journal commit, p95", own.p95, "ms", raw.p95, against)
    yield Figure("  slower in pairs than raw", paired(own, raw), "ms")
