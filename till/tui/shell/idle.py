"""What waits for a moment without keys: the garbage, the light, what the sync computes.

A key is a few milliseconds' work of the till's one thread, and a scanner's come 5 ms apart: what falls between them is
felt as a slow key.
"""

from __future__ import annotations

import asyncio
import gc
import math
import time
from typing import Final

#: So long after a key its line is painted, and another is not yet on its way unless a scanner types.
_MOMENT_S: Final = 0.02
#: New objects that are worth a collection, about half a millisecond of it.
_YOUNG: Final = 5_000
#: New objects after which Python collects by itself although keys come: a millisecond.
_MOST_YOUNG: Final = 10_000
#: Such collections after which it looks also at what they left: a day of typing without a pause must not pile it up.
_MOST_LEFT: Final = 10
#: Objects that came to stay, after which all of them are set aside from later collections.
_GROWN: Final = 50_000
#: Without a key for so long a till is left alone: first some milliseconds, then a tenth of a second, may be taken.
_PAUSE_S: Final = 2.0
_ABSENCE_S: Final = 60.0


class IdleClock:
    """Knows how long no key came."""

    def __init__(self) -> None:
        self._last = -math.inf

    def press(self) -> None:
        """A key came."""
        self._last = time.monotonic()

    @property
    def seconds(self) -> float:
        """Since the last key."""
        return time.monotonic() - self._last

    async def wait(self, most: float) -> None:
        """Until no key came for a moment; not longer than `most` seconds, however many come."""
        ends = time.monotonic() + most
        while (left := min(self._last + _MOMENT_S, ends) - time.monotonic()) > 0:  # noqa: ASYNC110 - or each key would set an event
            await asyncio.sleep(left)

    async def calm(self) -> None:
        """Until no key came for a moment, however long they come."""
        await self.wait(math.inf)


class Garbage:
    """Python's garbage, collected when nobody types: by itself it stops a key for up to 40 ms.

    What stays is set aside (frozen), so that a collection looks at what is new alone. Garbage that was set aside,
    such as a sheet that was left open for a while, is found when the till is left alone.
    """

    def __init__(self) -> None:
        self._thresholds = gc.get_threshold()
        self._grown = 0
        self._may_hold_garbage = False

    def begin(self) -> None:
        """The first screen stands: set aside all that there is.

        Little of that is garbage, and to look for it keeps the first key waiting for 50 ms.
        """
        gc.freeze()
        self._may_hold_garbage = True
        gc.set_threshold(_MOST_YOUNG, _MOST_LEFT, 1_000)

    def end(self) -> None:
        """Leave it to Python again."""
        gc.set_threshold(*self._thresholds)
        gc.unfreeze()

    def sweep(self, idle: float) -> None:
        """Collect what is due after so many seconds without a key."""
        young, collected, _older = gc.get_count()
        young += collected * _MOST_YOUNG
        if young >= _YOUNG:
            gc.collect(1)
            self._grown += young
        if idle >= _PAUSE_S and self._grown >= _GROWN:
            self._set_aside()
            self._may_hold_garbage = True
        if idle >= _ABSENCE_S and self._may_hold_garbage:
            gc.unfreeze()
            self._set_aside()
            self._may_hold_garbage = False

    def _set_aside(self) -> None:
        gc.collect()
        gc.freeze()
        self._grown = 0
