"""Effects of the split screen: small frozen values."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from till.domain.money.measures import Minor


class PayGuest(Struct, frozen=True):
    """Take a guest's payment for its lines."""

    guest: int


class PayPart(Struct, frozen=True):
    """Take a part of the amount due; None for all of it."""

    amount: Minor | None


class PayItems(Struct, frozen=True):
    """Take the price of the marked pieces, as a part of the amount due."""


class MoveGuest(Struct, frozen=True):
    """Move a guest's pieces to an open tab; `to` is its name."""

    guest: int
    to: str


class GoBack(Struct, frozen=True):
    """Go back to the screen it was opened from; the marks are kept."""


class OpenSplitHelp(Struct, frozen=True):
    """Show the help."""


SplitEffect = PayGuest | PayPart | PayItems | MoveGuest | GoBack | OpenSplitHelp
