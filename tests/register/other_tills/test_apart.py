"""Two tills that took one order while they were apart: what becomes of it when they meet (design §7)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from msgspec.structs import replace

from tests.register.conftest import Till
from tests.register.exchange import found, give, going_on, meet, take, taken_over
from tests.register.fakes import MemoryJournal
from till.domain.errors import OrderClosedError, RightsError
from till.domain.events.envelope import Draft
from till.domain.merge.settlement import matters
from till.domain.money.measures import Minor
from till.domain.order.events import OrderDiscarded
from till.domain.order.paying import CASH
from till.domain.order.state import Order, Status
from till.domain.payment.events import PaymentVoided
from till.domain.staff.rights import Act, Approval, Asked
from till.domain.till.events import ApprovalGiven


def resumed_apart(till: Till, other: Till, *plus: int, pieces: int = 1) -> str:
    """A tab that both tills recalled while they were apart; of its first line so many pieces."""
    session = till.add(None, plus[0], pieces).id
    for plu in plus[1:]:
        till.add(session, plu)
    till.register.tabs.save(session, "7")
    give(till, other, session)
    other.clock.time = till.clock.time
    till.register.tabs.recall(session, 1)
    other.register.tabs.recall(session, 2)
    return session


def both(till: Till, other: Till, session: str) -> Order:
    """The order as both tills see it alike."""
    here, there = (one.register.ledger.order(session) for one in (till, other))
    assert here == there
    return here


def test_what_both_keyed_on_a_tab_is_on_one_order_and_the_greater_hold_has_it(till: Till, other: Till) -> None:
    session = resumed_apart(till, other, 1)
    mine, theirs = till.register.ledger.order(session).hold, other.register.ledger.order(session).hold
    till.add(session, 2)
    other.add(session, 3)
    meet(till, other)
    order = both(till, other, session)
    assert (order.total, order.status) == (4_000 + 8_000 + 6_000, Status.ACTIVE)
    assert order.till == (1 if mine > theirs else 2)
    assert order.user == order.till
    assert [one.id for one in going_on(till)] == [one.id for one in going_on(other)] == [session]
    assert found(till, other) == []


def test_of_one_that_is_paid_and_one_that_keyed_what_was_keyed_is_an_order_of_its_own(till: Till, other: Till) -> None:
    session = resumed_apart(till, other, 1, 2)
    till.register.checkout.pay_exact(session)
    other.add(session, 3)
    meet(till, other)
    order = both(till, other, session)
    assert order.placed is not None
    assert (order.status, order.placed.data.total) == (Status.COMPLETED, "120.00")
    for one in (till, other):
        (left,) = going_on(one)
        assert (left.total, left.from_session, left.till) == (6_000, session, 2)
    assert found(till, other) == []


def test_of_two_payments_what_both_cover_is_paid_twice_and_the_rest_is_a_sale(till: Till, other: Till) -> None:
    session = resumed_apart(till, other, 1, 2)
    till.register.checkout.pay_exact(session)
    other.clock.move(seconds=30)
    other.add(session, 3)
    other.register.checkout.pay_exact(session, "CARD")
    meet(till, other)
    order = both(till, other, session)
    second = order.placed_again[0].data
    assert second.total == "180.00"
    assert [(one.kind, one.subject, one.amount) for one in found(till, other)] == [
        ("paid_twice", second.order_id, "120.00")
    ]
    assert going_on(till) == going_on(other) == []


@pytest.mark.parametrize("act", ["clear", "logout", "save"])
@pytest.mark.parametrize("first", [1, 2])
@pytest.mark.parametrize("late", [True, False])
def test_the_losers_clear_logout_and_save_do_not_count(
    till: Till, other: Till, act: str, first: int, *, late: bool
) -> None:
    session = resumed_apart(till, other, 1)
    tills = [till, other]
    loser, winner = sorted(tills, key=lambda one: one.register.ledger.order(session).hold)
    loser.clock.move(minutes=1 if late else 0)
    if act == "clear":
        loser.register.ledger.user = 9  # it was sent: a manager clears it
        loser.register.recovery.discard(session, "guest left")
    elif act == "logout":
        loser.register.recovery.put_aside(loser.register.ledger.order(session))
    else:
        loser.register.tabs.save(session, "Asha")
    meet(*(tills if first == 1 else tills[::-1]))
    order = both(till, other, session)
    assert (order.status, order.till, order.total) == (Status.ACTIVE, winner.number, 4_000)
    assert (order.tab and order.tab.name, order.user) == ("table 7", winner.user)
    assert winner.register.checkout.pay_exact(session).status is Status.COMPLETED


def test_three_to_two_to_three_while_another_is_paid_for_three_ends_with_nothing(till: Till, other: Till) -> None:
    session = till.add(None, 1, 3).id
    give(till, other, session)
    other.clock.time = till.clock.time
    other.register.recovery.resume(session, holder=1, taking_over=True)
    (line,) = till.register.ledger.order(session).lines
    till.register.sales.change_quantity(session, line, 2)
    till.register.sales.change_quantity(session, line, 3)
    other.register.checkout.pay_exact(session)
    meet(till, other)
    order = both(till, other, session)
    assert (order.status, order.paid, order.total) == (Status.COMPLETED, 12_000, 12_000)
    assert (going_on(till), going_on(other), found(till, other)) == ([], [], [])


def test_more_than_was_keyed_is_carried_on_when_another_was_paid_for_what_was(till: Till, other: Till) -> None:
    session = taken_over(till, other, 1)
    (line,) = till.register.ledger.order(session).lines
    till.register.sales.change_quantity(session, line, 3)
    other.register.checkout.pay_exact(session)
    meet(till, other)
    (left,) = going_on(till)
    assert (left.total, line in left.lines, found(till, other)) == (8_000, False, [])


def test_money_taken_on_a_tab_that_another_recalled_and_was_paid_for_is_for_the_manager(
    till: Till, other: Till
) -> None:
    session = resumed_apart(till, other, 1)
    till.register.checkout.pay(session, "CARD", Minor(1_000))
    other.register.checkout.pay_exact(session)
    meet(till, other)
    assert [(one.kind, one.amount) for one in found(till, other)] == [("payment_without_order", "10.00")]


def test_money_that_one_gave_back_and_another_counted_meanwhile_is_for_the_manager(till: Till, other: Till) -> None:
    session = till.order(1).id
    till.register.checkout.pay(session, "CARD", Minor(1_000))
    (payment,) = till.register.ledger.order(session).payments
    take(till, other, session)
    other.register.checkout.pay_exact(session)
    till.register.checkout.give_back(session, payment)
    meet(till, other)
    order = both(till, other, session)
    assert (order.status, order.paid) == (Status.COMPLETED, 3_000)
    assert [(one.kind, one.subject, one.amount) for one in found(till, other)] == [("given_back", payment, "10.00")]
    told = "₹10.00 given back here is on a sale: ask a manager. That order was paid on Till 2."
    assert till.screen.money == [(session, told)]
    assert other.screen.money == [(session, "₹10.00 of a sale here was given back on Till 1: ask a manager.")]


def test_money_that_was_given_back_and_is_on_no_sale_waits_for_nobody(till: Till, other: Till) -> None:
    session = resumed_apart(till, other, 1)
    till.register.checkout.pay(session, "CARD", Minor(1_000))
    (payment,) = till.register.ledger.order(session).payments
    till.register.checkout.give_back(session, payment)
    other.register.checkout.pay_exact(session)
    meet(till, other)
    assert found(till, other) == []


# Who gives money back


def _yes(till: Till, session: str, payment: str) -> Approval:
    """A manager's yes to giving a payment back."""
    manager = next(person for person in till.register.access.staff if person.manages)
    asked = till.register.checkout.needs_manager(session, payment)
    assert asked is not None
    return till.register.approvals.give(manager, asked)


def test_who_took_it_gives_it_back_where_it_was_taken_and_a_manager_anywhere(till: Till, other: Till) -> None:
    session = till.order(1).id
    till.register.checkout.pay(session, CASH, Minor(1_000))
    till.register.checkout.pay(session, "CARD", Minor(500))
    first, second = till.register.ledger.order(session).payments
    assert not till.register.checkout.needs_manager(session, first)
    till.register.checkout.give_back(session, first)
    take(till, other, session)
    with pytest.raises(RightsError):
        other.register.checkout.give_back(session, second)
    staff = other.register.access.staff
    cashier, manager = (next(person for person in staff if person.manages is manages) for manages in (False, True))
    asked = other.register.checkout.needs_manager(session, second)
    assert asked == Asked(Act.GIVE_BACK, Minor(500))
    with pytest.raises(RightsError):
        other.register.approvals.give(cashier, asked)
    yes = other.register.approvals.give(manager, asked)
    assert other.register.checkout.give_back(session, second, yes).paid == 0
    (given,) = other.wrote(ApprovalGiven)
    assert given == ApprovalGiven(
        act="give_back",
        stream_kind="order",
        stream_id=session,
        events=(other.journal.own[-2].id,),
        approved_by=manager.number,
        amount="5.00",
        currency="INR",
    )
    assert isinstance(other.journal.own[-2].data, PaymentVoided)
    with pytest.raises(RightsError):
        other.register.approvals.need(asked, yes)  # it served
    assert [(one.payment_id, one.approved_by) for one in till.wrote(PaymentVoided)] == [(first, None)]
    assert [(one.payment_id, one.approved_by) for one in other.wrote(PaymentVoided)] == [(second, manager.number)]


def cleared_by_the_server(*tills: Till, session: str) -> None:
    server = Till(0, 9, journal=MemoryJournal("0197a000-0000-7000-8000-000000000000"))
    give(tills[0], server, session)
    order = server.register.ledger.order(session)
    lines = OrderDiscarded(line_ids=tuple(order.lines), reason="guest left")
    server.register.ledger.commit([Draft(lines, session)])
    for each in tills:
        give(server, each, session)


def test_money_on_an_order_that_was_cleared_on_the_server_is_said_first_and_given_back_by_a_manager(
    till: Till, other: Till
) -> None:
    session = till.order(1).id
    till.register.checkout.pay(session, CASH, Minor(2_200))
    (payment,) = till.register.ledger.order(session).payments
    cleared_by_the_server(till, session=session)
    told = "₹22.00 taken here is on no sale: ask a manager."
    assert till.screen.money == [(session, told)]
    assert till.register.checkout.is_left(session, payment)
    with pytest.raises(RightsError):  # though its own cashier is there
        till.register.checkout.give_back(session, payment)
    manager = next(person for person in till.register.access.staff if person.manages)
    yes = till.register.approvals.give(manager, Asked(Act.GIVE_BACK, Minor(2_200)))
    order = till.register.checkout.give_back(session, payment, yes)
    assert (order.paid, order.status, matters(order)) == (0, Status.DISCARDED, [])
    give(till, other, session)
    assert not other.register.checkout.is_left(session, payment)


def test_what_a_sale_lists_is_left_by_none_and_what_was_left_is_no_other_tills_to_give(till: Till, other: Till) -> None:
    sold = till.order(1).id
    till.register.checkout.pay_exact(sold)
    (listed,) = till.register.ledger.order(sold).payments
    assert not till.register.checkout.is_left(sold, listed)
    with pytest.raises(OrderClosedError):
        till.register.checkout.give_back(sold, listed, _yes(till, sold, listed))
    left = till.order(1).id
    till.register.checkout.pay(left, CASH, Minor(2_200))
    (payment,) = till.register.ledger.order(left).payments
    cleared_by_the_server(till, other, session=left)
    assert (till.register.checkout.is_left(left, payment), other.register.checkout.is_left(left, payment)) == (
        True,
        False,
    )
    with pytest.raises(OrderClosedError):
        other.register.checkout.give_back(left, payment, _yes(other, left, payment))


# Split


def test_of_two_tills_that_split_the_same_line_off_the_lower_move_keeps_it(till: Till, other: Till) -> None:
    session = resumed_apart(till, other, 1, 2)
    first, _second = till.register.ledger.order(session).lines
    one = till.part(session, first)
    other.clock.move(seconds=5)
    two = other.part(session, first)
    meet(till, other)
    for each in (till, other):
        orders = {order.id: order.total for order in going_on(each)}
        assert orders == {session: 8_000, one.id: 4_000}
        assert each.register.ledger.order(two.id).is_empty
    assert found(till, other) == []
    before = till.types(), other.types()
    meet(till, other)
    assert (till.types(), other.types()) == before


def test_of_two_splits_of_the_same_line_the_one_that_was_paid_for_keeps_it(till: Till, other: Till) -> None:
    session = resumed_apart(till, other, 1, 2)
    first, _second = till.register.ledger.order(session).lines
    one = till.part(session, first)
    other.clock.move(seconds=5)
    two = other.part(session, first)
    other.register.checkout.pay_exact(two.id)
    for _round in range(2):  # what follows the order that the line left, and no more
        give(other, till, session)
        give(till, other, session)
    assert till.register.ledger.order(one.id).is_empty
    meet(till, other)
    for each in (till, other):
        assert {order.id: order.total for order in going_on(each)} == {session: 8_000}
    assert found(till, other) == []
    before = till.types(), other.types()
    meet(till, other)
    assert (till.types(), other.types()) == before


def test_two_splits_of_a_line_that_were_both_paid_for_come_to_rest(till: Till, other: Till) -> None:
    session = resumed_apart(till, other, 1, 2)
    first, _second = till.register.ledger.order(session).lines
    for each in (till, other):
        each.register.checkout.pay_exact(each.part(session, first).id)
    meet(till, other)
    assert both(till, other, session).moved[first].paid
    before = till.types(), other.types()
    meet(till, other)
    assert (till.types(), other.types()) == before


def test_a_line_that_was_split_off_and_paid_for_apart_is_given_up(till: Till, other: Till) -> None:
    session = resumed_apart(till, other, 1, 2)
    first, _second = till.register.ledger.order(session).lines
    split = till.part(session, first)
    other.register.checkout.pay_exact(session)
    meet(till, other)
    assert till.register.ledger.order(split.id).is_empty
    assert going_on(till) == going_on(other) == []


@pytest.mark.parametrize("together", [False, True])
def test_pieces_that_were_cut_off_after_the_order_was_cleared_elsewhere_stay_in_one_order(
    till: Till, other: Till, *, together: bool
) -> None:
    """The cut cuts nothing then: its new line is empty, and the line that it was to leave has them, where that went."""
    session = till.add(None, 1, 3).id
    till.add(session, 2)
    take(till, other, session)
    other.register.recovery.discard(session, "guest left")
    first, second = till.register.ledger.order(session).lines
    till.clock.time = other.clock.time + timedelta(seconds=1)
    till.add(session, 3)
    guest = till.register.tabs.part(session, {first: 1})
    rest = till.part(session, first, second)
    if together:
        till.register.tabs.join(rest.id, guest.id)
    meet(till, other)
    item = till.register.ledger.order(session).lines[first].item_id
    shown = [line for order in going_on(till) for line in order.lines.values()]
    assert sum(line.quantity for line in shown if line.item_id == item) == 3


@pytest.mark.parametrize("what", ["void", "taking", "discount"])
def test_what_is_done_to_a_line_in_the_order_that_it_left_follows_it_and_its_undoing_too(
    till: Till, other: Till, what: str
) -> None:
    session = resumed_apart(till, other, 1, 2, pieces=3)
    first, _second = till.register.ledger.order(session).lines
    split = till.part(session, first)
    if what == "void":
        other.register.ledger.user = 9  # it was sent: a manager takes it off
        other.register.sales.void(session, first, "dropped")
    elif what == "taking":
        other.register.ledger.user = 9  # it was sent: a manager takes it off
        other.register.sales.change_quantity(session, first, 1)
    else:
        other.register.sales.discount(session, first, amount=Minor(2_000), reason="late")
    meet(till, other)
    for each in (till, other):
        assert each.register.ledger.order(split.id).total == {"void": 0, "taking": 4_000, "discount": 10_000}[what]
        assert each.register.ledger.order(session).total == 8_000
    before = till.types(), other.types()
    meet(till, other)
    assert (till.types(), other.types()) == before


def test_the_undoing_of_a_void_that_followed_its_line_follows_too(till: Till, other: Till) -> None:
    session = resumed_apart(till, other, 1, 2)
    first, _second = till.register.ledger.order(session).lines
    split = till.part(session, first)
    other.register.ledger.user = 9  # it was sent: a manager takes it off
    other.register.sales.void(session, first, "dropped")
    apart = other.journal.events_of(session)
    give(other, till, session)
    assert till.register.ledger.order(split.id).is_empty
    assert len(other.journal.events_of(session)) == len(apart)  # it has not heard
    other.register.sales.undo(session)
    meet(till, other)
    for each in (till, other):
        assert each.register.ledger.order(split.id).total == 4_000


def test_a_void_of_before_a_cut_takes_off_what_was_cut_out_too_and_its_undoing_brings_both_back(
    till: Till, other: Till
) -> None:
    """The line had gone to a guest's order, and a piece of it on to another guest's."""
    session = resumed_apart(till, other, 1, 2, pieces=3)
    first, _second = till.register.ledger.order(session).lines
    split = till.part(session, first)
    other.register.ledger.user = 9  # it was sent: a manager takes it off
    other.register.sales.void(session, first, "dropped")
    till.clock.time = other.clock.time + timedelta(seconds=1)
    guest = till.register.tabs.part(split.id, {first: 1})
    give(other, till, session)
    assert [till.register.ledger.order(one.id).total for one in (split, guest)] == [0, 0]
    other.register.sales.undo(session)
    meet(till, other)
    for each in (till, other):
        assert [each.register.ledger.order(one.id).total for one in (split, guest)] == [8_000, 4_000]


def test_a_void_that_follows_a_line_which_was_paid_for_meanwhile_is_for_the_manager(till: Till, other: Till) -> None:
    session = resumed_apart(till, other, 1, 2)
    first, _second = till.register.ledger.order(session).lines
    split = till.part(session, first)
    till.register.checkout.pay_exact(split.id)
    other.register.ledger.user = 9  # it was sent: a manager takes it off
    other.register.sales.void(session, first, "dropped")
    meet(till, other)
    assert [(one.kind, one.subject, one.amount) for one in found(till, other)] == [("paid_for_more", first, "40.00")]


# What is cleared and merged


def test_late_lines_of_a_merged_order_live_on(till: Till, other: Till) -> None:
    from till.domain.order import moving, suspension  # noqa: PLC0415 - no screen merges yet

    session = taken_over(till, other, 1)
    into = other.order(2).id
    order = other.register.ledger.order(session)
    lines = list(order.lines)
    other.register.ledger.commit(
        [*moving.carry_lines(order, into, lines, late=False), moving.move_away(order, into, lines, late=False)]
    )
    other.register.ledger.commit(suspension.discard(other.register.ledger.order(session), "merged"))
    till.add(session, 3)
    meet(till, other)
    for each in (till, other):
        assert {one.id: one.total for one in going_on(each)} == {
            into: 12_000,
            next(one.id for one in going_on(till) if one.from_session == session): 6_000,
        }
    assert found(till, other) == []


def test_an_amount_off_is_no_more_where_its_line_was_cut_apart_and_moved(till: Till, other: Till) -> None:
    session = till.add(None, 1, 10).id
    (line,) = till.register.ledger.order(session).lines
    till.add(session, 2)
    till.register.sales.discount(session, line, amount=Minor(4_000), reason="late")
    till.register.tabs.save(session, "7")
    give(till, other, session)
    other.clock.time = till.clock.time
    other.register.tabs.recall(session, 2)
    guest = other.register.tabs.part(session, {line: 3})
    till.register.tabs.recall(session, 1)
    into = till.part(session, line).id
    meet(till, other)
    for each in (till, other):
        totals = [each.register.ledger.order(one).total for one in (guest.id, into, session)]
        assert totals == [10_800, 25_200, 8_000]


def test_a_taking_of_a_line_that_was_paid_for_is_for_the_manager_with_what_was_paid_for_it(
    till: Till, other: Till
) -> None:
    session = till.add(None, 1, 2).id
    (line,) = till.register.ledger.order(session).lines
    till.register.sales.discount(session, line, amount=Minor(2_000), reason="late")
    give(till, other, session)
    other.clock.time = till.clock.time
    other.register.recovery.resume(session, holder=1, taking_over=True)
    till.register.sales.void(session, line, "dropped")
    other.register.checkout.pay_exact(session)
    meet(till, other)
    assert [(one.kind, one.amount) for one in found(till, other)] == [("paid_for_more", "60.00")]


def test_who_learns_more_of_what_was_paid_for_too_much_says_how_much_it_is_now(
    till: Till, other: Till, third: Till
) -> None:
    session = till.add(None, 1, 3).id
    (line,) = till.register.ledger.order(session).lines
    take(till, other, session)
    take(other, third, session)
    till.register.checkout.pay_exact(session)
    other.register.sales.change_quantity(session, line, 2)
    give(till, other, session)
    assert [(one.kind, one.amount) for one in found(other)] == [("paid_for_more", "40.00")]
    third.register.sales.void(session, line, "dropped")
    give(third, other, session)
    assert [(one.kind, one.amount) for one in found(other)] == [("paid_for_more", "120.00")]
    meet(till, other, third)
    before = [one.types() for one in (till, other, third)]
    meet(till, other, third)
    assert [one.types() for one in (till, other, third)] == before


def test_an_amount_from_a_clock_that_is_ahead_is_not_answered_for_ever(till: Till, other: Till, third: Till) -> None:
    session = till.add(None, 1, 2).id
    (line,) = till.register.ledger.order(session).lines
    take(till, other, session)
    till.register.checkout.pay_exact(session)
    other.register.sales.void(session, line, "dropped")
    give(till, other, session)
    (conflict,) = found(other)
    give(other, third, session)
    third.clock.time = other.clock.time
    third.clock.move(days=5)
    third.register.ledger.commit([Draft(replace(conflict, amount="1.00"), session)])
    for each in (till, other):
        give(third, each, session)
    for _round in range(3):
        meet(till, other)
    before = till.types(), other.types()
    meet(till, other)
    assert (till.types(), other.types()) == before


def test_where_the_second_end_brought_no_money_of_its_own_nothing_was_paid_twice(till: Till, other: Till) -> None:
    session = till.order(1, 2).id
    _first, second = till.register.ledger.order(session).lines
    till.register.checkout.pay(session, "CARD", Minor(4_000))
    take(till, other, session)
    till.register.checkout.pay_exact(session)
    other.clock.move(seconds=30)
    other.register.sales.void(session, second, "dropped")
    other.register.checkout.place(session)  # what was taken before is all that is due
    meet(till, other)
    assert len(both(till, other, session).placings) == 2
    assert [(one.kind, one.subject, one.amount) for one in found(till, other)] == [("paid_for_more", second, "80.00")]


def test_money_that_was_taken_before_two_tills_were_apart_is_on_both_ends_and_was_taken_once(
    till: Till, other: Till
) -> None:
    session = till.order(1, 2).id
    till.register.checkout.pay(session, "CARD", Minor(2_000))
    take(till, other, session)
    for each in (till, other):
        each.register.checkout.pay_exact(session)
    meet(till, other)
    assert [(one.kind, one.amount) for one in found(till, other)] == [("paid_twice", "100.00")]
