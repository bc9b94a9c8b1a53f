"""What events do to the lines of an order: a part of the fold. All of it commutes but for single values."""

from __future__ import annotations

from typing import TYPE_CHECKING

from till.domain.errors import AmountError
from till.domain.i18n import _
from till.domain.money.measures import Millionths
from till.domain.money.promotion import Saved
from till.domain.order.line import Changed, Discount, Kept, Line, LineNote, TakenOff, Void, line_from, modifiers_from
from till.domain.order.state import Move
from till.domain.structs import replace

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from till.domain.events.envelope import Event
    from till.domain.order.events import (
        DiscountApplied,
        ItemAdded,
        KeptSaving,
        LineNoted,
        LineSeated,
        LinesMoved,
        LineVoided,
        ModifiersSet,
        MovedDiscount,
        MovedLine,
        PriceOverridden,
        QuantityChanged,
        SavingsKept,
    )
    from till.domain.order.state import Order


def _with_line(order: Order, line: Line) -> Order:
    return replace(order, lines={**order.lines, line.id: line})


def _line(order: Order, line_id: str) -> Line:
    """The line, or the place kept for it when its change came before it."""
    return order.lines.get(line_id) or _place_for(order, line_id)


def _place_for(order: Order, line_id: str) -> Line:
    return Line(line_id, order.terms, moved=line_id in order.moved)


def _merged(known: Line, data: ItemAdded | MovedLine, till: int, at: datetime) -> Line:
    """A line as keyed, with what was already known of it."""
    return replace(
        line_from(data, known.terms),
        taken=known.taken,
        cut_by=known.cut_by,
        voids=known.voids,
        discounts=known.discounts,
        notes=known.notes,
        moved=known.moved,
        kept=known.kept,
        keyed_by=till,
        keyed_at=at,
    ).with_changes(known.changes)


def item_added(order: Order, event: Event, data: ItemAdded) -> Order:
    """A line was keyed: who was to pay orders on."""
    line = _merged(_line(order, data.line_id), data, event.till, event.at)
    return replace(_with_line(order, line), last_item=(line.item_id, line.name), checkout_at=None)


def quantity_changed(order: Order, event: Event, data: QuantityChanged) -> Order:
    """Pieces were taken off; those of two tills add up. How many a cut took, the order says in which it was made."""
    line = _line(order, data.line_id)
    taken = TakenOff(data.follows or event.id, data.taken_off, data.cut)
    known = next((one for one in line.taken if one.event == taken.event), None)
    if known == taken or (known is not None and not (known.cut and taken.cut)) or taken.event in order.undone:
        return order
    others = tuple(one for one in line.taken if one is not known)
    after = _with_line(order, replace(line, taken=(*others, taken)))
    return replace(after, last_item=(line.item_id, line.name)) if line.name else after


def line_voided(order: Order, event: Event, data: LineVoided) -> Order:
    """A line was taken off. Of two voids each counts: one that is undone leaves the other."""
    line = _line(order, data.line_id)
    void = Void(data.follows or event.id, data.reason, event.at)
    if void.event in order.undone or any(one.event == void.event for one in line.voids):
        return order
    return _with_line(order, replace(line, voids=(*line.voids, void)))


def line_noted(order: Order, event: Event, data: LineNoted) -> Order:
    """Something is wished of a line."""
    line = _line(order, data.line_id)
    note = LineNote(data.follows or event.id, data.note)
    if note.event in order.undone or any(one.event == note.event for one in line.notes):
        return order
    return _with_line(order, replace(line, notes=(*line.notes, note)))


def modifiers_set(order: Order, event: Event, data: ModifiersSet) -> Order:
    """Something was chosen of a line."""
    modifiers = modifiers_from(data.modifiers, order.terms)
    return _changed(order, data.line_id, Changed(data.follows or event.id, modifiers=modifiers, asks=data.asks))


def line_seated(order: Order, event: Event, data: LineSeated) -> Order:
    """A line is somebody's, or comes with a course."""
    return _changed(order, data.line_id, Changed(data.follows or event.id, seat=data.seat, course=data.course))


def price_overridden(order: Order, event: Event, data: PriceOverridden) -> Order:
    """A line has another price."""
    price4 = order.terms.currency.price4(data.price)
    change = Changed(data.follows or event.id, price4=price4, reason=data.reason, approved_by=data.approved_by)
    return _changed(order, data.line_id, change)


def _changed(order: Order, line_id: str, change: Changed) -> Order:
    line = _line(order, line_id)
    if change.event in order.undone or any(one.event == change.event for one in line.changes):
        return order
    return _with_line(order, line.with_changes((*line.changes, change)))


def _discount(order: Order, data: DiscountApplied | MovedDiscount, event: str, reason: str = "") -> Discount:
    currency = order.terms.currency
    # A percentage has the four decimals of a unit price, and counts in millionths then.
    rate = None if data.percent is None else Millionths(currency.price4(data.percent))
    amount = None if data.amount is None else currency.minor(data.amount)
    if (rate is None) == (amount is None) or (amount or 0) < 0:
        raise AmountError(_("it is no discount"))
    price = None if data.price is None else currency.minor(data.price)
    if price == 0:
        raise AmountError(_("it is no discount"))
    return Discount(event, data.line_id, rate, amount, reason, data.kind, data.name, data.pieces, price)


def _with_discount(order: Order, discount: Discount) -> Order:
    if discount.id in order.undone:
        return order
    if discount.line_id is None:
        return replace(order, given=(*order.given, discount))
    line = _line(order, discount.line_id)
    if any(one.id == discount.id for one in line.discounts):
        return order
    return _with_line(order, replace(line, discounts=(*line.discounts, discount)))


def discount_applied(order: Order, event: Event, data: DiscountApplied) -> Order:
    """Something comes off a line or the order."""
    return _with_discount(order, _discount(order, data, event.id, data.reason))


def savings_kept(order: Order, event: Event, data: SavingsKept) -> Order:
    """The lot of some lines was torn apart: they keep what promotions saved on them then."""
    for raw in data.lines:
        line = _line(order, raw.line_id)
        kept = Kept(event.id, raw.pieces, _saved(order, raw.kept), raw.after)
        order = _with_line(order, replace(line, kept=(*line.kept, kept)))
    return order


def _saved(order: Order, kept: Iterable[KeptSaving]) -> tuple[Saved, ...]:
    return tuple(Saved(one.name, order.terms.currency.minor(one.amount)) for one in kept)


def without_change(order: Order, undone: str) -> Order:
    """The order as if an event had never been, whether it came already or is still to come."""
    changed = {line.id: fresh for line in order.lines.values() if (fresh := _without(line, undone)) is not line}
    return replace(
        order,
        undone=order.undone | {undone},
        given=tuple(one for one in order.given if one.id != undone),
        lines={**order.lines, **changed} if changed else order.lines,
    )


def _without(line: Line, undone: str) -> Line:
    taken = tuple(one for one in line.taken if one.event != undone or one.cut)
    voids = tuple(one for one in line.voids if one.event != undone)
    discounts = tuple(one for one in line.discounts if one.id != undone)
    notes = tuple(one for one in line.notes if one.event != undone)
    changes = tuple(one for one in line.changes if one.event != undone)
    left = len(taken) + len(voids) + len(discounts) + len(notes) + len(changes)
    if left == len(line.taken) + len(line.voids) + len(line.discounts) + len(line.notes) + len(line.changes):
        return line
    after = replace(line, taken=taken, voids=voids, discounts=discounts, notes=notes)
    return after if changes == line.changes else after.with_changes(changes)


def lines_moved(order: Order, event: Event, data: LinesMoved) -> Order:
    """Lines came here from another order, or are carried on there: of two moves of a line the first counts.

    But where it was paid for after a move, that one does.
    """
    if data.to_session is not None:
        order = _moved_away(order, Move(event.id, data.to_session, event.till, data.late, data.paid), data.line_ids)
    lines = dict(order.lines)
    for raw in data.lines:
        line = _merged(lines.get(raw.line_id) or _place_for(order, raw.line_id), raw, raw.till, event.at)
        known = {one.event for one in line.taken} | order.undone
        if raw.kept_pieces:
            line = replace(line, kept=(*line.kept, Kept(event.id, raw.kept_pieces, _saved(order, raw.kept))))
        taken = tuple(TakenOff(one, pieces) for one, pieces in raw.taken_off.items() if one not in known)
        taken += tuple(TakenOff(one, pieces, cut=True) for one, pieces in raw.cut_off.items() if one not in known)
        lines[line.id] = replace(line, taken=(*taken, *line.taken), moved=False)
    order = replace(order, lines=lines)
    if data.from_session is not None:
        came = dict.fromkeys((raw.line_id for raw in data.lines), data.from_session)
        gone = {line_id: move for line_id, move in order.moved.items() if line_id not in came}
        brought = {**order.brought, **dict.fromkeys(came, event.till)}
        order = replace(order, came_from={**order.came_from, **came}, brought=brought, moved=gone)
    for discount in data.discounts:
        order = _with_discount(order, _discount(order, discount, discount.event))
    return order


def _moved_away(order: Order, move: Move, line_ids: Iterable[str]) -> Order:
    gone = {
        line_id: move
        for line_id in line_ids
        if (first := order.moved.get(line_id)) is None or (move.paid and not first.paid)
    }
    away = {line_id: replace(line, moved=True) for line_id in gone if (line := order.lines.get(line_id))}
    carriers = order.carriers | {move.to_session}
    return replace(order, moved={**order.moved, **gone}, lines={**order.lines, **away}, carriers=carriers)
