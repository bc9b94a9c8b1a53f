"""The database at the end of a seed, read once and folded again by the tills' own rules."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from tests.simulation.recount import Record, Recount
from till.domain.order.events import LineVoided, OrderPlaced, Refused
from till.domain.order.evolve import fold
from till.domain.streams import unseal

if TYPE_CHECKING:
    from decimal import Decimal

    from tests.simulation.server import Server
    from till.domain.events.envelope import Event
    from till.domain.order.state import Order

#: The records of a store that wait for a manager, without money that another till took and that counts (TL028).
ASIDE: Final = """
    SELECT event_id::text, event_type, session_id, reason FROM warm.quarantine
    WHERE store_id = %s AND resolved_at IS NULL AND sqlstate IS DISTINCT FROM 'TL028'"""


@dataclass(frozen=True, slots=True)
class Row:
    """A session as the database projects it."""

    status: str
    till: int | None
    hold: str
    refold: bool
    quarantined: bool
    items: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Found:
    """A conflict as the manager sees it."""

    kind: str
    subject: str
    session: str | None
    amount: Decimal


class Log:
    """The log of a store, with everything derived from it."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.events: list[Event] = []
        self.sessions: dict[str, list[Event]] = {}
        self.places: dict[str, list[tuple[int, str, str]]] = {}
        rows = server.rows(
            "SELECT e.body, e.hash, e.journal_id::text, e.seq, e.prev_hash, e.session_id,"
            " (SELECT jsonb_object_agg(t.field, jsonb_build_object('salt', t.salt, 'text', t.text))"
            " FROM warm.event_texts AS t WHERE t.event_id = e.event_id)"
            " FROM warm.session_events AS e WHERE e.store_id = %s ORDER BY e.session_id, e.version",
            server.store,
        )
        for body, sealed, journal, seq, before, session, texts in rows:
            event = unseal(body, sealed, texts)
            self.events.append(event)
            self.places.setdefault(journal, []).append((seq, before, sealed))
            if session:
                self.sessions.setdefault(session, []).append(event)
        for journal, seq, before, sealed in server.rows(
            "SELECT journal_id::text, seq, prev_hash, hash FROM warm.event_links WHERE store_id = %s"
            " UNION ALL SELECT journal_id::text, seq, body::jsonb->>'prev_hash', hash FROM warm.quarantine"
            " WHERE store_id = %s AND seq IS NOT NULL",
            server.store,
            server.store,
        ):
            self.places.setdefault(journal, []).append((seq, before, sealed))
        self.heads: dict[str, tuple[int, str]] = {
            journal: (seq, sealed)
            for journal, seq, sealed in server.rows(
                "SELECT journal_id::text, seq, hash FROM warm.journal_head WHERE store_id = %s", server.store
            )
        }
        self.rows = {
            session: Row(*row)
            for session, *row in server.rows(
                "SELECT id, status, till_id, coalesce(hold_id::text, ''), refold, quarantined, items"
                " FROM warm.every_session WHERE store_id = %s",
                server.store,
            )
        }
        #: The events that placed the orders in cold storage.
        sales = server.rows("SELECT event_id::text FROM cold.orders WHERE store_id = %s", server.store)
        self.cold: set[str] = {row[0] for row in sales}
        self.aside: set[str] = {event for event, *_words in server.rows(ASIDE, server.store) if event is not None}

    @cached_property
    def orders(self) -> dict[str, Order]:
        """Every session, folded."""
        folded = {session: fold(events) for session, events in self.sessions.items()}
        return {session: order for session, order in folded.items() if order is not None}

    @cached_property
    def recount(self) -> Recount:
        """A recount of the log without any code of the till."""
        return Recount(event.body for event in self.events)

    @cached_property
    def covered(self) -> dict[str, set[str]]:
        """The lines that any completion of a session lists."""
        found: dict[str, set[str]] = {}
        for record in self.recount.of("order_placed"):
            found.setdefault(record.session, set()).update(self.recount.sold(record))
        return found

    @cached_property
    def sold_void(self) -> dict[str, set[str]]:
        """The lines that a completion lists as void although the void itself may be refused.

        That is so after a restore, or if the till that voided the line was paid before it heard of the refusal.
        """
        found: dict[str, set[str]] = {}
        for session, events in self.sessions.items():
            for event in events:
                if isinstance(event.data, OrderPlaced):
                    void = {one.line_id for one in event.data.voids}
                    may_be = void if self.server.age else _refused_unheard(events, event, event.data.known)
                    found.setdefault(session, set()).update(void & may_be)
        return found

    @cached_property
    def withdrawn(self) -> dict[str, set[str]]:
        """The lines that a session lost because a sale of another lists them, or the line that they were cut from."""
        roots, found = self.recount.roots(), dict[str, set[str]]()
        for record in self.recount.of("lines_withdrawn"):
            sold = self.covered.get(record.data["to_session"], set())
            found.setdefault(record.session, set()).update(
                one for one in record.data["line_ids"] if {one, roots.get(one, one)} & sold
            )
        return found

    @cached_property
    def found(self) -> list[Found]:
        """The conflicts that wait for the manager; the database settles some by itself."""
        query = (
            "SELECT kind, subject, session_id, amount FROM till.conflicts WHERE store_id = %s AND resolved_at IS NULL"
        )
        return [Found(*row) for row in self.server.rows(query, self.server.store)]

    def subjects(self, *kinds: str) -> set[str]:
        """Return the subjects of the conflicts of some kinds."""
        return {found.subject for found in self.found if found.kind in kinds}

    @cached_property
    def sales(self) -> list[Record]:
        """The placings that are sales in cold storage."""
        return [record for record in self.recount.of("order_placed") if record.id in self.cold]

    @cached_property
    def receipts(self) -> dict[str, set[str]]:
        """The orders in cold storage, by the number of their receipt."""
        found: dict[str, set[str]] = {}
        query = "SELECT receipt, order_id FROM cold.orders WHERE store_id = %s AND receipt IS NOT NULL"
        for receipt, order in self.server.rows(query, self.server.store):
            found.setdefault(str(receipt), set()).add(str(order))
        return found


def _refused_unheard(events: list[Event], sale: Event, known: str | None) -> set[str]:
    """Return the lines whose void by the journal of a sale was refused after the last event that the sale knew."""
    place = next((place for place, event in enumerate(events) if event.id == known), -1)
    later = (event.data for event in events[place + 1 :])
    refused = {one for data in later if isinstance(data, Refused) for one in data.events}
    voids = (one for one in events if one.id in refused and one.journal_id == sale.journal_id)
    return {one.data.line_id for one in voids if isinstance(one.data, LineVoided)}
