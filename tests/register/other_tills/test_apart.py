"""One order taken by two tills while they were offline, and its state when they meet (ADR 0044)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.register.conftest import Till
from tests.register.exchange import found, give, going_on, meet, recall, resume, take
from tests.register.fakes import MemoryJournal
from till.domain.errors import OrderClosedError, RightsError
from till.domain.events.envelope import Draft
from till.domain.money.measures import Minor
from till.domain.order.events import OrderDiscarded
from till.domain.order.paying import CASH
from till.domain.order.state import Order, Status
from till.domain.payment.events import PaymentVoided
from till.domain.staff.rights import Approval, Permission, PermissionRequest
from till.domain.till.events import ApprovalGiven


def resumed_apart(till: Till, other: Till, *plus: int, pieces: int = 1) -> str:
    """Make a tab that both tills recalled while offline, with `pieces` of its first line."""
    session = till.add(None, plus[0], pieces).id
    for plu in plus[1:]:
        till.add(session, plu)
    till.register.tabs.save(session, "7")
    give(till, other, session)
    other.clock.time = till.clock.time
    recall(till, session)
    recall(other, session)
    return session


def both(till: Till, other: Till, session: str) -> Order:
    """Check that both tills see an order alike, and return it."""
    here, there = (one.register.ledger.order(session) for one in (till, other))
    assert here == there
    return here


def test_lines_that_both_tills_keyed_on_a_tab_are_on_one_order(till: Till, other: Till) -> None:
    session = resumed_apart(till, other, 1)
    till.add(session, 2)
    other.add(session, 3)
    meet(till, other)
    order = both(till, other, session)
    assert (order.total, order.status) == (4_000 + 8_000 + 6_000, Status.ACTIVE)
    assert [one.id for one in going_on(till)] == [one.id for one in going_on(other)] == [session]
    assert found(till, other) == []


def test_two_payments_of_one_order_are_two_whole_sales(till: Till, other: Till) -> None:
    session = resumed_apart(till, other, 1, 2)
    till.register.checkout.pay_exact(session)
    other.clock.move(seconds=30)
    other.add(session, 3)
    other.register.checkout.pay_exact(session, "CARD")
    meet(till, other)
    order = both(till, other, session)
    second = order.placed_again[0].data
    assert second.total == "180.00"
    assert found(till, other) == []  # the server finds what was sold twice
    assert going_on(till) == going_on(other) == []


def test_second_of_two_sales_with_a_common_payment_gives_back_its_own_alone(till: Till, other: Till) -> None:
    """The guest paid once: who refunds all of the second sale pays the common part out of the first."""
    session = resumed_apart(till, other, 1, 2)
    till.register.checkout.pay(session, CASH, Minor(5_000))
    give(till, other, session)
    till.register.checkout.pay_exact(session)
    other.clock.move(seconds=30)
    other.register.checkout.pay_exact(session)
    meet(till, other)
    order = till.register.ledger.order(session)
    assert till.register.answers.size(order) == "2 lines, ₹120.00", "what is paid is more"
    assert order.taken_in_all == 19_000
    receipts = [one.data.receipt for one in both(till, other, session).placings]
    sales = [till.register.refunds.sale(session, receipt) for receipt in receipts]
    assert [one.left for sale in sales for one in sale.payments] == [12_000, 7_000]
    assert [one.payment_id for sale in sales for one in sale.payments] == [
        sale.placed.payments[place].payment_id for sale, place in zip(sales, (0, 1), strict=True)
    ]


def test_three_to_two_to_three_while_another_is_paid_for_three_ends_with_nothing(till: Till, other: Till) -> None:
    session = till.add(None, 1, 3).id
    give(till, other, session)
    other.clock.time = till.clock.time
    resume(other, session)
    (line,) = till.register.ledger.order(session).lines
    till.register.sales.change_quantity(session, line, 2)
    till.register.sales.change_quantity(session, line, 3)
    other.register.checkout.pay_exact(session)
    meet(till, other)
    order = both(till, other, session)
    assert (order.status, order.paid, order.total) == (Status.COMPLETED, 12_000, 12_000)
    assert (going_on(till), going_on(other), found(till, other)) == ([], [], [])


def test_money_taken_on_a_tab_that_another_recalled_and_was_paid_for_is_for_the_manager(
    till: Till, other: Till
) -> None:
    session = resumed_apart(till, other, 1)
    till.register.checkout.pay(session, "CARD", Minor(1_000))
    other.register.checkout.pay_exact(session)
    meet(till, other)
    assert [(one.kind, one.amount) for one in found(till, other)] == [("money_without_order", "10.00")]


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
    assert [(one.kind, one.subject, one.amount) for one in found(till, other)] == [
        ("outcome_contradicted", payment, "10.00")
    ]
    notice = "₹10.00 refunded here is on a sale: ask a manager. That order was paid on Till 2."
    assert till.screen.money == [(session, notice)]
    assert other.screen.money == [(session, "₹10.00 sold here was refunded on Till 1: ask a manager.")]


def test_money_that_was_given_back_and_is_on_no_sale_waits_for_nobody(till: Till, other: Till) -> None:
    session = resumed_apart(till, other, 1)
    till.register.checkout.pay(session, "CARD", Minor(1_000))
    (payment,) = till.register.ledger.order(session).payments
    till.register.checkout.give_back(session, payment)
    other.register.checkout.pay_exact(session)
    meet(till, other)
    assert found(till, other) == []


# Refunds


def _yes(till: Till, session: str, payment: str) -> Approval:
    """Return a manager's approval to give a payment back."""
    manager = next(person for person in till.register.access.staff if person.manages)
    asked = till.register.checkout.needs_manager(session, payment)
    assert asked is not None
    return till.register.approvals.give(manager, asked)


def test_a_payment_is_refunded_by_its_cashier_where_it_was_taken_and_by_a_manager_anywhere(
    till: Till, other: Till
) -> None:
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
    assert asked == PermissionRequest(Permission.GIVE_BACK, Minor(500))
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


def test_money_on_an_order_cleared_by_the_server_is_shown_first_and_refunded_by_a_manager(
    till: Till, other: Till
) -> None:
    session = till.order(1).id
    till.register.checkout.pay(session, CASH, Minor(2_200))
    (payment,) = till.register.ledger.order(session).payments
    refunds = till.register.refunds
    assert refunds.left_money() == ()
    cleared_by_the_server(till, session=session)
    assert [one.kind for one in found(till)] == ["money_without_order"]
    assert [(one.left, one.total) for one in refunds.left_money()] == [(payment, 2_200)]
    notice = "₹22.00 taken here is not on a sale: ask a manager."
    assert till.screen.money == [(session, notice)]
    assert till.register.checkout.is_left(session, payment)
    with pytest.raises(RightsError):  # though its own cashier is there
        till.register.checkout.give_back(session, payment)
    manager = next(person for person in till.register.access.staff if person.manages)
    yes = till.register.approvals.give(manager, PermissionRequest(Permission.GIVE_BACK, Minor(2_200)))
    order = till.register.checkout.give_back(session, payment, yes)
    assert (order.paid, order.status, refunds.left_money()) == (0, Status.DISCARDED, ())
    give(till, other, session)
    assert not other.register.checkout.is_left(session, payment)


def test_a_payment_on_a_sale_is_not_abandoned_and_an_abandoned_one_is_refunded_by_its_till(
    till: Till, other: Till
) -> None:
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


@pytest.mark.parametrize("together", [False, True])
def test_pieces_that_were_cut_off_after_the_order_was_cleared_elsewhere_stay_in_one_order(
    till: Till, other: Till, *, together: bool
) -> None:
    """The cut then has no effect: its new line is empty, and the original line keeps the pieces, wherever it went."""
    session = till.add(None, 1, 3).id
    till.add(session, 2)
    take(till, other, session)
    other.register.recovery.discard(session, "guest left")
    first, second = till.register.ledger.order(session).lines
    till.clock.time = other.clock.time + timedelta(seconds=1)
    till.add(session, 3)
    guest = till.acts.part(session, {first: 1})
    rest = till.part(session, first, second)
    if together:
        till.acts.join(rest.id, guest.id)
    meet(till, other)
    item = till.register.ledger.order(session).lines[first].item_id
    shown = [line for order in going_on(till) for line in order.lines.values()]
    assert sum(line.quantity for line in shown if line.item_id == item) == 3


# Clearing and merging


def test_second_end_without_money_names_the_sold_lines(till: Till, other: Till) -> None:
    session = till.order(1, 2).id
    _first, second = till.register.ledger.order(session).lines
    till.register.checkout.pay(session, "CARD", Minor(4_000))
    take(till, other, session)
    till.register.checkout.pay_exact(session)
    other.clock.move(seconds=30)
    other.register.sales.void(session, second, "dropped")
    other.register.checkout.place(session)  # the earlier payments are all that is due
    meet(till, other)
    assert len(both(till, other, session).placings) == 2
    assert found(till, other) == []


def test_money_that_was_taken_before_two_tills_were_apart_is_on_both_ends_and_was_taken_once(
    till: Till, other: Till
) -> None:
    session = till.order(1, 2).id
    till.register.checkout.pay(session, "CARD", Minor(2_000))
    take(till, other, session)
    for each in (till, other):
        each.register.checkout.pay_exact(session)
    meet(till, other)
    assert both(till, other, session).paid_on_both == 2_000
    assert found(till, other) == []
