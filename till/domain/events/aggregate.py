"""A kind of stream, as its folder defines it. Ledger, journal and sync handle every kind through this class."""

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
    """A stream at one moment: a frozen Struct."""

    @property
    def last_id(self) -> str:
        """The id of its newest event."""
        ...

    @property
    def is_over(self) -> bool:
        """True if nothing more is expected: it is not listed as open, nor folded at the start."""
        ...


S = TypeVar("S", bound=State)


class Aggregate(Struct, Generic[S], frozen=True):
    """A kind of stream and the state that its events fold into. Its decisions are functions of that state.

    Attributes:
        events: the base class of all its event types; it names the kind.
        steps: the function to the next state, by event type; that of a type that `opens` is also given None. Empty for
            records that fold into nothing.
    """

    events: type[EventData]
    steps: Mapping[type[EventData], Callable[[Any, Event, Any], S]]

    @property
    def kind(self) -> str:
        """The kind of stream."""
        return self.events.stream

    def apply(self, state: S | None, event: Event) -> S | None:
        """Return the state after one more event; None until the stream is opened. Pass only what `is_next` accepts."""
        step = self.steps.get(type(event.data))
        if step is None or (state is None and not event.data.opens):
            return state
        stepped: Any = step(state, event, event.data)
        after: S = replace(stepped, last_id=max(event.id, stepped.last_id))
        return after

    def is_next(self, state: S | None, event: Event) -> bool:
        """True if `apply` takes an event; otherwise all of them are folded again."""
        return state is None or event.id > state.last_id

    def fold(self, events: Iterable[Event]) -> S | None:
        """Fold the events of one stream, in any order, with any repeats. The opening event comes first, then by id."""
        in_order = sorted({event.id: event for event in events}.values(), key=lambda one: (not one.data.opens, one.id))
        state: S | None = None
        for event in in_order:
            state = self.apply(state, event)
        return state

    def hold_of(self, _state: S) -> str:
        """Return the hold under which its events are written."""
        return NO_HOLD

    def is_free(self, _state: S | None, _till: int, _data: EventData) -> bool:
        """True if a till that lost the stream to another may still write this event to it."""
        return False
