"""Decisions about payments that somebody else answers for: asked once, answered at any time (design §11).

A payment is started on its order, and so is giving it back. The answer counts whatever the state of the order is by
then. This module asks nobody: that is the tender's part.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from till.domain.errors import PaymentError
from till.domain.i18n import _
from till.domain.money.measures import NOTHING, Minor
from till.domain.order.paying import Tendered, check_items, check_taken, due_in, start_payment
from till.domain.order.selling import event_of
from till.domain.order.state import Return, Status
from till.domain.order.suspension import on_tab
from till.domain.payment.cards import card_of
from till.domain.payment.events import (
    PaymentApproved,
    PaymentAuthorised,
    PaymentDeclined,
    PaymentReturnDeclined,
    PaymentReturnStarted,
    PaymentReturnUnknown,
    PaymentUnknown,
    PaymentVoided,
    SlipKept,
)
from till.domain.payment.movement import PaymentState, is_news
from till.domain.payment.slips import MOST, texts_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from till.domain.events.envelope import Draft
    from till.domain.events.registry import OrderEvent
    from till.domain.order.state import Order, Payment, Tab
    from till.domain.payment.movement import Result


def start_charge(
    order: Order,
    payment_id: str,
    asked: Tendered,
    reference: tuple[str, str, str],
    money: Callable[[Minor], str] | None = None,
) -> list[Draft]:
    """Record a charge, and how to ask about it later, before it is asked for.

    Args:
        order: the order.
        payment_id: the key of the charge, however often it is asked for.
        asked: the amount, and the tip in it.
        reference: the place, the asker and the number of the charge there.
        money: formats an amount for the reader of a refusal.

    Raises:
        PaymentError: nothing is due, or less than is asked for; or the pieces have another amount; or another payment
            is under way.
    """
    result, due = money or order.terms.currency.money, due_in(order, asked.tender)
    settles, items = asked.amount - asked.tip, check_items(order, asked, result)
    due = due if items is None else min(due, items)
    if asked.tip < 0 or settles <= 0 or due <= 0:
        sentence = _("{given} does not count towards the {due} due.")
        raise PaymentError(sentence.format(given=result(asked.amount), due=result(due)))
    if settles > due:
        raise PaymentError(_("That is more than the {due} due.").format(due=result(due)))
    return start_payment(order, payment_id, asked, reference)


def start_return(
    order: Order,
    payment_id: str,
    return_id: str,
    reference: tuple[str, str, str],
    till: int,
    manager: int | None = None,
) -> list[Draft]:
    """Record that the taker of a payment is asked to give it back, before it is asked.

    Until the answer the payment counts and its order waits: it may neither be paid anew nor end with this payment.

    Args:
        order: the order.
        payment_id: the payment.
        return_id: the key of the return, however often it is asked after.
        reference: the place, the asker and the number of the return there.
        till: the till that asks.
        manager: the manager who approved, if one was asked.

    Raises:
        TillError: it may not be given back (`check_taken`).
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
        transaction="" if payment.settled_by is not None else payment.transaction,  # that number is typed, of a slip
        approved_by=manager,
    )
    return [event_of(order, data)]


def answer(order: Order, known: Payment | Return, result: Result, drawer: int | None = None) -> list[Draft]:
    """Record the outcome of a payment, or of its return; nothing if it is known.

    `drawer` is the till whose drawer the money went into; None if it went into none.
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


def _of_return(order: Order, back: Return, result: Result) -> OrderEvent:
    amount = order.terms.currency.text(back.amount)
    named: dict[str, Any] = {
        "payment_id": back.payment_id,
        "return_id": back.id,
        "tender": back.tender,
        "amount": amount,
    }
    if result.state is PaymentState.APPROVED:
        return PaymentVoided(**named, transaction=result.transaction, approved_by=result.by)
    if result.state is PaymentState.DECLINED:
        return PaymentReturnDeclined(**named, reason=result.reason, approved_by=result.by)
    return PaymentReturnUnknown(**named)


def _tip_in(payment: Payment, amount: Minor, given: Minor) -> Minor:
    """Return the tip in an amount that was taken.

    The amount covers what is due first, then the tip that was asked for, then a tip `given` at the terminal.
    """
    due = payment.asked or NOTHING
    own = max(0, min(payment.tip, amount - due))
    beyond = max(0, amount - due - payment.tip)
    return Minor(min(amount, max(given, own + min(given, beyond))))


def keep_slips(
    order: Order, payment_id: str, slips: Sequence[tuple[Sequence[str], bool, bool]], refund_id: str | None = None
) -> list[Draft]:
    """Keep the slips of a payment, bounded and without escapes.

    Args:
        order: the order.
        payment_id: the payment that they are about.
        slips: for each its lines, True if it is for the guest, and True if the guest signs it.
        refund_id: the refund that gave money of the payment back, if they are about one.
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


def keep_until_known(order: Order, tab: Tab) -> list[Draft]:
    """Put an order on a tab while the outcome of its payment is unknown: the answer finds it there.

    Raises:
        PaymentError: no payment of it is awaited.
    """
    if order.pending_payment is None or order.status is not Status.ACTIVE:
        raise PaymentError(_("No payment is waiting here."))
    return [on_tab(order, tab)]
