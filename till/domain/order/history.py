"""The history of an order: its state after each of its events."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING, Final

from till.domain.order.evolve import apply, fold, is_next

if TYPE_CHECKING:
    from collections.abc import Iterable

    from till.domain.events.envelope import Event
    from till.domain.order.state import Order

#: The number of events between two kept states. Going back folds fewer events than this.
_KEEP_EVERY: Final = 64


class OrderHistory:
    """The state of one order after any of its events.

    A step forward folds one event. A step back folds from the nearest kept state.

    Args:
        events: all events of the session, in any order; duplicates are ignored.
    """

    def __init__(self, events: Iterable[Event]) -> None:
        self._events = sorted({event.id: event for event in events}.values(), key=lambda event: event.id)
        self._ids = [event.id for event in self._events]
        self._kept: dict[int, Order | None] = {0: None}
        self._last: tuple[int, Order | None] = (0, None)

    def after(self, event_id: str) -> Order | None:
        """Return the order after this event and all earlier ones; None before the order was opened.

        Raises:
            EventError: the event that opened the order cannot be read here.
        """
        wanted = bisect_right(self._ids, event_id)
        at, order = self._last
        known = wanted - wanted % _KEEP_EVERY
        while known not in self._kept:
            known -= _KEEP_EVERY
        if not known <= at <= wanted:
            at, order = known, self._kept[known]
        for place in range(at, wanted):
            event = self._events[place]
            follows = is_next(order, event) and (order is not None or place == 0)
            order = apply(order, event) if follows else fold(self._events[: place + 1])
            if (place + 1) % _KEEP_EVERY == 0:
                self._kept[place + 1] = order
        self._last = wanted, order
        return order
