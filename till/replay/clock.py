"""The clock of a replay: it stands where the row that is rung stands."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable


class ReplayClock:
    """`till.ports.Clock` that is set by hand. It also says which day a sale counts for: the files do, not the hour."""

    def __init__(self) -> None:
        self._now = datetime.fromtimestamp(0, UTC)
        self._day = self._now.date()

    def now(self) -> datetime:
        """The time of the row that is rung."""
        return self._now

    def monotonic(self) -> float:
        """Seconds of the recorded time."""
        return self._now.timestamp()

    def business_date(self, _moment: datetime) -> date:
        """The date that what is rung now counts for."""
        return self._day

    def set(self, moment: datetime, day: date) -> None:
        """Go to a row: when it was keyed, and the date that it counts for. `moment` must be aware."""
        self._now, self._day = moment.astimezone(UTC), day


class Pace:
    """Holds recorded time to real time: `speed` times as fast, or not at all with None.

    Args:
        speed: how many times faster than it was.
        monotonic: seconds of a clock that never runs back.
        wait: waits so many seconds.
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
        """Wait until a recorded moment has come; the first one is now."""
        if self._speed is None:
            return
        if self._began is None:
            self._began = moment, self._monotonic()
        first, began = self._began
        ahead = (moment - first).total_seconds() / self._speed - (self._monotonic() - began)
        if ahead > 0:
            await self._wait(ahead)
