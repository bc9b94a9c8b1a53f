"""Work for pauses between keys: garbage collection, the light, computations of the sync.

The till has one thread. A key takes it a few milliseconds, and a scanner's keys come 5 ms apart, so that work between
them is felt as a slow key.
"""

from __future__ import annotations

import asyncio
import gc
import math
import time
from typing import Final

#: Seconds after a key until its line is painted and only a scanner could have sent another one.
_MOMENT_S: Final = 0.02
#: New objects that make a collection worthwhile, which takes about half a millisecond.
_YOUNG: Final = 5_000
#: New objects after which Python collects by itself even between keys, which takes a millisecond.
_MOST_YOUNG: Final = 10_000
#: Such collections before one also visits older objects, so that garbage does not pile up in a day without a pause.
_MOST_LEFT: Final = 10
#: Collections in pauses before one visits every object that is not frozen, which takes some milliseconds: a sheet that
#: was open during a collection is garbage later.
_MOST_SURVIVED: Final = 20
#: Surviving objects after which all are frozen, so that later collections skip them.
_GROWN: Final = 50_000
#: Seconds without a key after which some milliseconds, and then a tenth of a second, may be used.
_PAUSE_S: Final = 2.0
_ABSENCE_S: Final = 60.0


class IdleClock:
    """A clock of the time since the last key."""

    def __init__(self) -> None:
        self._last = -math.inf

    def press(self) -> None:
        """Record a key."""
        self._last = time.monotonic()

    @property
    def seconds(self) -> float:
        """Seconds since the last key."""
        return time.monotonic() - self._last

    async def wait(self, most: float) -> None:
        """Wait for a pause between keys, but not longer than `most` seconds."""
        ends = time.monotonic() + most
        while (left := min(self._last + _MOMENT_S, ends) - time.monotonic()) > 0:  # noqa: ASYNC110 - or each key would set an event
            await asyncio.sleep(left)

    async def calm(self) -> None:
        """Wait for a pause between keys, however long it takes."""
        await self.wait(math.inf)


class Garbage:
    """Garbage collection in pauses between keys. Python's own collection would delay a key by up to 40 ms.

    Objects that survive are frozen, so that a collection visits new ones only. Garbage among the frozen ones, such as a
    sheet that was open for a while, is collected when the till is left alone.
    """

    def __init__(self) -> None:
        self._thresholds = gc.get_threshold()
        self._grown = 0
        self._may_hold_garbage = False

    def begin(self) -> None:
        """Freeze all objects once the first screen is painted.

        Few of them are garbage, and searching them would delay the first key by 50 ms.
        """
        gc.freeze()
        self._may_hold_garbage = True
        gc.set_threshold(_MOST_YOUNG, _MOST_LEFT, 1_000)

    def end(self) -> None:
        """Restore Python's own collection."""
        gc.set_threshold(*self._thresholds)
        gc.unfreeze()

    def sweep(self, idle: float) -> None:
        """Collect what is due after this many seconds without a key."""
        young, collected, survived = gc.get_count()
        young += collected * _MOST_YOUNG
        if young >= _YOUNG:
            gc.collect(1 if survived < _MOST_SURVIVED else 2)
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
