"""The names of tabs and of order types as people read them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from till.domain.i18n import N_, _
from till.domain.text import clean

if TYPE_CHECKING:
    from collections.abc import Collection

    from till.domain.order.state import Order

#: The order type at a table.
DINE_IN: Final = "dine_in"
TAKE_AWAY: Final = "take_away"
_ORDER_TYPES: Final = {TAKE_AWAY: N_("take away"), "dine_in": N_("eat in")}


def type_at_table(order: Order, order_types: Collection[str]) -> str:
    """Return the type that an order has at a table: eat in, if the venue has it and a person chose no other."""
    return DINE_IN if DINE_IN in order_types and not order.is_type_chosen else order.order_type


def order_type_name(order_type: str) -> str:
    """Return the display name of an order type."""
    return _(_ORDER_TYPES[order_type]) if order_type in _ORDER_TYPES else order_type.replace("_", " ")


def tab_name(name: str) -> str:
    """Return the name of a tab as people read it: it is written with an English word, as in `table 7`."""
    shown = clean(name)
    word, _blank, number = shown.partition(" ")
    return f"{_(word)} {number}" if number[:1].isdigit() and word in {"table", "tab"} else shown


def name_there(was: Order, order: Order) -> str:
    """Return the name of an order's tab, with the order type if it was another: only a number tells that by itself."""
    name = tab_name(order.tab.name) if order.tab is not None else ""
    at_number = order.tab is not None and order.tab.table_number is not None
    is_kept = at_number and order.has_money and order.order_type != DINE_IN and not order.is_type_chosen
    is_clear = not is_kept and (was.order_type == order.order_type or at_number)
    return name if is_clear else f"{name}, {order_type_name(order.order_type)}"
