"""Two weeks of generated sales for a demo venue, rung on real parts by a separate till without a screen."""

from __future__ import annotations

import asyncio
import random
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from till.domain.errors import StoreError
from till.domain.i18n import _
from till.sync.service import SyncService
from till.sync.settings import Identity, Settings
from till.training.clock import TradingClock
from till.training.profile import BUILT_IN
from till.training.week import Week
from till.wiring.parts import LateOutbox, WallClock, make_register, open_journal, seed_cache

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date, datetime
    from pathlib import Path
    from typing import Any

    from till.config import HeldVenue
    from till.journal import JournalFile
    from till.register.register import Register
    from till.sync.settings import ConnectionFacts

#: The most unsent events before the till waits for the database. One push sends all of them, with their snapshots.
_BACKLOG: Final = 1_000
BATCH: Final = Settings(
    debounce_ms=5,
    max_wait_ms=50,
    deadline_s=30,
    first_events=2 * _BACKLOG,
    batch_events=2 * _BACKLOG,
    batch_bytes=16_000_000,
    batch_snapshots=2 * _BACKLOG,
)
#: Seconds without progress after which the database counts as lost.
_PATIENCE_S: Final = 60.0

#: The till that rings the sales.
BUSY_TILL: Final = 7
DAYS: Final = 15
#: Guests rung between two checks of the backlog.
_GUESTS: Final = 8


class UnattendedCounter:
    """A till without a screen that rings many sales, with its journal and a sync that sends large pushes."""

    def __init__(self, journal: JournalFile, register: Register, sync: SyncService) -> None:
        self._journal = journal
        self._sync = sync
        self.register = register

    async def wait_for_backlog(self) -> None:
        """Let the sync run, and wait for it if too many events are unsent."""
        await asyncio.sleep(0)
        if self._journal.head.seq - self._journal.acked.seq > _BACKLOG:
            await self.finish()

    async def finish(self) -> None:
        """Wait until all events are acknowledged.

        Raises:
            StoreError: the database refused, or accepted nothing for a minute.
        """
        before = -1
        while not await self._sync.flush(_PATIENCE_S):
            if self._sync.trouble is not None:
                raise StoreError(self._sync.trouble.sentence)
            acked = self._journal.acked.seq
            if acked == before:
                raise StoreError(_("The database accepts no sales. Those so far are kept: run this again."))
            before = acked


async def ring_week(
    path: Path,
    venue: HeldVenue,
    reference: Mapping[str, Mapping[str, Any]],
    facts: Callable[[], ConnectionFacts],
    *,
    seed: int,
    progress: Callable[[int, int], None],
) -> int:
    """Ring the sales of the last days up to now, and return their number; 0 if they were rung before.

    Args:
        path: the journal of the till.
        venue: the venue.
        reference: the menu, staff and settings of the venue.
        facts: returns the address of the database.
        seed: the seed of the guests: equal seeds give equal sales.
        progress: called with the number of finished days and their total.

    Raises:
        StoreError: the database refuses, or accepts nothing for a minute.
    """
    journal = open_journal(path, till=BUSY_TILL, store_id=venue.store_id)
    try:
        if journal.head.seq > 1:
            return 0
        seed_cache(journal, reference)
        clock, outbox = TradingClock(), LateOutbox()
        now = WallClock().now()
        clock.set(now, now.date())
        register = make_register(
            journal,
            clock,
            outbox,
            till=BUSY_TILL,
            store_id=venue.store_id,
            business_date=clock.business_date,
            currency=venue.currency,
        )
        identity = Identity(venue.store_id, BUSY_TILL)
        sync = SyncService(
            journal, register, register.ledger.snapshot, BATCH, facts, identity=identity, clock=WallClock()
        )
        outbox.to = sync
        sync.start()
        try:
            counter = UnattendedCounter(journal, register, sync)
            await counter.finish()  # the server assigns this journal its receipt series
            staff = [person.number for person in register.access.staff if not person.manages]
            chance = random.Random(seed)  # noqa: S311 - guests, not secrets
            week = Week(register, clock, BUILT_IN, chance, staff)
            begins = now - timedelta(days=DAYS - 1)
            first = register.venue.business_date(begins)
            await _ring(week, counter, first, now, progress)
        finally:
            await sync.stop()
        return journal.last_number()
    finally:
        journal.close()


async def _ring(
    week: Week, counter: UnattendedCounter, first: date, now: datetime, progress: Callable[[int, int], None]
) -> None:
    """Ring the guests, and wait while too many events are unsent."""
    for number, at in enumerate(week.ring(first, now)):
        if number % _GUESTS == 0:
            progress(max(0, (at.date() - first).days), DAYS)
            await counter.wait_for_backlog()
    await counter.finish()
