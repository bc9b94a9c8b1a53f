"""Decisions about money: what is due, what a tender settles, when an order is done, and what it froze into."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from till.domain.errors import AmountError, EmptyOrderError, OrderClosedError, PaymentError, UnreadRecordError
from till.domain.i18n import _
from till.domain.money.amount import LARGEST_MAJOR, round_to_step
from till.domain.money.measures import NOTHING, Minor
from till.domain.order.events import OrderPlaced, PlacedLine, PlacedPayment, PlacedTax, PlacedVoid
from till.domain.order.selling import check_active, check_open, event_of, money_stands
from till.domain.order.state import Order, Payment, PaymentState, Status
from till.domain.payment.events import (
    CheckoutStarted,
    PaymentApproved,
    PaymentDeclined,
    PaymentStarted,
    PaymentVoided,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from till.domain.events.envelope import Draft
    from till.domain.order.line import Row

#: The tender that is counted in a drawer, gives change and alone is rounded.
CASH: Final = "CASH"


@dataclass(frozen=True, slots=True)
class Tendered:
    """Money that was handed over, in minor units; negative when it is given back to the guest."""

    tender: str
    amount: Minor


def cash_due(order: Order) -> Minor:
    """What is due when the rest is paid in cash: rounded to the coins there are, and nothing else is."""
    return round_to_step(order.due, order.terms.cash_step)


def check_payable(order: Order, money: Callable[[Minor], str] | None = None) -> None:
    """Refuse to ask for money where no line is left to take it for, or where a record does not read here.

    `money` is as in `money_stands`.

    Raises:
        UnreadRecordError: a manager sets that record aside first.
        PaymentError: money was taken for lines that are void now: what was taken, and what can be done.
        EmptyOrderError: nothing was taken either.
    """
    if order.waits_for_manager:
        raise UnreadRecordError
    if not order.is_empty:
        return
    if order.paid:
        raise PaymentError(money_stands(order, money))
    raise EmptyOrderError


def start_checkout(order: Order) -> list[Draft]:
    """Write down that the guest wants to pay; nothing where that is known.

    Raises:
        TillError: the order is on no screen, or cannot be paid as it is.
    """
    if order.payments or order.checkout_at:
        return []
    check_active(order)
    check_payable(order)
    return [event_of(order, CheckoutStarted())]


def start_payment(order: Order, payment_id: str, tendered: Tendered) -> list[Draft]:
    """Write down that a payment begins, before anybody is asked for money."""
    if order.status is not Status.ACTIVE:
        raise OrderClosedError
    if order.pending_payment:
        raise PaymentError(_("Another payment is still open. Settle it first."))
    if payment_id in order.payments:
        raise PaymentError(_("That payment was taken down already."))
    if order.waits_for_manager:
        raise UnreadRecordError
    text = order.terms.currency.text(tendered.amount)
    data = PaymentStarted(payment_id=payment_id, tender=tendered.tender, amount=text, key=payment_id)
    return [event_of(order, data)]


def approve_payment(
    order: Order,
    payment_id: str,
    tendered: Tendered,
    *,
    cashback: bool = False,
    against: bool = False,
    money: Callable[[Minor], str] | None = None,
) -> list[Draft]:
    """Take money: all of it towards what is due, the rest back as change.

    Only cash gives change, unless `cashback` says that the other tender does. Where less is due than the smallest coin,
    cash of nothing settles it. `against` says that the money goes the
    other way than what is due (given back in one tender, to be taken in another): what is due grows by it. `money` is
    as in `money_stands`.

    Raises:
        PaymentError: nothing is due, or more than that is offered in something that gives no change.
        AmountError: a slip of the keys, such as a barcode, would give a fortune back.
    """
    due = cash_due(order) if tendered.tender == CASH else order.due
    given = tendered.amount
    currency = order.terms.currency
    said = money or currency.money
    fits = due != 0 and (given < 0) == (due < 0)
    let_go = given == 0 and due == 0 and order.due != 0
    if not let_go and (given == 0 or fits == against):
        sentence = _("{given} does not go towards the {due} that is due.")
        raise PaymentError(sentence.format(given=said(given), due=said(due)))
    change = Minor(given - due) if abs(given) > abs(due) and not against else NOTHING
    if change and (due < 0 or not (cashback or tendered.tender == CASH)):
        raise PaymentError(_("That is more than the {due} that is due.").format(due=said(due)))
    if abs(change) > LARGEST_MAJOR * currency.scale:
        raise AmountError(_("{given} is too much for one entry.").format(given=said(given)))
    data = PaymentApproved(
        payment_id=payment_id,
        tender=tendered.tender,
        amount=currency.text(Minor(given - change)),
        tendered=currency.text(given),
        change=currency.text(change),
    )
    return [event_of(order, data)]


def decline_payment(order: Order, payment: Payment, reason: str) -> list[Draft]:
    """Write down that a payment did not happen.

    Raises:
        PaymentError: it is not waiting for its answer: money that was taken is never declined away.
    """
    if payment.state not in {PaymentState.STARTED, PaymentState.UNKNOWN}:
        raise PaymentError(_("That payment has its answer already."))
    amount = order.terms.currency.text(payment.amount)
    data = PaymentDeclined(payment_id=payment.id, tender=payment.tender, amount=amount, reason=reason)
    return [event_of(order, data)]


def is_own(payment: Payment, user: int | None, till: int) -> bool:
    """Whether somebody may give a payment back without a manager: who took it, where it was taken."""
    return user is not None and (payment.user, payment.till) == (user, till)


def is_left(order: Order, payment_id: str, till: int) -> bool:
    """Whether a payment was left behind by an order that ended, and a till which once had that may give it back."""
    payment = order.payments.get(payment_id)
    taken = payment is not None and payment.state is PaymentState.APPROVED
    return taken and order.is_over and payment_id not in order.listed and till in order.takers


def give_back(order: Order, payment_id: str, till: int, *, manager: int | None = None) -> list[Draft]:
    """Give a payment back, all of it, to what paid; `manager` is who said yes at this till, if one was asked.

    Raises:
        OrderClosedError: the order is not on a screen, and the payment `is_left` by none.
        PaymentError: it was given back before, or never taken; or a payment is under way.
    """
    if not is_left(order, payment_id, till):
        check_open(order)
    payment = order.payments.get(payment_id)
    if payment is None or payment.state is not PaymentState.APPROVED:
        raise PaymentError(_("That money is given back already."))
    amount = order.terms.currency.text(payment.amount)
    data = PaymentVoided(payment_id=payment.id, tender=payment.tender, amount=amount, approved_by=manager)
    return [event_of(order, data)]


def is_settled(order: Order) -> bool:
    """Whether payments plus rounding equal the total (design §11)."""
    if order.pending_payment:
        return False
    cash = any(p.tender == CASH and p.state is PaymentState.APPROVED for p in order.payments.values())
    return order.due == 0 or (cash and cash_due(order) == 0)


@dataclass(frozen=True, slots=True)
class Completion:
    """What the till gives an order at its end: ids and numbers that nobody else may make."""

    order_id: str
    receipt: str
    business_date: date


def place_order(order: Order, completion: Completion, money: Callable[[Minor], str] | None = None) -> list[Draft]:
    """Complete an order that is settled: its lines, taxes and payments are frozen into one event.

    `money` is as in `money_stands`.

    Raises:
        PaymentError: something is still due.
        EmptyOrderError: nothing was ever keyed or paid on it.
        UnreadRecordError: a record of it does not read here, and nobody set it aside.
    """
    if order.status is not Status.ACTIVE:
        raise OrderClosedError
    if not order.lines and not order.payments:
        raise EmptyOrderError
    if order.waits_for_manager:
        raise UnreadRecordError
    if not is_settled(order):
        due = (money or order.terms.currency.money)(order.due)
        raise PaymentError(_("{due} is still due.").format(due=due))
    return [event_of(order, frozen_order(order, completion))]


def frozen_order(order: Order, completion: Completion) -> OrderPlaced:
    """The whole order as it was paid."""
    text = order.terms.currency.text
    approved = [p for p in order.payments.values() if p.state is PaymentState.APPROVED]
    priced = order.priced
    return OrderPlaced(
        order_id=completion.order_id,
        receipt=completion.receipt,
        business_date=completion.business_date.isoformat(),
        order_type=order.order_type,
        payment_method="+".join(dict.fromkeys(p.tender.lower() for p in approved)) or "none",
        currency=order.terms.currency.code,
        net=text(priced.net),
        tax=text(priced.tax),
        rounding=text(Minor(order.paid - order.total)),
        total=text(order.total),
        tab_id=order.tab.id if order.tab else None,
        customer_id=order.customer.id if order.customer else None,
        ref=order.ref,
        note=order.note,
        lines=tuple(_frozen_row(order, row) for row in priced.rows),
        voids=tuple(
            PlacedVoid(
                line_id=line.id,
                item_name=line.name,
                quantity=line.shown_quantity,
                amount=text(line.amount_of(line.shown_quantity)),
            )
            for line in priced.voids
        ),
        taxes=tuple(
            PlacedTax(name=s.tax.name, rate=s.tax.percent, net=text(s.net), tax=text(s.amount)) for s in priced.taxes
        ),
        payments=tuple(
            PlacedPayment(payment_id=p.id, tender=p.tender, amount=text(p.amount), change=text(p.change))
            for p in approved
        ),
        discounts=tuple(discount.id for discount in order.counted_discounts),
        set_aside=tuple(event for event in order.unread if event in order.set_aside),
    )


def _frozen_row(order: Order, row: Row) -> PlacedLine:
    currency, first = order.terms.currency, row.first
    return PlacedLine(
        line_ids=row.line_ids,
        line_quantities=tuple(line.quantity for line in row.lines),
        item_id=first.item_id,
        item_name=first.name,
        quantity=row.quantity,
        unit_price=currency.price_text(first.unit_price4),
        measure=first.measure,
        modifiers=tuple(m.name for m in first.modifiers),
        note=first.noted.event if first.noted else None,
        discount=currency.text(row.discount),
        subtotal=currency.text(row.taxed.gross),
        net=currency.text(row.taxed.net),
        tax=currency.text(row.taxed.tax),
        taxes=tuple(
            PlacedTax(name=tax.name, rate=tax.percent, tax=currency.text(amount))
            for tax, amount in zip(first.taxes, row.taxed.taxes, strict=True)
        ),
    )
