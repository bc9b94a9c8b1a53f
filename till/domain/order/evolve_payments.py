"""The fold of payments: one payment for each id, even if several tills recorded it or got different answers.

Every till applies the events in the order of their ids. `till.domain.payment.movement` decides the effect of an answer
on a payment or its return.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from till.domain.events.envelope import SERVER
from till.domain.money.measures import NOTHING, Minor
from till.domain.order.state import Payment, Return
from till.domain.payment import events as paid
from till.domain.payment.movement import PaymentState, Result, apply_result, confirm_movement, counts
from till.domain.structs import replace

if TYPE_CHECKING:
    from till.domain.events.envelope import Event
    from till.domain.order.state import Order

#: Answers to the return of a payment: declined, or outcome unknown.
StillHere = paid.PaymentReturnDeclined | paid.PaymentReturnUnknown
#: Answers to a charge, or to its return.
Answers = (
    paid.PaymentApproved
    | paid.PaymentDeclined
    | paid.PaymentConfirmed
    | paid.PaymentUnknown
    | paid.PaymentAuthorised
    | StillHere
)
#: Events about money. An order cannot be paid while one of them is unreadable.
Money = paid.PaymentStarted | paid.PaymentReturnStarted | Answers | paid.PaymentVoided


def _known(order: Order, event: Event, data: Money, state: PaymentState) -> Payment:
    """Return the payment of an event, or a new one in `state` if this is its first event."""
    known = order.payments.get(data.payment_id)
    if known is not None:
        return known
    amount = order.terms.currency.minor(data.amount)
    return Payment(
        id=data.payment_id,
        tender=data.tender,
        amount=amount,
        state=state,
        at=event.at,
        till=event.by_till,
        user=event.user,
        tendered=amount,
    )


def _with(order: Order, payment: Payment) -> Order:
    return replace(order, payments={**order.payments, payment.id: _bounded(payment)})


def _bounded(payment: Payment) -> Payment:
    """Return the payment with `over` set to the amount taken beyond the amount asked for, without the tip."""
    excess = NOTHING
    if payment.asked is not None and payment.state is PaymentState.APPROVED:
        rest = payment.amount - payment.tip
        excess = Minor(max(0, rest - payment.asked) if payment.asked >= 0 else min(0, rest - payment.asked))
    return payment if payment.over == excess else replace(payment, over=excess)


def payment_started(order: Order, event: Event, data: paid.PaymentStarted) -> Order:
    """Record the amount asked for and the reference of the charge. The answer may have arrived first."""
    minor = order.terms.currency.minor
    payment = _known(order, event, data, PaymentState.STARTED)
    if payment.started_at is not None:
        return order
    tip = minor(data.tip)
    asked = Minor(minor(data.amount) - tip)
    return _with(
        order,
        replace(
            payment,
            asked=asked,
            tip_asked=tip,
            tip=tip if payment.is_open else payment.tip,
            reference=(data.place, data.asker, data.number),
            started_at=event.at,
            pieces=data.pieces,
        ),
    )


def payment_approved(order: Order, event: Event, data: paid.PaymentApproved) -> Order:
    """Apply an approval. If the server approved it, the person who started the payment took the money."""
    minor = order.terms.currency.minor
    known = _known(order, event, data, PaymentState.STARTED)
    by_server = event.by_till == SERVER
    result = Result(PaymentState.APPROVED, data.approved_by, minor(data.amount), is_revocable=by_server)
    answered = apply_result(known, result, event.at)
    if counts(known, result):
        answered = replace(
            answered,
            amount=minor(data.amount),
            tendered=minor(data.tendered),
            change=minor(data.change),
            tip=minor(data.tip),
            transaction=data.transaction or known.transaction,
            card=data.card or known.card,
            till=known.till if by_server else event.by_till,
            user=known.user if by_server else event.user,
        )
    if data.balance is not None:  # even if the till recorded the answer before the server
        answered = replace(answered, balance=minor(data.balance))
    return _with(order, answered)


def payment_declined(order: Order, event: Event, data: paid.PaymentDeclined) -> Order:
    """Apply a decline by the provider or a manager: no money was taken."""
    known = _known(order, event, data, PaymentState.STARTED)
    result = Result(PaymentState.DECLINED, data.approved_by, reason=data.reason)
    answered = apply_result(known, result, event.at)
    return _with(order, replace(answered, till=event.by_till, user=event.user) if counts(known, result) else answered)


def payment_confirmed(order: Order, event: Event, data: paid.PaymentConfirmed) -> Order:
    """Apply the provider's agreement with what a person settled. The money is then identified by the provider."""
    known = order.payments.get(data.payment_id)
    if known is None:
        return order
    if data.return_id is not None:
        returns = tuple(confirm_movement(one, event.at) if one.id == data.return_id else one for one in known.returns)
        return _with(order, replace(known, returns=returns))
    if not known.is_unconfirmed:
        return order
    card = data.card or known.card
    return _with(order, replace(confirm_movement(known, event.at), transaction=data.transaction, card=card))


def payment_unknown(order: Order, event: Event, data: paid.PaymentUnknown) -> Order:
    """Apply an unknown outcome."""
    known = _known(order, event, data, PaymentState.UNKNOWN)
    return _with(order, apply_result(known, Result(PaymentState.UNKNOWN), event.at))


def payment_authorised(order: Order, event: Event, data: paid.PaymentAuthorised) -> Order:
    """Apply an authorisation. The money does not count until it is captured."""
    known = _known(order, event, data, PaymentState.AUTHORISED)
    answered = apply_result(known, Result(PaymentState.AUTHORISED), event.at)
    return _with(
        order, replace(answered, transaction=data.transaction) if answered.is_open and data.transaction else answered
    )


def payment_return_started(order: Order, event: Event, data: paid.PaymentReturnStarted) -> Order:
    """Start the return of a payment. The payment counts until the answer is known."""
    payment = _known(order, event, data, PaymentState.APPROVED)
    if any(one.id == data.return_id for one in payment.returns):
        return _with(order, payment)
    asked = Return(
        id=data.return_id,
        payment_id=payment.id,
        tender=payment.tender,
        amount=payment.amount,
        state=PaymentState.STARTED,
        at=event.at,
        started_at=event.at,
        till=event.by_till,
        user=event.user,
        reference=(data.place, data.asker, data.number),
        transaction=data.transaction,
    )
    return _with(order, replace(payment, returns=(*payment.returns, asked)))


def payment_return_declined(order: Order, event: Event, data: paid.PaymentReturnDeclined) -> Order:
    """Apply a declined return. The payment still counts, unless it was returned another way."""
    result = Result(PaymentState.DECLINED, data.approved_by, reason=data.reason)
    return _with(order, _answered(_known(order, event, data, PaymentState.APPROVED), data.return_id, result, event))


def payment_return_unknown(order: Order, event: Event, data: paid.PaymentReturnUnknown) -> Order:
    """Apply a return with an unknown outcome."""
    known = _known(order, event, data, PaymentState.APPROVED)
    return _with(order, _answered(known, data.return_id, Result(PaymentState.UNKNOWN), event))


def _answered(payment: Payment, return_id: str | None, result: Result, event: Event) -> Payment:
    """Return the payment with an answer to one of its returns."""
    returns = tuple(apply_result(one, result, event.at) if one.id == return_id else one for one in payment.returns)
    return replace(payment, returns=returns)


def payment_voided(order: Order, event: Event, data: paid.PaymentVoided) -> Order:
    """Void a refunded payment. Later answers do not change that."""
    known = _known(order, event, data, PaymentState.VOIDED)
    by = data.return_id or ""
    is_again = known.state is PaymentState.VOIDED and data.payment_id in order.payments
    voided = replace(
        _answered(known, data.return_id, Result(PaymentState.APPROVED, data.approved_by), event),
        state=PaymentState.VOIDED,
        amount=order.terms.currency.minor(data.amount),
        change=order.terms.currency.minor(data.change),
        reason=data.reason,
        back_by=known.back_by if is_again else by,
        is_back_twice=known.is_back_twice or (is_again and known.back_by != by),
    )
    return _with(order, replace(voided, at=event.at, till=event.by_till, user=event.user))
