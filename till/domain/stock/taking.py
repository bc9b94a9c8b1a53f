"""The types of events by which orders take off the shelf (`db/sql/82_stock/taken.sql`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from till.domain.kitchen.events import LinesSent
from till.domain.order.events import (
    ChangeUndone,
    ItemAdded,
    LineCut,
    LinesCopied,
    LinesMoved,
    LineVoided,
    OrderDiscarded,
    OrderGranted,
    OrderPlaced,
    OrderResumed,
    OrderSubmitted,
    QuantityChanged,
    Refused,
    TabAssigned,
)

if TYPE_CHECKING:
    from till.domain.events.registry import EventData

#: A line can leave the shelf with these.
TAKING: Final[frozenset[type[EventData]]] = frozenset(
    {LinesSent, TabAssigned, OrderSubmitted, OrderPlaced, ChangeUndone}
)
#: These save an order, or open it again.
STANDING: Final[frozenset[type[EventData]]] = frozenset({TabAssigned, OrderSubmitted, OrderResumed, OrderGranted})
#: All that is read of an order: beside those above what its lines hold, and where they are.
FOLLOWED: Final[frozenset[type[EventData]]] = frozenset(
    {
        *(*TAKING, *STANDING),
        *(ItemAdded, QuantityChanged, LineVoided, LineCut, LinesMoved, LinesCopied, OrderDiscarded, Refused),
    }
)
