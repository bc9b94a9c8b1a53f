"""What the split screen asks for: small frozen values."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from till.domain.money.measures import Minor


class PayGuest(Struct, frozen=True):
    """Take a guest's money, for its lines."""

    guest: int


class PayPart(Struct, frozen=True):
    """Take a part of what is due; None for all of it."""

    amount: Minor | None


class MoveGuest(Struct, frozen=True):
    """Let an open tab carry what a guest has; `to` is how it is called."""

    guest: int
    to: str


class GoBack(Struct, frozen=True):
    """Go back to where the guests wanted to pay; what was marked is kept."""


class OpenSplitHelp(Struct, frozen=True):
    """Show the help."""


SplitEffect = PayGuest | PayPart | MoveGuest | GoBack | OpenSplitHelp
