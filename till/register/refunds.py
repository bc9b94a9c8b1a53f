"""Past sales: lists, and refunds in part or whole."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final

from typing_extensions import override

from till.domain.errors import RefundError
from till.domain.i18n import N_, _
from till.domain.money.amount import Currency
from till.domain.money.measures import NOTHING, Minor
from till.domain.numbers import refund_series
from till.domain.order.charging import keep_slips
from till.domain.order.deciding import check_reason
from till.domain.order.events import ConflictFound, OrderPlaced
from till.domain.order.paying import is_left
from till.domain.payment.events import PaymentStarted, PaymentVoided, SlipKept, TenderCorrected
from till.domain.payment.movement import PaymentState, Result, confirms
from till.domain.payment.slips import kept_slip
from till.domain.payment.unanswered import MovementKind, Unanswered
from till.domain.refund import giving
from till.domain.refund.giving import Beginning
from till.domain.refund.past import PastSale, left_money, past_sale
from till.domain.refund.shares import sale_of
from till.domain.refund.state import REFUNDS
from till.domain.staff.rights import Permission, PermissionRequest
from till.register import refund_words
from till.register.hearing import Hearer
from till.register.payments.asking import LOOKED_AT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from datetime import datetime

    from till.domain.events.envelope import Draft
    from till.domain.order.state import Order, Payment, Placed
    from till.domain.payment.slips import KeptSlip
    from till.domain.refund.giving import Way
    from till.domain.refund.shares import Sale, Share, Together
    from till.domain.refund.state import Refund
    from till.domain.staff.rights import Approval
    from till.ports import ChargeAnswer, Slip
    from till.register.approvals import Approvals
    from till.register.hearing import Grown
    from till.register.ledger.ledger import Ledger
    from till.register.payments.asking import ChargeProgress, PaymentClient
    from till.register.reference import Reference

_LOG: Final = logging.getLogger(__name__)
#: The answer for money refunded by a person.
_GIVEN: Final = Result(PaymentState.APPROVED)
#: The most sales of this till listed without the server; a day has fewer.
_LISTED: Final = 2_000
#: The refunds among which the newest one that gave money is searched.
_NEWEST: Final = 10


class Refunds(Hearer):
    """Commands on past sales. The sale itself never changes: a refund is a separate document.

    A `Use` of the asker, for refunds by a provider.

    Args:
        ledger: the write path.
        reference: the settings of the venue.
        asker: requests refunds from providers, and has the tenders.
        report: called for each refund with an answer, or still without one, with the provider's words.
        approvals: the rights and their approvals.
    """

    def __init__(
        self,
        ledger: Ledger,
        reference: Reference,
        asker: PaymentClient,
        report: Callable[[Refund, str], None],
        approvals: Approvals,
    ) -> None:
        self._ledger = ledger
        self._reference = reference
        self._asker = asker
        self._report = report
        self._approvals = approvals
        self._server_refunds: dict[str, dict[str, Refund]] = {}
        self._listed: tuple[int, tuple[PastSale, ...]] | None = None
        self._left: tuple[int, tuple[PastSale, ...]] | None = None
        self._slips: tuple[str, int, tuple[KeptSlip, ...]] | None = None
        asker.uses.append(self)

    def past_sales(self) -> tuple[PastSale, ...]:
        """Return the sales on this till's disk, newest first, then other tills' sales with a pending refund here."""
        seq = self._ledger.journal.head.seq
        if self._listed is None or self._listed[0] != seq:
            self._listed = seq, self._read_sales()
        return self._listed[1]

    def left_money(self) -> tuple[PastSale, ...]:
        """Return payments left over from ended orders that this till may return, newest first."""
        seq = self._ledger.journal.head.seq
        if self._left is None or self._left[0] != seq:
            found = {one.left: one for one in self._read_left()}  # several rows may be about one payment
            self._left = seq, tuple(sorted(found.values(), key=lambda one: one.at, reverse=True))
        return self._left[1]

    def _read_left(self) -> Iterator[PastSale]:
        for event in self._ledger.journal.listed(ConflictFound.listed):
            order = self._ledger.readable(event.session_id) if event.session_id is not None else None
            if order is None or not isinstance(event.data, ConflictFound):
                continue
            settled = event.data.conflict_id in order.settled_conflicts
            if not settled and is_left(order, event.data.subject, self._ledger.till):
                yield left_money(order, event.data.subject)

    def last_refund(self) -> Refund | None:
        """Return this till's newest refund if it was given today and no payment was later; None otherwise."""
        refund, today = self._newest_refund(), self._reference.today
        if refund is None or self._reference.business_date(refund.at) != today:
            return None
        journal = self._ledger.journal
        is_last = all(
            one.id < refund.last_id for one in (*journal.numbered(1), *journal.newest(PaymentStarted.listed, 1))
        )
        return refund if is_last else None

    def _newest_refund(self) -> Refund | None:
        """Return the newest refund of this till that gave money, of the last few; a refused one has a number too."""
        known = (self._ledger.state(REFUNDS, one.stream_id) for one in self._ledger.journal.numbered(_NEWEST, "R"))
        return next((one for one in known if one is not None and one.state is PaymentState.APPROVED), None)

    def last_given_back(self) -> tuple[Order, Payment] | None:
        """Return the payment that this till returned or paid out last, with its order; None if money moved later.

        None as well if that was on another day. Change of a part of an open order counts as paid out.
        """
        journal, today = self._ledger.journal, self._reference.today
        refund = self._newest_refund()
        moved = [one.id for one in journal.numbered(1)] + ([refund.last_id] if refund is not None else [])
        of_payments = [*journal.newest(PaymentVoided.listed, 1), *journal.newest(PaymentStarted.listed, 1)]
        event = max(of_payments, key=lambda one: one.id, default=None)
        if event is None or event.id < max(moved, default="") or self._reference.business_date(event.at) != today:
            return None
        order = self._ledger.readable(event.stream_id)
        if order is None or not isinstance(event.data, PaymentVoided | PaymentStarted):
            return None
        payment = order.payments.get(event.data.payment_id)
        if payment is None:
            return None
        is_out = isinstance(event.data, PaymentVoided) or payment.is_paid_out
        return (order, payment) if is_out or (payment.change and not order.is_over) else None

    def unanswered(self) -> Iterator[Unanswered]:
        """Yield the refunds without an answer."""
        return map(self._unanswered, self.waiting())

    @staticmethod
    def _unanswered(refund: Refund) -> Unanswered:
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

    def left_unanswered(self) -> Iterator[tuple[Order, Payment]]:
        """Yield the payments left over from ended orders whose return has no answer, with their orders."""
        for one in self.left_money():
            if one.asks:
                order = self._ledger.order(one.session_id)
                yield order, order.payments[one.left]

    @override
    def sessions_grew(self, grown: Grown) -> None:
        """Forget the lists; the next use reads them again."""
        self._listed = self._left = self._slips = None

    def _read_sales(self) -> tuple[PastSale, ...]:
        journal = self._ledger.journal
        refunds = self._own()
        corrected: dict[str, dict[str, str]] = {}
        for one in journal.listed(TenderCorrected.listed):
            if isinstance(one.data, TenderCorrected):
                corrected.setdefault(one.data.order_id, {})[one.data.payment_id] = one.data.tender
        return tuple(
            past_sale(
                session_id,
                placed,
                at,
                till,
                user,
                self._refunds_of(placed.order_id, refunds).values(),
                corrected.get(placed.order_id),
            )
            for session_id, placed, at, till, user in self._placed(refunds.values())
        )

    def _placed(self, refunds: Iterable[Refund]) -> Iterator[tuple[str, OrderPlaced, datetime, int, int]]:
        """Yield this till's sales, then other tills' sales with an unanswered refund of this till."""
        own = set[str]()
        for event in self._ledger.journal.numbered(_LISTED):
            if isinstance(event.data, OrderPlaced):
                own.add(event.data.order_id)
                yield event.stream_id, event.data, event.at, event.till, event.user or 0
        waiting = {one.started.order_id: one.started.session_id for one in refunds if one.is_open}
        for order_id in waiting.keys() - own:
            if (order := self.order(waiting[order_id])) is not None:
                found = (sale for sale in order.placings if sale.data.order_id == order_id)
                yield from ((order.id, sale.data, sale.at, sale.till, sale.user) for sale in found)

    def hear(self, sale: PastSale) -> None:
        """Keep the refunds of a sale on other tills, from the server's record."""
        self._server_refunds[sale.order_id] = {one.id: one for one in sale.refunds}
        self._listed = None

    def _refunds_of(self, order_id: str, own: Mapping[str, Refund]) -> dict[str, Refund]:
        """Return the refunds of a sale, on other tills as far as the server was asked; `own` are those of this till."""
        mine = {one.id: one for one in own.values() if one.started.order_id == order_id}
        return {**self._server_refunds.get(order_id, {}), **mine}

    def order(self, session_id: str) -> Order | None:
        """Return the order of a sale; None if it is not on this disk or is unreadable."""
        order = self._ledger.readable(session_id)
        return order if order is not None and order.placed is not None else None

    def sale(self, session_id: str, receipt: str) -> Sale:
        """Return a sale with the part that can still be refunded.

        Raises:
            RefundError: the sale is not on this till's disk, or was not paid.
        """
        order = self.order(session_id)
        placed = self.placing(order, receipt).data if order is not None else None
        if order is None or placed is None:
            if self._ledger.journal.events_of(session_id) and self._ledger.find(session_id) is None:
                raise RefundError(_("A restore lost its start. Refund it where it was sold."))
            raise RefundError(_("That sale is not on this till. Once online, look again."))
        return self.sale_with(order, placed, order.corrected)

    def together(self, refund: Refund) -> Together | None:
        """Return the refunds of the same pieces; None if it has none, or its sale is not on this disk."""
        started = refund.started
        order = self.order(started.session_id)
        if order is None:
            return None
        return self.sale_with(order, self.placing(order, started.sold).data, order.corrected).together_with(refund)

    def given(self, receipt: str) -> list[Refund]:
        """Return the refunds of a sale that this till gave, newest first."""
        own = self._own().values()
        of_it = [one for one in own if one.started.sold == receipt and one.state is PaymentState.APPROVED]
        return sorted(of_it, key=lambda one: one.id, reverse=True)

    def sold_besides(self, session_id: str, receipt: str) -> list[OrderPlaced]:
        """Return the sales of an order with other receipts: it was sold twice."""
        order = self.order(session_id)
        return [one.data for one in order.placings if one.data.receipt != receipt] if order is not None else []

    def refunded_besides(self, session_id: str, receipt: str) -> str:
        """Return `₹70.00 of 1-000005`, the known refunds of other receipts of an order; empty for none."""
        receipts = (one.receipt for one in self.sold_besides(session_id, receipt))
        backs = {one: back for one in receipts if (back := self.sale(session_id, one).back)}
        return refund_words.refunded_of(self._reference.answers, backs)

    def sale_with(self, order: Order, placed: OrderPlaced, corrected: Mapping[str, str]) -> Sale:
        """Return a sale of an order with the tenders of its payments as corrected."""
        refunds = sorted(self._refunds_of(placed.order_id, self._own()).values(), key=lambda one: one.id)
        firsts = {one.payment_id: order.placing_with(one.payment_id) for one in placed.payments}
        elsewhere = {payment for payment, first in firsts.items() if first and first.data.order_id != placed.order_id}
        return sale_of(placed, refunds, corrected, order.terms.rounding, elsewhere)

    def check_away(self, session_id: str, receipt: str) -> None:
        """Refuse to refund a sale of another till while offline."""
        order = self.order(session_id)
        if order is None or self.placing(order, receipt).till != self._ledger.till:
            raise RefundError(_("Offline, only this till's sales can be refunded."))

    @staticmethod
    def placing(order: Order, receipt: str) -> Placed:
        """Return the sale of an order that has a receipt."""
        found = next((one for one in order.placings if one.data.receipt == receipt), None)
        if found is None:
            raise RefundError(_("That sale has no receipt {receipt}.").format(receipt=receipt))
        return found

    def _own(self) -> dict[str, Refund]:
        return self._ledger.states(REFUNDS)

    def start(
        self,
        session_id: str,
        share: Share,
        way: Way,
        sale: Sale,
        approval: Approval | None,
        reason: str,
        *,
        away: bool = False,
        rest: Minor = NOTHING,
    ) -> Refund:
        """Record the start of a refund, after its approval.

        Args:
            session_id: the order of the sale.
            share: the part to refund.
            way: the tender of the refund.
            sale: the sale.
            approval: a manager's approval, if one is needed.
            reason: the reason.
            away: True if the till is offline: a manager refunds a sale of this till in cash.
            rest: the amount that goes back in other tenders after it, under the same approval (`Approvals.given`).

        Raises:
            RefundError: the share exceeds the remaining part, or the sale is of another till while offline.
            RightsError: the refund needs a manager; always, if a person settled the payment without its provider.
            ReasonNeededError: the reason has no readable text.
            PaymentError: this till has no drawer for the tender.
        """
        self._asker.tenders.check_drawer(way.tender)
        order = self.order(session_id)
        paid = order.payments.get(way.payment.payment_id) if order is not None else None
        act = Permission.GIVE_BACK if paid is not None and paid.is_doubtful else Permission.REFUND
        self._approvals.need(PermissionRequest(act, Minor(share.part.amount + rest)), approval)
        if away:
            self.check_away(session_id, sale.placed.receipt)
        refund_id = self._ledger.new_id()
        begins = Beginning(
            refund_id=refund_id,
            receipt=self._ledger.next_number(refund_series(sale.placed.receipt)),
            business_date=self._reference.today,
            manager=approval.by.number if approval else None,
            till=self._ledger.till,
            reason=check_reason(reason),
            away=away,
            names=self._names_of(way, refund_id),
            transaction=paid.provider_transaction if paid is not None else None,
            by_hand=any(one.by_hand for one in self._asker.tenders.offered if one.name == way.tender),
            opens_drawer=self._asker.tenders.traits_of(way.tender).opens_drawer,
        )
        with self._ledger.command() as command:
            command.write(giving.start(sale, session_id, share, way, begins))
            if away and (begun := command.state(REFUNDS, refund_id)):
                command.write(giving.answer(begun, _GIVEN))
            self._approvals.record(command, approval, rest)
        return self.find(refund_id)

    def settle(self, refund_id: str, approval: Approval | None, *, given: bool) -> Refund:
        """Settle an unanswered refund by hand; `given` is true if the money was refunded."""
        refund = self.find(refund_id)
        self._asker.check_settling(refund)
        manager = approval.by.number if approval is not None else self._ledger.user
        result = Result(PaymentState.APPROVED, manager)
        if not given:
            result = Result(PaymentState.DECLINED, manager, reason=self._reference.venue.written(N_("not given")))
        with self._approvals.command(PermissionRequest(Permission.SETTLE, refund.amount), approval) as command:
            command.write(giving.answer(refund, result))
        self._asker.ask_now(refund_id)  # this ends the polling
        return self.find(refund_id)

    def approve(self, refund_id: str) -> Refund:
        """Record that a person refunded the money."""
        return self._answered(self.find(refund_id), _GIVEN)

    def decline(self, refund_id: str, reason: str) -> Refund:
        """Record that nothing was refunded and no provider was asked: the amount can be refunded again."""
        reason = self._reference.venue.written(reason)
        return self._answered(self.find(refund_id), Result(PaymentState.DECLINED, reason=reason))

    def _answered(self, refund: Refund, result: Result) -> Refund:
        refund.check_open()
        self._ledger.commit(giving.answer(refund, result))
        return self.find(refund.id)

    # Refunds by a provider

    def give(self, refund: Refund) -> bool:
        """Request the refund from its provider, if any. Return True if it was requested; the answer arrives later."""
        progress = self._progress(refund)
        if progress is not None:
            self._asker.start(progress)
        return progress is not None

    def follow(self, refund_ids: Iterable[str]) -> None:
        """Poll refunds with a provider; the provider may not be known yet."""
        for refund_id in refund_ids:
            if (progress := self._progress(self.find(refund_id))) is not None:
                self._asker.follow(progress)

    def _progress(self, refund: Refund) -> ChargeProgress | None:
        started = refund.started
        return self._asker.progress_for(self, refund.id, started.payment_id, refund, started.currency)

    def all_progress(self) -> Iterator[ChargeProgress]:
        """Yield all unanswered refunds, and the newest answered ones."""
        own = sorted(self._own().values(), key=lambda one: one.id)
        over = [one for one in own if one.is_over]
        settled = [one for one in over[:-LOOKED_AT] if one.is_unconfirmed]
        for refund in (*settled, *over[-LOOKED_AT:], *self.waiting()):
            if (progress := self._progress(refund)) is not None:
                yield progress

    def find_progress(self, key: str) -> ChargeProgress | None:
        """Return the progress of a refund of this till; None if there is none with that id."""
        refund = self._ledger.state(REFUNDS, key)
        return self._progress(refund) if refund is not None else None

    def movement(self, progress: ChargeProgress) -> Refund | None:
        """Return the refund of a charge."""
        return self._ledger.state(REFUNDS, progress.stream)

    def is_asked_here(self, _progress: ChargeProgress) -> bool:
        """Return True: each till polls its own refunds."""
        return True

    def write(self, progress: ChargeProgress, result: Result, slips: Iterable[Slip]) -> bool:
        """Record an answer, by the person who started the refund. Slips are kept on the order of the sale."""
        refund = self.find(progress.stream)
        drafts = giving.answer(refund, result)
        self._ledger.commit([*drafts, *(self._of_slips(refund, slips) if drafts else [])], refund.user)
        return bool(drafts) and not confirms(refund, result)

    def keep_slip(self, progress: ChargeProgress, slip: Slip) -> bool:
        """Keep a slip of an unanswered refund. Return True if its sale is on this till."""
        drafts = self._of_slips(self.find(progress.stream), [slip])
        self._ledger.commit(drafts)
        return bool(drafts)

    def _of_slips(self, refund: Refund, slips: Iterable[Slip]) -> list[Draft]:
        started, kept = refund.started, [slip.parts for slip in slips]
        order = self.order(started.session_id) if kept else None
        if order is not None:
            return keep_slips(order, started.payment_id, kept, refund.id)
        if kept:
            _LOG.warning("slips_not_kept", extra={"refund": refund.id, "session": started.session_id})
        return []

    def tell(self, progress: ChargeProgress, answer: ChargeAnswer | None = None, *, is_news: bool = False) -> None:
        """Report the outcome, or that it is still unknown."""
        refund = self.find(progress.stream)
        if answer is not None and (is_news or refund.is_open):
            self._report(refund, answer.words)

    def heard_elsewhere(self, progress: ChargeProgress) -> None:
        """Do nothing: a person settled the refund here."""

    def slips(self, session_id: str) -> tuple[KeptSlip, ...]:
        """Return the slips of a sale's payments and refunds, oldest first.

        Erased slips are omitted. A slip of a payment that came with moved lines stays on the earlier order.
        """
        seq = self._ledger.journal.head.seq
        if self._slips is None or self._slips[:2] != (session_id, seq):
            order = self._ledger.readable(session_id)
            paid = order.payments if order is not None else {}
            events = self._ledger.journal.events_of(session_id)
            kept = (kept_slip(event.data) for event in events if isinstance(event.data, SlipKept))
            # each slip once: two tills may have received it
            slips = dict.fromkeys(slip for slip in kept if slip.lines and slip.payment_id in paid)
            self._slips = session_id, seq, tuple(slips)
        return self._slips[2]

    def waiting(self) -> list[Refund]:
        """Return the unanswered refunds of this till."""
        return [*self._ledger.states(REFUNDS, is_open=True).values()]

    def _names_of(self, way: Way, refund_id: str) -> tuple[str, str, str] | None:
        """Return the reference of a refund with a provider; None if a person refunds it.

        The reference is empty for a tender of the venue's server, which refunds when it receives the event.
        """
        traits = self._asker.tenders.traits_of(way.tender)
        if not traits.can_refund:
            raise RefundError(_("{tender} cannot be refunded. Tab: cash.").format(tender=traits.label))
        if traits.needs_server:
            return "", "", ""
        tender = self._asker.tenders.asked_of(way.tender)
        return self._asker.name(tender, refund_id) if tender is not None else None

    def find(self, refund_id: str) -> Refund:
        """Return a refund of this till."""
        found = self._ledger.state(REFUNDS, refund_id)
        if found is None:
            raise RefundError(_("That refund is not on this till."))
        return found
