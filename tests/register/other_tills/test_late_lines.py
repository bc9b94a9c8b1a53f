"""What one till keyed while another finished the order (design §7): nothing is lost, nothing paid twice unseen."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.register.conftest import Till
from tests.register.exchange import found, give, going_on, meet, take, taken_over
from tests.register.fakes import MemoryJournal
from till.domain.events.envelope import Draft
from till.domain.merge.settlement import late_id
from till.domain.money.measures import Minor
from till.domain.order.events import ConflictFound, ConflictResolved
from till.domain.order.state import Order, Status
from till.ports import Received, SessionMark


def late_order(till: Till, session: str) -> Order | None:
    return till.register.ledger.find(late_id(session, till.number))


def test_lines_that_came_too_late_for_the_payment_are_a_new_order(till: Till, other: Till) -> None:
    session = taken_over(till, other, 1)
    late = till.add(session, 2).last_line
    other.register.checkout.pay_exact(session)
    give(other, till, session)
    carried = late_order(till, session)
    assert late is not None
    assert carried is not None
    assert (list(carried.lines), carried.total, carried.from_session) == ([late.id], 8_000, session)
    assert (carried.status, carried.till, carried.user) == (Status.ACTIVE, 1, 1)
    assert carried.id in [order.id for order in till.register.recovery.of_user(1)]
    said = "That order was paid on Till 2. What was keyed too late is a new one: 1 line, ₹80.00. F5."
    assert till.screen.late == [(carried.id, said)]


def test_who_cleared_an_order_hears_that_it_was_paid_elsewhere(till: Till, other: Till) -> None:
    session = taken_over(till, other, 1)
    till.register.recovery.discard(session, "guest left")
    other.register.checkout.pay_exact(session)
    give(other, till, session)
    ((told, sentence),) = till.screen.late
    assert (told, sentence.partition(" was cleared here ")[2]) == (session, "was paid on Till 2: it counts as paid.")
    give(other, till, session)
    assert len(till.screen.late) == 1


@pytest.mark.parametrize("sales", [0, 20])
def test_who_took_an_order_over_and_cleared_it_hears_of_the_payment_that_was_taken_before(
    till: Till, other: Till, sales: int
) -> None:
    session = taken_over(till, other, 1)
    till.register.checkout.pay_exact(session)  # while its line was cut
    other.clock.move(minutes=1)
    other.register.recovery.discard(session, "guest left")
    for _sale in range(sales):  # and nobody looked at that order any more
        other.register.checkout.pay_exact(other.order(1).id)
    give(till, other, session, SessionMark(session, 1, 9, status="completed"))
    ((told, sentence),) = other.screen.late
    assert (told, sentence.partition(" was cleared here ")[2]) == (session, "was paid on Till 1: it counts as paid.")
    other.register.sessions_grew([session])
    assert len(other.screen.late) == 1


def test_an_order_that_another_took_over_apart_from_a_recall_goes_on_there_and_nowhere_else(
    till: Till, other: Till
) -> None:
    session = taken_over(till, other, 1)
    till.register.tabs.save(session, "7")
    till.register.tabs.recall(session, 1)
    keyed = other.add(session, 3).last_line
    give(till, other, session)
    going_on = other.register.ledger.order(session)
    assert keyed is not None
    assert (going_on.status, keyed.id in going_on.lines) == (Status.ACTIVE, True)
    assert late_order(other, session) is None


def test_who_ended_an_order_that_stood_on_a_tab_looks_after_who_followed_it_no_more(till: Till, other: Till) -> None:
    session = taken_over(till, other, 1)
    give(other, till, session)
    till.register.recovery.resume(session, holder=2, taking_over=True)
    keyed = other.add(session, 3).last_line
    till.register.tabs.save(session, "7")  # as that arrives the other till has it no more, and hears nothing of it
    till.register.tabs.recall(session, 1)
    till.register.checkout.pay_exact(session)
    give(other, till, session)
    carried = till.register.ledger.find(late_id(session, other.number))
    assert keyed is not None
    assert carried is not None
    assert list(carried.lines) == [keyed.id]


def test_money_for_an_order_that_another_till_discarded_is_a_conflict(till: Till, other: Till) -> None:
    session = taken_over(till, other, 1)
    till.register.checkout.pay(session, "CARD", Minor(1_000))
    other.register.recovery.discard(session, "guest left")
    give(other, till, session)
    assert [(one.kind, one.amount) for one in found(till, other)] == [("payment_without_order", "10.00")]


def test_what_was_paid_for_is_not_carried_on(till: Till, other: Till) -> None:
    session = taken_over(till, other, 1, 2)
    other.add(session, 3)
    other.register.checkout.pay_exact(session)
    give(other, till, session)
    assert late_order(till, session) is None
    assert till.screen.late == []


def test_pieces_added_to_a_paid_line_are_carried_under_another_id(till: Till, other: Till) -> None:
    session = taken_over(till, other, 1)
    line = next(iter(till.register.ledger.order(session).lines))
    till.register.sales.change_quantity(session, line, 3)
    other.register.checkout.pay_exact(session)
    give(other, till, session)
    carried = late_order(till, session)
    assert carried is not None
    assert (carried.total, line in carried.lines) == (8_000, False)


def test_asking_again_and_starting_again_changes_nothing(till: Till, other: Till) -> None:
    session = taken_over(till, other, 1)
    till.add(session, 2)
    other.register.checkout.pay_exact(session)
    give(other, till, session)
    before = till.types()
    till.register.sessions_grew([session])
    till.start()
    list(till.register.settling())
    assert till.types() == before


def test_lines_of_another_till_are_its_own_to_carry_on(till: Till, other: Till) -> None:
    session = taken_over(till, other, 1)
    till.add(session, 2)
    other.register.checkout.pay_exact(session)
    give(till, other, session)
    assert late_order(other, session) is None


def test_lines_of_a_till_that_is_gone_are_put_aside_for_their_user_and_twice_is_once(
    till: Till, other: Till, third: Till
) -> None:
    session = taken_over(till, other, 1)
    keyed = till.add(session, 2).last_line
    other.register.checkout.pay_exact(session)
    give(till, other, session)
    give(till, third, session)
    give(other, third, session)
    assert late_order(other, session) is None
    assert keyed is not None
    for each in (other, third):
        each.register.lines_left(session, till.number)
        each.register.lines_left(session, till.number)
    assert other.types()[-4:] == ["order_opened", "lines_moved", "lines_moved", "order_parked"]
    late = late_id(session, till.number)
    give(third, other, late)
    give(third, other, session)
    carried = other.register.ledger.order(late)
    assert (list(carried.lines), carried.total, carried.user) == ([keyed.id], 8_000, 1)
    assert (carried.status, carried.till) == (Status.PENDING_LOGOUT, None)
    give(other, till, session)  # it was not gone for good
    give(other, till, late)
    before = till.types()
    list(till.register.settling())
    assert till.types() == before


def test_money_that_a_till_which_is_gone_took_too_late_stands_before_the_manager(till: Till, other: Till) -> None:
    session = taken_over(till, other, 1)
    till.register.checkout.pay(session, "CARD", Minor(1_000))
    other.register.checkout.pay_exact(session)
    give(till, other, session)
    for _time in range(2):
        other.register.lines_left(session, till.number)
    assert [(one.kind, one.amount) for one in found(other)] == [("payment_without_order", "10.00")]


def paid_apart(till: Till, other: Till, third: Till, *, know_late: bool = True) -> str:
    """The first till carries its late line on after the second was paid; the third, apart, was paid with that line."""
    session = till.order(1).id
    give(till, other, session)
    if know_late:
        till.add(session, 2)
    give(till, third, session)
    if not know_late:
        till.add(session, 2)
    other.clock.time = third.clock.time = till.clock.time
    other.register.recovery.resume(session, holder=1, taking_over=True)
    third.register.recovery.resume(session, holder=1, taking_over=True)
    other.register.checkout.pay_exact(session)
    third.register.checkout.pay_exact(session)
    give(other, till, session)
    return session


def test_a_line_that_was_carried_on_and_paid_for_apart_by_another_till_leaves_the_order_that_carries_it(
    till: Till, other: Till, third: Till
) -> None:
    session = paid_apart(till, other, third)
    carried = late_order(till, session)
    assert carried is not None
    assert carried.total == 8_000
    give(third, till, session)
    after = till.register.ledger.order(carried.id)
    assert (after.total, after.is_empty, after.status) == (0, True, Status.ACTIVE)
    assert [told[0] for told in till.screen.joined] == [carried.id]
    before = till.types()
    till.register.sessions_grew([session, carried.id])
    till.start()
    list(till.register.settling())
    assert till.types() == before


def test_an_order_that_carries_nothing_any_more_is_cleared_when_its_user_logs_out(
    till: Till, other: Till, third: Till
) -> None:
    till.register.access.admit(till.register.access.find(1))
    session = paid_apart(till, other, third)
    kept = till.order(2).id
    give(third, till, session)
    till.register.access.leave(None)
    carried = late_order(till, session)
    assert carried is not None
    assert carried.status is Status.DISCARDED
    assert till.register.ledger.order(kept).status is Status.ACTIVE


def test_a_line_keyed_since_on_the_order_that_carries_on_what_was_paid_for_stays(
    till: Till, other: Till, third: Till
) -> None:
    session = paid_apart(till, other, third)
    carried = late_order(till, session)
    assert carried is not None
    kept = till.add(carried.id, 1).last_line
    give(third, till, session)
    assert kept is not None
    assert [row.first.id for row in till.register.ledger.order(carried.id).priced.rows] == [kept.id]


def test_a_line_that_no_payment_covers_stays_in_the_order_that_carries_it(till: Till, other: Till, third: Till) -> None:
    session = paid_apart(till, other, third, know_late=False)
    give(third, till, session)
    carried = late_order(till, session)
    assert carried is not None
    assert carried.total == 8_000


def test_who_takes_the_order_that_carries_a_line_which_was_paid_for_takes_it_off(
    till: Till, other: Till, third: Till
) -> None:
    session = paid_apart(till, other, third)
    carried = late_order(till, session)
    assert carried is not None
    till.register.recovery.park(carried.id)
    give(till, third, session)
    give(till, third, carried.id)
    assert third.register.ledger.order(carried.id).total == 8_000  # nobody holds it
    assert third.register.recovery.resume(carried.id).is_empty
    give(third, till, carried.id)
    give(third, till, session)
    assert till.register.ledger.order(carried.id).is_empty


def test_who_brought_a_line_takes_it_away_from_a_till_that_does_not_know_that_it_was_paid_for(
    till: Till, other: Till, third: Till
) -> None:
    session = paid_apart(till, other, third)
    carried = late_order(till, session)
    assert carried is not None
    take(till, other, carried.id)
    give(other, till, carried.id)
    give(third, till, session)
    give(till, other, carried.id)
    assert other.register.ledger.order(carried.id).is_empty
    assert len(other.register.ledger.order(session).placings) == 1  # it has not heard of the other payment


def test_who_cut_a_piece_off_that_was_paid_for_takes_it_off_a_till_that_does_not_know_of_it(
    till: Till, other: Till, third: Till
) -> None:
    session = till.add(None, 1, 3).id
    [first] = till.register.ledger.order(session).lines
    take(till, other, session)
    other.register.checkout.pay_exact(session)
    till.clock.time = other.clock.time + timedelta(seconds=1)
    guest = till.register.tabs.part(session, {first: 1}).id
    take(till, third, guest)
    give(third, till, guest)
    give(other, till, session)
    give(till, third, guest)
    assert third.register.ledger.order(guest).is_empty
    assert third.register.ledger.find(session) is None  # it has not heard of the payment


def test_a_line_that_was_split_off_an_order_which_this_till_discarded_stays_before_its_move_is_heard_of(
    till: Till, other: Till
) -> None:
    session = taken_over(till, other, 1, 2)
    other.register.recovery.discard(session, "guest left")
    late = till.add(session, 3).last_line
    assert late is not None
    apart = till.part(session, late.id)
    take(till, other, apart.id)
    assert list(other.register.ledger.order(apart.id).lines) == [late.id]
    give(other, till, session)  # till 2 was paid for nothing, and says so before it hears of the move
    assert other.register.ledger.order(apart.id).total == late.amount_of(1)
    give(till, other, session)
    assert other.register.ledger.order(apart.id).total == late.amount_of(1)


@pytest.mark.parametrize("paid", [False, True])
def test_a_line_that_was_split_off_twice_follows_what_became_of_it_in_the_first_order(
    till: Till, other: Till, *, paid: bool
) -> None:
    session = taken_over(till, other, 1, 2)
    line = next(iter(till.register.ledger.order(session).lines.values()))
    if paid:
        other.register.checkout.pay_exact(session)
    else:
        other.register.sales.void(session, line.id, "changed mind")
    once = till.part(session, line.id)
    till.register.recovery.resume(once.id)
    till.add(once.id, 3)
    twice = till.part(once.id, line.id)
    give(other, till, session)
    assert till.register.ledger.order(twice.id).total == 0


@pytest.mark.parametrize("on_a_tab", [False, True])
def test_what_was_voided_apart_is_void_on_an_order_that_was_put_aside(
    till: Till, other: Till, *, on_a_tab: bool
) -> None:
    session = taken_over(till, other, 1, 2)
    line = next(iter(other.register.ledger.order(session).lines.values()))
    till.register.sales.void(session, line.id, "changed mind")
    apart = other.part(session, line.id)
    if on_a_tab:
        other.register.recovery.resume(apart.id)
        other.register.tabs.save(apart.id, "7")
    else:
        other.register.recovery.park(apart.id)
    give(till, other, session)
    assert other.register.ledger.order(apart.id).total == 0


def test_what_two_tills_carried_on_in_parts_of_their_own_is_in_one_order_each_once_they_meet(
    till: Till, other: Till, third: Till
) -> None:
    session = taken_over(till, other, 1)
    take(other, third, session)
    third.register.tabs.save(session, "7")
    give(third, other, session)
    other.register.tabs.recall(session, 2)
    other.register.checkout.pay_exact(session)
    paid = other.journal.events_of(session)
    first = till.add(session, 2).last_line
    give(till, other, session)
    second = till.add(session, 3).last_line
    give(till, other, session)
    assert first is not None
    assert second is not None
    one = late_id(session, till.number)
    two = late_id(one, till.number)
    assert list(other.register.ledger.order(two).lines) == [second.id]

    till.journal.receive([Received(place, event) for place, event in enumerate(paid, 1)], [])
    till.register.sessions_grew([session])
    assert list(till.register.ledger.order(one).lines) == [first.id, second.id]
    for source, target in ((till, other), (other, till), (till, other)):
        for order_id in (one, two, session):
            give(source, target, order_id)
    for each in (till, other):
        quantities = {i: line.quantity for i, line in each.register.ledger.order(one).lines.items()}
        assert quantities == {first.id: 1, second.id: 0}  # the lower move keeps it
        assert each.register.ledger.order(two).total == second.amount_of(1)


def test_a_void_that_is_undone_as_its_order_is_cleared_elsewhere_brings_the_line_back(till: Till, other: Till) -> None:
    """Who keyed the line cleared an order that was empty, and hears of it no more: who brings it back sees to it."""
    session = till.add(None, 1, 3).id
    [line] = till.register.ledger.order(session).lines
    take(till, other, session)
    other.register.sales.void(session, line, "changed mind")
    take(other, till, session)
    till.register.recovery.discard(session, "nothing was keyed")
    other.clock.time = till.clock.time + timedelta(seconds=1)
    other.register.sales.undo(session)
    give(till, other, session)
    shown = [order.lines[line].quantity for order in going_on(other) if line in order.lines]
    assert shown == [3]


def test_late_lines_of_a_discarded_order_live_on(till: Till, other: Till) -> None:
    session = taken_over(till, other, 1)
    till.add(session, 2)
    other.register.recovery.discard(session, "guest left")
    give(other, till, session)
    carried = late_order(till, session)
    assert carried is not None
    assert carried.total == 8_000


def test_of_two_sales_that_till_is_told_whose_sale_counts_the_line_that_was_taken_off(till: Till, other: Till) -> None:
    session = taken_over(till, other, 1, 2)
    first, _dosa = till.register.ledger.order(session).lines
    till.register.sales.void(session, first, "wrong item")
    till.register.checkout.pay_exact(session)
    other.clock.move(seconds=30)
    other.register.checkout.pay_exact(session)
    meet(till, other)
    order = till.register.ledger.order(session)
    assert order.placed is not None
    assert (order.placed.till, first in order.placed.quantities) == (1, False)
    told = "1 × Idly was taken off here: a manager settles the ₹40.00."
    assert [said for _session, said in till.screen.money if "taken off" in said] == [told]
    told = "1 × Idly paid for here was taken off on another till: a manager settles the ₹40.00."
    where = "That order was paid on Till 1."  # first
    assert [said for _session, said in other.screen.money if "taken off" in said] == [f"{told} {where}"]


@pytest.mark.parametrize("restarted", [False, True])
def test_a_line_that_the_other_till_was_paid_for_and_this_one_voided_is_for_the_manager(
    till: Till, other: Till, *, restarted: bool
) -> None:
    session = taken_over(till, other, 1, 2)
    line = till.register.ledger.order(session).last_line
    assert line is not None
    till.register.sales.void(session, line.id, "wrong item")
    other.register.checkout.pay_exact(session)
    give(other, till, session)
    (conflict,) = till.wrote(ConflictFound)
    assert (conflict.kind, conflict.subject, conflict.amount) == ("paid_for_more", line.id, "80.00")

    told = "1 × Masala Dosa was taken off here: a manager settles the ₹80.00. That order was paid on Till 2."
    assert till.screen.money == [(session, told)]
    if restarted:
        other.start()
    give(till, other, session)
    told = "1 × Masala Dosa paid for here was taken off on another till: a manager settles the ₹80.00."
    assert other.screen.money == [(session, told)]
    other.start()  # and nothing is told anew of what a manager settled
    server = Till(0, 0, journal=MemoryJournal("0197a000-0000-7000-8000-000000000000"))
    give(till, server, session)
    draft = Draft(ConflictResolved(conflict_id=conflict.conflict_id, how="given back"), session)
    server.register.ledger.commit([draft])
    for each in (till, other):
        give(server, each, session)
        assert each.register.ledger.order(session).settled_conflicts == {conflict.conflict_id}
    give(other, till, session)
    give(till, other, session)
    assert (len(till.screen.money), len(other.screen.money)) == (1, 1)


def test_money_that_no_sale_lists_is_told_on_both_tills_with_what_came_too_late(till: Till, other: Till) -> None:
    session = taken_over(till, other, 1)
    till.register.checkout.pay(session, "CASH", Minor(1_000))
    till.add(session, 2)
    other.register.checkout.pay_exact(session)
    give(other, till, session)
    lead = "₹10.00 taken here is on no sale: ask a manager. That order was paid on Till 2."
    ((_carried, said),) = till.screen.late
    assert said == f"{lead} What was keyed too late is a new one: 1 line, ₹80.00. F5."
    assert till.screen.money == []
    give(till, other, session)
    assert other.screen.money == [
        (session, "₹10.00 on Till 1 was for the order of ₹40.00 that ended here: ask a manager.")
    ]


def test_two_payments_of_two_tills_are_for_the_manager_and_neither_is_hidden(till: Till, other: Till) -> None:
    session = taken_over(till, other, 1)
    till.register.checkout.pay_exact(session)
    other.register.checkout.pay_exact(session, "CARD")
    give(other, till, session)
    order = till.register.ledger.order(session)
    assert order.status is Status.COMPLETED
    assert [(one.kind, one.amount) for one in found(till, other)] == [("paid_twice", "40.00")]


def test_what_was_carried_on_is_not_on_an_order_that_a_third_till_had_taken_before_it_ended(
    till: Till, other: Till, third: Till
) -> None:
    session = taken_over(till, other, 1)
    late = till.add(session, 2).last_line
    give(till, third, session)
    third.clock.time = other.clock.time
    third.register.recovery.resume(session, holder=1, taking_over=True)
    third.register.recovery.park(session)
    third.register.recovery.resume(session)
    other.register.recovery.discard(session, "guest left")
    give(other, till, session)
    carried = late_order(till, session)
    give(other, third, session)
    give(till, third, session)
    revived = third.register.ledger.order(session)
    assert late is not None
    assert carried is not None
    assert (revived.status, carried.lines[late.id].quantity) == (Status.ACTIVE, 1)
    assert (revived.lines[late.id].quantity, revived.total) == (0, 4_000)


def test_who_is_paid_for_an_order_carries_on_what_stood_on_the_tab_of_a_till_that_follows_it_no_more(
    till: Till, other: Till
) -> None:
    session = till.order(1).id
    give(till, other, session)
    keyed = till.add(session, 2).last_line
    till.register.tabs.save(session, "7")
    other.clock.move(minutes=1)
    other.register.recovery.resume(session, holder=1, taking_over=True)
    other.register.checkout.pay_exact(session)
    give(till, other, session)
    carried = other.register.ledger.find(late_id(session, till.number))
    assert keyed is not None
    assert carried is not None
    assert (list(carried.lines), carried.total, carried.till) == ([keyed.id], 8_000, other.number)


def test_lines_that_another_till_keyed_on_an_order_discarded_here_are_its_own_to_carry_on(
    till: Till, other: Till
) -> None:
    session = taken_over(till, other, 1)
    keyed = [till.add(session, 2).last_line]
    other.register.recovery.discard(session, "guest left")
    give(till, other, session)
    keyed.append(till.add(session, 3).last_line)  # it has not heard yet
    give(other, till, session)
    give(till, other, session)
    assert "lines_moved" not in other.types()
    carried = late_order(till, session)
    assert carried is not None
    assert list(carried.lines) == [line.id for line in keyed if line is not None]


def test_who_is_paid_for_an_order_carries_on_what_a_third_till_keyed_that_followed_it_only_to_its_tab(
    till: Till, other: Till, third: Till
) -> None:
    session = taken_over(till, other, 1)
    give(other, third, session)
    late = till.add(session, 2).last_line
    other.register.tabs.save(session, "7")
    third.clock.move(minutes=1)
    third.register.recovery.resume(session, holder=other.number, taking_over=True)
    third.register.checkout.pay_exact(session)
    give(other, third, session)
    give(till, third, session)
    carried = third.register.ledger.find(late_id(session, till.number))
    assert late is not None
    assert carried is not None
    assert list(carried.lines) == [late.id]


@pytest.mark.parametrize("paid_first", [True, False])
def test_what_its_holder_cleared_does_not_come_back_when_another_till_was_paid_for_the_rest(
    till: Till, other: Till, *, paid_first: bool
) -> None:
    session = taken_over(till, other, 1)
    other.add(session, 2)
    (other if paid_first else till).clock.move(minutes=1)
    other.register.recovery.discard(session, "guest left")
    till.register.checkout.pay_exact(session)
    give(till, other, session)
    give(other, till, session)
    for each in (till, other):
        assert each.register.ledger.order(session).status is Status.COMPLETED
        assert each.register.ledger.find(late_id(session, other.number)) is None


def test_what_another_cleared_that_held_it_no_more_lives_on(till: Till, other: Till) -> None:
    session = taken_over(till, other, 1)
    till.add(session, 2)
    till.register.recovery.discard(session, "guest left")
    other.register.checkout.pay_exact(session)
    give(till, other, session)
    give(other, till, session)
    carried = other.register.ledger.find(late_id(session, till.number))  # who cleared it follows it no more
    assert carried is not None
    assert carried.total == 8_000
