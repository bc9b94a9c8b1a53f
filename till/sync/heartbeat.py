"""The heartbeat of a login, sent every ten seconds, and the connection quality by its round trip."""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from till.ports import Quality

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from till.ports import Attendance

#: Seconds between two heartbeats of a login.
EVERY: Final = 10.0
#: The round-trip seconds from which a connection is degraded, and from which it is poor.
DEGRADED_FROM: Final = 0.1
POOR_FROM: Final = 0.5


class Beat(Struct, frozen=True):
    """The heartbeat in a push.

    Attributes:
        who: the login.
        connected_at: the time at which the connection was made; None before the first.
        quality: the quality by the previous round trip; None before the first.
    """

    who: Attendance
    connected_at: datetime | None
    quality: Quality | None


class Heartbeat:
    """The timer of heartbeats. It measures the connection.

    Args:
        attendance: returns the user who is logged in at this till.

    Attributes:
        connected_at: the time at which the connection was made, on the database's clock.
        quality: the quality of the connection; good while nobody is logged in, since nothing is measured then.
    """

    def __init__(self, attendance: Callable[[], Attendance | None]) -> None:
        self._attendance = attendance
        self._sent: Attendance | None = None
        self._sent_at = -inf
        self._measured: Quality | None = None
        self.connected_at: datetime | None = None

    @property
    def quality(self) -> Quality:
        return self._measured or Quality.GOOD

    @property
    def due_at(self) -> float:
        """The time of the next heartbeat: at once for a new login, never while nobody is logged in."""
        who = self._attendance()
        if who is None:
            return inf
        return self._sent_at + EVERY if who == self._sent else -inf

    def take(self, now: float) -> Beat | None:
        """Return the heartbeat, if one is due."""
        who = self._attendance()
        if who is None:
            self._sent = self._measured = None
            return None
        return Beat(who, self.connected_at, self._measured) if self.due_at <= now else None

    def answered(self, beat: Beat, sent_at: float, seconds: float) -> None:
        """Note that the database received a heartbeat; `seconds` is the round trip."""
        self._sent, self._sent_at = beat.who, sent_at
        if seconds < DEGRADED_FROM:
            self._measured = Quality.GOOD
        else:
            self._measured = Quality.DEGRADED if seconds < POOR_FROM else Quality.POOR

    def failed(self, *, away: bool) -> None:
        """Note a failed attempt; `away` is true if the database cannot be reached. The next attempt has a heartbeat."""
        if self._attendance() is not None:
            self._sent = None
            self._measured = Quality.POOR if away else Quality.DEGRADED
