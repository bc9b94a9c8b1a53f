"""The events of payments, in the stream of the order."""

from __future__ import annotations

from typing import Annotated, ClassVar

from msgspec import Meta, field

from till.domain.events.fields import Amount, AtLeastOne, Private, StaffNumber, TillNumber, Unsigned, Uuid, Word
from till.domain.events.registry import OrderEvent
from till.domain.i18n import N_
from till.domain.payment.cards import Card


class CheckoutStarted(OrderEvent, frozen=True):
    """The pay screen was opened. No money is requested yet. The checkout ends when another line is keyed."""

    called: ClassVar[str] = N_("To the pay screen")
    harmless: ClassVar[bool] = True
    fact: ClassVar[bool] = True


class GatewayOrderNamed(OrderEvent, frozen=True):
    """A program named an order at a gateway for this order.

    A charge of it is a payment of this order, also after the program named another one (a changed cart needs that).
    """

    called: ClassVar[str] = N_("Asked for by a payment gateway")
    harmless: ClassVar[bool] = True
    fact: ClassVar[bool] = True
    beside: ClassVar[bool] = True
    by_server: ClassVar[bool] = True

    gateway: Word
    order: Word


class PaymentStarted(OrderEvent, frozen=True):
    """A payment was started. The event is on disk before any money is requested.

    `key` is the idempotency key. `amount` includes the `tip`. `place`, `asker` and `number` identify the charge to the
    terminal or gateway (POIID, SaleID and ServiceID of a terminal), so that any till can ask for its outcome; they are
    empty if a person takes the money. `for` is the number of pieces of each line that the payment is for; empty if it
    is not by items.
    """

    called: ClassVar[str] = N_("Asked for {amount} by {tender}: {pieces}")
    about_money: ClassVar[bool] = True
    listed: ClassVar[str] = "payments"
    at_once: ClassVar[bool] = True
    applied_beside: ClassVar[bool] = True

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

    The `tip` is part of the amount, but does not count towards the bill. `transaction` identifies the money at the
    terminal or gateway, or is the number of the slip. `card` is the card's brand and last digits, from the terminal.
    `drawer` is the till whose drawer took the money or gave the change; absent if no drawer did. `approved_by` is the
    manager who settled a payment without an answer by hand. `balance` is the balance left on the voucher or the
    account, from the server. `holder` is the server's id of the voucher or the account; a restored database finds it by
    this id.
    """

    called: ClassVar[str] = N_("Took {amount} by {tender}")
    about_money: ClassVar[bool] = True
    listed: ClassVar[str] = "answers"
    at_once: ClassVar[bool] = True
    opens_shift: ClassVar[bool] = True

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


class Correction(OrderEvent, frozen=True):
    """An event that corrects a payment of a sale."""

    by_counter: ClassVar[bool] = True
    beside: ClassVar[bool] = True
    harmless: ClassVar[bool] = True
    any_hold: ClassVar[bool] = True
    fact: ClassVar[bool] = True
    applied_beside: ClassVar[bool] = True


class TenderCorrected(Correction, frozen=True):
    """The tender of a payment was corrected, such as from cash to card. It now counts as `tender`; before it was `was`.

    `drawer` is the till whose drawer has `amount` more, if `tender` is kept in a drawer. `was_drawer` is the till whose
    drawer has `amount` less, if `was` is kept in a drawer.
    """

    called: ClassVar[str] = N_("A tender corrected")
    audited: ClassVar[str] = N_("corrected the tender: {tender}, not {was}")
    listed: ClassVar[str] = "corrections"

    order_id: Uuid
    payment_id: Uuid
    was: Word
    tender: Word
    amount: Amount
    drawer: TillNumber | None = None
    was_drawer: TillNumber | None = None
    approved_by: StaffNumber | None = None
    reason: Private = ""


class TipCorrected(Correction, frozen=True):
    """The tip of a payment of a sale was corrected from `was` to `tip`. The payment itself does not change.

    `returned` is `was` less `tip`: the guest got it back in `tender`, the tender of the payment or cash. If it is
    negative, that much was taken in addition. `drawer` is the till whose drawer it left or came into; absent if no
    drawer.
    """

    called: ClassVar[str] = N_("A tip corrected")
    audited: ClassVar[str] = N_("corrected the tip: {tip}, not {was}")
    opens_shift: ClassVar[bool] = True

    order_id: Uuid
    payment_id: Uuid
    was: Amount
    tip: Unsigned
    returned: Amount
    tender: Word
    drawer: TillNumber | None = None
    approved_by: StaffNumber | None = None


class PaymentDeclined(OrderEvent, frozen=True):
    """A payment was declined; `approved_by` is the manager who settled it by hand."""

    called: ClassVar[str] = N_("{amount} by {tender} was declined")
    about_money: ClassVar[bool] = True
    listed: ClassVar[str] = "answers"
    applied_beside: ClassVar[bool] = True

    payment_id: Uuid
    tender: Word
    amount: Amount
    reason: Private = ""
    approved_by: StaffNumber | None = None


class PaymentConfirmed(OrderEvent, frozen=True):
    """A provider agreed with what a person had settled by hand: a payment or, with `return_id`, its return.

    No money moves by it. `transaction` and `card` are as in `payment_approved`.
    """

    beside: ClassVar[bool] = True
    called: ClassVar[str] = N_("{amount} by {tender} was confirmed")
    harmless: ClassVar[bool] = True
    about_money: ClassVar[bool] = True

    payment_id: Uuid
    tender: Word
    amount: Amount
    return_id: Uuid | None = None
    transaction: Word = ""
    card: Card | None = None


class PaymentUnknown(OrderEvent, frozen=True):
    """The outcome of a payment is unknown. The till asks again, with the same key, until it is known."""

    called: ClassVar[str] = N_("No answer yet about {amount} by {tender}")
    about_money: ClassVar[bool] = True
    at_once: ClassVar[bool] = True

    payment_id: Uuid
    tender: Word
    amount: Amount


class PaymentAuthorised(OrderEvent, frozen=True):
    """Money was authorised but not captured. It does not count yet, and the till asks again for the outcome."""

    called: ClassVar[str] = N_("{amount} by {tender} is promised, not yet taken")
    about_money: ClassVar[bool] = True
    at_once: ClassVar[bool] = True

    payment_id: Uuid
    tender: Word
    amount: Amount
    transaction: Word = ""


class PaymentReturnStarted(OrderEvent, frozen=True):
    """The return of a whole payment was started. The event is on disk before the terminal or gateway is asked.

    `return_id` is the idempotency key. `place`, `asker` and `number` identify the return as they identify a charge, and
    `transaction` identifies the money to return. `payment_voided` records the success. `approved_by` is the manager who
    approved the return, if an approval was needed.
    """

    called: ClassVar[str] = N_("Asked to refund {amount} by {tender}")
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
    """The return of a payment was declined: the payment counts. `approved_by` is the manager who settled it by hand."""

    called: ClassVar[str] = N_("{amount} by {tender} was not refunded")
    about_money: ClassVar[bool] = True
    listed: ClassVar[str] = "answers"

    payment_id: Uuid
    return_id: Uuid
    tender: Word
    amount: Amount
    reason: Private = ""
    approved_by: StaffNumber | None = None


class PaymentReturnUnknown(OrderEvent, frozen=True):
    """The outcome of the return of a payment is unknown. The till asks again until it is known."""

    called: ClassVar[str] = N_("No answer yet about refunding {amount} by {tender}")
    about_money: ClassVar[bool] = True
    at_once: ClassVar[bool] = True

    payment_id: Uuid
    return_id: Uuid
    tender: Word
    amount: Amount


class SlipKept(OrderEvent, frozen=True):
    """A slip that the terminal wants printed. Its text starts in `text` and continues in `text_2` and `text_3`.

    It is for the guest or for the till, and the guest may have to sign it. `refund_id` is set if the slip is about a
    refund after the sale. It moves no money.
    """

    beside: ClassVar[bool] = True
    called: ClassVar[str] = N_("The terminal's slip")
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
    """A whole payment was returned in its own tender. `approved_by` is the manager who approved it, if needed.

    `drawer` as in `payment_approved`. `return_id` as in `payment_return_started`, and `transaction` identifies the
    returned money; both are empty if a person returned it. `change` is the cash that the guest gave back, because the
    payment was in another tender and had change.
    """

    called: ClassVar[str] = N_("Refunded {amount} by {tender}")
    called_by_server: ClassVar[str] = N_("{amount} by {tender} given up, nothing taken")
    audited: ClassVar[str] = N_("refunded a payment: {tender}")
    audited_by_server: ClassVar[str] = N_("gave up a payment, nothing was taken: {tender}")
    about_money: ClassVar[bool] = True
    listed: ClassVar[str] = "given_back"
    at_once: ClassVar[bool] = True
    applied_beside: ClassVar[bool] = True
    opens_shift: ClassVar[bool] = True

    payment_id: Uuid
    tender: Word
    amount: Amount
    reason: Private = ""
    approved_by: StaffNumber | None = None
    drawer: TillNumber | None = None
    return_id: Uuid | None = None
    transaction: Word = ""
    change: Unsigned = "0"
