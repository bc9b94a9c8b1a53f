"""A busy evening on the real server with a shelf beside it, which knows hands and pieces and none of the till's rules.

Somebody carries what stands on a saved table or in a paid order; a cook makes what the tickets of a station ask for. Of
what was voided, somebody puts some back. Deliveries, waste and counts happen at any minute and are typed then or later.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from psycopg.types.json import Jsonb
from typing_extensions import override

from tests.domain.making import refund_events
from tests.evenings.evening import hold
from tests.evenings.served import ServedEvening
from till.domain.events.envelope import time_text
from till.domain.kitchen.events import LinesSent
from till.domain.order.events import ChangeUndone, ItemAdded, LineCut, LineVoided, QuantityChanged
from till.domain.order.state import Status
from till.domain.stock.events import StockCounted, StockMoved, StockReturned, StockUndone
from till.domain.structs import replace
from till.register.stock import tell_shelf

if TYPE_CHECKING:
    from tests.register.conftest import Till
    from tests.simulation.server import Base
    from till.domain.events.envelope import Event
    from till.domain.refund.state import Refund
    from till.domain.stock.events import StockEvent

#: The stations, by the items that they make: the rest is handed out at the counter.
_STATIONS: Final = (
    {"name": "Grill", "items": ["item-1", "item-2", "item-3"]},
    {"name": "Bar", "items": ["item-6"]},
)
_MADE: Final = frozenset({"item-1", "item-2", "item-3", "item-6"})
_FULL: Final = 1_000
#: The acts of the shelf, and those that change the lines of an order before and after they are sent; money moves less.
_HANDS: Final = (
    *("deliver", "waste", "look", "look", "type_late", "wrong"),
    *("key",) * 12,
    *("quantity", "undo", "save") * 5,
    *("void", "recall", "cash", "apart", "part", "move") * 2,
    *("clear", "take_over", "merge", "pieces", "add", "sync", "sync"),
)


class ShelfEvening(ServedEvening):
    """An evening by a seed, whose venue keeps all that it sells."""

    def __init__(self, seed: int, *about: Any) -> None:
        self.shelf: Counter[str] = Counter()
        #: The pieces that left the shelf, by line; of dishes by the line that was keyed.
        self._gone_out: dict[str, int] = defaultdict(int)
        self._root_of: dict[str, str] = {}
        self._keyed: dict[str, int] = defaultdict(int)
        self._taken_off: dict[str, tuple[str, int]] = {}
        self._ordered: dict[str, int] = {}
        self._item_of: dict[str, str] = {}
        self._on_tickets: dict[str, int] = defaultdict(int)
        self._put_again: dict[str, tuple[str, int]] = {}
        self._known_events: set[str] = set()
        self._late: list[tuple[Till, StockEvent]] = []
        self._is_over = False
        super().__init__(seed, *about)
        self.what = (*dict.fromkeys(self.what), *_HANDS)

    @override
    @classmethod
    def prepare(cls, base: Base) -> None:
        for name in ("warm.stock_minute", "cold.takings_of"):
            base.reword(name, r"now\(\)|e\.received_at(?=\))", "'infinity'::timestamptz")

    @override
    def _open_venue(self, law: dict[str, Any], offers: list[dict[str, Any]]) -> list[Till]:
        tills = super()._open_venue(law | ({"stations": list(_STATIONS)} if "stations" in law else {}), offers)
        self.made = _MADE if "stations" in law else frozenset[str]()
        items = [one.id for one in tills[0].register.menu.items if not one.returnable]
        kept = {"items": [{"item_id": one, "name": one} for one in items]}
        server = self.world.server
        server.base.owner.execute("SELECT till.stock_items_v1(%s, NULL, %s)", [server.store, Jsonb(kept)])
        for one in items:
            self.shelf[one] = _FULL
        self._first = items
        return tills

    @override
    def play(self) -> None:
        for one in self._first:
            self._say(StockCounted(item_id=one, amount=_FULL))
        self.clock.move(seconds=1)
        super().play()

    # Acts

    def deliver(self) -> None:
        item, amount = self.rng.choice(self._first), self.rng.randrange(1, 30)
        self.shelf[item] += amount
        self._say_some_time(StockMoved(item_id=item, amount=amount, kind="delivered"))

    def waste(self) -> None:
        item, amount = self.rng.choice(self._first), self.rng.randrange(1, 4)
        self.shelf[item] -= amount
        self._say_some_time(StockMoved(item_id=item, amount=amount, kind="wasted", why="broken"))

    def look(self) -> None:
        """Count an item as it stands now."""
        item = self.rng.choice(self._first)
        self._say_some_time(StockCounted(item_id=item, amount=self.shelf[item]))

    def wrong(self) -> None:
        """Type ten times what came, and undo it, at once or after a count."""
        item = self.rng.choice(self._first)
        event = self._say(StockMoved(item_id=item, amount=240, kind="delivered"))
        undone = StockUndone(event=event)
        if self.rng.random() < 0.5:
            self._say(undone)
        else:
            self._late.append((self.till, undone))

    def type_late(self) -> None:
        """Type what somebody wrote on paper."""
        for till, data in self._late:
            self.till = till
            self._say(data)
        self._late.clear()

    @override
    def give(self, begun: Refund) -> None:
        """Give money back, and put some of what came with it on the shelf."""
        super().give(begun)
        of = [one for one in refund_events(self.till.journal) if one.stream_id == begun.id][-1].id
        for line in begun.started.lines:
            if not self._is_over and line.item_id in self._first and line.item_id not in self.made:
                if pieces := self.rng.randrange(abs(line.quantity) + 1):
                    self.shelf[line.item_id] += pieces
                    self._say(StockReturned(of=of, item_id=line.item_id, amount=pieces))
                break  # a second row may have the same item

    @override
    def end(self) -> None:
        super().end()
        self._is_over = True
        self.judge()
        self.type_late()
        self.meet()

    def _say_some_time(self, data: StockCounted | StockMoved) -> None:
        """Say it now, or write down the minute and type it later."""
        if self.rng.random() < 0.5:
            self._say(data)
            return
        now = time_text(self.clock.now())
        if isinstance(data, StockCounted):
            self._late.append((self.till, replace(data, seen_at=now)))
        else:
            self._late.append((self.till, replace(data, happened_at=now)))

    def _say(self, data: StockEvent) -> str:
        self.clock.move(seconds=1)  # nobody looks and carries in one millisecond
        event = self._approved(partial(tell_shelf, self.till.register, data))
        self.clock.move(seconds=1)
        return event

    # Hands

    @override
    def judge(self) -> None:
        """Carry what the till at hand shows on tables and in paid orders, and cook what its tickets ask for."""
        super().judge()
        orders = self.orders()
        new = [
            event
            for order in orders
            for event in self.till.journal.events_of(order.id)
            if event.id not in self._known_events
        ]
        self._known_events |= {event.id for event in new}
        for event in sorted(new, key=lambda one: one.id):
            self._see(event)
        acted = {event.stream_id for event in new if event.by_till == self.till.number}
        saved = {one.id for one in orders if one.status is Status.ASSIGNED_TO_TAB and one.id in acted}
        for order in orders:
            if order.status is Status.COMPLETED or order.id in saved:
                for line in order.lines.values():
                    self._item_of.setdefault(line.id, line.item_id)
                    if line.quantity > 0 and (line.item_id not in self.made or (order.placed and not line.sends)):
                        self._carry(line.id, min(line.quantity, self._ordered[line.id]))

    def _see(self, event: Event) -> None:
        match event.data:
            case ItemAdded(line_id=line, item_id=item, quantity=pieces):
                self._item_of[line] = item
                self._keyed[line] = self._ordered[line] = pieces
            case LineCut(line_id=line, into=into, quantity=pieces):
                self._root_of[into] = self._root_of.get(line, line)
                self._item_of[into] = self._item_of[line]
                self._ordered[line] -= pieces  # an old view of another till shows more
                self._ordered[into] = pieces
                carried = min(self._gone_out[line], pieces)
                self._gone_out[line] -= carried
                self._gone_out[into] += carried
            case LinesSent(follows=None, lines=lines):
                for one in lines:
                    root = self._root_of.get(one.line_id, one.line_id)
                    self._on_tickets[root] += max(0, one.pieces)  # nobody uncooks
                    wanted = min(self._on_tickets[root], self._keyed[root])  # AGAIN is read
                    self._carry(f"dish {root}", wanted, one.item_id)
            case LineVoided(line_id=line) | QuantityChanged(line_id=line):
                removed = event.data.removed
                if removed is not None and removed.pieces > 0:
                    if not removed.sent:  # a cook who reads two tickets knows what is wanted
                        self._keyed[self._root_of.get(line, line)] -= removed.pieces
                        self._taken_off[event.id] = self._root_of.get(line, line), removed.pieces
                    self._put_back(event, line, min(self._gone_out[line], removed.pieces))
            case ChangeUndone(event=undone):
                root, pieces = self._taken_off.pop(undone, ("", 0))
                self._keyed[root] += pieces
                item, pieces = self._put_again.pop(undone, ("", 0))
                self.shelf[item] -= pieces

    def _carry(self, line: str, pieces: int, item: str = "") -> None:
        if pieces > self._gone_out[line]:
            self.shelf[item or self._item_of[line]] -= pieces - self._gone_out[line]
            self._gone_out[line] = pieces

    def still_here(self) -> dict[str, int]:
        """Return by item how many pieces of open orders nobody carried or cooked yet."""
        left: Counter[str] = Counter()
        closed: Counter[str] = Counter()
        items: dict[str, str] = {}
        for order in self.orders():
            for line in order.lines.values():
                root = self._root_of.get(line.id, line.id)
                name = f"dish {root}" if line.item_id in self.made else line.id
                items[name] = line.item_id
                if order.status is Status.COMPLETED or not order.is_over:
                    (closed if order.is_over else left)[name] += max(0, line.quantity)
        found: Counter[str] = Counter()
        for name, pieces in left.items():
            found[items[name]] += max(0, pieces - max(0, self._gone_out[name] - closed[name]))
        return {one: pieces for one, pieces in found.items() if pieces and one in self._first}

    def _put_back(self, event: Event, line: str, carried: int) -> None:
        """Put some of what was carried back on the shelf, and say so."""
        item = self._item_of.get(line, "")
        if item and item not in self.made and carried and (pieces := self.rng.randrange(carried + 1)):
            self.shelf[item] += pieces
            self._put_again[event.id] = item, pieces
            self._say(StockReturned(of=event.id, item_id=item, amount=pieces))


def check_shelf(evening: ShelfEvening) -> None:
    """Check the account of the server against the shelf."""
    server = evening.world.server
    rows = server.rows("SELECT item_id, amount FROM cold.stock_at(%s, %s)", server.store, evening.clock.now())
    there = dict(rows)
    wrong = {one: (there[one], evening.shelf[one]) for one in there if there[one] != evening.shelf[one]}
    hold("the account is the shelf", holds=not wrong, what=wrong)
    promised = evening.still_here()
    asked = dict(server.rows("SELECT item_id, amount FROM cold.promised(%s)", server.store))
    hold("open orders hold what is promised", holds=asked == promised, what=(asked, promised))
