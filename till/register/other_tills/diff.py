"""The changes of other tills to one order after a time offline, line by line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from till.domain.money.measures import Minor
from till.domain.order.cutting import cut_from
from till.domain.order.events import OrderPlaced
from till.domain.order.evolve import fold
from till.domain.order.state import Status
from till.domain.payment.movement import PaymentState

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from till.domain.events.envelope import Event
    from till.domain.order.line import Line
    from till.domain.order.state import Order

    _Parts = dict[str, list[Line]]


class Difference(Struct, frozen=True):
    """The changes of other tills to an order that is open here, in pieces by the item's name.

    Attributes:
        joined: added pieces, by the till that keyed them.
        taken_off: pieces that another till removed.
        brought_back: removed pieces that another till restored.
        overdrawn: the items whose last pieces two tills removed at the same time.
        paid: money that other tills took before they lost the order, by till.
    """

    joined: Mapping[int, Mapping[str, int]]
    taken_off: Mapping[str, int]
    brought_back: Mapping[str, int]
    overdrawn: tuple[str, ...]
    paid: Mapping[int, Minor]


def difference(before: Order, after: Order, till: int) -> Difference | None:
    """Return the changes of other tills to an order; None if another till holds it and reports them.

    Args:
        before: the order before.
        after: the order with the new events.
        till: this till.
    """
    if after.status is not Status.ACTIVE or after.till != till:
        return None
    parts = _parts(before, after)
    return Difference(
        _joined(parts, after, till),
        _taken_off(parts, before),
        _brought_back(before, after),
        _overdrawn(before, after),
        _paid(before, after, till),
    )


def _joined(parts: _Parts, after: Order, till: int) -> dict[int, dict[str, int]]:
    found: dict[int, dict[str, int]] = {}
    known = {part.id for own in parts.values() for part in own}
    for line in after.lines.values():
        by = line.keyed_by
        if line.id not in known and line.quantity > 0 and by is not None and by != till:
            _count(found.setdefault(by, {}), line, line.quantity)
    return found


def _taken_off(parts: _Parts, before: Order) -> dict[str, int]:
    found: dict[str, int] = {}
    for line_id, own in parts.items():
        less = abs(before.lines[line_id].quantity) - sum(abs(line.pieces) for line in own)
        if less > 0:
            _count(found, before.lines[line_id], less)
    return found


def _brought_back(before: Order, after: Order) -> dict[str, int]:
    found: dict[str, int] = {}
    for line in after.lines.values():
        known = before.lines.get(line.id)
        more = abs(line.quantity) - abs(known.quantity) if known else 0
        if more > 0:
            _count(found, line, more)
    return found


def _overdrawn(before: Order, after: Order) -> tuple[str, ...]:
    return tuple(
        line.name
        for line in after.lines.values()
        if line.is_overdrawn and not line.voids and (old := before.lines.get(line.id)) and not old.is_overdrawn
    )


def _paid(before: Order, after: Order, till: int) -> dict[int, Minor]:
    found: dict[int, Minor] = {}
    for payment in after.payments.values():
        known, is_taken = before.payments.get(payment.id), payment.state is PaymentState.APPROVED
        if is_taken and payment.till != till and (known is None or known.state is not PaymentState.APPROVED):
            found[payment.till] = Minor(found.get(payment.till, 0) + payment.settles)
    return found


def _parts(before: Order, after: Order) -> _Parts:
    """Return the present lines of each earlier line: itself and all its cuts."""
    left = cut_from(after)
    found: _Parts = {}
    for line in after.lines.values():
        first: Line | None = line
        while first is not None and first.id not in before.lines:
            first = after.lines.get(left.get(first.cut_by or "", ""))
        if first is not None:
            found.setdefault(first.id, []).append(line)
    return found


def _count(pieces: dict[str, int], line: Line, quantity: int) -> None:
    pieces[line.name] = pieces.get(line.name, 0) + quantity


def paid_after_all(before: Order | None, after: Order | None, events: Sequence[Event], till: int) -> bool:
    """True if an order that was cleared at this till is paid elsewhere: a payment wins over any status.

    Args:
        before: the order before; None if it is not in memory.
        after: the order with the new events.
        events: all events of the order.
        till: this till.
    """
    if after is None or after.placed is None or after.placed.till == till:
        return False
    if before is None:
        before = fold([event for event in events if not isinstance(event.data, OrderPlaced)])
    return before is not None and before.status is Status.DISCARDED and before.discarded_by == till
