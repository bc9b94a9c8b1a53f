"""What tills that were apart did to one order: lines that came into it or left it are told line by line (design §7)."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeGuard

from till.domain.order.cutting import cut_from
from till.domain.order.events import OrderPlaced
from till.domain.order.evolve import fold
from till.domain.order.state import Status

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from till.domain.events.envelope import Event
    from till.domain.order.line import Line
    from till.domain.order.state import Order


def joined(before: Order, after: Order | None, till: int) -> Mapping[int, Mapping[str, int]]:
    """The pieces that came into an order, by the till that keyed or moved them and by the item's name.

    Args:
        before: the order as it stood here.
        after: the same with the events that came; None when it does not read.
        till: this till. An order that it does not hold is told by who holds it.
    """
    if not _goes_on(after, till):
        return {}
    found: dict[int, dict[str, int]] = {}
    known = {part.id for parts in _parts(before, after).values() for part in parts}
    for line in after.lines.values():
        came_by = after.brought.get(line.id, line.keyed_by)
        if line.id not in known and line.quantity > 0 and came_by is not None and came_by != till:
            _count(found.setdefault(came_by, {}), line, line.quantity)
    return found


def moved_away(before: Order, after: Order | None, till: int) -> Mapping[tuple[int, str], Mapping[str, int]]:
    """The pieces that other tills moved away, by till and where they went to, and by the item's name. As `joined`."""
    if not _goes_on(after, till):
        return {}
    found: dict[tuple[int, str], dict[str, int]] = {}
    for parts in _parts(before, after).values():
        for line in parts:
            move = after.moved.get(line.id)
            if move is not None and move.till != till and line.id not in before.moved and line.pieces:
                _count(found.setdefault((move.till, move.to_session), {}), line, abs(line.pieces))
    return found


def taken_off(before: Order, after: Order | None, till: int) -> Mapping[str, int]:
    """The pieces that another till took off an order which goes on here, by the item's name. As `joined`."""
    if not _goes_on(after, till):
        return {}
    found: dict[str, int] = {}
    for line_id, parts in _parts(before, after).items():
        less = abs(before.lines[line_id].quantity) - sum(abs(line.pieces) for line in parts)
        if less > 0:
            _count(found, before.lines[line_id], less)
    return found


def brought_back(before: Order, after: Order | None, till: int) -> Mapping[str, int]:
    """The pieces that had been taken off an order, and that another till brought back. As `joined`."""
    if not _goes_on(after, till):
        return {}
    found: dict[str, int] = {}
    for line in after.lines.values():
        known = before.lines.get(line.id)
        more = abs(line.quantity) - abs(known.quantity) if known else 0
        if more > 0:
            _count(found, line, more)
    return found


def overdrawn(before: Order, after: Order | None, till: int) -> tuple[str, ...]:
    """The items of which two tills took the same pieces off, so that none are left. As `joined`."""
    if not _goes_on(after, till):
        return ()
    return tuple(
        line.name
        for line in after.lines.values()
        if line.is_overdrawn and not line.voids and (old := before.lines.get(line.id)) and not old.is_overdrawn
    )


def _parts(before: Order, after: Order) -> dict[str, list[Line]]:
    """Of each line that was there before what it is now: itself, and what was cut from it since, wherever that went."""
    left = cut_from(after)
    found: dict[str, list[Line]] = {}
    for line in after.lines.values():
        first: Line | None = line
        while first is not None and first.id not in before.lines:
            first = after.lines.get(left.get(first.cut_by or "", ""))
        if first is not None:
            found.setdefault(first.id, []).append(line)
    return found


def _goes_on(after: Order | None, till: int) -> TypeGuard[Order]:
    return after is not None and after.status is Status.ACTIVE and after.till == till


def _count(pieces: dict[str, int], line: Line, quantity: int) -> None:
    pieces[line.name] = pieces.get(line.name, 0) + quantity


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
        before = fold([event for event in events if not isinstance(event.data, OrderPlaced)])
    return before is not None and before.status is Status.DISCARDED and before.discarded_by == till
