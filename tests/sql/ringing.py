"""A minimal till for tests of the database: real seals and chains, and nothing else of a till."""

from __future__ import annotations

import itertools
import json
import secrets
import uuid
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar

import msgspec
from psycopg.types.json import Jsonb

from db.engine import selecting
from tests.simulation.server import PIN_HASH
from till.administration.calls import call
from till.domain.events.envelope import (
    NO_HASH,
    NO_HOLD,
    Draft,
    Event,
    Origin,
    canonical,
    seal,
    sha256,
    texts_to_data,
    time_text,
)
from till.domain.ids import IdClock
from till.domain.streams import REGISTRY
from till.domain.till.events import stream_of_till
from till.domain.venue import read_venue
from till.reports.report import Span, read_report

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import psycopg
    from sqlalchemy import Connection

    from till.reports.report import Report
    from till.reports.report import ReportResult as FoundReport

Asked = ParamSpec("Asked")
Found = TypeVar("Found")

SETTINGS = {
    "name": "Udupi Corner",
    "currency": "INR",
    "locale": "en_IN",
    "timezone": "Asia/Kolkata",
    "business_day_ends": "04:00",
    "prices_include_tax": True,
    "tax_rounding": "line",
    "tax_number": "29ABCDE1234F1Z5",
}
DAY = date(2026, 3, 3)
_ROLL_UP = """
    SELECT count(*) FROM cold.days_to_roll(%(store)s, 100000) AS d
    CROSS JOIN LATERAL cold.roll_up_day(%(store)s, d.view, d.business_date)"""
_QUIET_DAYS = """
    INSERT INTO cold.report_days (store_id, view, business_date, rows)
    SELECT c.store_id, v.view, c.business_date, '[]' FROM cold.rolled_views() AS v CROSS JOIN cold.calendar AS c
    WHERE c.store_id = %(store)s AND c.business_date < current_date - v.after - 1
        AND c.business_date > (SELECT max(business_date) + 3 FROM cold.orders WHERE store_id = %(store)s)
    ON CONFLICT DO NOTHING"""
IDLY, DOSA = str(uuid.uuid5(uuid.NAMESPACE_OID, "idly")), str(uuid.uuid5(uuid.NAMESPACE_OID, "dosa"))
TAXES = [{"name": "GST", "rate": "5"}]
MENU: dict[str, Any] = {
    "taxes": {"A": TAXES},
    "dayparts": [{"name": "Breakfast", "from": "07:00", "to": "11:30"}],
    "categories": [{"id": "c1", "name": "Breakfast", "position": 1, "daypart": "Breakfast"}],
    "items": [
        {"id": IDLY, "plu": 1, "name": "Idly", "category": "c1", "price": "40.00", "tax": "A", "aliases": ["idli"],
         "barcodes": ["8901"], "sold_out": False, "returnable": False, "unit": "", "position": 1},
        {"id": DOSA, "plu": 2, "name": "Masala Dosa", "category": "c1", "price": "80.00", "tax": "A", "aliases": [],
         "barcodes": [], "sold_out": False, "returnable": False, "unit": "", "position": 2},
    ],
}  # fmt: skip
PRICES = {IDLY: ("Idly", Decimal("40.00")), DOSA: ("Masala Dosa", Decimal("80.00"))}


_CLOCK = IdClock(secrets.randbits)
_RECEIPTS = itertools.count(1)


def new_number(till: int, kind: str = "") -> str:
    """Return a number that no document has: of a sale, or of a refund with the kind R."""
    return f"{till}-{kind}{next(_RECEIPTS):06}"


def heard(listener: psycopg.Connection[Any]) -> list[str]:
    """Return the hints that came to a session that listens, since it was last asked.

    Hints come in the order in which they were sent, so that one of its own comes after all others.
    """
    listener.execute("NOTIFY till_store, 'end'")
    return list(itertools.takewhile("end".__ne__, (one.payload for one in listener.notifies(timeout=20))))


def new_id() -> str:
    """Return an id greater than all made before, for any till."""
    return _CLOCK.next(datetime.now(UTC))


def packed(event: Event | Sealed) -> dict[str, Any]:
    """Return an event as a push carries it."""
    return {"b": event.body, "h": event.hash, "t": texts_to_data(event) if isinstance(event, Event) else {}}


class Sealed(msgspec.Struct, frozen=True):
    """A record with a valid seal and place, whatever else is wrong with it."""

    id: str
    seq: int
    body: str
    hash: str


def off(item: str, pieces: int, *, sent: bool = False) -> dict[str, Any]:
    """Return pieces of an item taken off, as their event carries them."""
    name, price = PRICES[item]
    return {"item_name": name, "pieces": pieces, "amount": str(price * pieces), "sent": sent}


@dataclass
class Cart:
    """An order that a test keys: its lines, and what a till would send of it."""

    session: str = field(default_factory=new_id)
    lines: dict[str, tuple[str, int]] = field(default_factory=dict)
    user: int = 1
    hold: str = NO_HOLD
    keyed: dict[str, str] = field(default_factory=dict)
    """When each item was keyed first."""

    @property
    def total(self) -> Decimal:
        return sum((PRICES[item][1] * n for item, n in self.lines.values()), Decimal("0.00"))

    def items(self) -> list[dict[str, Any]]:
        return [
            {"line_ids": [line], "item_id": item, "item": PRICES[item][0], "quantity": n,
             "unit_price": str(PRICES[item][1]), "amount": str(PRICES[item][1] * n), "modifiers": [], "voided": False}
            for line, (item, n) in self.lines.items()
        ]  # fmt: skip

    def snapshot(self, base: int, **changes: Any) -> dict[str, Any]:
        cart: dict[str, int] = {}
        for item, n in self.lines.values():
            cart[item] = cart.get(item, 0) + n
        last = next(reversed(self.lines.values()), (None, 0))[0]
        return {
            "session": self.session, "user": self.user, "status": "active",
            "hold_id": self.hold or None, "base_version": base,
            "currency": "INR", "total": str(self.total), "order_type": "take_away", "tab_id": None,
            "created_at": "2026-03-03T05:01:00.000000Z", "updated_at": "2026-03-03T05:01:00.000000Z",
            "logout_time": None, "items": self.items(),
            "cart": [{"item_id": item, "item_name": PRICES[item][0], "quantity": n,
                      "amount": str(PRICES[item][1] * n), "added_at": self.keyed.get(item)}
                     for item, n in cart.items()],
            "state": {"current_step": "ordering", "last_mentioned_item_id": last,
                      "last_mentioned_item_name": PRICES[last][0] if last else None, "last_shown_menu": []},
            "preferences": {}, "checkout": None, "intent": None, **changes,
        }  # fmt: skip

    def frozen(self, **changes: Any) -> dict[str, Any]:
        lines: list[dict[str, Any]] = []
        for line, (item, n) in self.lines.items():
            gross = PRICES[item][1] * n
            tax = (gross * 5 / 105).quantize(Decimal("0.01"))
            lines.append(
                {"line_ids": [line], "line_quantities": [n], "item_id": item, "item_name": PRICES[item][0],
                 "quantity": n, "unit_price": str(PRICES[item][1]), "discount": "0.00", "subtotal": str(gross),
                 "net": str(gross - tax), "tax": str(tax), "taxes": [{"name": "GST", "rate": "5", "tax": str(tax)}]}
            )  # fmt: skip
        tax = sum((Decimal(line["tax"]) for line in lines), Decimal("0.00"))
        return {
            "order_id": new_id(), "receipt": new_number(1),
            "business_date": "2026-03-03", "order_type": "take_away",
            "payment_method": "cash", "currency": "INR", "net": str(self.total - tax), "tax": str(tax),
            "rounding": "0.00", "total": str(self.total), "lines": lines,
            "taxes": [{"name": "GST", "rate": "5", "net": str(self.total - tax), "tax": str(tax)}],
            "payments": [{"payment_id": new_id(), "tender": "CASH", "amount": str(self.total), "change": "0.00"}],
            **changes,
        }  # fmt: skip


class Till:
    """An enrolled till: a journal, its unacknowledged events, and pushes."""

    #: For what only the server writes; None where a test has no use for that.
    owner: psycopg.Connection[Any] | None = None
    #: The label of the events.
    shift: str | None = None

    def __init__(self, connection: psycopg.Connection[Any], store: str, number: int, secret: str) -> None:
        self.connection, self.store, self.number, self.secret = connection, store, number, secret
        self.journal = str(uuid.uuid4())
        self.seq, self.hash = 0, NO_HASH
        self.pending: list[Event | Sealed] = []
        self.known: dict[str, tuple[int, str | None]] = {}
        self.holds: dict[str, str] = {}
        self.login = new_id()
        self.now = datetime(2026, 3, 3, 5, 0, tzinfo=UTC)

    def make(self, kind: str, session: str | None = None, data: dict[str, Any] | None = None, *,
             texts: dict[str, str] | None = None, user: int = 1, event_id: str | None = None,
             hold: str | None = None) -> Event:  # fmt: skip
        """Seal the next event of the chain for the next push, under the hold that this till has of the order."""
        known = REGISTRY.find(kind)
        assert known is not None, kind
        fields = {name: value for name, value in (data or {}).items() if value is not None} | (texts or {})
        stream = {
            "order": session,
            "login": self.login,
            "till": stream_of_till(self.store, self.number),
            "refund": session,
            "shift": session,
        }
        self.now += timedelta(seconds=1)
        event = seal(
            Draft(msgspec.convert(fields, known), stream[known.stream] or ""),
            Origin(self.journal, self.number, self.store, user, None, self.shift, self.now),
            event_id=event_id or new_id(), seq=self.seq + 1, prev_hash=self.hash, salt=lambda: uuid.uuid4().hex,
            hold=hold or self.holds.get(session or "", NO_HOLD), tried=True,
        )  # fmt: skip
        if known.takes and session:
            self.holds[session] = event.hold
        self.seq, self.hash = event.seq, event.hash
        self.pending.append(event)
        return event

    def make_badly(self, kind: str, session: str | None = None, data: Any = None, **changes: Any) -> Sealed:
        """Seal a record that no till of ours would write: with any data, and any value in its envelope."""
        self.now += timedelta(seconds=1)
        hold = self.holds.get(session or "", NO_HOLD)
        record = {
            "at": time_text(self.now), "data": {} if data is None else data, "harmless": False,
            "hold_id": hold or None, "id": new_id(), "journal_id": self.journal,
            "login_session": None, "prev_hash": self.hash, "seq": self.seq + 1, "shift": None, "store_id": self.store,
            "stream_id": session or stream_of_till(self.store, self.number),
            "stream_kind": "order" if session else "till", "till": self.number, "type": kind, "user": 1, "v": 1,
            **changes,
        }  # fmt: skip
        return self.seal_badly(canonical(record), str(record["id"]))

    def seal_badly(self, body: str, event_id: str = "") -> Sealed:
        """Seal any body as the next of the chain."""
        event = Sealed(event_id, self.seq + 1, body, sha256(body))
        self.seq, self.hash = event.seq, event.hash
        self.pending.append(event)
        return event

    def open(self, cart: Cart, **data: Any) -> None:
        event = self.make(
            "order_opened", cart.session,
            {"user": cart.user, "currency": "INR", "prices_include_tax": True, "tax_rounding": "line",
             "order_type": "take_away", **data}, user=cart.user,
        )  # fmt: skip
        cart.hold = event.hold

    def keyed(self, *items: str | tuple[str, int]) -> Cart:
        """Open an order, and key items, each with its quantity or one of it."""
        cart = Cart()
        self.open(cart)
        for one in items:
            self.add(cart, *((one,) if isinstance(one, str) else one))
        return cart

    def ask(self, cart: Cart, user: int | None = None, **asked: Any) -> dict[str, Any]:
        """Ask for an order in the database, and return the answer."""
        asked = {"journal": self.journal, "user": cart.user if user is None else user, **asked}
        answer = self.read("till.grant_order_v1", session=cart.session, **asked)
        self.now += timedelta(seconds=1)
        if answer.get("granted"):
            self.holds[cart.session] = cart.hold = answer["granted"]
            self.known[cart.session] = (answer["session"]["version"], answer["session"]["event"])
        return answer

    def take(self, cart: Cart, user: int | None = None) -> dict[str, Any]:
        """Have an order granted, whoever has it open, and return the answer."""
        answer = self.ask(cart, user, warned=True)
        assert answer.get("granted"), answer
        return answer

    def resume(self, cart: Cart, **data: Any) -> Event:
        """Make an order that this till holds active again; not pushed yet."""
        return self.make("order_resumed", cart.session, data, user=data.get("user", 1))

    def add(self, cart: Cart, item: str, quantity: int = 1) -> str:
        line = new_id()
        cart.lines[line] = (item, quantity)
        name, price = PRICES[item]
        event = self.make(
            "item_added", cart.session,
            {"line_id": line, "item_id": item, "item_name": name, "quantity": quantity, "price": str(price),
             "taxes": TAXES},
        )  # fmt: skip
        cart.keyed.setdefault(item, time_text(event.at))
        return line

    def bring(self, cart: Cart, origin: Cart) -> None:
        """Bring the lines of an order into this one, whoever holds either. No act does this, yet a log may have it."""
        assert self.push()["ok"]
        lines = dict(origin.lines)
        with self.deciding() as decided:
            self.hand_on(origin, cart, *lines)
        origin.lines = lines
        assert self.owner is not None
        for event in decided:
            body = json.loads(event.body)
            self.owner.execute(
                "SELECT warm.server_event_v1(%s, 1, 'lines_moved', %s, %s)",
                [self.store, body["stream_id"], Jsonb(body["data"])],
            )

    def move(self, cart: Cart, into: Cart, *lines: str) -> None:
        """Have the server move lines to another order, after this till's pending events; it holds both."""
        with self.deciding() as decided:
            self.hand_on(cart, into, *lines)
        self.done(decided)

    def done(self, decided: list[Event | Sealed], *snapshots: dict[str, Any]) -> None:
        """Push an act, and check that it is taken."""
        reply = self.push(act=self.act(decided, *snapshots))
        assert reply["act"]["taken"], reply["act"]

    def look(self, cart: Cart, query: str = "", items: list[dict[str, Any]] | None = None, **more: Any) -> Event:
        """Ask for the menu, in an order."""
        fields = {"query": query, "result_count": len(items or ()), "meal_period": "Breakfast", "items": items or []}
        return self.make("menu_viewed", cart.session, fields, **more)

    def clear(self, cart: Cart, reason: str = "", **more: Any) -> Event:
        """Clear an order on purpose, with the lines that the test knows."""
        removed = [off(item, pieces) for item, pieces in cart.lines.values()]
        data = {"line_ids": list(cart.lines), "removed": removed}
        return self.make("order_discarded", cart.session, data, texts={"reason": reason}, **more)

    def save(self, cart: Cart, tab: str, name: str = "", **data: Any) -> Event:
        """Save an order to a tab."""
        return self.make("tab_assigned", cart.session, {"tab_id": tab, **data}, texts={"name": name})

    def place(self, cart: Cart, **changes: Any) -> dict[str, Any]:
        numbered = {"receipt": new_number(self.number), "business_date": self.now.date().isoformat()}
        order = cart.frozen(**numbered | changes)
        self.make("order_placed", cart.session, order)
        return order

    @contextmanager
    def deciding(self) -> Iterator[list[Event | Sealed]]:
        """Collect the events made meanwhile for an act: they take no place in the chain of this till."""
        before, self.pending = self.pending, []
        seq, sealed, decided = self.seq, self.hash, self.pending
        yield decided
        self.pending, self.seq, self.hash = before, seq, sealed

    def part(self, cart: Cart, *lines: str) -> tuple[Cart, list[Event | Sealed]]:
        """Decide that lines go to a new order, and return it with the events."""
        new = Cart(user=cart.user)
        with self.deciding() as decided:
            self.open(new, from_session=cart.session)
            self.hand_on(cart, new, *lines)
        return new, decided

    def hand_on(self, cart: Cart, into: Cart, *lines: str) -> None:
        """Move lines of one order to another: make both events of it."""
        moved = [
            {"line_id": line, "item_id": item, "item_name": PRICES[item][0], "quantity": n,
             "price": str(PRICES[item][1]), "till": self.number, "taxes": TAXES}
            for line, (item, n) in cart.lines.items() if line in lines
        ]  # fmt: skip
        self.make("lines_moved", into.session, {"from_session": cart.session, "lines": moved})
        self.make("lines_moved", cart.session, {"to_session": into.session, "line_ids": list(lines)})
        into.lines |= {line: cart.lines.pop(line) for line in lines if line in cart.lines}

    def act(self, decided: list[Event | Sealed], *snapshots: dict[str, Any], **changes: Any) -> dict[str, Any]:
        """Return an act as a push carries it, by the state that this till knows."""
        sessions = {json.loads(event.body)["stream_id"] for event in decided}
        return {
            "events": [{name: part for name, part in packed(event).items() if name != "h"} for event in decided],
            "versions": {session: self.known.get(session, (0, None))[0] for session in sessions},
            "seq": self.seq, "snapshots": {shown["session"]: shown for shown in snapshots}, **changes,
        }  # fmt: skip

    def request(
        self, *snapshots: dict[str, Any], events: list[Event | Sealed] | None = None, **changes: Any
    ) -> dict[str, Any]:
        return {
            "protocol": 1, "store": self.store, "till": self.number, "secret": self.secret, "journal": self.journal,
            "schema": "0001", "events": [packed(e) for e in (self.pending if events is None else events)],
            "snapshots": list(snapshots),
            "known": [{"session": s, "version": v, "event": e} for s, (v, e) in self.known.items()],
            "reference": {}, **changes,
        }  # fmt: skip

    def send(self, request: dict[str, Any], function: str = "warm.sync_push_v1") -> dict[str, Any]:
        row = self.connection.execute(f"SELECT {function}(%s::text)", [json.dumps(request)]).fetchone()
        assert row is not None
        reply: dict[str, Any] = json.loads(row[0])
        return reply

    def push(self, *snapshots: dict[str, Any], **changes: Any) -> dict[str, Any]:
        """Push the pending events, and apply the reply."""
        reply = self.send(self.request(*snapshots, **changes))
        if reply["ok"]:
            self.pending = [e for e in self.pending if e.seq > reply["head"]["seq"]]
            for session in reply["sessions"]:
                self.known[session["session"]] = (session["version"], session["event"])
        return reply

    def read(self, function: str, **asked: Any) -> dict[str, Any]:
        return self.send({"store": self.store, "till": self.number, "secret": self.secret, **asked}, function)

    def base(self, cart: Cart) -> int:
        return self.known.get(cart.session, (0, None))[0]

    def shown(self, cart: Cart, **changes: Any) -> dict[str, Any]:
        """Push with a snapshot of the order, as this till holds it."""
        hold = self.holds.get(cart.session, cart.hold)
        return self.push(cart.snapshot(self.base(cart), hold_id=hold or None, **changes))


def sell_lines_of_another(till: Till) -> Cart:
    """Push a sale that goes to quarantine, as it lists the line of another order of its till. Return its cart."""
    keyed, sold = Cart(), Cart()
    till.open(keyed)
    till.add(keyed, IDLY)
    till.open(sold)
    sold.lines = dict(keyed.lines)
    till.place(sold)
    till.push()
    return sold


def roll_up(owner: psycopg.Connection[Any], store: str) -> int:
    """Sum up the days that are over, and return how many.

    Later days than three after the last sale are kept as the empty days that they are: there are more of them each day
    that passes, and each takes the database as long as a day of sales.
    """
    owner.execute(_QUIET_DAYS, {"store": store})
    row = owner.execute(_ROLL_UP, {"store": store}).fetchone()
    assert row is not None
    return int(row[0])


def refund(
    owner: psycopg.Connection[Any], store: str, at: datetime, day: date, net: str, tax: str, rounding: str
) -> None:
    """Put a refund in cash of the only order of a store into the books. The amounts are negative."""
    owner.execute(
        """INSERT INTO cold.refunds (refund_id, order_id, payment_id, receipt, tender, amount, net, tax, rounding,
            currency, taxes, business_date, away, is_beyond, till_id, event_id, store_id, created_at)
        SELECT %s, o.order_id, p.payment_id, '1-R1', 'CASH', n.net + n.tax + n.rounding, n.net, n.tax, n.rounding,
            'INR', '[]', %s, false, false, 1, %s, o.store_id, %s
        FROM cold.orders AS o JOIN cold.order_payment AS p USING (order_id),
            (SELECT %s::numeric AS net, %s::numeric AS tax, %s::numeric AS rounding) AS n
        WHERE o.store_id = %s""",
        [new_id(), day, new_id(), at, net, tax, rounding, store],
    )


def sum_up(
    owner: psycopg.Connection[Any], store: str, report: Report, first: date = DAY, last: date | None = None
) -> FoundReport:
    """Read a report of business days of a store."""
    venue = read_venue(call(owner, "venue", store))
    return read_report(partial(ask, owner, store), report, Span(first, last or first), venue)


def ask(owner: psycopg.Connection[Any], store: str, function: str, *asked: Any) -> Any:
    """Call a function of administration for a store."""
    return call(owner, function, store, *asked)


@dataclass
class Venue:
    """A store, with the owner's connection and that of the tills."""

    store: str
    owner: psycopg.Connection[Any]
    app: psycopg.Connection[Any]

    def till(self, number: int = 1) -> Till:
        """Return another machine with the number and the secret of a till, and a journal of its own."""
        till = Till(self.app, self.store, number, f"secret {number}")
        till.owner = self.owner
        return till

    def keyed(self, *items: str | tuple[str, int]) -> tuple[Till, Cart]:
        """Return the first till, with an order of these items."""
        till = self.till()
        return till, till.keyed(*items)

    def value(self, query: str, *parameters: Any) -> Any:
        row = self.owner.execute(query, parameters).fetchone()
        return row[0] if row else None

    def rows(self, query: str, *parameters: Any) -> list[Any]:
        return self.owner.execute(query, parameters).fetchall()

    def complete(self, session: str, method: str = "cash") -> Any:
        """Complete an order as administration does, paid in full."""
        return self.value("SELECT till.order_session_complete_v1(%s, NULL, %s, NULL, %s)", self.store, session, method)

    def read(
        self, reader: Callable[Concatenate[Connection, str, Asked], Found], *args: Asked.args, **more: Asked.kwargs
    ) -> Found:
        """Read a list of administration."""
        with selecting(self.owner) as selects:
            return reader(selects, self.store, *args, **more)

    def ask(self, function: str, *asked: Any) -> Any:
        """Call a function of administration for the store."""
        return ask(self.owner, self.store, function, *asked)

    def report(self, report: Report, first: date = DAY, last: date | None = None) -> FoundReport:
        """Read a report of business days."""
        return sum_up(self.owner, self.store, report, first, last)

    def types(self, where: str, *parameters: Any) -> list[str]:
        """Return the types of events, in the order of their chain."""
        query = f"SELECT event_type FROM session_events WHERE {where} ORDER BY seq"  # noqa: S608 - a test's own words
        return [row[0] for row in self.rows(query, *parameters)]


def make_venue(owner: psycopg.Connection[Any], app: psycopg.Connection[Any]) -> Venue:
    store = str(uuid.uuid4())
    owner.execute("SELECT till.store_create_v1(%s, %s)", [store, Jsonb(SETTINGS)])
    for number in (1, 2):
        owner.execute("SELECT till.till_enrol_v1(%s, NULL, %s, NULL, %s)", [store, number, sha256(f"secret {number}")])
    for number, name, role in (
        (1, "Asha", "cashier"),
        (2, "Ravi", "cashier"),
        (9, "Meena", "manager"),
        (7, "Om", "admin"),
    ):
        owner.execute("SELECT till.user_add_v1(%s, NULL, %s, %s, %s, %s)", [store, number, name, role, PIN_HASH])
    owner.execute("SELECT till.menu_import_v1(%s, 9, %s)", [store, Jsonb(MENU)])
    return Venue(store, owner, app)


def the_venue(owner: psycopg.Connection[Any], app: psycopg.Connection[Any]) -> Venue:
    """Return the one venue of a database, as `make_venue` made it."""
    ((store,),) = owner.execute("SELECT store_id::text FROM till.stores").fetchall()
    return Venue(store, owner, app)


def start_till(owner: psycopg.Connection[Any], store: str, number: int, build: str) -> None:
    """Enrol a till whose program, of that version, was just started."""
    owner.execute("SELECT till.till_enrol_v1(%s, NULL, %s, NULL, warm.digest(%s))", [store, number, str(number)])
    till = Till(owner, store, number, str(number))
    till.make("till_started", None, {"build": build})
    assert till.push()["ok"]
    owner.execute("UPDATE till.tills SET seen_at = now() WHERE id = %s", [number])
