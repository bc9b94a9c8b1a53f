"""The fold of payments: each is one, by its id, however many tills recorded it and whatever they were told of it.

The steps are taken in the order of the ids, on every till alike. Given back is given back; else money that was taken
outweighs what says that none was, and what who was asked says outweighs what a person settled by hand.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from till.domain.events.envelope import SERVER
from till.domain.money.measures import NOTHING, Minor
from till.domain.order.state import AWAITED, GivingBack, Payment, PaymentState
from till.domain.payment import events as paid
from till.domain.structs import replace

if TYPE_CHECKING:
    from till.domain.events.envelope import Event
    from till.domain.order.events import LinesMoved, MovedPayment
    from till.domain.order.state import Order

#: What tells that a payment that was to go back did not, or that nobody knows.
StillHere = paid.PaymentReturnDeclined | paid.PaymentReturnUnknown
#: What tells what became of a charge, or of giving it back.
Answers = paid.PaymentApproved | paid.PaymentDeclined | paid.PaymentUnknown | paid.PaymentAuthorised | StillHere
#: What no order may be paid without.
Money = paid.PaymentStarted | paid.PaymentReturnStarted | Answers | paid.PaymentVoided
#: Money that was taken, wherever it counts.
_TAKEN: Final = frozenset({PaymentState.APPROVED, PaymentState.MOVED})


def _known(order: Order, event: Event, data: Money, state: PaymentState) -> Payment:
    """The payment as it was known; a new one in a state where it was not."""
    known = order.payments.get(data.payment_id)
    if known is not None:
        return known
    amount = order.terms.currency.minor(data.amount)
    return Payment(data.payment_id, data.tender, amount, state, event.at, event.till, event.user, amount)


def _with(order: Order, payment: Payment) -> Order:
    if payment.state is PaymentState.APPROVED and payment.id in order.money_away:
        payment = replace(payment, state=PaymentState.MOVED)
    return replace(order, payments={**order.payments, payment.id: _bounded(payment)})


def _bounded(payment: Payment) -> Payment:
    """The payment, with so much of it set apart as was beyond what was asked for: a tip is not."""
    beyond = NOTHING
    if payment.asked is not None and payment.state in _TAKEN:
        rest = payment.amount - payment.tip
        beyond = Minor(max(0, rest - payment.asked) if payment.asked >= 0 else min(0, rest - payment.asked))
    return payment if payment.over == beyond else replace(payment, over=beyond)


def payment_started(order: Order, event: Event, data: paid.PaymentStarted) -> Order:
    """What is asked for, and of whom; an answer may have come first."""
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
            tip=tip if payment.state in AWAITED else payment.tip,
            reference=(data.place, data.asker, data.number),
            started_at=event.at,
        ),
    )


def payment_approved(order: Order, event: Event, data: paid.PaymentApproved) -> Order:
    """Of two approvals the first counts; that of who was asked before one by hand."""
    minor = order.terms.currency.minor
    before = _known(order, event, data, PaymentState.STARTED)
    by_hand = data.approved_by is not None
    if before.state is PaymentState.VOIDED:
        return order
    if before.state in _TAKEN and (by_hand or before.settled_by is None):
        differs = not by_hand and before.amount != minor(data.amount)
        return _with(order, replace(before, is_contradicted=before.is_contradicted or differs))
    refused = before.state is PaymentState.DECLINED
    by_server = event.till == SERVER  # it answered: who asked took the money
    late = refused and not by_hand and before.settled_by is None
    return _with(
        order,
        replace(
            before,
            state=PaymentState.APPROVED,
            amount=minor(data.amount),
            tendered=minor(data.tendered),
            change=minor(data.change),
            tip=minor(data.tip),
            transaction=data.transaction or before.transaction,
            card=data.card or before.card,
            at=event.at,
            till=before.till if by_server else event.till,
            user=before.user if by_server else event.user,
            reason="",
            settled_by=data.approved_by,
            is_late=before.is_late or late,
            is_contradicted=before.is_contradicted or (refused and not late),
        ),
    )


def payment_declined(order: Order, event: Event, data: paid.PaymentDeclined) -> Order:
    """It takes no money back that was taken: then the two are told apart by a person."""
    before = _known(order, event, data, PaymentState.STARTED)
    by_hand = data.approved_by is not None
    if before.state is PaymentState.VOIDED:
        return order
    if before.state in _TAKEN:
        return _with(order, replace(before, is_contradicted=True))
    if before.state is PaymentState.DECLINED and (by_hand or before.settled_by is None):
        return order
    told = replace(
        before,
        state=PaymentState.DECLINED,
        at=event.at,
        till=event.till,
        user=event.user,
        reason=data.reason,
        settled_by=data.approved_by,
    )
    return _with(order, told)


def payment_unknown(order: Order, event: Event, data: paid.PaymentUnknown) -> Order:
    """It says nothing against what is known."""
    before = _known(order, event, data, PaymentState.UNKNOWN)
    if before.state is not PaymentState.STARTED:
        return _with(order, before)
    return _with(order, replace(before, state=PaymentState.UNKNOWN, at=event.at))


def payment_authorised(order: Order, event: Event, data: paid.PaymentAuthorised) -> Order:
    """Promised money does not count: until it is taken it is awaited."""
    before = _known(order, event, data, PaymentState.AUTHORISED)
    if before.state not in AWAITED:
        return order
    told = replace(before, state=PaymentState.AUTHORISED, transaction=data.transaction or before.transaction)
    return _with(order, replace(told, at=event.at))


def payment_return_started(order: Order, event: Event, data: paid.PaymentReturnStarted) -> Order:
    """Who took it is asked to give it back: it counts until that is known."""
    payment = _known(order, event, data, PaymentState.APPROVED)
    if any(one.id == data.return_id for one in payment.returns):
        return _with(order, payment)
    asked = GivingBack(
        data.return_id,
        PaymentState.STARTED,
        event.at,
        event.at,
        event.till,
        event.user,
        (data.place, data.asker, data.number),
        data.transaction,
    )
    return _with(order, replace(payment, returns=(*payment.returns, asked)))


def payment_return_declined(order: Order, event: Event, data: paid.PaymentReturnDeclined) -> Order:
    """It did not go back, by this asking: it stands, unless it went back otherwise."""
    return _answered(order, event, data, PaymentState.DECLINED, data.reason)


def payment_return_unknown(order: Order, event: Event, data: paid.PaymentReturnUnknown) -> Order:
    """It says nothing against what is known."""
    return _answered(order, event, data, PaymentState.UNKNOWN)


def _answered(order: Order, event: Event, data: StillHere, state: PaymentState, reason: str = "") -> Order:
    payment = _known(order, event, data, PaymentState.APPROVED)
    known = next((one for one in payment.returns if one.id == data.return_id), None)
    if known is None or known.state not in AWAITED or known.state is state:
        return _with(order, payment)
    told = known._replace(state=state, at=event.at, reason=reason)
    return _with(order, replace(payment, returns=_with_return(payment, told)))


def _with_return(payment: Payment, told: GivingBack) -> tuple[GivingBack, ...]:
    return tuple(told if one.id == told.id else one for one in payment.returns)


def payment_voided(order: Order, event: Event, data: paid.PaymentVoided) -> Order:
    """What was given back stays so, whoever hears of the payment later."""
    before = _known(order, event, data, PaymentState.VOIDED)
    by = data.return_id or ""
    is_known = before.state is PaymentState.VOIDED and order.payments.get(data.payment_id) is not None
    returns = tuple(
        one._replace(state=PaymentState.APPROVED, at=event.at) if one.id == by else one for one in before.returns
    )
    told = replace(
        before,
        state=PaymentState.VOIDED,
        amount=order.terms.currency.minor(data.amount),
        reason=data.reason,
        returns=returns,
        back_by=before.back_by if is_known else by,
        is_back_twice=before.is_back_twice or (is_known and before.back_by != by),
    )
    return _with(order, replace(told, at=event.at, till=event.till, user=event.user))


def payments_moved(order: Order, event: Event, data: LinesMoved) -> Order:
    """What was paid goes with its lines, by its id: it counts where it came to, and here no more.

    Of two moves of a payment the first counts. What was given back stays given back.
    """
    if data.to_session is not None and data.payment_ids:
        gone = dict.fromkeys(data.payment_ids, data.to_session)
        order = replace(order, money_away={**gone, **order.money_away})
        for payment_id in data.payment_ids:
            if (known := order.payments.get(payment_id)) is not None:
                order = _with(order, known)
    for raw in data.payments:
        order = _came(order, event, raw, data.from_session or "")
    return order


def _came(order: Order, event: Event, raw: MovedPayment, from_session: str) -> Order:
    known = order.payments.get(raw.payment_id)
    away = {one: to for one, to in order.money_away.items() if one != raw.payment_id}
    order = replace(order, money_away=away, money_from={**order.money_from, raw.payment_id: from_session})
    if known is not None and known.state is not PaymentState.MOVED:
        return order
    minor = order.terms.currency.minor
    payment = Payment(
        raw.payment_id,
        raw.tender,
        minor(raw.amount),
        PaymentState.APPROVED,
        event.at,
        raw.till,
        raw.user,
        minor(raw.tendered),
        minor(raw.change),
        tip=minor(raw.tip),
        asked=None if raw.asked is None else minor(raw.asked),
        reference=(raw.place, raw.asker, raw.number),
        transaction=raw.transaction,
        card=raw.card,
        settled_by=raw.settled_by,
    )
    return _with(order, payment)
