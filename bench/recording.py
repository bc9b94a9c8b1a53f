"""Recorded requests of a till: a register keys orders, and its sync records the requests that it sends to a database.

The same requests can then be sent again, in the same order, to other databases in the same initial state.
"""

from __future__ import annotations

import asyncio
import json
import time
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from bench import venue
from db.engine import connect
from till.domain.order.selling import ItemEntry
from till.sync import server
from till.sync.connection import Connection
from till.sync.service import SyncService
from till.sync.settings import ConnectionFacts, Identity, Settings
from till.tui.shell.idle import Garbage
from till.wiring.parts import LateOutbox, WallClock, make_register, open_journal, seed_cache

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator
    from pathlib import Path

    from bench.testbed import Database
    from db.address import Address
    from till.register.register import Register

#: Timers send nothing: the recording decides when to send. A sale is one push, also with the events of a law.
BY_HAND: Final = Settings(debounce_ms=60_000, max_wait_ms=60_000, poll_s=600, deadline_s=60, first_events=20)
#: Items of one order.
ITEMS: Final = 5


@dataclass(frozen=True, slots=True)
class Push:
    """One request: the argument of `warm.sync_push_v1`, and its number of events."""

    text: str
    events: int


@dataclass(frozen=True, slots=True)
class Recording:
    """The requests of a till.

    Attributes:
        first: the request before anything was keyed, with the journal's first event.
        pushes: the other requests.
    """

    first: Push
    pushes: tuple[Push, ...]

    @property
    def events(self) -> int:
        """The number of events in all pushes."""
        return sum(push.events for push in self.pushes)

    def check_taken(self, database: Database) -> None:
        """Check that a database accepted all events.

        Raises:
            RuntimeError: it did not, so the measurement is invalid.
        """
        with connect(database.owner) as connection:
            ((taken,),) = connection.execute("SELECT count(*) FROM warm.session_events WHERE till_id > 0").fetchall()
        if taken < self.events:
            raise RuntimeError(f"The database took {taken} of {self.events} events.")


def _anywhere(text: str) -> str:
    """Return a request without the epoch of its database. A database with another epoch would ignore its events."""
    request = json.loads(text)
    request.pop("epoch", None)
    return json.dumps(request, separators=(",", ":"), ensure_ascii=False)


class When(StrEnum):
    """The moment at which the recorded till sends."""

    COMMAND = "after each command of the cashier"
    ORDER = "when an order is paid"


class Recorder(SyncService):
    """A sync that records its requests."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.sent: list[Push] = []
        #: The number of sent statements.
        self.asked = 0
        ask = self._server.ask

        async def recorded(statement: str, text: str, seconds: float, turn: float | None = None) -> str:
            self.asked += 1
            answer = await ask(statement, text, seconds, turn)
            if statement == server.PUSH:  # only answered requests count: one may be pending when a flush ends
                self.sent.append(Push(_anywhere(text), text.count('{"b":')))
            return answer

        self._server.ask = recorded  # type: ignore[method-assign] # to record requests

    async def settle(self) -> None:
        """Wait until the snapshots of all sent orders are sent too: a push has ten at most."""
        async with self._answered:
            await self._answered.wait_for(lambda: not self._engine._composer.owes)  # noqa: SLF001 - to record them

    async def empty(self) -> None:
        """Send an empty statement, and wait for its answer: one round trip."""
        await self._server.ask("SELECT %s", "", 60)

    async def newer(self, name: str, version: int) -> None:
        """Wait for a newer version of some reference data than `version`: another till's change."""
        async with self._answered:
            await self._answered.wait_for(lambda: self.version(name) > version)

    def version(self, name: str) -> int:
        """Return the version of some reference data at this till."""
        return self._journal.versions().get(name, 0)

    @property
    def recording(self) -> Recording:
        """The recorded requests."""
        first, *pushes = self.sent
        return Recording(first, tuple(pushes))


def key_orders(register: Register, orders: int) -> Iterator[bool]:
    """Key orders of five items, each paid in cash. Yield after each command True if it ended an order."""
    menu = register.menu
    for number in range(orders):
        session: str | None = None
        for place in range(ITEMS):
            item = menu.by_plu[1 + (number * 7 + place) % len(menu.items)]
            session = register.sales.add(session, 1, ItemEntry(item)).id
            yield False
        register.checkout.pay_exact(session or "")
        yield True


@asynccontextmanager
async def at_work(
    folder: Path,
    database: Database,
    secret: str,
    *,
    till: int = 1,
    address: Address | None = None,
    settings: Settings = BY_HAND,
    on_kitchen: Callable[[], None] | None = None,
) -> AsyncIterator[tuple[Recorder, Register]]:
    """Run a till whose first push has arrived, over another `address` if given.

    With `on_kitchen` it is a screen of the kitchen, which is called when tickets came or are done.
    """
    journal = open_journal(folder / "recording.sqlite", till=till, store_id=venue.STORE)
    try:
        seed_cache(journal, venue.reference(60))
        register = make_register(journal, WallClock(), LateOutbox(), till=till, store_id=venue.STORE)
        sync = Recorder(
            journal,
            register,
            register.ledger.snapshot,
            settings,
            lambda: ConnectionFacts((address or database.app).conninfo, secret),
            identity=Identity(venue.STORE, till),
            clock=WallClock(),
            on_kitchen=on_kitchen,
        )
        sync.start()
        await flush(sync)
        yield sync, register
        await sync.stop()
    finally:
        journal.close()


async def _record(folder: Path, database: Database, secret: str, orders: int, when: When, away: int) -> Recording:
    async with at_work(folder, database, secret) as (sync, register):
        for ends_order in key_orders(register, orders):
            if when is When.COMMAND or ends_order:
                await flush(sync)
        for _ends_order in key_orders(register, away):
            pass
        await flush(sync)
        await sync.settle()
        return sync.recording


async def flush(sync: Recorder) -> None:
    """Send all unsent events of a till."""
    if not await sync.flush(120):
        raise RuntimeError(f"The database did not take it: {sync.trouble}")


def record(folder: Path, database: Database, secret: str, orders: int, when: When, *, away: int = 0) -> Recording:
    """Return the requests of a till for `orders` orders, and then for `away` orders that it keyed while offline."""
    return asyncio.run(_record(folder, database, secret, orders, when, away))


class Backlog:
    """A till that was offline and is connected again, with `orders` unsent orders on its disk.

    Until it is closed, Python's garbage is collected as in a till: without objects from before its first paint.
    """

    def __init__(self, folder: Path, database: Database, secret: str, orders: int) -> None:
        self._loop = asyncio.new_event_loop()
        self._stack = AsyncExitStack()
        self._garbage = Garbage()
        made = self._stack.enter_async_context(at_work(folder, database, secret))
        self._sync, register = self._loop.run_until_complete(made)
        for _ends_order in key_orders(register, orders):
            pass
        self._garbage.begin()

    def send(self) -> tuple[Recording, float]:
        """Send the backlog. Return the requests, and the seconds until all of it was acknowledged."""
        begun = time.perf_counter()
        self._loop.run_until_complete(flush(self._sync))
        return self._sync.recording, time.perf_counter() - begun

    def close(self) -> None:
        """Close the till."""
        self._garbage.end()
        self._loop.run_until_complete(self._stack.aclose())
        self._loop.close()


class Sender:
    """The till's connection to the database, with its own event loop."""

    def __init__(self, database: Database) -> None:
        self._loop = asyncio.new_event_loop()
        self._connection = Connection(lambda _payload: None)
        self._loop.run_until_complete(self._connection.open(database.app.conninfo, "bench", 60))

    def send(self, text: str) -> float:
        """Send a request. Return the seconds until its answer.

        Raises:
            RuntimeError: the request was refused.
        """
        begun = self._loop.time()
        answer = self._loop.run_until_complete(self._connection.call(server.PUSH, text, 60))
        took = self._loop.time() - begun
        if not json.loads(answer)["ok"]:
            raise RuntimeError(answer[:300])
        return took

    def close(self) -> None:
        """Close the connection."""
        self._loop.run_until_complete(self._connection.close())
        self._loop.close()
