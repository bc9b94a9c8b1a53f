"""Decisions about money that somebody else answers for: asked once, heard of whenever the answer comes (design §11).

A charge is started on the order that it is for; its answer counts wherever that stands by then. Nothing here asks:
that is a tender's part.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from till.domain.errors import PaymentError
from till.domain.i18n import _
from till.domain.money.measures import Minor
from till.domain.order.paying import Tendered, due_in, start_payment
from till.domain.order.selling import event_of
from till.domain.order.state import AWAITED, PaymentState, Status
from till.domain.order.suspension import on_tab
from till.domain.payment.cards import card_of
from till.domain.payment.events import PaymentApproved, PaymentAuthorised, PaymentDeclined, PaymentUnknown, SlipKept
from till.domain.payment.slips import MOST, texts_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from till.domain.events.envelope import Draft
    from till.domain.order.state import Order, Payment, Tab


def start_charge(
    order: Order,
    payment_id: str,
    asked: Tendered,
    reference: tuple[str, str, str],
    money: Callable[[Minor], str] | None = None,
) -> list[Draft]:
    """Write down what is asked for, and who can be asked after it, before anybody is.

    Args:
        order: as it stands.
        payment_id: the key under which it is asked for, however often.
        asked: how much, and the tip in it.
        reference: the place, the asker and the number that name it there.
        money: writes an amount for who reads the refusal.

    Raises:
        PaymentError: nothing is due, or less than that is asked for; or another payment is under way.
    """
    said, due = money or order.terms.currency.money, due_in(order, asked.tender)
    settles = asked.amount - asked.tip
    if asked.tip < 0 or settles <= 0 or due <= 0:
        sentence = _("{given} does not go towards the {due} that is due.")
        raise PaymentError(sentence.format(given=said(asked.amount), due=said(due)))
    if settles > due:
        raise PaymentError(_("That is more than the {due} that is due.").format(due=said(due)))
    return start_payment(order, payment_id, asked, reference)


def approve_charge(
    order: Order,
    payment: Payment,
    amount: Minor,
    *,
    tip: Minor,
    transaction: str,
    card: tuple[str, str] = ("", ""),
    drawer: int | None = None,
) -> list[Draft]:
    """Money was taken: so much, with a tip that was given there; nothing where that is known.

    The tip that was asked for with it is in `amount` as far as that goes; who was asked may know of another beside it.
    `card` is what the card is called and its number, of which no more is kept than may be.
    """
    if payment.state is PaymentState.VOIDED or (
        payment.state is PaymentState.APPROVED and payment.settled_by is None and payment.amount == amount
    ):
        return []
    text = order.terms.currency.text
    named = max(tip, _own_tip(payment, amount) + min(tip, _beyond(payment, amount)))
    data = PaymentApproved(
        payment_id=payment.id,
        tender=payment.tender,
        amount=text(amount),
        tendered=text(amount),
        change=text(Minor(0)),
        tip=text(Minor(min(named, amount))) if named else "0",
        transaction=transaction,
        card=card_of(*card),
        drawer=drawer,
    )
    return [event_of(order, data)]


def _own_tip(payment: Payment, amount: Minor) -> int:
    """The tip that was asked for with it, as far as an amount goes: what is due comes first."""
    return max(0, min(payment.tip, amount - (payment.asked or 0)))


def _beyond(payment: Payment, amount: Minor) -> int:
    """What an amount has beyond all that was asked for."""
    return max(0, amount - (payment.asked or 0) - payment.tip)


def keep_slips(
    order: Order, payment_id: str, slips: Sequence[tuple[Sequence[str], bool, bool]], refund_id: str | None = None
) -> list[Draft]:
    """Keep what is to be on paper about a payment, bounded and without escapes.

    Args:
        order: as it stands.
        payment_id: of the payment that they are about.
        slips: of each its lines, whether it is for the guest, and whether the guest signs it.
        refund_id: the refund that gave of that payment back, where they tell of one.
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


def decline_charge(order: Order, payment: Payment, reason: str) -> list[Draft]:
    """Money was not taken; nothing where that is known, or where it was given back."""
    if payment.state in {PaymentState.DECLINED, PaymentState.VOIDED}:
        return []
    if payment.state is PaymentState.APPROVED and payment.is_contradicted:
        return []
    amount = order.terms.currency.text(payment.amount)
    data = PaymentDeclined(payment_id=payment.id, tender=payment.tender, amount=amount, reason=reason)
    return [event_of(order, data)]


def lose_charge(order: Order, payment: Payment) -> list[Draft]:
    """Nobody can tell yet what became of it; nothing where that is known."""
    if payment.state is not PaymentState.STARTED:
        return []
    amount = order.terms.currency.text(payment.amount)
    return [event_of(order, PaymentUnknown(payment_id=payment.id, tender=payment.tender, amount=amount))]


def authorise_charge(order: Order, payment: Payment, transaction: str) -> list[Draft]:
    """Money is promised and not taken yet; nothing where that is known, or where more is."""
    if payment.state not in {PaymentState.STARTED, PaymentState.UNKNOWN}:
        return []
    data = PaymentAuthorised(
        payment_id=payment.id,
        tender=payment.tender,
        amount=order.terms.currency.text(payment.amount),
        transaction=transaction,
    )
    return [event_of(order, data)]


def settle_by_hand(
    order: Order, payment: Payment, manager: int, *, charged: bool, slip: str = "", drawer: int | None = None
) -> list[Draft]:
    """What a manager says of a payment that has no answer, with the slip in hand: it was charged, or it was not.

    Raises:
        PaymentError: it has its answer.
    """
    if payment.state not in AWAITED:
        raise PaymentError(_("That payment has its answer already."))
    text = order.terms.currency.text
    if not charged:
        refused = PaymentDeclined(
            payment_id=payment.id,
            tender=payment.tender,
            amount=text(payment.amount),
            reason=_("settled by hand: not charged"),
            approved_by=manager,
        )
        return [event_of(order, refused)]
    taken = PaymentApproved(
        payment_id=payment.id,
        tender=payment.tender,
        amount=text(payment.amount),
        tendered=text(payment.amount),
        change=text(Minor(0)),
        tip=text(payment.tip) if payment.tip else "0",
        transaction=slip,
        drawer=drawer,
        approved_by=manager,
    )
    return [event_of(order, taken)]


def keep_until_known(order: Order, tab: Tab) -> list[Draft]:
    """Put an order on a tab while nobody can tell what became of its payment: the answer finds it there.

    Raises:
        PaymentError: no payment of it is awaited.
    """
    if order.pending_payment is None or order.status is not Status.ACTIVE:
        raise PaymentError(_("No payment is awaited here."))
    return [on_tab(order, tab)]
