"""Corrections of tenders and tips at a till: by whom, in which drawer, and after those of another till."""

from functools import partial

import pytest

from tests.register.approving import approved
from tests.register.conftest import Till
from tests.register.exchange import meet, take
from tests.register.test_refunds import _sale, _sold_twice
from till.domain.errors import RefundError, RightsError
from till.domain.money.measures import Minor
from till.domain.order.state import Order
from till.domain.payment.events import TenderCorrected
from till.domain.refund import giving
from till.domain.refund.correcting import CorrectTip
from till.domain.shift.events import DrawerCorrected
from till.domain.staff.rights import Permission, PermissionRequest


def _sold_at_two(till: Till, other: Till) -> tuple[str, str, str]:
    """An order of 40.00: the first till took 10.00 of it, the second one the rest, and placed it; all in cash."""
    session = till.order(1).id
    till.register.checkout.pay(session, "CASH", Minor(1_000))
    take(till, other, session)
    order = other.register.checkout.pay_exact(session)
    meet(till, other)
    first, second = order.payments
    return session, first, second


@pytest.mark.parametrize(
    ("number", "place", "user", "may", "allowed"),
    [
        # a cashier corrects the payments of this till, if the settings let one; those of another need a manager
        (1, 0, 1, "tender", True),
        (1, 1, 1, "tender", False),
        (2, 0, 2, "tender", False),
        (2, 1, 2, "tender", True),
        (1, 0, 1, "", False),
        (1, 0, 9, "", True),
        (1, 1, 9, "", True),
        (2, 0, 9, "", True),
        (2, 1, 9, "", True),
        # a program may do what nobody is asked for, but corrects no payment of another till
        (1, 0, None, "", True),
        (1, 1, None, "", False),
    ],
)
def test_correction_is_in_the_drawer_of_the_till_that_took_the_payment(
    till: Till, other: Till, number: int, place: int, user: int | None, may: str, *, allowed: bool
) -> None:
    session, *payments = _sold_at_two(till, other)
    at = till if number == 1 else other
    known = at.journal.cached("settings")
    at.journal.cache("settings", 2, {**known[1], "cashier_may": may})
    at.register.reference_changed(["settings"])
    at.register.ledger.user = user
    before = at.register.drawer.balance()["CASH"]
    if not allowed:
        with pytest.raises(RightsError):
            at.register.corrections.correct_tender(session, payments[place], "CARD", None)
        assert not at.wrote(TenderCorrected)
    else:
        at.register.corrections.correct_tender(session, payments[place], "CARD", None)
        (right,) = at.wrote(TenderCorrected)
        taken_at = place + 1
        assert (right.payment_id, right.was_drawer, right.approved_by) == (payments[place], taken_at, None)
        is_ours = taken_at == number
        assert [one.payment_id for one in at.wrote(DrawerCorrected)] == [payments[place]] * is_ours
        assert before - at.register.drawer.balance()["CASH"] == ((1_000, 3_000)[place] if is_ours else 0)


def test_correction_is_approved_for_the_amount_of_its_payment(till: Till, other: Till) -> None:
    session, *payments = _sold_at_two(till, other)
    for payment, amount in zip(payments, (1_000, 3_000), strict=True):
        correct = partial(till.register.corrections.correct_tender, session, payment, "CARD")
        assert till.register.approvals.lacking(partial(correct, None)) == PermissionRequest(
            Permission.TENDER, Minor(amount)
        )


def test_a_till_learns_of_corrections_of_another_before_it_writes_its_own(till: Till, other: Till) -> None:
    session, first, second = _sold_at_two(till, other)
    corrections, manager = till.register.corrections, other.register.corrections
    other.register.ledger.user = 9
    known = corrections.of(session)
    assert known == []

    def refused() -> str:
        meet(till, other)
        with pytest.raises(RefundError) as problem:
            corrections.check(session, known)
        return problem.value.sentence

    corrections.check(session, known)
    manager.correct_tender(session, second, "CARD", None)
    assert refused() == "Till 2 has corrected it to card. Nothing changed here."
    manager.correct_tender(session, second, "UPI", None)
    manager.correct_tip(session, CorrectTip(second, Minor(500), "CASH"), None)
    assert refused() == "Till 2 has corrected it to UPI. Nothing changed here."  # the first of them, as it stands now
    known = corrections.of(session)[:2]
    assert refused() == "Till 2 has set the tip to ₹5.00. Nothing changed here."
    known = corrections.of(session)
    corrections.check(session, known)
    corrections.check(session, known[::-1])
    manager.correct_tender(session, first, "CARD", None)
    assert refused() == "Till 2 has corrected it to card. Nothing changed here."


@pytest.mark.parametrize(("was", "right", "asked"), [(1_000, 400, 600), (1_000, 0, 1_000), (0, 600, 600)])
def test_correction_of_a_tip_is_approved_for_the_money_that_moves(till: Till, was: int, right: int, asked: int) -> None:
    order = till.add(None, 1)
    order = till.register.checkout.pay(order.id, "CARD", Minor(4_000 + was), tip=Minor(was))
    (payment,) = order.payments
    corrections = till.register.corrections
    correct = partial(corrections.correct_tip, order.id, CorrectTip(payment, Minor(right), "CASH"))
    assert till.register.approvals.lacking(lambda: correct(None)) == PermissionRequest(Permission.TENDER, Minor(asked))
    assert approved(till.register, correct).tip_of(payment) == right


def test_typed_tip_is_of_the_sale_with_the_receipt(till: Till, other: Till) -> None:
    session = _sold_twice(till, other)
    for sale in other.register.ledger.order(session).placings:
        right = other.register.corrections.right_tip(session, sale.data.receipt, Minor(500), None)
        assert (right.payment_id, right.tip) == (sale.data.payments[0].payment_id, 500)


def _paid(till: Till, *paid: tuple[str, int]) -> tuple[Order, list[str]]:
    """Two idlis paid in these tenders, all by hand."""
    order = till.add(None, 1, 2)
    for tender, amount in paid:
        order = till.register.checkout.pay(order.id, tender, Minor(amount))
    till.register.ledger.user = 9
    return order, list(order.payments)


def _refund_cash(till: Till, order: Order, amount: int) -> None:
    sale = _sale(till, order)
    way = next(way for way in giving.ways_of(sale) if way.tender == way.payment.tender == "CASH")
    refunds = till.register.refunds
    refunds.approve(refunds.start(order.id, giving.amount_back(sale, Minor(amount)), way, sale, None, "cold").id)


def test_correction_leaves_enough_cash_for_what_was_refunded_in_cash(till: Till) -> None:
    """Card payments that were corrected to cash count as cash."""
    corrections = till.register.corrections
    order, (_cash, second, third) = _paid(till, ("CASH", 3_000), ("CARD", 3_000), ("CARD", 2_000))
    corrections.correct_tender(order.id, second, "CASH", None)
    _refund_cash(till, order, 5_000)
    corrections.correct_tender(order.id, third, "UPI", None)
    with pytest.raises(RefundError, match="refunded already"):
        corrections.correct_tender(order.id, second, "UPI", None)
    corrections.correct_tender(order.id, third, "CASH", None)
    corrections.correct_tender(order.id, second, "UPI", None)
    assert [one.tender for one in till.wrote(TenderCorrected)] == ["CASH", "UPI", "CASH", "UPI"]
