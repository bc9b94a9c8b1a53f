"""Taking money: started on disk, approved or declined, and the order placed when it is settled."""

from __future__ import annotations

from typing import TYPE_CHECKING

from till.domain.errors import PaymentError
from till.domain.i18n import _
from till.domain.merge import settlement
from till.domain.money.measures import NOTHING, Minor
from till.domain.order import feedback, paying, selling
from till.domain.order.paying import CASH, Completion, Tendered
from till.domain.staff.rights import Act, Asked
from till.register.approvals import Approvals
from till.register.payments.tenders import Tenders

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date, datetime

    from till.domain.order.state import Order
    from till.domain.staff.rights import Approval
    from till.register.ledger.ledger import Command, Ledger
    from till.register.reference import Reference


class Checkout:
    """Commands about money on an open order. Amounts are minor units.

    Args:
        ledger: the write path.
        reference: the settings of the venue.
        business_date: the day that a moment counts for; a replay brings its own.
        approvals: what needs a right, and who said yes.
    """

    def __init__(
        self,
        ledger: Ledger,
        reference: Reference,
        business_date: Callable[[datetime], date] | None = None,
        *,
        approvals: Approvals | None = None,
    ) -> None:
        self._ledger = ledger
        self._reference = reference
        self._business_date = business_date or reference.business_date
        self._approvals = approvals or Approvals(ledger, reference)
        #: The ways to pay.
        self.tenders = Tenders()

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
        tip: Minor = NOTHING,
        slip: str = "",
        part: Minor | None = None,
    ) -> Order:
        """Take money that was handed over (cash, or a card whose terminal stands beside the till).

        The order is placed in the same transaction when it is settled by it. `cashback`, `against` and `part` are as in
        `till.domain.order.paying.approve_payment`; a `tip` is in the amount, a `slip` is the number of one.

        Raises:
            PaymentError: the amount does not fit what is due, or the number of its slip is missing.
            TillError: the order is on no screen, or cannot be paid as it is.
        """
        payment = payment_id or self._ledger.new_id()
        traits = self.tenders.traits_of(tender)
        if traits.needs_reference and not slip:
            sentence = _("{way} needs the number of its slip: type # and that behind the amount.")
            raise PaymentError(sentence.format(way=traits.label))
        drawer = self._ledger.till if traits.opens_drawer or cashback else None
        cashback = cashback or traits.gives_change
        tendered = Tendered(tender, amount, tip, drawer, slip)
        with self._ledger.command() as command:
            order = command.order(session_id)
            if not order.due and not against:
                selling.check_active(order)
                paying.check_payable(order, self._money)
            approved = paying.approve_payment(
                order, payment, tendered, cashback=cashback, against=against, part=part, money=self._money
            )
            command.write(paying.start_payment(order, payment, tendered))
            command.write(approved)
            if paying.is_settled(command.order(session_id)):
                self.complete(command, session_id)
        return self._ledger.order(session_id)

    def pay_exact(self, session_id: str, tender: str = CASH, *, tip: Minor = NOTHING, slip: str = "") -> Order:
        """Take exactly what is due in one tender, and a tip; what came to nothing is placed without money.

        Raises:
            EmptyOrderError: there is nothing to pay.
            TillError: as `pay`.
        """
        order = self._ledger.order(session_id)
        due = paying.due_in(order, tender)
        if not order.due and not due:
            paying.check_payable(order, self._money)
            return self.place(session_id)
        return self.pay(session_id, tender, Minor(due + tip), tip=tip, slip=slip)

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

    def needs_manager(self, session_id: str, payment_id: str, *, by_hand: bool = False) -> Asked | None:
        """What a manager is asked before a payment is given back; None where nobody needs to be.

        One is asked where somebody else took it, or another till did, or its order has ended, and who is logged in
        may not do that; and where a terminal took it and is not asked to give it back: nothing here tells that it did.

        Args:
            session_id: the order.
            payment_id: which of its payments.
            by_hand: a person says that it went back, though who took it could be asked.
        """
        order = self._ledger.order(session_id)
        payment = order.payments.get(payment_id)
        if payment is None:
            return None
        is_own = paying.is_own(payment, self._ledger.user, self._ledger.till)
        by_itself = self.tenders.traits_of(payment.tender).needs_server  # what was told here, the server does
        by_itself |= not by_hand and self.tenders.returned_by(payment.tender) is not None
        if is_own and not order.is_over and (by_itself or not payment.is_asked_elsewhere):
            return None
        asked = Asked(Act.GIVE_BACK, payment.amount)
        return None if self._approvals.allow(asked) else asked

    def is_left(self, session_id: str, payment_id: str) -> bool:
        """Whether an order that ended left a payment behind which may be given back here."""
        order = self._ledger.readable(session_id)
        return order is not None and paying.is_left(order, payment_id, self._ledger.till)

    def give_back(self, session_id: str, payment_id: str, approval: Approval | None = None) -> Order:
        """Write down that a person gave a payment back: of an open order, or one left by an order that ended.

        What a terminal took it is asked for first (`Charges.give_back`).

        Args:
            session_id: the order.
            payment_id: which of its payments.
            approval: a manager's yes, where one is needed.

        Raises:
            RightsError: it needs a manager.
            PaymentError: it was given back before.
        """
        if (asked := self.needs_manager(session_id, payment_id, by_hand=True)) is not None:
            self._approvals.need(asked, approval)
        number = approval.by.number if approval else None
        with self._ledger.command() as command:
            order = command.order(session_id)
            payment = order.payments.get(payment_id)
            traits = self.tenders.traits_of(payment.tender) if payment is not None else None
            drawer = self._ledger.till if traits is not None and traits.opens_drawer else None
            command.write(paying.give_back(order, payment_id, self._ledger.till, manager=number, drawer=drawer))
            self._approvals.record(command, approval)
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
            TillError: as `paying.place_order`.
        """
        with self._ledger.command() as command:
            self.complete(command, session_id)
        return self._ledger.order(session_id)

    def complete(self, command: Command, session_id: str) -> None:
        """End an order that is settled, under the next number of a receipt.

        What is wrong with money that somebody else took for it before is said with it.
        """
        completion = Completion(self._ledger.new_id(), self._receipt(), self._business_date(self._ledger.now()))
        command.write(paying.place_order(command.order(session_id), completion, self._money))
        placed = command.order(session_id)
        if any(payment.is_asked_elsewhere for payment in placed.payments.values()):
            command.write(settlement.write_down(placed, settlement.conflicts(placed)))

    def _money(self, amount: Minor) -> str:
        return self._reference.formats.money(amount)

    def _receipt(self) -> str:
        """The next number: this till, the letters of its journal, and a count that never runs back."""
        journal = self._ledger.journal
        if journal.series is None:
            journal.set_series("X" + journal.journal_id[-4:].upper())
        return f"{self._ledger.till}{journal.series}-{journal.last_receipt + 1:06d}"
