"""Refunds at a till: begun, reserved at the server, approved or given up, and away from the server."""

from functools import partial

import pytest

from tests.register.approving import approved
from tests.register.conftest import Till
from tests.register.exchange import granted_away, meet
from till.domain.errors import PaymentError, ReasonNeededError, RefundError, RightsError
from till.domain.money.measures import Minor
from till.domain.order.state import Order
from till.domain.payment.events import PaymentApproved, PaymentVoided, TenderCorrected
from till.domain.payment.movement import PaymentState
from till.domain.refund import giving
from till.domain.refund.events import RefundApproved, RefundStarted
from till.domain.refund.past import receipt_number
from till.domain.refund.shares import Sale, Share
from till.domain.refund.state import Refund
from till.domain.staff.rights import Act, Asked
from till.domain.structs import replace
from till.domain.till.events import ApprovalGiven
from till.ports import Received, TenderTraits
from till.register.payments.tenders import BY_HAND, Tenders


def _sold(till: Till, pieces: int = 2) -> Order:
    order = till.add(None, 1, pieces)
    return till.register.checkout.pay_exact(order.id)


def _sale(till: Till, order: Order) -> Sale:
    assert order.placed is not None
    return till.register.refunds.sale(order.id, order.placed.data.receipt)


def _start(till: Till, order: Order, pieces: int = 1, *, by: int = 9, away: bool = False) -> Refund:
    sale = _sale(till, order)
    share: Share = giving.pieces_back(sale, {1: pieces})
    approvals, asked = till.register.approvals, Asked(Act.REFUND, share.part.amount)
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
    assert till.register.recovery.last_refund() == given


def test_a_payment_after_the_last_refund_hides_it(till: Till) -> None:
    till.register.refunds.approve(_start(till, _sold(till)).id)
    assert till.register.recovery.last_refund() is not None
    till.register.checkout.pay(till.add(None, 1).id, "CASH", Minor(1_000))
    assert till.register.recovery.last_refund() is None  # the sale was before, and a part came after


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
    approval = till.register.approvals.give(till.register.access.find(9), Asked(Act.REFUND, share.part.amount))
    with pytest.raises(ReasonNeededError):
        till.register.refunds.start(order.id, share, way, sale, approval, " ")


def test_an_order_that_is_no_sale_here_is_refused_with_a_sentence(till: Till) -> None:
    order = till.add(None, 1)
    with pytest.raises(RefundError, match="not on this till"):
        till.register.refunds.sale(order.id, "1-000001")
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
        refunds.correct(order.id, payment, "CARD", None)
    asked, manager = Asked(Act.TENDER, Minor(8_000)), till.register.access.find(9)
    refunds.correct(order.id, payment, "CARD", approvals.give(manager, asked))
    assert [one.tenders for one in refunds.past_sales()] == [("CARD",)]  # the list says it too
    assert [way.tender for way in giving.ways_of(_sale(till, order))] == ["CARD", "CASH"]
    till.clock.move(days=9)
    refunds.correct(order.id, payment, "CASH", approvals.give(manager, asked))
    assert [one.tenders for one in refunds.past_sales()] == [("CASH",)]


@pytest.mark.parametrize("place", [0, 1])
def test_tender_of_cash_that_is_refunded_with_other_cash_stays(till: Till, place: int) -> None:
    """The refund names the first of two payments of 30 and 50."""
    checkout, order = till.register.checkout, till.add(None, 1, 2)
    checkout.pay(order.id, "CASH", Minor(3_000))
    order = checkout.pay_exact(order.id)
    till.register.refunds.approve(_start(till, order, 2).id)
    with pytest.raises(RefundError, match="refunded already: its tender stays"):
        till.register.refunds.correct(order.id, list(order.payments)[place], "CARD", None)


@pytest.mark.parametrize(("given", "state", "why"), [(True, "approved", ""), (False, "declined", "not given")])
def test_a_refund_settled_by_hand_names_its_manager(till: Till, *, given: bool, state: str, why: str) -> None:
    begun = _start(till, _sold(till))
    refunds = till.register.refunds
    with pytest.raises(RightsError):
        refunds.settle(begun.id, None, given=given)
    settled = approved(till.register, lambda approval: refunds.settle(begun.id, approval, given=given))
    assert (settled.state.value, settled.reason, settled.settled_by) == (state, why, 9)


def test_cash_that_is_refunded_to_the_last_coin_keeps_no_other_tender_from_being_put_right(till: Till) -> None:
    """30 in cash and 50 by card; the cash went back, which leaves nothing of it and is no debt."""
    checkout, order = till.register.checkout, till.add(None, 1, 2)
    checkout.pay(order.id, "CASH", Minor(3_000))
    order = checkout.pay(order.id, "CARD", Minor(5_000))
    _cash, card = order.payments
    sale = _sale(till, order)
    way = next(one for one in giving.ways_of(sale) if one.tender == "CASH")
    share = giving.amount_back(sale, Minor(3_000))
    approval = till.register.approvals.give(till.register.access.find(9), Asked(Act.REFUND, share.part.amount))
    refunds = till.register.refunds
    refunds.approve(refunds.start(order.id, share, way, sale, approval, "cold").id)
    approved(till.register, lambda yes: refunds.correct(order.id, card, "UPI", yes))
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
    refunds, approvals = till.register.refunds, till.register.approvals
    till.register.ledger.user = None  # a program may do what nobody is asked for
    with pytest.raises(RightsError):
        refunds.correct(session, payment, "CARD", None)
    asked = Asked(Act.TENDER, Minor(4_000))
    refunds.correct(session, payment, "CARD", approvals.give(till.register.access.find(9), asked))
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
    approved(till.register, partial(till.register.refunds.correct, order.id, payment, "UPI"))
    till.register.reference_changed(["drawer"])
    assert till.screen.corrected == [notice]
    till.register.journal.cache("drawer", 8, {"corrected": [{**row, "id": till.register.ledger.new_id()}]})
    till.register.reference_changed(["drawer"])
    assert till.screen.corrected == [notice, notice]


def test_correction_applies_to_the_sale_that_lists_the_payment(till: Till, other: Till) -> None:
    session = granted_away(till, other, 1)
    till.register.checkout.pay_exact(session)
    other.clock.move(seconds=30)
    other.register.checkout.pay_exact(session)
    meet(till, other)
    order = other.register.ledger.order(session)
    (again,) = order.placed_again
    (payment,) = again.payment_ids
    refunds, approvals = other.register.refunds, other.register.approvals
    asked = approvals.lacking(partial(refunds.correct, session, payment, "CARD", None))
    assert asked == Asked(Act.TENDER, Minor(4_000))
    refunds.correct(session, payment, "CARD", approvals.give(other.register.access.find(9), asked))
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
    assert answers.refunded(refund, luncheon) == refunded
    drawers = [one.drawer for one in till.wrote(PaymentApproved)] + [one.drawer for one in till.wrote(PaymentVoided)]
    drawers += [one.drawer for one in till.wrote(RefundStarted)] + [one.drawer for one in till.wrote(RefundApproved)]
    assert drawers == [drawer] * 5
