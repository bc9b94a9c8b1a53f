"""Razorpay's entities, as far as a till reads them, strictly. Amounts are in minor units, as a till counts."""

from __future__ import annotations

from typing import Annotated, Any, Final, TypeVar

import msgspec
from msgspec import Meta, Struct, field

Id = Annotated[str, Meta(pattern=r"^[!-~]{1,64}\Z")]
Amount = Annotated[int, Meta(ge=0, le=10**13)]


class UnreadableError(Exception):
    """That is no answer of the gateway, or one whose fields do not fit."""


class Order(Struct, frozen=True, kw_only=True):
    """What is to be paid. `notes` is an empty list where there are none."""

    id: Id
    amount: Amount
    currency: str
    receipt: str | None = None
    notes: dict[str, Any] | list[Any] = field(default_factory=dict)

    def note(self, name: str) -> str:
        """A note by its name; empty where there is none."""
        value = self.notes.get(name) if isinstance(self.notes, dict) else None
        return value if isinstance(value, str) else ""


class QrCode(Struct, frozen=True, kw_only=True):
    """A code that a guest pays by. `image_content` is what it holds, where the account is set up to say it."""

    id: Id
    status: str
    image_content: str = ""


class Payment(Struct, frozen=True, kw_only=True):
    """What a guest paid, or tried to."""

    id: Id
    amount: Amount
    currency: str
    status: str


class Refund(Struct, frozen=True, kw_only=True):
    """What was given back, or will be."""

    id: Id
    amount: Amount
    payment_id: str
    status: str
    receipt: str | None = None


class Orders(Struct, frozen=True, kw_only=True):
    """A page of orders."""

    items: tuple[Order, ...]


class Payments(Struct, frozen=True, kw_only=True):
    """A page of payments."""

    items: tuple[Payment, ...]


class Refunds(Struct, frozen=True, kw_only=True):
    """A page of refunds."""

    items: tuple[Refund, ...]


class Fault(Struct, frozen=True, kw_only=True):
    """Why a question was refused."""

    description: str = ""


class Refusal(Struct, frozen=True, kw_only=True):
    """A refusal."""

    error: Fault


_Kind = TypeVar("_Kind")
_FAULTS: Final = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


def read(raw: bytes, kind: type[_Kind]) -> _Kind:
    """The entity in these bytes.

    Raises:
        UnreadableError: there is none.
    """
    try:
        return msgspec.json.decode(raw, type=kind)
    except _FAULTS as fault:
        raise UnreadableError(type(fault).__name__) from None
