"""Events of an order that had ended, as the order of late lines folds them (`lines_copied`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from till.domain.events.envelope import sha256, texts_to_data, unseal
from till.domain.events.registry import OrderEvent, Registry
from till.domain.order.events import ItemAdded, LineCut, LinesCopied, LinesMoved
from till.domain.payment import events as _paid  # noqa: F401 the registry knows what is declared
from till.domain.structs import replace

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from till.domain.events.envelope import Event
    from till.domain.order.state import Order

_REGISTRY: Final = Registry((OrderEvent,))


def copies_in(events: Iterable[Event]) -> list[Event]:
    """Return the events in the `lines_copied` among these."""
    return [copy for event in events if isinstance(event.data, LinesCopied) for copy in _copies_of(event, event.data)]


def _copies_of(event: Event, data: LinesCopied) -> Iterable[Event]:
    texts = texts_to_data(event)
    for body in data.events:
        copy = unseal(body, sha256(body), registry=_REGISTRY, looked_at=True)
        own = {name.partition(".")[2]: text for name, text in texts.items() if name.startswith(copy.id)}
        yield unseal(body, copy.hash, own, registry=_REGISTRY, looked_at=True) if own else copy


def without_strangers(order: Order, copied: Iterable[Event], events: Sequence[Event]) -> Order:
    """Return the order without the parents of its cut lines, which these events brought along."""
    own = {line_id for event in events if isinstance(event.data, LinesCopied) for line_id in event.data.line_ids}
    strangers = {line_id for copy in copied for line_id in _made_by(copy)} - own
    lines = {line_id: line for line_id, line in order.lines.items() if line_id not in strangers}
    return replace(order, lines=lines) if strangers else order


def _made_by(event: Event) -> Iterable[str]:
    match event.data:
        case ItemAdded(line_id=line_id) | LineCut(into=line_id):
            return (line_id,)
        case LinesMoved(lines=lines):
            return (line.line_id for line in lines)
        case _:
            return ()
