"""Decisions that change a keyed line: its modifiers, price, guest and course, and the age check of the guest."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from till.domain.errors import AmountError, LineError
from till.domain.i18n import _
from till.domain.order.choices import check_fits, in_order, settle
from till.domain.order.deciding import check_open, check_reason, event_of, row_of
from till.domain.order.events import (
    AgeChecked,
    LineSeated,
    LineTypeSet,
    ModifiersSet,
    PriceOverridden,
)
from till.domain.order.line_records import modifiers_recorded
from till.domain.order.retyping import check_owed
from till.domain.structs import replace
from till.domain.text import clean

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from till.domain.catalogue.modifiers import ModifierGroup
    from till.domain.events.envelope import Draft
    from till.domain.money.measures import Price4
    from till.domain.order.line import Modifier
    from till.domain.order.state import Order

#: The highest number of a guest or a course.
MOST_SEATS: Final = 99
#: The largest price, in ten-thousandths.
_MOST4: Final = 10_000_000 * 10_000


def set_modifiers(
    order: Order, groups: Sequence[ModifierGroup], line_id: str, chosen: Sequence[Modifier]
) -> list[Draft]:
    """Set the choices of a row; no events if nothing changes.

    Args:
        order: the order.
        groups: the groups of the row's item.
        line_id: a line of the row.
        chosen: all choices that the row is to have.
    """
    check_open(order)
    row = row_of(order, line_id)
    first = row.first
    modifiers = in_order(groups, chosen)
    asks = settle(groups, modifiers, first.price4, first.name, had=first.modifiers)
    if (modifiers, asks) == (first.modifiers, first.asks):
        return []
    recorded = modifiers_recorded(modifiers, order.terms)
    return [event_of(order, ModifiersSet(line_id=line.id, modifiers=recorded, asks=asks)) for line in row.lines]


def seat_row(order: Order, line_id: str, *, seat: int | None = None, course: int | None = None) -> list[Draft]:
    """Assign a row to a guest or a course, by number. 0 clears the number; None leaves it unchanged."""
    check_open(order)
    row = row_of(order, line_id)
    for number in (seat, course):
        if number is not None and not 0 <= number <= MOST_SEATS:
            raise LineError(_("Type a number from 1 to {most}.").format(most=MOST_SEATS))
    is_unchanged = (seat is None or (row.first.seat or 0) == seat) and (
        course is None or (row.first.course or 0) == course
    )
    if is_unchanged:
        return []
    return [event_of(order, LineSeated(line_id=line.id, seat=seat, course=course)) for line in row.lines]


def set_line_type(order: Order, line_ids: Collection[str], order_type: str) -> list[Draft]:
    """Set the order type of lines; empty for that of their order."""
    check_open(order)
    lines = [line for line in order.lines.values() if line.id in line_ids and line.own_type != order_type]
    changed = {line.id: line.rated(own_type=order_type) for line in lines}
    check_owed(order, replace(order, lines={**order.lines, **changed}))
    return [event_of(order, LineTypeSet(line_id=line.id, order_type=order_type)) for line in lines]


def override_price(
    order: Order, line_id: str, price4: Price4, reason: str, approved_by: int | None = None
) -> list[Draft]:
    """Change the unit price of a row, before modifiers. `approved_by` is the manager who approved it."""
    check_open(order)
    row = row_of(order, line_id)
    first, text = row.first, order.terms.currency.price_text
    check_price(price4)
    check_fits((), first.modifiers, price4, first.name)
    if price4 == first.price4:
        raise LineError(_("{name} already costs that.").format(name=clean(first.name)))
    kept = check_reason(reason)
    old_text, new_text = text(first.price4), text(price4)
    return [
        event_of(
            order, PriceOverridden(line_id=line.id, was=old_text, price=new_text, reason=kept, approved_by=approved_by)
        )
        for line in row.lines
    ]


def check_price(price4: Price4) -> None:
    """Refuse a price out of range."""
    if not 0 <= price4 <= _MOST4:
        raise AmountError(_("A price is from 0 to ten million."))


def age_checked(order: Order, years: int, *, passed: bool) -> list[Draft]:
    """Record an age check of the guest; no event if the guest already passed one for this age."""
    check_open(order)
    if passed and order.of_age >= years:
        return []
    return [event_of(order, AgeChecked(years=years, passed=passed))]
