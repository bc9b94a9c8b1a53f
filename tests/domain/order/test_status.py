from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.domain.making import TAB, A, Hand, folded, forged, sold_twice, uid
from till.domain.errors import EventError
from till.domain.order.events import (
    ConflictResolved,
    Erased,
    LinesMoved,
    OrderDiscarded,
    OrderParked,
    OrderResumed,
    Refused,
    SessionSwept,
    TabAssigned,
)
from till.domain.order.evolve import apply, fold, is_next
from till.domain.order.state import Status
from till.domain.payment.events import CheckoutStarted, PaymentApproved, PaymentStarted, PaymentVoided
from till.domain.payment.movement import PaymentState
from till.domain.structs import replace

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


@pytest.mark.parametrize("late", [PARKED, CLEARED, SAVED, OrderParked(user=7), OrderResumed(user=7)])
@pytest.mark.parametrize("is_early", [False, True])
def test_an_act_that_the_server_refused_does_not_count_whenever_the_refusal_comes(
    late: EventData, *, is_early: bool
) -> None:
    """The server alone judges what came without the hold: to the fold the act counts until it is refused."""
    one, two, server = Hand(1), Hand(2), Hand(0)
    opened, added = one.opened(), one.added("a")
    two.knows(opened, added)
    taken = two.took()
    one.after = taken.id
    act = one.make(late)
    server.knows(opened, act)
    refused = server.make(Refused(events=(act.id,)))
    known = fold([opened, added, taken])
    heard = [refused, act] if is_early else [act, refused]
    for event in heard:
        known = apply(known, event) if is_next(known, event) else fold([opened, added, taken, *heard])
    assert known is not None
    assert replace(known, last_id="", updated_at=opened.at) == replace(
        folded(opened, added, taken, refused), last_id="", updated_at=opened.at
    )
    assert (known.status, known.till, known.hold, known.tab) == (Status.ACTIVE, 2, taken.hold, None)
    assert folded(opened, added, taken, act) != folded(opened, added, taken, act, refused)


def test_no_till_refuses_anything() -> None:
    one, server = Hand(1), Hand(0)
    opened, added = one.opened(), one.added("a")
    server.knows(opened)
    faked = forged(server.make(Refused(events=(added.id,))), till=1)
    assert folded(opened, added, faked).total == 4_000


def test_a_tab_stays_when_what_stands_on_it_is_granted_to_another_till() -> None:
    one, two = Hand(1), Hand(2, user=2)
    events = [one.opened(), one.added("a"), one.make(SAVED)]
    two.knows(*events)
    order = folded(*events, two.took())
    assert (order.status, order.till, order.user) == (Status.ACTIVE, 2, 2)
    assert order.tab is not None
    assert order.tab.id == TAB


def test_lines_that_two_clearings_name_are_all_dealt_with() -> None:
    """A disk that was put back did not know of the first."""
    one = Hand(1)
    events = [one.opened(), one.added("a"), one.added("b")]
    first, second = (one.make(OrderDiscarded(line_ids=(uid(line),))) for line in ("a", "b"))
    assert folded(*events, first, second).settled == frozenset({uid("a"), uid("b")})


@pytest.mark.parametrize("reason", ["added to table 6", ""])
def test_an_order_that_was_added_to_another_names_it_before_its_late_lines_have_left(reason: str) -> None:
    one, two = Hand(1), Hand(2, user=2)
    events = [one.opened(), one.added("a")]
    two.knows(*events)
    events.append(two.took())
    events.append(two.make(LinesMoved(to_session=uid("t"), line_ids=(A,))))
    events.append(two.make(OrderDiscarded(line_ids=(), reason=reason)))
    assert folded(*events, one.added("b")).added_to == (uid("t") if reason else "")


def test_a_grant_makes_an_order_active_for_its_user_until_it_is_paid() -> None:
    one, two = Hand(1), Hand(2, user=2)
    events = [one.opened(), one.added("a"), one.make(CLEARED)]
    two.knows(*events)
    granted = two.took()
    order = folded(*events, granted)
    assert (order.status, order.till, order.holder, order.user) == (Status.ACTIVE, 2, 2, 2)
    assert order.discarded is None
    placed = two.placed("a")
    two.after = placed.id
    order = folded(*events, granted, placed, two.took(till=3, user=3))
    assert (order.status, order.till, order.holder, order.user) == (Status.COMPLETED, None, 3, 2)


@pytest.mark.parametrize("away", [PARKED, SAVED])
def test_the_hold_stays_with_the_till_that_put_an_order_away(away: EventData) -> None:
    hand = Hand()
    events = [hand.opened(), hand.added("a"), hand.make(away)]
    order = folded(*events)
    assert (order.till, order.holder, order.hold) == (None, 1, events[0].id)
    order = folded(*events, hand.make(OrderResumed()))
    assert (order.status, order.till, order.holder, order.hold) == (Status.ACTIVE, 1, 1, events[0].id)


def test_lines_that_a_till_keyed_before_it_knew_of_the_grant_are_kept() -> None:
    one, two = Hand(1), Hand(2)
    opened = one.opened()
    two.knows(opened)
    order = folded(opened, two.took(), two.added("b"), one.added("a"))
    assert order.total == 8_000


def test_an_order_resumed_by_the_database_is_open_on_no_till_and_its_till_still_holds_it() -> None:
    hand, server = Hand(), Hand(0)
    opened, parked = hand.opened(), hand.make(PARKED)
    server.knows(opened)
    server.after = parked.id
    order = folded(opened, parked, server.make(OrderResumed()))
    assert (order.status, order.till, order.holder, order.hold) == (Status.ACTIVE, None, 1, opened.id)


def test_a_clearing_by_the_database_under_the_hold_counts() -> None:
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
    order = folded(opened, parked, hand.make(OrderResumed()))
    assert (order.status, order.till, order.logout_time) == (Status.ACTIVE, 1, None)


def test_a_cleared_order_that_is_brought_back_has_nothing_settled() -> None:
    hand = Hand()
    events = [hand.opened(), hand.added("a"), hand.make(CLEARED)]
    assert folded(*events).settled == frozenset({A})
    order = folded(*events, hand.make(OrderResumed()))
    assert (order.status, order.settled, order.total) == (Status.ACTIVE, None, 4_000)


def test_a_sweep_puts_aside_and_leaves_the_holder_named() -> None:
    one, server = Hand(1), Hand(0)
    opened = one.opened()
    server.knows(opened)
    order = folded(opened, server.make(SessionSwept(minutes=30)))
    assert (order.status, order.till) == (Status.PENDING_LOGOUT, 1)


@pytest.mark.parametrize("data", [SessionSwept(minutes=30), Erased(events=()), ConflictResolved(conflict_id=uid("c"))])
def test_records_that_only_the_database_writes_are_neither_written_nor_believed_by_a_till(data: EventData) -> None:
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
    """Ids are by the clocks of tills that were apart."""
    hand, server = Hand(), Hand(0)
    opened, added, less = hand.opened(), hand.added("a", 3), hand.changed("a", 2)
    one, other = hand.placed("a"), hand.placed("a", pieces=3, total="120.00")
    server.knows(less if early else other)
    order = folded(opened, added, less, one, other, server.make(sold_twice(one)))
    assert [placed.event for placed in order.placings] == [other.id, one.id]
    last = hand.placed("a", pieces=2, total="80.00")
    server.knows(last)
    order = folded(opened, added, less, one, other, last, server.make(sold_twice(other)))
    assert [placed.event for placed in order.placings] == [one.id, last.id, other.id]


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


# Questions of the rest of the till


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
