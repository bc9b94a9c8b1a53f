"""The events of money for an order; they stand in the order's stream."""

from __future__ import annotations

from typing import ClassVar

from till.domain.events.fields import Amount, Private, StaffNumber, Uuid, Word
from till.domain.events.registry import OrderEvent


class CheckoutStarted(OrderEvent, frozen=True):
    """The guest wants to pay: nobody was asked for money yet. It stands until something else is keyed."""

    harmless: ClassVar[bool] = True


class PaymentStarted(OrderEvent, frozen=True):
    """A payment begins: on disk before anybody is asked for money. `key` makes it once, however often it is asked."""

    at_once: ClassVar[bool] = True

    payment_id: Uuid
    tender: Word
    amount: Amount
    key: Word


class PaymentApproved(OrderEvent, frozen=True):
    """Money was taken: `amount` settles the order, of `tendered` that was handed over and `change` given back."""

    payment_id: Uuid
    tender: Word
    amount: Amount
    tendered: Amount
    change: Amount


class PaymentDeclined(OrderEvent, frozen=True):
    """A payment did not happen."""

    payment_id: Uuid
    tender: Word
    amount: Amount
    reason: Private = ""


class PaymentVoided(OrderEvent, frozen=True):
    """All of a payment was given back, to what paid; `approved_by` is the manager who said yes, if one was asked."""

    at_once: ClassVar[bool] = True

    payment_id: Uuid
    tender: Word
    amount: Amount
    reason: Private = ""
    approved_by: StaffNumber | None = None
