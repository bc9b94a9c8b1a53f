"""Decisions while an order is keyed: what a command makes happen, or why it is refused. Pure: ids are passed in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct

from till.domain.catalogue.hours import hours_text
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
from till.domain.events.envelope import Draft
from till.domain.events.fields import LONGEST
from till.domain.i18n import _
from till.domain.money.amount import MEASURE_SCALE
from till.domain.money.measures import Price4
from till.domain.order.choices import check_fits, still_asked, with_defaults
from till.domain.order.events import (
    ChangeUndone,
    CustomerAttached,
    DiscountApplied,
    LineNoted,
    LineVoided,
    MenuViewed,
    OrderNoted,
    OrderOpened,
    OrderTypeSet,
    PreferenceSet,
    PriceOverridden,
    QuantityChanged,
    ShownItem,
)
from till.domain.order.line import Line, Modifier, added
from till.domain.order.state import Customer, Status
from till.domain.order.terms import terms_in
from till.domain.structs import replace
from till.domain.text import clean

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from till.domain.catalogue.menu import Item, Menu
    from till.domain.events.registry import EventData
    from till.domain.money.measures import Minor, Thousandths
    from till.domain.money.promotion import Offer
    from till.domain.order.line import Row
    from till.domain.order.state import Order
    from till.domain.order.terms import Terms

#: The largest quantity of one line.
MOST: Final = 9_999
#: How many items of a menu that was asked for are kept with the event.
SHOWN: Final = 50
#: What stands between two wishes of one note.
_BETWEEN: Final = ", "


class Keyed(Struct, frozen=True):
    """What was keyed for one line. `price4` overrides the menu's price, in ten-thousandths of the major unit.

    `modifiers` are what was chosen of the item's groups, `seat` is the guest whose it is, `course` with which it comes.
    Of a weighed item `measure` is what it weighs, in thousandths. `offers` are the promotions that it meets now.
    """

    item: Item
    quantity: int = 1
    price4: Price4 | None = None
    modifiers: tuple[Modifier, ...] = ()
    seat: int | None = None
    course: int | None = None
    measure: Thousandths | None = None
    offers: tuple[Offer, ...] = ()


def open_order(
    session_id: str,
    user: int,
    terms: Terms,
    order_type: str,
    *,
    ref: str | None = None,
    from_session: str | None = None,
) -> Draft:
    """Open an order for a user; `from_session` names the order whose late lines it carries."""
    opened = OrderOpened(
        user=user,
        **terms_in(terms),
        order_type=order_type,
        from_session=from_session,
        ref=ref,
    )
    return Draft(opened, session_id, epoch=1)


def event_of(order: Order, data: EventData) -> Draft:
    """Something that happens to an order."""
    return Draft(data, order.id)


def check_active(order: Order) -> None:
    """Refuse what belongs to an order on a screen.

    Raises:
        OrderClosedError: it is on none; it says where it is.
    """
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
    """Refuse to change an order that is not on a screen, or whose payment waits for its answer.

    Raises:
        OrderClosedError: as `check_active`.
        PaymentError: a payment is under way.
    """
    check_active(order)
    if order.pending_payment:
        raise PaymentError(_("A payment is under way. Wait for its answer, then go on."))


def money_stands(order: Order, money: Callable[[Minor], str] | None = None) -> str:
    """That money was taken on an order, and what can be done: it is given back to nobody by clearing or voiding.

    Args:
        order: the order.
        money: writes an amount for who reads the sentence; None where no locale is known.
    """
    paid = (money or order.terms.currency.money)(order.paid)
    if order.is_empty:
        sentence = _("{paid} was taken and no line is left. F9 gives it back.")
    else:
        sentence = _("{paid} was taken here. F9: pay the rest, or Backspace gives it back.")
    return sentence.format(paid=paid)


def check_reason(reason: str) -> str:
    """The reason as it is kept.

    Raises:
        ReasonNeededError: nothing of it can be read.
    """
    kept = clean(reason).strip()
    if not kept:
        raise ReasonNeededError
    return kept


def check_for_sale(menu: Menu, item: Item, moment: datetime) -> None:
    """Refuse what is sold out or out of its part of the day; `moment` is the venue's wall clock.

    Raises:
        NotForSaleError: it says when it is sold.
    """
    if item.sold_out:
        raise NotForSaleError(_("{name} is sold out (86). Say “menu” for what there is.").format(name=item.name))
    part = menu.daypart_of(item)
    if part and not part.holds(moment):
        first = part.hours[0]
        if len(part.hours) > 1 or first.days:
            sentence = _("{name} is sold {hours}. Say “menu” for what there is now.")
        else:
            sentence = _("{name} is sold from {starts} to {ends}. Say “menu” for what there is now.")
        times = {"starts": f"{first.starts:%H:%M}", "ends": f"{first.ends:%H:%M}", "hours": hours_text(part.hours)}
        raise NotForSaleError(sentence.format(name=item.name, **times))


def check_quantity(item: Item, quantity: int) -> None:
    """Refuse what is no quantity of this item.

    Raises:
        QuantityError: it is beyond 1 to 9,999, or below zero for what cannot be given back.
    """
    if not 1 <= abs(quantity) <= MOST:
        raise QuantityError
    if quantity < 0 and not item.returnable:
        raise QuantityError(
            _("{name} cannot be given back. “remove one” takes one off, F7 the line.").format(name=item.name)
        )


def check_measure(item: Item, measure: Thousandths | None) -> None:
    """Refuse a weighed item without what it weighs, and pieces that are weighed.

    Raises:
        QuantityError: that, or a weight beyond 0.001 to 9,999.
    """
    if item.weighed and measure is None:
        raise QuantityError(_("{name} is weighed. Type what it weighs: 0.335 {name}.").format(name=item.name))
    if not item.weighed and measure is not None:
        raise QuantityError(_("{name} is sold by the piece. Type how many: 2 {name}.").format(name=item.name))
    if measure is not None and not 1 <= measure <= MOST * MEASURE_SCALE:
        raise QuantityError


def add_item(order: Order, menu: Menu, keyed: Keyed, line_id: str) -> list[Draft]:
    """Add a line as the item is sold at this moment, which `menu` says: it may have been picked before it changed.

    Raises:
        OrderClosedError: as `check_open`.
        PaymentError: as `check_open`.
        QuantityError: as `check_quantity` and `check_measure`.
        PriceNeededError: its price is open, and none was typed.
        AmountError: the price is below zero.
        ChoiceError: as `check_fits`.
    """
    check_open(order)
    check_quantity(keyed.item, keyed.quantity)  # what trading that was recorded gave back, no menu says
    item = menu.by_id.get(keyed.item.id, keyed.item)
    groups = menu.groups_of(item)
    modifiers = with_defaults(groups, keyed.modifiers)
    check_measure(item, keyed.measure)
    price4 = item.price4 if keyed.price4 is None else keyed.price4
    if price4 is None:
        raise PriceNeededError(_("{name} has an open price: type it.").format(name=item.name))
    if price4 < 0:
        raise AmountError(_("A price is never below zero. What comes back has a minus before its quantity."))
    check_fits(groups, modifiers, price4, item.name)
    line = Line(
        id=line_id,
        terms=order.terms,
        item_id=item.id,
        name=item.name,
        price4=price4,
        measure=keyed.measure,
        taxes=menu.taxes_of(item),
        modifiers=modifiers,
        asks=tuple(group.name for group in still_asked(groups, modifiers)),
        seat=keyed.seat,
        course=keyed.course,
        offers=keyed.offers,
    )
    return [event_of(order, added(line, keyed.quantity))]


def row_of(order: Order, line_id: str) -> Row:
    """The row that a line stands in.

    Raises:
        LineError: the line is void, or there is none.
    """
    for row in order.priced.rows:
        if line_id in row.line_ids:
            return row
    raise LineError


def change_quantity(
    order: Order, line_id: str, quantity: int, new_line: str, offers: tuple[Offer, ...] = ()
) -> list[Draft]:
    """Bring a row to a quantity. To nothing is a void, not a change.

    Fewer are taken off its lines, the newest first. For more, what was taken off comes back first; pieces beyond what
    was keyed are a new line, a copy of the row's (but for an amount off, which was for the whole line).

    Args:
        order: the order.
        line_id: a line of the row.
        quantity: pieces, with the sign of the row.
        new_line: the id for the copy, if one is needed.
        offers: the promotions that a copy meets now.

    Raises:
        OrderClosedError: as `check_open`.
        PaymentError: as `check_open`.
        LineError: there is no such row.
        QuantityError: it is nothing, of another sign, or more than 9,999.
    """
    check_open(order)
    row = row_of(order, line_id)
    if quantity == 0 or (quantity < 0) != (row.quantity < 0):
        raise QuantityError(_("To take {name} off, void the line (F7).").format(name=row.first.name))
    if abs(quantity) > MOST:
        raise QuantityError
    more = abs(quantity) - abs(row.quantity)
    if more < 0:
        return _taken_off(order, row, -more)
    drafts: list[Draft] = []
    for line in reversed(row.lines):
        undone, back = _undone_takings(line, more)
        drafts += [event_of(order, data) for data in undone]
        more -= back
    if more > 0:
        drafts += _copied(order, replace(row.first, id=new_line, offers=offers), more)
    return drafts


def _taken_off(order: Order, row: Row, fewer: int) -> list[Draft]:
    """Take so many pieces off the lines of a row, the newest first."""
    drafts = []
    for line in reversed(row.lines):
        if pieces := min(fewer, abs(line.quantity)):
            drafts.append(event_of(order, QuantityChanged(line_id=line.id, taken_off=pieces, sent=line.sent)))
            fewer -= pieces
    return drafts


def _undone_takings(line: Line, wanted: int) -> tuple[list[ChangeUndone | QuantityChanged], int]:
    """Bring back at most so many pieces that were taken off a line; what does it, and how many come back.

    A taking comes back as a whole: what it brings beyond is taken off again.
    """
    made: list[ChangeUndone | QuantityChanged] = []
    back = 0
    taken = [one for one in line.taken if not one.cut]
    cut = sum(one.pieces for one in line.taken if one.cut)
    while taken and back < wanted:
        made.append(ChangeUndone(event=taken.pop().event))
        left = max(0, abs(line.keyed) - cut - sum(one.pieces for one in taken))
        back = left - abs(line.shown_quantity)
    if back > wanted:
        made.append(QuantityChanged(line_id=line.id, taken_off=back - wanted))
        back = wanted
    return made, back


def _copied(order: Order, line: Line, pieces: int) -> list[Draft]:
    """One more line like another: its price, taxes, modifiers and note, and a percentage off it."""
    quantity = pieces if line.keyed > 0 else -pieces
    drafts = [event_of(order, added(replace(line, price4=line.first_price4), quantity))]
    priced = max((one for one in line.changes if one.price4 is not None), default=None)
    if priced is not None:
        text = order.terms.currency.price_text
        was, now = text(line.first_price4), text(line.price4)
        by, why = priced.approved_by, priced.reason
        drafts.append(event_of(order, PriceOverridden(line_id=line.id, was=was, price=now, reason=why, approved_by=by)))
    if line.note:
        drafts.append(event_of(order, LineNoted(line_id=line.id, note=line.note)))
    if line.discount and line.discount.rate is not None:
        percent = order.terms.currency.price_text(Price4(line.discount.rate))
        given = line.discount
        data = DiscountApplied(line_id=line.id, percent=percent, kind=given.kind, name=given.name, reason=given.reason)
        drafts.append(event_of(order, data))
    return drafts


def void_row(order: Order, line_id: str, reason: str) -> list[Draft]:
    """Take a row off, with a reason."""
    check_open(order)
    reason = check_reason(reason)
    row = row_of(order, line_id)
    return [event_of(order, LineVoided(line_id=line.id, reason=reason, sent=line.sent)) for line in row.lines]


def void_line(order: Order, line_id: str, reason: str) -> list[Draft]:
    """Take one line off, with a reason, and leave the equal lines of its row."""
    check_open(order)
    reason = check_reason(reason)
    row_of(order, line_id)
    sent = order.lines[line_id].sent
    return [event_of(order, LineVoided(line_id=line_id, reason=reason, sent=sent))]


def restore_voids(order: Order, line_ids: Sequence[str]) -> list[Draft]:
    """Bring voided lines back in their places, with all that was on them: each void counts as if it had never been."""
    check_open(order)
    drafts: list[Draft] = []
    for line_id in line_ids:
        line = order.lines.get(line_id)
        if line is None or line.moved:
            raise LineError
        if not line.voids:
            raise LineError(_("{name} is back already.").format(name=line.name))
        if line.shown_quantity:
            drafts += [event_of(order, ChangeUndone(event=void.event)) for void in line.voids]
    if not drafts:
        raise LineError(_("There was nothing of it left to bring back."))
    return drafts


def discount_line(order: Order, line_id: str, *, amount: Minor, reason: str) -> list[Draft]:
    """Take an amount (minor units) off one line; never more than the line comes to.

    Raises:
        OrderClosedError: as `check_open`.
        PaymentError: as `check_open`.
        LineError: there is no such line.
        AmountError: it is not more than nothing.
        ReasonNeededError: nothing of the reason can be read.
    """
    check_open(order)
    row_of(order, line_id)
    pieces = abs(order.lines[line_id].quantity)
    if amount <= 0:
        raise AmountError(_("A discount is more than nothing. Type what comes off."))
    off = order.terms.currency.text(amount)
    data = DiscountApplied(line_id=line_id, amount=off, reason=check_reason(reason), pieces=pieces)
    return [event_of(order, data)]


def set_order_type(order: Order, order_type: str) -> list[Draft]:
    """Take away, eat in, delivery: last writer wins."""
    check_open(order)
    if order_type == order.order_type:
        return []
    return [event_of(order, OrderTypeSet(order_type=order_type))]


def set_preference(order: Order, name: str, value: str) -> list[Draft]:
    """Note a wish for the whole order."""
    check_open(order)
    return [event_of(order, PreferenceSet(name=clean(name), value=clean(value)))]


def note_order(order: Order, note: str) -> list[Draft]:
    """Note something about the whole order; an empty note takes off the one there is."""
    check_open(order)
    kept = clean(note).strip()[:LONGEST]
    return [] if kept == order.note else [event_of(order, OrderNoted(note=kept))]


def attach_customer(order: Order, customer_id: str | None, who: str) -> list[Draft]:
    """Say whose order it is: a customer whom the venue knows, or only the words `who`; with neither, nobody's."""
    check_open(order)
    kept = clean(who).strip()[:LONGEST]
    customer = Customer(customer_id, kept) if customer_id or kept else None
    if customer == order.customer:
        return []
    return [event_of(order, CustomerAttached(customer_id=customer_id, who=kept))]


def wishes(note: str) -> tuple[str, ...]:
    """The wishes that a note is made of."""
    return tuple(wish for wish in note.split(_BETWEEN) if wish)


def with_wish(note: str, wish: str) -> str:
    """A note with one wish more; one that is there already stands once."""
    kept = clean(wish).strip()
    known = wishes(note)
    return note if kept.casefold() in {one.casefold() for one in known} else _BETWEEN.join((*known, kept))


def without_wish(note: str, place: int) -> str:
    """A note without one of its wishes."""
    known = wishes(note)
    return _BETWEEN.join((*known[:place], *known[place + 1 :]))


def note_row(order: Order, line_id: str, note: str) -> list[Draft]:
    """Note what is wished of a row, all of it; an empty note takes off the one there is."""
    check_open(order)
    kept = clean(note).strip()[:LONGEST]
    row = row_of(order, line_id)
    return [event_of(order, LineNoted(line_id=line.id, note=kept)) for line in row.lines if line.note != kept]


def undo_changes(order: Order, events: Sequence[str]) -> list[Draft]:
    """Let changes count as if they had never been.

    Raises:
        LineError: another order carries a line that they were made to, or nothing of them stands any more.
    """
    check_open(order)
    if any(line.moved and not line.changed_by.isdisjoint(events) for line in order.lines.values()):
        raise LineError(_("It was done to a line that is on another order now: change it there."))
    drafts = [event_of(order, ChangeUndone(event=event)) for event in events if event not in order.undone]
    if not drafts:
        raise LineError(_("There was nothing of it left to bring back."))
    return drafts


def view_menu(order: Order, query: str, meal_period: str, items: Sequence[Item]) -> list[Draft]:
    """Record that the menu was asked for, and what stood on it."""
    check_active(order)
    shown = tuple(ShownItem(id=item.id, name=item.name, position=at) for at, item in enumerate(items[:SHOWN], 1))
    asked = clean(query)[:LONGEST]
    data = MenuViewed(query=asked, result_count=len(items), meal_period=meal_period, items=shown)
    return [event_of(order, data)]


def check_not_empty(order: Order) -> None:
    """Refuse what needs a line.

    Raises:
        EmptyOrderError: there is none.
    """
    if order.is_empty:
        raise EmptyOrderError
