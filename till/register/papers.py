"""The documents of print jobs, each made from the events when it is printed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from till.domain.i18n import _, speaking
from till.domain.kitchen.events import LinesSent
from till.domain.money.measures import Minor
from till.domain.order.evolve import ORDERS
from till.domain.order.naming import tab_name
from till.domain.paper.document import Stamp
from till.domain.paper.drawer import make_count, make_movement, make_x, make_z
from till.domain.paper.gift import make_gift
from till.domain.paper.receipt import Sold, make_bill, make_part, make_receipt
from till.domain.paper.refund import SlipOf, make_refund, make_slip
from till.domain.paper.ticket import WrittenTicket, make_ticket
from till.domain.payment.events import PaymentApproved, PaymentReturnStarted, SlipKept
from till.domain.payment.slips import kept_slip
from till.domain.shift.evolve import SHIFTS
from till.domain.text import Repertoire
from till.ports.printer import WITHOUT_CASH, Job, PrintError
from till.register.fiscal.invoices import invoice_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from till.domain.money.formats import Formats
    from till.domain.paper.document import Document
    from till.domain.shift.evolve import Shift
    from till.ports.printer import DocumentKind, DocumentRef, PrinterProfile
    from till.register.register import Register


#: The name of the Zs by the server in the reference data.
ZS: Final = "zs"
#: The papers of a shift, which belong to no order.
_OF_SHIFTS: Final = frozenset({"movement", "count", "x", "z"})


class DocumentMaker:
    """Makes the documents of print jobs.

    Args:
        register: the till.
    """

    def __init__(self, register: Register) -> None:
        self._register = register
        self._name_of = register.reference.name_of
        #: The maker of the document of each kind of paper.
        self.makers: Final[dict[DocumentKind, Callable[[Job, Formats, Stamp], Document]]] = {
            "receipt": self._receipt,
            "invoice": self._invoice,
            "part": self._part,
            "bill": self._bill,
            "refund": self._refund,
            "gift": self._gift,
            "slip": self._slip,
            "movement": self._movement,
            "count": self._count,
            "x": self._x_or_z,
            "z": self._x_or_z,
            "ticket": self._ticket,
            "pass": self._ticket,
        }

    def on(self, job: Job, profile: PrinterProfile) -> Document:
        """Return the document of a job for a printer, with amounts in its characters."""
        return self.document(job, self._register.formats.on(Repertoire(profile.code_page)))

    def document(self, job: Job, formats: Formats) -> Document:
        """Return the document of a job, in the language of its guest, its station or the venue."""
        with speaking(self._language_of(job)):
            return self._made(job, formats)

    def _made(self, job: Job, formats: Formats) -> Document:
        stamp = Stamp(job.copy, job.again, self._local(self._register.ledger.now()))
        return self.makers[job.paper](job, formats, stamp)

    def _language_of(self, job: Job) -> str:
        register, venue = self._register, self._register.venue
        stations = venue.settings.ticket_languages
        if job.paper in _OF_SHIFTS or (job.is_ticket and not stations):
            return venue.language
        if job.is_ticket:
            sent = (one.data for one in register.journal.events_of(job.of) if one.id == job.part)
            named = (stations.get(one.station, "") for one in sent if isinstance(one, LinesSent))
            return next(named, "") or venue.language
        session = register.refunds.find(job.of).started.session_id if job.paper == "refund" else job.of
        return venue.language_of(register.ledger.readable(session))

    def title(self, paper: DocumentRef | Job) -> str:
        """Return the title of a paper in the language of the screen, as in `Receipt 1-000042`.

        Raises:
            TillError: as in `document`.
        """
        now = self._register.ledger.now()
        job = Job(number=0, paper=paper.paper, of=paper.of, part=paper.part, printer="", at=now)
        return self._made(job, self._register.formats).title

    def _local(self, moment: datetime) -> datetime:
        return self._register.venue.local(moment)

    def _label_of(self, tender: str) -> str:
        return self._register.asker.tenders.label_of(tender)

    def _by(self, user: int | None) -> str:
        return self._name_of(user) if user is not None else ""

    def _receipt(self, job: Job, formats: Formats, stamp: Stamp) -> Document:
        order = self._register.ledger.order(job.of)
        if (placed := order.placed) is None:
            raise PrintError
        words = self._register.fiscal.words_of(placed.data.order_id)
        sold = Sold(order, placed.data, self._local(placed.at), self._by(placed.user), words)
        return make_receipt(sold, self._register.venue, formats, self._label_of, stamp)

    def _invoice(self, job: Job, formats: Formats, stamp: Stamp) -> Document:
        order, words = self._register.ledger.order(job.of), self._register.fiscal.words_of(job.part)
        for placed in order.placings:
            made = order.invoices.get(placed.data.order_id)
            if made is not None and made.event == job.part:
                sold = Sold(order, placed.data, self._local(made.at), self._by(made.user), words, made)
                return make_receipt(sold, self._register.venue, formats, self._label_of, stamp)
        raise PrintError

    def _bill(self, job: Job, formats: Formats, stamp: Stamp) -> Document:
        order, now = self._register.ledger.order(job.of), self._local(self._register.ledger.now())
        return make_bill(order, self._register.venue, formats, now, self._by(order.user), self._label_of, stamp)

    def _refund(self, job: Job, formats: Formats, stamp: Stamp) -> Document:
        refund, venue = self._register.refunds.find(job.of), self._register.venue
        at, by = self._local(refund.at), self._by(refund.user)
        together = self._register.refunds.together(refund)
        words, order = (
            self._register.fiscal.words_of(refund.id),
            self._register.refunds.order(refund.started.session_id),
        )
        buyer = order.buyer if order is not None else None
        invoice = invoice_of(self._register.fiscal, order, refund.started.order_id) if order is not None else ""
        return make_refund(refund, venue, formats, at, by, self._label_of, stamp, together, words, buyer, invoice)

    def _gift(self, job: Job, formats: Formats, stamp: Stamp) -> Document:
        order, (receipt, *rows) = self._register.ledger.order(job.of), job.part.split()
        placed = self._register.refunds.placing(order, receipt)
        pieces = {int(row): int(count) for row, _colon, count in (one.partition(":") for one in rows)}
        sold = Sold(order, placed.data, self._local(placed.at))
        return make_gift(sold, self._register.venue, formats, pieces, stamp)

    def _part(self, job: Job, formats: Formats, stamp: Stamp) -> Document:
        events = [event for event in self._register.journal.events_of(job.of) if event.id <= job.part]
        order, venue = ORDERS.fold(events), self._register.venue
        if order is None or not isinstance(data := events[-1].data, PaymentApproved):
            raise PrintError
        at, by = self._local(events[-1].at), self._by(events[-1].user)
        document = make_part(order, data.payment_id, venue, formats, at, by, self._label_of, stamp)
        if document is None:
            raise PrintError
        return document

    def _slip(self, job: Job, formats: Formats, stamp: Stamp) -> Document:
        events = [event for event in self._register.journal.events_of(job.of) if event.id <= job.part]
        if not events or not isinstance(data := (slip := events[-1]).data, SlipKept):
            raise PrintError
        begun = (one.data for one in events if isinstance(one.data, PaymentReturnStarted))
        is_given_back = any(one.payment_id == data.payment_id for one in begun)
        of = self._slip_of(data, job.of, self._local(slip.at), is_given_back=is_given_back)
        return make_slip(kept_slip(data), of, self._register.venue, formats, stamp)

    def _slip_of(self, data: SlipKept, session_id: str, at: datetime, *, is_given_back: bool) -> SlipOf:
        if data.refund_id is not None:
            refund = self._register.refunds.find(data.refund_id)
            return SlipOf(_("Refund"), refund.started.receipt, Minor(-refund.amount), at)
        order = self._register.ledger.order(session_id)
        number = order.placed.data.receipt if order.placed is not None else tab_name(order.place_name)
        amount = order.payments[data.payment_id].amount
        if is_given_back:
            return SlipOf(_("Part given back"), number, Minor(-amount), at)
        return SlipOf(_("Payment"), number, amount, at)

    def _ticket(self, job: Job, _formats: Formats, stamp: Stamp) -> Document:
        events = [event for event in self._register.journal.events_of(job.of) if event.id <= job.part]
        order = ORDERS.fold(events)
        if order is None or not isinstance(data := (event := events[-1]).data, LinesSent):
            raise PrintError
        by = self._by(event.user) if order.user else ""  # a program ordered it: nobody here did
        head = self._register.kitchen.head_of(job.of, data)
        ticket = WrittenTicket(order, data, event.id, event.at, self._register.menu, by, head)
        is_late, over = self._register.kitchen.is_late(job), ""
        printers = self._register.printing.printers()
        if job.paper == "pass":
            over = _("PASS")
        elif job.printer == printers.papers != printers.stations.get(data.station):
            over = _("FOR KITCHEN")
        return make_ticket(ticket, self._register.venue, stamp, over, is_late=is_late)

    def _shift(self, job: Job) -> Shift:
        if (shift := self._register.ledger.state(SHIFTS, job.of)) is None:
            raise PrintError
        return shift

    def _movement(self, job: Job, formats: Formats, stamp: Stamp) -> Document:
        shift = self._shift(job)
        for one in shift.movements:
            if one.id == job.part:
                return make_movement(one, self._register.venue, formats, shift.till, self._by(one.user), stamp)
        raise PrintError

    def _count(self, job: Job, formats: Formats, stamp: Stamp) -> Document:
        shift = self._shift(job)
        for one in shift.counts:
            if one.id == job.part:
                by = self._by(one.user)
                return make_count(one, self._register.venue, formats, shift.till, by, self._label_of, stamp)
        raise PrintError

    def _x_or_z(self, job: Job, formats: Formats, stamp: Stamp) -> Document:
        """Return the X of an open shift; one that was closed meanwhile has its Z."""
        shift, venue, hides = self._shift(job), self._register.venue, job.part == WITHOUT_CASH
        by = self._by(shift.user)
        if shift.is_over:
            closed_by = self._by(shift.closed_by)
            cached = self._register.journal.cached(ZS)
            other = str(cached[1]["by_server"].get(shift.id, "")) if cached is not None else ""
            return make_z(shift, venue, formats, by, closed_by, self._label_of, stamp, other=other, hides_cash=hides)
        sums, now = self._register.drawer.sums(), self._local(self._register.ledger.now())
        return make_x(shift, sums, venue, formats, now, by, self._label_of, stamp, hides_cash=hides)
