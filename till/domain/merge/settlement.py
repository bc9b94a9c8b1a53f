"""The end of an order is a barrier, line by line (design §7): what it did not deal with lives on in a new order.

Two tills that were apart may both have keyed on one order. Whatever one of them keyed that the other, which took the
money, never saw, is carried on in a session of the till that keyed it. Money that was taken for less, or twice, or
without an order is never hidden: it is a conflict for the manager.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Final

from till.domain.events.envelope import Draft, EventType
from till.domain.i18n import _
from till.domain.ids import derived_id
from till.domain.order.selling import check_reason, open_order
from till.domain.order.state import PaymentState
from till.domain.order.suspension import carry_lines, move_away

if TYPE_CHECKING:
    from collections.abc import Mapping

    from till.domain.order.state import Order


def leftovers(order: Order, till: int) -> dict[str, int]:
    """How much of each line that `till` keyed nobody dealt with when the order ended; nothing while it is open."""
    settled = order.settled
    if settled is None:
        return {}
    left: dict[str, int] = {}
    for line in order.lines.values():
        rest = line.quantity - settled.get(line.id, 0)
        whose = line.raised_by if line.id in settled else line.keyed_by
        if rest * line.quantity > 0 and whose == till:
            left[line.id] = rest
    return left


def late_id(session_id: str, till: int) -> str:
    """The session that carries on what a till keyed too late: the same whoever derives it."""
    return derived_id(session_id, f"till {till}")


def late_names(order: Order, left: Mapping[str, int], session_id: str) -> dict[str, str]:
    """The ids that the carried lines have: their own, but for a part of a line that was dealt with in part."""
    settled = order.settled or {}
    return {line_id: derived_id(line_id, session_id) if settled.get(line_id) else line_id for line_id in left}


def carry_on(order: Order, left: Mapping[str, int], session_id: str) -> list[Draft]:
    """Open the session of what came too late; it names the order that it comes from.

    That order is told too: should another till, apart, have taken it before it ended, it goes on without these lines.
    """
    opened = open_order(session_id, order.user, order.terms, order.order_type, from_session=order.id)
    carried = carry_lines(order, session_id, left, names=late_names(order, left, session_id))
    return [opened, carried, move_away(order, session_id, left, late=True)]


def dealt_with_apart(order: Order, carried: Order) -> dict[str, int]:
    """How much of each carried line a till that was apart dealt with too: was paid for it, recalled it, carried it on.

    Had the till that carried it on known of that, it would have carried so much less.

    Args:
        order: the order that ended.
        carried: the one that carries on what came too late for it.

    Returns:
        By the ids that the lines have where they are carried; nothing once that order has ended too.
    """
    settled, move = order.settled, order.moves.get(carried.id)
    if settled is None or move is None or not move.late or carried.is_over:
        return {}
    paid = frozenset[str]().union(*(p.covered for p in (order.placed, *order.placed_again) if p is not None))
    back: dict[str, int] = {}
    for line_id, gone in move.quantities.items():
        there = carried.lines.get(line_id) or carried.lines.get(derived_id(line_id, carried.id))
        if there is None:
            continue
        whole = order.lines[line_id].quantity
        over = settled[line_id] - whole if line_id in paid else 0
        first = _gone_first(order, line_id, carried.id)
        if first and abs(first) <= abs(gone) == abs(there.keyed):  # neither knew of the other: else one counts it in
            over = max(over, there.keyed + first - whole, key=abs)
        if there.quantity * over > 0:
            back[there.id] = min(there.quantity, over, key=abs)
    return back


def _gone_first(order: Order, line_id: str, session_id: str) -> int:
    """How much of a line went from an order by moves that count before the one to a session, whichever came first.

    A recall does, for who recalled has it on the screen; and of the orders that carry on what came too late, each
    before those that were made because it stood already.
    """
    keyed_by = order.lines[line_id].keyed_by
    late: list[str] = []
    if keyed_by is not None:
        one = late_id(order.id, keyed_by)
        while one in order.moves and one != session_id:
            late.append(one)
            one = late_id(one, keyed_by)
    before = (move for target, move in order.moves.items() if not move.late or target in late)
    return max((move.quantities.get(line_id, 0) for move in before), key=abs, default=0)


def take_back(order: Order, carried: Order, back: Mapping[str, int]) -> list[Draft]:
    """Take lines off an order that carries them on: they were dealt with in the order that they came from."""
    before = carried.moves.get(order.id)
    whole = {**dict.fromkeys(before.quantities if before else (), 0), **back}  # one move stands for all before it
    return [move_away(carried, order.id, whole, late=True)]


def keep_apart(order: Order) -> list[Draft]:
    """Give ids of their own to pieces of an order that goes on, where other orders carry the lines that they were on.

    Who keyed them knew of no recall. A line is paid for once, by its id: without this the second payment would be
    refused for the first, though each is for other pieces.

    Returns:
        Nothing where all is apart already. Who asks twice, or on two tills, makes the same lines.
    """
    rest = {line.id: line.quantity for line in order.lines.values() if line.away and line.quantity}
    if not rest:
        return []
    elsewhere = order.moved_to_others
    own = {line_id: order.lines[line_id].away + q - elsewhere.get(line_id, 0) for line_id, q in rest.items()}
    names = {line_id: derived_id(line_id, order.id) for line_id in rest}
    before = order.moves.get(order.id)
    whole = {**dict.fromkeys(before.quantities if before else (), 0), **rest}  # one move stands for all before it
    return [carry_lines(order, order.id, own, names=names), move_away(order, order.id, whole, late=True)]


#: What each kind of conflict means to who has to settle it; the database finds `receipt_twice` alone.
_MEANINGS: Final = {
    "paid_twice": _("paid twice"),
    "paid_for_more": _("paid for too much"),
    "payment_without_order": _("money without an order"),
    "receipt_twice": _("receipt number given twice"),
    "carried_twice": _("tab open on two tills"),
}


def kind_in_words(kind: str) -> str:
    """What a kind of conflict is called; one of a newer database by its own name."""
    return _MEANINGS.get(kind, kind.replace("_", " "))


@dataclass(frozen=True, slots=True)
class Conflict:
    """Something about money that only a person can settle. `amount` in minor units.

    Attributes:
        id: the same on every till that finds it.
        kind: `paid_twice`, `paid_for_more`, `payment_without_order`, `carried_twice`.
        subject: the order, line or payment that it is about.
    """

    id: str
    kind: str
    subject: str
    amount: int


def matters(order: Order) -> list[Conflict]:
    """What is wrong with the money of a finished order, whether or not it was written down."""
    if not order.is_over:
        return []
    return [*_paid_twice(order), *_paid_for_more(order), *_without_order(order), *_carried_twice(order)]


def conflicts(order: Order) -> list[Conflict]:
    """What is wrong with the money of a finished order and was not written down yet."""
    return [conflict for conflict in matters(order) if conflict.id not in order.conflicts]


def _conflict(order: Order, kind: str, subject: str, amount: int) -> Conflict:
    return Conflict(derived_id(order.id, f"{kind} {subject}"), kind, subject, amount)


def _paid_twice(order: Order) -> list[Conflict]:
    minor = order.terms.currency.minor
    return [
        _conflict(order, "paid_twice", str(again.data["order_id"]), minor(str(again.data["total"])))
        for again in order.placed_again
    ]


def _paid_for_more(order: Order) -> list[Conflict]:
    """Lines that were paid for and that another till had taken off or made less."""
    settled = order.placed.quantities if order.placed else {}
    return [
        _conflict(order, "paid_for_more", line.id, line.amount_of(settled[line.id] - line.quantity))
        for line in order.lines.values()
        if abs(settled.get(line.id, 0)) > abs(line.quantity)
    ]


def _without_order(order: Order) -> list[Conflict]:
    """Payments that were taken and that no completion lists."""
    listed = frozenset[str]().union(*(p.payment_ids for p in (order.placed, *order.placed_again) if p is not None))
    return [
        _conflict(order, "payment_without_order", payment.id, payment.amount)
        for payment in order.payments.values()
        if payment.state is PaymentState.APPROVED and payment.id not in listed and payment.amount
    ]


def _carried_twice(order: Order) -> list[Conflict]:
    """Lines of its tab that went on in two orders, or in one while they were paid for here.

    The server, which hears of both first, finds it by the same rule (db/sql/56_carried_twice.sql) and says so in those
    orders too. What came too late for the end is not counted: those lines may bear ids of their own there.
    """
    if order.id in order.shared:
        return []
    carriers = [frozenset(move.quantities) for move in order.moves.values() if not move.late]
    if not carriers:
        return []
    carriers += [placed.covered for placed in (order.placed,) if placed is not None]
    twice = any(one & other for one, other in combinations(carriers, 2))
    return [_conflict(order, "carried_twice", order.id, order.total)] if twice else []


def write_down(order: Order, found: list[Conflict]) -> list[Draft]:
    """The events of conflicts: each becomes a row for the manager."""
    text = order.terms.currency.text
    return [
        Draft(
            EventType.CONFLICT_FOUND,
            order.id,
            {
                "conflict_id": conflict.id,
                "kind": conflict.kind,
                "subject": conflict.subject,
                "amount": text(conflict.amount),
                "currency": order.terms.currency.code,
            },
            hold_epoch=order.hold_epoch,
        )
        for conflict in found
    ]


def resolve(conflict_id: str, session_id: str | None, how: str) -> list[Draft]:
    """Settle a conflict: who did is in the event, how in words of their own."""
    return [Draft(EventType.CONFLICT_RESOLVED, session_id, {"conflict_id": conflict_id}, {"how": check_reason(how)})]


def settle_record(record: int, how: str) -> list[Draft]:
    """Settle a record that the database could not apply, without applying it: a person did what it asked for."""
    return [Draft(EventType.QUARANTINE_RESOLVED, None, {"quarantine": record}, {"how": check_reason(how)})]
