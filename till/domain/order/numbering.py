"""The number by which the guest of a take-away order is called: the till, and two figures that begin again after 99."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from till.domain.i18n import _
from till.domain.order.events import OrderNumbered
from till.domain.order.naming import TAKE_AWAY
from till.domain.text import clean

if TYPE_CHECKING:
    from till.domain.order.state import Order

_MOST: Final = 99


def is_called(order: Order) -> bool:
    """True if an order is due a number: its guest takes it away, and no table or tab has a name for it."""
    has_pieces = any(line.quantity > 0 for line in order.lines.values())
    return order.order_type == TAKE_AWAY and order.tab_sold_on is None and not order.called and has_pieces


def called_words(order: Order) -> str:
    """Return `Order 1-07`, for an order with a number."""
    return _("Order {number}").format(number=clean(order.called))


def numbered(series: str, count: int) -> OrderNumbered:
    """Return the event of the next number of a till; `series` is the till with its journal's letters."""
    return OrderNumbered(number=f"{series}-{(count - 1) % _MOST + 1:02d}", count=count)
