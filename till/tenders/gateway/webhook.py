"""What Razorpay posts by itself (a webhook): whether it is Razorpay that says it, and which payment it is about. Pure.

Nothing here is an answer about money. It names a payment of ours at the most, and who waits for that one asks.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import Annotated, Any, Final

from msgspec import Meta, Struct

from till.domain.ids import is_uuid
from till.tenders.gateway.api import NOTED
from till.tenders.gateway.entities import UnreadableError, read

#: No name that the gateway gives an event is longer.
_LONGEST_ID: Final = 80


class ForgedError(Exception):
    """Not signed with the secret that was agreed."""


class Told(Struct, frozen=True):
    """What was told, and really by the gateway.

    Attributes:
        event: the gateway's own name of it; of one without, what stands for it.
        digest: SHA-256 of what was signed, in hex: the same words are the same event, whatever it is called.
        kind: `payment.captured`.
        payment: the payment or the refund that it is about, by our key; None where it names none of ours.
    """

    event: str
    digest: str
    kind: str
    payment: str | None


class _Entity(Struct, frozen=True):
    notes: Any = None
    receipt: Any = None

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
    """What a body is signed with, in hex."""
    return hmac.new(secret, body, hashlib.sha256).hexdigest()


def read_webhook(body: bytes, *, signature: str, event_id: str, secret: bytes) -> Told:
    """What was posted, from the bytes as they came.

    Args:
        body: the whole body; that is what is signed.
        signature: of the head `X-Razorpay-Signature`.
        event_id: of the head `X-Razorpay-Event-Id`; empty for none.
        secret: what was agreed with the gateway.

    Raises:
        ForgedError: it is not signed so; nothing of it was read.
        UnreadableError: it is signed, and is no event.
    """
    if not hmac.compare_digest(signature_of(body, secret).encode(), signature.encode("utf-8", "replace")):
        raise ForgedError
    event = read(body, _Event)
    digest = hashlib.sha256(body).hexdigest()
    return Told(_event_id(event_id) if event_id else digest, digest, event.event, _ours(event.payload))


def _event_id(text: str) -> str:
    """The gateway's name of an event, as it may be kept. Nothing signs it."""
    if not (text.isascii() and text.isprintable() and " " not in text and len(text) <= _LONGEST_ID):
        raise UnreadableError("a name of an event")
    return text


def _ours(payload: _Payload) -> str | None:
    """The key that we gave. An event of a refund is about that alone, though the payment stands beside it."""
    if payload.refund is not None:
        named = [payload.refund.entity.receipt]
    else:
        named = [payload.qr_code.entity.note(), payload.payment.entity.note(), payload.order.entity.receipt]
    return next((key for key in named if isinstance(key, str) and is_uuid(key)), None)
