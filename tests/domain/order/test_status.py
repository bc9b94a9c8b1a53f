from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.domain.making import TAB, A, Hand, folded, forged, paid_twice, uid
from till.domain.errors import EventError
from till.domain.merge.settlement import matters
from till.domain.order.events import (
    ConflictResolved,
    Erased,
    OrderDiscarded,
    OrderParked,
    OrderResumed,
    SessionSwept,
    TabAssigned,
)
from till.domain.order.state import PaymentState, Status
from till.domain.payment.events import CheckoutStarted, PaymentApproved, PaymentStarted, PaymentVoided

if TYPE_CHECKING:
    from collections.abc import Callable

    from till.domain.events.envelope import Event
    from till.domain.events.registry import EventData

PARKED, CLEARED = OrderParked(), OrderDiscarded(line_ids=(A,), reason="left")
SAVED = TabAssigned(tab_id=TAB, name="Asha", table_number=7)


def _money(kind: Callable[..., EventData], payment: str = "p", amount: str = "40.00", **more: Any) -> EventData:
    return kind(payment_id=uid(payment), tender="CASH", amount=amount, **more)


def _approved(amount: str = "40.00", tendered: str | None = None, change: str = "0.00") -> EventData:
    return _money(PaymentApproved, amount=amount, tendered=tendered or amount, change=change)


# Holds


@pytest.mark.parametrize("late", [PARKED, CLEARED, SAVED])
def test_where_an_order_stands_is_not_said_under_an_older_hold(late: EventData) -> None:
    one, two = Hand(1), Hand(2)
    opened, added = one.opened(), one.added("a")
    two.knows(opened, added)
    taken = two.took()
    one.after = taken.id
    order = folded(opened, added, taken, one.make(late))
    assert (order.status, order.till, order.hold) == (Status.ACTIVE, 2, taken.hold)
    assert (order.tab, order.discarded) == (None, None)


@pytest.mark.parametrize("act", [PARKED, CLEARED, SAVED, OrderParked(user=7)])
@pytest.mark.parametrize("loser_first", [True, False])
@pytest.mark.parametrize("acts_late", [True, False])
def test_of_two_tills_that_took_the_same_number_apart_the_loser_says_nothing(
    act: EventData, *, loser_first: bool, acts_late: bool
) -> None:
    """Whatever the ids of the two takings and of what the loser did, and whichever comes first."""
    one, two, three = Hand(1), Hand(2), Hand(3)
    events = [three.opened(), three.added("a"), three.make(PARKED)]
    hands = [one, two] if loser_first else [two, one]
    for hand in hands:
        hand.knows(*events)
        hand.now = three.now
    loser, winner = hands
    lost = loser.make(OrderResumed(from_epoch=1), epoch=2)
    at_once = None if acts_late else loser.make(act)
    winner.after = loser.after = max(loser.ids.next(loser.now), lost.id)
    won = winner.make(OrderResumed(from_epoch=1), epoch=2)
    assert won.hold > lost.hold
    loser.after = won.id
    acted = at_once or loser.make(act)
    assert (acted.id > won.id) is acts_late
    assert acted.hold == lost.hold
    order = folded(*events, lost, won, acted)
    assert (order.status, order.till, order.hold, order.user) == (Status.ACTIVE, winner.till, won.hold, 1)
    assert (order.tab, order.discarded, order.logout_time) == (None, None, None)
    assert order.total == 4_000
    assert order.takers == {1, 2, 3}
    assert folded(acted, won, lost, *events) == order
    assert folded(*events, lost, acted).status is not Status.ACTIVE  # while nobody knew of the other


def test_what_the_loser_of_a_race_cleared_is_not_settled_by_it_though_the_order_was_paid() -> None:
    one, two = Hand(1), Hand(2)
    events = [one.opened(), one.added("a"), one.make(PARKED)]
    two.knows(*events)
    lost, cleared = one.make(OrderResumed(from_epoch=1), epoch=2), one.make(CLEARED)
    placed = one.placed()
    two.after, two.hold = placed.id, events[0].hold
    won = two.make(OrderResumed(from_epoch=1), epoch=2)
    assert folded(*events, lost, cleared, placed).settled == frozenset({A})
    order = folded(*events, lost, cleared, placed, won)
    assert (order.status, order.settled) == (Status.COMPLETED, frozenset())


def test_a_tab_stays_when_the_next_till_takes_what_stands_on_it() -> None:
    one, two = Hand(1), Hand(2, user=2)
    events = [one.opened(), one.added("a"), one.make(SAVED)]
    two.knows(*events)
    order = folded(*events, two.make(OrderResumed(from_epoch=1, user=2), epoch=2))
    assert (order.status, order.till, order.user) == (Status.ACTIVE, 2, 2)
    assert order.tab is not None
    assert order.tab.id == TAB


def test_of_two_that_recalled_a_tab_apart_the_greater_hold_has_it_for_its_own_user() -> None:
    one, two = Hand(1, user=1), Hand(2, user=2)
    events = [one.opened(), one.added("a"), one.make(SAVED)]
    two.knows(*events)
    first = one.make(OrderResumed(from_epoch=1, user=1), epoch=2)
    two.after = first.id
    second = two.make(OrderResumed(from_epoch=1, user=2), epoch=2)
    order = folded(*events, first, second)
    assert (order.till, order.user, order.status) == (2, 2, Status.ACTIVE)
    assert order == folded(second, first, *events)


def test_a_status_of_a_till_that_is_not_the_holder_does_not_count_even_under_its_hold() -> None:
    one, three = Hand(1), Hand(3)
    opened = one.opened()
    three.knows(opened)
    stranger = three.make(PARKED)
    assert stranger.hold == opened.hold
    assert folded(opened, stranger).status is Status.ACTIVE


@pytest.mark.parametrize("kind", ["added", "voided", "changed", "paid", "placed"])
def test_what_a_till_does_that_never_took_the_order_does_not_count(kind: str) -> None:
    one, three = Hand(1), Hand(3)
    events = [one.opened(), one.added("a", 2)]
    three.knows(*events)
    stranger = {
        "added": lambda: three.added("b"),
        "voided": lambda: three.voided("a"),
        "changed": lambda: three.changed("a", 1),
        "paid": lambda: three.make(_approved()),
        "placed": lambda: three.placed("a"),
    }[kind]()
    order = folded(*events, stranger)
    assert (order.total, order.paid, order.status) == (8_000, 0, Status.ACTIVE)


def test_what_a_till_keyed_before_it_knew_of_the_takeover_is_kept() -> None:
    one, two = Hand(1), Hand(2)
    opened = one.opened()
    two.knows(opened)
    order = folded(opened, two.took(), two.added("b"), one.added("a"))
    assert order.total == 8_000


def test_what_the_database_brought_back_is_held_by_nobody() -> None:
    hand, server = Hand(), Hand(0)
    opened = hand.opened()
    server.knows(opened)
    order = folded(opened, server.make(OrderResumed(from_epoch=1, from_till=1), epoch=2))
    assert (order.status, order.till, order.hold_epoch) == (Status.ACTIVE, None, 2)


def test_what_the_database_clears_under_the_hold_is_cleared() -> None:
    hand, server = Hand(), Hand(0)
    events = [hand.opened(), hand.added("a")]
    server.knows(*events)
    order = folded(*events, server.make(CLEARED))
    assert (order.status, order.settled) == (Status.DISCARDED, frozenset({A}))


# Where it stands


def test_an_order_goes_aside_and_comes_back() -> None:
    hand = Hand()
    opened, parked = hand.opened(), hand.make(PARKED)
    order = folded(opened, parked)
    assert (order.status, order.till, order.logout_time) == (Status.PENDING_LOGOUT, None, parked.at)
    order = folded(opened, parked, hand.make(OrderResumed(from_epoch=1), epoch=2))
    assert (order.status, order.till, order.logout_time, order.hold_epoch) == (Status.ACTIVE, 1, None, 2)


def test_a_cleared_order_that_is_brought_back_has_nothing_settled() -> None:
    hand = Hand()
    events = [hand.opened(), hand.added("a"), hand.make(CLEARED)]
    assert folded(*events).settled == frozenset({A})
    order = folded(*events, hand.make(OrderResumed(from_epoch=1), epoch=2))
    assert (order.status, order.settled, order.total) == (Status.ACTIVE, None, 4_000)


def test_a_sweep_puts_aside_and_leaves_the_holder_named() -> None:
    one, server = Hand(1), Hand(0)
    opened = one.opened()
    server.knows(opened)
    order = folded(opened, server.make(SessionSwept(minutes=30)))
    assert (order.status, order.till) == (Status.PENDING_LOGOUT, 1)


@pytest.mark.parametrize("data", [SessionSwept(minutes=30), Erased(events=()), ConflictResolved(conflict_id=uid("c"))])
def test_what_the_database_alone_writes_is_no_tills_to_write_nor_to_be_believed_of_one(data: EventData) -> None:
    hand, server = Hand(), Hand(0)
    opened = hand.opened()
    server.knows(opened)
    with pytest.raises(EventError, match="only the database writes"):
        hand.make(data)
    faked = forged(server.make(data), till=1)
    order = folded(opened, faked)
    assert (order.status, order.settled_conflicts) == (Status.ACTIVE, frozenset())
    assert [one.why for one in order.waits_for_manager] == ["only the database writes such a record"] * (
        not data.harmless
    )


def test_a_sweep_stands_in_the_way_of_nothing() -> None:
    one, server = Hand(1), Hand(0)
    opened = one.opened()
    server.knows(opened)
    swept = server.make(SessionSwept(minutes=30))
    one.after = swept.id
    assert folded(opened, swept, one.make(SAVED)).status is Status.ASSIGNED_TO_TAB


def test_a_sweep_of_before_a_takeover_does_not_count() -> None:
    one, two, server = Hand(1), Hand(2), Hand(0)
    opened = one.opened()
    two.knows(opened)
    taken = two.took()
    server.knows(opened)
    server.after = taken.id
    assert folded(opened, taken, server.make(SessionSwept(minutes=30))).status is Status.ACTIVE


@pytest.mark.parametrize("before", [SAVED, CLEARED, PARKED])
def test_a_sweep_leaves_alone_what_is_not_active(before: EventData) -> None:
    hand, server = Hand(), Hand(0)
    events = [hand.opened(), hand.added(), hand.make(before)]
    server.knows(*events)
    assert folded(*events, server.make(SessionSwept(minutes=30))).status is folded(*events).status


def test_a_tab_has_a_name_and_a_table() -> None:
    hand = Hand()
    order = folded(hand.opened(), hand.added(), hand.make(SAVED))
    assert order.tab is not None
    assert (order.tab.id, order.tab.name, order.tab.table_number, order.till) == (TAB, "Asha", 7, None)


@pytest.mark.parametrize("before", [PARKED, CLEARED, SAVED])
def test_money_completes_what_was_put_away(before: EventData) -> None:
    hand = Hand()
    events = [hand.opened(), hand.added("a"), hand.make(before)]
    assert folded(*events).status is not Status.ACTIVE
    assert folded(*events, hand.placed("a")).status is Status.COMPLETED


def test_nothing_brings_a_completed_order_back() -> None:
    hand = Hand()
    opened, added = hand.opened(), hand.added("a")
    placed = hand.placed("a")
    later = [hand.took(), hand.make(SAVED), hand.make(CLEARED)]
    server = Hand(0)
    server.knows(*later)
    order = folded(opened, added, placed, *later, server.make(SessionSwept(minutes=30)))
    assert (order.status, order.till, order.tab) == (Status.COMPLETED, None, None)
    assert order.placed is not None
    assert order.placed.event == placed.id
    assert order.placed.covered == {A}


def test_a_second_completion_is_kept_beside_the_first() -> None:
    hand = Hand()
    opened, first, second = hand.opened(), hand.placed("a"), hand.placed("a", total="80.00")
    order = folded(opened, first, second)
    assert [placed.event for placed in order.placings] == [first.id, second.id]


@pytest.mark.parametrize("early", [False, True])
def test_which_of_two_sales_came_first_to_the_database_it_says_itself(*, early: bool) -> None:
    """Ids are by the clocks of tills that were apart: what else is wrong is reckoned from what stands there."""
    hand, server = Hand(), Hand(0)
    opened, added, less = hand.opened(), hand.added("a", 3), hand.changed("a", 2)
    one, other = hand.placed("a"), hand.placed("a", pieces=3, total="120.00")
    server.knows(less if early else other)
    order = folded(opened, added, less, one, other, server.make(paid_twice(one)))
    assert [placed.event for placed in order.placings] == [other.id, one.id]
    assert [(one.kind, one.amount) for one in matters(order) if one.subject == A] == [("paid_for_more", 8_000)]


def test_no_till_says_which_of_two_sales_came_first() -> None:
    hand = Hand()
    opened, one, other = hand.opened(), hand.placed("a"), hand.placed("a")
    order = folded(opened, one, other, hand.make(paid_twice(one)))
    assert [placed.event for placed in order.placings] == [one.id, other.id]


# Money


def test_only_approved_payments_count() -> None:
    hand = Hand()
    events = [hand.opened(), hand.added("a", 2), hand.make(_money(PaymentStarted, key="k"))]
    order = folded(*events)
    assert (order.paid, order.due) == (0, 8_000)
    assert order.pending_payment is not None
    events.append(hand.make(_approved("40.00", "50.00", "10.00")))
    order = folded(*events)
    assert (order.paid, order.due, order.pending_payment) == (4_000, 4_000, None)
    payment = order.payments[uid("p")]
    assert (payment.tendered, payment.change) == (5_000, 1_000)
    events.append(hand.make(_money(PaymentVoided)))
    assert folded(*events).paid == 0


def test_a_start_that_comes_late_does_not_open_a_payment_again() -> None:
    hand = Hand()
    order = folded(hand.opened(), hand.make(_approved()), hand.make(_money(PaymentStarted, key="k")))
    assert order.payments[uid("p")].state is PaymentState.APPROVED


def test_money_beyond_any_single_price_counts() -> None:
    hand = Hand()
    order = folded(hand.opened(), hand.make(_approved("15998400.00")))
    assert (order.paid, order.unread) == (1_599_840_000, {})


# What the rest of the till asks of it


def test_the_steps_of_the_documents() -> None:
    hand = Hand()
    events: list[Event] = [hand.opened()]
    steps = [folded(*events).step]
    for event in (hand.added("a"), hand.make(_money(PaymentStarted, key="k")), hand.placed("a")):
        events.append(event)
        steps.append(folded(*events).step)
    assert steps == ["browsing", "ordering", "checkout", "order_placed"]


def test_the_checkout_stands_until_something_else_is_keyed() -> None:
    hand = Hand()
    events = [hand.opened(), hand.added("a")]
    steps = []
    for event in (hand.make(CheckoutStarted()), hand.changed("a", 1), hand.added("b"), hand.make(CheckoutStarted())):
        events.append(event)
        order = folded(*events)
        steps.append((order.step, order.checkout_at))
    first, _changed, _added, again = (event.at for event in events[2:])
    assert steps == [("checkout", first), ("checkout", first), ("ordering", None), ("checkout", again)]


def test_the_item_last_mentioned() -> None:
    hand = Hand()
    events = [hand.opened(), hand.added("a", 2), hand.added("b", item_id="dosa", item_name="Masala Dosa")]
    order = folded(*events)
    assert (order.last_item, order.last_line and order.last_line.id) == (("dosa", "Masala Dosa"), uid("b"))
    order = folded(*events, hand.changed("a", 1), hand.voided("b"))
    assert (order.last_item, order.last_line and order.last_line.id) == (("idly", "Idly"), A)
