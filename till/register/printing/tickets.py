"""The tickets of the kitchen that are printed again, or that wait for one answer together."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from till.domain.i18n import _
from till.domain.kitchen.events import LinesSent
from till.domain.structs import replace
from till.ports.printer import DocumentRef, Job, JobState, PrintError
from till.register.printing.names import TicketBatch, document_of
from till.register.printing.queue import can_change

if TYPE_CHECKING:
    from till.register.printing.jobs import PrintJobs
    from till.register.printing.queue import PrintQueue


def print_tickets(jobs: PrintJobs, of: str) -> list[Job]:
    """Print the tickets of an order again at their stations; each says so, but one that still waits is only wanted.

    Raises:
        PrintError: no station with a printer has tickets of it.
    """
    stations = jobs.printers().stations
    known = {job.part: job for job in jobs.jobs_of(of) if job.paper == "ticket"}
    written: dict[str, str] = {}
    for event in jobs.ledger.journal.events_of(of):
        if isinstance(data := event.data, LinesSent) and data.station in stations:
            written[event.id] = stations[data.station]
    if not written:
        raise PrintError(_("No printer of the kitchen has tickets of it."))
    wanted = [jobs.wanted(job) for job in known.values() if job.state is JobState.QUEUED]
    with jobs.ledger.command() as command:
        for part, printer in written.items():
            last = known.get(part)
            if last is not None and last.state is JobState.QUEUED:
                continue
            if last is not None and last.state is JobState.UNKNOWN:
                command.jobs.append(replace(last, state=JobState.DROPPED, trouble=None))
            new = jobs.new(DocumentRef("ticket", of, part), asked=True, printer=printer)
            wanted.append(command.print(replace(new, again=True)))
    return wanted


def batches_of(queue: PrintQueue) -> list[TicketBatch]:
    """Return the tickets that wait for one answer together: the late ones, and those of each printer away.

    The till's own printer prints those of another one.
    """
    own, away, late = queue.printers().papers, defaultdict[str, list[Job]](list), list[Job]()
    for job in queue.waiting():
        if job.is_ticket and job.awaits == "person":
            late.append(job)
        elif job.is_ticket and own and job.printer != own:
            away[job.printer].append(job)
    batches = [TicketBatch(tuple(late), is_late=True)] if late else []
    return batches + [TicketBatch(tuple(tickets)) for tickets in away.values()]


def print_batch(jobs: PrintJobs, batch: TicketBatch) -> Job:
    """Print late tickets at their station, and those of a printer that is away here. Return the last one."""
    known = [one for job in batch.tickets if (one := jobs.live.get(job.number)) is not None and can_change(one)]
    if batch.is_late:
        jobs.keep([replace(job, asked=True, awaits="") for job in known])
    elif known:
        with jobs.ledger.command() as command:
            command.jobs += [replace(job, state=JobState.DROPPED, trouble=None) for job in known]
            for job in known:
                command.print(replace(jobs.new(document_of(job), asked=True), again=job.again))
            return command.jobs[-1]
    return batch.tickets[-1]
