"""The card readers of an account at a payment service."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from msgspec import Struct


class CardReader(Struct, frozen=True):
    """A card reader of an account: its id, its name, and its state in the provider's words."""

    id: str
    name: str
    state: str


@runtime_checkable
class ReaderAccount(Protocol):
    """A tender whose provider lists the card readers of its account. Both calls raise `TillError` with a sentence."""

    async def readers(self) -> tuple[CardReader, ...]:
        """Return the readers of the account."""
        ...

    async def pair(self, code: str, name: str) -> CardReader:
        """Add a reader by the code that it shows."""
        ...
