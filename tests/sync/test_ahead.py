"""Events and snapshots prepared while a push is under way, which must be the ones sent next."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.sync.rig import Rig, state
from till.domain.errors import JournalError
from till.ports import Head
from till.sync.composer import CHUNK, Ahead
from till.sync.failures import Failure, FailureKind
from till.sync.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from till.domain.events.envelope import Event

LOST = Failure(FailureKind.UNREACHABLE, "lost")


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    made = Rig(tmp_path / "j", Settings(batch_events=10, batch_snapshots=2))
    yield made
    made.journal.close()


@pytest.fixture
def reads(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Count the events of each read of the journal."""
    counted: list[int] = []
    unsent = rig.journal.unsent

    def count(limit: int, *, after: Head | None = None) -> list[Event]:
        found = unsent(limit, after=after)
        counted.append(len(found))
        return found

    monkeypatch.setattr(rig.journal, "unsent", count)
    return counted


def seqs(events: Iterable[Event]) -> list[int]:
    return [event.seq for event in events]


def test_next_batch_is_read_while_one_is_out(rig: Rig, reads: list[int]) -> None:
    session = rig.open()
    for _ in range(34):
        rig.add(session)
    rig.wait()
    sent: list[int] = []
    looks: list[int] = []
    while rig.journal.acked != rig.journal.head:
        before = len(reads)
        request = rig.take()
        looks.append(sum(reads[before:]))
        list(rig.engine.read_on())
        sent += seqs(list(request.events))
        rig.answer(request, sessions=[state(session, len(sent), request.events[-1])])
        rig.wait()
    assert sent == list(range(1, 36))
    assert looks == [11, 0, 0, 0]
    assert sum(reads) == 35


def test_a_batch_after_a_failure_is_half_of_it_whatever_was_read_meanwhile(rig: Rig) -> None:
    session = rig.open()
    for _ in range(24):
        rig.add(session)
    rig.wait()
    first = rig.take()
    reading = rig.engine.read_on()
    next(reading)
    reading.close()
    rig.engine.on_failure(LOST, rig.now)
    rig.add(session)
    rig.wait()
    assert rig.take().events == first.events[:5]


def test_an_event_keyed_while_the_end_was_read_ahead_goes_too(rig: Rig) -> None:
    session = rig.open()
    for _ in range(12):
        rig.add(session)
    rig.wait()
    request = rig.take()
    list(rig.engine.read_on())
    late = rig.add(session)
    rig.answer(request)
    assert rig.take().events[-1] == late


def test_a_head_that_went_back_makes_it_begin_anew(rig: Rig) -> None:
    session = rig.open()
    for _ in range(5):
        rig.add(session)
    ahead = Ahead(rig.journal)
    assert seqs(one.event for one in ahead.unsent(3)) == [1, 2, 3]
    fourth = ahead.unsent(4)[-1].event
    rig.journal.acknowledge(Head(4, fourth.hash))
    assert seqs(one.event for one in ahead.unsent(10)) == [5, 6]
    rig.journal.acknowledge(Head(2, rig.journal.events_of(session)[1].hash))
    assert seqs(one.event for one in ahead.unsent(10)) == [3, 4, 5, 6]


def test_reading_ahead_uses_small_parts(rig: Rig) -> None:
    session = rig.open()
    for _ in range(CHUNK * 2):
        rig.add(session)
    assert len(list(Ahead(rig.journal).read_on(CHUNK * 2))) == 2


def test_a_journal_that_cannot_be_read_on_is_reported_by_the_next_request(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = rig.open()
    for _ in range(24):
        rig.add(session)
    rig.wait()
    request = rig.take()

    def refuse(_limit: int, **_after: object) -> list[Event]:
        raise JournalError

    with monkeypatch.context() as broken:
        broken.setattr(rig.journal, "unsent", refuse)
        assert list(rig.engine.read_on()) == []
        rig.answer(request)
        rig.wait()
        assert rig.engine.take_request(rig.now) is None
        assert rig.engine.trouble is not None


def test_orders_that_are_shown_next_are_folded_before_the_push_that_shows_them(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    sessions = []
    for _ in range(5):
        sessions.append(rig.open())
        rig.add(sessions[-1])
    rig.wait()
    request = rig.take()
    assert list(request.snapshots) == sessions[:2]
    asked: list[str] = []
    shown = rig.engine._composer._snapshots

    def folded(session: str) -> dict[str, Any] | None:
        asked.append(session)
        return shown(session)

    monkeypatch.setattr(rig.engine._composer, "_snapshots", folded)
    list(rig.engine.read_on())
    assert asked == sessions[2:4]
    list(rig.engine.read_on())
    assert asked == sessions[2:4]
    rig.answer(request)
    assert list(rig.take().snapshots) == sessions[2:4]
