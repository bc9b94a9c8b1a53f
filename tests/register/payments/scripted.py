"""A scripted tender, and an event loop in which waiting takes no time."""

from __future__ import annotations

import asyncio
import heapq
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from typing_extensions import override

from till.domain.money.measures import Minor
from till.ports import Charge, ChargeAnswer, ChargeReference, Outcome, Slip, TenderTraits

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from tests.register.fakes import SetClock

T = TypeVar("T")
TERMINAL = TenderTraits(name="CARD", label="Card", key="c", gives_up_s=90.0)
UNKNOWN = "unknown"
HANGS = "hangs"
RAISES = "raises"


class QuickLoop(asyncio.SelectorEventLoop):
    """An event loop that moves its time to the next due callback as soon as it is idle."""

    def __init__(self, clock: SetClock) -> None:
        self._passed = 0.0
        self._clock = clock
        super().__init__()

    @override
    def time(self) -> float:
        return self._passed

    def _run_once(self) -> None:
        scheduled: list[Any] = self._scheduled  # type: ignore[attr-defined]
        while scheduled and scheduled[0]._cancelled:
            heapq.heappop(scheduled)._scheduled = False
            self._timer_cancelled_count -= 1  # type: ignore[attr-defined]
        if not self._ready and scheduled:  # type: ignore[attr-defined]
            wait = max(0.0, scheduled[0]._when - self._passed)
            self._passed += wait
            self._clock.move(seconds=wait)
        super()._run_once()  # type: ignore[misc]


def played(clock: SetClock, story: Coroutine[Any, Any, T]) -> T:
    """Run a story to its end; cancel the tasks that still run, as a closing till does."""
    with asyncio.Runner(loop_factory=lambda: QuickLoop(clock)) as runner:
        return runner.run(story)


@dataclass
class Script:
    """A terminal's answer to one question, and the time that it takes.

    Attributes:
        says: an outcome, or a word for hanging or raising.
        after: seconds.
        amount: the amount that it reports as charged; None for the amount asked.
        key: the charge that it answers; None for the one asked.
    """

    says: str = "approved"
    after: float = 0.0
    amount: int | None = None
    tip: int = 0
    key: str | None = None
    card: tuple[str, str] = ("", "")
    words: str = ""
    slips: tuple[Slip, ...] = ()


@dataclass
class Terminal:
    """A `till.ports.Tender` that answers by its script, and repeats its answers to polls once that has run out."""

    script: deque[Script] = field(default_factory=deque)
    traits: TenderTraits = TERMINAL
    place: str = "V400m-1"
    code: str = ""
    charged: list[Charge] = field(default_factory=list)
    asked: list[Charge] = field(default_factory=list)
    stopped: list[Charge] = field(default_factory=list)
    returned: list[tuple[Charge, str]] = field(default_factory=list)
    saw: Callable[[], object] | None = None
    seen: list[object] = field(default_factory=list)
    on_stop: asyncio.Event | None = None

    def then(self, says: str = "approved", **more: Any) -> Terminal:
        self.script.append(Script(says, **more))
        return self

    def name_charge(self, key: str) -> ChargeReference:
        return ChargeReference(self.place, "till-1", key.replace("-", "")[-10:])

    async def charge(self, charge: Charge, progress: Callable[[str], None]) -> ChargeAnswer:
        self.charged.append(charge)
        if self.saw is not None:
            self.seen.append(self.saw())
        progress(self.code or "card read")
        return await self._play(charge)

    async def ask_after(self, charge: Charge) -> ChargeAnswer:
        self.asked.append(charge)
        return await self._play(charge)

    async def stop(self, charge: Charge) -> None:
        self.stopped.append(charge)
        if self.on_stop is not None:
            self.on_stop.set()

    async def refund(self, charge: Charge, transaction: str) -> ChargeAnswer:
        self.returned.append((charge, transaction))
        return await self._play(charge)

    async def _play(self, charge: Charge) -> ChargeAnswer:
        step = self.script.popleft() if self.script else Script(UNKNOWN)
        if step.says == HANGS:
            await asyncio.Event().wait()
        if self.on_stop is not None and step.after:
            try:
                async with asyncio.timeout(step.after):
                    await self.on_stop.wait()
            except TimeoutError:
                pass
        else:
            await asyncio.sleep(step.after)
        if step.says == RAISES:
            raise OSError(step.words)
        amount = charge.amount if step.amount is None else Minor(step.amount)
        return ChargeAnswer(
            key=step.key or charge.key,
            outcome=Outcome(step.says),
            amount=amount,
            tip=Minor(step.tip),
            transaction="T-1",
            card=step.card,
            words=step.words,
            slips=step.slips,
        )
