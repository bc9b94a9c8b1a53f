"""Decisions while an order is keyed: what a command makes happen, or why it is refused. Pure: ids are passed in."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from till.domain.errors import (
    AmountError,
    EmptyOrderError,
    LineError,
    NotForSaleError,
    OrderClosedError,
    PaymentError,
    PriceNeededError,
    QuantityError,
    ReasonNeededError,
)
from till.domain.events.envelope import Draft, EventType
from till.domain.i18n import _
from till.domain.ids import derived_id
from till.domain.order.line import Discount, Line, Modifier, line_to_data
from till.domain.order.state import Status
from till.domain.text import clean

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import time

    from till.domain.catalogue.menu import Item, Menu
    from till.domain.order.line import Row, Terms
    from till.domain.order.state import Order, Tab

#: The largest quantity of one line.
MOST: Final = 9_999
#: How many items of a menu that was asked for are kept with the event.
SHOWN: Final = 50


@dataclass(frozen=True, slots=True)
class Keyed:
    """What was keyed for one line. `price4` overrides the menu's price, in ten-thousandths of the major unit."""

    item: Item
    quantity: int = 1
    price4: int | None = None
    modifiers: tuple[Modifier, ...] = ()


def open_order(
    session_id: str,
    user: int,
    terms: Terms,
    order_type: str,
    *,
    ref: str | None = None,
    recalled: tuple[str, Tab] | None = None,
    from_session: str | None = None,
) -> Draft:
    """Open an order for a user; `recalled` (session and tab) or `from_session` name whose lines it carries."""
    data: dict[str, Any] = {"user": user, "order_type": order_type, **terms.to_data()}
    texts: dict[str, str] = {}
    if ref is not None:
        data["ref"] = ref
    if from_session is not None:
        data["from_session"] = from_session
    if recalled is not None:
        from_session, tab = recalled
        data |= {"from_session": from_session, "tab_id": tab.id, "table_number": tab.table_number}
        texts["name"] = tab.name
    return Draft(EventType.ORDER_OPENED, session_id, data, texts, hold_epoch=1)


def _draft(order: Order, kind: EventType, data: dict[str, Any], **texts: str) -> Draft:
    return Draft(kind, order.id, data, texts, hold_epoch=order.hold_epoch)


def check_active(order: Order) -> None:
    """Refuse what belongs to an order on a screen."""
    if order.status is Status.PENDING_LOGOUT:
        raise OrderClosedError(_("This order was put aside. F5 brings it back."))
    if order.status is Status.ASSIGNED_TO_TAB:
        name = order.tab.name if order.tab else ""
        raise OrderClosedError(_("This order stands on {name}. Recall it with F8.").format(name=name))
    if order.status is Status.DISCARDED:
        raise OrderClosedError(_("This order was cleared. The next line starts a new one."))
    if order.status is not Status.ACTIVE:
        raise OrderClosedError


def check_open(order: Order) -> None:
    """Refuse to change an order that is not on a screen, or whose payment waits for its answer."""
    check_active(order)
    if order.pending_payment:
        raise PaymentError(_("A payment is under way. Wait for its answer, then go on."))


def check_reason(reason: str) -> str:
    """The reason as it is kept.

    Raises:
        ReasonNeededError: nothing of it can be read.
    """
    kept = clean(reason).strip()
    if not kept:
        raise ReasonNeededError
    return kept


def check_for_sale(menu: Menu, item: Item, moment: time) -> None:
    """Refuse what is sold out or out of its part of the day; `moment` is the venue's wall clock."""
    if item.sold_out:
        raise NotForSaleError(_("{name} is sold out (86). Say “menu” for what there is.").format(name=item.name))
    part = menu.daypart_of(item)
    if part and not part.holds(moment):
        sentence = _("{name} is sold from {starts} to {ends}. Say “menu” for what there is now.")
        times = {"starts": part.starts.strftime("%H:%M"), "ends": part.ends.strftime("%H:%M")}
        raise NotForSaleError(sentence.format(name=item.name, **times))


def check_quantity(item: Item, quantity: int) -> None:
    """Refuse what is no quantity of this item."""
    if not 1 <= abs(quantity) <= MOST:
        raise QuantityError
    if quantity < 0 and not item.returnable:
        raise QuantityError(
            _("{name} cannot be given back. “remove one” takes one off, F7 the line.").format(name=item.name)
        )


def add_item(order: Order, menu: Menu, keyed: Keyed, line_id: str) -> list[Draft]:
    """Add a line at the price of this moment."""
    check_open(order)
    check_quantity(keyed.item, keyed.quantity)
    price4 = keyed.item.price4 if keyed.price4 is None else keyed.price4
    if price4 is None:
        raise PriceNeededError(_("{name} has an open price: type it.").format(name=keyed.item.name))
    if price4 < 0:
        raise AmountError(_("A price is never below zero. What comes back has a minus before its quantity."))
    line = Line(
        id=line_id,
        terms=order.terms,
        item_id=keyed.item.id,
        name=keyed.item.name,
        price4=price4,
        taxes=menu.taxes_of(keyed.item),
        modifiers=keyed.modifiers,
    )
    return [_draft(order, EventType.ITEM_ADDED, line_to_data(line, keyed.quantity))]


def row_of(order: Order, line_id: str) -> Row:
    """The row that a line stands in.

    Raises:
        LineError: the line is void, or there is none.
    """
    for row in order.priced.rows:
        if line_id in row.line_ids:
            return row
    raise LineError


def change_quantity(order: Order, line_id: str, quantity: int) -> list[Draft]:
    """Bring a row to a quantity by differences on its lines, the newest first. To nothing is a void, not a change."""
    check_open(order)
    row = row_of(order, line_id)
    if quantity == 0 or (quantity < 0) != (row.quantity < 0):
        raise QuantityError(_("To take {name} off, void the line (F7).").format(name=row.first.name))
    if abs(quantity) > MOST:
        raise QuantityError
    difference = quantity - row.quantity
    drafts = []
    for line in reversed(row.lines):
        if not difference:
            break
        grows = (difference > 0) == (line.quantity > 0)
        by = difference if grows else _shrink(line.quantity, difference)
        drafts.append(_draft(order, EventType.QUANTITY_CHANGED, {"line_id": line.id, "by": by}))
        difference -= by
    return drafts


def _shrink(quantity: int, difference: int) -> int:
    """How much of a difference one line can bear."""
    return max(difference, -quantity) if quantity > 0 else min(difference, -quantity)


def void_row(order: Order, line_id: str, reason: str) -> list[Draft]:
    """Take a row off, with a reason."""
    check_open(order)
    reason = check_reason(reason)
    row = row_of(order, line_id)
    return [_draft(order, EventType.LINE_VOIDED, {"line_id": line.id}, reason=reason) for line in row.lines]


def void_line(order: Order, line_id: str, reason: str) -> list[Draft]:
    """Take one line off, with a reason, and leave the equal lines of its row."""
    check_open(order)
    reason = check_reason(reason)
    row_of(order, line_id)
    return [_draft(order, EventType.LINE_VOIDED, {"line_id": line_id}, reason=reason)]


def restore_voids(order: Order, line_ids: Sequence[str], new_ids: Sequence[str]) -> list[Draft]:
    """Bring voided lines back as new lines, at the price and discount that they had: a void stays a void."""
    check_open(order)
    drafts = []
    back = {line.restores for line in order.lines.values()}
    for line_id, new_id in zip(line_ids, new_ids, strict=True):
        line = order.lines.get(line_id)
        if line is None or not line.void:
            raise LineError
        if line_id in back:
            raise LineError(_("{name} is back already.").format(name=line.name))
        if line.shown_quantity:
            drafts += _restore(order, line, new_id)
    if not drafts:
        raise LineError(_("There was nothing of it left to bring back."))
    return drafts


def _restore(order: Order, line: Line, new_id: str) -> list[Draft]:
    again = replace(line, id=new_id, void=None, discount=None, restores=line.id)
    drafts = [_draft(order, EventType.ITEM_ADDED, line_to_data(again, line.shown_quantity))]
    if line.discount:
        data = discount_data(order, replace(line.discount, id=derived_id(new_id, "discount"), line_id=new_id))
        drafts.append(_draft(order, EventType.DISCOUNT_APPLIED, data, reason=line.discount.reason))
    return drafts


def discount_data(order: Order, discount: Discount) -> dict[str, Any]:
    """A discount as `discount_applied` and `lines_moved` carry it; its reason travels beside."""
    data: dict[str, Any] = {"discount_id": discount.id, "line_id": discount.line_id}
    if discount.amount is not None:
        data["amount"] = order.terms.currency.text(discount.amount)
    if discount.rate is not None:
        data["percent"] = order.terms.currency.price_text(discount.rate)
    return data


def discount_line(order: Order, line_id: str, discount_id: str, *, amount: int, reason: str) -> list[Draft]:
    """Take an amount (minor units) off one line; never more than the line comes to."""
    check_open(order)
    row_of(order, line_id)
    if amount <= 0:
        raise AmountError(_("A discount is more than nothing. Type what comes off: 5.00."))
    discount = Discount(discount_id, line_id, None, amount, check_reason(reason))
    return [_draft(order, EventType.DISCOUNT_APPLIED, discount_data(order, discount), reason=discount.reason)]


def set_order_type(order: Order, order_type: str) -> list[Draft]:
    """Take away, eat in, delivery: last writer wins."""
    check_open(order)
    if order_type == order.order_type:
        return []
    return [_draft(order, EventType.ORDER_TYPE_SET, {"order_type": order_type})]


def set_preference(order: Order, name: str, value: str) -> list[Draft]:
    """Note a wish for the whole order."""
    check_open(order)
    return [_draft(order, EventType.PREFERENCE_SET, {"name": clean(name), "value": clean(value)})]


def view_menu(order: Order, query: str, meal_period: str, items: Sequence[Item]) -> list[Draft]:
    """Record that the menu was asked for, and what stood on it."""
    check_active(order)
    shown = [{"id": item.id, "name": item.name, "position": place} for place, item in enumerate(items[:SHOWN], 1)]
    data = {"query": clean(query), "result_count": len(items), "meal_period": meal_period, "items": shown}
    return [_draft(order, EventType.MENU_VIEWED, data)]


def check_not_empty(order: Order) -> None:
    """Refuse what needs a line."""
    if order.is_empty:
        raise EmptyOrderError
