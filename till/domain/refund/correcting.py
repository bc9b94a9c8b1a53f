"""Corrections of a wrongly recorded tender or tip. Pure. Only a corrected tip moves money."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from till.domain.errors import RefundError
from till.domain.i18n import _
from till.domain.money.measures import Minor, sum_of
from till.domain.order.deciding import event_of
from till.domain.order.paying import CASH
from till.domain.payment.events import TenderCorrected, TipCorrected
from till.domain.payment.names import in_words, tender_name

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date

    from till.domain.events.envelope import Draft
    from till.domain.order.events import OrderPlaced, PlacedPayment
    from till.domain.order.state import Order, Payment
    from till.domain.refund.giving import Way


class Hand(Struct, frozen=True):
    """A tender recorded by hand: its display name, and true if the money is kept in the drawer."""

    label: str
    opens_drawer: bool = False


class CorrectTip(Struct, frozen=True):
    """The right tip of a payment, and the tender in which the difference goes back or was taken."""

    payment_id: str
    tip: Minor
    tender: str


def correct_tender(
    order: Order, payment_id: str, tender: str, hands: Mapping[str, Hand], manager: int | None
) -> list[Draft]:
    """Correct the tender of a payment, on whatever day it is found. Cash rounding does not change.

    `hands` are the tenders recorded by hand at this till, by name.

    Raises:
        RefundError: the order is not paid, the payment is not in the sale, cannot be read here or was taken by a
            provider, its tip was corrected, or a tender is not recorded by hand.
    """
    placed, payment, taken = _paid(order, payment_id)
    if payment.transaction or taken.is_asked_elsewhere:
        raise RefundError(_("Not taken by hand: refund that payment and sell again."))
    if tender not in hands:
        raise RefundError(_("Only to a tender taken by hand: {known}.").format(known=_known(hands)))
    was = order.corrected.get(payment_id, payment.tender)
    if tender == was:
        raise RefundError(_("That is already paid by {tender}.").format(tender=in_words(hands[tender].label)))
    if sum_of(one.change for one in order.tip_changes if one.payment_id == payment_id):
        raise RefundError(_("First type the tip as it was; then the tender, then tip."))
    data = TenderCorrected(
        order_id=placed.order_id,
        payment_id=payment_id,
        was=was,
        tender=tender,
        amount=payment.amount,
        drawer=taken.till if hands[tender].opens_drawer else None,
        was_drawer=taken.till if was in hands and hands[was].opens_drawer else None,
        approved_by=manager,
    )
    return [event_of(order, data)]


def correct_tip(
    order: Order,
    right: CorrectTip,
    hands: Mapping[str, Hand],
    manager: int | None,
    today: date,
    till: int,
    money: Callable[[Minor], str],
) -> list[Draft]:
    """Correct the tip of a payment of this business day. The difference goes back at once, or was taken in addition.

    It goes back in the tender of the payment, if that is recorded by hand, or in cash. The drawer is that of `till`,
    whichever till took the payment, because its money moves now.
    """
    placed, payment, _taken = _paid(order, right.payment_id)
    if placed.business_date != today.isoformat():
        raise RefundError(_("Only today's tips are corrected. Pay it back in cash."))
    text, minor = order.terms.currency.text, order.terms.currency.minor
    if minor(payment.amount) <= 0:
        raise RefundError(_("A tip goes with a payment."))
    was = order.tip_of(payment.payment_id)
    if right.tip == was:
        raise RefundError(_("The tip is {amount} already.").format(amount=money(was)))
    own = order.corrected.get(payment.payment_id, payment.tender)
    if right.tender != CASH and not (right.tender == own and _is_by_hand(order, payment, hands)):
        words = _("No tip goes back by {tender} here. Tab to cash, then tip.")
        raise RefundError(words.format(tender=in_words(tender_name(own))))
    data = TipCorrected(
        order_id=placed.order_id,
        payment_id=right.payment_id,
        was=text(was),
        tip=text(right.tip),
        returned=text(Minor(was - right.tip)),
        tender=right.tender,
        drawer=till if right.tender == CASH or hands[right.tender].opens_drawer else None,
        approved_by=manager,
    )
    return [event_of(order, data)]


def right_tip(order: Order, placed: OrderPlaced, tip: Minor, way: Way | None, hands: Mapping[str, Hand]) -> CorrectTip:
    """Return the correction that a tip means: of the payment that has one, otherwise of the one that paid.

    Args:
        order: the order of the sale.
        placed: the sale.
        tip: the right tip.
        way: the chosen way to refund, which decides among several payments, and in which tender the difference goes
            back; None if all is refunded.
        hands: the tenders recorded by hand at this till, by name.

    Raises:
        RefundError: nothing was paid, or the way is of none of several payments.
    """
    minor = order.terms.currency.minor
    paid = [one for one in placed.payments if minor(one.amount) > 0]
    if not paid:
        raise RefundError(_("Nothing was paid for this sale."))
    found = [one for one in paid if order.tip_of(one.payment_id)] or paid
    if len(found) > 1:
        found = [one for one in found if way is not None and _is_of(way, order, one)]
    if not found:
        raise RefundError(_("Tab to the payment whose tip is wrong. Then type it."))
    payment = found[-1]
    if way is None:
        is_in_cash = not _is_by_hand(order, payment, hands)
    else:
        is_in_cash = way.is_instead and _is_of(way, order, payment)
    own = order.corrected.get(payment.payment_id, payment.tender)
    return CorrectTip(payment.payment_id, tip, CASH if is_in_cash else own)


def _is_of(way: Way, order: Order, payment: PlacedPayment) -> bool:
    """True if a way refunds a payment. All cash is one way."""
    own = order.corrected.get(payment.payment_id, payment.tender)
    return payment.payment_id == way.payment.payment_id or own == way.payment.tender == CASH


def _is_by_hand(order: Order, payment: PlacedPayment, hands: Mapping[str, Hand]) -> bool:
    """True if the tender of a payment is recorded by hand here, and no provider took it."""
    taken = order.payments.get(payment.payment_id)
    own = order.corrected.get(payment.payment_id, payment.tender)
    return own in hands and taken is not None and not taken.is_asked_elsewhere


def _paid(order: Order, payment_id: str) -> tuple[OrderPlaced, PlacedPayment, Payment]:
    """Return the sale that lists a payment, and the payment as listed and as taken."""
    if order.placed is None:
        raise RefundError(_("That order was not paid: there is nothing to correct."))
    sale = order.placing_with(payment_id)
    if sale is None:
        raise RefundError(_("That payment is not part of this sale."))
    placed = sale.data
    payment = next(one for one in placed.payments if one.payment_id == payment_id)
    taken = order.payments.get(payment_id)
    if taken is None:  # only a newer till can read the payment
        raise RefundError(_("This till cannot read that payment. A newer one can."))
    return placed, payment, taken


def _known(hands: Mapping[str, Hand]) -> str:
    """Return the names of the tenders, sorted, for a sentence."""
    return ", ".join(sorted((in_words(hand.label) for hand in hands.values()), key=str.casefold))
