"""`till report losses` of one busy day: every order was billed, and one in a hundred paid less."""

from __future__ import annotations

import secrets
import time
import uuid
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

import msgspec

from bench import venue
from bench.table import Figure, Sample, under
from till.administration.calls import AtServer
from till.domain.events.envelope import NO_HASH, NO_HOLD, Draft, Origin, seal
from till.domain.ids import IdClock
from till.domain.streams import REGISTRY
from till.domain.till.events import stream_of_till
from till.reports.losses import read_losses

if TYPE_CHECKING:
    from collections.abc import Iterator

    import psycopg

    from bench.testbed import Bench
    from till.domain.events.envelope import Event

ORDERS: Final = 10_000
_PRICES: Final = {"Idly": "40.00", "Dosa": "80.00"}
_LESS: Final = 100  # one order of so many
_HOURS: Final = 12
_COPY: Final = """
    COPY warm.session_events (
        event_id, session_id, stream_kind, stream_id, event_type, v, harmless, event_data, "timestamp", journal_id, seq,
        till_id, store_id, user_id, hold_id, version, prev_hash, hash, body, received_at) FROM STDIN
"""
_MADE: Final = (
    """
    INSERT INTO warm.journal_head (journal_id, store_id, till_id, seq, hash, series, opened_at)
    SELECT e.journal_id, e.store_id, e.till_id, max(e.seq), repeat('0', 64), 'A', min(e.received_at)
    FROM warm.session_events AS e WHERE e.till_id > 0 GROUP BY 1, 2, 3
    """,
    """
    INSERT INTO till.order_sessions (
        id, store_id, user_id, hold_id, hold_till, last_move, status, items, total, currency, order_type, version,
        last_event, created_at, updated_at, arrived_at, tab_id)
    SELECT o.session_id, o.store_id, o.user_id, o.event_id, o.till_id, p.event_id, 'completed', '[]',
        (p.event_data->>'total')::numeric, 'INR', 'dine_in', p.version, p.event_id, o."timestamp", p."timestamp",
        p.received_at, (t.event_data->>'tab_id')::uuid
    FROM warm.session_events AS o
    JOIN warm.session_events AS p ON p.session_id = o.session_id AND p.event_type = 'order_placed'
    JOIN warm.session_events AS t ON t.session_id = o.session_id AND t.event_type = 'tab_assigned'
    WHERE o.event_type = 'order_opened'
    """,
    """
    INSERT INTO till.tabs (id, store_id, name, table_number, status, session_id, opened_at, closed_at)
    SELECT (t.event_data->>'tab_id')::uuid, t.store_id, 'table ' || (t.event_data->>'table_number'),
        t.event_data->>'table_number', 'closed', t.session_id, t."timestamp", t."timestamp" + interval '1 hour'
    FROM warm.session_events AS t WHERE t.event_type = 'tab_assigned'
    """,
    "ALTER TABLE cold.order_line DISABLE TRIGGER nothing_late",
    """
    WITH line AS (
        INSERT INTO cold.order_line
        SELECT (x.line #>> '{}')::uuid, (p.event_data->>'order_id')::uuid, p.store_id
        FROM warm.session_events AS p CROSS JOIN jsonb_path_query(p.event_data, '$.lines[*].line_ids[*]') AS x (line)
        WHERE p.event_type = 'order_placed'
    )
    INSERT INTO cold.orders (
        order_id, session_id, order_source_id, total_amount, net, tax, rounding, service_charge, service_charge_net,
        off, currency, receipt, business_date, taxes, voids, user_id, till_id, event_id, store_id, created_at)
    SELECT (p.event_data->>'order_id')::uuid, p.session_id, 1, (p.event_data->>'total')::numeric,
        (p.event_data->>'total')::numeric, 0, 0, 0, 0, '[]', 'INR', p.event_data->>'receipt',
        (p.event_data->>'business_date')::date, '[]', '[]', p.user_id, p.till_id, p.event_id, p.store_id, p."timestamp"
    FROM warm.session_events AS p WHERE p.event_type = 'order_placed'
    """,
    "SELECT warm.rebuild_relation(%(store)s)",
    *(
        f"VACUUM ANALYZE {table}"
        for table in (
            *("till.order_sessions", "till.tabs", "warm.session_events", "warm.order_contents"),
            *("cold.orders", "cold.order_line"),
        )
    ),
)


class _Day:
    """The events of a day, sealed as their tills would."""

    def __init__(self, begins: datetime, orders: int) -> None:
        self.now, self._begins, self._orders = begins, begins, orders
        self._ids = IdClock(secrets.randbits)
        self._journals = {till: str(uuid.uuid4()) for till in range(1, venue.TILLS + 1)}
        self._last = dict.fromkeys(self._journals, (0, NO_HASH))

    def new_id(self) -> str:
        """Return an id of this moment."""
        return self._ids.next(self.now)

    def events(self) -> Iterator[tuple[Event, int | None]]:
        """Yield the events, with their numbers in their orders."""
        for number in range(self._orders):
            self.now = self._begins + timedelta(hours=_HOURS) * number / self._orders
            yield from self._order(number)

    def _order(self, number: int) -> Iterator[tuple[Event, int | None]]:
        till, session, is_less = 1 + number % venue.TILLS, self.new_id(), number % _LESS == 0
        lines = {self.new_id(): name for name in _PRICES}
        idly = next(iter(lines))
        version = iter(range(1, 100))

        def make(kind: str, stream: str, data: dict[str, Any], *, is_of_order: bool = True) -> tuple[Event, int | None]:
            self.now += timedelta(seconds=1)
            seq, last = self._last[till]
            origin = Origin(self._journals[till], till, venue.STORE, till, None, None, self.now)
            event = seal(
                Draft(msgspec.convert(data, REGISTRY.find(kind)), stream), origin,
                event_id=self.new_id(), seq=seq + 1, prev_hash=last, salt=lambda: "salt", hold=NO_HOLD, tried=True,
            )  # fmt: skip
            self._last[till] = event.seq, event.hash
            return event, next(version) if is_of_order else None

        tax, taxes = {"prices_include_tax": True, "tax_rounding": "line"}, [{"name": "GST", "rate": "5"}]
        yield make("order_opened", session, {"user": till, "currency": "INR", "order_type": "dine_in", **tax})
        for line, name in lines.items():
            item = {"line_id": line, "item_id": name, "item_name": name, "quantity": 2, "price": _PRICES[name]}
            yield make("item_added", session, {**item, "taxes": taxes})
        yield make("tab_assigned", session, {"tab_id": self.new_id(), "table_number": 1 + number % 40})
        sent = [{"line_id": line, "pieces": 2, "item_id": name} for line, name in lines.items()]
        yield make("lines_sent", session, {"station": "Grill", "ticket": f"{number}", "kind": "new", "lines": sent})
        bill = {"session_id": session, "amount": "240.00", "currency": "INR", "is_bill": True}
        yield make("receipt_issued", stream_of_till(venue.STORE, till), bill, is_of_order=False)
        total = "200.00" if is_less else "240.00"
        if is_less:
            removed = {"item_name": "Idly", "pieces": 1, "amount": "40.00", "sent": True}
            yield make("quantity_changed", session, {"line_id": idly, "taken_off": 1, "removed": removed})
        paid = {"payment_id": self.new_id(), "tender": "CASH", "amount": total}
        yield make("payment_approved", session, {**paid, "tendered": total, "change": "0.00", "drawer": till})
        yield make("order_placed", session, {
            "order_id": self.new_id(), "receipt": f"{till}-{number:06}", "business_date": f"{self._begins:%Y-%m-%d}",
            "order_type": "dine_in", "payment_method": "cash", "currency": "INR", "net": total, "tax": "0.00",
            "rounding": "0.00", "total": total, "payments": [{**paid, "change": "0.00"}],
            "lines": [
                {"line_ids": [line], "line_quantities": [pieces], "item_id": name, "item_name": name,
                 "quantity": pieces, "unit_price": _PRICES[name],
                 "subtotal": "0.00", "net": "0.00", "tax": "0.00", "discount": "0.00"}
                for line, name in lines.items()
                for pieces in (1 if is_less and line == idly else 2,)
            ],
        })  # fmt: skip


def fill(owner: psycopg.Connection[Any], orders: int) -> datetime:
    """Fill a fresh database of the bench's venue with a day of orders, and return when it began."""
    begins = datetime.now(UTC).replace(hour=8, minute=0, second=0, microsecond=0) - timedelta(days=2)
    with owner.cursor().copy(_COPY) as copy:
        for event, version in _Day(begins, orders).events():
            body = msgspec.json.decode(event.body)
            copy.write_row((
                event.id, event.stream_id if version else None, event.stream_kind, event.stream_id, event.type, 1,
                body["harmless"], msgspec.json.encode(body["data"]).decode(), event.at, event.journal_id, event.seq,
                event.till, venue.STORE, event.user, None, version, body["prev_hash"], event.hash, event.body, event.at,
            ))  # fmt: skip
    for statement in _MADE:
        owner.execute(statement, {"store": venue.STORE})
    return begins


def run(testbed: Bench) -> Iterator[Figure]:
    """Yield the report of a day; its last five calls are measured."""
    with testbed.database() as database, testbed.connect(database.owner) as owner:
        day = fill(owner, ORDERS).date()
        at, took = AtServer(connection=owner, store_id=venue.STORE), list[float]()
        found = read_losses(at.ask, at.venue(), day)
        for _time in range(7):
            begun = time.perf_counter()
            read_losses(at.ask, at.venue(), day)
            took.append(time.perf_counter() - begun)
        if len(found.found.rows("less")) != ORDERS // _LESS or found.faults:
            raise AssertionError(found.faults)
    sample = Sample.of(took)
    yield Figure(
        f"till report losses, a day of {ORDERS:,} orders", sample.median, "s", goal=under(3, "s"), sample=sample
    )
