"""An order at any of its events is the fold of the events up to there."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest

from tests.domain.making import Hand
from till.domain.errors import EventError
from till.domain.order.events import RecordSetAside
from till.domain.order.evolve import apply, fold
from till.domain.order.history import OrderHistory

if TYPE_CHECKING:
    from till.domain.events.envelope import Event
    from till.domain.order.state import Order


def _events(count: int = 80) -> list[Event]:
    """An order with lines, voids, undoings, and a record that was set aside once it had counted."""
    hand, chance = Hand(), random.Random(7)  # noqa: S311 - a test repeats itself
    found = [hand.opened()]
    keyed: list[Event] = []
    for place in range(count):
        if keyed and chance.random() < 0.2:
            found.append(hand.voided(f"l{chance.randrange(place)}"))
        elif keyed and chance.random() < 0.1:
            found.append(hand.undone(chance.choice(keyed)))
        elif keyed and chance.random() < 0.05:
            found.append(hand.make(RecordSetAside(event=chance.choice(keyed).id, approved_by=9)))
        else:
            keyed.append(hand.added(f"l{place}"))
            found.append(keyed[-1])
    return found


def test_history_equals_the_fold_up_to_each_event() -> None:
    events = _events()
    history, chance = OrderHistory(reversed(events)), random.Random(3)  # noqa: S311 - a test repeats itself
    stood = [fold(events[: place + 1]) for place in range(len(events))]
    forward, back = range(len(events)), range(len(events) - 1, -1, -1)
    for place in (*forward, *back, *(chance.randrange(len(events)) for _time in range(50))):
        assert history.after(events[place].id) == stood[place]


def test_before_it_was_opened_there_is_none() -> None:
    first, *rest = _events(3)
    history = OrderHistory([first, *rest])
    assert history.after("00000000-0000-7000-8000-000000000000") is None
    assert history.after(rest[-1].id) is not None
    assert history.after("00000000-0000-7000-8000-000000000000") is None


def test_an_order_whose_opening_does_not_read_says_so_each_time() -> None:
    hand = Hand()
    history = OrderHistory([hand.raw("order_opened", user="nobody"), line := hand.added()])
    for _time in range(2):
        with pytest.raises(EventError):
            history.after(line.id)


def test_going_back_by_one_folds_few(monkeypatch: pytest.MonkeyPatch) -> None:
    events = [hand.opened() if not place else hand.added(f"l{place}") for hand in [Hand()] for place in range(400)]
    history, folds = OrderHistory(events), list[str]()
    history.after(events[-1].id)

    def counted(order: Order | None, event: Event) -> Order | None:
        folds.append(event.id)
        return apply(order, event)

    monkeypatch.setattr("till.domain.order.history.apply", counted)
    for event in reversed(events):
        before = len(folds)
        history.after(event.id)
        assert len(folds) - before <= 64
