"""The events of money for an order; they stand in the order's stream."""

from __future__ import annotations

from typing import Annotated, ClassVar

from msgspec import Meta, field

from till.domain.events.fields import Amount, AtLeastOne, Private, StaffNumber, TillNumber, Unsigned, Uuid, Word
from till.domain.events.registry import OrderEvent
from till.domain.i18n import _
from till.domain.payment.cards import Card


class CheckoutStarted(OrderEvent, frozen=True):
    """The guest wants to pay: nobody was asked for money yet. It stands until something else is keyed."""

    called: ClassVar[str] = _("To the pay screen")
    harmless: ClassVar[bool] = True
    fact: ClassVar[bool] = True


class PaymentStarted(OrderEvent, frozen=True):
    """A payment begins: on disk before anybody is asked for money. `key` makes it once, however often it is asked.

    `amount` is all that is asked for, a `tip` of it for the staff. `place`, `asker` and `number` name the charge to who
    is asked for it (at a terminal POIID, SaleID and ServiceID), for any till that asks after it; empty where a person
    says that it was paid. `for` names the pieces of each line that a guest pays by it; none where it is for no items.
    """

    about_money: ClassVar[bool] = True
    listed: ClassVar[str] = "payments"
    at_once: ClassVar[bool] = True

    payment_id: Uuid
    tender: Word
    amount: Amount
    key: Word
    tip: Unsigned = "0"
    place: Word = ""
    asker: Word = ""
    number: Word = ""
    pieces: Annotated[dict[Uuid, AtLeastOne], Meta(max_length=10_000)] = field(name="for", default_factory=dict)


class PaymentApproved(OrderEvent, frozen=True):
    """Money was taken: `amount` of `tendered` that was handed over, after `change` was given back in cash.

    A `tip` of it settles nothing. `transaction` names the money where it was taken, or is the number of its slip.
    `card` is what a terminal says of the card, of its number the end alone.
    `drawer` is the till whose drawer it went into, or gave the change; None where none was opened. `approved_by` is the
    manager who settled by hand what had no answer.
    """

    about_money: ClassVar[bool] = True
    at_once: ClassVar[bool] = True

    payment_id: Uuid
    tender: Word
    amount: Amount
    tendered: Amount
    change: Amount
    tip: Unsigned = "0"
    transaction: Word = ""
    card: Card | None = None
    drawer: TillNumber | None = None
    approved_by: StaffNumber | None = None


class TenderCorrected(OrderEvent, frozen=True):
    """The tender of a payment was recorded wrongly, as cash for card: it counts as `tender`; `was` stays in the books.

    `drawer` is the till whose drawer has `amount` more by it, where `tender` lies in one; `was_drawer` that which has
    `amount` less, where `was` lay in one.
    """

    beside: ClassVar[bool] = True
    called: ClassVar[str] = _("A tender corrected")
    listed: ClassVar[str] = "corrections"
    harmless: ClassVar[bool] = True
    any_hold: ClassVar[bool] = True
    fact: ClassVar[bool] = True

    order_id: Uuid
    payment_id: Uuid
    was: Word
    tender: Word
    amount: Amount
    drawer: TillNumber | None = None
    was_drawer: TillNumber | None = None
    approved_by: StaffNumber | None = None
    reason: Private = ""


class PaymentDeclined(OrderEvent, frozen=True):
    """A payment did not happen; `approved_by` is the manager who settled by hand that it did not."""

    about_money: ClassVar[bool] = True

    payment_id: Uuid
    tender: Word
    amount: Amount
    reason: Private = ""
    approved_by: StaffNumber | None = None


class PaymentUnknown(OrderEvent, frozen=True):
    """Nobody could tell yet whether money was taken: it is asked after, with the same key, until somebody can."""

    about_money: ClassVar[bool] = True
    at_once: ClassVar[bool] = True

    payment_id: Uuid
    tender: Word
    amount: Amount


class PaymentAuthorised(OrderEvent, frozen=True):
    """Money is promised and not taken yet: it settles nothing, and is asked after like what is unknown."""

    about_money: ClassVar[bool] = True
    at_once: ClassVar[bool] = True

    payment_id: Uuid
    tender: Word
    amount: Amount
    transaction: Word = ""


class PaymentReturnStarted(OrderEvent, frozen=True):
    """All of a payment is to go back, and who took it is asked to give it: on disk before anybody hears of it.

    `return_id` makes it once, however often it is asked after; `place`, `asker` and `number` name it as they name a
    charge, and `transaction` the money that goes back. That it did tells `payment_voided`. `approved_by` is the manager
    who said yes, if one was asked.
    """

    about_money: ClassVar[bool] = True
    listed: ClassVar[str] = "payments"
    at_once: ClassVar[bool] = True

    payment_id: Uuid
    return_id: Uuid
    tender: Word
    amount: Amount
    place: Word = ""
    asker: Word = ""
    number: Word = ""
    transaction: Word = ""
    approved_by: StaffNumber | None = None


class PaymentReturnDeclined(OrderEvent, frozen=True):
    """A payment did not go back: it stands; `approved_by` is the manager who settled by hand that it did not."""

    about_money: ClassVar[bool] = True

    payment_id: Uuid
    return_id: Uuid
    tender: Word
    amount: Amount
    reason: Private = ""
    approved_by: StaffNumber | None = None


class PaymentReturnUnknown(OrderEvent, frozen=True):
    """Nobody could tell yet whether a payment went back: it is asked after until somebody can."""

    about_money: ClassVar[bool] = True
    at_once: ClassVar[bool] = True

    payment_id: Uuid
    return_id: Uuid
    tender: Word
    amount: Amount


class SlipKept(OrderEvent, frozen=True):
    """A slip about a payment that its taker wants on paper: its lines, the first in `text`, continued in the others.

    `for_guest` or for the till; `to_be_signed` by the guest; `refund_id` if it is about a refund after the sale. It
    does not change the money.
    """

    beside: ClassVar[bool] = True
    called: ClassVar[str] = _("The terminal's slip")
    harmless: ClassVar[bool] = True
    any_hold: ClassVar[bool] = True
    fact: ClassVar[bool] = True

    payment_id: Uuid
    refund_id: Uuid | None = None
    for_guest: bool = False
    to_be_signed: bool = False
    text: Private = ""
    text_2: Private = ""
    text_3: Private = ""


class PaymentVoided(OrderEvent, frozen=True):
    """All of a payment was given back, to what paid; `approved_by` is the manager who said yes, if one was asked.

    `drawer` is as in `payment_approved`. `return_id` is that under which who took it was asked to give it back, and
    `transaction` names what they gave; none where a person gave it.
    """

    about_money: ClassVar[bool] = True
    at_once: ClassVar[bool] = True

    payment_id: Uuid
    tender: Word
    amount: Amount
    reason: Private = ""
    approved_by: StaffNumber | None = None
    drawer: TillNumber | None = None
    return_id: Uuid | None = None
    transaction: Word = ""
