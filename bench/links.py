"""Tills behind links of 0, 20 and 200 ms: the cost of one act on each, compared with the link and the act alone."""

from __future__ import annotations

import time
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NamedTuple

from bench.proxy import slow_link
from bench.recording import ITEMS, at_work
from bench.table import Figure, Sample, within
from bench.testbed import through
from till.domain.order.selling import ItemEntry

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from bench.recording import Recorder
    from bench.testbed import Bench, Database
    from till.register.register import Register

#: The milliseconds of a round trip over the link of each till.
LINKS: Final = {2: 0, 3: 20, 4: 200}
#: The first acts of a connection, which load catalogues and plans, and are not counted.
WARM: Final = 5


class FarTill(NamedTuple):
    """A till behind a link. `link` is its round trip in milliseconds."""

    link: int
    sync: Recorder
    register: Register


@asynccontextmanager
async def far_tills(testbed: Bench, database: Database) -> AsyncIterator[list[FarTill]]:
    """Run a till behind each link."""
    async with AsyncExitStack() as stack:
        tills = []
        for till, link in LINKS.items():
            proxy = stack.enter_context(slow_link(database.app.host, database.app.port, link))
            address = through(database.app, "127.0.0.1", proxy.port)
            made = at_work(testbed.new_folder(), database, testbed.secrets[till], till=till, address=address)
            tills.append(FarTill(link, *await stack.enter_async_context(made)))
        yield tills


def key_order(register: Register, number: int) -> str:
    """Key an order of five items. Return its id."""
    session: str | None = None
    for place in range(ITEMS):
        item = register.menu.by_plu[1 + (number * 7 + place) % len(register.menu.items)]
        session = register.sales.add(session, 1, ItemEntry(item)).id
    return session or ""


@dataclass(slots=True)
class Acts:
    """The timed acts.

    Attributes:
        took: the milliseconds of each act, by link.
        trips: the milliseconds of an empty statement after each act, by link.
        statements: the most statements of an act.
    """

    took: dict[int, list[float]] = field(default_factory=lambda: {link: [] for link in LINKS.values()})
    trips: dict[int, list[float]] = field(default_factory=lambda: {link: [] for link in LINKS.values()})
    statements: int = 0

    @asynccontextmanager
    async def time(self, till: FarTill, number: int) -> AsyncIterator[None]:
        """Time one act, and then one round trip over its link. The first acts of each till are not counted."""
        asked, begun = till.sync.asked, time.perf_counter()
        yield
        seconds, asked = time.perf_counter() - begun, till.sync.asked - asked
        middle = time.perf_counter()
        await till.sync.empty()
        trip = time.perf_counter() - middle
        if number >= WARM * len(LINKS):
            self.took[till.link].append(seconds * 1000)
            self.trips[till.link].append(trip * 1000)
            self.statements = max(self.statements, asked)

    def figures(self, what: str) -> Iterator[Figure]:
        """Yield the median for each link, and the most statements of an act."""
        alone, trip = (Sample(tuple(times[0])).median for times in (self.took, self.trips))
        for link, times in self.took.items():
            sample = Sample(tuple(times))
            against = "an empty statement over the link, and the act alone" if link else "nothing comparable"
            limit, goal = (Sample(tuple(self.trips[link])).median - trip + alone, within(1.1)) if link else (None, None)
            name = f"{what}, link of {link} ms, median"
            yield Figure(name, sample.median, "ms", limit, against, goal, sample)
        yield Figure("  its statements, most", self.statements, "")
