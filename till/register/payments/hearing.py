"""Requests to a tender that may fail: an error, a timeout, a cancellation or an invalid answer means unknown."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Final

from msgspec import MsgspecError, convert, to_builtins

from till.ports import Answer, Outcome

if TYPE_CHECKING:
    from collections.abc import Coroutine
    from typing import Any

_LOG: Final = logging.getLogger(__name__)


async def hear(request: Coroutine[Any, Any, Answer], key: str, tender: str, seconds: float) -> Answer:
    """Return a tender's answer within the timeout; `UNKNOWN` under this key if there is none.

    The answer may name another key; it then belongs to that key.
    """
    unknown = Answer(key=key, outcome=Outcome.UNKNOWN)
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
        return convert(to_builtins(task.result()), Answer)
    except (MsgspecError, TypeError) as fault:
        _LOG.warning("tender_failed", extra={"tender": tender, "error": type(fault).__name__})
        return unknown
