"""The return of a payment by the person who took it: records of one till or of two are about one payment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.domain.making import Desk, Hand, folded, uid
from tests.domain.order.test_charging import PAY, SENT, approve, charged, hear
from till.domain.errors import PaymentError
from till.domain.money.measures import Minor
from till.domain.order import charging, paying
from till.domain.order.evolve import apply
from till.domain.order.paying import CASH, Tendered
from till.domain.order.snapshot import snapshot
from till.domain.order.state import Tab
from till.domain.payment.events import (
    PaymentApproved,
    PaymentReturnDeclined,
    PaymentReturnStarted,
    PaymentReturnUnknown,
    PaymentStarted,
    PaymentVoided,
)
from till.domain.payment.movement import PaymentState, Result

if TYPE_CHECKING:
    import random

    from till.domain.events.envelope import Draft
    from till.domain.events.registry import EventData

BACK, AGAIN = uid("back"), uid("again")
_BACK: dict[str, Any] = {"payment_id": PAY, "tender": "CARD", "amount": "50.00"}
WORDS: dict[str, EventData] = {
    "asked": PaymentReturnStarted(**_BACK, return_id=BACK, number="0414"),
    "unknown": PaymentReturnUnknown(**_BACK, return_id=BACK),
    "declined": PaymentReturnDeclined(**_BACK, return_id=BACK),
    "gone": PaymentVoided(**_BACK, return_id=BACK),
    "asked again": PaymentReturnStarted(**_BACK, return_id=AGAIN),
    "declined again": PaymentReturnDeclined(**_BACK, return_id=AGAIN),
    "gone again": PaymentVoided(**_BACK, return_id=AGAIN),
    "by hand": PaymentVoided(**_BACK, approved_by=9),
}


def part(amount: int = 5_000) -> Desk:
    """An order of 120.00 of which a terminal took 50.00."""
    desk = charged(amount)
    approve(desk, amount)
    return desk


def ask(desk: Desk, return_id: str = BACK) -> None:
    desk.do(charging.start_return(desk.order, PAY, return_id, SENT, 1))


def hear_back(desk: Desk, state: PaymentState, **more: Any) -> list[Draft]:
    """Return the events that an answer to the newest request to return the payment writes."""
    return charging.answer(desk.order, desk.order.payments[PAY].returns[-1], Result(state, **more))


def test_return_names_the_terminal_payment_while_the_order_waits() -> None:
    desk = part()
    [draft] = charging.start_return(desk.order, PAY, BACK, SENT, 1, 9)
    assert draft.data == PaymentReturnStarted(
        payment_id=PAY, return_id=BACK, tender="CARD", amount="50.00", place=SENT[0], asker=SENT[1], number=SENT[2],
        transaction="T-1", approved_by=9,
    )  # fmt: skip
    ask(desk)
    order = desk.order
    assert order.pending_payment is order.payments[PAY]
    assert (order.paid, order.due, paying.is_settled(order)) == (5_000, 7_000, False)
    assert snapshot(order, 0)["intent"]["status"] == "completed"
    with pytest.raises(PaymentError, match="A payment is under way"):
        paying.start_payment(order, uid("cash"), Tendered(CASH, Minor(7_000)))
    with pytest.raises(PaymentError, match="A payment is under way"):
        paying.give_back(order, PAY, 1, manager=9)
    with pytest.raises(PaymentError, match="A payment is under way"):
        charging.start_return(order, PAY, AGAIN, SENT, 1)
    assert charging.save_unanswered(order, Tab(uid("tab"), "window"))


def test_tip_goes_back_with_its_payment() -> None:
    desk = charged(13_000, 1_000)
    approve(desk, 13_000, 1_000)
    [draft] = charging.start_return(desk.order, PAY, BACK, SENT, 1)
    assert isinstance(draft.data, PaymentReturnStarted)
    assert draft.data.amount == "130.00"


def test_a_slip_that_a_manager_typed_is_no_transaction() -> None:
    desk = charged(5_000)
    desk.do(hear(desk, PaymentState.APPROVED, by=9, transaction="4711"))
    ask(desk)
    assert desk.order.payments[PAY].returns[0].transaction == ""


@pytest.mark.parametrize(
    ("answers", "paid", "waits", "twice"),
    [
        (["asked"], 5_000, True, False),
        (["asked", "unknown"], 5_000, True, False),
        (["asked", "unknown", "declined"], 5_000, False, False),
        (["asked", "declined", "unknown"], 5_000, False, False),
        (["asked", "declined", "asked again"], 5_000, True, False),
        (["asked", "gone"], 0, False, False),
        (["asked", "gone", "gone"], 0, False, False),  # both tills heard it
        (["asked", "declined", "gone"], 0, False, False),
        (["asked", "gone", "declined"], 0, False, False),
        (["asked", "declined", "by hand"], 0, False, False),
        (["asked", "declined", "by hand", "gone"], 0, False, True),
        (["asked", "asked again", "gone", "gone again"], 0, False, True),
        (["asked", "gone", "by hand", "gone"], 0, False, True),  # a third record says nothing new
        (["asked", "asked again", "gone", "declined again"], 0, False, False),
    ],
)
def test_answers_to_a_refund_make_its_state(answers: list[str], paid: int, *, waits: bool, twice: bool) -> None:
    desk = part()
    for word in answers:
        desk.do_one(WORDS[word])
    payment = desk.order.payments[PAY]
    assert (desk.order.paid, payment.is_awaited, payment.is_back_twice) == (paid, waits, twice)
    assert payment.state is (PaymentState.APPROVED if paid else PaymentState.VOIDED)
    asked = [known for word, known in (("asked", BACK), ("asked again", AGAIN)) if word in answers]
    assert [one.id for one in payment.returns] == asked


def test_answers_are_written_once_and_a_manager_settles_what_has_none() -> None:
    desk = part()
    ask(desk)
    desk.do(hear_back(desk, PaymentState.UNKNOWN))
    assert desk.order.payments[PAY].returns[0].state is PaymentState.UNKNOWN
    assert hear_back(desk, PaymentState.UNKNOWN) == []
    desk.do(hear_back(desk, PaymentState.DECLINED, by=9, reason="nothing went back"))
    [back] = desk.order.payments[PAY].returns
    assert (back.reason, desk.order.paid) == ("nothing went back", 5_000)
    desk.do(hear_back(desk, PaymentState.DECLINED))
    assert hear_back(desk, PaymentState.DECLINED) == []
    [back] = desk.order.payments[PAY].returns
    assert (back.state, back.settled_by, back.is_answered) == (PaymentState.DECLINED, 9, True)
    with pytest.raises(PaymentError, match="has its answer"):
        back.check_open()
    ask(desk, AGAIN)
    desk.do(hear_back(desk, PaymentState.APPROVED, by=9))
    payment = desk.order.payments[PAY]
    assert (payment.state, payment.back_by, desk.order.paid) == (PaymentState.VOIDED, AGAIN, 0)
    assert hear_back(desk, PaymentState.APPROVED, by=9) == []


@given(st.lists(st.tuples(st.booleans(), st.sampled_from(list(WORDS))), max_size=6), st.randoms())
def test_two_tills_that_heard_of_it_fold_to_one(answers: list[tuple[bool, str]], chance: random.Random) -> None:
    one, two = Hand(till=1), Hand(till=2, user=2)
    started = PaymentStarted(payment_id=PAY, tender="CARD", amount="50.00", key=PAY, number="0413")
    approved = PaymentApproved(payment_id=PAY, tender="CARD", amount="50.00", tendered="50.00", change="0.00")
    events = [one.opened(), one.added("a", 3), one.make(started), one.make(approved)]
    two.knows(*events)
    events.append(two.took())
    for first, word in answers:
        hand = one if first else two
        if chance.random() < 0.5:
            hand.after = events[-1].id
        events.append(hand.make(WORDS[word]))
    straight = folded(*events)
    shuffled = list(events)
    chance.shuffle(shuffled)
    assert folded(*shuffled, *shuffled[:2]) == straight
    stepped = None
    for event in sorted(events, key=lambda event: event.id):
        stepped = apply(stepped, event)
    assert stepped == straight
    [payment] = straight.payments.values()
    gone = any(word in {"gone", "gone again", "by hand"} for _first, word in answers)
    assert (payment.state is PaymentState.VOIDED) == gone
