"""Webhooks of Razorpay: their signature and their payment. Pure functions.

A webhook about a till's payment does not decide its outcome: the till that waits for the payment then polls it. For a
program's order no till waits, so a webhook about its charge counts as reported.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import Annotated, Any, Final

import msgspec
from msgspec import Meta, Struct

from till.domain.ids import is_uuid
from till.tenders.gateway.api import NOTED
from till.tenders.gateway.entities import GatewayReplyError, Id, read

#: The longest name of an event at the gateway.
_LONGEST_ID: Final = 80


class ForgedError(Exception):
    """A webhook without a valid signature."""


class GatewayCharge(Struct, frozen=True):
    """A captured charge of a program's order: its id and order at the gateway, and its amount in minor units."""

    id: Id
    order: Id
    amount: Annotated[int, Meta(gt=0, le=10**13)]
    currency: Annotated[str, Meta(pattern=r"^[A-Z]{3}\Z")]


class WebhookMessage(Struct, frozen=True):
    """A webhook with a valid signature.

    Attributes:
        event: the gateway's id of the event; the digest if it has none.
        digest: SHA-256 of the signed body, in hex. Equal bodies are the same event, whatever its id.
        kind: the kind of event, such as `payment.captured`.
        payment: the till's key of the payment or refund; None if there is none.
        charge: the captured charge; None if there is none.
    """

    event: str
    digest: str
    kind: str
    payment: str | None
    charge: GatewayCharge | None = None


class _Entity(Struct, frozen=True):
    notes: Any = None
    receipt: Any = None
    id: Any = None
    order_id: Any = None
    amount: Any = None
    currency: Any = None
    status: Any = None

    def note(self) -> Any:
        return self.notes.get(NOTED) if isinstance(self.notes, dict) else None


class _Held(Struct, frozen=True):
    entity: _Entity = _Entity()


class _Payload(Struct, frozen=True):
    payment: _Held = _Held()
    order: _Held = _Held()
    qr_code: _Held = _Held()
    refund: _Held | None = None


class _Event(Struct, frozen=True):
    event: Annotated[str, Meta(pattern=r"^[a-z_.]{1,60}\Z")]
    payload: _Payload = _Payload()


def signature_of(body: bytes, secret: bytes) -> str:
    """Return the signature of a body, in hex."""
    return hmac.new(secret, body, hashlib.sha256).hexdigest()


def read_webhook(body: bytes, *, signature: str, event_id: str, secret: bytes) -> WebhookMessage:
    """Read a webhook from its bytes.

    Args:
        body: the whole signed body.
        signature: the header `X-Razorpay-Signature`.
        event_id: the header `X-Razorpay-Event-Id`; empty if it is missing.
        secret: the secret shared with the gateway.

    Raises:
        ForgedError: the signature does not match; nothing was read.
    """
    if not hmac.compare_digest(signature_of(body, secret).encode(), signature.encode("utf-8", "replace")):
        raise ForgedError
    event = read(body, _Event)
    digest = hashlib.sha256(body).hexdigest()
    named = _event_id(event_id) if event_id else digest
    return WebhookMessage(named, digest, event.event, _own_key(event.payload), _captured(event.payload))


def _event_id(text: str) -> str:
    """Return the gateway's id of an event after a check, since it is not signed."""
    if not (text.isascii() and text.isprintable() and " " not in text and len(text) <= _LONGEST_ID):
        raise GatewayReplyError("a name of an event")
    return text


def _captured(payload: _Payload) -> GatewayCharge | None:
    """Return the captured charge; None if there is none, or it was refunded."""
    payment = payload.payment.entity
    if payload.refund is not None or payment.status != "captured":
        return None
    facts = {"id": payment.id, "order": payment.order_id, "amount": payment.amount, "currency": payment.currency}
    try:
        return msgspec.convert(facts, GatewayCharge)
    except msgspec.ValidationError:
        return None  # it has no order at the gateway


def _own_key(payload: _Payload) -> str | None:
    """Return the till's key. The event of a refund is about the refund, though it contains the payment."""
    if payload.refund is not None:
        named = [payload.refund.entity.receipt]
    else:
        named = [payload.qr_code.entity.note(), payload.payment.entity.note(), payload.order.entity.receipt]
    return next((key for key in named if isinstance(key, str) and is_uuid(key)), None)
