"""A replay from beginning to end: prepare the venue, ring, wait until the database has it, and look there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol
from zoneinfo import ZoneInfo

from till.replay.clock import Pace, ReplayClock
from till.replay.compare import ReplayReport, compare
from till.replay.plan import in_order
from till.replay.ring import Ringer
from till.replay.venue import VenueFacts, business_dates, describe

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence
    from contextlib import AbstractAsyncContextManager
    from datetime import datetime

    from till.register.register import Register
    from till.replay.compare import FoundSale
    from till.replay.plan import Step
    from till.replay.trading import Trading

#: Rows rung between two looks at the backlog: short enough to keep the road to the database busy.
_ROWS: Final = 16


class Counter(Protocol):
    """The replay's till while it is open."""

    @property
    def register(self) -> Register:
        """The till, on the replay's clock; its journal knows the venue."""
        ...

    async def breathe(self) -> None:
        """Let what was rung go out. Returns at once while the backlog is short, else when it is short again.

        Raises:
            StoreError: the database did not take anything for too long.
        """
        ...

    async def finish(self) -> None:
        """Return when the database has acknowledged all.

        Raises:
            StoreError: it did not in time, or refused.
        """
        ...


class Books(Protocol):
    """The venue of a replay, in its database. Every call may raise what the database refuses."""

    @property
    def store_id(self) -> str: ...

    def now(self) -> datetime:
        """The real time, aware."""
        ...

    def known(self) -> VenueFacts | None:
        """What the venue's tills share until now; None for a new venue."""
        ...

    def prepare(self, reference: VenueFacts) -> None:
        """Make the venue, or let it grow."""
        ...

    def finished(self) -> Collection[str]:
        """The order sessions of replayed sales that are completed or discarded."""
        ...

    def counter(self, reference: VenueFacts, clock: ReplayClock) -> AbstractAsyncContextManager[Counter]:
        """Open the replay's till."""
        ...

    def found(self, days: Iterable[int]) -> Iterable[FoundSale]:
        """The completed orders of replayed days."""
        ...


@dataclass(frozen=True, slots=True)
class Wishes:
    """How to play.

    Attributes:
        speed: how many times faster than it was; None for as fast as it goes.
        ending_today: whether days that are new here move so that the last one ends on today's business date.
    """

    speed: float | None = None
    ending_today: bool = False


_PLAIN: Final = Wishes()


async def run(
    trading: Trading,
    books: Books,
    wishes: Wishes = _PLAIN,
    *,
    progress: Callable[[int, int], None] = lambda _done, _all: None,
    say: Callable[[str], None] = lambda _sentence: None,
) -> ReplayReport:
    """Ring recorded trading and hold the database against it. Broken off and run again, it goes on where it was.

    Args:
        trading: what `till.replay.files.read_trading` read.
        books: the venue and its database.
        wishes: how fast, with which dates.
        progress: told how many rows of how many are done.
        say: told sentences for the person who waits.

    Raises:
        ReplayFileError: the venue has rung another day of the same number; nothing was rung.
        StoreError: the database could not be reached. What was rung is kept; run it again.
    """
    known = books.known()
    settings = known.settings if known else {}
    dates, told = business_dates(trading, settings, books.now(), ending_today=wishes.ending_today)
    for sentence in told:
        say(sentence)
    reference = describe(trading, dates, books.store_id, known)
    books.prepare(reference)
    steps = in_order(trading, dates, ZoneInfo(str(reference.settings["timezone"])))
    refused = await _ring(steps, books, reference, pace=Pace(wishes.speed), progress=progress)
    return compare(trading, dates, books.found([day.number for day in trading.days]), refused)


async def _ring(
    steps: Sequence[Step], books: Books, reference: VenueFacts, *, pace: Pace, progress: Callable[[int, int], None]
) -> dict[str, str]:
    """Ring what is not there yet; why a sale could not be rung, by its ref."""
    clock = ReplayClock()
    if steps:
        clock.set(steps[0].at, steps[0].day)
    async with books.counter(reference, clock) as counter:
        ringer = Ringer(counter.register, clock, books.store_id, books.finished())
        for done, step in enumerate(steps, 1):
            if not ringer.passes(step):
                await pace.until(step.at)
                ringer.ring(step)
            if done % _ROWS == 0:
                progress(done, len(steps))
                await counter.breathe()
        await counter.finish()
        progress(len(steps), len(steps))
    return ringer.refused
