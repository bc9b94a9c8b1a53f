"""Decisions that move whole lines between orders. Each of the two orders has an event for it."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Final

from till.domain.errors import LineError, PaymentError, QuantityError
from till.domain.events.envelope import Draft
from till.domain.i18n import _
from till.domain.money.amount import spread
from till.domain.money.measures import NOTHING, Minor
from till.domain.order import by_items
from till.domain.order.cutting import costs_of
from till.domain.order.deciding import check_active, check_paying, event_of
from till.domain.order.events import (
    AmountsFixed,
    ChangeUndone,
    DiscountApplied,
    LineAmounts,
    LineCut,
    LinesCopied,
    LinesMoved,
    LinesWithdrawn,
    LineTypeSet,
    OrderDiscarded,
    OrderTypeSet,
    Saving,
)
from till.domain.order.facets import carry_facets, moved_discount
from till.domain.order.facts import parted_facts
from till.domain.order.line import alone
from till.domain.order.line_records import moved_line_record
from till.domain.order.selling import open_order
from till.domain.structs import replace
from till.domain.text import clean

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

    from till.domain.events.registry import EventData
    from till.domain.order.line import Cost, Discount, Line, Row
    from till.domain.order.state import Order

#: The types by which lines change their order: `warm.kinds_moving` in SQL.
MOVING: Final[frozenset[type[EventData]]] = frozenset({LinesMoved, LinesCopied, LinesWithdrawn})


def carry_lines(order: Order, session_id: str, line_ids: Iterable[str], *, as_keyed: bool = False) -> list[Draft]:
    """Return the drafts that add an order's lines, with their facets, to another session.

    Args:
        order: the order of the lines.
        session_id: the session to add them to.
        line_ids: the lines.
        as_keyed: True if the lines cost there what they would cost if they were keyed there.
    """
    lines = [order.lines[line_id] for line_id in line_ids]
    fixed = [line.id for line in lines if line.quantity and not (line.is_plain or as_keyed)]
    costs = _costs(replace(order, given=()), fixed)
    data = LinesMoved(
        from_session=order.id,
        lines=tuple(moved_line_record(line) for line in lines),
        discounts=tuple(moved_discount(discount, order.terms) for line in lines for discount in line.discounts),
        amounts=tuple(_amounts(order.lines[line_id], cost) for line_id, cost in costs.items()),
    )
    return [Draft(data, session_id), *carry_facets(lines, session_id)]


def _costs(order: Order, line_ids: Collection[str]) -> dict[str, Cost]:
    """Return the cost of each line."""
    return {
        line.id: cost
        for row in order.priced.rows
        if any(line.id in line_ids for line in row.lines)
        for line, cost in zip(row.lines, costs_of(row), strict=True)
        if line.id in line_ids
    }


def _amounts(line: Line, cost: Cost) -> LineAmounts:
    text = line.terms.currency.text
    return LineAmounts(
        line_id=line.id,
        pieces=cost.pieces,
        unit_price=line.terms.currency.price_text(line.unit_price4),
        price=text(cost.price),
        saved=tuple(Saving(name=one.name, amount=text(one.amount)) for one in cost.saved),
        off=text(Minor(abs(cost.off))),
    )


def fix_amounts(order: Order, leaving: Collection[str] = ()) -> list[Draft]:
    """Fix the cost of lines before lines or pieces leave or join the order.

    A discount on the whole order becomes an amount on each line, beside the line's own discount. Fixes rows with a
    leaving line, and rows of a promotion on several pieces that loses a piece, except lines that cost their plain price
    on any order.
    """
    leaving = set(leaving)
    is_lot_broken = any(
        _is_priced_with_others(row) and not leaving.isdisjoint(row.line_ids) for row in order.priced.rows
    )
    fixed = [
        line
        for row in order.priced.rows
        if order.given or (is_lot_broken and _is_priced_with_others(row)) or not leaving.isdisjoint(row.line_ids)
        for line in row.lines
        if order.given or not line.is_plain
    ]
    costs = _costs(order, {line.id for line in fixed})
    amounts = tuple(_amounts(line, costs[line.id]) for line in fixed)
    return [*_shared(order, costs), *([event_of(order, AmountsFixed(lines=amounts))] if amounts else [])]


def whole(order: Order, line_ids: Iterable[str]) -> dict[str, int]:
    """Return the number of pieces of each of these lines that is on the order."""
    return {one: abs(order.lines[one].quantity) for one in line_ids if one in order.lines}


def _is_priced_with_others(row: Row) -> bool:
    """True if a promotion on several pieces prices the row together with others."""
    return not row.first.fixed and any(offer.is_of_several for offer in row.first.all_offers)


def _shares(order: Order, costs: Mapping[str, Cost]) -> Iterator[DiscountApplied]:
    """Yield the share of each line in each discount on the whole order. They add up to the discount exactly."""
    so_far = [replace(order, given=order.given[:place]).priced.rows for place in range(len(order.given) + 1)]
    for rows in zip(*so_far, strict=True):
        parts = [rows[0].own, *(Minor(more.amount - less.amount) for more, less in pairwise(rows))]
        for line in rows[0].lines:
            if line.id in costs:
                shares = spread(costs[line.id].off, parts)
                parts = [Minor(part - share) for part, share in zip(parts, shares, strict=True)]
                yield from (
                    _share(order, line, given, costs[line.id].pieces, share)
                    for given, share in zip(order.given, shares[1:], strict=True)
                    if share
                )


def _share(order: Order, line: Line, given: Discount, pieces: int, share: Minor) -> DiscountApplied:
    text = order.terms.currency.text
    applies_to_any_price = given.name and given.amount is not None  # a named amount of the venue applies to any price
    price = NOTHING if applies_to_any_price else alone(line, pieces)
    return DiscountApplied(
        line_id=line.id,
        amount=text(Minor(abs(share))),
        kind=given.kind,
        name=given.name,
        reason=given.reason,
        pieces=pieces,
        price=text(price) if price else None,
        share_of=given.id,
    )


def move_away(order: Order, session_id: str, line_ids: Iterable[str]) -> Draft:
    """Return the draft that moves lines of an order away to another session."""
    return event_of(order, LinesMoved(to_session=session_id, line_ids=tuple(line_ids)))


def cut(order: Order, taken: Mapping[str, int], new_ids: Mapping[str, str]) -> list[Draft]:
    """Cut pieces off lines into new lines, before they leave the order.

    Args:
        order: the order, with its amounts fixed (`fix_amounts`).
        taken: the number of pieces to cut off each line, fewer than the line has.
        new_ids: the id of the new line for each line.
    """
    check_movable(order)
    drafts = []
    for line_id, pieces in taken.items():
        line = order.lines.get(line_id)
        if line is None or not line.quantity:
            raise LineError
        if not 1 <= pieces < abs(line.quantity):
            sentence = _("{name} has {count} pieces: take fewer than that.")
            raise QuantityError(sentence.format(name=line.name, count=abs(line.quantity)))
        by_items.check_removable(order, {line_id: pieces})
        drafts.append(event_of(order, LineCut(line_id=line_id, into=new_ids[line_id], quantity=pieces)))
    return drafts


def pieces_named(order: Order, name: str, pieces: int | None) -> dict[str, int]:
    """Return the pieces of each line that match a name. Lines keyed first are taken first.

    Args:
        order: the order.
        name: the name of an item, or a part of it.
        pieces: the number of pieces; None for all.
    """
    wanted = name.casefold()
    lines = [line for line in order.lines.values() if line.quantity > 0]
    fits = [line for line in lines if line.name.casefold() == wanted] or [
        line for line in lines if wanted in line.name.casefold()
    ]
    kinds = dict.fromkeys(line.name for line in fits)
    if not kinds:
        raise LineError(_("There is no {name} there.").format(name=name))
    if len(kinds) > 1:
        raise LineError(_("{names}: which one? Type the whole name.").format(names=", ".join(kinds)))
    available = sum(line.quantity for line in fits)
    left = available if pieces is None else pieces
    if not 0 < left <= available:
        raise QuantityError(_("There are {count} × {name} there.").format(count=available, name=next(iter(kinds))))
    if left == sum(line.quantity for line in lines):
        raise LineError(_("That is all of it: merge it instead."))
    taken: dict[str, int] = {}
    for line in fits:
        if (part := min(left, line.quantity)) > 0:
            taken[line.id] = part
            left -= part
    return taken


def check_movable(order: Order) -> None:
    """Refuse to move lines of an order that is neither active nor on a tab, or is being paid."""
    if order.tab is None or order.is_over:
        check_active(order)
    check_paying(order)


def check_apart(order: Order, into: Order) -> None:
    """Refuse to move lines between two orders during a payment, or if the prices would change."""
    for one in (order, into):
        check_movable(one)
    if order.id == into.id:
        raise LineError
    if (order.terms.currency, order.terms.included) != (into.terms.currency, into.terms.included):
        raise LineError(_("Their tax settings differ: pay each one separately."))


def check_no_copy(order: Order, into: Order) -> None:
    """Refuse to merge a tab and its copy (rung up again) while an item is on both: the guest would pay for it twice."""
    if any(one.again is not None and one.again.session == other.id for one, other in ((order, into), (into, order))):
        item_ids = {line.item_id for line in into.lines.values() if line.quantity}
        twice = next((line for line in order.lines.values() if line.quantity and line.item_id in item_ids), None)
        if twice is not None:
            raise LineError(_("{name} was rung again: void it on one of the two first.").format(name=clean(twice.name)))


def emptied_and_kept(order: Order, into: Order) -> tuple[Order, Order]:
    """Return the order to empty in a merge, and the order to keep: the one with payments, if one has any."""
    if order.last_taken is None:
        return order, into
    if into.last_taken is not None:
        raise PaymentError(_("Both have paid in part: let one pay, or refund one part."))
    return into, order


def check_money_stays(order: Order, money: Callable[[Minor], str] | None = None) -> None:
    """Refuse to move lines off an order if the payments exceed the rest; `money` as in `paid_sentence`."""
    if order.paid > max(order.total, 0) or order.paid < min(order.total, 0):
        paid = (money or order.terms.currency.money)(order.paid)
        sentence = _("{paid} is paid, more than stays. Pay it, or refund first.")
        raise PaymentError(sentence.format(paid=paid))


def is_just_keyed(order: Order, into: Order) -> bool:
    """True if an order is a new round for a tab at most: it is on no tab, and has no payments and no fixed costs.

    There its lines count for promotions and discounts as if they were keyed there. If both have a discount within a
    limit, it keeps its cost: together they could exceed that.
    """
    lines = [line for line in order.lines.values() if line.quantity]
    own = [*order.given, *(one for line in lines for one in line.discounts)]
    are_limited = all(any(one.is_limited for one in discounts) for discounts in (own, into.given))
    return order.tab is None and not (order.has_money or are_limited or any(line.fixed for line in lines))


def follows_table(order: Order) -> bool:
    """True if an order has the type of a table that it is added to: a new round on no tab, whose type nobody chose.

    Lines that had their type elsewhere keep it: a part that was split off, late lines, a copy, a program's order.
    """
    is_new = order.from_session is None and order.again is None and order.submitted is None
    return is_new and order.tab is None and not (order.has_money or order.is_type_chosen)


def keep_types(order: Order, line_ids: Iterable[str], order_type: str, session_id: str) -> list[Draft]:
    """Return the drafts by which lines keep the type of their order, where another would change their tax or price.

    Args:
        order: the order as the lines were keyed.
        line_ids: the lines.
        order_type: the type of the order that has them from now on.
        session_id: the id of that order.
    """
    lines = [order.lines[one] for one in line_ids]
    parted = [line for line in lines if line.quantity and not line.own_type and _is_parted(line, order_type)]
    return [Draft(LineTypeSet(line_id=line.id, order_type=order.order_type), session_id) for line in parted]


def take_type(order: Order, order_type: str) -> list[Draft]:
    """Return the drafts by which an order gets the type of the table that it goes on; its lines keep theirs."""
    if order.order_type == order_type:
        return []
    return [*keep_types(order, order.lines, order_type, order.id), event_of(order, OrderTypeSet(order_type=order_type))]


def _is_parted(line: Line, order_type: str) -> bool:
    """True if a line has another tax or price on an order of a type."""
    there = line.rated(order_type=order_type) if line.by_type else line
    return (there.taxes, there.price4) != (line.taxes, line.price4)


def share_discounts(order: Order) -> list[Draft]:
    """Turn the discounts on the whole order into an amount on each line."""
    return _shared(order, _costs(order, order.lines)) if order.given else []


def _shared(order: Order, costs: Mapping[str, Cost]) -> list[Draft]:
    given = [event_of(order, share) for share in _shares(order, costs)]
    return [*given, *(event_of(order, ChangeUndone(event=one.id)) for one in order.given)]


def join(order: Order, into: str, reason: str, *, as_keyed: bool = False) -> list[Draft]:
    """Move all lines of an open order without payments to another one, and clear it.

    Args:
        order: the order to empty.
        into: the order that gets the lines.
        reason: the reason for clearing the order.
        as_keyed: see `carry_lines`.
    """
    line_ids = [line.id for line in order.lines.values() if line.quantity]
    return [
        *carry_lines(order, into, line_ids, as_keyed=as_keyed),
        move_away(order, into, line_ids),
        event_of(order, OrderDiscarded(line_ids=(), reason=reason)),
    ]


def split(order: Order, line_ids: Sequence[str], session_id: str) -> list[Draft]:
    """Move lines of an open order to a new order of the same user, with the facts that both have."""
    opened = open_order(session_id, order.user, order.terms, order.order_type, from_session=order.id)
    return [opened, *parted_facts(order, session_id), *move_lines(order, line_ids, session_id)]


def move_lines(order: Order, line_ids: Sequence[str], session_id: str) -> list[Draft]:
    """Move some lines of an order to another order that is already open.

    Raises:
        OrderClosedError: the order is suspended, paid or cleared.
        PaymentError: a payment is under way, or pieces of the lines are paid.
        LineError: a line is not on the order, no line would be left, or the order has a discount on the whole.
    """
    check_movable(order)
    if order.given:
        raise LineError(_("A discount on the order cannot be moved. Pay it separately."))
    leaving = frozenset(line_ids)
    remaining = [line for line in order.lines.values() if line.quantity and line.id not in leaving]
    if not line_ids or not remaining or any(not order.lines[one].quantity for one in line_ids if one in order.lines):
        raise LineError
    if any(one not in order.lines for one in line_ids):
        raise LineError
    by_items.check_removable(order, whole(order, line_ids))
    return [
        *carry_lines(order, session_id, line_ids),
        move_away(order, session_id, line_ids),
    ]
