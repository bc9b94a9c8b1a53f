"""Decisions about money: what is due, what a tender settles, when an order is done, and what it froze into."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct

from till.domain.errors import (
    AmountError,
    EmptyOrderError,
    NotChosenError,
    OrderClosedError,
    PaymentError,
    UnreadRecordError,
)
from till.domain.i18n import _
from till.domain.money.amount import LARGEST_MAJOR
from till.domain.money.measures import NOTHING, Minor
from till.domain.money.tax import percent_of
from till.domain.order.events import (
    OrderPlaced,
    PlacedCharge,
    PlacedLine,
    PlacedOff,
    PlacedPayment,
    PlacedTax,
    PlacedVoid,
)
from till.domain.order.selling import check_active, check_open, event_of, money_stands
from till.domain.order.state import AWAITED, Order, Payment, PaymentState, Status
from till.domain.order.terms import levy_text
from till.domain.payment.events import (
    CheckoutStarted,
    PaymentApproved,
    PaymentDeclined,
    PaymentStarted,
    PaymentVoided,
)
from till.domain.text import clean

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from till.domain.events.envelope import Draft
    from till.domain.money.settling import PaidRounding
    from till.domain.money.tax import Tax
    from till.domain.order.line import Row
    from till.domain.order.pricing import ChargeRow

#: The tender that is counted in a drawer, gives change and alone is rounded.
CASH: Final = "CASH"


class Tendered(Struct, frozen=True):
    """Money that was handed over, in minor units; negative when it is given back to the guest.

    Attributes:
        tip: how much of it is for the staff.
        drawer: the till whose drawer it goes into; None where it goes into none.
        slip: the number of its slip, where it has one.
    """

    tender: str
    amount: Minor
    tip: Minor = NOTHING
    drawer: int | None = None
    slip: str = ""


def due_in(order: Order, tender: str) -> Minor:
    """What is due when the rest is paid in a tender: rounded where the venue's law rounds that."""
    rule = order.terms.rounding
    if rule is None or not rule.touches(tender):
        return order.due
    return Minor(order.due + _rounding_of(order, rule))


def part_in(order: Order, tender: str, part: Minor) -> Minor:
    """What a guest pays for a part of what is due: rounded where the tender is, and others pay what that leaves."""
    rule = order.terms.rounding
    if rule is None or not rule.touches(tender):
        return part
    return Minor(part + rule.of(part))


def cash_due(order: Order) -> Minor:
    """What is due when the rest is paid in cash."""
    return due_in(order, CASH)


def _rounding_of(order: Order, rule: PaidRounding) -> Minor:
    """What is rounded where the rest is paid in a tender that rounds: of the total less what others paid."""
    exactly = sum(payment.settles for payment in _approved(order) if not rule.touches(payment.tender))
    return rule.of(order.total - exactly)


def _approved(order: Order) -> list[Payment]:
    return [payment for payment in order.payments.values() if payment.state is PaymentState.APPROVED]


def check_payable(order: Order, money: Callable[[Minor], str] | None = None) -> None:
    """Refuse to ask for money where no line is left to take it for, or where a record does not read here.

    `money` is as in `money_stands`.

    Raises:
        UnreadRecordError: a manager sets that record aside first.
        PaymentError: money was taken for lines that are void now: what was taken, and what can be done.
        EmptyOrderError: nothing was taken either.
        NotChosenError: a choice of a line is still needed.
    """
    if order.waits_for_manager:
        raise UnreadRecordError
    if not order.is_empty:
        check_chosen(order)
        return
    if order.paid:
        raise PaymentError(money_stands(order, money))
    raise EmptyOrderError


def check_chosen(order: Order) -> None:
    """Refuse to ask for money while a choice of a line is still needed.

    Raises:
        NotChosenError: it says which.
    """
    asking = next((row.first for row in order.priced.rows if row.first.asks), None)
    if asking is not None:
        said = _("{group} of {name} is not chosen. F2 asks.")
        raise NotChosenError(said.format(group=clean(asking.asks[0]), name=clean(asking.name)))


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


def start_payment(
    order: Order, payment_id: str, tendered: Tendered, reference: tuple[str, str, str] = ("", "", "")
) -> list[Draft]:
    """Write down that a payment begins, before anybody is asked for money.

    `reference` names the charge to who is asked for it: the place, the asker and the number.

    Raises:
        OrderClosedError: the order is on no screen.
        PaymentError: another payment is under way, or there is one of this id.
        UnreadRecordError: a record does not read here.
        NotChosenError: a choice of a line is still needed.
    """
    if order.status is not Status.ACTIVE:
        raise OrderClosedError
    if order.pending_payment:
        raise PaymentError(_("Another payment is still open. Settle it first."))
    if payment_id in order.payments:
        raise PaymentError(_("That payment was taken down already."))
    if order.waits_for_manager:
        raise UnreadRecordError
    check_chosen(order)
    text = order.terms.currency.text
    place, asker, number = reference
    data = PaymentStarted(
        payment_id=payment_id,
        tender=tendered.tender,
        amount=text(tendered.amount),
        key=payment_id,
        tip=text(tendered.tip) if tendered.tip else "0",
        place=place,
        asker=asker,
        number=number,
    )
    return [event_of(order, data)]


def approve_payment(
    order: Order,
    payment_id: str,
    tendered: Tendered,
    *,
    cashback: bool = False,
    against: bool = False,
    part: Minor | None = None,
    money: Callable[[Minor], str] | None = None,
) -> list[Draft]:
    """Take money: all of it towards what is due, the rest back as change.

    Only cash gives change, unless `cashback` says that the other tender does. Where less is due than the smallest coin,
    cash of nothing settles it. `against` says that the money goes the
    other way than what is due (given back in one tender, to be taken in another): what is due grows by it. A `part` is
    what a guest pays of what is due: what is beyond that is change. `money` is as in `money_stands`.

    Raises:
        PaymentError: nothing is due, or more than that is offered in something that gives no change.
        AmountError: a slip of the keys, such as a barcode, would give a fortune back.
    """
    due = due_in(order, tendered.tender)
    if part is not None:
        due = min(due, part)
    tip = tendered.tip
    given = Minor(tendered.amount - tip)
    if tip < 0 or (tip and given < 0):
        raise PaymentError(_("A tip goes with money that is taken."))
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
        amount=currency.text(Minor(tendered.amount - change)),
        tendered=currency.text(tendered.amount),
        change=currency.text(change),
        tip=currency.text(tip) if tip else "0",
        transaction=tendered.slip,
        drawer=tendered.drawer,
    )
    return [event_of(order, data)]


def decline_payment(order: Order, payment: Payment, reason: str) -> list[Draft]:
    """Write down that a payment did not happen.

    Raises:
        PaymentError: it is not waiting for its answer: money that was taken is never declined away.
    """
    if payment.state not in AWAITED:
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


def check_taken(order: Order, payment_id: str, till: int) -> Payment:
    """The payment, which a till may give back now.

    Raises:
        OrderClosedError: the order is not on a screen, and the payment `is_left` by none.
        PaymentError: it was given back before, or never taken; or a payment is under way.
    """
    if not is_left(order, payment_id, till):
        check_open(order)
    payment = order.payments.get(payment_id)
    if payment is None or payment.state is not PaymentState.APPROVED:
        raise PaymentError(_("That money is given back already."))
    if payment.going_back is not None:
        raise PaymentError(_("A payment is under way. Wait for its answer, then go on."))
    return payment


def give_back(
    order: Order, payment_id: str, till: int, *, manager: int | None = None, drawer: int | None = None
) -> list[Draft]:
    """Give a payment back, all of it, to what paid; `manager` is who said yes at this till, if one was asked.

    `drawer` is the till whose drawer it comes from; None where it comes from none.

    Raises:
        TillError: it may not be given back (`check_taken`).
    """
    payment = check_taken(order, payment_id, till)
    amount = order.terms.currency.text(payment.amount)
    data = PaymentVoided(
        payment_id=payment.id, tender=payment.tender, amount=amount, approved_by=manager, drawer=drawer
    )
    return [event_of(order, data)]


def is_settled(order: Order) -> bool:
    """Whether payments plus rounding equal the total (design §11)."""
    if order.pending_payment:
        return False
    rule, approved = order.terms.rounding, _approved(order)
    in_steps = rule is not None and any(rule.touches(payment.tender) for payment in approved)
    if rule is None or not in_steps:
        return order.due == 0
    if order.due + _rounding_of(order, rule) == 0:
        return order.due == 0 or rule.bill or rule.touches(approved[-1].tender)  # a card is not left to rounding
    last = order.last_taken  # it paid the rest: where that never rounds, nothing does
    return order.due == 0 and (not rule.bill or (last is not None and not rule.touches(last.tender)))


def may_end(order: Order) -> bool:
    """Whether being settled ends it: where it is sold on, or anywhere once who was asked took money for it."""
    return not order.is_over and (order.status is Status.ACTIVE or order.is_answered)


class Completion(Struct, frozen=True):
    """What the till gives an order at its end: ids and numbers that nobody else may make."""

    order_id: str
    receipt: str
    business_date: date


def place_order(order: Order, completion: Completion, money: Callable[[Minor], str] | None = None) -> list[Draft]:
    """Complete an order that is settled: its lines, taxes and payments are frozen into one event.

    `money` is as in `money_stands`.

    Raises:
        PaymentError: something is still due.
        OrderClosedError: it is over; or on no screen, and no terminal, gateway or server took money for it.
        EmptyOrderError: nothing was ever keyed or paid on it.
        UnreadRecordError: a record of it does not read here, and nobody set it aside.
    """
    if not may_end(order):
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
    approved = _approved(order)
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
            _frozen_tax(order, one.tax, one.amount, net=text(one.net), added=one.added) for one in priced.taxes
        ),
        service_charge=None if priced.charge is None else _frozen_charge(order, priced.charge),
        payments=tuple(
            PlacedPayment(
                payment_id=p.id,
                tender=p.tender,
                amount=text(Minor(p.amount - p.over)),
                change=text(p.change),
                tip=text(p.tip) if p.tip else "0",
                transaction=p.transaction,
                till=p.till if p.till != order.holder else None,
            )
            for p in approved
        ),
        discounts=tuple(dict.fromkeys(discount.id for discount in order.counted_discounts)),
        off=tuple(
            PlacedOff(kind=one.kind, name=one.name, amount=text(off), event=one.id)
            for one, off in zip(order.given, priced.offs, strict=True)
        ),
        set_aside=tuple(event for event in order.unread if event in order.set_aside),
    )


def _off(row: Row) -> tuple[PlacedOff, ...]:
    """What came off a row by itself: promotions, and then its own discount."""
    text, given = row.first.terms.currency.text, row.first.discount
    saved = tuple(PlacedOff(kind="promotion", name=one.name, amount=text(one.amount)) for one in row.saved)
    if given is None:
        return saved
    return (*saved, PlacedOff(kind=given.kind, name=given.name, amount=text(row.own), event=given.id))


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
        off=_off(row),
        subtotal=currency.text(row.taxed.gross),
        net=currency.text(row.taxed.net),
        tax=currency.text(row.taxed.tax),
        taxes=_frozen_taxes(order, row),
    )


def _frozen_charge(order: Order, charge: ChargeRow) -> PlacedCharge:
    currency, taxed = order.terms.currency, charge.taxed
    return PlacedCharge(
        percent=percent_of(charge.service.rate),
        subtotal=currency.text(taxed.gross),
        net=currency.text(taxed.net),
        tax=currency.text(taxed.tax),
        taxes=_frozen_taxes(order, charge),
    )


def _frozen_taxes(order: Order, part: Row | ChargeRow) -> tuple[PlacedTax, ...]:
    return tuple(
        _frozen_tax(order, tax, amount, added=not (order.terms.included if tax.included is None else tax.included))
        for tax, amount in zip(part.taxes, part.taxed.taxes, strict=True)
    )


def _frozen_tax(order: Order, tax: Tax, amount: Minor, *, added: bool, net: str | None = None) -> PlacedTax:
    currency = order.terms.currency
    rate = tax.percent if tax.per_piece is None else None
    per_piece = levy_text(tax, currency)
    return PlacedTax(name=tax.name, rate=rate, per_piece=per_piece, tax=currency.text(amount), net=net, added=added)
