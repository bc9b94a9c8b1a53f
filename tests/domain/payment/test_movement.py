"""One table of what answers make of money on its way, for each use of it: a payment, its return, a refund."""

from __future__ import annotations

from contextlib import nullcontext
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.domain.making import DOSA, START, fold_refunds
from tests.domain.order.test_charging import PAY, charged
from tests.domain.order.test_giving_back import ask, part
from tests.domain.refund.test_shares import _sold
from till.domain.errors import PaymentError
from till.domain.money.measures import Minor
from till.domain.order import charging
from till.domain.payment.movement import MoneyTransfer, PaymentState, Result, apply_result, is_news
from till.domain.structs import replace

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

A, D, U, V = PaymentState.APPROVED, PaymentState.DECLINED, PaymentState.UNKNOWN, PaymentState.VOIDED
HAND = 9
#: Answers in their order: a state from the provider, or one that a manager settles by hand.
Answered = tuple[PaymentState, int | None]
WENT, NOT, LOST = (A, None), (D, None), (U, None)
HAND_WENT, HAND_NOT = (A, HAND), (D, HAND)


def payment(answers: Sequence[Answered]) -> tuple[MoneyTransfer, int]:
    """A payment after these answers, and the number of them that changed it."""
    desk, written = charged(), 0
    for state, by in answers:
        drafts = charging.answer(desk.order, desk.order.payments[PAY], Result(state, by))
        written += len(drafts)
        desk.do(drafts)
    return desk.order.payments[PAY], written


def way_back(answers: Sequence[Answered]) -> tuple[MoneyTransfer, int]:
    """The return of a payment after these answers."""
    desk, written = part(), 0
    ask(desk)
    for state, by in answers:
        drafts = charging.answer(desk.order, desk.order.payments[PAY].returns[0], Result(state, by))
        written += len(drafts)
        desk.do(drafts)
    back = desk.order.payments[PAY].returns[0]
    assert (desk.order.payments[PAY].state is PaymentState.VOIDED) == (back.state is A)
    return back, written


def refund(answers: Sequence[Answered]) -> tuple[MoneyTransfer, int]:
    """A refund after these answers."""
    counter = _sold((DOSA, 1))
    refund_id, begun = counter.give(counter.back(r1=1)), len(counter.events)
    for state, by in answers:
        counter.answer(refund_id, state, by)
    return fold_refunds(counter.events)[refund_id], len(counter.events) - begun


@pytest.mark.parametrize("use", [payment, way_back, refund])
@pytest.mark.parametrize(
    ("answers", "state", "by", "late", "contradicted", "news"),
    [
        ([], PaymentState.STARTED, None, False, False, 0),
        ([LOST], U, None, False, False, 1),
        ([LOST, LOST], U, None, False, False, 1),
        ([WENT], A, None, False, False, 1),
        ([WENT, WENT], A, None, False, False, 1),
        ([NOT, NOT], D, None, False, False, 1),
        ([LOST, WENT, LOST], A, None, False, False, 2),
        ([LOST, NOT, LOST], D, None, False, False, 2),
        ([NOT, WENT], A, None, True, False, 2),
        ([NOT, WENT, WENT], A, None, True, False, 2),
        ([WENT, NOT], A, None, False, True, 2),
        ([WENT, NOT, NOT], A, None, False, True, 2),
        ([HAND_WENT], A, HAND, False, False, 1),
        ([HAND_NOT], D, HAND, False, False, 1),
        ([HAND_WENT, WENT], A, None, False, False, 2),
        ([HAND_WENT, WENT, WENT], A, None, False, False, 2),
        ([HAND_WENT, LOST], A, HAND, False, False, 1),
        ([HAND_NOT, NOT], D, HAND, False, False, 2),
        ([HAND_NOT, NOT, NOT], D, HAND, False, False, 2),
        ([HAND_WENT, NOT], A, HAND, False, True, 2),
        ([HAND_NOT, WENT], A, None, False, True, 2),
        ([HAND_WENT, NOT, WENT], A, None, False, True, 3),
        ([WENT, HAND_NOT], A, None, False, True, 2),
        ([WENT, HAND_WENT], A, None, False, False, 1),
        ([NOT, HAND_WENT], A, HAND, False, True, 2),
    ],
)
def test_answers_make_the_state_of_money_on_its_way(
    use: Callable[[Sequence[Answered]], tuple[MoneyTransfer, int]],
    answers: Sequence[Answered],
    state: PaymentState,
    by: int | None,
    late: bool,
    contradicted: bool,
    news: int,
) -> None:
    movement, written = use(answers)
    assert (movement.state, movement.settled_by) == (state, by)
    assert (movement.is_late, movement.is_contradicted, written) == (late, contradicted, news)


_STATES = (PaymentState.STARTED, U, PaymentState.AUTHORISED, D, A, PaymentState.VOIDED)
LATER = START + timedelta(minutes=5)


def moved(state: PaymentState, **more: Any) -> MoneyTransfer:
    return MoneyTransfer("m", "CARD", Minor(5_000), state, START, 1, **more)


@pytest.mark.parametrize("known", _STATES)
@pytest.mark.parametrize("result", _STATES)
def test_an_answer_replaces_a_weaker_one_with_all_that_it_says(known: PaymentState, result: PaymentState) -> None:
    before = moved(known, user=2, reference=("a", "b", "c"), transaction="T", reason="old")
    after = apply_result(before, Result(result, reason="new"), LATER)
    if _STATES.index(result) > _STATES.index(known):
        is_late = (known, result) == (D, A)
        expected = replace(before, state=result, reason="new", at=LATER, is_late=is_late)
    else:
        expected = replace(before, is_contradicted=(known, result) == (A, D))
    expected = replace(expected, is_answered=result in {A, D})
    assert after == expected
    assert is_news(before, Result(result, reason="new")) == (expected != before)


@pytest.mark.parametrize(
    ("known", "result", "after"),
    [
        # of two approvals the first counts, but the provider's replaces one by hand
        (moved(A), Result(A), moved(A)),
        (moved(A), Result(A, amount=Minor(5_000)), moved(A)),
        (moved(A), Result(A, amount=Minor(4_999)), moved(A, is_contradicted=True)),
        (moved(A), Result(A, amount=Minor(5_001)), moved(A, is_contradicted=True)),
        # a first answer contradicts none, whatever its amount
        (moved(U), Result(A, amount=Minor(4_999)), moved(A)),
        (moved(D), Result(A, amount=Minor(4_999)), moved(A, is_late=True)),
        (moved(A), Result(A, HAND, amount=Minor(4_999)), moved(A, is_contradicted=True)),
        (moved(A, settled_by=HAND), Result(A, amount=Minor(4_999)), moved(A, is_contradicted=True)),
        # the money was given back when its provider said that it had never come
        (moved(V, settled_by=HAND), Result(D), moved(V, settled_by=HAND, is_contradicted=True)),
        (moved(V, settled_by=HAND), Result(A), moved(V, settled_by=HAND)),
        (moved(A, settled_by=HAND), Result(A, 8), moved(A, settled_by=HAND)),
        (moved(A, is_late=True), Result(A), moved(A, is_late=True)),
        (moved(A, is_contradicted=True), Result(A), moved(A, is_contradicted=True)),
        # a decline of what the server approved
        (moved(A, is_revocable=True), Result(D, HAND), moved(D, settled_by=HAND)),
        (moved(D), Result(A, is_revocable=True), moved(D)),
        (moved(D, settled_by=HAND), Result(A, is_revocable=True), moved(D, settled_by=HAND)),
        (moved(U), Result(A, is_revocable=True), moved(A, is_revocable=True)),
        (moved(A, is_revocable=True), Result(A), moved(A, is_revocable=True)),
        (moved(A, is_revocable=True), Result(U), moved(A, is_revocable=True)),
    ],
)
def test_second_answers_of_one_kind_and_of_the_server(
    known: MoneyTransfer, result: Result, after: MoneyTransfer
) -> None:
    after = replace(after, is_answered=result.by is None and result.state in {A, D})
    assert apply_result(known, result, START) == after
    assert is_news(known, result) == (after != known)


@pytest.mark.parametrize(
    ("reference", "is_asked"),
    [(("", "", ""), False), (("V1", "", ""), True), (("", "till-1", ""), True), (("", "", "0414"), True)],
)
def test_money_with_a_reference_is_asked_of_its_provider(reference: tuple[str, str, str], *, is_asked: bool) -> None:
    assert moved(U, reference=reference).is_asked_elsewhere is is_asked


@pytest.mark.parametrize("state", _STATES)
def test_money_is_settled_by_hand_until_it_has_a_final_answer(state: PaymentState) -> None:
    is_open = state in {PaymentState.STARTED, U, PaymentState.AUTHORISED}
    assert moved(state).is_open is is_open
    with nullcontext() if is_open else pytest.raises(PaymentError, match="already has its answer"):
        moved(state).check_open()


@pytest.mark.parametrize("by", [None, HAND])
@pytest.mark.parametrize("is_first", [True, False])
def test_a_decline_by_a_till_outweighs_an_approval_that_the_server_revokes(by: int | None, is_first: bool) -> None:
    """The server releases the money as it hears the decline, so that approval never pays for an order."""
    answers = [Result(A, is_revocable=True), Result(D, by)]
    movement: MoneyTransfer = charged().order.payments[PAY]
    for result in answers if is_first else reversed(answers):
        movement = apply_result(movement, result, movement.at)
    assert (movement.state, movement.is_late, movement.is_contradicted) == (D, False, False)
