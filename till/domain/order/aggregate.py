"""The aggregate of order streams."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from typing_extensions import override

from till.domain.events.aggregate import Aggregate
from till.domain.events.registry import OrderEvent
from till.domain.order import evolve
from till.domain.order.state import Order

if TYPE_CHECKING:
    from collections.abc import Iterable

    from till.domain.events.envelope import Event
    from till.domain.events.registry import EventData


class _Orders(Aggregate[Order], frozen=True):
    """The aggregate of orders. Orders have their own fold (`evolve`) and are written under a hold."""

    @override
    def apply(self, state: Order | None, event: Event) -> Order | None:
        order = evolve.apply(state, event)
        if order is not None:
            order.price_after(state)
        return order

    @override
    def is_next(self, state: Order | None, event: Event) -> bool:
        return evolve.is_next(state, event)

    @override
    def fold(self, events: Iterable[Event]) -> Order | None:
        return evolve.fold(events)

    @override
    def hold_of(self, state: Order) -> str:
        return state.hold

    @override
    def is_free(self, state: Order | None, till: int, data: EventData) -> bool:
        return data.any_hold or evolve.is_answer(data)


ORDERS: Final = _Orders(OrderEvent, evolve.STEPS)
