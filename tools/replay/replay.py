"""A complete replay: prepare the venue, key the rows, wait for the database, and compare."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol
from zoneinfo import ZoneInfo

from till.domain.structs import replace
from till.training.clock import TradingClock
from tools.replay.compare import ReplayReport, compare
from tools.replay.counting import DayCounts
from tools.replay.pace import Pace
from tools.replay.plan import in_order
from tools.replay.ring import Ringer
from tools.replay.venue import VenueFacts, business_dates, describe

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence
    from contextlib import AbstractAsyncContextManager
    from datetime import datetime

    from till.domain.money.measures import Minor
    from till.register.register import Register
    from tools.replay.compare import FoundSale
    from tools.replay.plan import PlannedRow
    from tools.replay.trading import Trading

#: Rows keyed between two checks of the backlog: few enough to keep the connection busy.
_ROWS: Final = 16


class Counter(Protocol):
    """The replay's till while it is open."""

    @property
    def register(self) -> Register:
        """The register, on the replay's clock, with the venue in its journal."""
        ...

    async def wait_for_backlog(self) -> None:
        """Wait while too many keyed rows are unsent.

        Raises:
            StoreError: the database accepted nothing for too long.
        """
        ...

    async def finish(self) -> None:
        """Wait until the database has acknowledged every row.

        Raises:
            StoreError: the database did not acknowledge the rows in time, or refused one.
        """
        ...


class VenueDatabase(Protocol):
    """The venue of a replay in its database. Any call may raise an error of the database."""

    @property
    def store_id(self) -> str: ...

    def now(self) -> datetime:
        """Return the real time, aware."""
        ...

    def known(self) -> VenueFacts | None:
        """Return the shared facts of the venue's tills; None for a new venue."""
        ...

    def prepare(self, reference: VenueFacts) -> None:
        """Create the venue, or extend an existing one."""
        ...

    def finished(self) -> Collection[str]:
        """Return the order sessions of replayed sales that are completed or discarded."""
        ...

    def counter(self, reference: VenueFacts, clock: TradingClock) -> AbstractAsyncContextManager[Counter]:
        """Open the replay's till."""
        ...

    def found(self, days: Iterable[int]) -> Iterable[FoundSale]:
        """Return the completed orders of replayed days."""
        ...


@dataclass(frozen=True, slots=True)
class ReplayOptions:
    """The options of a replay.

    Attributes:
        speed: the speed as a multiple of the recorded pace; None for as fast as possible.
        ending_today: True to move new days so that the last one is on today's business date.
        count: True to close the shift of each day and count the drawer, as the files say.
    """

    speed: float | None = None
    ending_today: bool = False
    count: bool = False


_DEFAULTS: Final = ReplayOptions()


async def run(
    trading: Trading,
    books: VenueDatabase,
    options: ReplayOptions = _DEFAULTS,
    *,
    progress: Callable[[int, int], None] = lambda _done, _all: None,
    say: Callable[[str], None] = lambda _sentence: None,
) -> ReplayReport:
    """Key recorded trading and compare the database with it. After an interruption, run it again to continue.

    Args:
        trading: the result of `tools.replay.files.read_trading`.
        books: the venue and its database.
        options: the options.
        progress: called with the number of finished rows and of all rows.
        say: called with each sentence for the user.

    Raises:
        TradingFileError: the venue has a different day with the same number; nothing was keyed.
        StoreError: the database could not be reached. Keyed rows are kept; run it again.
    """
    known = books.known()
    settings = known.settings if known else {}
    dates, sentences = business_dates(trading, settings, books.now(), ending_today=options.ending_today)
    for sentence in sentences:
        say(sentence)
    reference = describe(trading, dates, books.store_id, known)
    books.prepare(reference)
    zone = ZoneInfo(str(reference.settings["timezone"]))
    steps, clock = in_order(trading, dates, zone), TradingClock()

    def counts(register: Register) -> DayCounts | None:
        return DayCounts(register, clock, trading, dates, zone) if options.count else None

    pace = Pace(options.speed)
    refused, over = await _ring(steps, books, reference, clock, counts, pace=pace, progress=progress)
    report = compare(trading, dates, books.found([day.number for day in trading.days]), refused)
    return replace(report, days=tuple(replace(day, over=over.get(day.day, {})) for day in report.days))


async def _ring(
    steps: Sequence[PlannedRow],
    books: VenueDatabase,
    reference: VenueFacts,
    clock: TradingClock,
    counts: Callable[[Register], DayCounts | None],
    *,
    pace: Pace,
    progress: Callable[[int, int], None],
) -> tuple[dict[str, str], dict[int, dict[str, Minor]]]:
    """Key the missing steps.

    Returns:
        The reasons for sales that could not be keyed, by ref, and the over of each counted day.
    """
    if steps:
        clock.set(steps[0].at, steps[0].day)
    async with books.counter(reference, clock) as counter:
        counting = counts(counter.register)
        ringer = Ringer(counter.register, clock, books.store_id, books.finished())
        for done, step in enumerate(steps, 1):
            if counting is not None:
                counting.until(step.at)
            if not ringer.passes(step):
                await pace.until(step.at)
                ringer.ring(step)
            if done % _ROWS == 0:
                progress(done, len(steps))
                await counter.wait_for_backlog()
        if counting is not None:
            counting.until(None)
        await counter.finish()
        progress(len(steps), len(steps))
        return ringer.refused, counting.over() if counting is not None else {}
