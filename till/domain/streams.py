"""All streams, and the one registry of their types."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from till.domain.events import envelope
from till.domain.events.registry import OrderEvent, Registry
from till.domain.order import events as _orders  # noqa: F401 - read for the types that it declares
from till.domain.payment import events as _payments  # noqa: F401 - the same
from till.domain.refund.events import RefundEvent
from till.domain.staff.events import LoginEvent
from till.domain.till.events import TillEvent

if TYPE_CHECKING:
    from collections.abc import Callable

    from till.domain.events.envelope import Event

REGISTRY: Final = Registry((OrderEvent, LoginEvent, TillEvent, RefundEvent))
#: `till.domain.events.envelope.unseal`, with every type that this till knows.
unseal: Callable[..., Event] = partial(envelope.unseal, registry=REGISTRY)
