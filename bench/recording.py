"""Requests as a till really makes them: a register and its sync key orders, and what they send to a database is kept.

The same texts can then be sent again, in the same order, to other databases that start where that one started.
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
from till.domain.order.selling import Keyed
from till.sync import road
from till.sync.link import Link
from till.sync.service import SyncService
from till.sync.settings import ConnectionFacts, Identity, Settings
from till.tui.shell.idle import Garbage
from till.wiring.parts import LateOutbox, WallClock, make_register, open_journal, seed_cache
from till.wiring.till import SCHEMA

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

    from bench.ground import Database
    from till.register.register import Register

#: Nothing is sent by the clock: the recording says when.
_BY_HAND: Final = Settings(debounce_ms=60_000, max_wait_ms=60_000, poll_s=600, deadline_s=60)
#: Items of one order.
ITEMS: Final = 5


@dataclass(frozen=True, slots=True)
class Push:
    """One request: the argument of `warm.sync_push_v1`, and how many events it carries."""

    text: str
    events: int


@dataclass(frozen=True, slots=True)
class Recording:
    """What a till sent.

    Attributes:
        first: what it sent before anything was keyed: its journal's first event.
        pushes: the rest.
    """

    first: Push
    pushes: tuple[Push, ...]

    @property
    def events(self) -> int:
        """How many events the pushes carry together."""
        return sum(push.events for push in self.pushes)


class When(StrEnum):
    """When the recorded till sends."""

    COMMAND = "after each command of the cashier"
    ORDER = "when an order is paid"


class _Recorder(SyncService):
    """A sync that keeps what it sends."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.sent: list[Push] = []
        ask = self._road.ask

        async def recorded(statement: str, text: str, seconds: float) -> str:
            answer = await ask(statement, text, seconds)
            if statement == road.PUSH:  # answered: what is still out when a flush ends is no part of it
                self.sent.append(Push(text, text.count('{"b":')))
            return answer

        self._road.ask = recorded  # type: ignore[method-assign] # to listen in

    @property
    def recording(self) -> Recording:
        """What was sent until now."""
        first, *pushes = self.sent
        return Recording(first, tuple(pushes))


def key_orders(register: Register, orders: int) -> Iterator[bool]:
    """Ring orders of five items, each paid in cash; after each command of the cashier, whether it ended an order."""
    menu = register.menu
    for number in range(orders):
        session: str | None = None
        for place in range(ITEMS):
            item = menu.by_plu[1 + (number * 7 + place) % len(menu.items)]
            session = register.sales.add(session, 1, Keyed(item)).id
            yield False
        register.checkout.pay_exact(session or "")
        yield True


@asynccontextmanager
async def _at_work(folder: Path, database: Database, secret: str) -> AsyncIterator[tuple[_Recorder, Register]]:
    """A till whose journal is begun and known to the database."""
    journal = open_journal(folder / "recording.sqlite", till=1, store_id=venue.STORE)
    try:
        seed_cache(journal, venue.reference(60))
        register = make_register(journal, WallClock(), LateOutbox(), till=1, store_id=venue.STORE)
        sync = _Recorder(
            journal,
            register,
            register.ledger.snapshot,
            _BY_HAND,
            lambda: ConnectionFacts(database.app.conninfo, secret),
            identity=Identity(venue.STORE, 1, SCHEMA),
            clock=WallClock(),
        )
        sync.start()
        await _flush(sync)
        yield sync, register
        await sync.stop()
    finally:
        journal.close()


async def _record(folder: Path, database: Database, secret: str, orders: int, when: When) -> Recording:
    async with _at_work(folder, database, secret) as (sync, register):
        for ends_order in key_orders(register, orders):
            if when is When.COMMAND or ends_order:
                await _flush(sync)
        return sync.recording


async def _flush(sync: _Recorder) -> None:
    if not await sync.flush(120):
        raise RuntimeError(f"The database did not take it: {sync.trouble}")


def record(folder: Path, database: Database, secret: str, orders: int, when: When) -> Recording:
    """What a till sends for so many orders."""
    return asyncio.run(_record(folder, database, secret, orders, when))


class Backlog:
    """A till that was away: so many orders are on its disk, its connection stands, and nothing of them is sent.

    Until it is closed Python's garbage is handled as in a till: what was there at its first paint is not looked at.
    """

    def __init__(self, folder: Path, database: Database, secret: str, orders: int) -> None:
        self._loop = asyncio.new_event_loop()
        self._stack = AsyncExitStack()
        self._garbage = Garbage()
        made = self._stack.enter_async_context(_at_work(folder, database, secret))
        self._sync, register = self._loop.run_until_complete(made)
        for _ends_order in key_orders(register, orders):
            pass
        self._garbage.begin()

    def send(self) -> tuple[Recording, float]:
        """Send it all; what was sent, and the seconds from the first word until all was acknowledged."""
        begun = time.perf_counter()
        self._loop.run_until_complete(_flush(self._sync))
        return self._sync.recording, time.perf_counter() - begun

    def close(self) -> None:
        """Close the till."""
        self._garbage.end()
        self._loop.run_until_complete(self._stack.aclose())
        self._loop.close()


class Sender:
    """The till's own way to the database: its link, with a loop of its own."""

    def __init__(self, database: Database) -> None:
        self._loop = asyncio.new_event_loop()
        self._link = Link(lambda _payload: None)
        self._loop.run_until_complete(self._link.open(database.app.conninfo, "bench", 60))

    def send(self, text: str) -> float:
        """Send a request; seconds until its answer. The answer must be a good one.

        Raises:
            RuntimeError: it was refused.
        """
        begun = self._loop.time()
        answer = self._loop.run_until_complete(self._link.call(road.PUSH, text, 60))
        took = self._loop.time() - begun
        if not json.loads(answer)["ok"]:
            raise RuntimeError(answer[:300])
        return took

    def close(self) -> None:
        """Close the connection."""
        self._loop.run_until_complete(self._link.close())
        self._loop.close()
