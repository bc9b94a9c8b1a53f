"""Refusals that the server may make, and must (ADR 0049), judged from the log by the order in which records arrived.

No fold judges them, so no code of a till is used here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tests.simulation.violation import hold
from till.domain.order import events as happened

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.simulation.log import Log
    from tests.simulation.world import World
    from till.domain.events.envelope import Event

_MOVING: Final = (
    happened.OrderParked,
    happened.OrderResumed,
    happened.TabAssigned,
    happened.OrderDiscarded,
)
_ON_THE_ORDER: Final = (
    happened.DiscountApplied,
    happened.OrderTypeSet,
    happened.PreferenceSet,
    happened.OrderNoted,
    happened.CoursesHeld,
)
_PIECES: Final = (happened.QuantityChanged, happened.LineVoided)
_ON_LINES: Final = (
    *_PIECES,
    happened.ChangeUndone,
    happened.ModifiersSet,
    happened.LineNoted,
    happened.LineSeated,
    happened.LineRated,
    happened.LineTypeSet,
    happened.PriceOverridden,
)


class _Order:
    """An order, as far as its records have arrived."""

    def __init__(self) -> None:
        self.hold = ""
        self.holder = 0
        self.sales: list[Event] = []

    def hear(self, event: Event) -> None:
        if event.data.takes and event.hold > self.hold:
            self.hold = event.hold
            self.holder = event.data.till if isinstance(event.data, happened.OrderGranted) else event.by_till
        if isinstance(event.data, happened.OrderPlaced):
            self.sales.append(event)

    def is_late(self, event: Event) -> bool:
        """True if an event came without the hold, or after a sale."""
        return (event.hold, event.by_till) != (self.hold, self.holder) or bool(self.sales)

    def has_sold(self, line_id: str) -> bool:
        rows = (row for sale in self.sales if isinstance(sale.data, happened.OrderPlaced) for row in sale.data.lines)
        return any(line_id in row.line_ids for row in rows)


def refusals_have_causes(_world: World, log: Log) -> None:
    """Events under the hold before the order ended count, unless a sale of another journal did not know of them."""
    for session, events in log.sessions.items():
        refused = _refused(events)
        for event, order, later in _judged(events):
            if event.id in refused:
                unknown = any(sale.journal_id != event.journal_id for sale in later)
                judged = isinstance(event.data, (*_MOVING, *_ON_THE_ORDER, *_ON_LINES))
                what = f"{event.type} of till {event.by_till} on {session} was refused"
                hold("refusals have causes", holds=judged and (order.is_late(event) or unknown), what=what)


def what_came_without_the_hold_is_refused(_world: World, log: Log) -> None:
    """Acts on an order that its till had lost or that was sold do not count, nor do later cuts of sold lines."""
    for session, events in log.sessions.items():
        if log.rows[session].quarantined:
            continue  # a sale among these may wait for a person
        refused = _refused(events)
        for event, order, later in _judged(events):
            if event.for_till is not None or any(sale.by_till == event.by_till for sale in later):
                continue  # the lines of a sale count with it
            is_moved = isinstance(event.data, _MOVING) and (event.hold, event.by_till) != (order.hold, order.holder)
            is_on_order = isinstance(event.data, _ON_THE_ORDER) and order.is_late(event)
            is_on_sold = isinstance(event.data, _PIECES) and order.has_sold(event.data.line_id)
            what = f"{event.type} of till {event.by_till} on {session} counts"
            must = is_moved or is_on_order or is_on_sold
            hold("what came without the hold is refused", holds=event.id in refused or not must, what=what)


def _refused(events: list[Event]) -> set[str]:
    return {one for event in events if isinstance(event.data, happened.Refused) for one in event.data.events}


def _judged(events: list[Event]) -> Iterator[tuple[Event, _Order, list[Event]]]:
    """Yield each record of a till with the order as it was when it arrived, and the later sales."""
    order = _Order()
    sales = [event for event in events if isinstance(event.data, happened.OrderPlaced)]
    for place, event in enumerate(events):
        if event.till and order.hold and not event.data.takes:
            yield event, order, [sale for sale in sales if events.index(sale) > place]
        order.hear(event)
