"""The names of papers, and the states of print jobs in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from till.domain.i18n import _
from till.ports.printer import JobState, PrinterTrouble

if TYPE_CHECKING:
    from till.ports.printer import DocumentKind, Job


class DocumentRef(NamedTuple):
    """A paper that can be printed: its kind, the stream that it is about, and the event or part in it."""

    paper: DocumentKind
    of: str
    part: str = ""


class TicketBatch(NamedTuple):
    """Tickets of the kitchen that wait for one answer: late ones, or those of a printer that is away."""

    tickets: tuple[Job, ...]
    is_late: bool = False


def is_of(job: Job, paper: DocumentRef | None) -> bool:
    """True if a job prints a paper."""
    return (job.paper, job.of, job.part) == paper


#: The names of papers.
DOCUMENT_NAMES: Final[dict[DocumentKind, str]] = {
    "receipt": _("receipt"),
    "part": _("paper of a part"),
    "bill": _("bill"),
    "refund": _("refund receipt"),
    "slip": _("card slip"),
    "movement": _("slip of a movement"),
    "count": _("count"),
    "x": _("X"),
    "z": _("Z"),
    "ticket": _("ticket"),
    "pass": _("ticket of the pass"),
}
#: The state of a job in words, with its mark, and that of one that waits for its printer.
_STATES: Final = {
    JobState.QUEUED: _("○ printing"),
    JobState.SENT: _("✓ printed"),
    JobState.PRINTED: _("✓ printed"),
    JobState.UNKNOWN: _("▲ not known"),
    JobState.DROPPED: _("not printed"),
}
_WAITS: Final = {PrinterTrouble.NO_PAPER: _("▲ waits for paper")}
_WAITS_FOR_PRINTER: Final = _("▲ waits for the printer")


def job_words(job: Job) -> str:
    """Return the state of a job in words, as in `▲ waits for paper`."""
    if job.trouble is not None and job.state is JobState.QUEUED:
        return _WAITS.get(job.trouble, _WAITS_FOR_PRINTER)
    return _STATES[job.state]
