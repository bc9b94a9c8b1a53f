"""Answers and hints from tenders.

A request may fail: an error, a timeout, a cancellation or an invalid answer means unknown. Hints of news about a
payment are rate-limited: the first is followed at once, others within a second only once.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Final

from msgspec import MsgspecError, convert, to_builtins

from till.domain.i18n import ENGLISH, speaking
from till.ports import ChargeAnswer, Outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from typing import Any

_LOG: Final = logging.getLogger(__name__)
#: Seconds between two looks at the same payment: a client with NOTIFY could send hints without end.
REST_S: Final = 1.0
#: The most payments looked at within that time; further hints are dropped.
_MOST: Final = 20


async def hear(
    request: Coroutine[Any, Any, ChargeAnswer], key: str, tender: str, seconds: float, language: str = ENGLISH
) -> ChargeAnswer:
    """Return a tender's answer within the timeout; `UNKNOWN` under this key if there is none.

    The answer may name another key; it then belongs to that key. An event keeps its words, so they have a `language`.
    """
    unknown = ChargeAnswer(key=key, outcome=Outcome.UNKNOWN)
    with speaking(language):
        task = asyncio.ensure_future(request)
    try:
        await asyncio.wait({task}, timeout=seconds)
    finally:
        if not task.done():
            task.cancel()
    if not task.done():
        return unknown
    if task.cancelled() or task.exception() is not None:
        fault = "cancelled" if task.cancelled() else type(task.exception()).__name__
        _LOG.warning("tender_failed", extra={"tender": tender, "error": fault})
        return unknown
    try:
        return convert(to_builtins(task.result()), ChargeAnswer)
    except (MsgspecError, TypeError) as fault:
        _LOG.warning("tender_failed", extra={"tender": tender, "error": type(fault).__name__})
        return unknown


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
        elif len(self._resting) < _MOST:
            self._follow(key)
        else:
            _LOG.warning("hint_dropped", extra={"key": key})

    def _follow(self, key: str) -> None:
        self._resting[key] = False
        asyncio.get_running_loop().call_later(REST_S, self._end_pause, key)
        self._look(key)

    def _end_pause(self, key: str) -> None:
        if self._resting.pop(key):
            self._follow(key)
