"""The end of an order is a barrier, line by line (design §7): what it did not deal with lives on in a new order.

Two tills that were apart may both have keyed on one order. A line that one of them keyed and the other, which took the
money, never saw, is carried on in a session of the till that keyed it: a line is whole, so this is about sets of ids.
Money that was taken for less, or twice, or without an order is never hidden: it is a conflict for the manager.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct

from till.domain.events.envelope import Draft
from till.domain.i18n import _
from till.domain.ids import derived_id
from till.domain.money.amount import round_half_up
from till.domain.money.measures import NOTHING, Minor, sum_of
from till.domain.order.cutting import cut_from
from till.domain.order.events import (
    ChangeUndone,
    ConflictFound,
    LinesMoved,
    LineVoided,
    QuantityChanged,
    RecordSetAside,
)
from till.domain.order.evolve import conflict_id
from till.domain.order.line import TakenOff
from till.domain.order.moving import carry_change, carry_lines, carry_note, move_away, moved_discount
from till.domain.order.selling import open_order
from till.domain.order.state import PaymentState

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from till.domain.order.events import OrderPlaced, PlacedLine, PlacedPayment
    from till.domain.order.line import Discount, Line, Void
    from till.domain.order.state import Order


# Lines that came too late


def leftovers(order: Order, till: int) -> list[str]:
    """The lines that `till` keyed and that nobody dealt with when the order ended; none while it is open."""
    settled = order.settled
    if settled is None:
        return []
    if order.is_for_newer_tills:  # they may have been taken off by what does not read here: its end says so
        settled |= {void.line_id for placed in order.placings for void in placed.data.voids}
    return [
        line.id for line in order.lines.values() if line.quantity and line.id not in settled and line.keyed_by == till
    ]


def late_id(session_id: str, till: int) -> str:
    """The session that carries on what a till keyed too late: the same whoever derives it."""
    return derived_id(session_id, f"till {till}")


def carry_on(order: Order, line_ids: Collection[str], session_id: str) -> list[Draft]:
    """Open the session of what came too late; it names the order that it comes from, which is told too.

    What came here with these lines as paid, and is on no sale, goes on with them.
    """
    came_from = {order.came_from[line_id] for line_id in line_ids if line_id in order.came_from}
    paid = [
        payment
        for payment in order.payments.values()
        if payment.state is PaymentState.APPROVED
        and payment.id not in order.listed
        and order.money_from.get(payment.id) in came_from
    ]
    return [
        open_order(session_id, order.user, order.terms, order.order_type, from_session=order.id),
        *carry_lines(order, session_id, line_ids, late=True, payments=paid),
        move_away(order, session_id, line_ids, late=True, payments=paid),
    ]


# Lines that two orders carry, and what is done to a line in the order that it left


def _owner_of(line_id: str, carried: Order, past: Mapping[str, Order]) -> str:
    """The order that a line is in, as far as those tell that it came through: paid for there, or moved elsewhere first.

    Where one does not know of the move to here yet, its record is still on the way, and nothing tells which of two was
    first: the line stays where it is carried. So a line is only ever given up to an earlier move, and never back.
    """
    owner, order = carried.id, carried
    seen = {carried.id}
    while (before := past.get(order.came_from.get(line_id, ""))) is not None and before.id not in seen:
        move = before.moved.get(line_id)
        if line_id in before.covered:
            owner = before.id
        elif move is not None and move.to_session != order.id and order.id in before.carriers:
            owner = move.to_session
        order = before
        seen.add(order.id)
    return owner


def give_up(carried: Order, past: Mapping[str, Order], line_ids: Collection[str]) -> list[Draft]:
    """What an open order gives up of the lines that came to it from others: they turn out to be elsewhere.

    A till that was apart was paid for them where they came from, or had moved them to another order before.

    Args:
        carried: the one that carries them.
        past: the orders that they came through, by id, as far as they are known here.
        line_ids: those of them that are looked at.
    """
    if carried.is_over:
        return []
    gone: dict[str, list[str]] = {}
    for line_id in line_ids:
        if carried.lines[line_id].quantity and (owner := _owner_of(line_id, carried, past)) != carried.id:
            gone.setdefault(owner, []).append(line_id)
    return [
        Draft(LinesMoved(to_session=owner, line_ids=tuple(line_ids), late=True), carried.id)
        for owner, line_ids in gone.items()
    ]


def _owner_of_money(payment_id: str, carried: Order, past: Mapping[str, Order]) -> str:
    """The order on which a payment counts, as far as those tell that it came through: as `_owner_of` a line."""
    owner, order = carried.id, carried
    seen = {carried.id}
    while (before := past.get(order.money_from.get(payment_id, ""))) is not None and before.id not in seen:
        there = before.payments.get(payment_id)
        if payment_id in before.listed or (there is not None and there.state is PaymentState.VOIDED):
            owner = before.id
        elif (to := before.money_away.get(payment_id, order.id)) != order.id:
            owner = to
        order = before
        seen.add(order.id)
    return owner


def give_up_money(carried: Order, past: Mapping[str, Order]) -> list[Draft]:
    """What an order gives up of payments that came to it with lines: they turn out to count elsewhere.

    A till that was apart placed them on the order that they came from, gave them back there, or had moved them to
    another order before. Once this one is placed, only what was given back is said: the rest the database finds.
    """
    gone: dict[str, list[str]] = {}
    for payment_id in carried.money_from:
        payment = carried.payments.get(payment_id)
        owner = _owner_of_money(payment_id, carried, past)
        if payment is None or payment.state is not PaymentState.APPROVED or owner == carried.id:
            continue
        there = past[owner].payments.get(payment_id) if owner in past else None
        if not carried.is_over or (there is not None and there.state is PaymentState.VOIDED):
            gone.setdefault(owner, []).append(payment_id)
    return [
        Draft(LinesMoved(to_session=owner, payment_ids=tuple(payment_ids), late=True), carried.id)
        for owner, payment_ids in gone.items()
    ]


def claim(order: Order, carried: Order, line_ids: Collection[str]) -> list[Draft]:
    """Say in the order that lines left that they were paid for where they went, though another had moved them before.

    Two tills that were apart moved them both: who has them where they are not paid for then gives them up.
    """
    paid = [
        line_id
        for line_id in line_ids
        if carried.came_from.get(line_id) == order.id  # what was cut from it here never was there
        and line_id in carried.covered - order.covered
        and (move := order.moved.get(line_id)) is not None
        and move.to_session != carried.id
        and not move.paid
    ]
    if not paid:
        return []
    return [Draft(LinesMoved(to_session=carried.id, line_ids=tuple(paid), late=True, paid=True), order.id)]


def follow(order: Order, carried: Order, line_ids: Collection[str]) -> list[Draft]:
    """What was done to lines in the order that they left, done to them where they are now.

    Each such event names the one that it follows: so it counts once, however many tills write it down.

    Args:
        order: the one that they left.
        carried: the one that carries them.
        line_ids: those of them that are looked at.
    """
    drafts: list[Draft] = []
    given: list[Discount] = []
    for line_id in line_ids:
        if carried.came_from.get(line_id) == order.id and line_id in order.lines:
            drafts += _follow_line(order, carried, line_id)
            given += _new_discounts(order, carried, line_id)
    if given:
        discounts = tuple(moved_discount(discount, order.terms) for discount in given)
        drafts.append(Draft(LinesMoved(from_session=order.id, discounts=discounts), carried.id))
    return drafts


def _new_discounts(order: Order, carried: Order, line_id: str) -> list[Discount]:
    known = {discount.id for discount in carried.lines[line_id].discounts} | carried.undone
    return [discount for discount in order.lines[line_id].discounts if discount.id not in known]


def _follow_line(order: Order, carried: Order, line_id: str) -> Iterator[Draft]:
    left, line = order.lines[line_id], carried.lines[line_id]
    changes = line.changed_by
    cuts = {one.event: one for one in line.taken if one.cut}
    for taken in (*left.taken, *_cut_nothing(order, left, cuts)):
        if taken.event not in changes | carried.undone or cuts.get(taken.event, taken) != taken:
            data = QuantityChanged(line_id=line.id, taken_off=taken.pieces, follows=taken.event, cut=taken.cut)
            yield Draft(data, carried.id)
    yield from _follow_voids(carried, line, left.voids)
    for note in left.notes:
        if note.event not in changes | carried.undone:
            yield carry_note(line, note, carried.id)
    for change in left.changes:
        if change.event not in changes | carried.undone:
            yield from carry_change(line, change, carried.id)
    for event in sorted(order.undone & changes):
        yield Draft(ChangeUndone(event=event), carried.id)


def _follow_voids(carried: Order, line: Line, voids: Iterable[Void]) -> Iterator[Draft]:
    for void in voids:
        for one in _cut_since(carried, line, void.event):
            if void.event not in one.changed_by | carried.undone:
                yield Draft(LineVoided(line_id=one.id, reason=void.reason, follows=void.event), carried.id)


def _cut_since(order: Order, line: Line, event: str) -> Iterator[Line]:
    """A line, and what was cut from it after an event, which was done to all of its pieces."""
    yield line
    parents = cut_from(order)
    for one in order.lines.values():
        if one.cut_by is not None and one.cut_by > event and parents.get(one.cut_by) == line.id:
            yield from _cut_since(order, one, event)


def _cut_nothing(order: Order, left: Line, cuts: Collection[str]) -> list[TakenOff]:
    """Of these cuts those that an order knows of and that took nothing off a line: they came after its end."""
    if not cuts:
        return []
    known = {line.cut_by for line in order.lines.values()}
    took = {taken.event for taken in left.taken}
    return [TakenOff(cut, 0, cut=True) for cut in cuts if cut in known and cut not in took]


# Money


#: What each kind of conflict means to who has to settle it; the database alone finds those about refunds,
#: `payment_left`, `payment_from_nowhere`, `tender_twice` and `receipt_twice`.
_MEANINGS: Final = {
    "paid_twice": _("paid twice"),
    "paid_for_more": _("paid for too much"),
    "paid_for_less": _("paid for too little"),
    "discount_late": _("discount too late"),
    "payment_without_order": _("money without an order"),
    "refunded_beyond": _("refunded more than was sold"),
    "refund_contradicted": _("refunded, and not refunded"),
    "refund_left": _("refund without an answer"),
    "payment_left": _("payment without an answer"),
    "payment_from_nowhere": _("money from nowhere"),
    "tender_twice": _("put right in two ways"),
    "given_back": _("paid and given back"),
    "given_back_twice": _("given back twice"),
    "payment_contradicted": _("taken, and not taken"),
    "charged_more": _("charged too much"),
    "receipt_twice": _("receipt number given twice"),
    "refund_twice": _("refund number given twice"),
    "record_unread": _("paid without a record"),
}


def kind_in_words(kind: str) -> str:
    """What a kind of conflict is called; one of a newer database by its own name."""
    return _MEANINGS.get(kind, kind.replace("_", " "))


#: What one does about a kind of conflict, where its facts do not say all.
_SETTLED_BY: Final = {
    "refund_left": _("Its till is shut out. See the terminal's list: type given, or not given."),
    "payment_left": _("Its till is shut out. See the terminal's list or slip: type taken, or not."),
    "payment_from_nowhere": _("Nobody took it for this order. Ask the guests, and see who brought it."),
    "tender_twice": _("What was said last counts. If it is wrong, put it right anew (F10)."),
}


def how_to_settle(kind: str) -> str:
    """What one does about a kind of conflict; empty where its facts say all."""
    return _SETTLED_BY.get(kind, "")


#: So often a conflict is written down with one amount.
_MOST_SAID: Final = 3


class Conflict(Struct, frozen=True):
    """Something about money that only a person can settle. `amount` in minor units.

    Attributes:
        id: the same on every till that finds it.
        kind: one of those in words.
        subject: the order, line, payment or record that it is about.
    """

    id: str
    kind: str
    subject: str
    amount: Minor


def matters(order: Order) -> list[Conflict]:
    """What is wrong with the money of a finished order, whether or not it was written down.

    Of one that newer tills know more of, they find that.
    """
    if not order.is_over:
        return []
    if order.is_for_newer_tills:
        return [*_unread(order)]
    return [
        *_paid_twice(order),
        *_wrong_pieces(order),
        *_late_discounts(order),
        *_late_prices(order),
        *_without_order(order),
        *_given_back(order),
        *_contradicted(order),
        *_unread(order),
    ]


def conflicts(order: Order) -> list[Conflict]:
    """What is wrong with the money of a finished order and was not written down yet, or with another amount."""
    return [one for one in matters(order) if one.id not in order.settled_conflicts and _is_news(order, one)]


def _is_news(order: Order, conflict: Conflict) -> bool:
    """Whether it was not written down, or last with another amount.

    What a till wrote whose clock is ahead stays the last, whoever writes: so one amount is said a few times at most.
    """
    amount = order.terms.currency.text(conflict.amount)
    found = order.conflicts.get(conflict.id, ())
    return found[-1:] != (amount,) and found.count(amount) < _MOST_SAID


def _conflict(order: Order, kind: str, subject: str, amount: Minor) -> Conflict:
    return Conflict(conflict_id(order.id, kind, subject), kind, subject, amount)


def _paid_twice(order: Order) -> Iterator[Conflict]:
    """Of a second payment what both cover is paid twice; what only the second covers is a sale of that payment."""
    covered: frozenset[str] = frozenset()
    listed: frozenset[str] = frozenset()  # a payment that was taken before they were apart stands on both, and is one
    for placed in order.placings:
        if covered & placed.covered or listed & placed.payment_ids:
            new = [one for one in placed.data.payments if one.payment_id not in listed]
            # else all its money is on the other sale, or is for what it alone sold
            if rest := _beside_sale(order, new, _sold_alone(order, placed.data, placed.covered - covered)):
                yield _conflict(order, "paid_twice", placed.data.order_id, rest)
        covered |= placed.covered
        listed |= placed.payment_ids


def _sold_alone(order: Order, placed: OrderPlaced, line_ids: Collection[str]) -> Minor:
    """What some lines of a frozen order came to, with their share of its charge for service."""
    minor = order.terms.currency.minor
    whole = sum(minor(row.subtotal) for row in placed.lines)
    part = sum(part_of(order, row, line_ids) for row in placed.lines)
    if placed.service_charge is None or not whole:
        return Minor(part)
    charge = minor(placed.service_charge.subtotal)
    return Minor(part + round_half_up(charge * part * whole, whole * whole))  # of returns the whole is a minus


def _beside_sale(order: Order, payments: Collection[PlacedPayment], due: Minor) -> Minor:
    """What payments brought beside a sale that takes so much of them, the first ones first (`cold.cut_order`).

    A tip stays with what is left of its payment, and goes back with one of which nothing is. What they do not pay for
    is no sale.
    """
    minor = order.terms.currency.minor
    brought = sum_of(minor(one.amount) for one in payments)
    beside = 0
    for one in payments:
        settles = minor(one.amount) - minor(one.tip)
        taken = min(settles, due, key=abs)
        beside += settles - taken if due else minor(one.amount)
        due = Minor(due - taken)
    return brought if due else Minor(beside)


def part_of(order: Order, row: PlacedLine, line_ids: Collection[str]) -> Minor:
    """What some of the lines beneath a placed row came to: the rest of it is rounded once, by pieces."""
    pieces = zip(row.line_ids, row.line_quantities, strict=True)
    rest = sum(abs(quantity) for line_id, quantity in pieces if line_id not in line_ids)
    return Minor(order.terms.currency.minor(row.subtotal) - _share(order, row, rest))


def _wrong_pieces(order: Order) -> Iterator[Conflict]:
    """Lines that were paid for, and that another till had taken pieces off, or brought pieces back to.

    Of such as two sales have, the first tells; it waits until the database says which of them that is.
    """
    waits = _waits_for_the_database(order)
    seen: set[str] = set()
    for placed in order.placings:
        for row in placed.data.lines:
            for line_id, pieces in zip(row.line_ids, row.line_quantities, strict=True):
                line = order.lines.get(line_id)
                if line_id in seen or (waits and sum(line_id in one.covered for one in order.placings) > 1):
                    continue
                seen.add(line_id)  # what another sale has of it was paid twice
                if line is None or line.pieces == pieces:
                    continue
                more = abs(pieces) > abs(line.pieces)
                amount = _share(order, row, abs(pieces - line.pieces))
                yield _conflict(order, "paid_for_more" if more else "paid_for_less", line_id, amount)


def _waits_for_the_database(order: Order) -> bool:
    """Whether the database has yet to say which of several sales came to it first: it does where money is too much."""
    return not order.second and any(one.amount for one in _paid_twice(order))


def _share(order: Order, row: PlacedLine, pieces: int) -> Minor:
    """What so many pieces of a placed row came to, rounded once: what was paid is drawn from the frozen order."""
    subtotal = order.terms.currency.minor(row.subtotal)
    return Minor(round_half_up(subtotal * pieces, abs(row.quantity))) if row.quantity else NOTHING


def _late_discounts(order: Order) -> Iterator[Conflict]:
    """Discounts that the end of the order did not know of, and such as it counted and that were undone apart."""
    if order.placed is None:
        return
    known = {event for placed in order.placings for event in placed.data.discounts}
    for line in order.lines.values():
        if line.id in order.covered and line.discount and line.discount.id not in known:
            off = line.discount.off_pieces(line, line.pieces)
            yield _late_discount(order, line.discount.id, off.of(line.amount_of(line.pieces)))
    for discount in order.given:
        if discount.id not in known:
            yield _late_discount(order, discount.id, discount.off.of(order.total))
    for event in sorted(known & order.undone):
        yield _conflict(order, "paid_for_less", event, NOTHING)


def _late_prices(order: Order) -> Iterator[Conflict]:
    """Lines whose choices or price another till had changed, which the end of the order did not know of."""
    for placed in order.placings[:1]:
        for row in placed.data.lines:
            paid4 = order.terms.currency.price4(row.unit_price)
            for line_id in row.line_ids:
                line = order.lines.get(line_id)
                if line is None or not line.changes or line.unit_price4 == paid4:
                    continue
                newest = max(line.changes).event
                due = line.amount_of(line.pieces)
                paid = order.terms.currency.amount_of(paid4, line.pieces, line.measure)
                kind = "paid_for_less" if due > paid else "paid_for_more"
                yield _conflict(order, kind, newest, Minor(abs(due - paid)))


def _late_discount(order: Order, event: str, amount: Minor) -> Conflict:
    return _conflict(order, "discount_late", event, amount)


def _without_order(order: Order) -> Iterator[Conflict]:
    """Payments that were taken and that no completion lists."""
    listed = order.listed
    for payment in order.payments.values():
        if payment.state is PaymentState.APPROVED and payment.id not in listed and payment.amount:
            yield _conflict(order, "payment_without_order", payment.id, payment.amount)


def _given_back(order: Order) -> Iterator[Conflict]:
    """Payments that one till gave back and that another, apart, placed meanwhile: with what they are on that sale."""
    minor = order.terms.currency.minor
    sold = {one.payment_id: minor(one.amount) for placed in order.placings for one in placed.data.payments}
    for payment in order.payments.values():
        came_from = order.money_from.get(payment.id)
        back = payment.state is PaymentState.MOVED and order.money_away.get(payment.id) == came_from
        if (back or payment.state is PaymentState.VOIDED) and sold.get(payment.id):
            yield _conflict(order, "given_back", payment.id, sold[payment.id])
        if payment.is_back_twice:
            yield _conflict(order, "given_back_twice", payment.id, payment.amount)


def _contradicted(order: Order) -> Iterator[Conflict]:
    """Payments of which it was said that they were taken, and that they were not; and what nobody had asked for."""
    for payment in order.payments.values():
        if payment.state not in {PaymentState.APPROVED, PaymentState.MOVED}:
            continue
        if payment.is_contradicted and payment.amount:  # it is heard of here, wherever it went with its lines
            yield _conflict(order, "payment_contradicted", payment.id, payment.amount)
        if payment.over and payment.state is PaymentState.APPROVED:
            yield _conflict(order, "charged_more", payment.id, payment.over)


def _unread(order: Order) -> Iterator[Conflict]:
    """Records that the order was paid without: a manager set them aside, or no till reads them."""
    if order.placed is not None:
        for event, record in order.unread.items():
            if event in order.set_aside or not record.newer:
                yield _conflict(order, "record_unread", event, NOTHING)


def write_down(order: Order, found: list[Conflict]) -> list[Draft]:
    """The events of conflicts: each becomes a row for the manager."""
    currency = order.terms.currency
    return [
        Draft(
            ConflictFound(
                conflict_id=conflict.id,
                kind=conflict.kind,
                subject=conflict.subject,
                amount=currency.text(conflict.amount),
                currency=currency.code,
            ),
            order.id,
        )
        for conflict in found
    ]


def set_aside(order: Order, event: str, manager: int) -> list[Draft]:
    """Let an order be paid without a record that does not read here; a manager has looked at it."""
    if event not in order.unread or event in order.set_aside:
        return []
    return [Draft(RecordSetAside(event=event, approved_by=manager), order.id)]
