"""The history of an order: its state after each of its events, forward and back."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING, Final

from till.domain.order.evolve import apply, fold, is_next

if TYPE_CHECKING:
    from collections.abc import Iterable

    from till.domain.events.envelope import Event
    from till.domain.order.state import Order

#: The order is kept after every this many events, so going back folds no more than these.
_KEPT_EACH: Final = 64


class OrderHistory:
    """The fold of one order, at any of its events.

    Going forward folds one event; going back folds from the nearest kept state.

    Args:
        events: all of the session, in any order, with any repeats.
    """

    def __init__(self, events: Iterable[Event]) -> None:
        self._events = sorted({event.id: event for event in events}.values(), key=lambda event: event.id)
        self._ids = [event.id for event in self._events]
        self._kept: dict[int, Order | None] = {0: None}
        self._last: tuple[int, Order | None] = (0, None)

    def after(self, event_id: str) -> Order | None:
        """Return the order after this event and all before it; None until it was opened.

        Raises:
            EventError: the event that opened it does not read here.
        """
        wanted = bisect_right(self._ids, event_id)
        at, order = self._last
        known = wanted - wanted % _KEPT_EACH
        while known not in self._kept:
            known -= _KEPT_EACH
        if not known <= at <= wanted:
            at, order = known, self._kept[known]
        for place in range(at, wanted):
            event = self._events[place]
            follows = is_next(order, event) and (order is not None or place == 0)
            order = apply(order, event) if follows else fold(self._events[: place + 1])
            if (place + 1) % _KEPT_EACH == 0:
                self._kept[place + 1] = order
        self._last = wanted, order
        return order
