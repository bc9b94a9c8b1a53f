"""Payments with a provider, and their returns.

An answer is recorded whatever the state of the order, and completes the order if it settles it.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final, Protocol

from typing_extensions import override

from till.domain.advice import advice_of
from till.domain.errors import PaymentError, RightsError, TillError
from till.domain.i18n import N_, _
from till.domain.money.measures import NOTHING, Minor
from till.domain.order import charging, paying
from till.domain.order.evolve import ORDERS
from till.domain.order.paying import Tendered
from till.domain.order.state import Return
from till.domain.payment.events import PaymentApproved, PaymentStarted, PaymentVoided
from till.domain.payment.movement import ANSWERED, PaymentState, Result, confirms
from till.domain.staff.rights import Permission, PermissionRequest
from till.register.hearing import Hearer
from till.register.payments.asking import LOOKED_AT

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from till.domain.order.state import Order, Payment, Tab
    from till.domain.staff.rights import Approval
    from till.ports import ChargeAnswer, Slip
    from till.register.approvals import Approvals
    from till.register.ledger.ledger import Command, Ledger
    from till.register.payments.asking import ChargeProgress, PaymentClient
    from till.register.payments.checkout import Checkout
    from till.register.reference import Reference

_LOG: Final = logging.getLogger(__name__)
#: A part of the body of each answer that a person gave.
_SETTLED: Final = '"approved_by":'


class Moved(Protocol):
    """A callback for each order whose charge made progress."""

    def __call__(self, session_id: str, payment_id: str, *, answered: bool = False) -> None:
        """Receive the progress of `payment_id`, empty for no single payment; `answered` is true if it just finished."""


class Charges(Hearer):
    """Commands on payments with a provider. A `Use` of the asker.

    Args:
        ledger: the write path.
        reference: formats amounts.
        asker: requests the charges.
        checkout: places a settled order.
        report: called for each order whose charge made progress.
        approvals: checks the right to settle by hand.
    """

    def __init__(
        self,
        ledger: Ledger,
        reference: Reference,
        asker: PaymentClient,
        checkout: Checkout,
        report: Moved,
        approvals: Approvals,
    ) -> None:
        self._ledger = ledger
        self._reference = reference
        self._asker = asker
        self._checkout = checkout
        self._report = report
        self._approvals = approvals
        asker.uses.append(self)
        ledger.observe(ORDERS, self._follow_pending)

    # Commands

    def ask(
        self,
        session_id: str,
        tender_name: str,
        amount: Minor | None = None,
        tip: Minor | None = None,
        *,
        place: str = "",
        pieces: Mapping[str, int] | None = None,
    ) -> ChargeProgress:
        """Charge a payment: record it on disk, push it, send the request. The answer arrives later.

        Args:
            session_id: the order.
            tender_name: the tender.
            amount: a part of the amount due; None for the whole amount.
            tip: the tip on top.
            place: the owner of the money, for a tender that needs one: the server's name of a voucher, or a customer.
            pieces: the pieces that the payment is for, by line; they set the amount.

        Raises:
            TillError: the order cannot be paid this way, or the terminal is busy with another payment.
        """
        tender, key = self._asker.tenders.asked_of(tender_name), self._ledger.new_id()
        if tender is None:
            raise PaymentError(_("That way to pay is not set up on this till."))
        order, money = self._ledger.order(session_id), self._reference.formats.money
        paying.check_payable(order, money)
        self._checkout.check_law(order)
        names = (place, "", "") if place else self._asker.name(tender, key)
        settles = paying.items_in(order, tender_name, pieces or {}) if amount is None else amount
        asked = Tendered(tender_name, Minor(settles + (tip or 0)), tip or NOTHING, pieces=pieces or {})
        with self._asker.starting(key):
            self._ledger.commit(charging.start_charge(order, key, asked, names, money))
        return self._started(session_id, key)

    def is_returned(self, payment: Payment) -> bool:
        """True if a provider refunds the payment on request. The server refunds its tenders by the events alone."""
        return payment.is_asked_elsewhere and self._asker.tenders.returned_by(payment.tender) is not None

    def give_back(self, session_id: str, payment_id: str, approval: Approval | None = None) -> ChargeProgress:
        """Return a payment by its provider: record it on disk, push it, send the request. The answer arrives later.

        Args:
            session_id: the order, open here, or ended with that payment left over.
            payment_id: the payment; `is_returned` must be true for it.
            approval: a manager's approval, if one is needed.
        """
        order, key = self._ledger.order(session_id), self._ledger.new_id()
        self._approvals.need(self._checkout.needs_manager(session_id, payment_id), approval)
        payment = paying.check_taken(order, payment_id, self._ledger.till)
        tender = self._asker.tenders.returned_by(payment.tender)
        if tender is None or not payment.is_asked_elsewhere:
            raise PaymentError(_("That way to pay is not set up on this till."))
        names = self._asker.name(tender, key)
        manager = approval.by.number if approval is not None else None
        with self._asker.starting(key), self._ledger.command() as command:
            command.write(charging.start_return(order, payment_id, key, names, self._ledger.till, manager))
            self._approvals.record(command, approval)
        return self._started(session_id, payment_id)

    def _started(self, session_id: str, payment_id: str) -> ChargeProgress:
        order = self._ledger.order(session_id)
        progress = self._progress(order, order.payments[payment_id].asked_for)
        if progress is None:
            raise PaymentError(_("That way to pay is not set up on this till."))
        self._asker.start(progress)
        return progress

    def settle_by_hand(
        self, session_id: str, payment_id: str, approval: Approval | None, *, charged: bool, slip: str = ""
    ) -> Order:
        """Settle an unanswered payment by a manager's decision, after a poll of the terminal (unknown counts).

        Args:
            session_id: the order.
            payment_id: the payment.
            approval: a manager's approval, if one is needed.
            charged: True if the slip shows the charge; for a return, the refund.
            slip: the slip number.
        """
        order = self._ledger.order(session_id)
        payment = order.payments[payment_id]
        known = payment.asked_for
        self._asker.check_settling(known)
        manager = approval.by.number if approval is not None else self._ledger.user
        if manager is None:
            raise RightsError
        result = Result(PaymentState.APPROVED, manager, transaction=slip)
        if not charged:
            was = N_("settled by hand: not charged") if known is payment else N_("settled by hand: not refunded")
            result = Result(PaymentState.DECLINED, manager, reason=self._reference.venue.written(was))
        with self._approvals.command(PermissionRequest(Permission.SETTLE, known.amount), approval) as command:
            command.write(charging.answer(order, known, result, self._drawer_of(payment)))
            self._place(command, session_id)
        self._asker.ask_now(known.id)  # this ends the polling
        return self._ledger.order(session_id)

    def keep(self, session_id: str, tab: Tab) -> None:
        """Put an order on a tab while the outcome of its payment is unknown; the answer is recorded there."""
        self._ledger.commit(charging.save_unanswered(self._ledger.order(session_id), tab))

    def till_that_asked_back(self, payment: Payment) -> int | None:
        """Return the till that requested the return of a payment, if this till does not poll it; otherwise None."""
        back = payment.going_back
        return back.till if back is not None and self._asker.progress_of(back.id) is None else None

    # `Use`

    def all_progress(self) -> Iterator[ChargeProgress]:
        """Yield the charges of open orders, those settled by hand, and the newest others; complete answered orders."""
        journal = self._ledger.journal
        for order in self._ledger.open_orders():
            self.follow(order)
        for kind in (PaymentApproved, PaymentVoided):
            for session_id in journal.streams_with(kind.listed, _SETTLED):
                settled = self._ledger.readable(session_id)
                yield from self._unconfirmed(settled) if settled is not None else ()
        newest = journal.newest(PaymentStarted.listed, LOOKED_AT)
        for session_id in reversed(dict.fromkeys(event.stream_id for event in newest)):
            listed = self._ledger.readable(session_id)  # another till may have ended it before the answer came
            if listed is not None:
                self._complete(listed)
                found = (self._progress(listed, one) for one in _movements(listed))
                yield from (progress for progress in found if progress is not None)

    def find_progress(self, key: str) -> ChargeProgress | None:
        """Return the progress of a payment or return that the journal has; None if this till never held its order."""
        for session_id in self._ledger.journal.streams_with(PaymentStarted.listed, key):
            order = self._ledger.readable(session_id)
            if order is None or not self._has_held(order):
                continue
            for movement in _movements(order):
                if movement.id == key:
                    return self._progress(order, movement)
        return None

    @override
    def order_grew(self, order: Order) -> None:
        self.follow(order)

    def follow(self, order: Order) -> None:
        """Poll the pending payment of an order if it is this till's to poll; complete an answered order."""
        payment = order.pending_payment
        if payment is None:
            self._asker.wake(order.id)
            self._complete(order)
        elif (progress := self._progress(order, payment.asked_for)) is not None:
            self._asker.follow(progress)
        for progress in self._unconfirmed(order):
            self._asker.follow(progress)

    def _follow_pending(self, order: Order) -> None:
        if order.pending_payment is not None:
            self.follow(order)

    def _unconfirmed(self, order: Order) -> Iterator[ChargeProgress]:
        """Yield the movements of an order that a person settled, if this till may write the provider's answer."""
        settled = [one for one in _movements(order) if one.is_unconfirmed]
        found = (self._progress(order, one) for one in settled if self._has_held(order))
        yield from (progress for progress in found if progress is not None)

    def _has_held(self, order: Order) -> bool:
        """True if this till ever held an order: the database takes answers from such tills only."""
        till = self._ledger.till
        events = self._ledger.journal.events_of(order.id)
        return order.holder == till or any(one.by_till == till and not one.data.any_hold for one in events)

    def _progress(self, order: Order, movement: Payment | Return) -> ChargeProgress | None:
        payment_id = movement.payment_id if isinstance(movement, Return) else movement.id
        return self._asker.progress_for(self, order.id, payment_id, movement, order.terms.currency.code)

    def movement(self, progress: ChargeProgress) -> Payment | Return | None:
        """Return the payment of a charge, or its return."""
        order = self._ledger.readable(progress.stream)
        payment = order.payments.get(progress.payment_id) if order is not None else None
        if payment is None or not progress.goes_back:
            return payment
        return next((one for one in payment.returns if one.id == progress.charge.key), None)

    def is_asked_here(self, progress: ChargeProgress) -> bool:
        """Return True if this till follows the order of the movement."""
        order, movement = self._ledger.readable(progress.stream), self.movement(progress)
        if order is None or movement is None:
            return False
        return order.is_followed_by(self._ledger.till, movement)

    def write(self, progress: ChargeProgress, result: Result, slips: Iterable[Slip]) -> bool:
        """Record an answer, and place the order if it is settled. Both are by the person who started the charge."""
        order, known = self._ledger.order(progress.stream), self.movement(progress)
        with self._ledger.command(known.user if known is not None else None) as command:
            payment = order.payments[progress.payment_id]
            drafts = charging.answer(order, known, result, self._drawer_of(payment)) if known is not None else []
            if drafts:
                command.write(charging.keep_slips(order, payment.id, [slip.parts for slip in slips]))
            command.write(drafts)
            self._place(command, progress.stream)
        return bool(drafts) and not (known is not None and confirms(known, result))

    def keep_slip(self, progress: ChargeProgress, slip: Slip) -> bool:
        """Keep a slip before the answer, while the guest is still there."""
        order = self._ledger.order(progress.stream)
        self._ledger.commit(charging.keep_slips(order, progress.payment_id, [slip.parts]))
        progress.steps.append((self._ledger.now(), advice_of(N_("slip received"))))
        return True

    def tell(self, progress: ChargeProgress, answer: ChargeAnswer | None = None, *, is_news: bool = False) -> None:
        """Show the progress."""
        answered = answer is not None and is_news and progress.meaning(answer).state in ANSWERED
        self._report(progress.stream, progress.payment_id, answered=answered)

    def heard_elsewhere(self, progress: ChargeProgress) -> None:
        """Complete an order whose answer another till received, if this till holds the order now."""
        order = self._ledger.readable(progress.stream)
        payment = order.payments.get(progress.payment_id) if order is not None else None
        if payment is None or payment.is_awaited or payment.till == self._ledger.till:
            return
        if payment.state is PaymentState.APPROVED:
            self._try_to_place(progress.stream)
        self._report(progress.stream, progress.payment_id, answered=True)

    # The end of an order

    def _drawer_of(self, payment: Payment) -> int | None:
        return self._ledger.till if self._asker.tenders.traits_of(payment.tender).opens_drawer else None

    def _complete(self, order: Order) -> None:
        """Place an order that the server's answer settled while this till was off, or on a broken till."""
        answered = (
            payment.state is PaymentState.APPROVED and self._asker.tenders.traits_of(payment.tender).needs_server
            for payment in order.payments.values()
        )
        if order.is_over or not any(answered) or not paying.is_settled(order):
            return
        self._try_to_place(order.id)
        self._report(order.id, "")

    def _try_to_place(self, session_id: str) -> None:
        try:
            order = self._ledger.order(session_id)
            taken = [one for one in order.payments.values() if one.state is PaymentState.APPROVED]
            newest = max(taken, key=lambda one: one.at, default=None)
            with self._ledger.command((newest and newest.user) or order.user or None) as command:
                self._place(command, session_id)
        except TillError as problem:
            _LOG.warning("order_not_completed", extra={"session": session_id, "error": problem.code})

    def _place(self, command: Command, session_id: str) -> None:
        """Complete a settled order, also a suspended one, if this till holds it.

        An order whose payments were all refunded is not sold by that: a person goes on with it, or clears it.
        """
        order = command.order(session_id)
        if not paying.may_end(order) or order.holder != self._ledger.till or self._ledger.lock_of(order.id):
            return
        is_taken = any(one.state is PaymentState.APPROVED for one in order.payments.values())
        if is_taken and paying.is_settled(order) and not order.waits_for_manager:
            self._checkout.complete(command, session_id)


def _movements(order: Order) -> Iterator[Payment | Return]:
    """Yield the payments of an order, each with its returns."""
    for payment in order.payments.values():
        yield payment
        yield from payment.returns
