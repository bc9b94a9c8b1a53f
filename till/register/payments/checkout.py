"""Taking money: started on disk, approved or declined, and the order placed when it is settled."""

from __future__ import annotations

from typing import TYPE_CHECKING

from till.domain.errors import RightsError
from till.domain.order import feedback, paying, selling
from till.domain.order.paying import CASH, Completion, Tendered

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date, datetime

    from till.domain.events.envelope import Draft
    from till.domain.money.measures import Minor
    from till.domain.order.state import Order
    from till.domain.staff.person import Person
    from till.register.ledger.ledger import Ledger
    from till.register.reference import Reference


class Checkout:
    """Commands about money on an open order. Amounts are minor units.

    Args:
        ledger: the write path.
        reference: the settings of the venue.
        business_date: the day that a moment counts for; a replay brings its own.
    """

    def __init__(
        self, ledger: Ledger, reference: Reference, business_date: Callable[[datetime], date] | None = None
    ) -> None:
        self._ledger = ledger
        self._reference = reference
        self._business_date = business_date or reference.business_date

    def begin(self, session_id: str) -> Order:
        """Write down that the guest wants to pay, before it is said how.

        Raises:
            TillError: the order is on no screen, or cannot be paid as it is.
        """
        self._ledger.commit(paying.start_checkout(self._ledger.order(session_id)))
        return self._ledger.order(session_id)

    def pay(
        self,
        session_id: str,
        tender: str,
        amount: Minor,
        *,
        cashback: bool = False,
        against: bool = False,
        payment_id: str | None = None,
    ) -> Order:
        """Take money that was handed over (cash, or a card whose terminal stands beside the till).

        The order is placed in the same transaction when it is settled by it. `cashback` and `against` are as in
        `till.domain.order.paying.approve_payment`.

        Raises:
            PaymentError: the amount does not fit what is due.
        """
        payment = payment_id or self._ledger.new_id()
        tendered = Tendered(tender, amount)
        with self._ledger.command() as command:
            order = command.order(session_id)
            if not order.due and not against:
                selling.check_active(order)
                paying.check_payable(order, self._money)
            approved = paying.approve_payment(
                order, payment, tendered, cashback=cashback, against=against, money=self._money
            )
            command.write(paying.start_payment(order, payment, tendered))
            command.write(approved)
            if paying.is_settled(command.order(session_id)):
                command.write(self._placing(command.order(session_id)))
        return self._ledger.order(session_id)

    def pay_exact(self, session_id: str, tender: str = CASH) -> Order:
        """Take exactly what is due in one tender; what came to nothing is placed without money.

        Raises:
            EmptyOrderError: there is nothing to pay.
        """
        order = self._ledger.order(session_id)
        if not order.due:
            paying.check_payable(order, self._money)
            return self.place(session_id)
        return self.pay(session_id, tender, paying.cash_due(order) if tender == CASH else order.due)

    def attempt(
        self, session_id: str, tender: str, amount: Minor, reason: str, *, payment_id: str | None = None
    ) -> Order:
        """Write down an attempt to pay that came to nothing."""
        payment = payment_id or self._ledger.new_id()
        with self._ledger.command() as command:
            command.write(paying.start_payment(command.order(session_id), payment, Tendered(tender, amount)))
            order = command.order(session_id)
            command.write(paying.decline_payment(order, order.payments[payment], reason))
        return self._ledger.order(session_id)

    def needs_manager(self, session_id: str, payment_id: str) -> bool:
        """Whether a manager is asked before a payment is given back.

        So it is where somebody else took it, or another till did, or its order has ended.
        """
        order = self._ledger.order(session_id)
        payment = order.payments.get(payment_id)
        if payment is None:
            return False
        return order.is_over or not paying.is_own(payment, self._ledger.user, self._ledger.till)

    def is_left(self, session_id: str, payment_id: str) -> bool:
        """Whether an order that ended left a payment behind which may be given back here."""
        order = self._ledger.readable(session_id)
        return order is not None and paying.is_left(order, payment_id, self._ledger.till)

    def give_back(self, session_id: str, payment_id: str, manager: Person | None = None) -> Order:
        """Give a payment back, in cash or to the card that paid: of an open order, or one left by an order that ended.

        Args:
            session_id: the order.
            payment_id: which of its payments.
            manager: who said yes, by number and PIN, where one is needed.

        Raises:
            RightsError: it needs a manager.
            PaymentError: it was given back before.
        """
        if (manager is None and self.needs_manager(session_id, payment_id)) or (manager and not manager.manages):
            raise RightsError
        number = manager.number if manager else None
        order = self._ledger.order(session_id)
        self._ledger.commit(paying.give_back(order, payment_id, self._ledger.till, manager=number))
        return self._ledger.order(session_id)

    def give_feedback(self, session_id: str, score: int, words: str = "") -> Order:
        """Write down what the guest of a paid order thinks of it, from 1 to 5; what was said before gives way.

        Raises:
            FeedbackError: it is not paid, or that is no score.
        """
        self._ledger.commit(feedback.give(self._ledger.order(session_id), score, words))
        return self._ledger.order(session_id)

    def place(self, session_id: str) -> Order:
        """Complete an order that is settled: with its payments, or because it came to nothing.

        Raises:
            PaymentError: something is still due.
        """
        self._ledger.commit(self._placing(self._ledger.order(session_id)))
        return self._ledger.order(session_id)

    def _placing(self, order: Order) -> list[Draft]:
        completion = Completion(self._ledger.new_id(), self._receipt(), self._business_date(self._ledger.now()))
        return paying.place_order(order, completion, self._money)

    def _money(self, amount: Minor) -> str:
        return self._reference.formats.money(amount)

    def _receipt(self) -> str:
        """The next number: this till, the letters of its journal, and a count that never runs back."""
        journal = self._ledger.journal
        if journal.series is None:
            journal.set_series("X" + journal.journal_id[-4:].upper())
        return f"{self._ledger.till}{journal.series}-{journal.last_receipt + 1:06d}"
