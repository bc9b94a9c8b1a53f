"""What events do to the lines of an order: a part of the fold. All of it commutes but for single values."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from till.domain.errors import EventError
from till.domain.fields import perhaps_words, whole, words
from till.domain.i18n import _
from till.domain.money.tax import WHOLE
from till.domain.order.line import Discount, Line, Void, line_from_data
from till.domain.order.state import Move, Status

if TYPE_CHECKING:
    from collections.abc import Mapping

    from till.domain.events.envelope import Event
    from till.domain.order.state import Order


def _with_line(order: Order, line: Line) -> Order:
    return replace(order, lines={**order.lines, line.id: line})


def _line(order: Order, line_id: str) -> Line:
    """The line, or the place kept for it when its change came before it."""
    return order.lines.get(line_id) or Line(line_id, order.terms)


def _merged(order: Order, data: Mapping[str, Any]) -> Line:
    """A line as keyed, with what was already known of it."""
    fresh = line_from_data(data, order.terms)
    known = order.lines.get(fresh.id)
    if known is None:
        return fresh
    return replace(fresh, changed=known.changed, void=known.void, discount=known.discount, raised_by=known.raised_by)


def item_added(order: Order, event: Event) -> Order:
    """A line was keyed."""
    line = replace(_merged(order, event.data), keyed_by=event.till)
    return replace(_with_line(order, line), last_item=(line.item_id, line.name))


def quantity_changed(order: Order, event: Event) -> Order:
    """A line has more pieces, or fewer: a difference, so that those of two tills add up."""
    line = _line(order, words(event.data, "line_id"))
    by = whole(event.data, "by")
    raises = by * (line.keyed or by) > 0
    line = replace(line, changed=line.changed + by, raised_by=event.till if raises else line.raised_by)
    after = replace(_with_line(order, line), last_item=(line.item_id, line.name) if line.name else order.last_item)
    if line.is_overdrawn and not line.void:
        return after.noticed(_("Two tills took {name} off: none are left.").format(name=line.name))
    return after


def line_voided(order: Order, event: Event) -> Order:
    """A line was taken off, for good."""
    line = _line(order, words(event.data, "line_id"))
    if line.void:
        return order
    return _with_line(order, replace(line, void=Void(event.text("reason"), event.at)))


def _read_discount(order: Order, data: Mapping[str, Any], reason: str) -> Discount:
    percent, amount, currency = data.get("percent"), data.get("amount"), order.terms.currency
    rate = None if percent is None else currency.price4(percent)
    minor = None if amount is None else currency.minor(amount)
    if (rate is None) == (minor is None) or not 0 <= (rate or 0) <= WHOLE or (minor or 0) < 0:
        raise EventError(_("it is no discount"))
    return Discount(words(data, "discount_id"), perhaps_words(data, "line_id"), rate, minor, reason)


def _with_discount(order: Order, discount: Discount) -> Order:
    """A line has one discount; the order has one of each id."""
    if discount.line_id is None:
        kept = tuple(d for d in order.discounts if d.id != discount.id)
        return replace(order, discounts=(*kept, discount))
    return _with_line(order, replace(_line(order, discount.line_id), discount=discount))


def discount_applied(order: Order, event: Event) -> Order:
    """Something comes off a line or the order."""
    return _with_discount(order, _read_discount(order, event.data, event.text("reason")))


def without_moved(order: Order) -> Order:
    """While an order goes on, what another session carries on is not on it: its pieces are there and nowhere else."""
    moved = {} if order.is_over else order.moved
    changed = {
        line.id: replace(line, away=moved.get(line.id, 0))
        for line in map(order.lines.get, order.moved)
        if line is not None and line.away != moved.get(line.id, 0)
    }
    return replace(order, lines={**order.lines, **changed}) if changed else order


def quantities(data: Mapping[str, Any]) -> dict[str, int]:
    """So much of each line, as events tell it."""
    pairs = zip(data["line_ids"], data["line_quantities"], strict=True)
    return {str(line_id): int(quantity) for line_id, quantity in pairs}


def lines_moved(order: Order, event: Event) -> Order:
    """Lines came here from another session; or, with `to_session`, are carried on there.

    A tab whose lines were all carried on is over, unless another till had taken the order by then.
    """
    if target := perhaps_words(event.data, "to_session"):
        move = Move(target, event.id, event.till, quantities(event.data), late=bool(event.data.get("late")))
        on_tab = order.status is Status.ASSIGNED_TO_TAB and event.hold_epoch >= order.hold_epoch
        recalled_by = event.till if on_tab and not move.late else order.recalled_by
        return replace(order, moves={**order.moves, target: move}, recalled_by=recalled_by)
    for data in event.data["lines"]:
        order = _with_line(order, replace(_merged(order, data), keyed_by=event.till))
    for data in event.data.get("discounts", ()):
        order = _with_discount(order, _read_discount(order, data, perhaps_words(data, "reason") or ""))
    return order
