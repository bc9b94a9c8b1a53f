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
    from collections.abc import Callable, Iterable, Iterator

    from till.domain.order.state import Order, Payment
    from till.register.ledger.ledger import Ledger
    from till.register.reference import Reference


class UnansweredMoney:
    """A finder of unanswered payments, returns and refunds, for instance after a crash.

    Args:
        ledger: the orders.
        reference: the names of people.
        refunds: returns the unanswered refunds.
        left: returns the payments left over from ended orders whose return has no answer, with their orders.
    """

    def __init__(
        self,
        ledger: Ledger,
        reference: Reference,
        refunds: Callable[[], Iterable[Unanswered]],
        left: Callable[[], Iterable[tuple[Order, Payment]]],
    ) -> None:
        self._ledger = ledger
        self._reference = reference
        self._refunds, self._left = refunds, left

    def listed(self) -> list[Unanswered]:
        """Return all unanswered movements of this till, refunds first."""
        return [*self._refunds(), *self._of_orders()]

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

    def _of_orders(self) -> Iterator[Unanswered]:
        for order in self._ledger.open_orders():
            payment = order.pending_payment
            if payment is not None and order.is_followed_by(self._ledger.till, payment.asked_for):
                yield self._of_payment(order, payment)
        for order, payment in self._left():
            yield self._of_payment(order, payment)

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
