"""What another till keyed into an order that goes on here: its lines join by themselves, and are told (design §7)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from till.domain.order import Status

if TYPE_CHECKING:
    from collections.abc import Mapping

    from till.domain.order import Order


def joined(before: Order, after: Order | None, till: int) -> Mapping[int, Mapping[str, int]]:
    """The pieces that came into an order, by the till that keyed them and the item's name, in the order's own order.

    Args:
        before: the order as it stood here.
        after: the same with the events that came; None when it does not read.
        till: this till. An order that it does not hold is told by who holds it.
    """
    if after is None or after.status is not Status.ACTIVE or after.till != till:
        return {}
    found: dict[int, dict[str, int]] = {}
    for line in after.lines.values():
        known = before.lines.get(line.id)
        more = line.quantity - (known.quantity if known else 0)
        whose = line.raised_by if known else line.keyed_by
        if more > 0 and whose not in {None, till}:
            pieces = found.setdefault(whose or 0, {})
            pieces[line.name] = pieces.get(line.name, 0) + more
    return found
