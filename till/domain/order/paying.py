"""Decisions about money: the amount due, payments, the completion of an order, and the record of the sale."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct

from till.domain.errors import AmountError, OrderClosedError, PaymentError, TillError
from till.domain.events.envelope import Draft
from till.domain.i18n import N_, _
from till.domain.money.amount import LARGEST_MAJOR, spread
from till.domain.money.coins import notes
from till.domain.money.measures import NOTHING, Minor
from till.domain.money.tax import percent_of
from till.domain.order import by_items
from till.domain.order.deciding import EmptyOrderError, check_active, check_open, check_paying, event_of, paid_sentence
from till.domain.order.events import (
    OrderPlaced,
    PlacedCharge,
    PlacedLine,
    PlacedOff,
    PlacedPayment,
    PlacedTax,
    PlacedVoid,
    RecordSetAside,
)
from till.domain.order.state import Order, Payment, Status
from till.domain.order.terms import levy_text
from till.domain.payment.events import (
    CheckoutStarted,
    PaymentApproved,
    PaymentStarted,
    PaymentVoided,
)
from till.domain.payment.movement import PaymentState
from till.domain.text import clean

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date

    from till.domain.money.settling import PaidRounding
    from till.domain.money.tax import Tax
    from till.domain.order.line import Row
    from till.domain.order.pricing import ChargeRow

#: The cash tender: counted in a drawer, gives change, and is rounded to coins.
CASH: Final = "CASH"
#: Any tender: amounts are rounded only if the venue rounds the bill.
ANY: Final = ""


class NotChosenError(TillError):
    """A required choice that is still open."""

    code = "not_chosen"
    default = N_("A choice on this order is still open. F2 asks.")


class UnreadRecordError(TillError):
    """An order with a record that this till cannot read."""

    code = "unread_record"
    default = N_("Update this till, or a manager skips the record.")


class Tendered(Struct, frozen=True):
    """Money handed over in a tender, in minor units; negative if the guest gets it.

    Attributes:
        tip: the part of the amount for the staff.
        drawer: the till whose drawer the money goes into, or gives the change; None for no drawer.
        slip: the number of the slip; empty if there is none.
        pieces: the number of pieces paid for, by line; empty if the payment is not by items.
        is_kept: False if only the change moves in the drawer.
    """

    tender: str
    amount: Minor
    tip: Minor = NOTHING
    drawer: int | None = None
    slip: str = ""
    pieces: Mapping[str, int] = {}
    is_kept: bool = True


def due_in(order: Order, tender: str = ANY) -> Minor:
    """Return the amount due if all of it is paid in one tender, rounded if the rule applies to the tender."""
    rule = order.terms.rounding
    if rule is None or not rule.touches(tender):
        return order.due
    return Minor(order.due + _rounding_of(order, rule))


def even_parts_of(order: Order, parts: int) -> list[Minor]:
    """Divide the amount due into even parts, the largest first, each a multiple of the bill's rounding step."""
    rule, due = order.terms.rounding, due_in(order)
    step = rule.step if rule is not None and rule.bill and not due % rule.step else 1
    return [Minor(one * step) for one in spread(Minor(due // step), [Minor(1)] * parts)]


def part_in(order: Order, tender: str, part: Minor) -> Minor:
    """Return the amount to pay for a part of the amount due, rounded if the rule applies to the tender."""
    rule = order.terms.rounding
    if rule is None or not rule.touches(tender):
        return part
    return Minor(part + rule.of(part))


def items_in(order: Order, tender: str, pieces: Mapping[str, int]) -> Minor:
    """Return the amount to pay for pieces in a tender, at most the amount due in that tender.

    For the last unpaid pieces, or without pieces, it is the whole amount due.
    """
    due = due_in(order, tender)
    if not pieces or (share := by_items.share_of(order, pieces)) == order.due:
        return due
    return Minor(min(due, part_in(order, tender, share)))


def _rounding_of(order: Order, rule: PaidRounding) -> Minor:
    """Return the rounding if the rest is paid in a rounded tender. Payments in other tenders are exact."""
    exact = sum(payment.settles for payment in _approved(order) if not rule.touches(payment.tender))
    return rule.of(order.total - exact)


def _approved(order: Order) -> list[Payment]:
    return [payment for payment in order.payments.values() if payment.state is PaymentState.APPROVED]


def check_payable(order: Order, money: Callable[[Minor], str] | None = None) -> None:
    """Refuse payment of an order that has no line to pay, an unreadable record, or an open choice.

    `money` is as in `paid_sentence`.
    """
    if order.waits_for_manager:
        raise UnreadRecordError
    if not order.is_empty:
        check_chosen(order)
        return
    if order.paid:
        raise PaymentError(paid_sentence(order, money))
    raise EmptyOrderError


def check_splittable(order: Order, money: Callable[[Minor], str] | None = None) -> None:
    """Refuse to split an order with nothing due.

    `money` is as in `paid_sentence`.

    Raises:
        PaymentError: nothing is due, or money goes back.
    """
    due = due_in(order)
    if due > 0:
        return
    sentence = (
        _("{amount} goes back: there is nothing to split.") if due else _("Nothing is due: there is nothing to split.")
    )
    raise PaymentError(sentence.format(amount=(money or order.terms.currency.money)(Minor(-due))))


def check_chosen(order: Order) -> None:
    """Refuse payment while a line still needs a choice."""
    asking = next((row.first for row in order.priced.rows if row.first.asks), None)
    if asking is not None:
        sentence = _("{group} of {name} is not chosen. Mark it, then F2.")
        raise NotChosenError(sentence.format(group=clean(asking.asks[0]), name=clean(asking.name)))


def start_checkout(order: Order) -> list[Draft]:
    """Record that the guest wants to pay; no event if that is already recorded."""
    if order.payments or order.checkout_at:
        return []
    check_active(order)
    check_payable(order)
    return [event_of(order, CheckoutStarted())]


def start_payment(
    order: Order, payment_id: str, tendered: Tendered, reference: tuple[str, str, str] = ("", "", "")
) -> list[Draft]:
    """Record the start of a payment, before any money is requested.

    `reference` identifies the charge at its provider: the place, the asker and the number.
    """
    if order.status is not Status.ACTIVE:
        raise OrderClosedError
    check_paying(order)
    if payment_id in order.payments:
        raise PaymentError(_("That payment is already recorded."))
    if order.waits_for_manager:
        raise UnreadRecordError
    check_chosen(order)
    by_items.check_unpaid(order, tendered.pieces)
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
        pieces={**tendered.pieces},
    )
    return [event_of(order, data)]


def check_share(order: Order, pieces: Mapping[str, int], money: Callable[[Minor], str]) -> Minor:
    """Return the share of pieces in the amount due."""
    share = by_items.share_of(order, pieces)
    if share < 0 < order.due:
        raise PaymentError(_("These pieces come to {part}. Mark others with them.").format(part=money(share)))
    return share


def check_items(order: Order, tendered: Tendered, money: Callable[[Minor], str]) -> Minor | None:
    """Return the amount to pay for the pieces of a payment; None if the payment is not by items."""
    if not tendered.pieces:
        return None
    check_share(order, tendered.pieces, money)
    part = items_in(order, tendered.tender, tendered.pieces)
    if tendered.amount - tendered.tip < part:
        raise PaymentError(_("These pieces come to {part}. Take that, or mark fewer.").format(part=money(part)))
    return part


def approve_payment(
    order: Order,
    payment_id: str,
    tendered: Tendered,
    *,
    cashback: bool = False,
    recorded: bool = False,
    part: Minor | None = None,
    money: Callable[[Minor], str] | None = None,
) -> list[Draft]:
    """Take a payment. Money beyond the amount due is given back as change.

    If less than the smallest coin is due, a cash payment of zero settles it.

    Args:
        order: the order.
        payment_id: the id of the payment.
        tendered: the money that was handed over.
        cashback: True if the tender gives change; cash always does.
        recorded: True if the money was taken elsewhere. It may then have the opposite sign of the amount due, which
            grows by it (given back in one tender, taken in another).
        part: the guest's part of the amount due; None for all of it. Money beyond the part is change, as is money
            beyond the amount of the pieces paid for.
        money: as in `paid_sentence`.

    Raises:
        PaymentError: nothing is due, the payment exceeds the amount due in a tender without change, or it does not
            cover the pieces.
    """
    due = due_in(order, tendered.tender)
    items = check_items(order, tendered, money or order.terms.currency.money)
    due = min(one for one in (due, part, items) if one is not None)
    tip = tendered.tip
    given = Minor(tendered.amount - tip)
    if tip < 0 or (tip and given < 0):
        raise PaymentError(_("A tip goes with a payment."))
    currency = order.terms.currency
    money_text = money or currency.money
    fits = due != 0 and (given < 0) == (due < 0)
    is_rounded_away = given == 0 and due == 0 and order.due != 0
    if not is_rounded_away and (given == 0 or not (fits or recorded)):
        sentence = _("{given} does not count towards the {due} due.")
        raise PaymentError(sentence.format(given=money_text(given), due=money_text(due)))
    change = Minor(given - due) if fits and abs(given) > abs(due) else NOTHING
    if change and (due < 0 or not (cashback or tendered.tender == CASH)):
        raise _too_much(due, tip, money_text)
    if abs(change) > LARGEST_MAJOR * currency.scale:
        raise AmountError(_("{given} is too much for one entry.").format(given=money_text(given)))
    data = PaymentApproved(
        payment_id=payment_id,
        tender=tendered.tender,
        amount=currency.text(Minor(tendered.amount - change)),
        tendered=currency.text(tendered.amount),
        change=currency.text(change),
        tip=currency.text(tip) if tip else "0",
        transaction=tendered.slip,
        drawer=tendered.drawer if tendered.is_kept or change else None,
    )
    return [event_of(order, data)]


def check_asked(amount: Minor, tip: Minor, due: Minor, money: Callable[[Minor], str]) -> None:
    """Refuse to ask for more than is due with the tip, or for nothing."""
    if tip < 0 or amount - tip <= 0 or due <= 0:
        sentence = _("{given} does not count towards the {due} due.")
        raise PaymentError(sentence.format(given=money(amount), due=money(due)))
    if amount - tip > due:
        raise _too_much(due, tip, money)


def _too_much(due: Minor, tip: Minor, money: Callable[[Minor], str]) -> PaymentError:
    """Return the refusal of more than is due with the tip, or more than goes back, in a tender without change."""
    sentence = _("That is more than the {due} due.") if due > 0 else _("That is more than the {due} to refund.")
    return PaymentError(sentence.format(due=money(Minor(abs(due + tip)))))


def is_own(payment: Payment, user: int | None, till: int) -> bool:
    """True if a person may refund a payment without a manager, because they took it at this till."""
    return user is not None and (payment.user, payment.till) == (user, till)


def cash_change(payment: Payment) -> Minor:
    """Return the cash that a payment in another tender gave as change."""
    return NOTHING if payment.tender == CASH else payment.change


def may_return(order: Order, tender: str, amount: Minor, user: int | None, till: int) -> bool:
    """True if a person may give back an amount of an order in a tender without a manager.

    They may give back what they took in this tender, at this till, without a terminal, less what anybody gave back in
    it. If nobody paid anything, as when a guest returns deposits, they may give back the whole amount due, up to the
    largest note: after a part the deposits could be voided, and returns of merged orders add up.
    """
    approved = _approved(order)
    own = sum(
        one.settles
        for one in approved
        if one.tender == tender and (one.settles < 0 or (is_own(one, user, till) and not one.is_asked_elsewhere))
    )
    is_whole = amount >= -due_in(order, tender) and all(one.settles <= 0 for one in approved)
    return own >= amount or (is_whole and amount <= max(notes(order.terms.currency)))


def is_left(order: Order, payment_id: str, till: int) -> bool:
    """True if a payment is in no sale of its ended order, and this till took it or holds the order."""
    payment = order.payments.get(payment_id)
    if payment is None or payment.state is not PaymentState.APPROVED or till not in {payment.till, order.holder}:
        return False
    return order.is_over and payment_id not in order.listed


def check_taken(order: Order, payment_id: str, till: int) -> Payment:
    """Return a payment that this till may refund now."""
    payment = order.payments.get(payment_id)
    is_back = payment is not None and payment.state is PaymentState.VOIDED
    if not is_back and not is_left(order, payment_id, till):
        check_open(order)
    if payment is None or payment.state is not PaymentState.APPROVED:
        raise PaymentError(_("That payment is already refunded."))
    if payment.going_back is not None:
        raise PaymentError(_("A payment is under way. Wait for its answer, then go on."))
    return payment


def give_back(
    order: Order, payment_id: str, till: int, *, manager: int | None = None, drawer: int | None = None
) -> list[Draft]:
    """Refund a whole payment in its own tender. The guest gives back the cash change of another tender.

    Args:
        order: the order.
        payment_id: the payment.
        till: the till that refunds it.
        manager: the manager who approved it; None if no approval was needed.
        drawer: the till whose drawer the money comes from; None for no drawer.
    """
    payment = check_taken(order, payment_id, till)
    text, change = order.terms.currency.text, cash_change(payment)
    data = PaymentVoided(
        payment_id=payment.id,
        tender=payment.tender,
        amount=text(payment.amount),
        approved_by=manager,
        drawer=drawer,
        change=text(change) if change else "0",
    )
    return [event_of(order, data)]


def is_settled(order: Order) -> bool:
    """True if the payments equal the total plus rounding."""
    if order.pending_payment:
        return False
    rule, approved = order.terms.rounding, _approved(order)
    in_steps = rule is not None and any(rule.touches(payment.tender) for payment in approved)
    if rule is None or not in_steps:
        return order.due == 0
    if order.due + _rounding_of(order, rule) == 0:
        return order.due == 0 or rule.bill or rule.touches(approved[-1].tender)  # a rest paid by card is exact
    last = order.last_taken  # it paid the rest: without rounding if its tender is exact
    return order.due == 0 and (not rule.bill or (last is not None and not rule.touches(last.tender)))


def may_end(order: Order) -> bool:
    """True if the order may be completed: it is active, or a provider took money for it in any status."""
    return not order.is_over and (order.status is Status.ACTIVE or order.is_answered)


class Completion(Struct, frozen=True):
    """The ids and numbers that the till assigns when it completes an order.

    `known` is the newest event that the database has sent or acknowledged. `category_of` names the category of an item.
    """

    order_id: str
    receipt: str
    business_date: date
    known: str | None = None
    category_of: Callable[[str], str] = lambda _item: ""


def place_order(order: Order, completion: Completion, money: Callable[[Minor], str] | None = None) -> list[Draft]:
    """Complete a settled order: record its lines, taxes and payments in one event.

    `money` is as in `paid_sentence`.
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
    """Return the record of the whole order as sold."""
    text = order.terms.currency.text
    approved = _approved(order)
    priced = order.priced
    return OrderPlaced(
        order_id=(order.submitted and order.submitted.order_id) or completion.order_id,
        receipt=completion.receipt,
        business_date=completion.business_date.isoformat(),
        order_type=order.order_type,
        payment_method="+".join(dict.fromkeys(p.tender.lower() for p in approved)) or "none",
        currency=order.terms.currency.code,
        net=text(priced.net),
        tax=text(priced.tax),
        rounding=text(Minor(order.paid - order.total)),
        total=text(order.total),
        tab_id=order.tab_sold_on.id if order.tab_sold_on else None,
        customer_id=order.customer.id if order.customer else None,
        ref=order.ref,
        known=completion.known,
        note=order.note,
        lines=tuple(_frozen_row(order, row, completion.category_of(row.first.item_id)) for row in priced.rows),
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
                user=p.user if p.tip else None,
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
    """Return the reductions of a row: its promotions, then its own discounts."""
    text = row.first.terms.currency.text
    saved = tuple(PlacedOff(kind="promotion", name=one.name, amount=text(one.amount)) for one in row.saved)
    given = tuple(
        PlacedOff(kind=one.kind, name=one.name, amount=text(off), event=one.share_of or one.id) for one, off in row.offs
    )
    return saved + given


def _frozen_row(order: Order, row: Row, category: str) -> PlacedLine:
    currency, first = order.terms.currency, row.first
    return PlacedLine(
        line_ids=row.line_ids,
        line_quantities=tuple(line.quantity for line in row.lines),
        item_id=first.item_id,
        item_name=first.name,
        quantity=row.quantity,
        unit_price=currency.price_text(first.unit_price4),
        measure=first.measure,
        unit=first.unit,
        modifiers=tuple(m.name for m in first.modifiers),
        note=first.noted.event if first.noted else None,
        discount=currency.text(row.discount),
        off=_off(row),
        subtotal=currency.text(row.taxed.gross),
        net=currency.text(row.taxed.net),
        tax=currency.text(row.taxed.tax),
        taxes=_frozen_taxes(order, row),
        uncharged=order.priced.charge is not None and not order.priced.is_charged(row),
        category=category,
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
        _frozen_tax(order, tax, amount, added=not tax.is_included(by_default=order.terms.included))
        for tax, amount in zip(part.taxes, part.taxed.taxes, strict=True)
    )


def _frozen_tax(order: Order, tax: Tax, amount: Minor, *, added: bool, net: str | None = None) -> PlacedTax:
    currency = order.terms.currency
    rate = tax.percent if tax.per_piece is None else None
    per_piece = levy_text(tax, currency)
    return PlacedTax(name=tax.name, rate=rate, per_piece=per_piece, tax=currency.text(amount), net=net, added=added)


def set_aside(order: Order, event: str, manager: int) -> list[Draft]:
    """Skip an unreadable record, with a manager's approval, so that the order can be paid."""
    if event not in order.unread or event in order.set_aside:
        return []
    return [Draft(RecordSetAside(event=event, approved_by=manager), order.id)]
