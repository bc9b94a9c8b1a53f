"""Hints of news about a payment, rate-limited: the first is followed at once, others within a second only once."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

#: Seconds between two looks at the same payment: a client with NOTIFY could send hints without end.
REST_S: Final = 1.0


class Hints:
    """A rate limit for hints, in the running loop.

    Args:
        look: checks a payment or a refund, by its key. It must be quick.
    """

    def __init__(self, look: Callable[[str], None]) -> None:
        self._look = look
        self._resting: dict[str, bool] = {}

    def hint(self, key: str) -> None:
        """Look now, or one second after the previous look."""
        if key in self._resting:
            self._resting[key] = True
        else:
            self._follow(key)

    def _follow(self, key: str) -> None:
        self._resting[key] = False
        asyncio.get_running_loop().call_later(REST_S, self._end_pause, key)
        self._look(key)

    def _end_pause(self, key: str) -> None:
        if self._resting.pop(key):
            self._follow(key)
