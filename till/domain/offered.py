"""The price of an item on the menu while promotions hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

from till.domain.money.amount import MEASURE_SCALE, PRICE_SCALE
from till.domain.money.measures import Price4, Thousandths
from till.domain.order.line import Line, make_row

if TYPE_CHECKING:
    from datetime import datetime

    from till.domain.catalogue.menu import Item, Menu
    from till.domain.venue import Venue


def price_at(item: Item, menu: Menu, venue: Venue, moment: datetime) -> Price4 | None:
    """Return the unit price of an item with the promotions on single pieces at a time; None for an open price."""
    offers = tuple(one for one in venue.offers_on(item.id, item.category, moment) if not one.is_of_several)
    if item.price4 is None or not offers:
        return item.price4
    line = Line(
        id="",
        terms=venue.terms,
        item_id=item.id,
        keyed=1,
        price4=item.price4,
        measure=Thousandths(MEASURE_SCALE) if item.unit else None,
        taxes=menu.taxes_of(item),
        deposit=item.returnable,
        offers=offers,
    )
    saved = sum(one.amount for one in make_row((line,)).saved)
    return Price4(item.price4 - saved * PRICE_SCALE // line.terms.currency.scale)
