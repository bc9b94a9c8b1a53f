"""Services of the machine: the clock, and the comparison of PINs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from datetime import datetime


class Clock(Protocol):
    """A clock. Replay and simulation have their own."""

    def now(self) -> datetime:
        """Return the current time, with a time zone."""
        ...

    def monotonic(self) -> float:
        """Return the seconds since an arbitrary time. Changes of the system clock do not affect them."""
        ...


class PinCheck(Protocol):
    """A comparison of a PIN with its hash (argon2id). It takes about 80 ms: call it off the event loop."""

    def __call__(self, pin_hash: str, pin: str) -> bool:
        """True if the PIN matches the hash."""
        ...
