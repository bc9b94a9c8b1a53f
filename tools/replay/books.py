"""A replay on real parts: a separate till and journal, a sync with large pushes, and the database."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from till.sync.service import SyncService
from till.sync.settings import ConnectionFacts, Identity
from till.wiring.busy import BATCH, UnattendedCounter
from till.wiring.parts import LateOutbox, WallClock, make_register, open_journal
from tools.replay.compare import FoundSale
from tools.replay.trading import CURRENCY
from tools.replay.venue import TILL, VenueFacts

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Collection, Iterable
    from pathlib import Path

    import psycopg

    from till.training.clock import TradingClock

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


@dataclass(frozen=True, slots=True)
class ReplayBooks:
    """The implementation of `tools.replay.replay.VenueDatabase` on PostgreSQL.

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
        settings, menu, staff = self.connection.execute(
            "SELECT till.venue(%(s)s), till.menu_export_v1(%(s)s), till.people_v1(%(s)s)", {"s": self.store_id}
        ).fetchone() or ({}, {}, [])
        if not settings:
            return None
        return VenueFacts(settings, menu, tuple((person["number"], person["name"]) for person in staff))

    def prepare(self, reference: VenueFacts) -> None:
        """Create the venue, or extend it."""
        self.make(self.known(), reference)

    def finished(self) -> Collection[str]:
        """Return the finished sessions of replayed sales."""
        return {row[0] for row in self.connection.execute(_FINISHED, [self.store_id])}

    @asynccontextmanager
    async def counter(self, reference: VenueFacts, clock: TradingClock) -> AsyncIterator[UnattendedCounter]:
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
                yield UnattendedCounter(journal, register, sync)
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
