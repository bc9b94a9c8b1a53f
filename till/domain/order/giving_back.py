"""Decisions about a payment that goes back to where it came from: asked for once, heard of whenever that is known.

While nobody knows, the payment counts and its order waits: it may neither be paid anew nor be ended with it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from till.domain.errors import PaymentError
from till.domain.i18n import _
from till.domain.order.paying import check_taken
from till.domain.order.selling import event_of
from till.domain.order.state import AWAITED, PaymentState
from till.domain.payment.events import (
    PaymentReturnDeclined,
    PaymentReturnStarted,
    PaymentReturnUnknown,
    PaymentVoided,
)

if TYPE_CHECKING:
    from till.domain.events.envelope import Draft
    from till.domain.order.state import GivingBack, Order, Payment


def start_return(
    order: Order,
    payment_id: str,
    return_id: str,
    reference: tuple[str, str, str],
    till: int,
    manager: int | None = None,
) -> list[Draft]:
    """Write down that who took a payment is asked to give it back, before they hear of it.

    Args:
        order: as it stands.
        payment_id: which of its payments.
        return_id: the key under which it is asked for, however often it is asked after.
        reference: the place, the asker and the number that name it there.
        till: which asks.
        manager: who said yes, if one was asked.

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
        transaction="" if payment.settled_by is not None else payment.transaction,  # that is a slip, typed by hand
        approved_by=manager,
    )
    return [event_of(order, data)]


def approve_return(
    order: Order, payment: Payment, back: GivingBack, transaction: str = "", *, manager: int | None = None
) -> list[Draft]:
    """It went back, `transaction` names how; nothing where that is known."""
    if back.state is PaymentState.APPROVED:
        return []
    data = PaymentVoided(
        payment_id=payment.id,
        tender=payment.tender,
        amount=order.terms.currency.text(payment.amount),
        approved_by=manager,
        return_id=back.id,
        transaction=transaction,
    )
    return [event_of(order, data)]


def decline_return(
    order: Order, payment: Payment, back: GivingBack, reason: str, *, manager: int | None = None
) -> list[Draft]:
    """It did not go back and stands; nothing where it is known what became of it."""
    if back.state not in AWAITED:
        return []
    data = PaymentReturnDeclined(
        payment_id=payment.id,
        return_id=back.id,
        tender=payment.tender,
        amount=order.terms.currency.text(payment.amount),
        reason=reason,
        approved_by=manager,
    )
    return [event_of(order, data)]


def lose_return(order: Order, payment: Payment, back: GivingBack) -> list[Draft]:
    """Nobody can tell yet whether it went back; nothing where that is known."""
    if back.state is not PaymentState.STARTED:
        return []
    amount = order.terms.currency.text(payment.amount)
    data = PaymentReturnUnknown(payment_id=payment.id, return_id=back.id, tender=payment.tender, amount=amount)
    return [event_of(order, data)]


def settle_return(order: Order, payment: Payment, manager: int, *, given: bool) -> list[Draft]:
    """What a manager says of a payment that was to go back and has no answer: it went back, or it did not.

    Raises:
        PaymentError: it has its answer.
    """
    back = payment.going_back
    if back is None:
        raise PaymentError(_("That payment has its answer already."))
    if given:
        return approve_return(order, payment, back, manager=manager)
    return decline_return(order, payment, back, _("settled by hand: not given back"), manager=manager)
