"""A stream of a new kind, brought whole by this file, through ledger, journal and sync, none of which knows it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, ClassVar, Final
from unittest import mock

import pytest
from msgspec import Struct
from typing_extensions import override

from till.domain.errors import TillError
from till.domain.events.aggregate import Aggregate
from till.domain.events.envelope import Draft
from till.domain.events.registry import EventData, name_of
from till.domain.streams import AGGREGATES, REGISTRY
from till.domain.structs import replace
from till.register.ledger.ledger import OrderFaultError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.sync.rig import Keys, Rig
    from till.domain.events.envelope import Event


# The folder of a stream: its events, its state, its steps and a decision.


class SafeEvent(EventData, frozen=True, kw_only=True):
    """An event of the money in a safe."""

    stream: ClassVar[str] = "safe"


class SafeOpened(SafeEvent, frozen=True, kw_only=True):
    """A safe was opened with a float."""

    opens: ClassVar[bool] = True

    money: int


class MoneyDropped(SafeEvent, frozen=True, kw_only=True):
    """Money went to the bank."""

    at_once: ClassVar[bool] = True

    money: int


class SafeClosed(SafeEvent, frozen=True, kw_only=True):
    """The safe was closed; `number` is that of its Z."""

    listed: ClassVar[str] = "closed_safes"

    number: str = ""

    @property
    @override
    def document(self) -> str:
        return self.number


class Safe(Struct, frozen=True):
    """One safe."""

    id: str
    money: int
    is_over: bool = False
    last_id: str = ""


def _opened(safe: Safe | None, event: Event, data: SafeOpened) -> Safe:
    return safe or Safe(event.stream_id, data.money)


def _dropped(safe: Safe, _event: Event, data: MoneyDropped) -> Safe:
    return replace(safe, money=safe.money - data.money)


def _closed(safe: Safe, _event: Event, _data: SafeClosed) -> Safe:
    return replace(safe, is_over=True)


SAFES: Final[Aggregate[Safe]] = Aggregate(SafeEvent, {SafeOpened: _opened, MoneyDropped: _dropped, SafeClosed: _closed})


class SafeError(TillError):
    """There is not enough in the safe."""


def drop(safe: Safe, money: int) -> list[Draft]:
    """Take money to the bank."""
    if money > safe.money:
        raise SafeError
    return [Draft(MoneyDropped(money=money), safe.id)]


@pytest.fixture(autouse=True)
def _declared() -> Iterator[None]:
    """The folder is named among the streams, and nothing of it stays for the next test."""
    kinds = {name_of(kind): kind for kind in SAFES.steps}
    with (
        mock.patch.dict(AGGREGATES, {SAFES.kind: SAFES}),
        mock.patch.dict(REGISTRY._kinds, kinds),
        mock.patch.dict(REGISTRY._decoders),
    ):
        yield


def _open(rig: Rig, money: int = 100) -> Safe:
    safe = rig.ledger.new_id()
    rig.ledger.commit([Draft(SafeOpened(money=money), safe)])
    return _state(rig, safe)


def _state(rig: Rig, safe: str) -> Safe:
    found = rig.ledger.state(SAFES, safe)
    assert found is not None
    return found


def test_stream_is_decided_on_and_folded_within_one_command(rig: Rig) -> None:
    safe = _open(rig)
    with rig.ledger.command() as command:
        command.write(drop(safe, 30))
        inside = command.state(SAFES, safe.id)
        assert inside is not None
        command.write(drop(inside, 70))
    assert _state(rig, safe.id).money == 0
    with pytest.raises(SafeError), rig.ledger.command() as command:
        command.write(drop(_state(rig, safe.id), 1))
    assert SAFES.fold(reversed(rig.journal.events_of(safe.id, SAFES.kind))) == _state(rig, safe.id)


def test_stream_folds_behind_what_opens_it_whatever_the_clocks_of_tills_show(rig: Rig) -> None:
    safe = _open(rig)
    rig.ledger.commit(drop(safe, 30))
    opened, dropped = rig.journal.events_of(safe.id, SAFES.kind)
    late = replace(opened, id=rig.ledger.new_id())
    folded = SAFES.fold([dropped, late, dropped])
    assert folded == replace(_state(rig, safe.id), last_id=late.id)
    assert SAFES.fold([dropped]) is None
    assert SAFES.is_next(folded, replace(dropped, id=rig.ledger.new_id()))
    assert not SAFES.is_next(folded, dropped)


def test_stream_is_listed_while_it_is_open_and_found_again_after_a_restart(rig: Rig) -> None:
    order = rig.open()
    first, second = _open(rig), _open(rig, 50)
    rig.ledger.commit(drop(first, 30))
    rig.ledger.commit([Draft(SafeClosed(), second.id)])
    rig.restart()
    assert rig.ledger.states(SAFES, is_open=True) == {first.id: _state(rig, first.id)}
    assert rig.ledger.states(SAFES).keys() == {first.id, second.id}
    assert (_state(rig, first.id).money, _state(rig, second.id).is_over) == (70, True)
    assert [one.id for one in rig.ledger.open_orders()] == [order]
    assert rig.journal.events_of(first.id) == []  # no order has that id


def test_observers_of_a_stream_hear_of_it_alone_once_it_is_on_disk(rig: Rig) -> None:
    notified: list[tuple[int, int]] = []
    for _observer in range(2):
        rig.ledger.observe(SAFES, lambda safe: notified.append((safe.money, len(rig.journal.unsent(-1)))))
    safe = _open(rig)
    before = len(rig.journal.unsent(-1))
    rig.open()
    assert notified == [(100, before)] * 2
    rig.ledger.commit(drop(safe, 100))
    assert notified[2:] == [(0, before + 2)] * 2


def test_stream_goes_to_the_database_as_it_is_with_no_snapshot_or_version_of_an_order(rig: Rig) -> None:
    safe = _open(rig)
    assert rig.wait() > 0
    rig.ledger.commit(drop(safe, 30))
    assert rig.wait() == 0, "what is pushed at once is not waited with"
    request = rig.take()
    assert [event.type for event in request.events] == ["safe_opened", "money_dropped"]
    assert (request.snapshots, request.known) == ({}, ())
    rig.answer(request)
    assert rig.journal.unsent(-1) == []
    assert [mark.session_id for mark in rig.journal.followed_sessions()] == []


def test_stream_is_carried_out_of_a_damaged_journal(rig: Rig) -> None:
    first, second, third = _open(rig), _open(rig, 50), _open(rig, 20)
    rig.ledger.commit([Draft(SafeClosed(), third.id)])
    rig.quiet()
    rig.ledger.commit(drop(first, 30))
    rig.ledger.commit([Draft(SafeClosed(), second.id)])
    rig.journal.condemn()
    rig.restart()
    assert rig.journal.opened.set_aside is not None
    assert rig.ledger.states(SAFES).keys() == {first.id, second.id, third.id}
    assert rig.journal.streams(SAFES.kind, is_open=True) == [first.id]
    assert [one.money for one in rig.ledger.states(SAFES, is_open=True).values()] == [70]
    assert [event.type for event in rig.take().events][-2:] == ["money_dropped", "safe_closed"]


def test_stream_of_a_journal_before_is_open_here_until_it_is_over(rig: Rig, make_keys: Callable[..., Keys]) -> None:
    before = make_keys(seed=2)
    (opened,) = before.ledger.commit([Draft(SafeOpened(money=100), before.ledger.new_id())])
    rig.hear(opened)
    rig.hear(opened)
    safe = _state(rig, opened.stream_id)
    assert rig.ledger.states(SAFES, is_open=True) == {safe.id: safe}
    rig.ledger.commit([Draft(SafeClosed(), safe.id)])
    rig.hear(opened)
    assert rig.journal.streams(SAFES.kind, is_open=True) == []
    assert rig.journal.streams(SAFES.kind) == [safe.id]


def test_documents_of_a_stream_have_numbers_of_their_own_and_are_listed(rig: Rig) -> None:
    order = rig.open()
    rig.add(order)
    rig.pay(order)
    given: list[str] = []
    for _day in range(2):
        given.append(rig.ledger.next_number("Z"))
        rig.ledger.commit([Draft(SafeClosed(number=given[-1]), _open(rig).id)])
    rig.restart()
    series = rig.journal.series
    assert given == [f"1{series}-Z000001", f"1{series}-Z000002"]
    assert (rig.ledger.next_number(), rig.ledger.next_number("Z")) == (f"1{series}-000002", f"1{series}-Z000003")
    closed = rig.journal.listed("closed_safes")
    assert [event.data.document for event in closed] == given
    assert rig.journal.newest("closed_safes", 1) == rig.journal.numbered(1, "Z") == closed[1:]


def test_stream_is_pruned_once_it_is_over(rig: Rig) -> None:
    first, second = _open(rig), _open(rig)
    rig.ledger.commit([Draft(SafeClosed(), second.id)])
    rig.quiet()
    while rig.journal.prune(7, now=rig.clock.now() + timedelta(days=8)):
        pass
    assert rig.journal.streams(SAFES.kind) == [first.id]
    assert rig.journal.events_of(second.id, SAFES.kind) == []
    assert _state(rig, first.id) == SAFES.fold(rig.journal.events_of(first.id, SAFES.kind))


def test_fault_in_a_step_stops_that_stream_alone(rig: Rig) -> None:
    broken, order = _open(rig), rig.open()
    rig.journal.condemn()
    rig.journal.close()

    def step(*_given: object) -> Safe:
        raise AttributeError

    with mock.patch.dict(AGGREGATES, {SAFES.kind: replace(SAFES, steps={**SAFES.steps, SafeOpened: step})}):
        faulty = AGGREGATES[SAFES.kind]
        rig.restart()
        with pytest.raises(OrderFaultError):
            rig.ledger.state(faulty, broken.id)
        assert rig.ledger.states(faulty) == {}
        assert [one.id for one in rig.ledger.open_orders()] == [order]
    rig.restart()
    assert rig.ledger.states(SAFES, is_open=True).keys() == {broken.id}


@pytest.mark.parametrize("kind", AGGREGATES)
def test_every_type_of_a_stream_that_folds_has_a_step(kind: str) -> None:
    aggregate = AGGREGATES[kind]
    assert aggregate.steps.keys() in (set(), {one for one in REGISTRY if one.stream == kind})
