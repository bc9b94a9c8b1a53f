"""Aggregates: the kinds of streams. The ledger, the journal and the sync handle every kind through this class."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

from msgspec import Struct

from till.domain.events.envelope import NO_HOLD
from till.domain.structs import replace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from till.domain.events.envelope import Event
    from till.domain.events.registry import EventData


class State(Protocol):
    """The state of a stream: a frozen Struct."""

    @property
    def last_id(self) -> str:
        """The id of the newest event."""
        ...

    @property
    def is_over(self) -> bool:
        """True if the stream has ended. Ended streams are not listed as open, and not folded when the till starts."""
        ...


S = TypeVar("S", bound=State)


class Aggregate(Struct, Generic[S], frozen=True):
    """A kind of stream, and the fold of its events into a state. Decisions are functions of that state.

    Attributes:
        events: the base class of the event types; it names the kind.
        steps: for each event type, the function from a state and an event to the next state. The function of a type
            that `opens` accepts None as the state. Empty if the streams have no state.
    """

    events: type[EventData]
    steps: Mapping[type[EventData], Callable[[Any, Event, Any], S]]

    @property
    def kind(self) -> str:
        """The kind of stream."""
        return self.events.stream

    def apply(self, state: S | None, event: Event) -> S | None:
        """Return the state after one more event, which `is_next` must accept; None if the stream is not open yet."""
        step = self.steps.get(type(event.data))
        if step is None or (state is None and not event.data.opens):
            return state
        stepped: Any = step(state, event, event.data)
        after: S = replace(stepped, last_id=max(event.id, stepped.last_id))
        return after

    def is_next(self, state: S | None, event: Event) -> bool:
        """True if `apply` accepts an event. If false, fold all events again."""
        return state is None or event.id > state.last_id

    def fold(self, events: Iterable[Event]) -> S | None:
        """Fold the events of one stream, given in any order; duplicates are ignored.

        The opening event is folded first, the others by id.
        """
        in_order = sorted({event.id: event for event in events}.values(), key=lambda one: (not one.data.opens, one.id))
        state: S | None = None
        for event in in_order:
            state = self.apply(state, event)
        return state

    def hold_of(self, _state: S) -> str:
        """Return the hold under which the events of the stream are written."""
        return NO_HOLD

    def is_free(self, _state: S | None, _till: int, _data: EventData) -> bool:
        """True if a till may write this event even if another till holds the stream."""
        return False
