"""What the machine gives: the time, and the slow comparing of a PIN."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from datetime import datetime


class Clock(Protocol):
    """The time of day. Replay and simulation bring their own."""

    def now(self) -> datetime:
        """Now, aware."""
        ...

    def monotonic(self) -> float:
        """Seconds since some moment of no meaning; they go on evenly, whatever is done to the clock."""
        ...


class PinCheck(Protocol):
    """Compares a PIN with its hash (argon2id, about 80 ms); run off the event loop."""

    def __call__(self, pin_hash: str, pin: str) -> bool:
        """Whether they belong together."""
        ...
