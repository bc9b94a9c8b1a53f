"""The fold of order lines. Steps commute; for single values the last write wins."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from till.domain.errors import AmountError
from till.domain.i18n import _
from till.domain.ids import moment_of
from till.domain.money.measures import Millionths
from till.domain.money.promotion import Saved
from till.domain.order.events import (
    AmountsFixed,
    CourseFired,
    DiscountApplied,
    ItemAdded,
    LineNoted,
    LineRated,
    LineSeated,
    LineTypeSet,
    LineVoided,
    ModifiersSet,
    PriceOverridden,
    QuantityChanged,
)
from till.domain.order.facets import merged, returned, without_event
from till.domain.order.line import (
    Cost,
    Discount,
    Fixed,
    Line,
    LineNote,
    LineRevision,
    Send,
    TakenOff,
    Void,
)
from till.domain.order.line_records import combos_from, line_from, modifiers_from, rates_from
from till.domain.order.state import Move, Status
from till.domain.structs import replace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import datetime

    from till.domain.events.envelope import Event
    from till.domain.events.registry import EventData
    from till.domain.kitchen.events import KitchenTold, LinesSent
    from till.domain.order.events import (
        LineAmounts,
        LineChange,
        LinesMoved,
        LinesWithdrawn,
        MovedDiscount,
        MovedLine,
    )
    from till.domain.order.state import Order


def _with_line(order: Order, line: Line) -> Order:
    return replace(order, lines={**order.lines, line.id: line})


def _line(order: Order, line_id: str) -> Line:
    """Return the line, or a placeholder if a change of it arrived before it."""
    return order.lines.get(line_id) or _placeholder(order, line_id)


def _placeholder(order: Order, line_id: str) -> Line:
    return Line(line_id, order.terms, moved=line_id in order.moved)


def _merged(known: Line, data: ItemAdded | MovedLine, till: int, at: datetime) -> Line:
    """Return a keyed line with the changes that arrived before it."""
    line = replace(
        line_from(data, known.terms),
        taken=known.taken,
        cut_by=known.cut_by,
        order_type=known.order_type,
        voids=known.voids,
        moved=known.moved,
        fixed=known.fixed,
        keyed_by=till,
        keyed_at=at,
    )
    return merged(line, known)


def item_added(order: Order, event: Event, data: ItemAdded) -> Order:
    """Add a keyed line. It ends the checkout: the order takes lines again."""
    line = _merged(_line(order, data.line_id), data, event.by_till, event.at)
    return replace(_with_line(order, line), last_item=(line.item_id, line.name), checkout_at=None)


def quantity_changed(order: Order, event: Event, data: QuantityChanged) -> Order:
    """Take pieces off a line. Pieces taken off at two tills add up. The newest record of a cut sets its pieces."""
    line = _line(order, data.line_id)
    taken = TakenOff(data.follows or event.id, data.taken_off, data.cut)
    known = next((one for one in line.taken if one.event == taken.event), None)
    if known == taken or (known is not None and not (known.cut and taken.cut)) or taken.event in order.undone:
        return order
    others = tuple(one for one in line.taken if one is not known)
    after = _with_line(order, replace(line, taken=(*others, taken)))
    return replace(after, last_item=(line.item_id, line.name)) if line.name else after


def line_voided(order: Order, event: Event, data: LineVoided) -> Order:
    """Void a line. A line may have several voids: undoing one leaves the others."""
    line = _line(order, data.line_id)
    void = Void(data.follows or event.id, data.reason, event.at)
    if void.event in order.undone or any(one.event == void.event for one in line.voids):
        return order
    return _with_line(order, replace(line, voids=(*line.voids, void)))


def line_noted(order: Order, event: Event, data: LineNoted) -> Order:
    """Set the note of a line."""
    line = _line(order, data.line_id)
    note = LineNote(data.follows or event.id, data.note)
    if note.event in order.undone or any(one.event == note.event for one in line.notes):
        return order
    return _with_line(order, replace(line, notes=(*line.notes, note)))


def modifiers_set(order: Order, event: Event, data: ModifiersSet) -> Order:
    """Set the choices of a line."""
    return _changed(order, event, data, modifiers=modifiers_from(data.modifiers, order.terms), asks=data.asks)


def line_seated(order: Order, event: Event, data: LineSeated) -> Order:
    """Assign a line to a guest or a course."""
    seat = {} if data.seat is None else {"seat": data.seat or None}
    course = {} if data.course is None else {"course": data.course or None, "fired_at": None}
    return _changed(order, event, data, **seat, **course)


def line_rated(order: Order, event: Event, data: LineRated) -> Order:
    """Set the taxes and prices of a line by order type, and the combos that it may be part of."""
    rates, combos = rates_from(data.by_type, order.terms), combos_from(data.combos, order.terms)
    return _changed(order, event, data, by_type=rates, combos=combos)


def line_type_set(order: Order, event: Event, data: LineTypeSet) -> Order:
    """Set the order type of a line, or let it be that of the order again."""
    return _changed(order, event, data, own_type=data.order_type)


def course_fired(order: Order, event: Event, data: CourseFired) -> Order:
    """Mark a line as fired, at the time of the original event."""
    return _changed(order, event, data, fired_at=moment_of(data.follows or event.id))


def lines_sent(order: Order, event: Event, data: LinesSent) -> Order:
    """Keep a kitchen ticket with each of its lines. Lines that left this order have it in the order that got them."""
    source, lines = data.follows or event.id, dict(order.lines)
    handed = order.handed
    if handed is not None and handed.till == event.by_till:
        handed = replace(handed, is_answered=True)
    for raw in data.lines:
        line = lines.get(raw.line_id)
        if line is None or any(one.event == source for one in line.sends):
            continue
        send = Send(source, data.station, data.ticket, raw.pieces, raw.item_id, raw.choices, raw.note, data.place)
        lines[line.id] = replace(line, sends=(*line.sends, send))
    return replace(order, lines=lines, handed=handed)


def kitchen_told(order: Order, _event: Event, data: KitchenTold) -> Order:
    """Keep the words of a ticket's head with the pieces that are on it."""
    lines = {
        line.id: replace(line, sends=tuple(_with_head(one, data) for one in line.sends))
        for line in order.lines.values()
        if any(one.event == data.ticket for one in line.sends)
    }
    return replace(order, lines={**order.lines, **lines}) if lines else order


def _with_head(send: Send, data: KitchenTold) -> Send:
    return send._replace(head=data.words) if send.event == data.ticket else send


def price_overridden(order: Order, event: Event, data: PriceOverridden) -> Order:
    """Change the price of a line."""
    return _changed(order, event, data, price4=order.terms.currency.price4(data.price))


def _changed(order: Order, event: Event, data: LineChange, **values: object) -> Order:
    """Replace attributes of a line until the event is undone or a newer event replaces them."""
    line, change = _line(order, data.line_id), LineRevision(data.follows or event.id, values, data)
    if change.event in order.undone or any(one.event == change.event for one in line.changes):
        return order
    if "by_type" in values:
        line = replace(line, order_type=order.order_type)
    return _with_line(order, line.with_changes((*line.changes, change)))


def _discount(order: Order, data: DiscountApplied | MovedDiscount, event: str, reason: str = "") -> Discount:
    currency = order.terms.currency
    # A percentage has four decimals like a unit price: ten-thousandths of a percent are millionths.
    rate = None if data.percent is None else Millionths(currency.price4(data.percent))
    amount = None if data.amount is None else currency.minor(data.amount)
    if (rate is None) == (amount is None) or (amount or 0) < 0 or (rate is not None and data.share_of is not None):
        raise AmountError(_("it is not a discount"))
    price = None if data.price is None else currency.minor(data.price)
    if price == 0:
        raise AmountError(_("it is not a discount"))
    return Discount(event, data.line_id, rate, amount, reason, data.kind, data.name, data.pieces, price, data.share_of)


def _with_discount(order: Order, discount: Discount) -> Order:
    if discount.id in order.undone:
        return order
    if discount.line_id is None:
        return replace(order, given=(*order.given, discount))
    line = _line(order, discount.line_id)
    known = next((one for one in line.discounts if one.id == discount.id), None)
    if known is not None and (known.reason or not discount.reason):
        return order
    others = tuple(one for one in line.discounts if one is not known)  # moved without its reason, which comes now
    return _with_line(order, replace(line, discounts=(*others, discount)))


def discount_applied(order: Order, event: Event, data: DiscountApplied) -> Order:
    """Give a discount on a line or the order."""
    return _with_discount(order, _discount(order, data, data.follows or event.id, data.reason))


def amounts_fixed(order: Order, event: Event, data: AmountsFixed) -> Order:
    """Fix the cost of lines before lines leave or join the order."""
    return _fix(order, event.id, data.lines)


def _fix(order: Order, event: str, amounts: Iterable[LineAmounts]) -> Order:
    minor, lines = order.terms.currency.minor, dict(order.lines)
    for raw in amounts:
        line = _line(order, raw.line_id)
        saved = tuple(Saved(one.name, minor(one.amount)) for one in raw.saved)
        cost = Cost(raw.pieces, minor(raw.price), saved, minor(raw.off))
        fixed = Fixed(event, cost, order.terms.currency.price4(raw.unit_price), line.given_ids)
        lines[line.id] = replace(line, fixed=(*line.fixed, fixed)).with_changes(line.changes)
    return replace(order, lines=lines)


def without_change(order: Order, undone: str) -> Order:
    """Undo an event, whether it has arrived already or arrives later."""
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
    if (taken, voids) != (line.taken, line.voids):
        line = replace(line, taken=taken, voids=voids)
    return without_event(line, undone)


def lines_moved(order: Order, event: Event, data: LinesMoved) -> Order:
    """Move lines to this order or away from it. Lines that come to a tab are saved on it."""
    if data.to_session is not None:
        order = _moved_away(order, Move(event.id, data.to_session, event.by_till), data.line_ids)
    lines = dict(order.lines)
    for raw in data.lines:
        line = _merged(lines.get(raw.line_id) or _placeholder(order, raw.line_id), raw, raw.till, event.at)
        known = {one.event for one in line.taken} | order.undone
        taken = tuple(TakenOff(one, pieces) for one, pieces in raw.taken_off.items() if one not in known)
        taken += tuple(TakenOff(one, pieces, cut=True) for one, pieces in raw.cut_off.items() if one not in known)
        sent = line.sent or order.status is Status.ASSIGNED_TO_TAB
        # its tickets follow it: those that it left here, if it comes back, are among them
        lines[line.id] = returned(replace(line, taken=(*taken, *line.taken), moved=False, sent=sent))
    order = replace(order, lines=lines)
    if data.from_session is not None:
        origins = dict.fromkeys((raw.line_id for raw in data.lines), data.from_session)
        moves = {line_id: move for line_id, move in order.moved.items() if line_id not in origins}
        order = replace(order, came_from={**order.came_from, **origins}, moved=moves)
    for discount in data.discounts:
        order = _with_discount(order, _discount(order, discount, discount.event))
    return _fix(order, event.id, data.amounts) if data.amounts else order


def lines_withdrawn(order: Order, event: Event, data: LinesWithdrawn) -> Order:
    """Move away lines that the server found in another order."""
    return _moved_away(order, Move(event.id, data.to_session, event.by_till), data.line_ids)


def _moved_away(order: Order, move: Move, line_ids: Iterable[str]) -> Order:
    new_moves = {line_id: move for line_id in line_ids if line_id not in order.moved}
    moved_lines = {line_id: replace(line, moved=True) for line_id in new_moves if (line := order.lines.get(line_id))}
    return replace(order, moved={**order.moved, **new_moves}, lines={**order.lines, **moved_lines})


#: The step for each event type that changes lines.
STEPS: Final[Mapping[type[EventData], Callable[[Order, Event, Any], Order]]] = {
    ItemAdded: item_added,
    QuantityChanged: quantity_changed,
    LineVoided: line_voided,
    LineNoted: line_noted,
    ModifiersSet: modifiers_set,
    LineSeated: line_seated,
    LineRated: line_rated,
    LineTypeSet: line_type_set,
    CourseFired: course_fired,
    PriceOverridden: price_overridden,
    DiscountApplied: discount_applied,
    AmountsFixed: amounts_fixed,
}
