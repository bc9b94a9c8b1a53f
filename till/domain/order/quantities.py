"""Decisions on how much of an item there is: the quantity of a row, and the weight of a line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from till.domain.errors import (
    LineError,
    QuantityError,
)
from till.domain.i18n import N_, _
from till.domain.money.amount import MEASURE_SCALE
from till.domain.money.measures import Price4
from till.domain.money.tax import TypeRate
from till.domain.order import by_items
from till.domain.order.deciding import (
    check_open,
    event_of,
    pieces_of,
    row_of,
)
from till.domain.order.events import (
    ChangeUndone,
    DiscountApplied,
    LineNoted,
    PriceOverridden,
    QuantityChanged,
)
from till.domain.order.line_records import keyed_records
from till.domain.order.sent import removal_record
from till.domain.order.voiding import void_row
from till.domain.structs import replace

if TYPE_CHECKING:
    from till.domain.catalogue.menu import Item, Menu
    from till.domain.events.envelope import Draft
    from till.domain.money.measures import Thousandths
    from till.domain.money.promotion import Offer
    from till.domain.order.line import Line, Row
    from till.domain.order.state import Order

#: The reason for which a line is voided whose weight is corrected.
WEIGHED_AGAIN: Final = N_("weighed again")
#: The largest quantity of one line.
MOST: Final = 9_999


def check_quantity(item: Item, quantity: int) -> None:
    """Refuse an invalid quantity of an item."""
    if not 1 <= abs(quantity) <= MOST:
        raise QuantityError
    if quantity < 0 and not item.returnable:
        raise QuantityError(_("{name} cannot be returned. “remove one” takes one off.").format(name=item.name))


def check_measure(item: Item, measure: Thousandths | None) -> None:
    """Refuse a weighed item without a measure, and a measure for an item sold by the piece."""
    if item.unit and measure is None:
        raise QuantityError(_("{name} is weighed. Type its weight: 0.335 {name}.").format(name=item.name))
    if not item.unit and measure is not None:
        raise QuantityError(_("{name} is sold by the piece. Type 2 {name}.").format(name=item.name))
    if measure is not None:
        _check_weight(measure)


def _check_weight(measure: Thousandths) -> None:
    if not 1 <= measure <= MOST * MEASURE_SCALE:
        raise QuantityError


def has_price_label(line: Line, item: Item, labels: str) -> bool:
    """Return True if a line has the price of a label: it is by the piece, and its item is weighed or costs otherwise.

    Its events do not say so, as tills of 0.1.0 read them: where there are labels, a piece from before the menu's price
    changed is one too. More of it keeps its price.
    """
    costs_otherwise = bool(labels) and item.price4 not in {None, line.first_price4}
    return line.measure is None and (bool(item.unit) or costs_otherwise)


def pieces_off(order: Order, row: Row, fewer: int) -> dict[str, int]:
    """Return the number of unpaid pieces to take off each line of a row, the newest line first."""
    off: dict[str, int] = {}
    for line in reversed(row.lines):
        if pieces := min(fewer, by_items.unpaid(order, line)):
            off[line.id] = pieces
            fewer -= pieces
    return off


def change_quantity(
    order: Order,
    line_id: str,
    quantity: int,
    new_line: str,
    offers: tuple[Offer, ...] = (),
    menu: Menu | None = None,
) -> list[Draft]:
    """Change the quantity of a row. To change it to zero, void the row.

    A lower quantity takes pieces off the lines, the newest line first. A higher one first restores pieces that were
    taken off. Further pieces become a new line, a copy of the row's first line without a discount by amount, which was
    given for the whole line.

    Args:
        order: the order.
        line_id: a line of the row.
        quantity: the new number of pieces, with the sign of the row.
        new_line: the id for the new line, if one is needed.
        offers: the promotions that currently apply to the item.
        menu: the menu, whose taxes further pieces have; None for those of the row.
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
        undone, restored = _restored(line, more)
        drafts += [event_of(order, data) for data in undone]
        more -= restored
    if more > 0:
        drafts += _copied(order, replace(row.first, id=new_line, offers=offers, combos=()), more, menu)
    return drafts


def weigh_again(
    order: Order,
    line_id: str,
    measure: Thousandths,
    new_line: str,
    offers: tuple[Offer, ...] = (),
    reason: str = WEIGHED_AGAIN,
    menu: Menu | None = None,
) -> list[Draft]:
    """Correct the weight of a line: void it, and add a copy with the new weight.

    Args:
        order: the order.
        line_id: a weighed line; it is always a row of its own.
        measure: the new weight in thousandths.
        new_line: the id for the copy.
        offers: the promotions that currently apply to the item.
        reason: the reason of the void.
        menu: the menu, whose taxes the copy has; None for those of the line.
    """
    _check_weight(measure)
    row = row_of(order, line_id)
    line = row.first
    if line.discount is not None or line.price4 != line.usual_price4:
        raise LineError(_("Its price was changed. F7 voids it; then key it again."))
    copy = replace(line, id=new_line, measure=measure, offers=offers)
    return [*void_row(order, line_id, reason), *_copied(order, copy, abs(row.quantity), menu)]


def _taken_off(order: Order, row: Row, fewer: int) -> list[Draft]:
    """Take unpaid pieces off the lines of a row, the newest line first."""
    drafts = []
    taken = pieces_off(order, row, fewer)
    for line_id, pieces in taken.items():
        line = order.lines[line_id]
        off = removal_record(line, -pieces if line.keyed < 0 else pieces)
        drafts.append(event_of(order, QuantityChanged(line_id=line_id, taken_off=pieces, removed=off)))
    if fewer > sum(taken.values()):
        by_items.check_removable(order, pieces_of(row))
    return drafts


def _restored(line: Line, wanted: int) -> tuple[list[ChangeUndone | QuantityChanged], int]:
    """Restore up to `wanted` pieces that were taken off a line. Return the events and the number of restored pieces.

    An event is undone as a whole. If it restores too many pieces, the surplus is taken off again.
    """
    events: list[ChangeUndone | QuantityChanged] = []
    restored = 0
    taken = [one for one in line.taken if not one.cut]
    cut = sum(one.pieces for one in line.taken if one.cut)
    while taken and restored < wanted:
        events.append(ChangeUndone(event=taken.pop().event))
        left = abs(line.keyed) - cut - sum(one.pieces for one in taken)
        restored = left - abs(line.shown_quantity)
    if restored > wanted:
        surplus = restored - wanted  # taken off before with the needed right: do not ask for it again
        off = replace(removal_record(line, -surplus if line.keyed < 0 else surplus), sent=False)
        events.append(QuantityChanged(line_id=line.id, taken_off=surplus, removed=off))
        restored = wanted
    return events, restored


def _rated(line: Line, menu: Menu | None) -> Line:
    """Return a line with the taxes that its item has now, and the prices that it has; unchanged if it left the menu."""
    item = menu.by_id.get(line.item_id) if menu is not None else None
    if menu is None or item is None:
        return line
    prices = {one.order_type: one.price4 for one in line.by_type}
    types = sorted({*prices, *item.by_type})
    by_type = tuple(TypeRate(name, menu.taxes_of(item, name), prices.get(name)) for name in types)
    return replace(line, taxes=menu.taxes_of(item), by_type=by_type)


def _copied(order: Order, line: Line, pieces: int, menu: Menu | None) -> list[Draft]:
    """Return the drafts of a copy of a line: price, modifiers, note and percentage discount, and the taxes of now."""
    quantity = pieces if line.keyed > 0 else -pieces
    keyed = _rated(replace(line, price4=line.first_price4, taxes=line.first_taxes), menu)
    drafts = [event_of(order, data) for data in keyed_records(keyed, quantity)]
    priced = [one for one in line.changes if isinstance(one.data, PriceOverridden)]
    if priced:
        drafts.append(event_of(order, replace(max(priced).data, line_id=line.id, follows=None)))
    if line.note:
        drafts.append(event_of(order, LineNoted(line_id=line.id, note=line.note)))
    if line.discount and line.discount.rate is not None:
        percent = order.terms.currency.price_text(Price4(line.discount.rate))
        given = line.discount
        data = DiscountApplied(line_id=line.id, percent=percent, kind=given.kind, name=given.name, reason=given.reason)
        drafts.append(event_of(order, data))
    return drafts
