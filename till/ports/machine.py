"""The machine's services: the time, and the slow comparison of a PIN."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from datetime import datetime


class Clock(Protocol):
    """The time of day. Replay and simulation bring their own."""

    def now(self) -> datetime:
        """Return the present time, aware."""
        ...

    def monotonic(self) -> float:
        """Return seconds since an arbitrary moment; they advance evenly, whatever is done to the clock."""
        ...


class PinCheck(Protocol):
    """A comparison of a PIN with its hash (argon2id, about 80 ms); run it off the event loop."""

    def __call__(self, pin_hash: str, pin: str) -> bool:
        """True if they match."""
        ...
