"""Payments by hand: recorded as started, approved or declined; a settled order is placed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from till.domain.errors import PaymentError
from till.domain.i18n import _
from till.domain.money.measures import NOTHING, Minor
from till.domain.numbers import TICKETS
from till.domain.order import charging, deciding, feedback, paying
from till.domain.order.paying import CASH, Completion, Tendered
from till.domain.payment.movement import PaymentState, Result
from till.domain.staff.rights import Permission, PermissionRequest
from till.domain.till.money import refuse_money

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from till.domain.order.state import Order
    from till.domain.staff.rights import Approval
    from till.register.approvals import Approvals
    from till.register.ledger.ledger import Command, Ledger
    from till.register.payments.asking import PaymentClient
    from till.register.payments.tenders import Tenders
    from till.register.reference import Reference


class Checkout:
    """Commands for payments of an open order. Amounts are minor units.

    Args:
        ledger: the write path.
        reference: the settings of the venue.
        asker: has the tenders.
        approvals: the rights and their approvals.
    """

    def __init__(
        self,
        ledger: Ledger,
        reference: Reference,
        asker: PaymentClient,
        approvals: Approvals,
    ) -> None:
        self._ledger = ledger
        self._reference = reference
        self._approvals = approvals
        self._asker = asker
        #: Refuses an order that the country's law has no record for, before any money is taken.
        self.check_law: Callable[[Order], None] = lambda _order: None
        #: Chooses the series of the number of a sale: the country's law may want one for full invoices.
        self.series: Callable[[Order], str] = lambda _order: TICKETS

    @property
    def tenders(self) -> Tenders:
        """The tenders of this till."""
        return self._asker.tenders

    def check_till(self, *, is_order: bool = True) -> None:
        """Refuse at a till that takes no money; `is_order` is False for what is not about an open order."""
        if not self._ledger.takes_money:
            raise refuse_money(self._ledger.till, is_order=is_order)

    def begin(self, session_id: str) -> Order:
        """Record that the guest wants to pay, before the tender is chosen.

        Raises:
            TillError: the order is not on a screen, or cannot be paid yet, or not at this till.
        """
        self.check_till()
        self.check_law(self._ledger.order(session_id))
        self._ledger.commit(paying.start_checkout(self._ledger.order(session_id)))
        return self._ledger.order(session_id)

    def pay(
        self,
        session_id: str,
        tender: str,
        amount: Minor,
        *,
        cashback: bool = False,
        recorded: bool = False,
        payment_id: str | None = None,
        tip: Minor = NOTHING,
        slip: str = "",
        part: Minor | None = None,
        pieces: Mapping[str, int] | None = None,
        approval: Approval | None = None,
    ) -> Order:
        """Take money that was handed over (cash, or a card whose terminal is not connected).

        The order is placed in the same transaction if the payment settles it. `cashback`, `recorded` and `part` are as
        in `till.domain.order.paying.approve_payment`; the amount includes a `tip`, and `slip` is the number of a slip.
        `pieces` are the pieces that the payment is for, by line. A negative amount is paid out to the guest, with a
        manager's approval if one is needed.
        """
        if not recorded:
            self._approvals.need(self._right_to_pay_out(session_id, tender, amount), approval)
        payment = payment_id or self._ledger.new_id()
        traits = self.tenders.traits_of(tender)
        if traits.needs_reference and not slip:
            sentence = _("{way} needs its slip number: type # and it, as in “50 #12”.")
            raise PaymentError(sentence.format(way=traits.label))
        if not recorded:
            self.tenders.check_drawer(tender)
        cashback = (cashback or traits.gives_change) and self.tenders.has_drawer
        drawer = self._ledger.till if traits.opens_drawer or cashback else None
        tendered = Tendered(tender, amount, tip, drawer, slip, pieces or {}, is_kept=traits.opens_drawer)
        with self._ledger.command() as command:
            order = command.order(session_id)
            if not recorded:
                self.check_law(order)
            if not order.due and not recorded:
                deciding.check_active(order)
                paying.check_payable(order, self._money)
            approved = paying.approve_payment(
                order, payment, tendered, cashback=cashback, recorded=recorded, part=part, money=self._money
            )
            command.write(paying.start_payment(order, payment, tendered))
            command.write(approved)
            self._approvals.record(command, approval)
            if paying.is_settled(command.order(session_id)):
                self.complete(command, session_id)
        return self._ledger.order(session_id)

    def _right_to_pay_out(self, session_id: str, tender: str, amount: Minor) -> PermissionRequest | None:
        """Return the right to pay out a negative amount; None if it needs none.

        Returning a payment needs the same right, so no other way of paying out is easier.
        """
        if amount >= 0:
            return None
        order, ledger = self._ledger.order(session_id), self._ledger
        may = paying.may_return(order, tender, Minor(-amount), ledger.user, ledger.till)
        return None if may else PermissionRequest(Permission.GIVE_BACK, amount)

    def pay_exact(
        self,
        session_id: str,
        tender: str = CASH,
        *,
        tip: Minor = NOTHING,
        slip: str = "",
        pieces: Mapping[str, int] | None = None,
        approval: Approval | None = None,
    ) -> Order:
        """Take the exact amount due in one tender, and a tip. An order with a total of zero is placed without money.

        With `pieces`, take their exact amount.

        Raises:
            EmptyOrderError: there is nothing to pay.
        """
        order = self._ledger.order(session_id)
        due = paying.items_in(order, tender, pieces or {})
        if not order.due and not due:
            paying.check_payable(order, self._money)
            return self.place(session_id)
        return self.pay(session_id, tender, Minor(due + tip), tip=tip, slip=slip, pieces=pieces, approval=approval)

    def attempt(
        self, session_id: str, tender: str, amount: Minor, reason: str, *, payment_id: str | None = None
    ) -> Order:
        """Record a failed attempt to pay."""
        payment = payment_id or self._ledger.new_id()
        with self._ledger.command() as command:
            command.write(paying.start_payment(command.order(session_id), payment, Tendered(tender, amount)))
            order = command.order(session_id)
            command.write(charging.answer(order, order.payments[payment], Result(PaymentState.DECLINED, reason=reason)))
        return self._ledger.order(session_id)

    def needs_manager(self, session_id: str, payment_id: str, *, by_hand: bool = False) -> PermissionRequest | None:
        """Return the right that a manager must approve before a payment is returned; None if none is needed.

        Approval is needed if another person or till took the payment, or its order has ended. It is also needed if a
        terminal took the payment and is not asked for the refund, since nothing here proves the refund; if another
        tender gave change in cash; if a part of the money was given back before; and if a person settled the payment,
        and its terminal never answered.

        Args:
            session_id: the order.
            payment_id: the payment.
            by_hand: True if a person records the return, though the provider could do it.
        """
        order = self._ledger.order(session_id)
        payment = order.payments.get(payment_id)
        if payment is None:
            return None
        is_own = paying.is_own(payment, self._ledger.user, self._ledger.till)
        by_itself = self.tenders.traits_of(payment.tender).needs_server  # the server returns it by the event alone
        by_itself |= not by_hand and self.tenders.returned_by(payment.tender) is not None
        if by_itself:
            is_own &= order.paid >= payment.settles
        else:
            is_own &= not payment.is_asked_elsewhere and not paying.cash_change(payment)
            is_own &= paying.may_return(order, payment.tender, payment.settles, self._ledger.user, self._ledger.till)
        if is_own and not order.is_over and not payment.is_doubtful:
            return None
        return PermissionRequest(Permission.GIVE_BACK, payment.amount)

    def is_left(self, session_id: str, payment_id: str) -> bool:
        """True if a payment is left over from an ended order and may be returned here."""
        order = self._ledger.readable(session_id)
        return order is not None and paying.is_left(order, payment_id, self._ledger.till)

    def give_back(self, session_id: str, payment_id: str, approval: Approval | None = None) -> Order:
        """Record that a person returned a payment of an open order, or one left over from an ended order.

        For a payment by terminal, ask the terminal first (`Charges.give_back`).

        Args:
            session_id: the order.
            payment_id: the payment.
            approval: a manager's approval, if one is needed.
        """
        number = approval.by.number if approval else None
        asked = self.needs_manager(session_id, payment_id, by_hand=True)
        with self._approvals.command(asked, approval) as command:
            order = command.order(session_id)
            payment = order.payments.get(payment_id)
            traits = self.tenders.traits_of(payment.tender) if payment is not None else None
            moves_cash = (traits is not None and traits.opens_drawer) or (payment and paying.cash_change(payment))
            if moves_cash:
                self.tenders.check_drawer()
            drawer = self._ledger.till if moves_cash else None
            command.write(paying.give_back(order, payment_id, self._ledger.till, manager=number, drawer=drawer))
        return self._ledger.order(session_id)

    def give_feedback(self, session_id: str, score: int, words: str = "") -> Order:
        """Record the guest's feedback on a paid order, from 1 to 5; it replaces an earlier one."""
        self._ledger.commit(feedback.give(self._ledger.order(session_id), score, words))
        return self._ledger.order(session_id)

    def place(self, session_id: str) -> Order:
        """Complete an order that is settled by its payments or has a total of zero.

        Raises:
            TillError: see `paying.place_order`.
        """
        with self._ledger.command() as command:
            self.complete(command, session_id)
        return self._ledger.order(session_id)

    def complete(self, command: Command, session_id: str) -> None:
        """Complete a settled order with the next receipt number."""
        mark = self._ledger.journal.mark_of(session_id)
        day = self._reference.today
        known = mark.event if mark is not None else None
        order = command.order(session_id)
        number = self._ledger.next_number(self.series(order))
        completion = Completion(self._ledger.new_id(), number, day, known, self._reference.menu.category_of)
        command.write(paying.place_order(order, completion, self._money))

    def _money(self, amount: Minor) -> str:
        return self._reference.formats.money(amount)
