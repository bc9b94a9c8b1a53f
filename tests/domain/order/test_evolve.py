from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.domain.making import INR, SESSION, Hand, folded
from till.domain.errors import EventError
from till.domain.events.envelope import Event, EventType
from till.domain.order.evolve import apply, fold
from till.domain.order.snapshot import snapshot
from till.domain.order.state import Order, Status

if TYPE_CHECKING:
    import random
    from collections.abc import Callable

TAB = "0197a000-0000-7000-8000-00000000007a"


def _state(order: Order | None) -> Any:
    """Everything that an order is, and what it comes to."""
    return order and (order, order.total, order.priced.rows, order.priced.voids, order.paid, snapshot(order, 0))


@st.composite
def _random_events(draw: st.DrawFn, hand: Hand) -> Event:
    line = draw(st.sampled_from(["a", "b", "c", "d"]))
    epoch = draw(st.integers(1, 4))
    money: dict[str, Any] = {"payment_id": draw(st.sampled_from(["p", "q"])), "tender": "CASH", "amount": "40.00"}
    makers: dict[str, Callable[[], Event]] = {
        "added": lambda: hand.added(line, draw(st.integers(1, 5))),
        "changed": lambda: hand.changed(line, draw(st.integers(-4, 4))),
        "voided": lambda: hand.voided(line),
        "discount": lambda: hand.make(
            EventType.DISCOUNT_APPLIED,
            discount_id=draw(st.sampled_from(["x", "y"])),
            line_id=draw(st.sampled_from([line, None])),
            amount="5.00",
        ),
        "type": lambda: hand.make(EventType.ORDER_TYPE_SET, order_type=draw(st.sampled_from(["eat_in", "take_away"]))),
        "wish": lambda: hand.make(EventType.PREFERENCE_SET, name="spice", value=draw(st.sampled_from(["hot", "mild"]))),
        "parked": lambda: hand.make(EventType.ORDER_PARKED, epoch=epoch),
        "resumed": lambda: hand.make(EventType.ORDER_RESUMED, epoch=epoch, from_epoch=epoch - 1, from_till=None),
        "taken": lambda: hand.make(EventType.ORDER_TAKEN_OVER, epoch=epoch, from_epoch=epoch - 1, from_till=2),
        "tab": lambda: hand.make(EventType.TAB_ASSIGNED, epoch=epoch, texts={"name": "Asha"}, tab_id=TAB),
        "swept": lambda: hand.make(EventType.SESSION_SWEPT, epoch=epoch, minutes=30),
        "discarded": lambda: hand.make(EventType.ORDER_DISCARDED, epoch=epoch, texts={"reason": "left"}),
        "started": lambda: hand.make(EventType.PAYMENT_STARTED, **money, key="k"),
        "approved": lambda: hand.make(EventType.PAYMENT_APPROVED, **money, tendered="50.00", change="10.00"),
        "declined": lambda: hand.make(EventType.PAYMENT_DECLINED, **money),
        "placed": lambda: hand.make(EventType.ORDER_PLACED, lines=[{"line_ids": [line]}], total="40.00"),
        "unknown": lambda: hand.make("table_sung_to"),
        "damaged": lambda: hand.make(EventType.ITEM_ADDED, line_id=line),
    }
    return makers[draw(st.sampled_from(sorted(makers)))]()


@st.composite
def histories(draw: st.DrawFn) -> list[Event]:
    """What two tills made of one order, sorted by id: the second follows what it had seen of the first."""
    one, two = Hand(1), Hand(2, seed=2)
    events = [one.opened()]
    for _place in range(draw(st.integers(0, 14))):
        hand = draw(st.sampled_from([one, two]))
        hand.after = max(event.id for event in events)
        events.append(draw(_random_events(hand)))
    return sorted(events, key=lambda event: event.id)


@given(histories(), st.randoms(use_true_random=False), st.integers(0, 10))
def test_any_order_of_arrival_and_any_repeat_fold_alike(
    events: list[Event], chance: random.Random, repeats: int
) -> None:
    arrived = events + [chance.choice(events) for _place in range(repeats)]
    chance.shuffle(arrived)
    assert _state(fold(arrived)) == _state(fold(events))


@given(histories())
def test_one_event_at_a_time_is_the_same_as_all_at_once(events: list[Event]) -> None:
    order: Order | None = None
    for place, event in enumerate(events, 1):
        order = apply(order, event)
        assert _state(order) == _state(fold(events[:place]))


@given(histories())
def test_nothing_that_was_keyed_is_lost_or_doubled(events: list[Event]) -> None:
    order = folded(*events)
    # `item_added` of a line id is made once; the strategy may make it again, and then the last stands
    keyed = {
        e.data["line_id"]: e.data["quantity"] for e in events if e.type == EventType.ITEM_ADDED and len(e.data) > 1
    }
    changes = [(e.data["line_id"], e.data["by"]) for e in events if e.type == EventType.QUANTITY_CHANGED]
    void = {e.data["line_id"] for e in events if e.type == EventType.LINE_VOIDED}
    for line_id, quantity in keyed.items():
        expected = max(0, quantity + sum(by for line, by in changes if line == line_id))
        assert order.lines[line_id].quantity == (0 if line_id in void else expected)


@given(histories())
def test_money_wins_over_any_status(events: list[Event]) -> None:
    order = folded(*events)
    if any(event.type == EventType.ORDER_PLACED for event in events):
        assert order.status is Status.COMPLETED
        assert order.till is None


def test_nothing_is_an_order_until_it_was_opened() -> None:
    hand = Hand()
    assert fold([]) is None
    assert fold([hand.added()]) is None


def test_an_order_begins_as_it_was_opened() -> None:
    order = folded(Hand(till=3, user=7).opened(ref="sale 12"))
    assert (order.id, order.user, order.till, order.terms) == (SESSION, 7, 3, INR)
    assert (order.status, order.hold_epoch, order.ref, order.is_empty) == (Status.ACTIVE, 1, "sale 12", True)


@pytest.mark.parametrize(
    "damage", [{"currency": None}, {"cash_rounding": "x"}, {"user": None}, {"tax_rounding": None}, {"user": [1]}]
)
def test_an_order_without_its_terms_is_refused_in_a_sentence(damage: dict[str, Any]) -> None:
    data = {"user": 1, "order_type": "take_away", **INR.to_data()} | damage
    with pytest.raises(EventError, match="An order does not read"):
        fold([Hand().make(EventType.ORDER_OPENED, **data)])


@given(st.data())
def test_an_order_priced_by_the_one_before_is_priced_as_from_the_start(data: st.DataObject) -> None:
    hand = Hand()
    order = folded(hand.opened())
    assert order.priced.rows == ()  # as a screen asks, which shows each; the later ones are asked below
    for _event in range(data.draw(st.integers(1, 12))):
        before = order
        after = apply(before, data.draw(_random_events(hand)))
        assert after is not None
        order = after
        order.price_after(before)
        fresh = replace(order)
        assert order.priced == fresh.priced
        assert (order.total, order.priced.net, order.priced.pieces) == (
            fresh.total,
            fresh.priced.net,
            fresh.priced.pieces,
        )
        assert order.priced.taxes == fresh.priced.taxes
