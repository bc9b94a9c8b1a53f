"""Decisions while an order is keyed: it is opened, an item is added, the menu is looked at. Pure: ids are passed in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct

from till.domain.catalogue.hours import hours_text
from till.domain.errors import (
    AmountError,
    RightsError,
    TillError,
)
from till.domain.events.envelope import Draft
from till.domain.events.fields import LONGEST
from till.domain.i18n import N_, _
from till.domain.money.coins import notes
from till.domain.order.choices import settle, with_defaults
from till.domain.order.deciding import (
    check_active,
    check_open,
    event_of,
)
from till.domain.order.events import (
    MenuViewed,
    OrderOpened,
    ShownItem,
)
from till.domain.order.line import Line, Modifier
from till.domain.order.line_records import keyed_records
from till.domain.order.quantities import check_measure, check_quantity
from till.domain.order.terms import terms_in
from till.domain.staff.rights import Permission, PermissionRequest
from till.domain.text import clean

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from till.domain.catalogue.menu import Item, Menu
    from till.domain.money.formats import Formats
    from till.domain.money.measures import Minor, Price4, Thousandths
    from till.domain.money.promotion import Offer
    from till.domain.order.events import RungAgain
    from till.domain.order.state import Order
    from till.domain.order.terms import Terms

#: The most items of a viewed menu that the event records.
SHOWN: Final = 50


class PriceNeededError(TillError):
    """An item with an open price, keyed without one."""

    code = "price_needed"
    default = N_("That has an open price: type it after the name.")


class NotForSaleError(TillError):
    """An item that is not for sale now."""

    code = "not_for_sale"
    default = N_("That is not for sale now. Type “menu” to see what is.")


class ItemEntry(Struct, frozen=True):
    """The input for one line.

    Attributes:
        price4: a price that replaces the menu's, in ten-thousandths of the major unit.
        modifiers: the choices from the item's groups.
        seat: the number of the guest.
        course: the number of the course.
        measure: the measure of a weighed item, in thousandths.
        offers: the promotions that currently apply to the item.
        labelled: True if the price is that of a label, whatever the menu has.
        own_type: the order type of the line alone; empty for that of its order.
    """

    item: Item
    quantity: int = 1
    price4: Price4 | None = None
    modifiers: tuple[Modifier, ...] = ()
    seat: int | None = None
    course: int | None = None
    measure: Thousandths | None = None
    offers: tuple[Offer, ...] = ()
    labelled: bool = False
    own_type: str = ""

    @property
    def has_price_label(self) -> bool:
        """True if a label has the price: its line is by the piece, even of a weighed item."""
        return self.labelled and self.measure is None


def open_order(
    session_id: str,
    user: int,
    terms: Terms,
    order_type: str,
    *,
    ref: str | None = None,
    from_session: str | None = None,
    again: RungAgain | None = None,
) -> Draft:
    """Open an order for a user.

    Args:
        session_id: the id of the new order.
        user: the staff number.
        terms: the terms of its prices.
        order_type: the order type.
        ref: an external reference (a replay).
        from_session: the ended order whose late lines it takes.
        again: the tab that it copies.
    """
    opened = OrderOpened(
        user=user,
        **terms_in(terms),
        order_type=order_type,
        from_session=from_session,
        ref=ref,
        again=again,
    )
    return Draft(opened, session_id)


def check_for_sale(menu: Menu, item: Item, moment: datetime) -> None:
    """Refuse an item that is sold out or outside its daypart; `moment` is by the venue's wall clock."""
    if item.sold_out:
        raise NotForSaleError(_("{name} is sold out (86). Type “menu” for the list.").format(name=item.name))
    part = menu.daypart_of(item)
    if part and not part.holds(moment):
        first = part.hours[0]
        if len(part.hours) > 1 or first.days:
            sentence = _("{name} is sold {hours}. Type “menu” for the list.")
        else:
            sentence = _("{name} is sold {starts} to {ends}. “menu” lists the rest.")
        times = {
            "starts": f"{first.starts:%H:%M}",
            "ends": f"{first.ends:%H:%M}",
            "hours": hours_text(part.hours, say=_),
        }
        raise NotForSaleError(sentence.format(name=item.name, **times))


def check_returned(returned: Minor, formats: Formats, may: Callable[[PermissionRequest], bool]) -> None:
    """Refuse returns that pay out more than the largest note in one order, unless the user may refund.

    Returns pay cash out, or take the place of a void, and need no approval of their own.
    """
    most = max(notes(formats.currency))
    if returned > most and not may(PermissionRequest(Permission.REFUND, returned)):
        sentence = _("Returns over {amount} in one order are for a manager.")
        raise RightsError(sentence.format(amount=formats.money(most)))


def add_item(order: Order, menu: Menu, keyed: ItemEntry, line_id: str) -> list[Draft]:
    """Add a line. The item is looked up in `menu` again, because the menu may have changed since it was picked."""
    check_open(order)
    check_quantity(keyed.item, keyed.quantity)  # the picked item, because a replayed return is on no menu
    item = menu.by_id.get(keyed.item.id, keyed.item)
    groups = menu.groups_of(item)
    if not keyed.has_price_label:
        check_measure(item, keyed.measure)
    price4 = item.price4 if keyed.price4 is None else keyed.price4
    if price4 is None:
        raise PriceNeededError(_("{name} has an open price: type it.").format(name=item.name))
    if price4 < 0:
        raise AmountError(_("A price is never below 0. A return begins with −: -1 bottle."))
    if item.price4 is None and not order.terms.currency.amount_of(price4, keyed.quantity, keyed.measure):
        raise AmountError(_("An open price is more than 0. “comp” gives a line away."))
    modifiers = with_defaults(groups, keyed.modifiers)
    asks = settle(groups, modifiers, price4, item.name)
    line = Line(
        id=line_id,
        terms=order.terms,
        item_id=item.id,
        name=item.name,
        price4=price4,
        measure=keyed.measure,
        unit="" if keyed.has_price_label else item.unit,
        taxes=menu.taxes_of(item),
        modifiers=modifiers,
        asks=asks,
        seat=keyed.seat,
        course=menu.course_of(item.id) if keyed.course is None else keyed.course,
        offers=keyed.offers if keyed.price4 is None else tuple(one for one in keyed.offers if not one.slots),
        deposit=item.returnable,
        by_type=menu.rates_of(item, is_priced=keyed.price4 is not None),
        own_type=keyed.own_type,
    )
    return [event_of(order, data) for data in keyed_records(line, keyed.quantity)]


def view_menu(order: Order, query: str, meal_period: str, items: Sequence[Item]) -> list[Draft]:
    """Record that the menu was viewed, with the first items shown."""
    check_active(order)
    shown = tuple(ShownItem(id=item.id, name=item.name, position=at) for at, item in enumerate(items[:SHOWN], 1))
    asked = clean(query)[:LONGEST]
    data = MenuViewed(query=asked, result_count=len(items), meal_period=meal_period, items=shown)
    return [event_of(order, data)]
