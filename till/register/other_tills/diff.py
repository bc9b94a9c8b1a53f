"""What tills that were apart did to one order: lines that came into it or left it are told line by line (design §7)."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeGuard

from till.domain.events.envelope import EventType
from till.domain.order.evolve import fold
from till.domain.order.state import Status

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from till.domain.events.envelope import Event
    from till.domain.order.line import Line
    from till.domain.order.state import Order


def joined(before: Order, after: Order | None, till: int) -> Mapping[int, Mapping[str, int]]:
    """The pieces that came into an order, by the till that keyed them and the item's name, in the order's own order.

    Args:
        before: the order as it stood here.
        after: the same with the events that came; None when it does not read.
        till: this till. An order that it does not hold is told by who holds it.
    """
    if not _goes_on(after, till):
        return {}
    found: dict[int, dict[str, int]] = {}
    for line in after.lines.values():
        known = before.lines.get(line.id)
        more = line.quantity - (known.quantity if known else 0)
        whose = line.raised_by if known else line.keyed_by
        if more > 0 and whose not in {None, till}:
            _count(found.setdefault(whose or 0, {}), line, more)
    return found


def cancelled(before: Order, after: Order | None, till: int) -> Mapping[int, Mapping[str, int]]:
    """The pieces that another till added to a line which is void here: a void wins over any quantity. As `joined`."""
    if not _goes_on(after, till):
        return {}
    found: dict[int, dict[str, int]] = {}
    for line in after.lines.values():
        known = before.lines.get(line.id)
        more = line.shown_quantity - known.shown_quantity if known else 0
        if known is not None and known.void and more > 0 and line.raised_by not in {None, till}:
            _count(found.setdefault(line.raised_by or 0, {}), line, more)
    return found


def taken_off(before: Order, after: Order | None, till: int) -> Mapping[str, int]:
    """The pieces that another till took off an order which goes on here, by the item's name. As `joined`."""
    if not _goes_on(after, till):
        return {}
    found: dict[str, int] = {}
    for line in after.lines.values():
        known = before.lines.get(line.id)
        less = known.quantity - line.quantity - (line.away - known.away) if known else 0
        if less > 0:
            _count(found, line, less)
    return found


def _goes_on(after: Order | None, till: int) -> TypeGuard[Order]:
    return after is not None and after.status is Status.ACTIVE and after.till == till


def _count(pieces: dict[str, int], line: Line, quantity: int) -> None:
    pieces[line.name] = pieces.get(line.name, 0) + quantity


def parted(before: Order, after: Order | None, till: int) -> Mapping[int, Mapping[str, int]]:
    """The pieces that left an order which goes on here, by the till that carries them on and the item's name.

    That till had put the order on a tab, apart, and recalled it from there.

    Args:
        before: the order as it stood here.
        after: the same with the events that came; None when it does not read.
        till: this till. An order that it does not hold is told by who holds it.
    """
    if not _goes_on(after, till):
        return {}
    found: dict[int, dict[str, int]] = {}
    for move in after.moves.values():
        if move.late or move.to_session in before.moves:
            continue
        pieces = found.setdefault(move.till, {})
        for line_id, quantity in move.quantities.items():
            line = before.lines.get(line_id)
            if line is not None and line.quantity:
                _count(pieces, line, quantity)
    return {to: pieces for to, pieces in found.items() if pieces}


def goes_on_elsewhere(before: Order, after: Order | None) -> bool:
    """Whether an order whose tab was recalled here turns out to go on: another till had taken it, and keyed on it."""
    return before.is_over and after is not None and after.is_open and not after.is_empty


def paid_after_all(before: Order | None, after: Order | None, events: Sequence[Event], till: int) -> bool:
    """Whether an order that was cleared at this till turns out to be paid: the money wins over any status.

    Args:
        before: the order as it stood here; None when nobody has looked at it for long.
        after: the same with the events that came.
        events: all of them.
        till: this till.
    """
    if after is None or after.placed is None or after.placed.till == till:
        return False
    if before is None:
        before = fold([event for event in events if event.type != EventType.ORDER_PLACED])
    return before is not None and before.status is Status.DISCARDED and before.discarded_by == till
