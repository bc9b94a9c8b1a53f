"""Corrections of a wrongly recorded tender. Pure; no money moves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from till.domain.errors import RefundError
from till.domain.i18n import _
from till.domain.order.selling import event_of
from till.domain.payment.events import TenderCorrected
from till.domain.payment.names import in_words

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from till.domain.events.envelope import Draft
    from till.domain.order.state import Order


class Hand(Struct, frozen=True):
    """A tender recorded by hand: its display name, and true if the money is kept in the drawer."""

    label: str
    opens_drawer: bool = False


def correct_tender(
    order: Order, payment_id: str, tender: str, hands: Mapping[str, Hand], manager: int | None, today: date
) -> list[Draft]:
    """Correct the tender of a payment of this business day. Cash rounding does not change.

    `hands` are the tenders recorded by hand at this till, by name.

    Raises:
        RefundError: the order is not paid or was paid on another day, the payment is not in the sale, cannot be read
            here or was taken by a provider, or a tender is not recorded by hand.
    """
    if order.placed is None:
        raise RefundError(_("That order was not paid: there is no tender to correct."))
    sale = order.placing_with(payment_id)
    if sale is None:
        raise RefundError(_("That payment is not part of this sale."))
    placed = sale.data
    if placed.business_date != today.isoformat():
        raise RefundError(_("Only today's sales can be corrected. Refund and sell again."))
    payment = next(one for one in placed.payments if one.payment_id == payment_id)
    taken = order.payments.get(payment_id)
    if taken is None:  # only a newer till can read the payment
        raise RefundError(_("This till cannot read that payment. A newer one can."))
    if payment.transaction or taken.is_asked_elsewhere:
        raise RefundError(_("Not taken by hand: refund that payment and sell again."))
    if tender not in hands:
        raise RefundError(_("Only to a tender taken by hand: {known}.").format(known=_known(hands)))
    was = order.corrected.get(payment_id, payment.tender)
    if tender == was:
        raise RefundError(_("That is already paid by {tender}.").format(tender=in_words(hands[tender].label)))
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


def _known(hands: Mapping[str, Hand]) -> str:
    """Return the names of the tenders, sorted, for a sentence."""
    return ", ".join(sorted((in_words(hand.label) for hand in hands.values()), key=str.casefold))
