"""The events of payments. They are in the stream of the order."""

from __future__ import annotations

from typing import Annotated, ClassVar

from msgspec import Meta, field

from till.domain.events.fields import Amount, AtLeastOne, Private, StaffNumber, TillNumber, Unsigned, Uuid, Word
from till.domain.events.registry import OrderEvent
from till.domain.i18n import _
from till.domain.payment.cards import Card


class CheckoutStarted(OrderEvent, frozen=True):
    """The pay screen was opened; no money was asked for yet. It counts until something else is keyed."""

    called: ClassVar[str] = _("To the pay screen")
    harmless: ClassVar[bool] = True
    fact: ClassVar[bool] = True


class PaymentStarted(OrderEvent, frozen=True):
    """A payment was started: it is on disk before any money is asked for. The idempotency `key` makes it happen once.

    `amount` contains the `tip`. `place`, `asker` and `number` identify the charge to the terminal or gateway (POIID,
    SaleID and ServiceID of a terminal), for any till that asks for its outcome; empty if a person takes the money.
    `for` holds the pieces of each line that a guest pays with it; empty if it is not by items.
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
    """Money was taken: `amount` = `tendered` less the `change` given in cash.

    The `tip` in it pays for nothing on the bill. `transaction` identifies the money at the terminal or gateway, or is
    the number of the slip. `card` is the card's brand and last digits, from the terminal. `drawer` is the till whose
    drawer took the money or gave the change; None if none did. `approved_by` is the manager who settled a payment
    without an answer by hand. `balance` is what the server says is left on the voucher that paid; `holder` is the
    voucher or the account, as the server names it, so that a restored database knows it again.
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
    balance: Unsigned | None = None
    holder: Uuid | None = None


class TenderCorrected(OrderEvent, frozen=True):
    """The tender of a payment was corrected, such as from cash to card: it counts as `tender`. `was` stays on record.

    `drawer` is the till whose drawer has `amount` more by it, if `tender` is kept in one; `was_drawer` is the one that
    has `amount` less, if `was` was kept in one.
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
    """A payment was declined; `approved_by` is the manager who settled that by hand."""

    about_money: ClassVar[bool] = True

    payment_id: Uuid
    tender: Word
    amount: Amount
    reason: Private = ""
    approved_by: StaffNumber | None = None


class PaymentUnknown(OrderEvent, frozen=True):
    """The outcome of a payment is unknown: it is asked for with the same key until it is known."""

    about_money: ClassVar[bool] = True
    at_once: ClassVar[bool] = True

    payment_id: Uuid
    tender: Word
    amount: Amount


class PaymentAuthorised(OrderEvent, frozen=True):
    """Money was authorised but not captured: it pays for nothing yet, and its outcome is asked for."""

    about_money: ClassVar[bool] = True
    at_once: ClassVar[bool] = True

    payment_id: Uuid
    tender: Word
    amount: Amount
    transaction: Word = ""


class PaymentReturnStarted(OrderEvent, frozen=True):
    """The return of a whole payment was started: it is on disk before the terminal or gateway is asked for it.

    `return_id` makes it happen once. `place`, `asker` and `number` identify it as they identify a charge, and
    `transaction` the money to return. `payment_voided` records its success. `approved_by` is the manager who approved
    it, if one was asked.
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
    """The return of a payment was declined, so it counts; `approved_by` is the manager who settled that by hand."""

    about_money: ClassVar[bool] = True

    payment_id: Uuid
    return_id: Uuid
    tender: Word
    amount: Amount
    reason: Private = ""
    approved_by: StaffNumber | None = None


class PaymentReturnUnknown(OrderEvent, frozen=True):
    """The outcome of the return of a payment is unknown: it is asked for until it is known."""

    about_money: ClassVar[bool] = True
    at_once: ClassVar[bool] = True

    payment_id: Uuid
    return_id: Uuid
    tender: Word
    amount: Amount


class SlipKept(OrderEvent, frozen=True):
    """A slip that the terminal wants printed; its text begins in `text` and continues in the others.

    It is for the guest or for the till, and may have to be signed by the guest. `refund_id` is set if it is about a
    refund after the sale. It does not change the money.
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
    """A whole payment was returned by its own tender; `approved_by` is the manager who approved it, if one was asked.

    `drawer` as in `payment_approved`. `return_id` is that of `payment_return_started`, and `transaction` identifies the
    returned money; both are empty if a person returned it.
    """

    about_money: ClassVar[bool] = True
    listed: ClassVar[str] = "given_back"
    at_once: ClassVar[bool] = True

    payment_id: Uuid
    tender: Word
    amount: Amount
    reason: Private = ""
    approved_by: StaffNumber | None = None
    drawer: TillNumber | None = None
    return_id: Uuid | None = None
    transaction: Word = ""
