"""Hints that somebody knows more of a payment: each is followed at once, but many within a second as two."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

#: Seconds between hints for the same payment: a client that may NOTIFY could do so without end.
REST_S: Final = 1.0


class Hints:
    """A follower of hints, in the running loop.

    Args:
        look: looks after a payment or a refund, by its key. Quick.
    """

    def __init__(self, look: Callable[[str], None]) -> None:
        self._look = look
        self._resting: dict[str, bool] = {}

    def hint(self, key: str) -> None:
        """Look now, or once the hint before it is a second old."""
        if key in self._resting:
            self._resting[key] = True
        else:
            self._follow(key)

    def _follow(self, key: str) -> None:
        self._resting[key] = False
        asyncio.get_running_loop().call_later(REST_S, self._rested, key)
        self._look(key)

    def _rested(self, key: str) -> None:
        if self._resting.pop(key):
            self._follow(key)
