"""Pieces that leave a line for a new one: the step of a `line_cut`, and the decision.

What the pieces cost is shared to the unit: a line that was cut keeps the price of the pieces that it keeps, the new one
has the rest of what the whole came to. Discounts by amount are shared by pieces, and so are percentages that would not
add up.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from till.domain.errors import LineError, QuantityError
from till.domain.i18n import _
from till.domain.money.amount import spread
from till.domain.money.measures import Minor
from till.domain.order.events import LineCut
from till.domain.order.line import Discount, Line, TakenOff, alone, bearing_of
from till.domain.order.selling import check_open, event_of
from till.domain.structs import replace

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from till.domain.events.envelope import Draft, Event
    from till.domain.order.state import Order


def cut_line(order: Order, line_id: str, pieces: int, into: str, behind: int = 0) -> list[Draft]:
    """Let pieces of a line be a line of their own.

    Args:
        order: the order.
        line_id: the line that they leave.
        pieces: how many; fewer than there are.
        into: the id of the new line.
        behind: how many pieces of other lines of its row come before it.

    Raises:
        LineError: the line is void, moved, or there is none.
        QuantityError: there are not so many, or none would stay.
    """
    check_open(order)
    line = order.lines.get(line_id)
    if line is None or not line.quantity:
        raise LineError
    if not 1 <= pieces < abs(line.quantity):
        sentence = _("{name} has {count} pieces: fewer than that can leave it.")
        raise QuantityError(sentence.format(name=line.name, count=abs(line.quantity)))
    return [event_of(order, LineCut(line_id=line_id, into=into, quantity=pieces, behind=behind))]


def line_cut(order: Order, event: Event, data: LineCut) -> Order:
    """Pieces became a line of their own; who may go on with the line that they left may with this one."""
    line, known = order.lines.get(data.line_id), order.lines.get(data.into)
    if data.into in (data.line_id, *order.moved) or (known is not None and known.name):
        return order
    line = line or Line(data.line_id, order.terms)
    pieces = 0 if _is_settled(order, line.id) else min(data.quantity, abs(line.quantity))
    left, cut = parted(line, data, event.id, pieces)
    if known is not None:  # something was done to it by a till whose clock was behind
        cut = replace(cut, taken=(*cut.taken, *known.taken), voids=known.voids)
    lines = dict(order.lines)
    if pieces:
        lines[left.id] = left
    lines[cut.id] = cut
    brought = {**order.brought, cut.id: order.brought[line.id]} if line.id in order.brought else order.brought
    return replace(order, lines=lines, brought=brought)


def _is_settled(order: Order, line_id: str) -> bool:
    settled = order.settled
    return settled is not None and line_id in settled


def parted(line: Line, data: LineCut, event: str = "", pieces: int | None = None) -> tuple[Line, Line]:
    """A line without some of its pieces, and the new one that has them; what was wanted beyond is missing there.

    Args:
        line: as it was before.
        data: the cut.
        event: its event, where it is one already.
        pieces: how many were still there to be cut; all that are wanted, where that was looked at.
    """
    pieces = data.quantity if pieces is None else pieces
    sign = -1 if line.keyed < 0 else 1
    stays, wanted, place = abs(line.quantity) - pieces, data.quantity, line.after + data.behind
    left = replace(line, taken=(*line.taken, TakenOff(event, pieces, cut=True)))
    missing = (TakenOff(event, wanted - pieces, cut=True),) if wanted > pieces else ()
    cut = replace(
        line, id=data.into, keyed=sign * wanted, taken=missing, voids=(), moved=False, cut_by=event, after=place + stays
    )
    kept, gone = [], []
    for one in line.discounts if pieces else ():
        own, other = _shared(one, line, left, cut)
        kept.append(own)
        gone.append(other)
    if not pieces:
        return line, replace(cut, discounts=())
    return replace(left, discounts=tuple(kept)), replace(cut, discounts=tuple(gone))


def _shared(discount: Discount, line: Line, left: Line, cut: Line) -> tuple[Discount, Discount]:
    """A discount on both parts of a line: together it takes off what it took off the whole."""
    before, *bearing = [bearing_of(one, one.quantity, one.listed_of(one.quantity)) for one in (line, left, cut)]
    saved = sum(one.amount for one in line.row.saved)  # shared by a record of its own, in what is left by this
    off = discount.off_pieces(line, line.quantity)
    whole = off.of(Minor(before - saved))
    if off.amount is None and not saved and sum(off.of(one) for one in bearing) == whole:
        return discount._replace(line_id=left.id), discount._replace(line_id=cut.id)
    shares = spread(Minor(abs(whole)), [Minor(abs(left.quantity)), Minor(abs(cut.quantity))])
    shares = fitting(shares, [abs(one) for one in bearing])
    has_price = discount.rate is not None or discount.price is not None
    own, other = (
        discount._replace(
            line_id=one.id,
            rate=None,
            amount=share,
            pieces=abs(one.quantity) or None,
            price=(alone(one, abs(one.quantity)) or None) if has_price else None,
        )
        for one, share in zip((left, cut), shares, strict=True)
    )
    return own, other


def fitting(shares: Sequence[Minor], most: Sequence[int]) -> list[Minor]:
    """Two shares of which neither is more than its part costs: rounding may have made one dearer by a unit."""
    first = min(max(shares[0], sum(shares) - most[1]), most[0])
    return [Minor(first), Minor(sum(shares) - first)]


def cut_from(order: Order) -> dict[str, str]:
    """The lines that pieces were cut from, by the event of the cut.

    A new line of which some pieces were missing names the cut too: it was not cut from itself.
    """
    lines = order.lines.values()
    return {one.event: line.id for line in lines for one in line.taken if one.cut and one.event != line.cut_by}


def uncut(order: Order, known: Collection[str]) -> Order:
    """The order without the cuts that its end did not know of, which dealt with the lines in `known`.

    Their pieces are where they were: a cut that came too late cuts nothing.
    """
    parents = cut_from(order)
    lines = dict(order.lines)
    for cut in _newest_cuts(lines.values()):
        parent = parents.get(cut.cut_by or "")
        if parent is not None and cut.id not in known and _comes_from(parent, known, parents, lines):
            lines[parent], lines[cut.id] = _rejoined(lines[parent], lines[cut.id])
    return replace(order, lines=lines)


def _comes_from(line_id: str, known: Collection[str], parents: Mapping[str, str], lines: Mapping[str, Line]) -> bool:
    """Whether a line is known, or was cut from one that is."""
    line: Line | None = lines[line_id]
    while line is not None and line.id not in known and not line.moved:
        line = lines.get(parents.get(line.cut_by or "", ""))
    return line is not None and line.id in known


def _newest_cuts(lines: Iterable[Line]) -> list[Line]:
    cuts = [line for line in lines if line.cut_by is not None and line.quantity]
    return sorted(cuts, key=lambda line: line.cut_by or "", reverse=True)


def _rejoined(parent: Line, cut: Line) -> tuple[Line, Line]:
    """A line with the pieces again that were cut from it, and the one that they leave, which is empty."""
    event = cut.cut_by or ""
    taken = tuple(one for one in parent.taken if one.event != event)
    taken += tuple(one for one in cut.taken if one.event != event)
    shares = {one.id: one for one in cut.discounts if one.amount is not None}
    discounts = tuple(
        _sum(parent, one, shares[one.id]) if one.amount is not None and one.id in shares else one
        for one in parent.discounts
    )
    empty = replace(cut, taken=(TakenOff(event, abs(cut.keyed), cut=True),), discounts=())
    return replace(parent, taken=taken, discounts=discounts), empty


def _sum(line: Line, own: Discount, other: Discount) -> Discount:
    """A discount of which both parts of a line have an amount, as one."""
    amount, pieces = Minor((own.amount or 0) + (other.amount or 0)), (own.pieces or 0) + (other.pieces or 0)
    price = alone(line, pieces) if own.price is not None or other.price is not None else None
    return own._replace(amount=amount, pieces=pieces or None, price=price or None)
