"""Asking after money until it is known what became of it: one loop, for charges and for what goes back."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

#: Between two times that an outcome is asked after.
PAUSES_S: Final = (1.0, 2.0, 5.0, 10.0, 30.0, 60.0)
#: The longest that one asking after may take.
ASK_S: Final = 30.0


async def ask_on(poke: asyncio.Event, is_awaited: Callable[[], bool], ask: Callable[[float], Awaitable[bool]]) -> bool:
    """Ask until it is known: each time a little later, or when a person wants to know.

    Args:
        poke: somebody wants to know.
        is_awaited: whether nobody said meanwhile what became of it, and it is still to be asked here.
        ask: asks once, told in how many seconds it will be asked again; whether that was the last word.

    Returns:
        Whether the last word was heard here.
    """
    pauses = iter(PAUSES_S)
    while is_awaited():
        poke.clear()  # what is told from here on may be newer than the answer
        pause = next(pauses, PAUSES_S[-1])
        if await ask(pause):
            return True
        with suppress(TimeoutError):
            async with asyncio.timeout(pause):
                await poke.wait()
    return False
