"""The print jobs of a till: acts that ask for a paper, and the state of each."""

from __future__ import annotations

from collections import defaultdict
from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING, Final, NamedTuple

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
from till.domain.text import capitalize_first, clean
from till.domain.till.events import ReceiptIssued, stream_of_till
from till.ports.printer import Job, JobState, Printers, PrinterTrouble
from till.register.ledger.ledger import CommandHook
from till.register.printing.names import PAPERS, DocumentRef, PrintError, TicketBatch, paper_about

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import Protocol

    from till.domain.events.envelope import Event
    from till.domain.order.state import Order
    from till.ports.printer import DocumentKind, PrinterProfile
    from till.register.ledger.ledger import Command, Ledger

    class Prints(Protocol):
        """A runner of jobs and kicks."""

        def wake(self) -> None:
            """Look for jobs."""
            ...

        def kick(self, seq: int) -> None:
            """Kick the drawer at once, for the event with that number."""
            ...


#: The time after which a receipt or a slip that nobody asked for by hand asks before it is printed.
EXPIRES: Final = timedelta(minutes=5)
#: The time for which a paper is named that may have been printed or not.
DOUBTED: Final = timedelta(days=1)


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


def _can_change(job: Job) -> bool:
    """True if a job is queued and no printer has it in its hands."""
    return job.state is JobState.QUEUED and job.awaits != "printer"


def _is_in_doubt(job: Job) -> bool:
    """True for a ticket of the kitchen that may be on paper or not, and that no printer has in its hands."""
    return job.is_ticket and job.state is JobState.UNKNOWN and job.awaits != "printer"


def _is_part_paid(order: Order) -> bool:
    """True if more is to be paid of an order."""
    return not order.is_over and not is_settled(order)


def sold_number(ledger: Ledger, stream_id: str) -> str:
    """Return the receipt number of an order; empty if the stream is no paid order."""
    order = ledger.readable(stream_id)
    return order.placed.data.receipt if order is not None and order.placed is not None else ""


def ticket_name(ledger: Ledger, job: Job) -> str:
    """Return `Ticket Grill 1-5, table 10`; empty for another paper, and if its order cannot be read."""
    order = ledger.readable(job.of) if job.is_ticket else None
    if order is None:
        return ""
    written = next((one.data for one in ledger.journal.events_of(job.of) if one.id == job.part), None)
    if not isinstance(written, LinesSent):
        return ""
    number = _("Ticket {number}").format(number=f"{clean(written.station)} {written.ticket}")
    return ", ".join(filter(None, (number, clean(order.place_name) or clean(order.called))))


class PrintJobs(CommandHook):
    """The print jobs of a till, and the kick of its drawer.

    Nothing is printed by itself, and no drawer is kicked, before `begin`: a replay, a training and a program print
    nothing.

    Args:
        ledger: the write path.
        is_late: returns True for a ticket of the kitchen that nobody cooks unasked.
    """

    def __init__(self, ledger: Ledger, is_late: Callable[[Job], bool]) -> None:
        self._ledger = ledger
        self._is_late = is_late
        #: The printers of this till.
        self.printers: Callable[[], Printers] = Printers
        #: The jobs that are queued or unknown, by number, oldest first, once the till prints.
        self._live: dict[int, Job] = {}
        #: The trouble of printers, by name.
        self._troubles: dict[str, PrinterTrouble] = {}
        self._runner: Prints | None = None
        #: The last act here that has a paper; None before the first one.
        self.last: _Papered | None = None

    def begin(self, runner: Prints) -> None:
        """Print from now on, also what is queued.

        `left_words` has named the papers and the drawer that a kill left in doubt.
        """
        self._live = {job.number: job for job in self._ledger.journal.live_jobs()}
        self._runner = runner
        for event in self._ledger.journal.kicks_left():
            self.kicked(event.seq)
        runner.wake()

    # Acts

    def receipt(self, session_id: str) -> Job:
        """Print the receipt of a sale: the original once, by the journal that sold, and copies after that.

        One that may be on paper already is printed again and says so.

        Raises:
            PrintError: the order is not paid, no printer prints for this till, or the venue prints no receipts.
        """
        if self.printers().when == "never":
            raise PrintError(_("Receipts are not printed here. It is a setting."))
        order = self._ledger.order(session_id)
        if order.placed is None:
            raise PrintError(_("This order is not paid yet. Print its bill."))
        known = [job for job in self.jobs_of(session_id) if job.paper == "receipt"]
        if (open_one := self._open(known)) is not None:
            return open_one
        with self._ledger.command() as command:
            job = self._new("receipt", session_id, asked=True)
            copy = _next_copy(known)
            if not known and not self._was_sold_here(order):
                copy = 1
            if copy or not known:
                self._issue(command, order, copy)
            return command.print(replace(job, copy=copy))

    def bill(self, session_id: str) -> Job:
        """Print the provisional bill of an open order."""
        order = self._ledger.order(session_id)
        if order.is_over or not order.lines:
            raise PrintError(_("There is no bill to print: ring something up first."))
        known = [job for job in self.jobs_of(session_id) if job.paper == "bill"]
        if (open_one := self._open(known)) is not None:
            return open_one
        with self._ledger.command() as command:
            self._issue(command, order, is_bill=True)
            return command.print(self._new("bill", session_id, asked=True))

    def print(self, what: DocumentRef) -> Job:
        """Print a paper of any kind: by its own rules for a receipt and a bill."""
        if what.paper == "receipt":
            return self.receipt(what.of)
        return self.bill(what.of) if what.paper == "bill" else self.paper(*what)

    def paper(self, paper: DocumentKind, of: str, part: str = "", *, asked: bool = True) -> Job:
        """Print another paper: a refund, a slip, a movement, a count, an X or a Z.

        A second print is a copy, except of an X.

        Args:
            paper: the kind.
            of: the order, refund or shift.
            part: as in `Job`.
            asked: False if nobody asked for it by hand.

        Raises:
            PrintError: no printer prints for this till.
        """
        known = [job for job in self.jobs_of(of) if (job.paper, job.part) == (paper, part)]
        if (open_one := self._open(known)) is not None:
            return open_one
        with self._ledger.command() as command:
            copy = _next_copy(known) if PAPERS[paper].has_copies else 0
            return command.print(replace(self._new(paper, of, part, asked=asked), copy=copy))

    def again(self, job: Job) -> Job:
        """Print a job again that may be on paper already; the new one says so."""
        with self._ledger.command() as command:
            printer = job.printer if job.is_ticket else ""
            new = self._new(job.paper, job.of, job.part, asked=True, printer=printer)
            command.jobs.append(replace(job, state=JobState.DROPPED, trouble=None))
            return command.print(replace(new, copy=job.copy, again=True))

    def tickets(self, of: str) -> list[Job]:
        """Print the tickets of an order again at their stations; each says so, but one that still waits is only wanted.

        Raises:
            PrintError: no station with a printer has tickets of it.
        """
        stations = self.printers().stations
        known = {job.part: job for job in self.jobs_of(of) if job.paper == "ticket"}
        written: dict[str, str] = {}
        for event in self._ledger.journal.events_of(of):
            if isinstance(data := event.data, LinesSent) and data.station in stations:
                written[event.id] = stations[data.station]
        if not written:
            raise PrintError(_("No printer of the kitchen has tickets of it."))
        wanted = [self.wanted(job) for job in known.values() if job.state is JobState.QUEUED]
        waits = {job.part for job in wanted}
        with self._ledger.command() as command:
            for part, printer in written.items():
                if part in waits:
                    continue
                if part in known and known[part].state is JobState.UNKNOWN:
                    command.jobs.append(replace(known[part], state=JobState.DROPPED, trouble=None))
                new = self._new("ticket", of, part, asked=True, printer=printer)
                wanted.append(command.print(replace(new, again=True)))
        return wanted

    def drop(self, of: str | None = None) -> list[Job]:
        """Print nothing of what waits, or of what waits about one stream. Return the dropped jobs.

        A ticket that the kitchen is to cook by stays: only a late one is dropped, one whose printer was removed, and
        one in doubt, which a person saw on paper.
        """
        dropped = [
            replace(job, state=JobState.DROPPED, awaits="")
            for job in self._live.values()
            if (_can_change(job) or _is_in_doubt(job)) and of in {None, job.of}
            if not job.is_ticket or job.awaits == "person" or _is_in_doubt(job) or self.profile_of(job) is None
        ]
        self._keep(dropped)
        return dropped

    def wanted(self, job: Job) -> Job:
        """Print a job that waits, once its printer can, and ask no more. Return it."""
        known = self._live.get(job.number)
        if known is not None and _can_change(known):
            self._keep([replace(known, asked=True, awaits="")])
        return job

    def batches(self) -> list[TicketBatch]:
        """Return the tickets that wait for one answer together: the late ones, and those of each printer away.

        The till's own printer prints those of another one.
        """
        own, away, late = self.printers().papers, defaultdict[str, list[Job]](list), list[Job]()
        for job in self.waiting():
            if job.is_ticket and job.awaits == "person":
                late.append(job)
            elif job.is_ticket and own and job.printer != own:
                away[job.printer].append(job)
        batches = [TicketBatch(tuple(late), is_late=True)] if late else []
        return batches + [TicketBatch(tuple(tickets)) for tickets in away.values()]

    def answer(self, batch: TicketBatch) -> Job:
        """Print late tickets at their station, and those of a printer that is away here. Return the last one."""
        known = [one for job in batch.tickets if (one := self._live.get(job.number)) is not None and _can_change(one)]
        if batch.is_late:
            self._keep([replace(job, asked=True, awaits="") for job in known])
        elif known:
            with self._ledger.command() as command:
                command.jobs += [replace(job, state=JobState.DROPPED, trouble=None) for job in known]
                for job in known:
                    command.print(replace(self._new(job.paper, job.of, job.part, asked=True), again=job.again))
                return command.jobs[-1]
        return batch.tickets[-1]

    def _keep(self, jobs: list[Job]) -> None:
        if jobs:
            self._ledger.journal.keep_jobs(jobs)
            self._note(jobs)

    def _open(self, known: list[Job]) -> Job | None:
        """Return the job that waits already, or the one that is printed again instead of an unknown one."""
        last = known[-1] if known else None
        if last is not None and last.state is JobState.QUEUED:
            return self.wanted(last)
        return self.again(last) if last is not None and last.state is JobState.UNKNOWN else None

    def _new(self, paper: DocumentKind, of: str, part: str = "", *, asked: bool, printer: str = "") -> Job:
        name = printer or self.printers().papers
        if not name:
            raise PrintError
        return Job(number=0, paper=paper, of=of, part=part, printer=name, at=self._ledger.now(), asked=asked)

    def _was_sold_here(self, order: Order) -> bool:
        """True if this journal has the sale. Once it is pruned, nobody knows here if the original was printed."""
        placed, journal = order.placed, self._ledger.journal
        return placed is not None and any(
            event.id == placed.event and journal.is_here(event) for event in journal.events_of(order.id)
        )

    def _issue(self, command: Command, order: Order, copy: int = 0, *, is_bill: bool = False) -> None:
        currency, placed = order.terms.currency, order.placed
        issued = ReceiptIssued(
            session_id=order.id,
            amount=placed.data.total if placed is not None else currency.text(order.total),
            currency=currency.code,
            receipt=placed.data.receipt if placed is not None else "",
            copy=copy,
            is_bill=is_bill,
        )
        command.write([Draft(issued, stream_of_till(self._ledger.store_id, self._ledger.till))])

    @override
    def prepare(self, command: Command) -> None:
        """Add the kick of the drawer, and the papers that nobody asks for.

        These are tickets of the kitchen, slips for the guest or to sign and, if receipts are always printed, the
        receipts of sales and refunds, the papers of part payments, and other slips.
        """
        if self._runner is None:
            return
        printers, till = self.printers(), self._ledger.till
        if self.drawer_printer() is not None:
            command.kick = next((event.seq for event in command.events if opens_drawer(event.data, till)), 0)
        for event in tuple(command.events):
            if isinstance(data := event.data, LinesSent):
                if data.follows is None:
                    self._add_ticket(command, event, printers.stations.get(data.station, ""), printers.passes)
            elif printers.papers:
                self._add_paper(command, event, always=printers.when == "always")

    def _add_ticket(self, command: Command, event: Event, station: str, passes: Iterable[str]) -> None:
        """Print a ticket at the printer of its station, and at that of each pass unless it is the same one."""
        if station:
            command.print(self._new("ticket", event.stream_id, event.id, asked=False, printer=station))
        for name in passes:
            if name != station:
                command.print(self._new("pass", event.stream_id, event.id, asked=False, printer=name))

    def _add_paper(self, command: Command, event: Event, *, always: bool) -> None:
        match event.data:
            case SlipKept(for_guest=is_theirs, to_be_signed=is_signed) if always or is_theirs or is_signed:
                command.print(self._new("slip", event.stream_id, event.id, asked=False))
            case PaymentApproved() if always and _is_part_paid(command.order(event.stream_id)):
                command.print(self._new("part", event.stream_id, event.id, asked=False))
            case InvoiceIssued() if self.printers().when != "never":  # a guest waits for it
                command.print(self._new("invoice", event.stream_id, event.id, asked=True))
            case RefundApproved() if always:
                command.print(self._new("refund", event.stream_id, asked=False))
            case OrderPlaced() if always:
                self._issue(command, command.order(event.stream_id))
                command.print(self._new("receipt", event.stream_id, asked=False))

    @override
    def follow(self, command: Command) -> None:
        """Kick the drawer at once, and begin to print. After a fault, the next start names the drawer and prints."""
        for event in command.events:
            if (paper := paper_about(event)) is not None:
                self.last = _Papered(event.id, event.user, paper)
        if self._runner is not None and command.kick:
            self._runner.kick(command.kick)
        if command.jobs:
            self._note(command.jobs)

    def _note(self, jobs: Iterable[Job]) -> None:
        """Keep the jobs that are not done in memory, and wake the runner."""
        for job in jobs:
            self._remember(job)
        if self._runner is not None:
            self._runner.wake()

    def _remember(self, job: Job) -> None:
        if job.state in {JobState.QUEUED, JobState.UNKNOWN}:
            self._live[job.number] = job
        else:
            self._live.pop(job.number, None)

    # States

    def jobs_of(self, stream_id: str) -> list[Job]:
        """Return the jobs about an order, a refund or a shift in their present states, oldest first."""
        return [self.now(job) for job in self._ledger.journal.jobs_of(stream_id)]

    def now(self, job: Job) -> Job:
        """Return a job in its present state, with the trouble of its printer."""
        job = self._live.get(job.number, job)
        return replace(job, trouble=self._trouble_of(job)) if job.state is JobState.QUEUED else job

    def _trouble_of(self, job: Job) -> PrinterTrouble | None:
        profile = self.profile_of(job)
        return self._troubles.get(profile.name) if profile is not None else PrinterTrouble.GONE

    def unknown_words(self, job: Job) -> str:
        """Return the sentence on a job that may be on paper or not. By then another guest may be served."""
        if number := sold_number(self._ledger, job.of) if job.paper == "receipt" else "":
            return _("Did receipt {number} print? If not, print it again.").format(number=number)
        return _("Did the {paper} print? If not, print it again.").format(paper=PAPERS[job.paper].name)

    def waiting(self) -> list[Job]:
        """Return the jobs that wait for a person or because of trouble, oldest first."""
        return [job for job in map(self.now, self._live.values()) if job.awaits == "person" or job.trouble is not None]

    def tickets_in_doubt(self) -> list[Job]:
        """Return the tickets of the kitchen that may be on paper or not, oldest first: nobody may cook by them."""
        return [job for job in self._live.values() if _is_in_doubt(job) and job.at >= self._ledger.now() - DOUBTED]

    def name_of(self, ticket: Job) -> str:
        """Return the name of a ticket of the kitchen, with its table."""
        return ticket_name(self._ledger, ticket) or capitalize_first(PAPERS[ticket.paper].name)

    def troubled(self) -> Job | None:
        """Return the first of the jobs that wait because of trouble; None if none does. It is cheap: each key asks."""
        for job in self._live.values():
            if job.state is JobState.QUEUED and (trouble := self._trouble_of(job)) is not None:
                return replace(job, trouble=trouble)
        return None

    @property
    def in_trouble(self) -> int:
        """The number of printers that do not print."""
        return len(self._troubles)

    def late(self) -> list[Job]:
        """Return the jobs that ask before they are printed, because they waited, oldest first."""
        return [job for job in self._live.values() if job.awaits == "person"]

    # For the runner

    @property
    def is_under_way(self) -> bool:
        """True while a printer has a job in its hands."""
        return any(job.awaits == "printer" for job in self._live.values())

    def profile_of(self, job: Job) -> PrinterProfile | None:
        """Return the printer of a job. If the venue removed it, this is the printer of this till; None without one.

        A ticket comes out at the counter only if a person asked for it there: if no station has its printer any more,
        it waits.
        """
        printers = self.printers()
        found = printers.every.get(job.printer)
        if not job.is_ticket:
            return found or printers.every.get(printers.papers)
        is_asked_here = job.asked and job.printer == printers.papers
        return found if is_asked_here or job.printer in printers.stations.values() else None

    def drawer_printer(self) -> PrinterProfile | None:
        """Return the printer that kicks the drawer of this till; None if there is none."""
        printers = self.printers()
        return printers.every.get(printers.drawer)

    @property
    def kicks(self) -> bool:
        """True if a printer opens the drawer of this till now; else people open it with its key."""
        return self._runner is not None and self.drawer_printer() is not None

    def kicked(self, seq: int) -> None:
        """Note that the drawer was kicked for an event."""
        with suppress(JournalError):  # a full disk: the next start names the sale once more
            self._ledger.journal.kicked(seq)

    def queued(self) -> dict[str, list[Job]]:
        """Return the jobs to send by the name of their printer, without those that ask first.

        The oldest is first, after all tickets of the kitchen.
        """
        found: dict[str, list[Job]] = defaultdict(list)
        for job in self._live.values():
            if job.state is JobState.QUEUED and not job.awaits:
                profile = self.profile_of(job)
                if profile is not None:
                    found[profile.name].append(job)
        for jobs in found.values():
            jobs.sort(key=lambda job: not job.is_ticket)
        return found

    def has_expired(self, job: Job) -> bool:
        """True if a job must ask before it is printed."""
        if job.is_ticket:
            return not job.asked and self._is_late(job)
        return not job.asked and PAPERS[job.paper].expires and self._ledger.now() - job.at >= EXPIRES

    def ask_first(self, jobs: Iterable[Job]) -> None:
        """Keep jobs back until a person says if they are printed; not one that was dropped or asked for by now."""
        for job in jobs:
            if self._live.get(job.number) == job:
                self._live[job.number] = replace(job, awaits="person")

    def take_up(self, job: Job) -> None:
        """Write down that a job may be on paper from now on.

        Raises:
            PrintError: it was dropped in the meantime.
            JournalError: the disk write failed; nothing may be sent.
        """
        if (known := self._live.get(job.number)) is None or not _can_change(known):
            raise PrintError
        self._ledger.journal.keep_jobs([replace(known, state=JobState.UNKNOWN, awaits="")])
        self._live[job.number] = replace(known, awaits="printer")

    def put_down(self, job: Job, state: JobState) -> None:
        """Keep the outcome of a job. Its write need not be on disk at once: before it the job is unknown."""
        job = replace(self._live.get(job.number, job), state=state, awaits="")
        self._remember(job)
        if state is not JobState.UNKNOWN:
            with suppress(JournalError):  # a full disk: it stays unknown there, which is true
                self._ledger.journal.keep_jobs([job], is_lasting=False)

    def heard(self, printer: str, trouble: PrinterTrouble | None) -> bool:
        """Keep the trouble of a printer; True if it changed."""
        before = self._troubles.pop(printer, None)
        if trouble is not None:
            self._troubles[printer] = trouble
        return before is not trouble
