"""Orders for tests: sealed events in a row, made as a till at work makes them."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from till.domain.catalogue.menu import Item, Menu
from till.domain.events.envelope import NO_HASH, Draft, Event, EventType, Place, seal
from till.domain.ids import IdClock
from till.domain.money.amount import Currency
from till.domain.money.tax import Tax
from till.domain.order import selling
from till.domain.order.evolve import apply, fold
from till.domain.order.line import Terms
from till.domain.order.selling import Keyed
from till.domain.payment import paying
from till.domain.payment.paying import Completion, Tendered

if TYPE_CHECKING:
    from collections.abc import Iterable

    from till.domain.order.line import Modifier
    from till.domain.order.state import Order

START = datetime(2026, 3, 3, 5, 1, tzinfo=UTC)
STORE = "0197a000-0000-7000-8000-000000000001"
SESSION = "0197a000-0000-7000-8000-0000000000aa"
INR = Terms(Currency("INR"), included=True, by_order=False, cash_step=0)
GST = {"name": "GST", "rate": "5"}

IDLY = Item("idly", "Idly", "breakfast", 400_000, "A", plu=1)
DOSA = Item("dosa", "Masala Dosa", "breakfast", 800_000, "A", plu=2)
CUP = Item("cup", "Cup deposit", "extras", 10_000, "", plu=3, returnable=True)
SOUP = Item("soup", "Soup of the day", "extras", None, "A", plu=4)
MENU = Menu(1, {"A": (Tax("GST", 50_000),)}, items=(IDLY, DOSA, CUP, SOUP))


class Hand:
    """Seals drafts one after another in a chain of its own; time goes on by a second an event."""

    def __init__(self, till: int = 1, user: int = 1, *, seed: int = 1, start: datetime = START) -> None:
        self.chance = random.Random(seed * 1000 + till)  # noqa: S311 - a test repeats itself
        self.ids = IdClock(self.chance.getrandbits)
        self.till, self.user, self.now = till, user, start
        self.journal_id = f"0197a000-0000-7000-8000-{till:012d}"
        self.seq, self.hash = 0, NO_HASH
        self.after: str | None = None

    def new_id(self) -> str:
        return self.ids.next(self.now, self.after)

    def seal(self, draft: Draft) -> Event:
        self.now += timedelta(seconds=1)
        self.seq += 1
        place = Place(self.journal_id, self.till, STORE, self.user, None, None, self.now)
        event = seal(
            draft,
            place,
            event_id=self.new_id(),
            seq=self.seq,
            prev_hash=self.hash,
            salt=lambda: f"{self.chance.getrandbits(64):016x}",
        )
        self.hash = event.hash
        return event

    def make(self, kind: str, *, epoch: int = 1, texts: dict[str, str] | None = None, **data: Any) -> Event:
        return self.seal(Draft(kind, SESSION, data, texts or {}, epoch))

    def opened(self, terms: Terms = INR, **more: Any) -> Event:
        return self.make(EventType.ORDER_OPENED, user=self.user, order_type="take_away", **(terms.to_data() | more))

    def added(self, line: str = "a", quantity: int = 1, price: str = "40.00", **more: Any) -> Event:
        facts: dict[str, Any] = {
            "line_id": line,
            "item_id": "idly",
            "item_name": "Idly",
            "quantity": quantity,
            "price": price,
            "taxes": [GST],
            "modifiers": [],
        }
        return self.make(EventType.ITEM_ADDED, **(facts | more))

    def changed(self, line: str, by: int) -> Event:
        return self.make(EventType.QUANTITY_CHANGED, line_id=line, by=by)

    def voided(self, line: str, reason: str = "dropped") -> Event:
        return self.make(EventType.LINE_VOIDED, texts={"reason": reason}, line_id=line)

    def take(self, order: Order | None, drafts: Iterable[Draft]) -> Order:
        """Seal what a decision asked for and go on from there."""
        for draft in drafts:
            self.after = order.last_id if order else None
            order = apply(order, self.seal(draft))
        assert order is not None
        return order


def folded(*events: Event) -> Order:
    order = fold(events)
    assert order is not None
    return order


class Desk:
    """One order, decision by decision."""

    def __init__(self, terms: Terms = INR, **hand: Any) -> None:
        self.hand = Hand(**hand)
        self.order = self.hand.take(None, [selling.open_order(SESSION, 1, terms, "take_away")])

    def do(self, drafts: Iterable[Draft]) -> Order:
        self.order = self.hand.take(self.order, drafts)
        return self.order

    def add(self, item: Item, quantity: int = 1, price4: int | None = None, modifiers: Iterable[Modifier] = ()) -> str:
        """Key a line; its id."""
        line = self.hand.new_id()
        self.do(selling.add_item(self.order, MENU, Keyed(item, quantity, price4, tuple(modifiers)), line))
        return line

    def pay(self, tender: str, amount: int, *, cashback: bool = False) -> str:
        """Take money; the id of the payment."""
        payment, tendered = self.hand.new_id(), Tendered(tender, amount)
        drafts = paying.approve_payment(self.order, payment, tendered, cashback=cashback)
        self.do([*paying.start_payment(self.order, payment, tendered), *drafts])
        return payment

    def place(self) -> dict[str, Any]:
        """Complete the order; what it froze into."""
        completion = Completion(self.hand.new_id(), "1-000001", date(2026, 3, 3))
        self.do(paying.place_order(self.order, completion))
        assert self.order.placed is not None
        return dict(self.order.placed.data)
