"""The kinds of papers, each declared once, and the states of print jobs in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from till.domain.i18n import N_, _
from till.domain.order.events import InvoiceIssued, OrderPlaced
from till.domain.payment.events import PaymentApproved
from till.domain.refund.events import RefundApproved
from till.domain.shift.events import CashMoved, DrawerCounted, MovementUndone, ShiftClosed
from till.ports.printer import DocumentRef, JobState, PrinterTrouble

if TYPE_CHECKING:
    from till.domain.events.envelope import Event
    from till.domain.events.registry import EventData
    from till.ports.printer import DocumentKind, Job


class TicketBatch(NamedTuple):
    """Tickets of the kitchen that wait for one answer: late ones, or those of a printer that is away."""

    tickets: tuple[Job, ...]
    is_late: bool = False


def document_of(job: Job) -> DocumentRef:
    """Return the paper that a job prints."""
    return DocumentRef(job.paper, job.of, job.part)


def is_of(job: Job, paper: DocumentRef | None) -> bool:
    """True if a job prints a paper."""
    return document_of(job) == paper


class PaperKind(NamedTuple):
    """A kind of paper.

    Attributes:
        name: its name, as in `card slip`.
        about: the events after which it can be printed, each of the stream that the paper is about.
        is_of_event: True if the paper is about such an event alone, and not about its whole stream.
        expires: True if one that nobody asked for by hand is not printed unasked after some minutes.
        has_copies: True if a second print of it is a copy.
    """

    name: str
    about: tuple[type[EventData], ...] = ()
    is_of_event: bool = False
    expires: bool = False
    has_copies: bool = True


#: All kinds of papers; `DocumentMaker` makes the document of each.
PAPERS: Final[dict[DocumentKind, PaperKind]] = {
    "receipt": PaperKind(N_("receipt"), (OrderPlaced,), expires=True),
    "invoice": PaperKind(N_("invoice"), (InvoiceIssued,), is_of_event=True),
    "part": PaperKind(N_("paper of a part"), (PaymentApproved,), is_of_event=True, expires=True),
    "bill": PaperKind(N_("bill"), has_copies=False),
    "refund": PaperKind(N_("refund receipt"), (RefundApproved,), expires=True),
    "gift": PaperKind(N_("gift receipt"), has_copies=False),
    "slip": PaperKind(N_("card slip"), expires=True),
    "movement": PaperKind(N_("slip of a movement"), (CashMoved, MovementUndone), is_of_event=True),
    "count": PaperKind(N_("count"), (DrawerCounted,), is_of_event=True),
    "x": PaperKind(N_("X"), has_copies=False),
    "z": PaperKind(N_("Z"), (ShiftClosed,)),
    "ticket": PaperKind(N_("ticket")),
    "pass": PaperKind(N_("ticket of the pass")),
}
_ABOUT: Final = {event: paper for paper, kind in PAPERS.items() for event in kind.about}


def paper_about(event: Event) -> DocumentRef | None:
    """Return the paper about what an event did; None if it has none."""
    paper, data = _ABOUT.get(type(event.data)), event.data
    if paper is None:
        return None
    part = data.event if isinstance(data, MovementUndone) else event.id
    return DocumentRef(paper, event.stream_id, part if PAPERS[paper].is_of_event else "")


#: The state of a job in words, with its mark, and that of one that waits for its printer.
_STATES: Final = {
    JobState.QUEUED: N_("○ printing"),
    JobState.SENT: N_("✓ printed"),
    JobState.PRINTED: N_("✓ printed"),
    JobState.UNKNOWN: N_("▲ not known"),
    JobState.DROPPED: N_("not printed"),
}
_WAITS: Final = {PrinterTrouble.NO_PAPER: N_("▲ waits for paper")}
_WAITS_FOR_PRINTER: Final = N_("▲ waits for the printer")


def job_words(job: Job) -> str:
    """Return the state of a job in words, as in `▲ waits for paper`."""
    if job.trouble is not None and job.state is JobState.QUEUED:
        return _(_WAITS.get(job.trouble, _WAITS_FOR_PRINTER))
    return _(_STATES[job.state])
