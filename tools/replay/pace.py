"""The pace of a replay, as fast as recorded or faster."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from datetime import datetime


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
