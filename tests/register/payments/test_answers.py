"""Answers of a tender, and the result that each of them has for the charge or the return that was asked for."""

from __future__ import annotations

from typing import Any

import pytest

from tests.register.payments.scripted import TERMINAL, Terminal
from till.domain.money.measures import Minor
from till.domain.payment.movement import PaymentState, Result
from till.domain.structs import replace
from till.ports import Charge, ChargeAnswer, ChargeReference, Outcome
from till.register.payments.asking import ChargeProgress

ASKED = 8_000
#: The most that a terminal may add to the amount asked for: ten million rupees.
MOST = ASKED + 1_000_000_000
A, D, H, U = Outcome.APPROVED, Outcome.DECLINED, Outcome.AUTHORISED, Outcome.UNKNOWN
LOST = Result(PaymentState.UNKNOWN)


def progress(*, back: bool = False, needs_server: bool = False) -> ChargeProgress:
    """Return a charge of 80.00, or the return of such a payment."""
    return ChargeProgress(
        use=None,  # type: ignore[arg-type]
        stream="order",
        payment_id="payment",
        charge=Charge(
            key="return" if back else "payment", amount=Minor(ASKED), currency="INR", reference=ChargeReference()
        ),
        tender=Terminal(traits=replace(TERMINAL, needs_server=needs_server)),
    )


def taken(amount: int, tip: int = 0) -> Result:
    return Result(PaymentState.APPROVED, amount=Minor(amount), tip=Minor(tip), transaction="T-1", card=("VISA", "4821"))


@pytest.mark.parametrize(
    ("outcome", "amount", "tip", "of_charge", "of_return"),
    [
        (A, ASKED, 0, taken(ASKED), taken(ASKED)),
        # a charge is of the amount that the terminal took, a return of the whole payment alone
        (A, ASKED - 1, 0, taken(ASKED - 1), LOST),
        (A, ASKED + 1, 0, taken(ASKED + 1), LOST),
        (A, 1, 0, taken(1), LOST),
        (A, 0, 0, LOST, LOST),
        (A, -ASKED, 0, LOST, LOST),
        (A, MOST, 0, taken(MOST), LOST),
        (A, MOST + 1, 0, LOST, LOST),
        # a tip is a part of the amount
        (A, 9_000, 1_000, taken(9_000, 1_000), LOST),
        (A, 18_000, 10_000, taken(18_000, 10_000), LOST),
        (A, 9_000, 9_001, LOST, LOST),
        (A, 9_000, -1, LOST, LOST),
        (D, 0, 0, Result(PaymentState.DECLINED, reason="no cover"), Result(PaymentState.DECLINED, reason="no cover")),
        (H, ASKED, 0, Result(PaymentState.AUTHORISED, transaction="T-1"), LOST),
        (U, ASKED, 0, LOST, LOST),
    ],
)
def test_an_answer_counts_only_as_far_as_it_can_be_right(
    outcome: Outcome, amount: int, tip: int, of_charge: Result, of_return: Result
) -> None:
    facts: dict[str, Any] = {"transaction": "T-1", "card": ("VISA", "4821"), "words": "no cover"}
    answer = ChargeAnswer(key="", outcome=outcome, amount=Minor(amount), tip=Minor(tip), **facts)
    assert progress().meaning(answer) == of_charge
    assert progress(back=True).meaning(answer) == of_return


@pytest.mark.parametrize("needs_server", [True, False])
def test_only_an_approval_of_the_server_is_released_by_a_later_decline(*, needs_server: bool) -> None:
    answer = ChargeAnswer(key="payment", outcome=A, amount=Minor(ASKED))
    assert progress(needs_server=needs_server).meaning(answer).is_revocable == needs_server
