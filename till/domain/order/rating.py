"""Lines whose taxes ended since they were keyed, as of an order for a later day, and their taxes of today."""

from __future__ import annotations

from typing import TYPE_CHECKING

from till.domain.errors import PaymentError
from till.domain.i18n import _
from till.domain.money.tax import TypeRate
from till.domain.order import by_items
from till.domain.order.deciding import check_open, event_of
from till.domain.order.events import LineRated
from till.domain.order.line_records import combos_recorded, rates_recorded
from till.domain.order.retyping import CHANGES_OWED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from till.domain.catalogue.menu import Menu
    from till.domain.events.envelope import Draft
    from till.domain.order.line import Line
    from till.domain.order.state import Order


def ended_lines(order: Order, menu: Menu, is_earlier: Callable[[Line], bool]) -> tuple[Line, ...]:
    """Return the unpaid lines of earlier days whose item bears other taxes now.

    Args:
        order: the order.
        menu: the menu.
        is_earlier: returns True if a line was keyed on an earlier business day.
    """
    found = []
    for line in order.lines.values():
        item = menu.by_id.get(line.item_id)
        if item is None or not line.quantity or by_items.unpaid(order, line) < abs(line.quantity):
            continue
        if line.taxes != menu.taxes_of(item, line.own_type or order.order_type) and is_earlier(line):
            found.append(line)
    return tuple(found)


def rate_anew(order: Order, menu: Menu, lines: Iterable[Line], types: Iterable[str]) -> list[Draft]:
    """Rate lines by the menu of now, at their prices.

    Args:
        order: the order.
        menu: the menu.
        lines: the lines.
        types: the order types of the venue.

    Raises:
        PaymentError: a part of the order is paid that is not of other lines.
    """
    check_open(order)
    if order.has_money and sum(by_items.unpaid(order, one) for one in order.lines.values()) == sum(
        abs(one.quantity) for one in order.lines.values()
    ):
        raise PaymentError(_(CHANGES_OWED).format(paid=order.terms.currency.money(order.paid)))
    drafts = []
    for line in lines:
        item, prices = menu.by_id[line.item_id], {one.order_type: one.price4 for one in line.by_type}
        names = sorted({*types, *prices, *item.by_type, order.order_type})
        rates = tuple(TypeRate(name, menu.taxes_of(item, name), prices.get(name)) for name in names)
        combos = tuple(offer for offer in line.all_offers if offer.slots)
        data = LineRated(
            line_id=line.id,
            by_type=rates_recorded(rates, line.terms),
            combos=combos_recorded(combos, line.terms),
        )
        drafts.append(event_of(order, data))
    return drafts
