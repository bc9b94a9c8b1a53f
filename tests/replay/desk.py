"""A database that is only a list in memory, behind the port of a replay; the register and the journal are real."""

from __future__ import annotations

import itertools
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from till.domain.money.measures import Minor
from till.domain.order.state import Order, Status
from till.journal import JournalFile
from till.register.register import Register
from tools.replay.compare import FoundSale
from tools.replay.trading import CURRENCY
from tools.replay.venue import TILL

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Collection, Iterable, Sequence
    from pathlib import Path

    from till.domain.events.envelope import Event
    from till.ports.printer import Job
    from till.training.clock import TradingClock
    from tools.replay.venue import VenueFacts

STORE = "0b8f7a52-6f0c-4d31-9d43-6f6e6a1b9a10"


class KilledError(Exception):
    """The process went away here."""


class Quiet:
    """An outbox that nobody waits for."""

    def nudge(self, *, at_once: bool) -> None:
        pass


class Desk:
    """`tools.replay.replay.Counter` with nothing behind it."""

    def __init__(self, register: Register) -> None:
        self.register = register

    async def wait_for_backlog(self) -> None:
        pass

    async def finish(self) -> None:
        pass


def kill_after(journal: JournalFile, commands: int) -> None:
    """Kill the process after a number of commands: the last one is on the disk, without its answer."""
    append, left = journal.append, itertools.count(commands, -1)

    def last(events: Sequence[Event], *, closed: Iterable[str] = (), jobs: Iterable[Job] = (), kick: int = 0) -> None:
        append(events, closed=closed, jobs=jobs, kick=kick)
        if next(left) == 1:
            raise KilledError

    journal.append = last  # type: ignore[method-assign] # only in this process


class MemoryBooks:
    """`VenueDatabase` without a database: what the journal has, read back as a database would have it."""

    store_id = STORE

    def __init__(self, path: Path) -> None:
        self._path = path
        self._ids = itertools.count(1)
        self.reference: VenueFacts | None = None
        self.orders: dict[str, Order] = {}
        self.events = 0
        self.real_now = datetime(2026, 3, 3, 12, 0, tzinfo=UTC)
        #: The number of commands before the next run dies; None for never.
        self.lives: int | None = None

    def now(self) -> datetime:
        return self.real_now

    def known(self) -> VenueFacts | None:
        return self.reference

    def prepare(self, reference: VenueFacts) -> None:
        self.reference = reference

    def finished(self) -> Collection[str]:
        closed = {Status.COMPLETED, Status.DISCARDED}
        return {order.id for order in self.orders.values() if order.status in closed}

    def _new_id(self) -> str:
        return f"00000000-0000-7000-8000-{next(self._ids):012x}"

    @asynccontextmanager
    async def counter(self, reference: VenueFacts, clock: TradingClock) -> AsyncIterator[Desk]:
        journal = JournalFile.open(self._path, till=TILL, store_id=STORE, new_id=self._new_id, host="here")
        journal.cache("settings", 1, reference.settings)
        journal.cache("menu", 1, {**reference.menu, "version": 1})
        register = Register(
            *(journal, clock, lambda bits: next(self._ids) % (1 << bits), Quiet(), lambda _hash, _pin: False),
            till=TILL,
            store_id=STORE,
            business_date=clock.business_date,
        )
        if self.lives is not None:
            kill_after(journal, self.lives)
        try:
            yield Desk(register)
        finally:
            sessions = {event.session_id for event in journal.unsent(1_000_000) if event.session_id}
            self.orders |= {one: register.ledger.order(one) for one in sessions}
            self.events = journal.head.seq
            journal.close()

    def found(self, days: Iterable[int]) -> Iterable[FoundSale]:
        wanted = {str(day) for day in days}
        return [
            found_sale(order)
            for order in self.orders.values()
            if order.placed and (order.ref or "").partition("/")[0] in wanted
        ]

    def order(self, ref: str) -> Order:
        return next(order for order in self.orders.values() if order.ref == ref)


def found_sale(order: Order) -> FoundSale:
    """Return the sale that a database makes of `order_placed` (docs/protocol.md): change is a negative row of cash."""
    assert order.placed
    data, minor = order.placed.data, CURRENCY.minor
    tenders: dict[str, Minor] = {}
    for payment in data.payments:
        change = minor(payment.change)
        rows = [(payment.tender, minor(payment.amount) + change)]
        for tender, amount in [*rows, ("CASH", -change)] if change else rows:
            tenders[tender] = Minor(tenders.get(tender, 0) + amount)
    items: dict[str, tuple[int, Minor]] = {}
    for line in data.lines:
        quantity, amount = items.get(line.item_name, (0, 0))
        items[line.item_name] = quantity + line.quantity, Minor(amount + minor(line.subtotal))
    return FoundSale(str(order.ref), date.fromisoformat(data.business_date), tenders, items)
