"""Corrections of the tenders and tips of past sales."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from typing_extensions import override

from till.domain.errors import JournalError, RefundError, RightsError
from till.domain.i18n import _
from till.domain.money.measures import Minor
from till.domain.payment.events import TenderCorrected, TipCorrected
from till.domain.refund.correcting import Hand, correct_tender, correct_tip, right_tip
from till.domain.staff.rights import Permission, PermissionRequest
from till.register import refund_words
from till.register.hearing import Hearer
from till.register.other_tills.news import OrderNews
from till.register.payments.corrected import DRAWER, corrected_elsewhere, corrected_of

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from till.domain.events.envelope import Draft, Event
    from till.domain.order.state import Order
    from till.domain.refund.correcting import CorrectTip
    from till.domain.refund.giving import Way
    from till.domain.staff.rights import Approval
    from till.register.approvals import Approvals
    from till.register.drawer import Drawer
    from till.register.ledger.ledger import Ledger
    from till.register.other_tills.news import News
    from till.register.payments.asking import PaymentClient
    from till.register.reference import Reference
    from till.register.refunds import Refunds


class SaleCorrections(Hearer):
    """Commands that correct how a past sale was paid, on whatever day it is found. The original record is kept.

    Args:
        ledger: the write path.
        reference: the settings of the venue.
        refunds: has the sales, with what was refunded of them.
        asker: has the tenders.
        approvals: the rights and their approvals.
        drawer: has the tenders of this till's payments.
        tell: tells the watcher.
    """

    def __init__(
        self,
        ledger: Ledger,
        reference: Reference,
        refunds: Refunds,
        asker: PaymentClient,
        approvals: Approvals,
        drawer: Drawer,
        tell: Callable[[News], None],
    ) -> None:
        self._ledger = ledger
        self._reference = reference
        self._refunds = refunds
        self._asker = asker
        self._approvals = approvals
        self._drawer = drawer
        self._tell = tell

    @override
    def reference_changed(self, names: Collection[str]) -> None:
        """Record and tell corrections of this drawer by other tills. Orders of a lost disk may not be here."""
        if DRAWER not in names:
            return
        with suppress(JournalError):  # a full disk: the next key reports it, and the next start records them
            self._drawer.hear_corrections()
        words, journal = self._asker.tenders.in_words, self._ledger.journal
        listed = journal.listed(TenderCorrected.listed)
        own = {event.data.payment_id: event.id for event in listed if isinstance(event.data, TenderCorrected)}
        for one in corrected_elsewhere(journal):
            order = self._ledger.readable(one.session)
            if order is not None and own.get(one.payment, "") <= one.id:
                till, was, tender = self._reference.venue.till_name(one.till), words(one.was), words(one.tender)
                answers = self._reference.answers
                sentence = refund_words.corrected(answers, till, one.minor, one.receipt, was, tender)
                self._tell(OrderNews(order, sentence, here=True))

    def of(self, session_id: str) -> list[Event]:
        """Return the corrections of an order's tenders and tips, by any till."""
        events = self._ledger.journal.events_of(session_id)
        return [one for one in events if isinstance(one.data, TenderCorrected | TipCorrected)]

    def check(self, session_id: str, known: Sequence[Event]) -> None:
        """Refuse a correction if others than those `known` were made meanwhile: money would move twice."""
        before = {one.id for one in known}
        new = next((one for one in self.of(session_id) if one.id not in before), None)
        if new is None:
            return
        till, order = self._reference.venue.till_name(new.till), self._ledger.order(session_id)
        if isinstance(new.data, TipCorrected):
            tip = self._reference.formats.money(order.tip_of(new.data.payment_id))
            raise RefundError(_("{till} has set the tip to {tip}. Nothing changed here.").format(till=till, tip=tip))
        if isinstance(new.data, TenderCorrected):
            tender = self._asker.tenders.in_words(order.corrected[new.data.payment_id])
            words = _("{till} has corrected it to {tender}. Nothing changed here.")
            raise RefundError(words.format(till=till, tender=tender))

    def correct_tender(self, session_id: str, payment_id: str, tender: str, approval: Approval | None) -> Order:
        """Correct the tender of a payment.

        Raises:
            RefundError: the tender is not recorded by hand here, or another than these was refunded.
            RightsError: the correction needs a manager.
        """
        if self._asker.tenders.asked_of(tender) is not None:
            sentence = _("{tender} was not charged here. Refund and sell again.")
            raise RefundError(sentence.format(tender=self._asker.tenders.label_of(tender)))
        order, by = self._ledger.order(session_id), approval.by.number if approval is not None else None
        drafts = correct_tender(order, payment_id, tender, self._hands(), by)
        sale = order.placing_with(payment_id)
        corrected = {**order.corrected, payment_id: tender}
        if sale is not None and any(
            one.left < 0 for one in self._refunds.sale_with(order, sale.data, corrected).payments
        ):
            raise RefundError(_("Its cash is refunded already: its tender stays."))
        paid = sale.data.payments if sale is not None else ()
        minor = order.terms.currency.minor
        amount = next((minor(one.amount) for one in paid if one.payment_id == payment_id), None)
        return self._write(order, payment_id, drafts, amount, approval)

    def right_tip(self, session_id: str, receipt: str, tip: Minor, way: Way | None) -> CorrectTip:
        """Return the correction that a tip means."""
        order = self._ledger.order(session_id)
        return right_tip(order, self._refunds.placing(order, receipt).data, tip, way, self._hands())

    def correct_tip(self, session_id: str, right: CorrectTip, approval: Approval | None) -> Order:
        """Correct the tip of a payment of this business day. The difference is given back or was taken here."""
        order, by = self._ledger.order(session_id), approval.by.number if approval is not None else None
        amount, money = Minor(abs(order.tip_of(right.payment_id) - right.tip)), self._reference.formats.money
        self._asker.tenders.check_drawer(right.tender)
        today = self._reference.today
        drafts = correct_tip(order, right, self._hands(), by, today, self._ledger.till, money)
        return self._write(order, right.payment_id, drafts, amount, approval)

    def _write(
        self, order: Order, payment_id: str, drafts: list[Draft], amount: Minor | None, approval: Approval | None
    ) -> Order:
        """Write the correction of a payment."""
        self._approvals.need(PermissionRequest(Permission.TENDER, amount), approval)
        taken = order.payments.get(payment_id)
        is_ours = taken is not None and taken.till == self._ledger.till
        if taken is not None and not is_ours and approval is None and not self._is_manager():
            raise RightsError
        with self._ledger.command() as command:
            command.write(drafts)
            event = command.events[-1]
            self._approvals.record(command, approval)  # not of what follows from it in the drawer
            if is_ours and isinstance(event.data, TenderCorrected):
                self._drawer.correct(command, corrected_of(event, event.data, order))
        return self._ledger.order(order.id)

    def _hands(self) -> dict[str, Hand]:
        """Return the tenders recorded by hand here, by name."""
        return {name: Hand(one.label, one.opens_drawer) for name, one in self._asker.tenders.hands.items()}

    def _is_manager(self) -> bool:
        """True if a manager is logged in."""
        return any(one.manages for one in self._reference.staff if one.number == self._ledger.user)
