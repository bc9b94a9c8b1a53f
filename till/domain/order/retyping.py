"""Decisions on the type of an order, and what another type may not change: what is owed once a part is paid."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from till.domain.errors import (
    PaymentError,
)
from till.domain.i18n import N_, _
from till.domain.order.deciding import (
    check_open,
    event_of,
)
from till.domain.order.events import (
    LineTypeSet,
    OrderOpened,
    OrderTypeSet,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from till.domain.events.envelope import Draft
    from till.domain.events.registry import EventData
    from till.domain.money.measures import Minor
    from till.domain.order.state import Order

#: The types that name an order type: `warm.kinds_typing` in SQL.
TYPING: Final[frozenset[type[EventData]]] = frozenset({OrderOpened, OrderTypeSet, LineTypeSet})
CHANGES_OWED: Final = N_("{paid} is paid, and that changes the rest. F9 settles it.")


def set_order_type(order: Order, order_type: str) -> list[Draft]:
    """Set the order type, such as take away, eat in or delivery."""
    check_open(order)
    if order_type == order.order_type:
        return []
    check_owed(order, order.of_type(order_type))
    return [event_of(order, OrderTypeSet(order_type=order_type))]


def check_owed(order: Order, after: Order) -> None:
    """Refuse another type of the order or of a line if a part is paid and it changes what is owed."""
    if changes_owed(order, after):
        raise PaymentError(_(CHANGES_OWED).format(paid=order.terms.currency.money(order.paid)))


def changes_owed(order: Order, after: Order) -> bool:
    """True if another type of an order or of its lines changes what is owed after money was taken or asked for.

    The tax by rate is owed too: the part that was paid had that of its time.
    """
    types = [(one.order_type, [line.own_type for line in one.lines.values()]) for one in (order, after)]
    return order.has_money and types[0] != types[1] and _owed(order) != _owed(after)


def _owed(order: Order) -> tuple[Minor, Mapping[Any, Minor]]:
    """Return the total of an order, and the sum of each of its taxes."""
    return order.total, {(one.tax.kind, one.added): one.amount for one in order.priced.taxes if one.amount}
