"""All streams, and the one registry of their types."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

# Imported for the types that they declare.
from till.domain.events import envelope
from till.domain.events.registry import Registry
from till.domain.order.events import OrderEvent
from till.domain.payment import events as _payments  # noqa: F401 - they are made from OrderEvent, once they are read
from till.domain.staff.events import LoginEvent
from till.domain.till.events import TillEvent

if TYPE_CHECKING:
    from collections.abc import Callable

    from till.domain.events.envelope import Event

REGISTRY: Final = Registry((OrderEvent, LoginEvent, TillEvent))
#: `till.domain.events.envelope.unseal`, with every type that this till knows.
unseal: Callable[..., Event] = partial(envelope.unseal, registry=REGISTRY)
