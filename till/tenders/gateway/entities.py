"""The fields of Razorpay's entities that a till needs, read strictly. Amounts are in minor units."""

from __future__ import annotations

from typing import Annotated, Any, Final, TypeVar

import msgspec
from msgspec import Meta, Struct, field

Id = Annotated[str, Meta(pattern=r"^[!-~]{1,64}\Z")]
Amount = Annotated[int, Meta(ge=0, le=10**13)]


class GatewayReplyError(Exception):
    """A reply of the gateway that cannot be read."""


class GatewayOrder(Struct, frozen=True, kw_only=True):
    """An order. `notes` is an empty list if there are none."""

    id: Id
    amount: Amount
    currency: str
    receipt: str | None = None
    notes: dict[str, Any] | list[Any] = field(default_factory=dict)

    def note(self, name: str) -> str:
        """Return a note by its name; empty if there is none."""
        value = self.notes.get(name) if isinstance(self.notes, dict) else None
        return value if isinstance(value, str) else ""


class QrCode(Struct, frozen=True, kw_only=True):
    """A code for the guest. `image_content` is its text, if the account is set up to return it."""

    id: Id
    status: str
    image_content: str = ""


class GatewayPayment(Struct, frozen=True, kw_only=True):
    """A payment or an attempt by a guest."""

    id: Id
    amount: Amount
    currency: str
    status: str


class GatewayRefund(Struct, frozen=True, kw_only=True):
    """A refund, completed or pending."""

    id: Id
    amount: Amount
    payment_id: str
    status: str
    receipt: str | None = None


class GatewayOrders(Struct, frozen=True, kw_only=True):
    """A page of orders."""

    items: tuple[GatewayOrder, ...]


class Payments(Struct, frozen=True, kw_only=True):
    """A page of payments."""

    items: tuple[GatewayPayment, ...]


class GatewayRefunds(Struct, frozen=True, kw_only=True):
    """A page of refunds."""

    items: tuple[GatewayRefund, ...]


class GatewayFault(Struct, frozen=True, kw_only=True):
    """The reason of a refusal."""

    description: str = ""


class Refusal(Struct, frozen=True, kw_only=True):
    """A refusal."""

    error: GatewayFault


_Kind = TypeVar("_Kind")
_FAULTS: Final = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


def read(raw: bytes, kind: type[_Kind]) -> _Kind:
    """Return the entity in these bytes.

    Raises:
        GatewayReplyError: the bytes are not such an entity.
    """
    try:
        return msgspec.json.decode(raw, type=kind)
    except _FAULTS as fault:
        raise GatewayReplyError(type(fault).__name__) from None
