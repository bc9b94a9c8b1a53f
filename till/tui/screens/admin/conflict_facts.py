"""Facts about a money conflict: the orders, tills and receipts that a manager needs to settle it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from till.domain.i18n import _
from till.domain.order.naming import tab_name
from till.domain.payment.movement import PaymentState
from till.domain.text import clean
from till.tui.drawing.viewmodels import FactView, fact

if TYPE_CHECKING:
    from collections.abc import Iterator

    from till.domain.order.state import Order, Payment, Placed
    from till.ports import RemoteConflict
    from till.register.register import Register


def sessions_of(conflict: RemoteConflict) -> Iterator[str]:
    """Yield the orders known to be involved in a conflict. Fetching one may reveal more."""
    if conflict.session_id is None:
        return
    yield conflict.session_id
    yield from conflict.also


def facts_of(register: Register, conflict: RemoteConflict) -> tuple[FactView, ...]:
    """Return where, when and under which receipt the money was taken; empty until the orders are here."""
    orders = (register.ledger.readable(session_id) for session_id in dict.fromkeys(sessions_of(conflict)))
    known = [order for order in orders if order is not None]
    if not known:
        return ()
    if conflict.is_of_refund:
        return (fact(_("Refund"), clean(conflict.receipts[-1])), *_sales(register, known))
    if conflict.kind == "number_twice":
        return tuple(_sales(register, known))
    return tuple(_about(register, known[0], conflict))


def _sales(register: Register, orders: list[Order]) -> Iterator[FactView]:
    """Yield the sales with the conflict's number, or whose refunds have it, oldest first."""
    sold = [(order.placed, order) for order in orders if order.placed is not None]
    for placed, order in sorted(sold, key=lambda one: (one[0].at, one[0].data.order_id)):
        yield fact(_("Sale"), _receipt(register, placed))
        yield fact(_("Order"), _whose(register, order))


def _about(register: Register, order: Order, conflict: RemoteConflict) -> Iterator[FactView]:
    receipts = sorted(order.placings, key=lambda placed: placed.at)
    for place, placed in enumerate(receipts):
        yield fact(_("Paid again") if place else _("Paid"), _receipt(register, placed))
    others = [number for number in conflict.receipts if all(number != placed.data.receipt for placed in receipts)]
    if others:  # the same lines were paid for on other orders too
        yield fact(_("Paid too"), clean(", ".join(others)))
    money = register.formats.money
    if order.paid_on_both:
        sentence = _("{amount} is on both receipts").format(amount=money(order.paid_on_both))
        yield fact(_("One payment"), sentence)
        yield fact(_("Taken in all"), money(order.taken_in_all))
    payment_of = {one.event: one.payment_id for one in order.tip_changes}
    payment_id = payment_of.get(conflict.subject, conflict.subject)
    payment = order.payments.get(payment_id)
    if payment is not None and payment.state is not PaymentState.DECLINED:
        time = register.venue.local(payment.at).strftime("%H:%M")
        taken = [
            money(payment.amount),
            register.asker.tenders.label_of(payment.tender),
            register.venue.till_name(payment.till),
            time,
        ]
        yield fact(_what_became(payment), ", ".join(part for part in taken if part))
    if (tender := order.corrected.get(payment_id)) is not None:
        yield fact(_("Counts as"), register.asker.tenders.label_of(tender))
    if any(one.payment_id == payment_id for one in order.tip_changes):
        yield fact(_("Tip now"), money(order.tip_of(payment_id)))
    yield fact(_("Order"), _whose(register, order))


def _what_became(payment: Payment) -> str:
    if payment.going_back is not None:
        return _("Refunding")
    if payment.state is PaymentState.VOIDED:
        return _("Given up") if payment.is_given_up else _("Refunded")
    return _("Money") if payment.state is PaymentState.APPROVED else _("Asked for")


def _receipt(register: Register, placed: Placed) -> str:
    """Return the receipt as `₹100.00, Till 2, 20:24, 2-000002`; the amount comes first so that cutting spares it."""
    currency = register.venue.terms.currency
    total = register.formats.money(currency.minor(placed.data.total))
    time = register.venue.local(placed.at).strftime("%H:%M")
    return ", ".join([total, register.venue.till_name(placed.till), time, clean(placed.data.receipt)])


def _whose(register: Register, order: Order) -> str:
    """Return the order as `table 5, 2 lines, ₹100.00, Asha`, or `table 5, added to table 6, Asha`."""
    size = clean(order.discard_reason) if order.added_to else register.answers.size(order)
    tab = tab_name(order.tab.name) if order.tab is not None else ""
    return ", ".join(part for part in (tab, size, register.reference.name_of(order.user)) if part)
