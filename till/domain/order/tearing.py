"""Tearing combos: what the other pieces of an order cost more once some leave it or have a price of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from till.domain.money.measures import Minor
from till.domain.order.by_items import PieceCosts
from till.domain.order.line import TakenOff
from till.domain.order.pricing import combos_of, price_order
from till.domain.structs import replace

if TYPE_CHECKING:
    from collections.abc import Mapping

    from till.domain.order.state import Order


def torn_by(order: Order, leaving: Mapping[str, int]) -> tuple[tuple[str, ...], Minor] | None:
    """Return the combos that some pieces of lines tear, and what the others then cost more; None if nothing.

    An amount off the whole order is left out: it follows the total.
    """
    if not any(order.lines[line_id].combos for line_id in leaving):
        return None
    given = tuple(one for one in order.given if one.rate is not None)
    order = order if given == order.given else replace(order, given=given)
    left = {line.id: line for row in order.priced.rows for line in row.lines}
    for line_id, pieces in leaving.items():
        if line_id in left:
            left[line_id] = replace(left[line_id], taken=(*left[line_id].taken, TakenOff("", pieces)))
    after = price_order(left.values(), given, order.terms, order.order_type)
    more = after.total - PieceCosts(order).take({line.id: abs(line.quantity) for line in left.values()})
    made = [dict[str, int](), dict[str, int]()]
    for counts, priced in zip(made, (order.priced, after), strict=True):
        for one in combos_of(priced):
            counts[one.name] = counts.get(one.name, 0) + one.times
    names = tuple(name for name, times in made[0].items() if made[1].get(name, 0) < times)
    return (names, Minor(more)) if names and more > 0 else None
