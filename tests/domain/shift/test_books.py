"""The sums of a shift where a payment is answered twice, goes back late, or is listed elsewhere."""

from __future__ import annotations

from functools import partial
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from till.domain.money.amount import Currency
from till.domain.money.measures import Minor
from till.domain.order.events import OrderPlaced, PlacedPayment
from till.domain.payment.events import PaymentApproved, PaymentVoided, TipCorrected
from till.domain.refund.events import RefundApproved
from till.domain.shift.books import ShiftTotals
from till.domain.shift.events import CashMoved, DrawerCorrected, MovementUndone, ShiftOpened
from till.domain.structs import replace

if TYPE_CHECKING:
    from collections.abc import Callable

    from till.domain.events.registry import EventData

A, B = "0197a000-0000-7000-8000-00000000000a", "0197a000-0000-7000-8000-00000000000b"


def _approved(amount: str, tip: str = "0", by: int | None = None, payment_id: str = A) -> PaymentApproved:
    one: dict[str, Any] = {"payment_id": payment_id, "amount": amount, "tendered": amount, "change": "0"}
    return PaymentApproved(tender="TERMINAL", tip=tip, approved_by=by, **one)


def _voided(amount: str, payment_id: str = A) -> PaymentVoided:
    return PaymentVoided(payment_id=payment_id, tender="TERMINAL", amount=amount)


def _sold(*payments: tuple[str, str, str], total: str = "10.00") -> OrderPlaced:
    listed = tuple(
        PlacedPayment(payment_id=payment_id, tender="TERMINAL", amount=amount, change="0", tip=tip)
        for payment_id, amount, tip in payments
    )
    texts: dict[str, Any] = dict.fromkeys(("order_type", "payment_method"), "x")
    texts |= dict.fromkeys(("tax", "rounding"), "0.00")
    money: dict[str, Any] = {
        "net": total,
        "total": total,
        "currency": "EUR",
        "receipt": "1",
        "business_date": "2026-03-03",
    }
    return OrderPlaced(order_id=B, lines=(), payments=listed, **money, **texts)


def _books(*happened: EventData, kept: tuple[str, ...] = ("CASH", "MEAL")) -> ShiftTotals:
    books = ShiftTotals(Currency("EUR"), {"CASH": Minor(0)})
    opened = ShiftOpened(business_date="2026-03-03", currency="EUR", kept=kept)
    for place, data in enumerate((opened, *happened)):
        event: Any = SimpleNamespace(data=data, id=f"event {place}", stream_id="order")
        books.add(event)
    return books


@pytest.mark.parametrize(
    ("happened", "amount", "tips", "ahead", "used"),
    [
        pytest.param([_approved("10.00"), _sold((A, "10.00", "0"))], "10.00", "0.00", "0.00", "0.00", id="sold"),
        pytest.param([_approved("10.00", "1.00")], "10.00", "1.00", "9.00", "0.00", id="ahead"),
        pytest.param([_approved("10.00"), _voided("10.00")], "0.00", "0.00", "0.00", "0.00", id="back"),
        pytest.param([_voided("10.00")], "-10.00", "0.00", "-10.00", "0.00", id="back in the next shift"),
        pytest.param([_sold((A, "10.00", "0"))], "0.00", "0.00", "0.00", "10.00", id="used"),
        pytest.param(
            [_approved("10.00"), _sold((A, "10.00", "0")), _voided("10.00")],
            *("0.00", "0.00", "-10.00", "0.00"),
            id="back after its sale",
        ),
        pytest.param(
            [_sold((A, "10.00", "0")), _voided("10.00")], "-10.00", "0.00", "-10.00", "10.00", id="used, then back"
        ),
        pytest.param(
            [_approved("10.00", by=9), _sold((A, "10.00", "0")), _approved("11.50", "1.00")],
            *("11.50", "1.00", "0.50", "0.00"),
            id="by hand, sold, then another amount by the provider",
        ),
        pytest.param(
            [_sold((A, "10.00", "0")), _approved("10.00")], "10.00", "0.00", "0.00", "0.00", id="sold, then heard"
        ),
        pytest.param(
            [_approved("10.00"), _approved("12.00")], "10.00", "0.00", "10.00", "0.00", id="two by the provider"
        ),
        pytest.param(
            [_approved("10.00", by=9), _approved("12.00", by=9)], "10.00", "0.00", "10.00", "0.00", id="two by hand"
        ),
        pytest.param(
            [_approved("10.00"), _voided("10.00"), _voided("10.00")],
            *("-10.00", "0.00", "-10.00", "0.00"),
            id="back twice",
        ),
        pytest.param(
            [_approved("10.00"), _sold((A, "10.00", "0")), _sold((A, "10.00", "0"))],
            *("10.00", "0.00", "0.00", "10.00"),
            id="listed by two sales",
        ),
    ],
)
def test_tenders_are_sales_with_what_is_ahead_less_what_is_used(
    happened: list[EventData], amount: str, tips: str, ahead: str, used: str
) -> None:
    sums = _books(*happened).sums()
    assert (sums.tips, sums.taken_ahead, sums.used) == (tips, ahead, used)
    minor = Currency("EUR").minor
    tenders = sum(minor(one.amount) for one in sums.tenders)
    assert tenders == minor(amount)
    assert tenders == minor(sums.sales.gross) + minor(tips) + minor(ahead) - minor(used)


#: Events that move money, each with what it moves in a drawer that keeps both tenders.
MOVES: dict[str, tuple[Callable[..., EventData], dict[str, int]]] = {
    "payment": (
        partial(PaymentApproved, payment_id=A, tender="MEAL", amount="8.00", tendered="10.00", change="2.00"),
        {"CASH": -200, "MEAL": 1_000},
    ),
    "given back": (
        partial(PaymentVoided, payment_id=A, tender="MEAL", amount="8.00", change="2.00"),
        {"CASH": 200, "MEAL": -1_000},
    ),
    "refund": (
        partial(RefundApproved, session_id=B, receipt="1", tender="MEAL", amount="-8.00"),
        {"MEAL": -800},
    ),
    "tip corrected": (
        partial(TipCorrected, order_id=B, payment_id=A, was="2.00", tip="0.50", returned="1.50", tender="MEAL"),
        {"MEAL": -150},
    ),
}


@pytest.mark.parametrize("what", MOVES)
def test_money_moves_what_a_drawer_keeps_and_nothing_if_it_was_in_no_drawer(what: str) -> None:
    make, moves = MOVES[what]

    def moved(*kept: str, drawer: int | None = 1) -> dict[str, int]:
        balance = _books(make(drawer=drawer), kept=kept).balance.now
        return {tender: amount for tender, amount in balance.items() if amount}

    for kept in ((), ("CASH",), ("MEAL",), ("CASH", "MEAL")):
        assert moved(*kept) == {tender: amount for tender, amount in moves.items() if tender in kept}
    assert moved("CASH", "MEAL", drawer=None) == {}


def test_an_answer_of_the_provider_moves_the_drawer_in_place_of_one_by_hand() -> None:
    answer = PaymentApproved(payment_id=A, tender="CARD", amount="8.00", tendered="10.00", change="2.00", drawer=1)
    by_hand = replace(answer, approved_by=9)
    for answers in ((by_hand, answer), (answer, by_hand), (by_hand, by_hand)):
        assert _books(*answers).balance.now["CASH"] == -200


@pytest.mark.parametrize(
    ("was", "tender", "balance"),
    [
        ("MEAL", "CASH", {"CASH": 800, "MEAL": 0}),
        ("CASH", "MEAL", {"CASH": -200, "MEAL": 1_000}),
        ("CASH", "CARD", {"CASH": 0}),
    ],
)
def test_a_correction_within_the_drawer_moves_what_was_handed_over(
    was: str, tender: str, balance: dict[str, int]
) -> None:
    paid = PaymentApproved(payment_id=A, tender=was, amount="8.00", tendered="10.00", change="2.00", drawer=1)
    one: dict[str, Any] = {"correction": "event 9", "payment_id": A, "amount": "8.00", "currency": "EUR"}
    corrected = DrawerCorrected(was=was, tender=tender, **one)
    assert _books(paid, corrected).balance.now == balance


def test_a_movement_of_another_shift_that_is_undone_moves_nothing() -> None:
    moved = CashMoved(kind="paid_out", amount="-5.00", currency="EUR", reason="milk")
    elsewhere = MovementUndone(event="an event of another shift")
    assert _books(moved, elsewhere).sums() == _books(moved).sums()
    assert _books(elsewhere, moved, elsewhere).balance.now == {"CASH": -500}
