"""A replay on real parts: a separate till and journal, a sync with large pushes, and the database."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from db.engine import selecting
from till.domain.errors import StoreError
from till.domain.i18n import _
from till.replay.compare import FoundSale
from till.replay.trading import CURRENCY
from till.replay.venue import TILL, VenueFacts
from till.reports.staff import read_staff
from till.sync.service import SyncService
from till.sync.settings import ConnectionFacts, Identity, Settings
from till.wiring.parts import LateOutbox, WallClock, make_register, open_journal

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Collection, Iterable
    from pathlib import Path

    import psycopg

    from till.journal import JournalFile
    from till.register.register import Register
    from till.replay.clock import ReplayClock

#: The most unsent events before the replay waits for the database. One push sends all of them, with their snapshots.
_BACKLOG: Final = 1_000
BATCH: Final = Settings(
    debounce_ms=5,
    max_wait_ms=50,
    deadline_s=30,
    batch_events=2 * _BACKLOG,
    batch_bytes=16_000_000,
    batch_snapshots=2 * _BACKLOG,
)
#: Seconds without progress after which the database counts as lost.
_PATIENCE_S: Final = 60.0

_FINISHED: Final = """
    SELECT id FROM warm.every_session
    WHERE store_id = %s AND ref IS NOT NULL AND status IN ('completed', 'discarded')
"""
_FOUND: Final = """
    SELECT o.ref, o.business_date,
        (SELECT coalesce(jsonb_object_agg(t.tender, t.amount::text), '{}') FROM (
            SELECT p.tender, sum(p.amount) AS amount
            FROM cold.order_payment AS p WHERE p.order_id = o.order_id GROUP BY p.tender) AS t),
        (SELECT coalesce(jsonb_object_agg(s.item_name, jsonb_build_array(s.quantity, s.amount::text)), '{}') FROM (
            SELECT i.item_name, sum(i.quantity) AS quantity, sum(i.subtotal) AS amount
            FROM cold.order_item AS i WHERE i.order_id = o.order_id GROUP BY i.item_name) AS s)
    FROM cold.orders AS o
    WHERE o.store_id = %s AND split_part(o.ref, '/', 1) = ANY (%s)
"""


class ReplayCounter:
    """The implementation of `till.replay.replay.Counter` with a journal and its sync."""

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
                raise StoreError(_("The database accepts no sales. Those so far are kept: run the replay again."))
            before = acked


@dataclass(frozen=True, slots=True)
class ReplayBooks:
    """The implementation of `till.replay.replay.VenueDatabase` on PostgreSQL.

    Attributes:
        connection: a connection with the owner's rights, in autocommit.
        store_id: the venue.
        journal: the file of the replay's journal.
        facts: returns the address of the database for the replay's till; called in a thread.
        make: creates the venue, or changes it from the first to the second argument.
    """

    connection: psycopg.Connection[Any]
    store_id: str
    journal: Path
    facts: Callable[[], ConnectionFacts]
    make: Callable[[VenueFacts | None, VenueFacts], None]

    def now(self) -> datetime:
        """Return the real time."""
        return datetime.now(UTC)

    def known(self) -> VenueFacts | None:
        """Return settings, menu and staff from the database; None if there is no venue."""
        settings, menu = self.connection.execute(
            "SELECT till.venue(%(s)s), till.menu_export_v1(%(s)s)", {"s": self.store_id}
        ).fetchone() or ({}, {})
        if not settings:
            return None
        with selecting(self.connection) as selects:
            staff = read_staff(selects, self.store_id)
        return VenueFacts(settings, menu, tuple((person["number"], person["name"]) for person in staff))

    def prepare(self, reference: VenueFacts) -> None:
        """Create the venue, or extend it."""
        self.make(self.known(), reference)

    def finished(self) -> Collection[str]:
        """Return the finished sessions of replayed sales."""
        return {row[0] for row in self.connection.execute(_FINISHED, [self.store_id])}

    @asynccontextmanager
    async def counter(self, reference: VenueFacts, clock: ReplayClock) -> AsyncIterator[ReplayCounter]:
        """Open the replay's till with the prepared venue."""
        journal = open_journal(self.journal, till=TILL, store_id=self.store_id)
        try:
            # As version 0, so that the database's answer replaces it.
            journal.cache("settings", 0, reference.settings)
            journal.cache("menu", 0, {**reference.menu, "version": 0})
            outbox = LateOutbox()
            register = make_register(
                journal, clock, outbox, till=TILL, store_id=self.store_id, business_date=clock.business_date
            )
            sync = SyncService(
                journal,
                register,
                register.ledger.snapshot,
                BATCH,
                self.facts,
                identity=Identity(self.store_id, TILL),
                clock=WallClock(),
            )
            outbox.to = sync
            sync.start()
            try:
                yield ReplayCounter(journal, register, sync)
            finally:
                await sync.stop()
        finally:
            journal.close()

    def found(self, days: Iterable[int]) -> Iterable[FoundSale]:
        """Yield the completed orders of some trading days, one at a time."""
        numbers = [str(day) for day in days]
        minor = CURRENCY.minor
        with self.connection.cursor() as cursor:
            for ref, date, tenders, items in cursor.stream(_FOUND, [self.store_id, numbers]):
                yield FoundSale(
                    ref,
                    date,
                    {tender: minor(amount) for tender, amount in tenders.items()},
                    {item: (quantity, minor(amount)) for item, (quantity, amount) in items.items()},
                )
