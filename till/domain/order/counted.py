"""Pieces that events take off what is left of counted items, or give back (“What is left” in docs/selling.md). Pure.

The database derives it from the lines of all tills (`db/sql/20_order/left.sql`); a till adds its own events since.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from till.domain.order.events import (
    ChangeUndone,
    ItemAdded,
    LineCut,
    LinesMoved,
    LinesRungAgain,
    LineVoided,
    OrderDiscarded,
    OrderPlaced,
    OrderResumed,
    QuantityChanged,
    Refused,
)
from till.domain.order.sent import removed_by

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from till.domain.events.envelope import Event
    from till.domain.events.registry import EventData

#: The types that change what a line of a counted item holds: `warm.kinds_counted` in SQL.
COUNTED: Final[frozenset[type[EventData]]] = frozenset(
    {
        ItemAdded, LinesRungAgain, QuantityChanged, LineVoided, LineCut, ChangeUndone, Refused, OrderDiscarded,
        OrderResumed, OrderPlaced,
    }
)  # fmt: skip


def pieces_held(event: Event, order: Callable[[], Sequence[Event]]) -> Counter[str]:
    """Return the pieces of each item that an order holds more by an event; fewer are below 0.

    Args:
        event: the event.
        order: returns the events of its order that are here, by id.
    """
    data = event.data
    match data:
        case ItemAdded(quantity=pieces):
            return Counter({data.item_id: max(pieces, 0)})
        case LinesRungAgain():
            keyed = [
                one.data for one in order() if isinstance(one.data, ItemAdded) and one.data.line_id in data.line_ids
            ]
            return Counter(
                {
                    item: -sum(one.quantity for one in keyed if one.item_id == item)
                    for item in {one.item_id for one in keyed}
                }
            )
        case QuantityChanged() | LineVoided() | OrderDiscarded():
            return _given_back(event, order())
        case ChangeUndone() | OrderResumed():
            undone = [one for one in order() if one.id < event.id and _is_reversed(one, event)]
            found = pieces_held(undone[-1], order) if undone else Counter()
            return Counter({item: -pieces for item, pieces in found.items()})
        case _:
            return Counter()


def _is_reversed(one: Event, by: Event) -> bool:
    if isinstance(by.data, ChangeUndone):
        return one.id == by.data.event
    return isinstance(one.data, OrderDiscarded)


def _given_back(event: Event, order: Sequence[Event]) -> Counter[str]:
    """Return the pieces that are back: not those that left the kitchen, nor any of a line of which some did."""
    data, items, is_gone = event.data, dict[str, str](), False
    if getattr(data, "follows", None) is not None or getattr(data, "cut", False):
        return Counter()
    for one in order:
        lines = (one.data,) if isinstance(one.data, ItemAdded) else getattr(one.data, "lines", ())
        if isinstance(one.data, ItemAdded | LinesMoved):
            items |= {line.item_name: line.item_id for line in lines}
        elif one.id < event.id and getattr(one.data, "line_id", None) == getattr(data, "line_id", ""):
            is_gone = is_gone or any(removed.sent for removed in removed_by(one.data))
    held: Counter[str] = Counter()
    for removed in removed_by(data):
        if not (removed.sent or is_gone) and removed.pieces > 0 and removed.item_name in items:
            held[items[removed.item_name]] -= removed.pieces
    return held
