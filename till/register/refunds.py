"""Sales that are over: found again, given back in part or whole, and their tenders put right."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final

from till.domain.errors import RefundError
from till.domain.i18n import _
from till.domain.money.amount import Currency
from till.domain.money.measures import Minor
from till.domain.order.charging import keep_slips
from till.domain.order.events import ConflictFound, OrderPlaced
from till.domain.order.paying import is_left
from till.domain.order.selling import check_reason
from till.domain.payment.events import SlipKept, TenderCorrected
from till.domain.payment.slips import kept_slip
from till.domain.refund import giving
from till.domain.refund.correcting import Hand, correct_tender
from till.domain.refund.evolve import fold
from till.domain.refund.giving import Beginning
from till.domain.refund.past import PastSale, left_money, past_sale
from till.domain.refund.shares import sale_of
from till.domain.staff.rights import Act, Asked
from till.register.payments.tenders import Tenders

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import date, datetime

    from till.domain.events.envelope import Draft
    from till.domain.order.state import Order, Placed
    from till.domain.payment.slips import KeptSlip
    from till.domain.refund.giving import Way
    from till.domain.refund.shares import Sale, Share
    from till.domain.refund.state import Refund
    from till.domain.staff.rights import Approval
    from till.ports import Slip
    from till.register.approvals import Approvals
    from till.register.ledger.ledger import Ledger
    from till.register.reference import Reference

_LOG: Final = logging.getLogger(__name__)
#: Sales of this till that are listed without the server: more than a day has.
_LISTED: Final = 2_000


class Refunds:
    """Commands about sales that are over. Nothing of them changes: what goes back is a document of its own.

    Args:
        ledger: the write path.
        reference: the settings of the venue.
        approvals: what needs a right, and who said yes.
        business_date: the day that a moment counts for; a replay brings its own.
    """

    def __init__(
        self,
        ledger: Ledger,
        reference: Reference,
        approvals: Approvals,
        business_date: Callable[[datetime], date] | None = None,
    ) -> None:
        self._ledger = ledger
        self._reference = reference
        self._approvals = approvals
        self._business_date = business_date or reference.business_date
        #: The ways to pay, once they are known.
        self.tenders = Tenders()
        #: Refuses to have a person settle what somebody else may still answer for.
        self.check_settling: Callable[[Refund], None] = lambda _refund: None
        self._told: dict[str, dict[str, Refund]] = {}
        self._listed: tuple[int, tuple[PastSale, ...]] | None = None
        self._left: tuple[int, tuple[PastSale, ...]] | None = None
        self._slips: tuple[str, int, tuple[KeptSlip, ...]] | None = None

    def past_sales(self) -> tuple[PastSale, ...]:
        """The sales of this till that are on its disk, the newest first."""
        seq = self._ledger.journal.head.seq
        if self._listed is None or self._listed[0] != seq:
            self._listed = seq, self._read_sales()
        return self._listed[1]

    def left_money(self) -> tuple[PastSale, ...]:
        """Money that orders left behind as they ended, and that may be given back at this till, the newest first."""
        seq = self._ledger.journal.head.seq
        if self._left is None or self._left[0] != seq:
            found = {one.left: one for one in self._read_left()}  # more may have been found out of one
            self._left = seq, tuple(sorted(found.values(), key=lambda one: one.at, reverse=True))
        return self._left[1]

    def _read_left(self) -> Iterator[PastSale]:
        for event in self._ledger.journal.conflicts():
            order = self._ledger.readable(event.session_id) if event.session_id is not None else None
            if order is None or not isinstance(event.data, ConflictFound):
                continue
            settled = event.data.conflict_id in order.settled_conflicts
            if not settled and is_left(order, event.data.subject, self._ledger.till):
                yield left_money(order, event.data.subject)

    def forget(self) -> None:
        """Other tills did something: read anew."""
        self._listed = self._left = self._slips = None

    def _read_sales(self) -> tuple[PastSale, ...]:
        journal = self._ledger.journal
        refunds = self._own()
        corrected: dict[str, dict[str, str]] = {}
        for one in journal.corrections():
            if isinstance(one.data, TenderCorrected):
                corrected.setdefault(one.data.order_id, {})[one.data.payment_id] = one.data.tender
        return tuple(
            past_sale(
                event.stream_id,
                event.data,
                event.at,
                event.till,
                event.user or 0,
                [one for one in refunds.values() if one.started.order_id == event.data.order_id],
                corrected.get(event.data.order_id),
            )
            for event in journal.sales(_LISTED)
            if isinstance(event.data, OrderPlaced)
        )

    def hear(self, sale: PastSale) -> None:
        """Keep what the server told of a sale: what went back of it on other tills."""
        self._told[sale.order_id] = {one.id: one for one in sale.refunds}

    def order(self, session_id: str) -> Order | None:
        """The order of a sale, if it is on this disk and reads."""
        order = self._ledger.readable(session_id)
        return order if order is not None and order.placed is not None else None

    def sale(self, session_id: str, receipt: str) -> Sale:
        """A sale with what is left of it.

        Raises:
            RefundError: it is not on this till's disk, or was not paid.
        """
        order = self.order(session_id)
        placed = self._placing(order, receipt).data if order is not None else None
        if order is None or placed is None:
            raise RefundError(_("That sale is not on this till. With the server it is found."))
        refunds = {**self._told.get(placed.order_id, {}), **self._own()}
        own = sorted(
            (one for one in refunds.values() if one.started.order_id == placed.order_id), key=lambda one: one.id
        )
        return sale_of(placed, own, order.corrected, order.terms.rounding)

    @staticmethod
    def _placing(order: Order, receipt: str) -> Placed:
        found = next((one for one in order.placings if one.data.receipt == receipt), None)
        if found is None:
            raise RefundError(_("There is no receipt {receipt} of that sale.").format(receipt=receipt))
        return found

    def _own(self) -> dict[str, Refund]:
        return fold(self._ledger.journal.refunds())

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
    ) -> Refund:
        """Write down that money is to go back: nothing goes until it is approved.

        Args:
            session_id: the order of the sale.
            share: what of it.
            way: where to.
            sale: as it stands.
            approval: a manager's yes to `refund_asked`, where one is needed.
            reason: why.
            away: the server cannot be asked; a manager gives cash for a sale of this till.

        Raises:
            RefundError: it does not fit what is left, or is a sale of another till and the server is away.
            RightsError: it needs a manager.
            ReasonNeededError: nothing of the reason can be read.
        """
        self._approvals.need(self.refund_asked(share), approval)
        order = self.order(session_id)
        if away and (order is None or self._placing(order, sale.placed.receipt).till != self._ledger.till):
            raise RefundError(_("Without the server only a sale of this till can be refunded."))
        refund_id = self._ledger.new_id()
        begins = Beginning(
            refund_id=refund_id,
            receipt=self._receipt(),
            business_date=self._business_date(self._ledger.now()),
            manager=approval.by.number if approval else None,
            till=self._ledger.till,
            reason=check_reason(reason),
            away=away,
            names=self._names_of(way, refund_id),
            is_slip=self._is_slip(order, way),
            by_hand=any(one.by_hand for one in self.tenders.offered if one.name == way.tender),
            opens_drawer=self.tenders.traits_of(way.tender).opens_drawer,
        )
        with self._ledger.command() as command:
            command.write(giving.start(sale, session_id, share, way, begins))
            if away:
                (begun,) = fold(command.events).values()
                command.write(giving.approve(begun))
            self._approvals.record(command, approval)
        return self._own()[refund_id]

    @staticmethod
    def refund_asked(share: Share) -> Asked:
        """What a right is needed for to give this back."""
        return Asked(Act.REFUND, share.part.amount)

    def settling_asked(self, refund_id: str) -> Asked:
        """What a right is needed for to say what became of a refund.

        Raises:
            RefundError: it is not one of this till.
        """
        return Asked(Act.SETTLE, self.amount_of(self.find(refund_id)))

    def settle(self, refund_id: str, approval: Approval | None, *, given: bool) -> Refund:
        """Say what became of a refund that a crash left without an answer: the money went back, or did not.

        Raises:
            RefundError: its answer is known, or it is not one of this till.
            RightsError: it needs a manager.
            PaymentError: the terminal may still answer.
        """
        self._approvals.need(self.settling_asked(refund_id), approval)
        refund = self.find(refund_id)
        self.check_settling(refund)
        with self._ledger.command() as command:
            command.write(giving.approve(refund) if given else giving.decline(refund, _("not given")))
            self._approvals.record(command, approval)
        return self.find(refund_id)

    def approve(self, refund_id: str, transaction: str = "", slips: Sequence[Slip] = ()) -> Refund:
        """The money went back; `transaction` names that where somebody else gave it, `slips` are theirs.

        What they say counts also after a person said that it did not.

        Raises:
            RefundError: a person gave it, and its answer is known.
        """
        refund = self.find(refund_id)
        heard = giving.went_after_all if refund.is_asked_elsewhere else giving.approve
        return self._answered(refund, heard(refund, transaction), slips)

    def decline(self, refund_id: str, reason: str, slips: Sequence[Slip] = ()) -> Refund:
        """The money did not go back: what was kept for it is free again.

        What they say who were asked is written down also after a person said that it did.

        Raises:
            RefundError: a person was to give it, and its answer is known.
        """
        refund = self.find(refund_id)
        heard = giving.not_after_all if refund.is_asked_elsewhere else giving.decline
        return self._answered(refund, heard(refund, reason), slips)

    def keep_slip(self, refund: Refund, slip: Slip) -> bool:
        """Keep what is to be on paper about a refund that has no answer yet; whether its sale is on this till."""
        drafts = self._of_slips(refund, [slip])
        self._ledger.commit(drafts)
        return bool(drafts)

    def _answered(self, refund: Refund, drafts: list[Draft], slips: Sequence[Slip]) -> Refund:
        """Write an answer down, and what is to be on paper about it."""
        self._ledger.commit([*drafts, *self._of_slips(refund, slips)])
        return self.find(refund.id)

    def _of_slips(self, refund: Refund, slips: Sequence[Slip]) -> list[Draft]:
        """The slips of a refund stand beside the payment, on the order of the sale."""
        started = refund.started
        order = self.order(started.session_id) if slips else None
        if order is not None:
            return keep_slips(order, started.payment_id, [slip.told for slip in slips], refund.id)
        if slips:
            _LOG.warning("slips_not_kept", extra={"refund": refund.id, "session": started.session_id})
        return []

    def slips(self, session_id: str) -> tuple[KeptSlip, ...]:
        """What terminals wanted on paper about the payments of a sale and its refunds, the first first.

        Of one that was erased there is nothing; that of a payment which came with lines is in the order that it left.
        """
        seq = self._ledger.journal.head.seq
        if self._slips is None or self._slips[:2] != (session_id, seq):
            order = self._ledger.readable(session_id)
            paid = order.payments if order is not None else {}
            orders = reversed(self._with_money_of(session_id))
            events = (event for one in orders for event in self._ledger.journal.events_of(one))
            kept = (kept_slip(event.data) for event in events if isinstance(event.data, SlipKept))
            # each once, for two tills may have heard it; the orders before have those of other payments too
            slips = dict.fromkeys(slip for slip in kept if slip.lines and slip.payment_id in paid)
            self._slips = session_id, seq, tuple(slips)
        return self._slips[2]

    def _with_money_of(self, session_id: str) -> list[str]:
        """An order, and those that money came to it from with lines, one after the other."""
        found = [session_id]
        for one in found:
            order = self._ledger.readable(one)
            came_from = order.money_from.values() if order is not None else ()
            found += [each for each in dict.fromkeys(came_from) if each not in found]
        return found

    def doubt(self, refund_id: str) -> Refund:
        """Nobody knows yet whether the money went back.

        Raises:
            RefundError: its answer is known.
        """
        self._ledger.commit(giving.doubt(self.find(refund_id)))
        return self.find(refund_id)

    def waiting(self) -> list[Refund]:
        """The refunds of this till that have no answer yet."""
        return [one for one in self._own().values() if one.is_open]

    @staticmethod
    def amount_of(refund: Refund) -> Minor:
        """What is to go back, as more than nothing."""
        return Minor(-Currency(refund.started.currency).minor(refund.started.amount))

    def _names_of(self, way: Way, refund_id: str) -> tuple[str, str, str] | None:
        """Under which names somebody else is asked to give it back; None where a person does.

        Raises:
            RefundError: who took it gives nothing back.
        """
        if not self.tenders.traits_of(way.tender).can_refund:
            sentence = _("{tender} gives nothing back. Tab chooses cash.")
            raise RefundError(sentence.format(tender=self.tenders.label_of(way.tender)))
        tender = self.tenders.asked_of(way.tender)
        if tender is None:
            return None
        name = tender.name_charge(refund_id)
        return name.place, name.asker, name.number

    @staticmethod
    def _is_slip(order: Order | None, way: Way) -> bool:
        """Whether a person typed what names the payment, or said that it was taken."""
        paid = order.payments.get(way.payment.payment_id) if order is not None else None
        return paid is not None and (paid.settled_by is not None or not paid.is_asked_elsewhere)

    def find(self, refund_id: str) -> Refund:
        """A refund of this till.

        Raises:
            RefundError: there is none.
        """
        found = self._own().get(refund_id)
        if found is None:
            raise RefundError(_("That refund is not on this till."))
        return found

    def correction_asked(self, order: Order, payment_id: str) -> Asked:
        """What a right is needed for to put this payment right."""
        sale = order.placing_with(payment_id)
        paid = sale.data.payments if sale is not None else ()
        minor = order.terms.currency.minor
        amount = next((minor(one.amount) for one in paid if one.payment_id == payment_id), None)
        return Asked(Act.TENDER, amount)

    def check_correction(self, session_id: str, payment_id: str, tender: str) -> None:
        """Raise what stands against it, before a manager is asked: as `correct` does."""
        self._corrected(self._ledger.order(session_id), payment_id, tender, None)

    def _corrected(self, order: Order, payment_id: str, tender: str, manager: int | None) -> list[Draft]:
        if self.tenders.asked_of(tender) is not None:
            sentence = _("{tender} is asked for the money here, and was not. Refund it, and sell it again.")
            raise RefundError(sentence.format(tender=self.tenders.label_of(tender)))
        hands = {name: Hand(one.label, one.opens_drawer) for name, one in self.tenders.hands.items()}
        return correct_tender(order, payment_id, tender, hands, manager, self._business_date(self._ledger.now()))

    def correct(self, session_id: str, payment_id: str, tender: str, approval: Approval | None) -> Order:
        """Put right what paid, of a sale of this business day; what was written first stays.

        Raises:
            RefundError: it is of another day, or that tender is not kept by hand here.
            RightsError: it needs a manager.
        """
        order = self._ledger.order(session_id)
        self._approvals.need(self.correction_asked(order, payment_id), approval)
        manager = approval.by.number if approval else None
        with self._ledger.command() as command:
            command.write(self._corrected(order, payment_id, tender, manager))
            self._approvals.record(command, approval)
        return self._ledger.order(session_id)

    def _receipt(self) -> str:
        """The next number of a refund: a series of its own beside that of the receipts."""
        journal = self._ledger.journal
        if journal.series is None:
            journal.set_series("X" + journal.journal_id[-4:].upper())
        return f"{self._ledger.till}{journal.series}-R{journal.last_refund + 1:06d}"
