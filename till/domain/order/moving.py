"""Whole lines that go from one order to another: each of the two has an event of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from till.domain.errors import LineError, PaymentError
from till.domain.events.envelope import Draft
from till.domain.i18n import _
from till.domain.money.measures import Price4
from till.domain.order.events import LineNoted, LinesMoved, MovedDiscount, OrderDiscarded
from till.domain.order.line import moved
from till.domain.order.selling import check_not_empty, check_open, event_of, open_order, with_wish

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from till.domain.order.line import Discount, Line, LineNote, Terms
    from till.domain.order.state import Order


def carry_lines(order: Order, session_id: str, line_ids: Iterable[str], *, late: bool) -> list[Draft]:
    """The lines of an order, in the session that carries them from now on; what was given on them goes along.

    Args:
        order: where they were keyed.
        session_id: the session that carries them.
        line_ids: which.
        late: whether they came too late for the end of the order.
    """
    lines = [order.lines[line_id] for line_id in line_ids]
    discounts = tuple(moved_discount(discount, order.terms) for line in lines for discount in line.discounts)
    data = LinesMoved(from_session=order.id, lines=tuple(moved(line) for line in lines), discounts=discounts, late=late)
    noted = [carry_note(line, line.noted, session_id) for line in lines if line.noted]
    return [Draft(data, session_id), *noted]


def carry_note(line: Line, note: LineNote, session_id: str) -> Draft:
    """What is wished of a line, in the session that carries it: its words stand beside a record of that one."""
    return Draft(LineNoted(line_id=line.id, note=note.words, follows=note.event), session_id)


def moved_discount(discount: Discount, terms: Terms) -> MovedDiscount:
    """The record of a discount that goes with its line."""
    currency = terms.currency
    return MovedDiscount(
        event=discount.id,
        line_id=discount.line_id or "",
        percent=None if discount.rate is None else currency.price_text(Price4(discount.rate)),
        amount=None if discount.amount is None else currency.text(discount.amount),
    )


def move_away(order: Order, session_id: str, line_ids: Iterable[str], *, late: bool) -> Draft:
    """That another session carries lines of an order."""
    return event_of(order, LinesMoved(to_session=session_id, line_ids=tuple(line_ids), late=late))


def join(order: Order, into: str, reason: str) -> list[Draft]:
    """Move all lines of an open order to another one, whoever has that; this one is cleared then.

    What is to be known of the whole order goes along, as a wish of its first line.

    Args:
        order: the order that the lines leave.
        into: the order that carries them from now on.
        reason: why it is cleared.

    Raises:
        PaymentError: money was taken on it.
        EmptyOrderError: there is no line on it.
    """
    check_open(order)
    check_not_empty(order)
    if order.paid:
        raise PaymentError(_("This order is paid in part. Take the rest, then it is done."))
    if order.given:
        raise LineError(_("A discount on the whole order cannot be moved. Pay this order by itself."))
    line_ids = [line.id for line in order.lines.values() if line.quantity]
    drafts = carry_lines(order, into, line_ids, late=False)
    if order.note:
        first = order.lines[line_ids[0]]
        drafts.append(Draft(LineNoted(line_id=first.id, note=with_wish(first.note, order.note)), into))
    cleared = OrderDiscarded(line_ids=(), reason=reason)
    return [*drafts, move_away(order, into, line_ids, late=False), event_of(order, cleared)]


def split(order: Order, line_ids: Sequence[str], session_id: str) -> list[Draft]:
    """Take lines off an open order into a new one of the same user.

    Raises:
        LineError: one of them is not on the order, or none is left on it.
    """
    check_open(order)
    staying = [line for line in order.lines.values() if line.quantity and line.id not in line_ids]
    if not line_ids or not staying or any(not order.lines[one].quantity for one in line_ids if one in order.lines):
        raise LineError
    if any(one not in order.lines for one in line_ids):
        raise LineError
    opened = open_order(session_id, order.user, order.terms, order.order_type, from_session=order.id)
    return [
        opened,
        *carry_lines(order, session_id, line_ids, late=False),
        move_away(order, session_id, line_ids, late=False),
    ]
