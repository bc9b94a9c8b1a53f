"""The sign of life of a login, in a push every ten seconds, and what its round trip says of the road (design §14)."""

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
#: Seconds of a round trip from which on a connection is degraded, and above which it is poor.
DEGRADED_FROM: Final = 0.1
POOR_FROM: Final = 0.5


class Beat(Struct, frozen=True):
    """What a push carries of the login.

    Attributes:
        connected_at: when the connection was made; None before the first.
        quality: of the round trip before; None before the first.
    """

    who: Attendance
    connected_at: datetime | None
    quality: Quality | None


class Heartbeat:
    """Knows when the next heartbeat is due, and how good the connection was at the last.

    Args:
        attendance: says who is logged in at this till.

    Attributes:
        connected_at: when the connection was made, by the database's clock.
        quality: of the connection; good as long as nobody is logged in, for then nothing is measured.
    """

    def __init__(self, attendance: Callable[[], Attendance | None]) -> None:
        self._attendance = attendance
        self._told: Attendance | None = None
        self._told_at = -inf
        self._measured: Quality | None = None
        self.connected_at: datetime | None = None

    @property
    def quality(self) -> Quality:
        return self._measured or Quality.GOOD

    @property
    def due_at(self) -> float:
        """When the next one is due: at once for a login that was not told yet, never while nobody is logged in."""
        who = self._attendance()
        if who is None:
            return inf
        return self._told_at + EVERY if who == self._told else -inf

    def take(self, now: float) -> Beat | None:
        """The heartbeat, if one is due."""
        who = self._attendance()
        if who is None:
            self._told = self._measured = None
            return None
        return Beat(who, self.connected_at, self._measured) if self.due_at <= now else None

    def answered(self, beat: Beat, sent_at: float, seconds: float) -> None:
        """The database has it; the round trip took so many seconds."""
        self._told, self._told_at = beat.who, sent_at
        if seconds < DEGRADED_FROM:
            self._measured = Quality.GOOD
        else:
            self._measured = Quality.DEGRADED if seconds < POOR_FROM else Quality.POOR

    def failed(self, *, away: bool) -> None:
        """An attempt failed, and is made again; or the database cannot be reached. The next one brings a heartbeat."""
        if self._attendance() is not None:
            self._told = None
            self._measured = Quality.POOR if away else Quality.DEGRADED
