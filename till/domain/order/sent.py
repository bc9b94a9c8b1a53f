"""Sent lines, on a tab or a ticket of the kitchen. Taking them off needs a right and is reported separately."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from till.domain.events.envelope import Draft
from till.domain.money.measures import Minor, sum_of
from till.domain.order.events import LineVoided, OrderDiscarded, QuantityChanged, RemovalExplained, Removed
from till.domain.staff.rights import Permission, PermissionRequest

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from till.domain.events.envelope import Event
    from till.domain.events.registry import EventData
    from till.domain.order.line import Line
    from till.domain.order.state import Order

#: The types that take pieces off, each with what it `removed`: `warm.kinds_removing` in SQL.
REMOVING: Final[frozenset[type[EventData]]] = frozenset({LineVoided, QuantityChanged, OrderDiscarded})


def sent_asked(order: Order, drafts: Iterable[Draft]) -> PermissionRequest | None:
    """Return the right needed to take sent pieces off, for their amount; None if no sent piece is taken off.

    Args:
        order: the order.
        drafts: the events to write.
    """
    amounts = [taken_off(order, draft.data) for draft in drafts if any(one.sent for one in removed_by(draft.data))]
    return PermissionRequest(Permission.VOID_SENT, sum_of(amounts)) if amounts else None


def explain_removal(made: Sequence[Event], reason: str) -> list[Draft]:
    """Record why sent pieces were taken off; no event without any among the events made, or without a reason."""
    off = [one for one in made if isinstance(one.data, QuantityChanged) and any(x.sent for x in removed_by(one.data))]
    if not off or not reason:
        return []
    data = RemovalExplained(events=tuple(one.id for one in off), reason=reason)
    return [Draft(data, off[0].stream_id)]


def cheaper_asked(before: Order, after: Order) -> PermissionRequest | None:
    """Return the right needed where the sent lines of an order come to less than before; None if they do not."""
    less = _sent_amount(before) - _sent_amount(after)
    return PermissionRequest(Permission.VOID_SENT, Minor(less)) if less > 0 else None


def order_type_asked(before: Order, after: Order) -> PermissionRequest | None:
    """Return the right needed where another order type takes price or service charge off sent lines; None if not.

    Less tax needs none.
    """
    less = _sent_amount(before) + _charge(before) - _sent_amount(after) - _charge(after)
    is_sent = any(line.is_sent and line.quantity for line in before.lines.values())
    return PermissionRequest(Permission.VOID_SENT, Minor(less)) if is_sent and less > 0 else None


def _charge(order: Order) -> int:
    charge = order.priced.charge
    return 0 if charge is None else charge.taxed.gross


def _sent_amount(order: Order) -> int:
    return sum(line.amount_of(line.quantity) for line in order.lines.values() if line.is_sent)


def removed_by(data: EventData) -> tuple[Removed, ...]:
    """Return the pieces that an event took off."""
    match data:
        case LineVoided(removed=Removed() as one) | QuantityChanged(removed=Removed() as one):
            return (one,)
        case OrderDiscarded(removed=several):
            return several
        case _:
            return ()


def taken_off(order: Order, data: EventData) -> Minor:
    """Return the amount that an event took off: of pieces at their keyed price, of a cleared order its total."""
    if isinstance(data, OrderDiscarded):
        return order.total
    return sum_of(order.terms.currency.minor(one.amount) for one in removed_by(data))


def removal_record(line: Line, pieces: int) -> Removed:
    """Return the record of pieces taken off a line. The amount has the sign of the line."""
    amount = line.terms.currency.text(line.amount_of(pieces))
    return Removed(item_name=line.name, pieces=pieces, amount=amount, sent=line.is_sent)
