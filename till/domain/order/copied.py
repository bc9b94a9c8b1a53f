"""Events of an ended order, copied to the order of its late lines and folded there (`lines_copied`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from till.domain.events.envelope import sha256, texts_to_data, unseal
from till.domain.events.registry import OrderEvent, Registry
from till.domain.kitchen import events as _kitchen  # noqa: F401 importing the module registers its events
from till.domain.order.events import ItemAdded, LineCut, LinesCopied, LinesMoved
from till.domain.payment import events as _paid  # noqa: F401 importing the module registers its events
from till.domain.structs import replace

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from till.domain.events.envelope import Event
    from till.domain.order.state import Order

_REGISTRY: Final = Registry((OrderEvent,))


def copies_in(events: Iterable[Event]) -> list[Event]:
    """Return the events that `lines_copied` events contain."""
    return [
        copy for event in events if isinstance(event.data, LinesCopied) for copy in _unsealed_copies(event, event.data)
    ]


def _unsealed_copies(event: Event, data: LinesCopied) -> Iterable[Event]:
    texts = texts_to_data(event)
    for body in data.events:
        copy = unseal(body, sha256(body), registry=_REGISTRY, looked_at=True)
        own = {name.partition(".")[2]: text for name, text in texts.items() if name.startswith(copy.id)}
        yield unseal(body, copy.hash, own, registry=_REGISTRY, looked_at=True) if own else copy


def without_parent_lines(order: Order, copied: Iterable[Event], events: Sequence[Event]) -> Order:
    """Return the order without lines that were copied only because other lines were cut from them."""
    own = {line_id for event in events if isinstance(event.data, LinesCopied) for line_id in event.data.line_ids}
    parents = {line_id for copy in copied for line_id in created_lines(copy)} - own
    lines = {line_id: line for line_id, line in order.lines.items() if line_id not in parents}
    return replace(order, lines=lines) if parents else order


def created_lines(event: Event) -> Iterable[str]:
    """Return the ids of the lines that an event creates."""
    match event.data:
        case ItemAdded(line_id=line_id) | LineCut(into=line_id):
            return (line_id,)
        case LinesMoved(lines=lines):
            return (line.line_id for line in lines)
        case _:
            return ()
