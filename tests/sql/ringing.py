"""A till in a few lines, for tests of the database's end: real seals, real chains, and nothing else of a till."""

from __future__ import annotations

import hashlib
import itertools
import json
import secrets
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from psycopg.types.json import Jsonb

from till.domain.events.envelope import NO_HASH, Draft, Event, Place, seal, texts_to_data
from till.domain.ids import IdClock

if TYPE_CHECKING:
    import psycopg

SETTINGS = {
    "name": "Udupi Corner",
    "currency": "INR",
    "locale": "en_IN",
    "timezone": "Asia/Kolkata",
    "business_day_ends": "04:00",
    "prices_include_tax": True,
    "tax_rounding": "line",
    "cash_rounding": "0",
    "tax_number": "29ABCDE1234F1Z5",
}
IDLY, DOSA = str(uuid.uuid5(uuid.NAMESPACE_OID, "idly")), str(uuid.uuid5(uuid.NAMESPACE_OID, "dosa"))
TAXES = [{"name": "GST", "rate": "5"}]
MENU: dict[str, Any] = {
    "taxes": {"A": TAXES},
    "dayparts": [{"name": "Breakfast", "from": "07:00", "to": "11:30"}],
    "categories": [{"id": "c1", "name": "Breakfast", "position": 1, "daypart": "Breakfast"}],
    "items": [
        {"id": IDLY, "plu": 1, "name": "Idly", "category": "c1", "price": "40.00", "tax": "A", "aliases": ["idli"],
         "barcodes": ["8901"], "sold_out": False, "returnable": False, "weighed": False, "position": 1},
        {"id": DOSA, "plu": 2, "name": "Masala Dosa", "category": "c1", "price": "80.00", "tax": "A", "aliases": [],
         "barcodes": [], "sold_out": False, "returnable": False, "weighed": False, "position": 2},
    ],
}  # fmt: skip
PRICES = {IDLY: ("Idly", Decimal("40.00")), DOSA: ("Masala Dosa", Decimal("80.00"))}


_CLOCK = IdClock(secrets.randbits)
_RECEIPTS = itertools.count(1)


def new_id() -> str:
    """An id after all ids made before, whichever till asks."""
    return _CLOCK.next(datetime.now(UTC))


def sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def packed(event: Event) -> dict[str, Any]:
    return {"b": event.body, "h": event.hash, "t": texts_to_data(event)}


@dataclass
class Cart:
    """What a test keys: lines of one order, and what a till would send of it."""

    session: str = field(default_factory=new_id)
    lines: dict[str, tuple[str, int]] = field(default_factory=dict)
    user: int = 1
    epoch: int = 1

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
            "session": self.session, "user": self.user, "status": "active", "hold_epoch": self.epoch,
            "base_version": base, "currency": "INR", "total": str(self.total), "order_type": "take_away",
            "tab_id": None, "created_at": "2026-03-03T05:01:00.000000Z", "updated_at": "2026-03-03T05:01:00.000000Z",
            "logout_time": None, "items": self.items(),
            "cart": [{"item_id": item, "item_name": PRICES[item][0], "quantity": n,
                      "amount": str(PRICES[item][1] * n)} for item, n in cart.items()],
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
                {"line_ids": [line], "item_id": item, "item_name": PRICES[item][0], "quantity": n,
                 "unit_price": str(PRICES[item][1]), "measure": None, "modifiers": [], "discount": "0.00",
                 "subtotal": str(gross), "net": str(gross - tax), "tax": str(tax),
                 "taxes": [{"name": "GST", "rate": "5", "tax": str(tax)}]}
            )  # fmt: skip
        tax = sum((Decimal(line["tax"]) for line in lines), Decimal("0.00"))
        return {
            "order_id": new_id(), "receipt": f"1-{next(_RECEIPTS):06}",
            "business_date": "2026-03-03", "order_type": "take_away",
            "payment_method": "cash", "currency": "INR", "net": str(self.total - tax), "tax": str(tax),
            "rounding": "0.00", "total": str(self.total), "tab_id": None, "customer_id": None, "ref": None,
            "lines": lines, "voids": [],
            "taxes": [{"name": "GST", "rate": "5", "net": str(self.total - tax), "tax": str(tax)}],
            "payments": [{"payment_id": new_id(), "tender": "CASH", "amount": str(self.total), "change": "0.00"}],
            **changes,
        }  # fmt: skip


class Till:
    """One enrolled till: a journal, what of it the database has not acknowledged, and pushes."""

    def __init__(self, connection: psycopg.Connection[Any], store: str, number: int, secret: str) -> None:
        self.connection, self.store, self.number, self.secret = connection, store, number, secret
        self.journal = str(uuid.uuid4())
        self.seq, self.hash = 0, NO_HASH
        self.pending: list[Event] = []
        self.known: dict[str, tuple[int, str | None]] = {}
        self.now = datetime(2026, 3, 3, 5, 0, tzinfo=UTC)

    def make(self, kind: str, session: str | None = None, data: dict[str, Any] | None = None, *, epoch: int = 1,
             texts: dict[str, str] | None = None, user: int = 1, event_id: str | None = None) -> Event:  # fmt: skip
        """Seal the next event of the chain, to be pushed."""
        self.now += timedelta(seconds=1)
        place = Place(self.journal, self.number, self.store, user, None, None, self.now)
        event = seal(
            Draft(kind, session, data or {}, texts or {}, epoch if session else 0),
            place, event_id=event_id or new_id(), seq=self.seq + 1, prev_hash=self.hash, salt=lambda: uuid.uuid4().hex,
        )  # fmt: skip
        self.seq, self.hash = event.seq, event.hash
        self.pending.append(event)
        return event

    def open(self, cart: Cart, **data: Any) -> None:
        self.make(
            "order_opened", cart.session,
            {"user": cart.user, "currency": "INR", "prices_include_tax": True, "tax_rounding": "line",
             "order_type": "take_away", "cash_rounding": 0, **data}, epoch=cart.epoch, user=cart.user,
        )  # fmt: skip

    def add(self, cart: Cart, item: str, quantity: int = 1) -> str:
        line = new_id()
        cart.lines[line] = (item, quantity)
        name, price = PRICES[item]
        self.make(
            "item_added", cart.session,
            {"line_id": line, "item_id": item, "item_name": name, "quantity": quantity, "price": str(price),
             "taxes": TAXES, "modifiers": []}, epoch=cart.epoch,
        )  # fmt: skip
        return line

    def place(self, cart: Cart, **changes: Any) -> dict[str, Any]:
        order = cart.frozen(**changes)
        self.make("order_placed", cart.session, order, epoch=cart.epoch)
        return order

    def request(self, *snapshots: dict[str, Any], events: list[Event] | None = None, **changes: Any) -> dict[str, Any]:
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
        """Push what is pending, and take the reply in."""
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
        """Push with a snapshot of the order."""
        return self.push(cart.snapshot(self.base(cart), **changes))


@dataclass
class Venue:
    """A store, with the owner's connection and the tills' own."""

    store: str
    owner: psycopg.Connection[Any]
    app: psycopg.Connection[Any]

    def till(self, number: int = 1) -> Till:
        """Another machine with the number and the secret of a till, and a journal of its own."""
        return Till(self.app, self.store, number, f"secret {number}")

    def value(self, query: str, *parameters: Any) -> Any:
        row = self.owner.execute(query, parameters).fetchone()
        return row[0] if row else None

    def rows(self, query: str, *parameters: Any) -> list[Any]:
        return self.owner.execute(query, parameters).fetchall()

    def types(self, where: str, *parameters: Any) -> list[str]:
        """The types of events, in the order of their chain."""
        query = f"SELECT event_type FROM session_events WHERE {where} ORDER BY seq"  # noqa: S608 - a test's own words
        return [row[0] for row in self.rows(query, *parameters)]


def make_venue(owner: psycopg.Connection[Any], app: psycopg.Connection[Any]) -> Venue:
    store = str(uuid.uuid4())
    owner.execute("SELECT till.store_create_v1(%s, %s)", [store, Jsonb(SETTINGS)])
    for number in (1, 2):
        owner.execute("SELECT till.till_enrol_v1(%s, NULL, %s, NULL, %s)", [store, number, sha(f"secret {number}")])
    for number, name, role in (
        (1, "Asha", "cashier"),
        (2, "Ravi", "cashier"),
        (9, "Meena", "manager"),
        (7, "Om", "admin"),
    ):
        owner.execute("SELECT till.user_add_v1(%s, NULL, %s, %s, %s, 'hash')", [store, number, name, role])
    owner.execute("SELECT till.menu_import_v1(%s, 9, %s)", [store, Jsonb(MENU)])
    return Venue(store, owner, app)
