"""The print jobs of a till: the papers that people ask for, and those that each command brings by itself."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

from typing_extensions import override

from till.domain.errors import JournalError
from till.domain.events.envelope import Draft
from till.domain.i18n import _
from till.domain.kitchen.events import LinesSent
from till.domain.order.events import InvoiceIssued, OrderPlaced
from till.domain.order.paying import is_settled
from till.domain.payment.events import PaymentApproved, SlipKept
from till.domain.refund.events import RefundApproved
from till.domain.shift.kicks import opens_drawer
from till.domain.structs import replace
from till.domain.till.events import ReceiptIssued, stream_of_till
from till.ports.printer import DocumentRef, Job, JobState, PrintError
from till.register.ledger.ledger import CommandHook
from till.register.printing.names import PAPERS, document_of, is_of, paper_about
from till.register.printing.queue import PrintQueue, can_change, is_in_doubt

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from till.domain.events.envelope import Event
    from till.domain.order.state import Order
    from till.ports.printer import PrinterProfile
    from till.register.ledger.ledger import Command, Ledger
    from till.register.printing.queue import Prints


class _Papered(NamedTuple):
    """An act that has a paper: its event, the person, and the paper."""

    event: str
    user: int | None
    paper: DocumentRef


def _next_copy(known: Sequence[Job]) -> int:
    """Return the number of the next print of a paper: 0 for the original, which no earlier job brought to a printer."""
    if all(one.state is JobState.DROPPED and not (one.copy or one.again) for one in known):
        return 0
    return max(one.copy for one in known) + 1


class DrawerKicks(CommandHook):
    """The kicks of this till's drawer; none before the till prints.

    Args:
        queue: has the printers and the runner.
    """

    def __init__(self, queue: PrintQueue) -> None:
        self._queue = queue

    @property
    def printer(self) -> PrinterProfile | None:
        """The printer that kicks the drawer of this till; None if there is none."""
        printers = self._queue.printers()
        return printers.every.get(printers.drawer)

    @property
    def are_on(self) -> bool:
        """True if a printer opens the drawer of this till now; else people open it with its key."""
        return self._queue.runner is not None and self.printer is not None

    def kicked(self, seq: int) -> None:
        """Note that the drawer was kicked for an event."""
        with suppress(JournalError):  # a full disk: the next start names the sale once more
            self._queue.ledger.journal.kicked(seq)

    @override
    def prepare(self, command: Command) -> None:
        """Kick the drawer for the first event of a command that opens it."""
        if self.are_on:
            till = self._queue.ledger.till
            command.kick = next((event.seq for event in command.events if opens_drawer(event.data, till)), 0)

    @override
    def follow(self, command: Command) -> None:
        """Kick the drawer at once. After a fault, the next start names it."""
        if command.kick and self._queue.runner is not None:
            self._queue.runner.kick(command.kick)


class PrintJobs(PrintQueue, CommandHook):
    """The acts on the print jobs of a till, and the kicks of its drawer.

    Nothing is printed by itself, and no drawer is kicked, before `begin`: a replay, a training and a program print
    nothing.
    """

    def __init__(self, ledger: Ledger, is_late: Callable[[Job], bool]) -> None:
        super().__init__(ledger, is_late)
        self.kicks = DrawerKicks(self)
        #: The last act here that has a paper; None before the first one.
        self.last: _Papered | None = None

    def begin(self, runner: Prints) -> None:
        """Print from now on, also what is queued.

        `left_words` has named the papers and the drawer that a kill left in doubt.
        """
        self.live = {job.number: job for job in self.ledger.journal.live_jobs()}
        self.runner = runner
        for event in self.ledger.journal.kicks_left():
            self.kicks.kicked(event.seq)
        runner.wake()

    # Acts

    def receipt(self, session_id: str) -> Job:
        """Print the receipt of a sale, as `print`."""
        return self.print(DocumentRef("receipt", session_id))

    def bill(self, session_id: str) -> Job:
        """Print the provisional bill of an open order, as `print`."""
        return self.print(DocumentRef("bill", session_id))

    def print(self, what: DocumentRef) -> Job:
        """Print a paper: the original once, and copies after that; an X and a bill have none.

        The journal that sold prints the original of a receipt. A paper that may be printed already says so.

        Raises:
            PrintError: the order is not paid or has no bill, no printer prints for this till, or the venue prints no
                receipts.
        """
        order = self._order_of(what)
        known = [job for job in self.jobs_of(what.of) if is_of(job, what)]
        if known and known[-1].state is JobState.QUEUED:
            return self.wanted(known[-1])
        if known and known[-1].state is JobState.UNKNOWN:
            return self.again(known[-1])
        with self.ledger.command() as command:
            job = self.new(what, asked=True)
            copy = _next_copy(known) if PAPERS[what.paper].has_copies else 0
            if order is not None:
                if what.paper == "receipt" and not known and not self._was_sold_here(order):
                    copy = 1
                if copy or not known or what.paper == "bill":
                    self._issue(command, order, copy)
            return command.print(replace(job, copy=copy))

    def _order_of(self, what: DocumentRef) -> Order | None:
        """Return the order of a receipt or a bill; None for another paper."""
        if what.paper == "receipt":
            if self.printers().when == "never":
                raise PrintError(_("Receipts are not printed here. It is a setting."))
            if (order := self.ledger.order(what.of)).placed is None:
                raise PrintError(_("This order is not paid yet. Print its bill."))
            return order
        if what.paper != "bill":
            return None
        if (order := self.ledger.order(what.of)).is_over or not order.lines:
            raise PrintError(_("There is no bill to print: ring something up first."))
        return order

    def again(self, job: Job) -> Job:
        """Print a job again that may be on paper already; the new one says so."""
        with self.ledger.command() as command:
            new = self.new(document_of(job), asked=True, printer=job.printer if job.is_ticket else "")
            command.jobs.append(replace(job, state=JobState.DROPPED, trouble=None))
            return command.print(replace(new, copy=job.copy, again=True))

    def drop(self, of: str | None = None) -> list[Job]:
        """Print nothing of what waits, or of what waits about one stream. Return the dropped jobs.

        A ticket that the kitchen is to cook by stays: only a late one is dropped, one whose printer was removed, and
        one in doubt, which a person saw on paper.
        """
        dropped = [
            replace(job, state=JobState.DROPPED, awaits="")
            for job in self.live.values()
            if (can_change(job) or is_in_doubt(job)) and of in {None, job.of}
            if not job.is_ticket or job.awaits == "person" or is_in_doubt(job) or self.profile_of(job) is None
        ]
        self.keep(dropped)
        return dropped

    def wanted(self, job: Job) -> Job:
        """Print a job that waits, once its printer can, and ask no more. Return it."""
        known = self.live.get(job.number)
        if known is not None and can_change(known):
            self.keep([replace(known, asked=True, awaits="")])
        return job

    def new(self, what: DocumentRef, *, asked: bool, printer: str = "") -> Job:
        """Return a job for a printer, or for that of this till.

        Raises:
            PrintError: no printer prints for this till.
        """
        if not (name := printer or self.printers().papers):
            raise PrintError
        return Job(number=0, **what._asdict(), printer=name, at=self.ledger.now(), asked=asked)

    def _was_sold_here(self, order: Order) -> bool:
        """True if this journal has the sale. Once it is pruned, nobody knows here if the original was printed."""
        placed, journal = order.placed, self.ledger.journal
        return placed is not None and any(
            event.id == placed.event and journal.is_here(event) for event in journal.events_of(order.id)
        )

    def _issue(self, command: Command, order: Order, copy: int = 0) -> None:
        currency, placed = order.terms.currency, order.placed
        issued = ReceiptIssued(
            session_id=order.id,
            amount=placed.data.total if placed is not None else currency.text(order.total),
            currency=currency.code,
            receipt=placed.data.receipt if placed is not None else "",
            copy=copy,
            is_bill=placed is None,
        )
        command.write([Draft(issued, stream_of_till(self.ledger.store_id, self.ledger.till))])

    # Beside each command

    @override
    def prepare(self, command: Command) -> None:
        """Add the papers that nobody asks for.

        These are tickets of the kitchen, slips for the guest or to sign and, if receipts are always printed, the
        receipts of sales and refunds, the papers of part payments, and other slips.
        """
        if self.runner is None:
            return
        printers = self.printers()
        for event in tuple(command.events):
            if isinstance(data := event.data, LinesSent):
                if data.follows is None:
                    self._add_ticket(command, event, printers.stations.get(data.station, ""), printers.passes)
            elif printers.papers:
                self._add_paper(command, event, always=printers.when == "always")

    def _add_ticket(self, command: Command, event: Event, station: str, passes: Iterable[str]) -> None:
        """Print a ticket at the printer of its station, and at that of each pass unless it is the same one."""
        of = event.stream_id, event.id
        if station:
            command.print(self.new(DocumentRef("ticket", *of), asked=False, printer=station))
        for name in passes:
            if name != station:
                command.print(self.new(DocumentRef("pass", *of), asked=False, printer=name))

    def _add_paper(self, command: Command, event: Event, *, always: bool) -> None:
        of, part = event.stream_id, event.id
        match event.data:
            case SlipKept(for_guest=is_theirs, to_be_signed=is_signed) if always or is_theirs or is_signed:
                command.print(self.new(DocumentRef("slip", of, part), asked=False))
            case PaymentApproved() if always and not ((order := command.order(of)).is_over or is_settled(order)):
                command.print(self.new(DocumentRef("part", of, part), asked=False))
            case InvoiceIssued() if self.printers().when != "never":  # a guest waits for it
                command.print(self.new(DocumentRef("invoice", of, part), asked=True))
            case RefundApproved() if always:
                command.print(self.new(DocumentRef("refund", of), asked=False))
            case OrderPlaced() if always:
                self._issue(command, command.order(of))
                command.print(self.new(DocumentRef("receipt", of), asked=False))

    @override
    def follow(self, command: Command) -> None:
        """Begin to print. After a fault, the next start prints."""
        for event in command.events:
            if (paper := paper_about(event)) is not None:
                self.last = _Papered(event.id, event.user, paper)
        if command.jobs:
            self.note(command.jobs)
