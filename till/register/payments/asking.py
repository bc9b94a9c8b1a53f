"""Asking after money until it is known what became of it: one way, for charges and for what goes back."""

from __future__ import annotations

import asyncio
import logging
import math
from abc import ABC, abstractmethod
from contextlib import suppress
from typing import TYPE_CHECKING, Final, Generic, TypeVar

from msgspec import Struct, field

from till.domain.errors import PaymentError, TillError
from till.domain.i18n import _
from till.register.payments.hearing import hear
from till.register.payments.hints import Hints

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine
    from datetime import datetime
    from typing import Any

    from till.ports import Answer, Charge, Slip, Tender
    from till.register.ledger.ledger import Ledger

_LOG: Final = logging.getLogger(__name__)
#: Between two times that an outcome is asked after.
PAUSES_S: Final = (1.0, 2.0, 5.0, 10.0, 30.0, 60.0)
#: The longest that one asking after may take.
ASK_S: Final = 30.0
#: So many slips of one charge are kept before its answer: to be signed, for the guest, for the till, and one more.
PRINTED: Final = 4
Kind = TypeVar("Kind", bound="UnderWay")


class UnderWay(Struct, eq=False, kw_only=True):
    """Money that somebody else is asked for, or to give back: none of it outlives the till, or is money.

    Attributes:
        charge: what is asked for; of giving back, under a key of its own.
        tender: who is asked.
        asks: how often it was asked after: each counts when it had its answer, or has had its time for one.
        poke: somebody wants to know.
        printed: the slips that were kept before its answer.
    """

    charge: Charge
    tender: Tender
    asks: int = 0
    poke: asyncio.Event = field(default_factory=asyncio.Event)
    printed: list[Slip] = field(default_factory=list)

    async def hear(self, asking: Coroutine[Any, Any, Answer], most: float = math.inf) -> Answer:
        """What the tender says of it in its time, and in so many seconds; `UNKNOWN` where it says nothing."""
        traits = self.tender.traits
        return await hear(asking, self.charge.key, traits.name, min(traits.gives_up_s, most))

    async def ask_after(self) -> Answer:
        """Ask once what became of it."""
        answer = await self.hear(self.tender.ask_after(self.charge), ASK_S)
        self.asks += 1
        return answer


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


class Asking(ABC, Generic[Kind]):
    """What is asked for and after here, each by its key, in works of the running loop.

    Args:
        ledger: tells the time.
    """

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._under_way: dict[str, Kind] = {}
        self._works: set[asyncio.Task[None]] = set()
        self._hints = Hints(self._look)

    def end(self) -> None:
        """Leave off: what has no answer is asked after at the next start."""
        for work in self._works:
            work.cancel()

    def ask_now(self, key: str) -> None:
        """Do not wait for the next time that it is asked after."""
        if (one := self._under_way.get(key)) is not None:
            one.poke.set()

    def payment_told(self, key: str) -> None:
        """Who has the money said something of it: ask soon, and go by what is answered then."""
        if key in self._under_way:
            self._hints.told(key)

    def _look(self, key: str) -> None:
        self.ask_now(key)

    def keep_slip(self, key: str, slip: Slip) -> bool:
        """Keep what is to be on paper about something that is under way here; whether it is on disk."""
        one = self._under_way.get(key)
        if one is None or slip in one.printed:  # it is posted again where our answer was lost
            return one is not None
        try:
            if len(one.printed) == PRINTED or not self._keep(one, slip):
                return False
        except TillError as problem:
            _LOG.warning("slip_not_kept", extra={"key": key, "error": problem.code})
            return False
        one.printed.append(slip)
        return True

    @abstractmethod
    def _keep(self, one: Kind, slip: Slip) -> bool:
        """Write a slip down; whether there is a place for it."""

    def _check_asked(self, key: str, from_: datetime) -> None:
        """Whether a person may say what became of it: it was asked after, and who was asked had its time by then.

        Raises:
            PaymentError: the terminal may still answer.
        """
        one = self._under_way.get(key)
        if self._ledger.now() < from_ or (one is not None and not one.asks):
            raise PaymentError(_("The terminal may still answer. Wait for it, then settle by hand."))

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._works.add(task)
        task.add_done_callback(self._works.discard)
