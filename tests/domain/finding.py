"""The findings of `warm.flag_payments` about an order that ended, where a test has no server."""

from __future__ import annotations

from typing import TYPE_CHECKING

from till.domain.payment.movement import PaymentState

if TYPE_CHECKING:
    from collections.abc import Iterator

    from till.domain.order.state import Order


def doubted(order: Order) -> Iterator[tuple[str, str, int]]:
    """The kind, the payment and the amount of each finding."""
    for payment in order.payments.values() if order.is_over else ():
        stands, is_listed = payment.state is PaymentState.APPROVED, payment.id in order.listed
        counted = stands or payment.settled_by is not None
        is_contradictory = (payment.is_contradicted and counted) or any(one.is_contradicted for one in payment.returns)
        if payment.is_back_twice or is_contradictory or (payment.state is PaymentState.VOIDED and is_listed):
            yield "outcome_contradicted", payment.id, payment.amount
        if stands and payment.over:
            yield "charged_otherwise", payment.id, payment.over
        if stands and not is_listed and payment.amount:
            yield "money_without_order", payment.id, payment.amount
