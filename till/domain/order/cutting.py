"""Cuts: pieces that move from a line to a new line. The fold of `line_cut`, and the cost of pieces.

A cost is shared exactly: the parts add up to the whole, whatever happens to them later.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from till.domain.money.amount import spread
from till.domain.money.measures import Minor
from till.domain.money.promotion import Saved
from till.domain.order.facets import merged, parted, rejoined
from till.domain.order.line import Cost, Fixed, Line, TakenOff, bearing_of
from till.domain.structs import replace

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from till.domain.events.envelope import Event
    from till.domain.order.events import LineCut
    from till.domain.order.line import Row
    from till.domain.order.state import Order


def divide_cost(line: Line, whole: Cost, parts: Sequence[int]) -> list[Cost]:
    """Divide the cost of a line's pieces into parts. The reductions of a part never exceed its price."""
    sign = -1 if line.keyed < 0 else 1
    prices = spread(whole.price, parts)
    room = [abs(bearing_of(line, sign * pieces, price)) for pieces, price in zip(parts, prices, strict=True)]

    def take(amount: Minor) -> list[Minor]:
        shares = [min(share, most) for share, most in zip(spread(Minor(abs(amount)), parts), room, strict=True)]
        for place, share in enumerate(shares):
            shares[place] = min(share + abs(amount) - sum(shares), room[place])
            room[place] -= shares[place]
        return [Minor(sign * share) for share in shares]

    saved = [[Saved(one.name, share) for share in take(one.amount)] for one in whole.saved]
    off = take(whole.off)
    return [
        Cost(pieces, prices[place], tuple(one[place] for one in saved if one[place].amount), off[place])
        for place, pieces in enumerate(parts)
    ]


def costs_of(row: Row) -> list[Cost]:
    """Return the cost of each line of a row, including its share of the order's discounts."""
    saved = sum(one.amount for one in row.saved)
    whole = Cost(abs(row.quantity), row.listed, row.saved, Minor(row.discount - saved))
    return divide_cost(row.first, whole, [abs(line.quantity) for line in row.lines])


def cost_of(line: Line) -> Cost:
    """Return the cost of a line priced alone."""
    return costs_of(line.row)[0]


def line_cut(order: Order, event: Event, data: LineCut) -> Order:
    """Apply a cut: move pieces to a new line."""
    line, known = order.lines.get(data.line_id), order.lines.get(data.into)
    if data.into in (data.line_id, *order.moved) or (known is not None and known.name):
        return order
    line = line or Line(data.line_id, order.terms)
    pieces = 0 if _is_settled(order, line.id) else min(data.quantity, abs(line.quantity))
    left, cut = _parted(line, data, event.id, pieces)
    if known is not None:  # a till with a slow clock changed the new line: that event sorts before the cut
        cut = merged(replace(cut, taken=(*cut.taken, *known.taken), voids=known.voids), known)
    lines = dict(order.lines)
    if pieces:
        lines[left.id] = left
    lines[cut.id] = cut
    return replace(order, lines=lines)


def _is_settled(order: Order, line_id: str) -> bool:
    """True if the end of the order dealt with the line."""
    settled = order.settled
    return settled is not None and line_id in settled


def _parted(line: Line, data: LineCut, event: str, pieces: int) -> tuple[Line, Line]:
    """Return the line without the cut pieces, and the new line, which also records the missing pieces."""
    sign = -1 if line.keyed < 0 else 1
    missing = (TakenOff(event, data.quantity - pieces, cut=True),) if data.quantity > pieces else ()
    left, cut = parted(line, data, event, pieces)
    cut = replace(cut, id=data.into, keyed=sign * data.quantity, taken=missing, voids=(), moved=False, cut_by=event)
    left = replace(left, taken=(*line.taken, TakenOff(event, pieces, cut=True)))
    if not pieces or line.is_plain:
        return left if pieces else line, cut
    cost_left, cost_cut = divide_cost(line, cost_of(line), [abs(left.quantity), pieces])
    if cost_left.pieces:
        left = replace(left, fixed=(*line.fixed, Fixed(event, cost_left, line.unit_price4, line.given_ids)))
    return left, replace(cut, fixed=(Fixed(event, cost_cut, line.unit_price4, line.given_ids),))


def cut_from(order: Order) -> dict[str, str]:
    """Return the parent line of each cut, by the event of the cut.

    A new line with missing pieces also refers to its cut, but is not its own parent.
    """
    lines = order.lines.values()
    return {one.event: line.id for line in lines for one in line.taken if one.cut and one.event != line.cut_by}


def undo_late_cuts(order: Order, known: Collection[str]) -> Order:
    """Return the order without the cuts that arrived after its end. Their pieces return to the parent line.

    Args:
        order: the order.
        known: the lines that the end of the order dealt with.
    """
    parents = cut_from(order)
    lines = dict(order.lines)
    for cut in _newest_cuts(lines.values()):
        parent = parents.get(cut.cut_by or "")
        if parent is not None and cut.id not in known and _comes_from(parent, known, parents, lines):
            lines[parent], lines[cut.id] = _rejoined(lines[parent], lines[cut.id])
    return replace(order, lines=lines)


def _comes_from(line_id: str, known: Collection[str], parents: Mapping[str, str], lines: Mapping[str, Line]) -> bool:
    """True if a line is known, or was cut from a known line."""
    line: Line | None = lines[line_id]
    while line is not None and line.id not in known and not line.moved:
        line = lines.get(parents.get(line.cut_by or "", ""))
    return line is not None and line.id in known


def _newest_cuts(lines: Iterable[Line]) -> list[Line]:
    """Return the lines that were cut from others, newest first."""
    cuts = [line for line in lines if line.cut_by is not None and line.quantity]
    return sorted(cuts, key=lambda line: line.cut_by or "", reverse=True)


def _rejoined(parent: Line, cut: Line) -> tuple[Line, Line]:
    """Return the parent line with the pieces of a cut restored, and the emptied cut line."""
    event = cut.cut_by or ""
    taken = tuple(one for one in parent.taken if one.event != event)
    taken += tuple(one for one in cut.taken if one.event != event)
    fixed = tuple(one for one in parent.fixed if one.event != event)
    whole, empty = rejoined(parent, cut, event)
    empty = replace(empty, taken=(TakenOff(event, abs(cut.keyed), cut=True),))
    return replace(whole, taken=taken, fixed=fixed), empty
