"""What tills that were apart did to one order: lines that came into it or left it are told line by line (design §7)."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeGuard

from till.domain.order.events import OrderPlaced
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
        if line.id not in before.lines and line.quantity > 0 and line.keyed_by not in {None, till}:
            _count(found.setdefault(line.keyed_by or 0, {}), line, line.quantity)
    return found


def taken_off(before: Order, after: Order | None, till: int) -> Mapping[str, int]:
    """The pieces that another till took off an order which goes on here, by the item's name. As `joined`."""
    if not _goes_on(after, till):
        return {}
    found: dict[str, int] = {}
    for line in after.lines.values():
        known = before.lines.get(line.id)
        less = abs(known.quantity) - abs(line.quantity) if known and not line.moved else 0
        if less > 0:
            _count(found, line, less)
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
