"""Corrections of a tender or a tip: the whole record, and every refusal in its sentence."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.domain.making import DOSA, IDLY, SESSION, Desk, Hand, uid
from tests.domain.refund.test_shares import DAY, HANDS
from till.domain.errors import RefundError
from till.domain.money.measures import Minor
from till.domain.order import charging, discounting, paying, voiding
from till.domain.order.paying import CASH, Tendered
from till.domain.payment.events import TenderCorrected, TipCorrected
from till.domain.payment.movement import PaymentState, Result
from till.domain.refund.correcting import CorrectTip, correct_tender, correct_tip, right_tip
from till.domain.refund.giving import Way
from till.domain.refund.shares import SalePayment
from till.domain.structs import replace

if TYPE_CHECKING:
    from collections.abc import Callable

    from till.domain.events.envelope import Draft
    from till.domain.order.state import Order

PAY = uid("payment")


def sold(*paid: tuple[str, int, int], taken_at: int = 3, slip: str = "") -> Desk:
    """A dosa of 80.00 sold at till 3, paid by tender, amount with tip, and tip; the money is taken at one till."""
    desk = Desk(till=3)
    desk.add(DOSA)
    if taken_at != desk.hand.till:
        _pass_on(desk, taken_at)
    for place, (tender, amount, tip) in enumerate(paid):
        _pay(desk, f"p{place}", Tendered(tender, Minor(amount), Minor(tip), slip=slip))
    if taken_at != 3:
        _pass_on(desk, 3)
    desk.place()
    return desk


def _pay(desk: Desk, payment: str, asked: Tendered) -> None:
    started = paying.start_payment(desk.order, uid(payment), asked)
    desk.do([*started, *paying.approve_payment(desk.order, uid(payment), asked)])


def _pass_on(desk: Desk, till: int) -> None:
    """Grant the order to another till, which continues it."""
    hand = Hand(till, seed=till, start=desk.hand.now)
    desk.grant(hand)
    desk.hand = hand


def sold_twice(**first: Any) -> Desk:
    """A dosa whose order was completed twice, in cash: with p0, and with p1 or another payment."""
    desk = sold((CASH, 8_000, 0))
    sale = desk.order.placed
    assert sale is not None
    (paid,) = sale.data.payments
    other = replace(paid, **{"payment_id": uid("p1"), **first})
    again = replace(sale, event=uid("again"), data=replace(sale.data, order_id=uid("o2"), payments=(other,)))
    taken = replace(desk.order.payments[uid("p0")], id=other.payment_id)
    desk.order = replace(desk.order, placed_again=(again,), payments={**desk.order.payments, other.payment_id: taken})
    return desk


def charged() -> Desk:
    """The same paid at a terminal."""
    desk = Desk(till=3)
    desk.add(DOSA)
    asked = Tendered("CARD", Minor(9_000), Minor(1_000))
    desk.do(charging.start_charge(desk.order, uid("p0"), asked, ("", "", "7")))
    answer = Result(PaymentState.APPROVED, transaction="T")
    desk.do(charging.answer(desk.order, desk.order.payments[uid("p0")], answer))
    desk.place()
    return desk


def _money(amount: Minor) -> str:
    return f"<{amount}>"


def tip(order: Order, amount: int, tender: str = CASH, *, payment: str = "p0", today: date = DAY) -> list[Draft]:
    right = CorrectTip(uid(payment), Minor(amount), tender)
    return correct_tip(order, right, HANDS, 9, today, 5, _money)


def _placed_id(desk: Desk) -> str:
    assert desk.order.placed is not None
    return desk.order.placed.data.order_id


@pytest.mark.parametrize(
    ("was", "tender", "taken_at", "was_drawer", "drawer"),
    [
        ("CASH", "MEAL", 3, 3, 3),
        ("CASH", "CARD", 3, 3, None),
        ("CARD", "CASH", 3, None, 3),
        ("VOUCHER", "CARD", 3, None, None),
        # till 3 placed the order, but the money is in the drawer of till 4
        ("CASH", "MEAL", 4, 4, 4),
        ("CARD", "CASH", 4, None, 4),
    ],
)
def test_corrected_tender_names_the_drawers_of_the_till_that_took_it(
    was: str, tender: str, taken_at: int, was_drawer: int | None, drawer: int | None
) -> None:
    desk = sold((was, 8_000, 0), taken_at=taken_at)
    [draft] = correct_tender(desk.order, uid("p0"), tender, HANDS, 9)
    assert draft.stream_id == SESSION
    assert draft.data == TenderCorrected(
        order_id=_placed_id(desk), payment_id=uid("p0"), was=was, tender=tender, amount="80.00",
        drawer=drawer, was_drawer=was_drawer, approved_by=9,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("first", "returned", "tender", "drawer"),
    [
        ((CASH, 9_000, 1_000), 400, CASH, 5),
        (("CARD", 9_000, 1_000), 400, "CARD", None),
        (("CARD", 9_000, 1_000), 400, CASH, 5),
        (("MEAL", 9_000, 1_000), 400, "MEAL", 5),
        ((CASH, 8_000, 0), -600, CASH, 5),
    ],
)
def test_corrected_tip_moves_the_difference_in_the_drawer_of_this_till(
    first: tuple[str, int, int], returned: int, tender: str, drawer: int | None
) -> None:
    desk = sold(first)
    [draft] = tip(desk.order, 600, tender)
    text = desk.order.terms.currency.text
    assert draft.data == TipCorrected(
        order_id=_placed_id(desk), payment_id=uid("p0"), was=text(Minor(first[2])), tip="6.00",
        returned=text(Minor(returned)), tender=tender, drawer=drawer, approved_by=9,
    )  # fmt: skip
    desk.do([draft])
    assert desk.order.tip_of(uid("p0")) == 600
    [change] = desk.order.tip_changes
    assert (change.event, change.payment_id, change.tender, change.change, change.at) == (
        desk.order.last_id, uid("p0"), tender, -returned, desk.hand.now,
    )  # fmt: skip


def _moved_back() -> Desk:
    """A sale whose tip was changed and put back: no money moved in all."""
    desk = sold((CASH, 9_000, 1_000))
    for amount in (400, 1_000):
        desk.do(tip(desk.order, amount))
    return desk


def _tender(desk: Desk, tender: str = "CARD", payment: str = "p0") -> list[Draft]:
    return correct_tender(desk.order, uid(payment), tender, HANDS, None)


def _open() -> Desk:
    desk = Desk()
    desk.add(DOSA)
    return desk


def _corrected(tender: str, *first: tuple[str, int, int]) -> Desk:
    desk = sold(*first)
    desk.do(_tender(desk, tender))
    return desk


def _tipped() -> Desk:
    desk = sold((CASH, 9_000, 1_000))
    desk.do(tip(desk.order, 400))
    return desk


def _returned() -> Desk:
    """Nothing is left of what was sold, and the guest got the money back on the open order."""
    desk = Desk()
    line = desk.add(DOSA)
    desk.pay("CARD", 8_000)
    desk.do(voiding.void_row(desk.order, line, "left"))
    asked = Tendered(CASH, Minor(-8_000))
    desk.do(
        [*paying.start_payment(desk.order, uid("p0"), asked), *paying.approve_payment(desk.order, uid("p0"), asked)]
    )
    desk.place()
    return desk


_UNPAID = "That order was not paid: there is nothing to correct."
_OTHER = "That payment is not part of this sale."
_ASKED = "Not taken by hand: refund that payment and sell again."


@pytest.mark.parametrize(
    ("decide", "sentence"),
    [
        (lambda: _tender(_open()), _UNPAID),
        (lambda: _tender(sold((CASH, 8_000, 0)), payment="p1"), _OTHER),
        (lambda: _tender(charged(), "CASH"), _ASKED),
        (lambda: _tender(sold(("CARD", 8_000, 0), slip="pay_17"), "CASH"), _ASKED),  # a provider's number
        (
            lambda: _tender(sold((CASH, 8_000, 0)), "UPI"),
            "Only to a tender taken by hand: card, cash, meal voucher.",
        ),
        (lambda: _tender(sold((CASH, 8_000, 0)), CASH), "That is already paid by cash."),
        (lambda: _tender(_corrected("CARD", (CASH, 8_000, 0))), "That is already paid by card."),
        (lambda: _tender(_tipped()), "First type the tip as it was; then the tender, then tip."),
        (lambda: tip(_open().order, 100), _UNPAID),
        (lambda: tip(sold((CASH, 8_000, 0)).order, 100, payment="p1"), _OTHER),
        (
            lambda: tip(sold((CASH, 8_000, 0)).order, 100, today=DAY + timedelta(days=1)),
            "Only today's tips are corrected. Pay it back in cash.",
        ),
        (
            lambda: tip(sold((CASH, 8_000, 0)).order, 100, today=DAY - timedelta(days=1)),
            "Only today's tips are corrected. Pay it back in cash.",
        ),
        (lambda: tip(_returned().order, 100), "A tip goes with a payment."),
        (lambda: tip(sold_twice(amount="0.00").order, 100, payment="p1"), "A tip goes with a payment."),
        (lambda: tip(sold((CASH, 9_000, 1_000)).order, 1_000), "The tip is <1000> already."),
        (lambda: tip(_tipped().order, 400), "The tip is <400> already."),
        (lambda: tip(charged().order, 100, "CARD"), "No tip goes back by card here. Tab to cash, then tip."),
        (
            lambda: tip(sold((CASH, 9_000, 1_000)).order, 100, "CARD"),
            "No tip goes back by cash here. Tab to cash, then tip.",
        ),
        (
            lambda: tip(sold(("VOUCHER", 9_000, 1_000)).order, 100, "VOUCHER"),
            "No tip goes back by voucher here. Tab to cash, then tip.",
        ),
    ],
)
def test_a_correction_that_is_refused_says_why(decide: Callable[[], Any], sentence: str) -> None:
    with pytest.raises(RefundError) as refused:
        decide()
    assert refused.value.sentence == sentence


def test_a_tender_is_corrected_after_a_tip_that_was_put_back_and_after_another_correction() -> None:
    assert _tender(_moved_back())
    desk = _corrected("CARD", (CASH, 8_000, 0))
    [draft] = _tender(desk, "MEAL")
    assert isinstance(draft.data, TenderCorrected)
    assert (draft.data.was, draft.data.was_drawer) == ("CARD", None)
    [draft] = tip(desk.order, 100, "CARD")  # the tip goes as the payment counts now
    assert isinstance(draft.data, TipCorrected)
    assert draft.data.drawer is None


def test_tip_of_another_payment_keeps_no_tender_from_being_corrected() -> None:
    desk = sold((CASH, 3_000, 0), ("CARD", 6_000, 1_000))
    desk.do(tip(desk.order, 400, payment="p1"))
    [draft] = _tender(desk, "MEAL")
    assert isinstance(draft.data, TenderCorrected)
    assert (draft.data.payment_id, draft.data.amount) == (uid("p0"), "30.00")


@pytest.mark.parametrize(("other", "payment", "sale"), [("p1", "p1", "o2"), ("p1", "p0", ""), ("p0", "p0", "")])
def test_correction_names_the_sale_that_lists_the_payment_and_of_two_the_first(
    other: str, payment: str, sale: str
) -> None:
    desk = sold_twice(payment_id=uid(other))
    order_id = uid(sale) if sale else _placed_id(desk)
    (tender,), (tipped,) = _tender(desk, "CARD", payment), tip(desk.order, 100, payment=payment)
    assert isinstance(tender.data, TenderCorrected)
    assert isinstance(tipped.data, TipCorrected)
    assert (tender.data.order_id, tipped.data.order_id) == (order_id, order_id)


def _overpaid() -> Desk:
    """A dosa and an idly were paid, then the idly was voided and its money returned to the guest."""
    desk = Desk(till=3)
    desk.add(DOSA)
    line = desk.add(IDLY)
    _pay(desk, "p0", Tendered(CASH, Minor(12_000)))
    desk.do(voiding.void_row(desk.order, line, "late"))
    _pay(desk, "p1", Tendered(CASH, Minor(-4_000)))
    desk.place()
    return desk


def _tips_changed() -> Desk:
    """A sale with two payments: the first had a tip by mistake, and the second one has it now."""
    desk = sold(("CARD", 4_000, 1_000), ("UPI", 5_000, 0))
    desk.do(tip(desk.order, 0))
    desk.do(tip(desk.order, 1_000, payment="p1"))
    return desk


def _second_is_cash() -> Desk:
    desk = sold((CASH, 3_000, 0), ("CARD", 5_000, 0))
    desk.do(_tender(desk, CASH, "p1"))
    return desk


def _nothing_paid() -> Desk:
    desk = Desk()
    line = desk.add(DOSA)
    desk.do(discounting.discount_line(desk.order, line, amount=Minor(8_000), reason="friend"))
    desk.place()
    return desk


def test_the_smallest_payment_may_have_a_tip() -> None:
    assert tip(sold((CASH, 1, 0), (CASH, 7_999, 0)).order, 100)


def _way(desk: Desk, payment: str, tender: str | None = None) -> Way:
    own = desk.order.payments[uid(payment)]
    counted = desk.order.corrected.get(own.id, own.tender)
    return Way(SalePayment(own.id, counted, own.amount, own.amount), tender or counted, own.amount)


@pytest.mark.parametrize(
    ("desk", "way", "means"),
    [
        # the one payment: as it was paid if by hand, else in cash
        (lambda: sold((CASH, 9_000, 1_000)), None, ("p0", CASH)),
        (lambda: sold(("CARD", 9_000, 1_000)), None, ("p0", "CARD")),
        (lambda: sold(("VOUCHER", 8_000, 0)), None, ("p0", CASH)),
        (charged, None, ("p0", CASH)),
        (lambda: _corrected("MEAL", (CASH, 8_000, 0)), None, ("p0", "MEAL")),
        # a way decides: in cash instead, or as it was paid
        (lambda: sold(("CARD", 9_000, 1_000)), ("p0", None), ("p0", "CARD")),
        (lambda: sold(("CARD", 9_000, 1_000)), ("p0", CASH), ("p0", CASH)),
        # of several the one with a tip, else the one of the way; all cash is one way
        (lambda: sold(("CARD", 3_000, 0), ("UPI", 6_000, 1_000)), None, ("p1", CASH)),
        (lambda: sold(("CARD", 3_000, 0), ("UPI", 6_000, 1_000)), ("p0", CASH), ("p1", "UPI")),
        (lambda: sold(("CARD", 3_000, 0), ("UPI", 5_000, 0)), ("p1", None), ("p1", "UPI")),
        (lambda: sold(("CARD", 3_500, 500), ("UPI", 5_500, 500)), ("p0", CASH), ("p0", CASH)),
        (lambda: sold((CASH, 3_000, 0), (CASH, 5_000, 0)), ("p0", None), ("p1", CASH)),
        (lambda: sold((CASH, 3_000, 0), ("CARD", 5_000, 0)), ("p0", None), ("p0", CASH)),
        (lambda: sold(("CARD", 3_000, 0), ("CARD", 5_000, 0)), ("p0", None), ("p0", "CARD")),
        (lambda: sold(("CARD", 3_000, 0), (CASH, 5_000, 0)), ("p0", CASH), ("p0", CASH)),
        (_second_is_cash, ("p0", None), ("p1", CASH)),
        # neither money that the guest got, nor a tip that was corrected away
        (_overpaid, None, ("p0", CASH)),
        (_tips_changed, None, ("p1", CASH)),
    ],
)
def test_a_typed_tip_means_a_payment_and_a_tender(
    desk: Callable[[], Desk], way: tuple[str, str | None] | None, means: tuple[str, str]
) -> None:
    one = desk()
    assert one.order.placed is not None
    chosen = None if way is None else _way(one, *way)
    right = right_tip(one.order, one.order.placed.data, Minor(300), chosen, HANDS)
    assert right == CorrectTip(uid(means[0]), Minor(300), means[1])


@pytest.mark.parametrize(
    ("desk", "way", "sentence"),
    [
        (_nothing_paid, None, "Nothing was paid for this sale."),
        (
            lambda: sold(("CARD", 3_000, 0), ("UPI", 5_000, 0)),
            None,
            "Tab to the payment whose tip is wrong. Then type it.",
        ),
        (
            lambda: sold((CASH, 2_000, 0), ("CARD", 3_500, 500), ("UPI", 3_500, 500)),
            ("p0", None),
            "Tab to the payment whose tip is wrong. Then type it.",
        ),
    ],
)
def test_a_typed_tip_without_a_payment_is_refused(
    desk: Callable[[], Desk], way: tuple[str, str | None] | None, sentence: str
) -> None:
    one = desk()
    assert one.order.placed is not None
    with pytest.raises(RefundError) as refused:
        right_tip(one.order, one.order.placed.data, Minor(300), None if way is None else _way(one, *way), HANDS)
    assert refused.value.sentence == sentence
