"""The clock of a replay, which shows the time of the present row."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable


class TradingClock:
    """A `till.ports.Clock` that the replay sets. It also returns the business date from the files."""

    def __init__(self) -> None:
        self._now = datetime.fromtimestamp(0, UTC)
        self._day = self._now.date()

    def now(self) -> datetime:
        """Return the time of the present row."""
        return self._now

    def monotonic(self) -> float:
        """Return seconds of the recorded time."""
        return self._now.timestamp()

    def business_date(self, _moment: datetime) -> date:
        """Return the business date of the present row."""
        return self._day

    def set(self, moment: datetime, day: date) -> None:
        """Set the time and the business date of a row. `moment` must be aware."""
        self._now, self._day = moment.astimezone(UTC), day


class Pace:
    """The pace of a replay.

    Args:
        speed: the factor by which the replay runs faster than recorded; None for no pauses.
        monotonic: returns the seconds of a monotonic clock.
        wait: waits a number of seconds.
    """

    def __init__(
        self,
        speed: float | None,
        *,
        monotonic: Callable[[], float] = time.monotonic,
        wait: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._speed = speed
        self._monotonic = monotonic
        self._wait = wait
        self._began: tuple[datetime, float] | None = None

    async def until(self, moment: datetime) -> None:
        """Wait until a recorded moment; the first moment is now."""
        if self._speed is None:
            return
        if self._began is None:
            self._began = moment, self._monotonic()
        first, began = self._began
        ahead = (moment - first).total_seconds() / self._speed - (self._monotonic() - began)
        if ahead > 0:
            await self._wait(ahead)
