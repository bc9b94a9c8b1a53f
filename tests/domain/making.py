"""Orders for tests: sealed events in a row, made as a till at work makes them."""

from __future__ import annotations

import json
import random
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from till.domain.catalogue.menu import Item, Menu
from till.domain.events.envelope import NO_HASH, NO_HOLD, SERVER, Draft, Event, Origin, canonical, seal, sha256
from till.domain.ids import IdClock, derived_id, is_uuid, moment_of
from till.domain.money.amount import Currency
from till.domain.money.measures import Millionths, Minor, Price4
from till.domain.money.tax import Tax
from till.domain.order import paying, quantities, selling
from till.domain.order.events import (
    ChangeUndone,
    ConflictFound,
    ItemAdded,
    LineVoided,
    OrderGranted,
    OrderPlaced,
    PlacedLine,
    PlacedPayment,
    PreferenceSet,
    QuantityChanged,
    TaxRate,
)
from till.domain.order.evolve import apply, fold
from till.domain.order.paying import Completion, Tendered
from till.domain.order.selling import ItemEntry
from till.domain.order.terms import Terms
from till.domain.refund.state import REFUNDS
from till.domain.streams import unseal

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from till.domain.events.registry import EventData
    from till.domain.order.line import Modifier
    from till.domain.order.state import Order
    from till.domain.refund.state import Refund
    from till.ports import Journal

START = datetime(2026, 3, 3, 5, 1, tzinfo=UTC)
STORE = "0197a000-0000-7000-8000-000000000001"
SERVER_JOURNAL = "0197a000-0000-7000-8000-000000000000"
SESSION = "0197a000-0000-7000-8000-0000000000aa"
INR = Terms(Currency("INR"), included=True)
GST = TaxRate(name="GST", rate="5")

IDLY = Item("idly", "Idly", "breakfast", Price4(400_000), "A", plu=1)
DOSA = Item("dosa", "Masala Dosa", "breakfast", Price4(800_000), "A", plu=2)
CUP = Item("cup", "Cup deposit", "extras", Price4(10_000), "", plu=3, returnable=True)
SOUP = Item("soup", "Soup of the day", "extras", None, "A", plu=4)
MENU = Menu(1, {"A": (Tax("GST", Millionths(50_000)),)}, items=(IDLY, DOSA, CUP, SOUP))


def uid(name: str) -> str:
    """The id that goes by a short name in tests; an id is itself."""
    return name if is_uuid(name) else derived_id(SESSION, name)


A, B = uid("a"), uid("b")
TAB = uid("tab")


class Hand:
    """Seals drafts one after another in a chain of its own; each event is one second later.

    It writes under the hold that it opened or was granted last, or that `knows` names.
    """

    def __init__(self, till: int = 1, user: int = 1, *, seed: int = 1, start: datetime = START) -> None:
        self.chance = random.Random(seed * 1000 + till)  # noqa: S311 - a test repeats itself
        self.ids = IdClock(self.chance.getrandbits)
        self.till, self.user, self.now = till, user, start
        self.journal_id = f"0197a000-0000-7000-8000-{till:012d}"
        self.seq, self.hash = 0, NO_HASH
        self.after: str | None = None
        self.hold = NO_HOLD

    def new_id(self) -> str:
        return self.ids.next(self.now, self.after)

    def knows(self, *events: Event) -> None:
        """Follow these events with the next one written, under the hold of the last."""
        self.after = max(event.id for event in events)
        self.hold = events[-1].hold

    def seal(self, draft: Draft, hold: str | None = None) -> Event:
        self.now += timedelta(seconds=1)
        self.seq += 1
        event = seal(
            draft,
            Origin(self.journal_id, self.till, STORE, self.user, None, None, self.now),
            event_id=self.new_id(),
            seq=self.seq,
            prev_hash=self.hash,
            salt=lambda: f"{self.chance.getrandbits(64):032x}",
            hold=self.hold if hold is None else hold,
            tried=True,
        )
        self.hash = event.hash
        if type(draft.data).takes:
            self.hold = event.hold
        return event

    def make(self, data: EventData, *, stream_id: str = SESSION) -> Event:
        return self.seal(Draft(data, stream_id))

    def raw(self, type_: str, /, *, v: int = 1, harmless: bool = False, **data: Any) -> Event:
        """A record of any type and data, as another make of till could have sealed it."""
        return forged(self.make(PreferenceSet(name="x", value="y")), type=type_, v=v, harmless=harmless, data=data)

    def opened(self, terms: Terms = INR, **more: Any) -> Event:
        return self.seal(selling.open_order(SESSION, self.user, terms, "take_away", **more))

    def took(self, **more: Any) -> Event:
        """The server grants the order to this till, after all that it knows of; what it makes next is under that."""
        self.now += timedelta(seconds=1)
        newest = max(self.after or "", self.hold)
        at = max(self.now, moment_of(newest))
        facts: dict[str, Any] = {"till": self.till, "journal": self.journal_id, "user": self.user} | more
        event = seal(
            Draft(OrderGranted(**facts), SESSION),
            Origin(SERVER_JOURNAL, SERVER, STORE, self.user, None, None, at),
            event_id=IdClock(self.chance.getrandbits).next(at, newest),
            seq=1,
            prev_hash=NO_HASH,
            salt=lambda: "",
        )
        self.after = self.hold = event.id
        return event

    def added(self, line: str = "a", quantity: int = 1, price: str = "40.00", **more: Any) -> Event:
        facts: dict[str, Any] = {"item_id": "idly", "item_name": "Idly", "taxes": (GST,)}
        return self.make(ItemAdded(line_id=uid(line), quantity=quantity, price=price, **(facts | more)))

    def changed(self, line: str, taken_off: int) -> Event:
        return self.make(QuantityChanged(line_id=uid(line), taken_off=taken_off))

    def voided(self, line: str, reason: str = "dropped") -> Event:
        return self.make(LineVoided(line_id=uid(line), reason=reason))

    def undone(self, event: Event) -> Event:
        return self.make(ChangeUndone(event=event.id))

    def placed(self, *lines: str, total: str = "40.00", pieces: int = 1, **more: Any) -> Event:
        """The order is paid: these lines of one item, in one row."""
        row = PlacedLine(
            line_ids=tuple(map(uid, lines)),
            line_quantities=(pieces,) * len(lines),
            item_id="idly",
            item_name="Idly",
            quantity=pieces * len(lines),
            unit_price="40.00",
            subtotal=total,
            net=total,
            tax="0.00",
            discount="0.00",
        )
        facts: dict[str, Any] = {
            "order_id": self.new_id(),
            "receipt": f"{self.till}-000001",
            "business_date": "2026-03-03",
            "order_type": "take_away",
            "payment_method": "cash",
            "currency": "INR",
            "net": total,
            "tax": "0.00",
            "rounding": "0.00",
            "total": total,
            "lines": (row,) if lines else (),
            "payments": (PlacedPayment(payment_id=self.new_id(), tender="CASH", amount=total, change="0.00"),),
        }
        return self.make(OrderPlaced(**(facts | more)))

    def take(self, order: Order | None, drafts: Iterable[Draft]) -> Order:
        """Seal the drafts of a decision and continue from there."""
        for draft in drafts:
            if order is not None:
                self.after = order.last_id
            order = apply(order, self.seal(draft, order.hold if order is not None else NO_HOLD))
        assert order is not None
        return order


def sold_twice(sale: Event) -> ConflictFound:
    """Return the conflict that the database writes for a second sale of one order."""
    assert isinstance(sale.data, OrderPlaced)
    subject, amount = sale.data.order_id, sale.data.total
    return ConflictFound(conflict_id=uid("c"), kind="sold_twice", subject=subject, amount=amount, currency="INR")


def forged(event: Event, **changes: Any) -> Event:
    """Return a record with other contents, sealed again, as a faulty or newer till could send it."""
    body = canonical(json.loads(event.body) | changes)
    return unseal(body, sha256(body))


def folded(*events: Event) -> Order:
    order = fold(events)
    assert order is not None
    return order


class Desk:
    """One order, decision by decision."""

    def __init__(self, terms: Terms = INR, *, menu: Menu = MENU, **hand: Any) -> None:
        self.hand = Hand(**hand)
        self.menu = menu
        self.order = self.hand.take(None, [selling.open_order(SESSION, 1, terms, "take_away")])

    def do(self, drafts: Iterable[Draft]) -> Order:
        self.order = self.hand.take(self.order, drafts)
        return self.order

    def do_one(self, data: EventData) -> Event:
        """Something happens to the order; the event."""
        self.hand.after = self.order.last_id
        event = self.hand.seal(Draft(data, SESSION), self.order.hold)
        order = apply(self.order, event)
        assert order is not None
        self.order = order
        return event

    def grant(self, hand: Hand) -> Order:
        """The server grants the order to a till."""
        hand.after, hand.hold = self.order.last_id, self.order.hold
        order = apply(self.order, hand.took())
        assert order is not None
        self.order = order
        return order

    def add(self, item: Item, quantity: int = 1, price4: int | None = None, modifiers: Iterable[Modifier] = ()) -> str:
        """Key a line; its id."""
        line = self.hand.new_id()
        keyed = ItemEntry(item, quantity, None if price4 is None else Price4(price4), tuple(modifiers))
        self.do(selling.add_item(self.order, self.menu, keyed, line))
        return line

    def change(self, line: str, quantity: int) -> Order:
        """Bring the row of a line to a quantity."""
        return self.do(quantities.change_quantity(self.order, line, quantity, self.hand.new_id()))

    def pay(self, tender: str, amount: int, *, cashback: bool = False, pieces: Mapping[str, int] | None = None) -> str:
        """Take money, for these pieces of lines where some are named; the id of the payment."""
        payment, tendered = self.hand.new_id(), Tendered(tender, Minor(amount), pieces=pieces or {})
        drafts = paying.approve_payment(self.order, payment, tendered, cashback=cashback)
        self.do([*paying.start_payment(self.order, payment, tendered), *drafts])
        return payment

    def place(self) -> OrderPlaced:
        """Complete the order; what it froze into."""
        completion = Completion(self.hand.new_id(), "1-000001", date(2026, 3, 3))
        self.do(paying.place_order(self.order, completion))
        assert self.order.placed is not None
        return self.order.placed.data


def refund_events(journal: Journal) -> list[Event]:
    """All events of refunds in a journal, by their ids."""
    found = (event for one in journal.streams("refund") for event in journal.events_of(one, "refund"))
    return sorted(found, key=lambda event: event.id)


def fold_refunds(events: Iterable[Event]) -> dict[str, Refund]:
    """The refunds that events make, by id."""
    streams: dict[str, list[Event]] = {}
    for event in events:
        streams.setdefault(event.stream_id, []).append(event)
    found = ((one, REFUNDS.fold(own)) for one, own in streams.items())
    return {one: refund for one, refund in found if refund is not None}
