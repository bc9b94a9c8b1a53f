"""Refunds at a till: begun, reserved at the server, approved or given up, and away from the server."""

import logging
from collections.abc import Callable
from datetime import date, datetime
from functools import partial

import pytest

from tests.register.approving import approved
from tests.register.conftest import Till
from tests.register.exchange import by_server, granted_away, meet
from tests.register.payments.scripted import Terminal
from till.domain.errors import PaymentError, ReasonNeededError, RefundError, RightsError
from till.domain.events.envelope import Draft
from till.domain.ids import derived_id
from till.domain.money.measures import Minor
from till.domain.order.charging import answer as answer_charge
from till.domain.order.charging import keep_slips, start_charge
from till.domain.order.events import ConflictFound, ConflictResolved, OrderDiscarded
from till.domain.order.paying import Tendered
from till.domain.order.state import Order
from till.domain.payment.events import PaymentApproved, PaymentVoided, SlipKept, TenderCorrected
from till.domain.payment.movement import PaymentState, Result
from till.domain.payment.slips import KeptSlip
from till.domain.refund import giving
from till.domain.refund.correcting import CorrectTip
from till.domain.refund.events import RefundApproved, RefundStarted
from till.domain.refund.past import receipt_number
from till.domain.refund.shares import Sale, Share
from till.domain.refund.state import Refund
from till.domain.staff.rights import ApprovalNeededError, Permission, PermissionRequest
from till.domain.structs import replace
from till.domain.till.events import ApprovalGiven
from till.ports import ChargeAnswer, Outcome, Received, Slip, TenderTraits
from till.register import refund_words
from till.register.payments.asking import ChargeProgress
from till.register.payments.tenders import BY_HAND, Tenders
from till.register.reference import Reference
from till.register.refunds import Refunds


def _sold(till: Till, pieces: int = 2) -> Order:
    order = till.add(None, 1, pieces)
    return till.register.checkout.pay_exact(order.id)


def _sale(till: Till, order: Order) -> Sale:
    assert order.placed is not None
    return till.register.refunds.sale(order.id, order.placed.data.receipt)


def _start(till: Till, order: Order, pieces: int = 1, *, by: int = 9, away: bool = False) -> Refund:
    sale = _sale(till, order)
    share: Share = giving.pieces_back(sale, {1: pieces})
    approvals, asked = till.register.approvals, PermissionRequest(Permission.REFUND, share.part.amount)
    approval = approvals.give(till.register.access.find(by), asked) if by else None
    way = giving.ways_of(sale, away=away)[0]
    return till.register.refunds.start(order.id, share, way, sale, approval, "cold", away=away)


def test_a_refund_is_begun_and_then_given(till: Till) -> None:
    order = _sold(till)
    begun = _start(till, order)
    assert (begun.started.receipt, begun.state) == ("1XBEEF-R000001", PaymentState.STARTED)
    assert till.register.refunds.approve(begun.id).state is PaymentState.APPROVED
    assert _sale(till, order).left.amount == 4_000
    assert till.register.ledger.order(order.id).placed == order.placed
    (listed,) = till.register.refunds.past_sales()
    assert (listed.total, listed.back, listed.is_all_back) == (8_000, 4_000, False)
    with pytest.raises(PaymentError, match="already has its answer"):
        till.register.refunds.decline(begun.id, "twice")


def test_a_declined_refund_can_be_given_again_under_the_next_number(till: Till) -> None:
    order = _sold(till)
    first = _start(till, order, 2)
    declined = till.register.refunds.decline(first.id, "another till")
    assert (declined.state, declined.reason) == (PaymentState.DECLINED, "another till")
    assert _start(till, order, 2).started.receipt == "1XBEEF-R000002"
    assert till.add(None, 1).id != order.id


def test_last_refund_is_the_last_one_that_gave_money(till: Till) -> None:
    order = _sold(till)
    given = till.register.refunds.approve(_start(till, order).id)
    till.register.refunds.decline(_start(till, order).id, "another till")
    assert till.register.refunds.last_refund() == given


def test_a_payment_after_the_last_refund_hides_it(till: Till) -> None:
    till.register.refunds.approve(_start(till, _sold(till)).id)
    assert till.register.refunds.last_refund() is not None
    till.register.checkout.pay(till.add(None, 1).id, "CASH", Minor(1_000))
    assert till.register.refunds.last_refund() is None  # the sale was before, and a part came after


def test_this_till_knows_its_own_refund_better_than_the_server(till: Till) -> None:
    order = _sold(till)
    begun = _start(till, order)
    (listed,) = till.register.refunds.past_sales()
    till.register.refunds.hear(replace(listed, refunds=(begun,)))
    till.register.refunds.decline(begun.id, "another till")
    assert _sale(till, order).left.amount == 8_000


def test_away_from_the_server_it_is_cash_of_this_till_in_one_go(till: Till) -> None:
    order = _sold(till)
    assert _start(till, order, away=True).state is PaymentState.APPROVED
    events = [event.data for event in till.journal.own[-3:]]
    assert [type(data) for data in events] == [RefundStarted, RefundApproved, ApprovalGiven]


def test_refund_needs_a_manager_and_a_reason(till: Till) -> None:
    order = _sold(till)
    for nobody in (0, 1):
        with pytest.raises(RightsError):
            _start(till, order, by=nobody)
    sale = _sale(till, order)
    share, way = giving.pieces_back(sale, {1: 1}), giving.ways_of(sale)[0]
    approval = till.register.approvals.give(
        till.register.access.find(9), PermissionRequest(Permission.REFUND, share.part.amount)
    )
    with pytest.raises(ReasonNeededError):
        till.register.refunds.start(order.id, share, way, sale, approval, " ")


def test_an_order_that_is_no_sale_here_is_refused_with_a_sentence(till: Till) -> None:
    order = till.add(None, 1)
    for session in (order.id, till.register.ledger.new_id()):
        with pytest.raises(RefundError, match="not on this till"):
            till.register.refunds.sale(session, "1-000001")
        with pytest.raises(RefundError, match="Offline, only this till's sales"):
            till.register.refunds.check_away(session, "1-000001")
    order = _sold(till)
    with pytest.raises(RefundError, match="no receipt 1-999999"):
        till.register.refunds.sale(order.id, "1-999999")
    with pytest.raises(RefundError, match="not on this till"):
        till.register.refunds.approve(order.id)


def test_a_sale_without_its_opening_names_what_is_missing(till: Till, other: Till) -> None:
    """A restore lost the opening, whose till is off."""
    order = _sold(other)
    _opening, *later = other.journal.events_of(order.id)
    till.journal.receive([Received(place, event) for place, event in enumerate(later, 2)])
    with pytest.raises(RefundError, match="A restore lost its start"):
        till.register.refunds.sale(order.id, "2-000001")


def test_a_tender_is_put_right_by_a_manager(till: Till) -> None:
    order = _sold(till)
    (payment,) = order.payments
    refunds, approvals = till.register.refunds, till.register.approvals
    with pytest.raises(RightsError):
        till.register.corrections.correct_tender(order.id, payment, "CARD", None)
    asked, manager = PermissionRequest(Permission.TENDER, Minor(8_000)), till.register.access.find(9)
    till.register.corrections.correct_tender(order.id, payment, "CARD", approvals.give(manager, asked))
    assert [one.tenders for one in refunds.past_sales()] == [("CARD",)]  # the list says it too
    assert [way.tender for way in giving.ways_of(_sale(till, order))] == ["CARD", "CASH"]
    till.clock.move(days=9)
    till.register.corrections.correct_tender(order.id, payment, "CASH", approvals.give(manager, asked))
    assert [one.tenders for one in refunds.past_sales()] == [("CASH",)]


@pytest.mark.parametrize("place", [0, 1])
def test_tender_of_cash_that_is_refunded_with_other_cash_stays(till: Till, place: int) -> None:
    """The refund names the first of two payments of 30 and 50."""
    checkout, order = till.register.checkout, till.add(None, 1, 2)
    checkout.pay(order.id, "CASH", Minor(3_000))
    order = checkout.pay_exact(order.id)
    till.register.refunds.approve(_start(till, order, 2).id)
    with pytest.raises(RefundError, match="refunded already: its tender stays"):
        till.register.corrections.correct_tender(order.id, list(order.payments)[place], "CARD", None)


@pytest.mark.parametrize(("given", "state", "why"), [(True, "approved", ""), (False, "declined", "not given")])
def test_a_refund_settled_by_hand_names_its_manager(
    till: Till, monkeypatch: pytest.MonkeyPatch, *, given: bool, state: str, why: str
) -> None:
    begun = _start(till, _sold(till))
    refunds, polled = till.register.refunds, list[str]()
    monkeypatch.setattr(till.register.asker, "ask_now", polled.append)
    with pytest.raises(ApprovalNeededError) as refused:
        refunds.settle(begun.id, None, given=given)
    assert (refused.value.asked, polled) == (PermissionRequest(Permission.SETTLE, Minor(4_000)), [])
    settled = approved(till.register, lambda approval: refunds.settle(begun.id, approval, given=given))
    assert (settled.state.value, settled.reason, settled.settled_by) == (state, why, 9)
    assert polled == [begun.id]  # whoever polled it ends there


def test_cash_that_is_refunded_to_the_last_coin_keeps_no_other_tender_from_being_put_right(till: Till) -> None:
    """30 in cash and 50 by card; the cash went back, which leaves nothing of it and is no debt."""
    checkout, order = till.register.checkout, till.add(None, 1, 2)
    checkout.pay(order.id, "CASH", Minor(3_000))
    order = checkout.pay(order.id, "CARD", Minor(5_000))
    _cash, card = order.payments
    sale = _sale(till, order)
    way = next(one for one in giving.ways_of(sale) if one.tender == "CASH")
    share = giving.amount_back(sale, Minor(3_000))
    approval = till.register.approvals.give(
        till.register.access.find(9), PermissionRequest(Permission.REFUND, share.part.amount)
    )
    refunds = till.register.refunds
    refunds.approve(refunds.start(order.id, share, way, sale, approval, "cold").id)
    approved(till.register, lambda yes: till.register.corrections.correct_tender(order.id, card, "UPI", yes))
    assert till.wrote(TenderCorrected)[-1].payment_id == card


def test_a_payment_that_another_till_took_is_put_right_by_a_manager_whatever_the_rights_are(
    till: Till, other: Till
) -> None:
    """The money is in the drawer of the other till."""
    session = granted_away(till, other, 1)
    other.register.checkout.pay_exact(session)
    meet(till, other)
    order = till.register.ledger.order(session)
    (payment,) = order.payments
    corrections, approvals = till.register.corrections, till.register.approvals
    till.register.ledger.user = None  # a program may do what nobody is asked for
    with pytest.raises(RightsError):
        corrections.correct_tender(session, payment, "CARD", None)
    asked = PermissionRequest(Permission.TENDER, Minor(4_000))
    corrections.correct_tender(session, payment, "CARD", approvals.give(till.register.access.find(9), asked))
    (right,) = till.wrote(TenderCorrected)
    assert right.was_drawer == 2


def test_a_correction_of_this_drawer_by_another_till_is_reported_unless_one_here_is_later(till: Till) -> None:
    order = _sold(till)
    assert order.placed is not None
    (payment,) = order.payments
    row = {
        "id": till.register.ledger.new_id(), "payment": payment, "session": order.id, "till": 2, "amount": "40.00",
        "receipt": order.placed.data.receipt, "was": "CASH", "tender": "CARD", "currency": "INR",
    }  # fmt: skip
    till.register.journal.cache("drawer", 7, {"corrected": [row]})
    till.register.reference_changed(["drawer"])
    (notice,) = till.screen.corrected
    assert notice[0] == order.id
    assert notice[1].endswith(f"₹40.00 of {order.placed.data.receipt} was card, not cash.")
    assert len(notice[1]) <= 60
    approved(till.register, partial(till.register.corrections.correct_tender, order.id, payment, "UPI"))
    till.register.reference_changed(["drawer"])
    assert till.screen.corrected == [notice]
    till.register.journal.cache("drawer", 8, {"corrected": [{**row, "id": till.register.ledger.new_id()}]})
    till.register.reference_changed(["drawer"])
    assert till.screen.corrected == [notice, notice]


def test_lists_are_read_again_after_events_of_another_till(till: Till, other: Till) -> None:
    order = _sold(till)
    (payment,) = order.payments
    meet(till, other)
    refunds = till.register.refunds
    assert ([one.tenders for one in refunds.past_sales()], refunds.slips(order.id)) == ([("CASH",)], ())
    approved(other.register, partial(other.register.corrections.correct_tender, order.id, payment, "CARD"))
    slip = (("SIGN HERE",), False, True)
    other.register.ledger.commit(keep_slips(other.register.ledger.order(order.id), payment, [slip]))
    meet(till, other)
    assert [one.tenders for one in refunds.past_sales()] == [("CARD",)]
    assert [one.lines for one in refunds.slips(order.id)] == [("SIGN HERE",)]


def _left_over(till: Till, amount: int) -> tuple[str, str]:
    """An order with a part paid, which the server cleared; its id and its payment."""
    session = till.order(1).id
    order = till.register.checkout.pay(session, "CASH", Minor(amount))
    by_server(till.register, session, OrderDiscarded(line_ids=tuple(order.lines), reason="guest left"))
    return session, next(iter(order.payments))


def _find(till: Till, left: tuple[str, str], kind: str) -> ConflictResolved:
    """Report a conflict about money that is left over, as the server; return its settlement."""
    session, payment = left
    conflict = derived_id(session, kind)
    by_server(till.register, session, ConflictFound(conflict, kind, payment, "10.00", "INR"))
    return ConflictResolved(conflict)


def test_money_left_over_is_listed_newest_first_once_and_until_it_is_settled(till: Till, other: Till) -> None:
    first, second, third = (_left_over(till, amount) for amount in (1_000, 1_100, 1_200))
    settle_second = _find(till, second, "money_without_order")
    settle_first = [_find(till, first, kind) for kind in ("money_without_order", "no_answer")]
    _find(till, third, "money_without_order")
    refunds = till.register.refunds

    def listed() -> list[int]:
        return [one.total for one in refunds.left_money()]

    assert listed() == [1_200, 1_100, 1_000]
    by_server(till.register, first[0], settle_first[0])
    assert listed() == [1_200, 1_100, 1_000]
    by_server(till.register, second[0], settle_second)
    assert listed() == [1_200, 1_000]
    by_server(till.register, first[0], settle_first[1])
    assert listed() == [1_200]
    meet(till, other)
    assert other.register.refunds.left_money() == ()  # it is in another drawer


def _sold_twice(till: Till, other: Till) -> str:
    """An order sold at two tills, the first one before the second; both know of both sales."""
    session = granted_away(till, other, 1)
    till.register.checkout.pay_exact(session)
    other.clock.move(seconds=30)
    other.register.checkout.pay_exact(session)
    meet(till, other)
    return session


def _refund_of(till: Till, session: str, receipt: str) -> Refund:
    """Start a refund of a sale with a receipt, for all of it and in cash."""
    refunds, approvals = till.register.refunds, till.register.approvals
    sale = refunds.sale(session, receipt)
    share = giving.amount_back(sale, sale.left.amount)
    approval = approvals.give(till.register.access.find(9), PermissionRequest(Permission.REFUND, share.part.amount))
    return refunds.start(session, share, giving.ways_of(sale)[0], sale, approval, "cold")


def test_each_sale_is_listed_with_its_own_refunds(till: Till) -> None:
    first, second = _sold(till), _sold(till)
    refund = till.register.refunds.approve(_start(till, first).id)
    assert [(one.session_id, one.refunds) for one in till.register.refunds.past_sales()] == [
        (second.id, ()), (first.id, (refund,))]  # fmt: skip


def test_sale_of_another_till_is_listed_while_a_refund_of_it_waits_here(till: Till, other: Till) -> None:
    """The order was sold again here; the refund is of the first sale alone."""
    session = _sold_twice(till, other)
    refunds, order = other.register.refunds, other.register.ledger.order(session)
    first, again = order.placings
    own = (again.data.receipt, 2, 2, ())
    assert [(one.receipt, one.till, one.user, one.refunds) for one in refunds.past_sales()] == [own]
    refund = _refund_of(other, session, first.data.receipt)
    rows = [(one.receipt, one.till, one.user, one.refunds) for one in refunds.past_sales()]
    assert rows == [own, (first.data.receipt, 1, 1, (refund,))]
    assert {one.order_id for one in refunds.past_sales()} == {first.data.order_id, again.data.order_id}
    assert (refunds.sale(session, first.data.receipt).left.amount, refunds.sale(session, own[0]).left.amount) == (
        0,
        4_000,
    )
    assert [one.receipt for one in refunds.sold_besides(session, own[0])] == [first.data.receipt]
    assert [one.receipt for one in refunds.sold_besides(session, first.data.receipt)] == [own[0]]
    assert refunds.refunded_besides(session, own[0]) == f"₹40.00 of {first.data.receipt}"
    assert refunds.refunded_besides(session, first.data.receipt) == ""
    refunds.approve(refund.id)
    assert [(one.receipt, one.refunds) for one in refunds.past_sales()] == [(own[0], ())]
    _refund_of(till, session, own[0])
    assert [(one.receipt, one.till, one.user) for one in till.register.refunds.past_sales()] == [
        (first.data.receipt, 1, 1), own[:3]]  # fmt: skip


@pytest.mark.parametrize("number", [1, 2])
def test_offline_a_till_refunds_its_own_one_of_two_sales_of_an_order(till: Till, other: Till, number: int) -> None:
    session = _sold_twice(till, other)
    first, again = (one.data.receipt for one in till.register.ledger.order(session).placings)
    own, foreign = (first, again) if number == 1 else (again, first)
    refunds = (till if number == 1 else other).register.refunds
    refunds.check_away(session, own)
    with pytest.raises(RefundError, match="Offline, only this till's sales"):
        refunds.check_away(session, foreign)


def test_refunds_of_a_sale_are_in_the_order_in_which_they_began(till: Till) -> None:
    order = _sold(till, 3)
    begun = [_start(till, order).id for _each in range(3)]
    for refund in reversed(begun):
        till.clock.move(seconds=1)
        till.register.refunds.approve(refund)
    assert [one.id for one in _sale(till, order).refunds] == begun


@pytest.mark.parametrize(("state", "left"), [(PaymentState.APPROVED, 0), (PaymentState.DECLINED, 8_000)])
def test_refunds_on_other_tills_count_as_the_server_last_listed_them(
    till: Till, state: PaymentState, left: int
) -> None:
    order = _sold(till)
    other = _sold(till)
    (listed, _other) = reversed(till.register.refunds.past_sales())
    refund = _refund_of(till, other.id, _sale(till, other).placed.receipt)
    started = replace(refund.started, order_id=listed.order_id)
    elsewhere = replace(refund, id=derived_id(order.id, "elsewhere"), started=started)
    till.register.refunds.hear(replace(listed, refunds=(elsewhere,)))
    assert _sale(till, order).left.amount == 0
    till.register.refunds.hear(replace(listed, refunds=(replace(elsewhere, state=state),)))
    assert _sale(till, order).left.amount == left
    till.register.refunds.hear(listed)
    assert _sale(till, order).left.amount == 8_000


def test_correction_applies_to_the_sale_that_lists_the_payment(till: Till, other: Till) -> None:
    session = _sold_twice(till, other)
    order = other.register.ledger.order(session)
    (again,) = order.placed_again
    (payment,) = again.payment_ids
    corrections, approvals = other.register.corrections, other.register.approvals
    asked = approvals.lacking(partial(corrections.correct_tender, session, payment, "CARD", None))
    assert asked == PermissionRequest(Permission.TENDER, Minor(4_000))
    corrections.correct_tender(session, payment, "CARD", approvals.give(other.register.access.find(9), asked))
    (right,) = other.wrote(TenderCorrected)
    assert (right.order_id, right.payment_id, right.was_drawer) == (again.data.order_id, payment, 2)


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("1-531", "1-000531"),
        ("1b-r7", "1B-R000007"),
        ("12-000001", "12-000001"),
        ("2xbeef-r3", "2XBEEF-R000003"),
        ("531", None),
        ("1-", None),
        ("x-1", "x-000001"),
        ("Chat-2", "chat-000002"),
        ("receipt web_shop-000012", "web_shop-000012"),
        ("-1", None),
    ],
)
def test_a_number_may_be_typed_short(typed: str, number: str | None) -> None:
    assert receipt_number(typed) == number


@pytest.mark.parametrize(
    ("opens_drawer", "drawer", "given_back", "refunded"),
    [
        (True, 1, "Refunded ₹40.00.", "Refunded ₹40.00 by luncheon voucher, 1XBEEF-R000001."),
        (
            False,
            None,
            "₹40.00 is off this order: refund it by luncheon voucher too.",
            "Refunded ₹40.00 by luncheon voucher, 1XBEEF-R000001: refund it there too.",
        ),
    ],
)
def test_a_refund_from_the_drawer_is_not_to_be_given_at_a_terminal_too(
    till: Till, drawer: int | None, given_back: str, refunded: str, *, opens_drawer: bool
) -> None:
    """Any tender that opens the drawer is refunded from it, as its events say; others are refunded by hand."""
    checkout, answers = till.register.checkout, till.register.answers
    luncheon = TenderTraits(name="LUNCH", label="Luncheon voucher", key="l", by_hand=True, opens_drawer=opens_drawer)
    till.register.asker.tenders = Tenders([*BY_HAND, luncheon])
    order = till.add(None, 1, 2)
    paid = checkout.pay(order.id, "LUNCH", Minor(4_000))
    (payment,) = paid.payments.values()
    assert answers.given_back(payment, luncheon) == given_back
    checkout.give_back(order.id, payment.id)
    sold = checkout.pay_exact(order.id, "LUNCH")
    refund = till.register.refunds.approve(_start(till, sold).id)
    assert refund_words.refunded(answers, refund, luncheon) == refunded
    drawers = [one.drawer for one in till.wrote(PaymentApproved)] + [one.drawer for one in till.wrote(PaymentVoided)]
    drawers += [one.drawer for one in till.wrote(RefundStarted)] + [one.drawer for one in till.wrote(RefundApproved)]
    assert drawers == [drawer] * 5


# Tenders of a refund


def _sold_at_terminal(till: Till, by: int | None = None) -> Order:
    """Two idlis, of which a terminal took 30.00, or a manager settled that it did; the rest is cash."""
    order, payment = till.add(None, 1, 2), till.register.ledger.new_id()
    asked = Tendered("CARD", Minor(3_000))
    till.register.ledger.commit(start_charge(order, payment, asked, ("V400m-1", "till-1", "0414")))
    order = till.register.ledger.order(order.id)
    result = Result(PaymentState.APPROVED, by, transaction="T-17")
    till.register.ledger.commit(answer_charge(order, order.payments[payment], result))
    return till.register.checkout.pay_exact(order.id)


def _sold_by_hand(till: Till, tender: str, slip: str = "") -> Order:
    order = till.add(None, 1, 2)
    till.register.checkout.pay(order.id, tender, Minor(3_000), slip=slip)
    return till.register.checkout.pay_exact(order.id)


MEAL = TenderTraits(name="MEAL", label="Meal voucher", key="m", by_hand=True, opens_drawer=True)
GIFT = TenderTraits(name="GIFT", label="Gift card", key="g", by_hand=True, can_refund=False)


def _begin(till: Till, order: Order, tender: str, amount: int = 1_000) -> RefundStarted:
    """Start a refund in a tender of the first payment."""
    sale = _sale(till, order)
    share = giving.amount_back(sale, Minor(amount))
    way = next(way for way in giving.ways_of(sale) if way.tender == tender and way.payment.tender != "CASH")
    act = Permission.GIVE_BACK if order.payments[way.payment.payment_id].is_doubtful else Permission.REFUND
    approval = till.register.approvals.give(till.register.access.find(9), PermissionRequest(act, share.part.amount))
    return till.register.refunds.start(order.id, share, way, sale, approval, "cold").started


@pytest.mark.parametrize(
    ("sold", "tender", "is_asked", "transaction", "drawer"),
    [
        # a terminal refunds what it took; in cash instead nobody asks it
        (_sold_at_terminal, "CARD", True, "T-17", None),
        (_sold_at_terminal, "CASH", False, "", 1),
        # it does not know the number of a slip that a person typed
        (partial(_sold_at_terminal, by=9), "CARD", True, "", None),
        (partial(_sold_by_hand, tender="CARD", slip="S-1"), "CARD", True, "", None),
        # others are refunded by hand, from the drawer if they are kept there
        (partial(_sold_by_hand, tender="UPI", slip="S-1"), "UPI", False, "", None),
        (partial(_sold_by_hand, tender="MEAL"), "MEAL", False, "", 1),
        (partial(_sold_by_hand, tender="MEAL"), "CASH", False, "", 1),
        (partial(_sold_by_hand, tender="GIFT"), "CASH", False, "", 1),
    ],
)
def test_refund_names_who_gives_it_and_the_money_at_the_terminal(
    till: Till, sold: Callable[[Till], Order], tender: str, transaction: str, drawer: int | None, *, is_asked: bool
) -> None:
    till.register.asker.tenders = Tenders([*BY_HAND, MEAL, GIFT])
    order = sold(till)
    till.register.asker.tenders = Tenders([*BY_HAND, MEAL, GIFT], asked=[Terminal()])
    started = _begin(till, order, tender)
    assert (started.place, started.asker, bool(started.number)) == (
        ("V400m-1", "till-1", True) if is_asked else ("", "", False)
    )
    assert (started.tender, started.transaction, started.drawer) == (tender, transaction, drawer)
    assert started.payment_id == next(iter(order.payments))


@pytest.mark.parametrize(
    ("tender", "offered", "sentence"),
    [
        ("GIFT", [GIFT], "Gift card cannot be refunded. Tab: cash."),
        ("MEAL", [], "That cannot be refunded by MEAL here. Tab: cash."),  # it is no longer set up here
    ],
)
def test_refund_in_a_tender_that_is_not_refunded_here_is_refused(
    till: Till, tender: str, offered: list[TenderTraits], sentence: str
) -> None:
    till.register.asker.tenders = Tenders([*BY_HAND, MEAL, GIFT])
    order = _sold_by_hand(till, tender)
    till.register.asker.tenders = Tenders([*BY_HAND, *offered])
    with pytest.raises(RefundError) as refused:
        _begin(till, order, tender)
    assert refused.value.sentence == sentence
    assert _begin(till, order, "CASH").tender == "CASH"


def test_voucher_is_refunded_by_the_server_without_a_reference(till: Till) -> None:
    till.register.asker.tenders = Tenders([*BY_HAND, replace(MEAL, name="VOUCHER")])
    order = _sold_by_hand(till, "VOUCHER")
    till.register.asker.tenders = Tenders()
    started = _begin(till, order, "VOUCHER")
    assert (started.place, started.asker, started.number, started.drawer) == ("", "", "", None)


@pytest.mark.parametrize("tender", ["CASH", "MEAL"])
def test_till_without_a_drawer_refunds_nothing_that_is_kept_in_one(till: Till, tender: str) -> None:
    till.register.asker.tenders = Tenders([*BY_HAND, MEAL])
    order = _sold_by_hand(till, "MEAL")
    till.register.asker.tenders = Tenders([*BY_HAND, MEAL], cash_at=2)
    with pytest.raises(PaymentError, match="This till has no drawer"):
        _begin(till, order, tender)
    with pytest.raises(PaymentError, match="This till has no drawer"):
        till.register.corrections.correct_tip(
            order.id, CorrectTip(next(iter(order.payments)), Minor(100), tender), None
        )


def test_refund_has_the_business_date_of_a_replay(till: Till) -> None:
    asked = list[datetime]()

    def day(moment: datetime) -> date:
        asked.append(moment)
        return date(2026, 2, 1)

    order = _sold(till)
    register = till.register
    reference = Reference(register.journal, register.ledger.now, business_date=day)
    replayed = Refunds(register.ledger, reference, register.asker, lambda _refund, _words: None, register.approvals)
    sale = _sale(till, order)
    share = giving.pieces_back(sale, {1: 1})
    approval = register.approvals.give(register.access.find(9), PermissionRequest(Permission.REFUND, share.part.amount))
    begun = replayed.start(order.id, share, giving.ways_of(sale)[0], sale, approval, "cold")
    assert (begun.started.business_date, asked) == ("2026-02-01", [till.clock.now()])


def test_away_no_sale_of_another_till_is_refunded(till: Till, other: Till) -> None:
    order = _sold(till)
    meet(till, other)
    with pytest.raises(RefundError, match="Offline, only this till's sales"):
        _start(other, order, away=True)
    assert _start(other, order).started.away is False


def test_refund_and_its_settlement_by_a_manager_at_the_till_name_the_approval_that_was_asked(till: Till) -> None:
    """A manager who is logged in is asked for no approval. The settlement names who settled it all the same."""
    order = _sold(till, 3)
    till.register.ledger.user = 9
    for given, by in ((True, 9), (False, 9)):
        begun = _start(till, order, by=0)
        assert begun.started.approved_by is None
        assert till.register.refunds.settle(begun.id, None, given=given).settled_by == by
    with_approval = _start(till, order)
    assert with_approval.started.approved_by == 9


@pytest.mark.parametrize("step", ["1.00", None])
def test_sale_is_refunded_under_the_rounding_of_its_order(till: Till, step: str | None) -> None:
    known = till.journal.cached("settings")
    till.journal.cache("settings", 2, {**known[1], "rounding": step and {"step": step}})
    till.register.reference_changed(["settings"])
    order = _sold(till)
    till.journal.cache("settings", 3, known[1])
    till.register.reference_changed(["settings"])
    rounding = _sale(till, order).rounding
    assert (rounding and rounding.step) == (100 if step else None)


# Refunds by a provider, and the slips of it


SLIP = Slip(lines=("SIGN HERE",), for_guest=False, to_be_signed=True)


def _asked(till: Till, order: Order, pieces: int = 1) -> ChargeProgress:
    """Start a refund to a card at a terminal; return the progress of it, which nobody has asked for yet."""
    till.register.asker.tenders = Tenders(asked=[Terminal()])
    refund = _start(till, order, pieces)
    return next(one for one in till.register.refunds.all_progress() if one.stream == refund.id)


def _sold_by_card(till: Till, pieces: int = 2) -> Order:
    till.register.asker.tenders = Tenders()
    return till.register.checkout.pay_exact(till.add(None, 1, pieces).id, "CARD")


def test_refund_at_a_terminal_is_asked_under_its_own_key_for_its_payment(till: Till) -> None:
    order = _sold_by_card(till)
    (payment,) = order.payments
    progress = _asked(till, order)
    (refund,) = till.register.refunds.waiting()
    assert (progress.stream, progress.charge.key, progress.payment_id) == (refund.id, refund.id, payment)
    assert (progress.charge.amount, progress.charge.currency, progress.goes_back) == (4_000, "INR", True)
    assert till.register.refunds.is_asked_here(progress)
    by_hand = _start(till, _sold(till))
    assert not till.register.refunds.give(by_hand)


def test_answered_refunds_are_followed_before_those_that_wait_and_only_the_newest(
    till: Till, monkeypatch: pytest.MonkeyPatch
) -> None:
    order, refunds = _sold_by_card(till, 5), till.register.refunds
    begun = [_asked(till, order).stream for _each in range(5)]
    for place in (4, 0, 2):
        refunds.approve(begun[place])

    def followed() -> list[int]:
        return [begun.index(one.stream) for one in refunds.all_progress()]

    assert followed() == [0, 2, 4, 1, 3]
    monkeypatch.setattr("till.register.refunds.LOOKED_AT", 2)
    assert followed() == [2, 4, 1, 3]


def test_answer_of_a_terminal_is_written_once_with_its_slips_for_who_started_the_refund(till: Till) -> None:
    order, refunds = _sold_by_card(till), till.register.refunds
    (payment,) = order.payments
    progress = _asked(till, order)
    till.register.ledger.user = 2
    for result, is_news in (
        (PaymentState.UNKNOWN, True),
        (PaymentState.APPROVED, True),
        (PaymentState.APPROVED, False),
    ):
        assert refunds.write(progress, Result(result), [SLIP]) is is_news
    assert [event.user for event in till.journal.own[-4:]] == [1] * 4
    assert [event.type for event in till.journal.own[-4:]] == [
        "refund_unknown", "slip_kept", "refund_approved", "slip_kept"]  # fmt: skip
    kept = KeptSlip(payment, progress.stream, for_guest=False, to_be_signed=True, lines=SLIP.lines)
    assert refunds.slips(order.id) == (kept,)  # both are the same
    assert refunds.find(progress.stream).state is PaymentState.APPROVED


def test_slip_of_a_waiting_refund_is_kept_on_the_order_of_its_sale(till: Till) -> None:
    order, refunds = _sold_by_card(till), till.register.refunds
    (payment,) = order.payments
    progress = _asked(till, order)
    assert refunds.slips(order.id) == ()
    assert refunds.keep_slip(progress, SLIP)
    assert [(one.payment_id, one.refund_id) for one in refunds.slips(order.id)] == [(payment, progress.stream)]
    assert refunds.slips(till.order(1).id) == ()
    assert len(refunds.slips(order.id)) == 1


def test_slip_of_a_refund_whose_sale_is_not_here_is_not_kept(till: Till, caplog: pytest.LogCaptureFixture) -> None:
    order, refunds = _sold_by_card(till), till.register.refunds
    progress = _asked(till, order)
    started = replace(refunds.find(progress.stream).started, session_id=till.register.ledger.new_id())
    gone = till.register.ledger.new_id()
    till.register.ledger.commit([Draft(started, gone)])
    other = replace(progress, stream=gone)
    before = till.journal.head
    assert not refunds.keep_slip(other, SLIP)
    assert till.journal.head == before
    warned = [record.message for record in caplog.records if record.levelno >= logging.WARNING]
    assert warned == ["slips_not_kept"]
    assert refunds.write(other, Result(PaymentState.APPROVED), [SLIP])
    assert till.wrote(SlipKept) == []


def test_slips_that_were_erased_or_are_of_another_order_are_not_shown(till: Till) -> None:
    order = _sold(till)
    (payment,) = order.payments
    slips = [(("PAID",), True, False), (("PAID",), True, False), (("COPY",), False, False)]
    for one in slips:
        till.register.ledger.commit(keep_slips(order, payment, [one]))
    till.register.ledger.commit(keep_slips(order, till.register.ledger.new_id(), [slips[0]]))
    till.register.ledger.commit([Draft(SlipKept(payment_id=payment), order.id)])
    assert [one.lines for one in till.register.refunds.slips(order.id)] == [("PAID",), ("COPY",)]


@pytest.mark.parametrize(
    ("answers", "is_news", "reported"),
    [
        # still without an answer, or news; what was known is not reported again
        ([], False, True),
        ([PaymentState.UNKNOWN], False, True),
        ([PaymentState.APPROVED], True, True),
        ([PaymentState.APPROVED], False, False),
        ([PaymentState.DECLINED], False, False),
    ],
)
def test_answer_about_a_refund_is_reported_if_it_is_news_or_none(
    till: Till, answers: list[PaymentState], *, is_news: bool, reported: bool
) -> None:
    progress, refunds = _asked(till, _sold_by_card(till)), till.register.refunds
    for state in answers:
        refunds.write(progress, Result(state), ())
    refunds.tell(progress, is_news=is_news)
    assert till.screen.returned == []
    refunds.tell(progress, ChargeAnswer(key=progress.charge.key, outcome=Outcome.UNKNOWN), is_news=is_news)
    assert len(till.screen.returned) == reported
