"""Decisions about payments that a provider approves: requested once, answered at any time (ADR 0043).

A payment or its return is recorded on the order first. The answer counts, whatever the status of the order is by then.
This module contacts no provider; the tender does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from till.domain.errors import PaymentError
from till.domain.i18n import _
from till.domain.money.measures import NOTHING, Minor
from till.domain.order.deciding import event_of
from till.domain.order.paying import Tendered, check_asked, check_items, check_taken, due_in, start_payment
from till.domain.order.state import Return, Status
from till.domain.order.suspension import on_tab
from till.domain.payment.cards import card_of
from till.domain.payment.events import (
    PaymentApproved,
    PaymentAuthorised,
    PaymentConfirmed,
    PaymentDeclined,
    PaymentReturnDeclined,
    PaymentReturnStarted,
    PaymentReturnUnknown,
    PaymentUnknown,
    PaymentVoided,
    SlipKept,
)
from till.domain.payment.movement import PaymentState, confirms, is_news
from till.domain.payment.slips import MOST, texts_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from till.domain.events.envelope import Draft
    from till.domain.events.registry import EventData, OrderEvent
    from till.domain.order.state import Order, Payment, Tab
    from till.domain.payment.movement import Result

#: The answers to a payment that end it: `warm.kinds_answering` in SQL.
ANSWERING: Final[frozenset[type[EventData]]] = frozenset({PaymentApproved, PaymentDeclined, PaymentVoided})


def start_charge(
    order: Order,
    payment_id: str,
    asked: Tendered,
    reference: tuple[str, str, str],
    money: Callable[[Minor], str] | None = None,
) -> list[Draft]:
    """Record a charge and its reference before it is requested.

    Args:
        order: the order.
        payment_id: the idempotency key of the charge.
        asked: the amount, including the tip.
        reference: the place, the asker and the number of the charge at its provider.
        money: formats an amount for an error message.
    """
    format_money, due = money or order.terms.currency.money, due_in(order, asked.tender)
    items = check_items(order, asked, format_money)
    check_asked(asked.amount, asked.tip, due if items is None else min(due, items), format_money)
    return start_payment(order, payment_id, asked, reference)


def start_return(
    order: Order,
    payment_id: str,
    return_id: str,
    reference: tuple[str, str, str],
    till: int,
    manager: int | None = None,
) -> list[Draft]:
    """Record the return of a payment before it is requested from the provider.

    Until the answer, the payment counts, and the order can neither take another payment nor end.

    Args:
        order: the order.
        payment_id: the payment.
        return_id: the idempotency key of the return.
        reference: the place, the asker and the number of the return at its provider.
        till: the till that requests it.
        manager: the manager who approved it; None if no approval was needed.
    """
    payment = check_taken(order, payment_id, till)
    place, asker, number = reference
    data = PaymentReturnStarted(
        payment_id=payment.id,
        return_id=return_id,
        tender=payment.tender,
        amount=order.terms.currency.text(payment.amount),
        place=place,
        asker=asker,
        number=number,
        transaction=payment.provider_transaction,
        approved_by=manager,
    )
    return [event_of(order, data)]


def answer(order: Order, known: Payment | Return, result: Result, drawer: int | None = None) -> list[Draft]:
    """Record the outcome of a payment or its return; no event if the outcome is already known.

    `drawer` is the till whose drawer received the money; None if no drawer did.
    """
    if not is_news(known, result):
        return []
    if isinstance(known, Return):
        return [event_of(order, _of_return(order, known, result))]
    return [event_of(order, _of_payment(order, known, result, drawer))]


def _of_payment(order: Order, payment: Payment, result: Result, drawer: int | None) -> OrderEvent:
    text = order.terms.currency.text
    named: dict[str, Any] = {"payment_id": payment.id, "tender": payment.tender}
    asked = text(payment.amount)
    if confirms(payment, result):
        return PaymentConfirmed(**named, amount=asked, transaction=result.transaction, card=card_of(*result.card))
    if result.state is PaymentState.DECLINED:
        return PaymentDeclined(**named, amount=asked, reason=result.reason, approved_by=result.by)
    if result.state is PaymentState.UNKNOWN:
        return PaymentUnknown(**named, amount=asked)
    if result.state is PaymentState.AUTHORISED:
        return PaymentAuthorised(**named, amount=asked, transaction=result.transaction)
    amount = payment.amount if result.amount is None else result.amount
    tip = _tip_in(payment, amount, result.tip)
    return PaymentApproved(
        **named,
        amount=text(amount),
        tendered=text(amount),
        change=text(NOTHING),
        tip=text(tip) if tip else "0",
        transaction=result.transaction,
        card=card_of(*result.card),
        drawer=drawer,
        approved_by=result.by,
    )


def _of_return(order: Order, payment_return: Return, result: Result) -> OrderEvent:
    amount = order.terms.currency.text(payment_return.amount)
    named: dict[str, Any] = {
        "payment_id": payment_return.payment_id,
        "return_id": payment_return.id,
        "tender": payment_return.tender,
        "amount": amount,
    }
    if confirms(payment_return, result):
        return PaymentConfirmed(**named, transaction=result.transaction)
    if result.state is PaymentState.APPROVED:
        return PaymentVoided(**named, transaction=result.transaction, approved_by=result.by)
    if result.state is PaymentState.DECLINED:
        return PaymentReturnDeclined(**named, reason=result.reason, approved_by=result.by)
    return PaymentReturnUnknown(**named)


def _tip_in(payment: Payment, amount: Minor, given: Minor) -> Minor:
    """Return the tip contained in an amount that was taken.

    The amount covers the amount due first, then the tip asked for, then a tip `given` at the terminal, which is a tip
    in any case.
    """
    due = payment.asked or NOTHING
    own = max(0, min(payment.tip, amount - due))
    excess = max(0, amount - due - payment.tip)
    return Minor(min(amount, max(given, own + min(given, excess))))


def keep_slips(
    order: Order, payment_id: str, slips: Sequence[tuple[Sequence[str], bool, bool]], refund_id: str | None = None
) -> list[Draft]:
    """Record the slips of a payment, limited in length and without escape sequences.

    Args:
        order: the order.
        payment_id: the payment of the slips.
        slips: for each slip: its lines, True if it is for the guest, and True if the guest signs it.
        refund_id: the refund of the payment; None if the slips are about the payment itself.
    """
    kept = [(texts_of(lines), for_guest, signed) for lines, for_guest, signed in slips if any(map(str.strip, lines))]
    return [
        event_of(
            order,
            SlipKept(
                payment_id=payment_id,
                refund_id=refund_id,
                for_guest=for_guest,
                to_be_signed=signed,
                text=texts[0],
                text_2=texts[1],
                text_3=texts[2],
            ),
        )
        for texts, for_guest, signed in kept[:MOST]
    ]


def save_unanswered(order: Order, tab: Tab) -> list[Draft]:
    """Save an order to a tab while its payment has no answer. The answer is applied there."""
    if order.pending_payment is None or order.status is not Status.ACTIVE:
        raise PaymentError(_("No payment is waiting here."))
    return [on_tab(order, tab)]
