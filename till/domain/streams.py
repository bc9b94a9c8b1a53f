"""All aggregates, and the registry of all event types."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from till.domain.events import envelope
from till.domain.events.registry import Registry
from till.domain.order.evolve import ORDERS
from till.domain.refund.state import REFUNDS
from till.domain.shift.evolve import SHIFTS
from till.domain.staff.events import LOGINS
from till.domain.stock.events import StockEvent
from till.domain.till.events import TILLS

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from till.domain.events.aggregate import Aggregate
    from till.domain.events.envelope import Event

#: The aggregates by kind of stream.
AGGREGATES: Final[dict[str, Aggregate[Any]]] = {one.kind: one for one in (ORDERS, LOGINS, TILLS, REFUNDS, SHIFTS)}
#: The base classes of the events that subjects have in the streams of tills.
OF_SUBJECTS: Final = (StockEvent,)
REGISTRY: Final = Registry(one.events for one in AGGREGATES.values())
#: `till.domain.events.envelope.unseal` with all event types.
unseal: Callable[..., Event] = partial(envelope.unseal, registry=REGISTRY)
