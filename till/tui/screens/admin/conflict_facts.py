"""What a conflict about money is about: the orders, tills and receipts that a manager looks at to settle it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from till.domain.i18n import _
from till.domain.order.state import Order, Payment, PaymentState, Placed
from till.domain.text import clean
from till.tui.drawing.viewmodels import FactView, StyledText

if TYPE_CHECKING:
    from collections.abc import Iterator

    from till.ports import RemoteConflict
    from till.register.register import Register


def sessions_of(conflict: RemoteConflict) -> Iterator[str]:
    """The orders that must be here for the facts, as far as is known; with each that came there may be more."""
    if conflict.session_id is None:
        return
    yield conflict.session_id
    yield from conflict.also


def facts_of(register: Register, conflict: RemoteConflict) -> tuple[FactView, ...]:
    """Where, when and by which receipt the money was taken; nothing before the orders are here."""
    orders = (register.ledger.readable(session_id) for session_id in dict.fromkeys(sessions_of(conflict)))
    known = [order for order in orders if order is not None]
    if not known:
        return ()
    if conflict.kind == "receipt_twice":
        return tuple(_sales(register, known))
    if conflict.kind in {"refund_twice", "refund_contradicted", "refund_left"}:
        return (*_number(conflict), *_sales(register, known))
    return tuple(_about(register, known[0], conflict))


def _number(conflict: RemoteConflict) -> Iterator[FactView]:
    """The number of the refund, or that two bear: it is told behind those of the sales."""
    if conflict.receipts:
        yield FactView(_("Refund"), StyledText(clean(conflict.receipts[-1])))


def _sales(register: Register, orders: list[Order]) -> Iterator[FactView]:
    """The sales that bear one number, or whose refunds do, the first first."""
    sold = [(order.placed, order) for order in orders if order.placed is not None]
    for placed, order in sorted(sold, key=lambda one: (one[0].at, one[0].data.order_id)):
        yield FactView(_("Sale"), StyledText(_receipt(register, placed)))
        yield FactView(_("Order"), StyledText(_whose(register, order)))


def _about(register: Register, order: Order, conflict: RemoteConflict) -> Iterator[FactView]:
    receipts = sorted(order.placings, key=lambda placed: placed.at)
    for place, placed in enumerate(receipts):
        yield FactView(_("Paid again") if place else _("Paid"), StyledText(_receipt(register, placed)))
    others = [number for number in conflict.receipts if all(number != placed.data.receipt for placed in receipts)]
    if others:  # the same lines were paid for on other orders too
        yield FactView(_("Paid too"), StyledText(clean(", ".join(others))))
    money = register.formats.money
    line, payment = order.lines.get(conflict.subject), order.payments.get(conflict.subject)
    if conflict.kind in {"paid_for_more", "paid_for_less"} and line is not None:
        sold = order.miscounted_by(line)
        paid = sold.quantities[line.id] if sold is not None else 0
        told = _("{paid} were paid for, {left} left").format(paid=paid, left=line.pieces)
        yield FactView(_("Line"), StyledText(f"{clean(line.name)}: {told}"))
    if payment is not None and payment.state not in {PaymentState.DECLINED, PaymentState.MOVED}:
        time = register.venue.local(payment.at).strftime("%H:%M")
        taken = [
            money(payment.amount),
            register.charges.tenders.label_of(payment.tender),
            register.venue.till_name(payment.till),
            time,
        ]
        yield FactView(_what_became(payment), StyledText(", ".join(part for part in taken if part)))
    if conflict.kind == "tender_twice" and (tender := order.corrected.get(conflict.subject)) is not None:
        yield FactView(_("Counts as"), StyledText(register.charges.tenders.label_of(tender)))
    yield FactView(_("Order"), StyledText(_whose(register, order)))


def _what_became(payment: Payment) -> str:
    if payment.going_back is not None:
        return _("Going back")
    if payment.state is PaymentState.VOIDED:
        return _("Given back")
    return _("Money") if payment.state is PaymentState.APPROVED else _("Asked for")


def _receipt(register: Register, placed: Placed) -> str:
    """`₹100.00, Till 2, 20:24, 2-000002`: where there is no room, the money stays."""
    currency = register.venue.terms.currency
    total = register.formats.money(currency.minor(placed.data.total))
    time = register.venue.local(placed.at).strftime("%H:%M")
    return ", ".join([total, register.venue.till_name(placed.till), time, clean(placed.data.receipt)])


def _whose(register: Register, order: Order) -> str:
    """`2 lines, ₹100.00, cashier 1`."""
    size = register.answers.size(order)
    return ", ".join(part for part in (size, register.reference.name_of(order.user)) if part)
