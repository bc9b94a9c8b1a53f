"""Invariants of an evening, in words and in code: judged by its events alone, whatever the tills show."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from tests.domain.finding import doubted
from tests.domain.making import fold_refunds, refund_events
from tests.evenings.evening import hold
from tests.evenings.house import IN_DRAWER
from tests.simulation.kitchen import unlike_tickets
from till.domain.errors import TillError
from till.domain.kitchen.events import LinesSent
from till.domain.money.amount import Currency
from till.domain.order.events import CoursesHeld, OrderPlaced
from till.domain.order.evolve import fold
from till.domain.order.paying import CASH
from till.domain.order.tickets import held_pieces
from till.domain.payment.events import PaymentApproved, PaymentVoided, TenderCorrected
from till.domain.payment.movement import PaymentState
from till.domain.refund.events import RefundApproved, RefundEvent, RefundStarted
from till.domain.refund.giving import BY_HAND
from till.domain.structs import replace

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from tests.evenings.evening import Evening
    from till.domain.events.envelope import Event
    from till.domain.order.events import PlacedCharge, PlacedLine, PlacedTax
    from till.domain.order.state import Placed
    from till.domain.refund.shares import Sale


def check(evening: Evening) -> None:
    """Check every invariant of an evening that is over.

    Raises:
        BrokenError: an invariant does not hold.
    """
    events = evening.events()
    for event in events:
        if isinstance(event.data, OrderPlaced):
            _payments_settle(event.data)
            _every_level_adds_up(event.data)
        elif isinstance(event.data, PaymentApproved):
            _change_is_given_back(evening, event)
        elif isinstance(event.data, RefundStarted):
            _a_refund_adds_up(event.data)
        elif isinstance(event.data, TenderCorrected):
            _a_person_took_it(evening, event)
    _tills_agree(evening)
    _drawers_are_sums(evening, events)
    _charges_are_in_the_books(evening)
    _unasked_amounts_are_reported(evening)
    _refunds_are_shares(evening, events)


def _payments_settle(placed: OrderPlaced) -> None:
    """Payments (cash less its change) = total + rounding + tips."""
    minor = Currency(placed.currency).minor
    settled = sum(minor(one.amount) - minor(one.tip) for one in placed.payments)
    owed = minor(placed.total) + minor(placed.rounding)
    hold("payments = total + rounding + tips", holds=settled == owed, what=(placed.receipt, settled, owed))


def _every_level_adds_up(placed: OrderPlaced) -> None:
    """Net + tax = gross, of each line, the service charge, each tax and the whole."""
    minor = Currency(placed.currency).minor
    parts: list[PlacedLine | PlacedCharge] = [*placed.lines]
    if placed.service_charge is not None:
        parts.append(placed.service_charge)
    for part in parts:
        whole = minor(part.net) + minor(part.tax)
        hold("net + tax = gross", holds=whole == minor(part.subtotal), what=part)
        hold("a row's taxes sum", holds=_taxes(part.taxes, placed) == minor(part.tax), what=part)
    net, tax, total = (minor(placed.net), minor(placed.tax), minor(placed.total))
    summed = tuple(sum(minor(getattr(part, name)) for part in parts) for name in ("net", "tax", "subtotal"))
    hold("rows sum to the order", holds=(net, tax, total) == summed, what=(placed.receipt, summed))
    hold("net + tax = total", holds=net + tax == total, what=(placed.receipt, net, tax, total))
    taxes = (_taxes(placed.taxes, placed), tax)
    hold("taxes sum to the tax", holds=taxes[0] == taxes[1], what=taxes)


def _taxes(taxes: Iterable[PlacedTax], placed: OrderPlaced) -> int:
    return sum(Currency(placed.currency).minor(one.tax) for one in taxes)


def _change_is_given_back(evening: Evening, event: Event) -> None:
    """A payment is the amount tendered, less the change; its tip is a part of it."""
    data = event.data
    assert isinstance(data, PaymentApproved)
    order = evening.till.register.ledger.order(event.stream_id)
    minor = order.terms.currency.minor
    kept = minor(data.tendered) - minor(data.change)
    hold("a payment is what was handed over, less change", holds=kept == minor(data.amount), what=data)
    hold("a tip is a part of its payment", holds=0 <= minor(data.tip) <= max(0, minor(data.amount)), what=data)
    hold("a drawer is named where it moves", holds=(data.drawer is not None) == (data.tender in IN_DRAWER), what=data)


def _a_person_took_it(evening: Evening, event: Event) -> None:
    """Only a tender keyed by hand can have been recorded wrongly."""
    data = event.data
    assert isinstance(data, TenderCorrected)
    payment = evening.till.register.ledger.order(event.stream_id).payments[data.payment_id]
    hold("nothing that was asked for is put right", holds=not payment.is_asked_elsewhere, what=(data, payment))


def _a_refund_adds_up(data: RefundStarted) -> None:
    minor = Currency(data.currency).minor
    parts = minor(data.net) + minor(data.tax) + minor(data.rounding)
    hold("net + tax + rounding = what goes back", holds=parts == minor(data.amount), what=data)
    taxes = sum(minor(one.tax) for one in data.taxes)
    hold("a refund's taxes sum", holds=taxes == minor(data.tax), what=data)
    hold("money that goes back is less than nothing", holds=minor(data.amount) < 0, what=data)


def _tills_agree(evening: Evening) -> None:
    """Tills that have all events of each other show the same orders.

    A correction of a sale's tender by another till comes with the drawer, not with the order.
    """
    one, other = evening.tills
    for order in evening.orders():
        shown = [till.register.ledger.readable(order.id) for till in (one, other)]
        if None not in shown:
            same = [replace(known, corrected={}, last_id="", updated_at=order.created_at) for known in shown if known]
            hold("tills agree", holds=same[0] == same[1], what=order.id)


def check_kitchen(evening: Evening) -> None:
    """The pieces on a station's tickets are those that the orders hold; of an ended order, those that it was sent.

    No saved line of an open order differs from its tickets but by what is held, or at a till that writes none. Lines of
    which two tills sent a void, since one was away, are left out: it adds up to less than nothing.
    """
    orders = [order for known in _histories(evening) if (order := fold(known)) is not None]
    kitchen = evening.till.register.reference.kitchen
    what = unlike_tickets(kitchen, evening.events(), orders, evening.older)
    hold("stations make what orders hold", holds=not what, what=what)


def check_courses(evening: Evening) -> None:
    """No ticket asks for a piece that is held when it is written; its till may not have heard of another's hold."""
    kitchen = evening.till.register.reference.kitchen
    for known in _histories(evening) if evening.has_courses else ():
        for place, event in enumerate(known):
            data = event.data
            if isinstance(data, LinesSent) and data.follows is None and data.kind in {"new", "more"}:
                unheard = [one for one in known if isinstance(one.data, CoursesHeld) and one.by_till != event.by_till]
                before = fold(one for one in known[:place] if one not in unheard)
                waits = held_pieces(before, kitchen) if before is not None else {}
                early = [one for one in data.lines if one.line_id in waits]
                hold("what is held is not sent", holds=not early, what=(data.ticket, early))


def _histories(evening: Evening) -> list[list[Event]]:
    """Return the events of each order, of both tills and in their order."""
    found: dict[str, dict[str, Event]] = {}
    for session in {event.session_id for event in evening.events() if event.session_id}:
        found[session] = {one.id: one for till in evening.tills for one in till.journal.events_of(session)}
    return [sorted(events.values(), key=lambda event: event.id) for events in found.values()]


def _drawers_are_sums(evening: Evening, events: list[Event]) -> None:
    """Each event that moves money has a tender, a signed amount and a drawer; their sum is the cash in the drawer."""
    sums: Counter[int | None] = Counter()
    minor = evening.tills[0].register.formats.currency.minor
    for event in events:
        match event.data:
            case PaymentApproved(drawer=int(drawer), amount=amount):
                sums[drawer] += minor(amount)
            case PaymentVoided(drawer=int(drawer), amount=amount):
                sums[drawer] -= minor(amount)
            case RefundApproved(drawer=int(drawer), amount=amount):
                sums[drawer] += minor(amount)
            case TenderCorrected(drawer=drawer, was_drawer=was_drawer, amount=amount):
                sums[drawer] += minor(amount)
                sums[was_drawer] -= minor(amount)
    lies = {drawer: evening.drawers[drawer] for drawer in (1, 2)}
    summed = {drawer: sums[drawer] for drawer in (1, 2)}
    hold("a drawer is the sum of its events", holds=lies == summed, what=(lies, summed))


def _charges_are_in_the_books(evening: Evening) -> None:
    """Charges of a terminal, less its returns, are money in the books or before the manager, and the reverse."""
    kept, flagged = evening.kept, set[str]()
    booked: dict[str, int] = {}
    by_hand: set[str] = set()
    back: dict[str, set[str]] = defaultdict(set)
    refunds = fold_refunds(event for event in evening.events() if isinstance(event.data, RefundEvent)).values()
    known = {one.id for one in refunds if one.id in kept.returned and one.state is PaymentState.APPROVED}
    for order in evening.orders():
        flagged |= {payment for kind, payment, _amount in doubted(order) if kind != "charged_otherwise"}
        for payment in order.payments.values():
            if payment.settled_by is not None:
                by_hand.add(payment.id)  # the slip has the reference, and the tip is unknown
            back[payment.id] |= {one.id for one in payment.returns}
            known |= {one.id for one in payment.returns if one.state is PaymentState.APPROVED}
            if payment.is_asked_elsewhere and payment.state is PaymentState.APPROVED:
                booked[payment.id] = payment.amount
            elif payment.is_back_twice and not order.is_over:
                flagged.add(payment.id)  # its end will say so
            elif payment.state is PaymentState.VOIDED and not payment.is_back_twice and not payment.back_by:
                flagged.add(payment.id)  # a person gave it back, or says so
    given = {key: amount for key, amount in kept.returned.items() if amount is not None}
    hold("what a terminal gave back is known", holds=known == given.keys(), what=(known, given))
    taken = {key: amount for key, amount in kept.charged.items() if amount is not None}
    for key, returns in back.items():
        if went := [given[one] for one in returns if one in given]:
            taken[key] = 0 if key in by_hand and len(went) == 1 else taken.get(key, 0) - sum(went)
    for key in booked.keys() | taken.keys():
        here, there = booked.get(key, 0), taken.get(key, 0)
        same = (here > 0) == (there > 0) if key in by_hand else here == there
        hold("a charge is in the books", holds=same or key in flagged, what=(key, here, there))


def _unasked_amounts_are_reported(evening: Evening) -> None:
    """Money that a terminal took beyond what was asked pays nothing, and is recorded as such."""
    over = evening.kept.over
    for order in evening.orders():
        for payment in order.payments.values():
            if payment.state is PaymentState.APPROVED and payment.settled_by is None and payment.id in over:
                known = payment.over
                hold("excess payments are reported", holds=known == over[payment.id], what=(payment, known))


def _of_no_coin(sale: Sale, put_right: Collection[str]) -> int:
    """Return the amount that may stay of a sale refunded whole: less than a coin, where cash was given instead.

    `put_right` are payments whose tender was corrected: it may have been cash when they were refunded.
    """
    rule, paid = sale.rounding, {one.payment_id: one for one in sale.payments}
    if rule is None or rule.bill or not rule.touches(CASH):
        return 0
    cash = [one.started for one in sale.refunds if one.started.tender == CASH]
    for one in cash:
        amount, of = -sale.currency.minor(one.amount), paid[one.payment_id]
        coins = amount <= rule.nothing_up_to or not amount % rule.step
        as_it_came = of.left == 0 and (of.tender == CASH or one.payment_id in put_right)  # all that was left of it
        hold("cash goes back in coins", holds=coins or as_it_came, what=one)
    instead = [one for one in sale.payments if one.tender not in BY_HAND or one.transaction]
    return sum(one.left for one in instead if 0 < one.left < rule.step)


def _payments(placed: Placed) -> frozenset[str]:
    """Return the payments that a sale lists."""
    return frozenset(one.payment_id for one in placed.data.payments)


def _refunds_are_shares(evening: Evening, events: list[Event]) -> None:
    """Refunds of a sale sum to what was paid for it and never exceed it, in whole or in any part."""
    put_right = {event.data.payment_id for event in events if isinstance(event.data, TenderCorrected)}
    for order in evening.orders():
        listed = Counter(one for placed in order.placings for one in _payments(placed))
        for placed in order.placings:
            if any(listed[one] > 1 for one in _payments(placed)):
                continue  # a payment of two sales goes back once, under either
            for _try in range(len(placed.data.payments) + 1):  # refund the rest, payment by payment
                try:
                    evening.refund_of(order, placed.data.receipt, whole=True)
                except TillError:
                    break
            sale = evening.sale(order, placed.data.receipt)
            refunded = sum(-sale.currency.minor(one.started.amount) for one in sale.refunds if one.counts)
            what = (placed.data.receipt, refunded, sale.paid)
            hold("refunds never exceed what was paid", holds=refunded <= max(0, sale.paid), what=what)
            if sale.paid > 0 and all(one.amount > 0 for one in sale.payments):
                no_coin = _of_no_coin(sale, put_right)
                hold("refunds sum to what was paid", holds=0 <= sale.paid - refunded <= no_coin, what=what)
                nothing = sale.left.net == 0 == sale.left.tax
                hold("nothing of its net and taxes is left", holds=nothing or no_coin > 0, what=(what, sale.left))
            for one in sale.payments:
                back = [r.started for r in sale.refunds if r.counts and r.started.payment_id == one.payment_id]
                gone = sum(-sale.currency.minor(each.amount) for each in back)
                hold("no payment goes back twice", holds=gone <= max(0, one.amount), what=(one, gone))
    known = fold_refunds(event for till in evening.tills for event in refund_events(till.journal))
    approved = [event for event in events if isinstance(event.data, RefundApproved)]
    hold("a refund is given once", holds=len({one.stream_id for one in approved}) == len(approved), what=known)
