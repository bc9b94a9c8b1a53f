from __future__ import annotations

from typing import Any

import pytest

from tests.domain.making import Hand, folded
from till.domain.events.envelope import Event, EventType
from till.domain.order.state import PaymentState, Status

TAB = "0197a000-0000-7000-8000-00000000007a"


def _money(hand: Hand, kind: EventType, payment: str = "p", amount: str = "40.00", **more: Any) -> Event:
    return hand.make(kind, payment_id=payment, tender="CASH", amount=amount, **more)


def test_a_park_of_before_a_takeover_is_only_a_notice() -> None:
    one, two = Hand(1), Hand(2)
    opened = one.opened()
    two.after = opened.id
    taken = two.make(EventType.ORDER_TAKEN_OVER, epoch=2, from_epoch=1, from_till=1)
    one.after = taken.id
    order = folded(opened, taken, one.make(EventType.ORDER_PARKED), one.make(EventType.ORDER_DISCARDED))
    assert (order.status, order.till, order.hold_epoch) == (Status.ACTIVE, 2, 2)
    assert order.notices[0] == "Till 1 was late with “order_parked”: another till had the order by then."
    assert len(order.notices) == 2


def test_what_an_admin_brought_back_is_held_by_nobody() -> None:
    hand, server = Hand(), Hand(0)
    opened = hand.opened()
    server.after = opened.id
    order = folded(opened, server.make(EventType.ORDER_RESUMED, epoch=2, from_epoch=1, from_till=1))
    assert (order.status, order.till, order.hold_epoch) == (Status.ACTIVE, None, 2)


def test_what_a_till_keyed_before_it_knew_of_the_takeover_is_kept() -> None:
    one, two = Hand(1), Hand(2)
    opened = one.opened()
    two.after = opened.id
    taken = two.make(EventType.ORDER_TAKEN_OVER, epoch=2, from_epoch=1, from_till=1)
    order = folded(opened, taken, two.added("b"), one.added("a"))
    assert order.total == 8_000


def test_an_order_goes_aside_and_comes_back() -> None:
    hand = Hand()
    opened, parked = hand.opened(), hand.make(EventType.ORDER_PARKED)
    order = folded(opened, parked)
    assert (order.status, order.till, order.logout_time) == (Status.PENDING_LOGOUT, None, parked.at)
    order = folded(opened, parked, hand.make(EventType.ORDER_RESUMED, epoch=2, from_epoch=1, from_till=None))
    assert (order.status, order.till, order.logout_time, order.hold_epoch) == (Status.ACTIVE, 1, None, 2)


def test_a_sweep_puts_aside_and_leaves_the_holder_named() -> None:
    one, server = Hand(1), Hand(0)
    opened = one.opened()
    server.after = opened.id
    swept = server.make(EventType.SESSION_SWEPT, minutes=30)
    order = folded(opened, swept)
    assert (order.status, order.till) == (Status.PENDING_LOGOUT, 1)


def test_a_sweep_of_before_a_takeover_is_only_a_notice() -> None:
    one, server = Hand(1), Hand(0)
    opened = one.opened()
    taken = one.make(EventType.ORDER_TAKEN_OVER, epoch=2, from_epoch=1, from_till=2)
    server.after = taken.id
    order = folded(opened, taken, server.make(EventType.SESSION_SWEPT, minutes=30))
    assert order.status is Status.ACTIVE
    assert len(order.notices) == 1


def test_a_sweep_leaves_a_tab_alone() -> None:
    hand = Hand()
    order = folded(
        hand.opened(),
        hand.added(),
        hand.make(EventType.TAB_ASSIGNED, texts={"name": "Asha"}, tab_id=TAB, table_number=7),
        hand.make(EventType.SESSION_SWEPT, minutes=30),
    )
    assert order.status is Status.ASSIGNED_TO_TAB
    assert order.tab is not None
    assert (order.tab.id, order.tab.name, order.tab.table_number, order.till) == (TAB, "Asha", 7, None)


@pytest.mark.parametrize("before", [EventType.ORDER_PARKED, EventType.ORDER_DISCARDED, EventType.TAB_ASSIGNED])
def test_money_completes_what_was_put_away(before: EventType) -> None:
    hand = Hand()
    events = [hand.opened(), hand.added(), hand.make(before, tab_id=TAB)]
    assert folded(*events).status is not Status.ACTIVE
    order = folded(*events, hand.make(EventType.ORDER_PLACED, lines=[], total="40.00"))
    assert order.status is Status.COMPLETED


def test_nothing_brings_a_completed_order_back() -> None:
    hand = Hand()
    opened, added = hand.opened(), hand.added("a")
    placed = hand.make(EventType.ORDER_PLACED, lines=[{"line_ids": ["a"]}], total="40.00")
    order = folded(
        opened,
        added,
        placed,
        hand.make(EventType.ORDER_TAKEN_OVER, epoch=2, from_epoch=1, from_till=1),
        hand.make(EventType.ORDER_DISCARDED, epoch=2),
        hand.make(EventType.SESSION_SWEPT, epoch=2, minutes=30),
    )
    assert (order.status, order.till) == (Status.COMPLETED, None)
    assert order.placed is not None
    assert order.placed.event_id == placed.id
    assert order.placed.covered == {"a"}


def test_a_second_completion_is_for_a_manager() -> None:
    hand = Hand()
    opened, first = hand.opened(), hand.make(EventType.ORDER_PLACED, lines=[], total="40.00")
    order = folded(opened, first, hand.make(EventType.ORDER_PLACED, lines=[], total="80.00"))
    assert order.placed is not None
    assert order.placed.event_id == first.id
    assert order.notices == ("Till 1 was paid for this order too. A manager must look.",)


# Money


def test_only_approved_payments_count() -> None:
    hand = Hand()
    events = [hand.opened(), hand.added("a", 2), _money(hand, EventType.PAYMENT_STARTED)]
    order = folded(*events)
    assert (order.paid, order.due) == (0, 8_000)
    assert order.pending_payment is not None
    events.append(_money(hand, EventType.PAYMENT_APPROVED, tendered="50.00", change="10.00"))
    order = folded(*events)
    assert (order.paid, order.due, order.pending_payment) == (4_000, 4_000, None)
    assert (order.payments["p"].tendered, order.payments["p"].change) == (5_000, 1_000)
    events.append(_money(hand, EventType.PAYMENT_VOIDED))
    assert folded(*events).paid == 0


def test_a_start_that_comes_late_does_not_open_a_payment_again() -> None:
    hand = Hand()
    order = folded(
        hand.opened(), _money(hand, EventType.PAYMENT_APPROVED), _money(hand, EventType.PAYMENT_STARTED, key="k")
    )
    assert order.payments["p"].state is PaymentState.APPROVED


def test_money_beyond_any_single_price_counts() -> None:
    hand = Hand()
    order = folded(hand.opened(), _money(hand, EventType.PAYMENT_APPROVED, amount="15998400.00"))
    assert (order.paid, order.notices) == (1_599_840_000, ())


# What the rest of the till asks of it


def test_the_steps_of_the_documents() -> None:
    hand = Hand()
    events = [hand.opened()]
    steps = [folded(*events).step]
    for event in (
        hand.added("a"),
        _money(hand, EventType.PAYMENT_STARTED),
        hand.make(EventType.ORDER_PLACED, lines=[], total="40.00"),
    ):
        events.append(event)
        steps.append(folded(*events).step)
    assert steps == ["browsing", "ordering", "checkout", "order_placed"]


def test_the_item_last_mentioned() -> None:
    hand = Hand()
    opened, idly = hand.opened(), hand.added("a")
    dosa = hand.added("b", item_id="dosa", item_name="Masala Dosa")
    order = folded(opened, idly, dosa)
    assert (order.last_item, order.last_line and order.last_line.id) == (("dosa", "Masala Dosa"), "b")
    order = folded(opened, idly, dosa, hand.changed("a", 1), hand.voided("b"))
    assert (order.last_item, order.last_line and order.last_line.id) == (("idly", "Idly"), "a")
