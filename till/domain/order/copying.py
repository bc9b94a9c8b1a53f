"""Ring up again: copy the lines of another till's tab, as last seen here, to a new order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from till.domain.errors import NotHeldError
from till.domain.kitchen.events import LinesSent, TicketLine
from till.domain.money.measures import Price4, Thousandths
from till.domain.money.promotion import percentages
from till.domain.order.choices import modifier_of, still_asked
from till.domain.order.deciding import event_of
from till.domain.order.events import LineNoted, LinesRungAgain
from till.domain.order.line import Line, Modifier
from till.domain.order.line_records import keyed_records
from till.domain.text import clean

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from till.domain.catalogue.menu import Item, Menu
    from till.domain.events.envelope import Draft
    from till.domain.money.promotion import Offer
    from till.domain.order.state import Order


class TabItem(Struct, frozen=True):
    """A row of a tab in the server's list.

    Attributes:
        unit_price: the price of a piece with its choices, in major units; of one unit of measure for a weighed item.
        measure: the measure of a weighed item, in thousandths.
        sent: the pieces on tickets of the kitchen.
        course: the number of its course.
        order_type: its own order type; empty if it is that of its order.
    """

    item_id: str
    item: str
    quantity: int
    unit_price: str
    amount: str
    modifiers: tuple[str, ...] = ()
    note: str = ""
    measure: int | None = None
    sent: int = 0
    course: int | None = None
    order_type: str = ""


class Copied(Struct, frozen=True):
    """The drafts of the copied lines, and the names of items that are no longer on the menu."""

    drafts: list[Draft]
    missed: list[str]


def copy_lines(
    order: Order,
    menu: Menu,
    items: Iterable[TabItem],
    new_id: Callable[[], str],
    offers: Callable[[Item], tuple[Offer, ...]],
    station_of: Callable[[str], str] = lambda _item: "",
) -> Copied:
    """Key the rows of a tab as new lines, at the prices on that tab. Discounts are not copied.

    What its stations have on tickets is not to be made again.

    Args:
        order: the new order.
        menu: the menu, for the taxes of the items.
        items: the rows.
        new_id: returns an id for a new line.
        offers: returns the promotions that currently apply to an item.
        station_of: returns the station of an item; empty for none.
    """
    copied = Copied([], [])
    tickets: dict[str, list[TicketLine]] = {}
    keyed: list[str] = []
    for row in items:
        if (item := menu.by_id.get(row.item_id)) is None:
            copied.missed.append(clean(row.item))
            continue
        line = _line(order, menu, item, row, new_id(), offers(item))
        keyed.append(line.id)
        copied.drafts.extend(event_of(order, data) for data in keyed_records(line, row.quantity))
        if row.note:
            copied.drafts.append(event_of(order, LineNoted(line_id=line.id, note=row.note)))
        if row.sent and (station := station_of(row.item_id)):
            sent = TicketLine(line_id=line.id, pieces=row.sent, item_id=row.item_id, choices=row.modifiers)
            tickets.setdefault(station, []).append(sent)
    if not copied.drafts:
        raise NotHeldError
    copied.drafts.append(event_of(order, LinesRungAgain(line_ids=tuple(keyed))))
    for station, lines in tickets.items():
        data = LinesSent(station=station, ticket="", kind="more", lines=tuple(lines), follows=order.hold)
        copied.drafts.append(event_of(order, data))
    return copied


def _line(order: Order, menu: Menu, item: Item, row: TabItem, line_id: str, offers: tuple[Offer, ...]) -> Line:
    """Return the line of a row. The choices get the prices of the menu, and the piece the rest of the unit price."""
    groups = menu.groups_of(item)
    known = {option.name: modifier_of(group, option) for group in groups for option in group.options}
    modifiers = tuple(known.get(name, Modifier(name, Price4(0))) for name in row.modifiers)
    unit = order.terms.currency.price4_of_any(row.unit_price)
    has_price_label = bool(item.unit) and row.measure is None  # of a weighed item, by the piece
    return Line(
        id=line_id,
        terms=order.terms,
        item_id=row.item_id,
        name=row.item,
        price4=Price4(unit - sum(one.price4 for one in modifiers)),
        measure=None if row.measure is None else Thousandths(row.measure),
        unit="" if has_price_label else item.unit,
        taxes=menu.taxes_of(item),
        modifiers=modifiers,
        asks=tuple(group.name for group in still_asked(groups, modifiers)),
        course=row.course,
        offers=percentages(offers) if has_price_label else offers,
        deposit=item.returnable,
        by_type=menu.rates_of(item, is_priced=True),
        own_type=row.order_type,
    )
