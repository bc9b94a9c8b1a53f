"""The unanswered payments, returns and refunds of this till, for the screens."""

from __future__ import annotations

from typing import TYPE_CHECKING

from till.domain.advice import Advice
from till.domain.i18n import ngettext
from till.domain.money.amount import Currency
from till.domain.order.naming import tab_name
from till.domain.order.state import Return
from till.domain.payment.unanswered import MovementKind, Unanswered

if TYPE_CHECKING:
    from collections.abc import Iterator

    from till.domain.order.state import Order, Payment
    from till.domain.refund.state import Refund
    from till.register.ledger.ledger import Ledger
    from till.register.reference import Reference
    from till.register.refunds import Refunds


class UnansweredMoney:
    """A finder of unanswered payments, returns and refunds, for instance after a crash."""

    def __init__(self, ledger: Ledger, reference: Reference, refunds: Refunds) -> None:
        self._ledger = ledger
        self._reference = reference
        self._refunds = refunds

    def listed(self) -> list[Unanswered]:
        """Return all unanswered movements of this till, refunds first."""
        return [*map(self._of_refund, self._refunds.waiting()), *self._of_orders()]

    def sentence(self, *, but: str | None = None) -> Advice:
        """Return a sentence on the first one, with its key and the number of others; empty if there are none.

        Args:
            but: an order to leave out, since its screen shows it.
        """
        found = [one for one in self.listed() if one.session != but or one.asked is MovementKind.REFUND]
        if not found:
            return Advice()
        formats, first = self._reference.formats, found[0]
        text = first.sentence(formats.money(Currency(first.currency).minor(first.amount)))
        more = len(found) - 1
        others = ngettext("{count} more has no answer.", "{count} more have no answer.", more) if more else ""
        return Advice.of(text, others.format(count=more))

    def _of_refund(self, refund: Refund) -> Unanswered:
        started = refund.started
        return Unanswered(
            id=refund.id,
            asked=MovementKind.REFUND,
            amount=Currency(started.currency).text(refund.amount),
            currency=started.currency,
            till=refund.till,
            session=started.session_id,
            at=refund.started_at or refund.at,
            receipt=started.receipt,
        )

    def _of_orders(self) -> Iterator[Unanswered]:
        for order in self._ledger.open_orders():
            payment = order.pending_payment
            if payment is not None and order.is_followed_by(self._ledger.till, payment.asked_for):
                yield self._of_payment(order, payment)
        for left in self._refunds.left_money():
            if left.asks:
                order = self._ledger.order(left.session_id)
                yield self._of_payment(order, order.payments[left.left])

    def _of_payment(self, order: Order, payment: Payment) -> Unanswered:
        asked = payment.asked_for
        return Unanswered(
            id=asked.id,
            asked=MovementKind.RETURN if isinstance(asked, Return) else MovementKind.PAYMENT,
            amount=order.terms.currency.text(asked.amount),
            currency=order.terms.currency.code,
            till=asked.till,
            session=order.id,
            at=asked.started_at or asked.at,
            place=tab_name(order.tab.name) if order.tab is not None else "",
            person=self._reference.name_of(order.user),
            is_over=order.is_over,
        )
