"""Corrections of tips at a till: of which payment, in which tender, and out of which drawer."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pytest

from tests.register.approving import approved
from tests.register.exchange import granted_away, meet
from till.domain.errors import RefundError, RightsError
from till.domain.money.measures import Minor
from till.domain.payment.events import TenderCorrected, TipCorrected
from till.domain.refund import giving

if TYPE_CHECKING:
    from tests.register.conftest import Till
    from till.domain.order.state import Order


def sold(till: Till, *paid: tuple[str, int, int]) -> Order:
    """Sell two idly for 80.00, paid by tender, amount with tip, and tip."""
    order = till.add(None, 1, 2)
    for tender, amount, tip in paid:
        order = till.register.checkout.pay(order.id, tender, Minor(amount), tip=Minor(tip))
    return order


def put_right(till: Till, order: Order, tip: int, way: int | None = 0, by: int | None = 9) -> TipCorrected:
    """Correct a tip with a way to refund marked."""
    refunds = till.register.refunds
    assert order.placed is not None
    receipt = order.placed.data.receipt
    ways = giving.ways_of(refunds.sale(order.id, receipt))
    right = till.register.corrections.right_tip(order.id, receipt, Minor(tip), None if way is None else ways[way])
    correct = partial(till.register.corrections.correct_tip, order.id, right)
    _order = approved(till.register, correct, by) if by is not None else correct(None)
    return till.wrote(TipCorrected)[-1]


@pytest.mark.parametrize(
    ("tender", "tip", "way", "written"),
    [
        ("CASH", 500, 0, ("25.00", "5.00", "20.00", "CASH", 1)),
        ("CASH", 3_000, 0, ("25.00", "30.00", "-5.00", "CASH", 1)),
        ("CASH", 0, None, ("25.00", "0.00", "25.00", "CASH", 1)),
        ("CARD", 500, 0, ("25.00", "5.00", "20.00", "CARD", None)),
        ("CARD", 500, 1, ("25.00", "5.00", "20.00", "CASH", 1)),
        ("CARD", 500, None, ("25.00", "5.00", "20.00", "CARD", None)),
    ],
)
def test_a_tip_is_put_right_as_it_was_paid_or_in_cash(
    till: Till, tender: str, tip: int, way: int | None, written: tuple[str | int | None, ...]
) -> None:
    order = sold(till, (tender, 10_500, 2_500))
    with pytest.raises(RightsError):
        put_right(till, order, tip, way, by=None)
    event = put_right(till, order, tip, way)
    assert (event.was, event.tip, event.returned, event.tender, event.drawer) == written
    assert event.approved_by == 9
    after = till.register.ledger.order(order.id)
    assert (after.tip_of(event.payment_id), after.placed, after.status) == (tip, order.placed, order.status)
    assert till.register.refunds.sale(order.id, "1XBEEF-000001").left.amount == 8_000


def test_the_payment_with_a_tip_is_meant_and_of_several_the_marked_one(till: Till) -> None:
    order = sold(till, ("CASH", 3_000, 0), ("CARD", 3_500, 500), ("UPI", 2_000, 0))
    event = put_right(till, order, 300)
    assert event.payment_id == list(order.payments)[1]
    order = sold(till, ("CASH", 3_000, 0), ("CARD", 3_500, 500), ("UPI", 2_500, 500))
    assert put_right(till, order, 300, way=2).payment_id == list(order.payments)[2]
    with pytest.raises(RefundError, match="Tab to the payment"):
        put_right(till, order, 300, way=0)
    order = sold(till, ("CASH", 8_000, 0))
    assert put_right(till, order, 300).was == "0.00", "the guest left a tip later"


def test_a_tip_is_not_put_right_to_itself_nor_tomorrow(till: Till) -> None:
    order = sold(till, ("CASH", 10_500, 2_500))
    put_right(till, order, 500)
    with pytest.raises(RefundError, match=r"The tip is ₹5\.00 already"):
        put_right(till, order, 500)
    till.clock.move(days=1)
    with pytest.raises(RefundError, match="Only today's tips"):
        put_right(till, order, 700)


def test_the_tender_of_a_payment_with_a_corrected_tip_waits_until_that_is_undone(till: Till) -> None:
    order = sold(till, ("CASH", 10_500, 2_500))
    (payment,) = order.payments
    put_right(till, order, 500)
    corrections = till.register.corrections
    with pytest.raises(RefundError, match="First type the tip as it was"):
        corrections.correct_tender(order.id, payment, "CARD", None)
    put_right(till, till.register.ledger.order(order.id), 2_500)
    approved(till.register, partial(corrections.correct_tender, order.id, payment, "CARD"))
    assert till.wrote(TenderCorrected)[-1].amount == "105.00"
    assert put_right(till, till.register.ledger.order(order.id), 500).tender == "CARD"


def test_a_tip_that_another_till_took_goes_back_out_of_the_drawer_here(till: Till, other: Till) -> None:
    session = granted_away(till, other, 1)
    other.register.checkout.pay(session, "CASH", Minor(5_000), tip=Minor(1_000))
    meet(till, other)
    event = put_right(till, till.register.ledger.order(session), 500)
    assert (event.returned, event.drawer, event.approved_by) == ("5.00", 1, 9)
    meet(till, other)
    assert other.register.ledger.order(session).tip_of(event.payment_id) == 500
