"""Stand-ins behind the register: a journal in memory, a clock that tests set, a box that counts."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from till.domain.errors import JournalError
from till.domain.events.envelope import NO_HASH, Event, canonical, texts_to_data
from till.domain.numbers import SERIES
from till.domain.order.events import InvoiceIssued
from till.domain.streams import unseal
from till.domain.structs import replace
from till.journal.sessions import begins
from till.ports import Head, Light, Received, SessionMark, UnderSeal
from till.ports.printer import JobState
from till.register.other_tills.news import (
    LightChanged,
    LinesChanged,
    LinesLate,
    OrderNews,
    OrdersChanged,
    OrderTaken,
    ReferenceChanged,
    RefundMoved,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from till.ports.printer import Job
    from till.register.other_tills.news import News


class SetClock:
    """A clock that is stopped until it is moved."""

    def __init__(self, now: datetime = datetime(2026, 3, 3, 5, 1, tzinfo=UTC)) -> None:
        self.time = now
        self.passed = 0.0

    def now(self) -> datetime:
        return self.time

    def monotonic(self) -> float:
        return self.passed

    def move(self, **by: float) -> None:
        self.time += timedelta(**by)
        self.passed += timedelta(**by).total_seconds()

    def jump(self, **by: float) -> None:
        """Set the clock, as somebody might: no time passes."""
        self.time += timedelta(**by)


class MemoryJournal:
    """A `till.ports.Journal` in memory. Each write is a transaction; `full` makes it refuse all of them.

    Events are kept as text, so that they are sealed and unsealed as on a disk.
    """

    def __init__(self, journal_id: str = "0197a000-0000-7000-8000-00000000beef") -> None:
        self.journal_id = journal_id
        self.full = self.condemned = False
        self.appends: list[tuple[Event, ...]] = []
        self.head = self.acked = Head(0, NO_HASH)
        self.series: str | None = None
        self._own: list[tuple[str, str, str]] = []
        self._received: dict[str, tuple[str, str, str]] = {}
        self._seals: dict[str, str] = {}
        self._marks: dict[str, SessionMark] = {}
        self._kinds: dict[str, str] = {}
        self._cache: dict[str, tuple[int, str]] = {}
        self._typed = ""
        self.jobs: dict[int, Job] = {}
        self.kicks: set[int] = set()

    @property
    def own(self) -> list[Event]:
        return [read_row(row) for row in self._own]

    @property
    def last_id(self) -> str | None:
        return max((event.id for event in self.own), default=None)

    drawer_gap = ""  # nothing is lost here

    def carried(self, shift: str, limit: int, *, after: str = "") -> list[Event]:
        known = sorted((read_row(row) for row in self._received.values()), key=lambda one: one.id)
        return [one for one in known if one.shift == shift and one.id > after][:limit]

    def last_number(self, of: str = "") -> int:
        numbers = [event.data.document.rpartition("-")[2] for event in self.own if event.data.document]
        return max((int(one[len(of) :]) for one in numbers if one.rstrip("0123456789") == of), default=0)

    def numbered(self, limit: int, of: str = "") -> list[Event]:
        series = [event.data.document.rpartition("-")[2].rstrip("0123456789") for event in self.own]
        own = SERIES.get(of, (of,))
        found = [event for event, one in zip(self.own, series, strict=True) if event.data.document and one in own]
        found = [event for event in found if not isinstance(event.data, InvoiceIssued)]
        return found[: -limit - 1 : -1]

    def unsent_listed(self, listed: str) -> tuple[int, datetime | None]:
        found = [event for event in self.own if event.seq > self.acked.seq and event.data.listed == listed]
        return len(found), found[0].at if found else None

    def newest(self, listed: str, limit: int) -> list[Event]:
        return [event for event in reversed(self.own) if event.data.listed == listed][:limit]

    def listed(self, listed: str) -> list[Event]:
        known = [*self.own, *map(read_row, self._received.values())]
        return sorted((one for one in known if one.data.listed == listed), key=lambda one: one.id)

    def streams_with(self, listed: str, text: str) -> list[str]:
        return [*dict.fromkeys(event.stream_id for event in self.listed(listed) if text in event.body)]

    def events_with(self, listed: str, text: str) -> list[Event]:
        return [event for event in self.listed(listed) if text in event.body]

    def _check(self) -> None:
        if self.full:
            raise JournalError

    def set_series(self, series: str) -> None:
        self._check()
        self.series = self.series if self.series is not None else series

    def append(
        self, events: Sequence[Event], *, closed: Iterable[str] = (), jobs: Iterable[Job] = (), kick: int = 0
    ) -> None:
        self._check()
        self.jobs |= {job.number: job for job in jobs}
        self.kicks |= {kick} if kick else set()
        head = self.head
        for event in events:
            assert (event.seq, event.prev_hash, event.journal_id) == (head.seq + 1, head.hash, self.journal_id)
            head = Head(event.seq, event.hash)
        self._own += map(_row, events)
        self.head = head
        self.appends.append(tuple(events))
        self._follow(events)
        for stream_id in closed:
            if stream_id in self._marks:
                self._marks[stream_id] = replace(self._marks[stream_id], closed=True)

    def _follow(self, events: Iterable[Event]) -> None:
        for event in events:
            if begins(event, self.journal_id):
                known = self._marks.get(event.stream_id)
                user = getattr(event.data, "user", None) or event.user or 0
                self._marks[event.stream_id] = (
                    replace(known, open=True, closed=False) if known else SessionMark(event.stream_id, user)
                )
                self._kinds[event.stream_id] = event.stream_kind

    def last_job(self) -> int:
        return max(self.jobs, default=0)

    def jobs_of(self, stream_id: str) -> list[Job]:
        return [job for _number, job in sorted(self.jobs.items()) if job.of == stream_id]

    def live_jobs(self, state: JobState | None = None) -> list[Job]:
        states = {JobState.QUEUED, JobState.UNKNOWN} if state is None else {state}
        return [job for job in self.jobs.values() if job.state in states]

    def keep_jobs(self, jobs: Iterable[Job], *, is_lasting: bool = True) -> None:
        del is_lasting
        self._check()
        self.jobs |= {job.number: job for job in jobs}

    def kicked(self, seq: int) -> None:
        self.kicks.discard(seq)

    def kicks_left(self) -> list[Event]:
        return [event for event in self.own if event.seq in self.kicks]

    def is_here(self, event: Event) -> bool:
        return self.hash_at(event.seq) == event.hash and event.journal_id == self.journal_id

    def receive(self, events: Sequence[Received], marks: Sequence[SessionMark] = ()) -> list[str]:
        self._check()
        grew: dict[str, None] = {}
        for received in events:
            event = received.event
            if event.id not in self._received and event.journal_id != self.journal_id:
                self._received[event.id] = _row(event)
                self._seals |= {event.id: received.seal} if received.seal else {}
                grew[event.session_id or ""] = None
                self._follow([event])
        for mark in marks:
            known = self._marks.get(mark.session_id)
            self._marks[mark.session_id] = replace(mark, closed=known.closed if known else False)
        return list(grew)

    def acknowledge(self, head: Head, marks: Sequence[SessionMark] = ()) -> None:
        self.acked = head
        self.receive([], marks)

    def hash_at(self, seq: int) -> str | None:
        return next((event.hash for event in self.own if event.seq == seq), None)

    def written_at(self, seq: int) -> datetime | None:
        return next((event.at for event in self.own if event.seq == seq), None)

    def unsent(self, limit: int, *, after: Head | None = None) -> list[Event]:
        return [event for event in self.own if event.seq > (after or self.acked).seq][:limit]

    def is_unsent(self, session_id: str) -> bool:
        return any(event.session_id == session_id for event in self.own if event.seq > self.acked.seq)

    def gone(self, limit: int) -> list[Head]:
        del limit
        return []  # nothing is pruned here

    def condemn(self) -> None:
        self.condemned = True

    def events_of(self, stream_id: str, kind: str = "order") -> list[Event]:
        found = {event.id: event for event in (*map(read_row, self._received.values()), *self.own)}
        own = (e for e in found.values() if (e.stream_kind, e.stream_id) == (kind, stream_id))
        return sorted(own, key=lambda event: event.id)

    def streams(self, kind: str, *, is_open: bool = False) -> list[str]:
        marks = [mark for one, mark in self._marks.items() if self._kinds.get(one, "order") == kind]
        return sorted(mark.session_id for mark in marks if not is_open or (mark.open and not mark.closed))

    def sessions_by(self, till: int) -> list[str]:
        found = {e.session_id for e in map(read_row, self._received.values()) if e.till == till and e.session_id}
        return sorted(found)

    def under_seal(self, session_id: str) -> list[UnderSeal]:
        found = [read_row(row) for event_id, row in sorted(self._received.items()) if event_id in self._seals]
        return [UnderSeal(event, self._seals[event.id]) for event in found if event.session_id == session_id]

    def drop(self, event_ids: Iterable[str]) -> None:
        self._check()
        for event_id in event_ids:
            self._received.pop(event_id, None)

    def followed_sessions(self) -> list[SessionMark]:
        followed = (mark for one, mark in self._marks.items() if mark.open and one not in self._others())
        return sorted(followed, key=lambda mark: mark.session_id)

    def _others(self) -> set[str]:
        return {one for one, kind in self._kinds.items() if kind != "order"}

    def mark_of(self, session_id: str) -> SessionMark | None:
        return self._marks.get(session_id)

    def marks_of(self, session_ids: Iterable[str]) -> dict[str, SessionMark]:
        return {one: self._marks[one] for one in session_ids if one in self._marks}

    def forget_open(self, session_ids: Iterable[str]) -> None:
        self._check()
        for session_id in session_ids:
            self._marks[session_id] = replace(self._marks[session_id], open=False)

    def cached(self, name: str) -> tuple[int, Mapping[str, Any]] | None:
        if name not in self._cache:
            return None
        version, body = self._cache[name]
        return version, json.loads(body)

    def cache(self, name: str, version: int, body: Mapping[str, Any]) -> None:
        self._check()
        self._cache[name] = (version, canonical(body))

    def versions(self) -> dict[str, int]:
        return {name: version for name, (version, _body) in self._cache.items()}

    def typed(self) -> str:
        return self._typed

    def keep_typed(self, text: str) -> None:
        self._typed = text

    def closed_cleanly(self) -> datetime | None:
        return None

    def close(self) -> None:
        self._check()


def _row(event: Event) -> tuple[str, str, str]:
    return event.body, event.hash, canonical(texts_to_data(event))


@lru_cache(10_000)  # A till reads a row hundreds of times, and an event never changes.
def read_row(row: tuple[str, str, str]) -> Event:
    body, sealed, texts = row
    return unseal(body, sealed, json.loads(texts))


class Nudges:
    """An outbox that records for each write if it was to be sent at once."""

    def __init__(self) -> None:
        self.urgent: list[bool] = []

    def nudge(self, *, at_once: bool) -> None:
        self.urgent.append(at_once)


class Screen:
    """A watcher that records news from outside."""

    def __init__(self) -> None:
        self.changed: list[str] = []
        self.taken: list[tuple[str, str]] = []
        self.late: list[tuple[str, str]] = []
        self.joined: list[tuple[str, str]] = []
        self.money: list[tuple[str, str]] = []
        self.corrected: list[tuple[str, str]] = []
        self.returned: list[str] = []
        self.references = 0
        self.lights: list[Light] = []

    def on_news(self, news: News) -> None:
        match news:
            case OrdersChanged():
                self.changed += news.session_ids
            case OrderTaken():
                self.taken.append((news.session_id, news.sentence))
            case LinesChanged():
                self.joined.append((news.order.id, news.sentence))
            case LinesLate():
                self.late.append((news.order.id, news.sentence))
            case OrderNews():
                (self.corrected if news.here else self.money).append((news.order.id, news.sentence))
            case RefundMoved():
                self.returned.append(news.sentence)
            case ReferenceChanged():
                self.references += 1
            case LightChanged():
                self.lights.append(news.light)
