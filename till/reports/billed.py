"""Orders that were billed and then paid with less, item by item, and the acts that lowered them."""

from __future__ import annotations

from collections import defaultdict
from itertools import zip_longest
from operator import attrgetter
from typing import TYPE_CHECKING, Final, NamedTuple

from till.domain.money.amount import MEASURE_SCALE, PRICE_SCALE
from till.domain.money.measures import Minor
from till.domain.order.copied import copies_in, created_lines
from till.domain.order.events import (
    ChangeUndone,
    DiscountApplied,
    ItemAdded,
    LineCut,
    LinesMoved,
    LinesWithdrawn,
    LineTypeSet,
    LineVoided,
    ModifiersSet,
    OrderDiscarded,
    OrderTypeSet,
    PriceOverridden,
    QuantityChanged,
    Refused,
)
from till.domain.order.history import OrderHistory
from till.domain.order.state import Status

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from till.domain.events.envelope import Event
    from till.domain.events.registry import EventData
    from till.domain.order.line import Line
    from till.domain.order.state import Order

_ID: Final = attrgetter("id")
#: The types after which an order may cost less: a billed order with one since its bill is compared.
LOWERING: Final[frozenset[type[EventData]]] = frozenset(
    {
        ItemAdded, QuantityChanged, LineVoided, ModifiersSet, PriceOverridden, OrderTypeSet, LineTypeSet,
        DiscountApplied, ChangeUndone, LinesMoved, LinesWithdrawn, OrderDiscarded,
    }
)  # fmt: skip
#: The key of the costs beside the items: the service charge, and taxes that are added.
_BESIDE: Final = ""


class Lowering(NamedTuple):
    """An act that lowered a billed order.

    Attributes:
        event: the act.
        bill: the last bill before it.
        order: the order of the act, after it: another one if the pieces had moved there.
        amount: the amount that the guests paid less by it.
        items: the names of the items.
        home: the name of the table of the billed order.
    """

    event: Event
    bill: Event
    order: Order
    amount: Minor
    items: tuple[str, ...]
    home: str


def lowered(root: str, bills: Sequence[Event], logs: Mapping[str, Sequence[Event]]) -> list[Lowering]:
    """Return the acts by which less was paid than a bill of an order had, oldest first.

    Compared is each item at its listed price: promotions change by themselves. Pieces that moved count where they are.
    An order that was rung again counts as its copy, unless both were sold. Acts that a later one made up for are left
    out, and bills that a till wrote which never had the order.

    Args:
        root: the billed order.
        bills: the events of its bills.
        logs: the events of the order, of the orders that have its lines now, and of its copies.

    Raises:
        EventError: the event that opened an order cannot be read here.
    """
    family = _Family(root, logs)
    had = {event.by_till for event in logs[root]}
    bills = [bill for bill in bills if bill.by_till in had]
    levels: dict[str, int] = defaultdict(int)
    falls: list[tuple[Event, str, int]] = []
    last: dict[str, Event] = {}
    orders: dict[str, Order] = {}
    for event in sorted((*bills, *family.events), key=_ID):
        if event in bills:
            found = family.worth(whole=True)
            levels.update({key: max(levels[key], found[key]) if last else found[key] for key in {*levels, *found}})
            last[""] = event
            continue
        whole = isinstance(event.data, OrderTypeSet | LineTypeSet)
        before = family.worth(whole=whole) if last else {}
        order = family.step(event)
        if not last or order is None:
            continue
        last[event.id], orders[event.id] = last[""], order
        after = family.worth(whole=whole)
        for key in {key for key, _cost in before.items() ^ after.items()}:  # in one bill, hundreds stay as they were
            fall = min(before.get(key, 0), levels[key]) - min(after.get(key, 0), levels[key])
            falls += [(event, key, fall)] if fall > 0 else []
    less: dict[str, dict[str, int]] = defaultdict(dict)
    final = family.worth(whole=True)
    missing = {key: level - final[key] for key, level in {**dict.fromkeys(final, 0), **levels}.items()}
    for event, key, fall in reversed(falls):
        if (amount := min(fall, missing[key])) > 0:
            less[event.id][key] = amount
            missing[key] -= amount
    by_id = {event.id: event for event in family.events}
    for event_id, amount in family.given():
        if event_id in last:
            less[event_id][_BESIDE] = less[event_id].get(_BESIDE, 0) + amount
    return [
        Lowering(
            by_id[event_id], last[event_id], orders[event_id], family.minor(sum(found.values())),
            tuple(sorted(family.names[key] for key in found if key)), family.orders[root].place_name,
        )
        for event_id, found in sorted(less.items())
    ]  # fmt: skip


class _Family:
    """The orders that have the lines of a billed order, as they are after a step through their events."""

    def __init__(self, root: str, logs: Mapping[str, Sequence[Event]]) -> None:
        every = [event for log in logs.values() for event in log]
        refused = {one for event in every if isinstance(event.data, Refused) for one in event.data.events}
        self.events = sorted((event for event in every if event.id not in refused), key=_ID)
        self._histories = {
            session: OrderHistory(event for event in log if event.id not in refused) for session, log in logs.items()
        }
        self.orders: dict[str, Order] = {}
        self._costs: dict[str, tuple[Order, dict[str, int]]] = {}
        whole = {
            session: history.after(log[-1].id)
            for (session, history), log in zip(self._histories.items(), logs.values(), strict=True)
        }
        self._copy_of = {session: order.again.session for session, order in whole.items() if order and order.again}
        self._own = {root}
        while more := {copy for copy, of in self._copy_of.items() if of in self._own} - self._own:
            self._own |= more
        self._lines: set[str] = set()
        self.names: dict[str, str] = {}
        for event in sorted((*copies_in(self.events), *self.events), key=_ID):
            if event.stream_id in self._own or (isinstance(event.data, LineCut) and event.data.line_id in self._lines):
                self._lines |= {*created_lines(event)}
        for order in filter(None, whole.values()):
            self.names |= {line.item_id: line.name for line in order.lines.values()}

    def step(self, event: Event) -> Order | None:
        """Go to the state after an event, and return its order; None if it is not open yet."""
        order = self._histories[event.stream_id].after(event.id)
        if order is not None:
            self.orders[event.stream_id] = order
        return order

    def worth(self, *, whole: bool) -> dict[str, int]:
        """Return the exact listed costs of the lines now, by item; of a whole order, also the costs beside them."""
        counted = [*self._counted()]
        first, *others = [self._costs_of(order) for _session, order in counted] or [{}]
        found = defaultdict(int, first)
        for costs in others:
            for item, cost in costs.items():
                found[item] += cost
        for session, order in counted:
            if whole and session in self._own:
                found[_BESIDE] += (order.total - order.priced.amount) * self._scale(order)
        return found

    def _costs_of(self, order: Order) -> dict[str, int]:
        """Return the listed costs of an order by item: those before, with the lines that changed since."""
        before, found = self._costs.get(order.id, (None, {}))
        if before is order:
            return found
        if before is None or before.placed is not order.placed:
            before, found = None, {}
        lines = () if before is None else before.lines.values()
        for line, was in zip_longest(order.lines.values(), lines):
            if line is not was:
                for one, sign in ((line, 1), (was, -1)):
                    if one is not None and (cost := self._cost_of(order, one)):
                        found[one.item_id] = found.get(one.item_id, 0) + sign * cost
        self._costs[order.id] = order, found
        return found

    def _cost_of(self, order: Order, line: Line) -> int:
        covered = order.placed.covered if order.placed is not None else None
        if line.id not in self._lines or (covered is not None and line.id not in covered):
            return 0
        return line.unit_price4 * line.quantity * (MEASURE_SCALE if line.measure is None else line.measure)

    def given(self) -> Iterator[tuple[str, int]]:
        """Yield the discounts that counted in the sales of the lines, by their events."""
        for session, order in self._counted():
            if order.placed is None:
                continue
            data, currency = order.placed.data, order.terms.currency
            offs = [one for line in data.lines if self._lines.issuperset(line.line_ids) for one in line.off]
            for one in (*offs, *(data.off if session in self._own else ())):
                if one.event is not None and (amount := currency.minor(one.amount)) > 0:
                    yield one.event, amount * self._scale(order)

    def minor(self, exact: int) -> Minor:
        """Return an exact amount in minor units."""
        scale = self._scale(next(iter(self.orders.values())))
        return Minor((exact + scale // 2) // scale)

    def _scale(self, order: Order) -> int:
        return PRICE_SCALE * MEASURE_SCALE // order.terms.currency.scale

    def _counted(self) -> Iterator[tuple[str, Order]]:
        """Yield the orders that count: neither cleared, nor rung again and not sold."""
        copied = {of for copy, of in self._copy_of.items() if copy in self.orders}
        for session, order in self.orders.items():
            if order.status is not Status.DISCARDED and (order.placed is not None or session not in copied):
                yield session, order
