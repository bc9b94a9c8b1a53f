"""The print jobs that are not done: what the screen says of them, and what the runner sends (ADR 0064)."""

from __future__ import annotations

from collections import defaultdict
from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from till.domain.errors import JournalError
from till.domain.structs import replace
from till.ports.printer import Job, JobState, PrintError, Printers, PrinterTrouble
from till.register.printing.names import PAPERS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Protocol

    from till.ports.printer import PrinterProfile
    from till.register.ledger.ledger import Ledger

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


def can_change(job: Job) -> bool:
    """True if a job is queued and no printer has it in its hands."""
    return job.state is JobState.QUEUED and job.awaits != "printer"


def is_in_doubt(job: Job) -> bool:
    """True for a ticket of the kitchen that may be on paper or not, and that no printer has in its hands."""
    return job.is_ticket and job.state is JobState.UNKNOWN and job.awaits != "printer"


class PrintQueue:
    """The print jobs of a till that are not done, and its printers with their trouble.

    Args:
        ledger: the write path.
        is_late: returns True for a ticket of the kitchen that nobody cooks unasked.
    """

    def __init__(self, ledger: Ledger, is_late: Callable[[Job], bool]) -> None:
        self.ledger = ledger
        self._is_late = is_late
        #: The printers of this till.
        self.printers: Callable[[], Printers] = Printers
        #: The jobs that are queued or unknown, by number, oldest first, once the till prints.
        self.live: dict[int, Job] = {}
        #: The trouble of printers, by name.
        self._troubles: dict[str, PrinterTrouble] = {}
        #: The runner, once the till prints.
        self.runner: Prints | None = None

    def keep(self, jobs: list[Job]) -> None:
        """Write changed jobs down, and look for what can be printed now."""
        if jobs:
            self.ledger.journal.keep_jobs(jobs)
            self.note(jobs)

    def note(self, jobs: Iterable[Job]) -> None:
        """Keep written jobs that are not done in memory, and wake the runner."""
        for job in jobs:
            self._remember(job)
        if self.runner is not None:
            self.runner.wake()

    def _remember(self, job: Job) -> None:
        if job.state in {JobState.QUEUED, JobState.UNKNOWN}:
            self.live[job.number] = job
        else:
            self.live.pop(job.number, None)

    def jobs_of(self, stream_id: str) -> list[Job]:
        """Return the jobs about an order, a refund or a shift in their present states, oldest first."""
        return [self.now(job) for job in self.ledger.journal.jobs_of(stream_id)]

    def now(self, job: Job) -> Job:
        """Return a job in its present state, with the trouble of its printer."""
        job = self.live.get(job.number, job)
        return replace(job, trouble=self._trouble_of(job)) if job.state is JobState.QUEUED else job

    def _trouble_of(self, job: Job) -> PrinterTrouble | None:
        profile = self.profile_of(job)
        return self._troubles.get(profile.name) if profile is not None else PrinterTrouble.GONE

    def waiting(self) -> list[Job]:
        """Return the jobs that wait for a person or because of trouble, oldest first."""
        return [job for job in map(self.now, self.live.values()) if job.awaits == "person" or job.trouble is not None]

    def troubled(self) -> Job | None:
        """Return the first of the jobs that wait because of trouble; None if none does. It is cheap: each key asks."""
        for job in self.live.values():
            if job.state is JobState.QUEUED and (trouble := self._trouble_of(job)) is not None:
                return replace(job, trouble=trouble)
        return None

    @property
    def in_trouble(self) -> int:
        """The number of printers that do not print."""
        return len(self._troubles)

    def late(self) -> list[Job]:
        """Return the jobs that ask before they are printed, because they waited, oldest first."""
        return [job for job in self.live.values() if job.awaits == "person"]

    def tickets_in_doubt(self) -> list[Job]:
        """Return the tickets of the kitchen that may be on paper or not, oldest first: nobody may cook by them."""
        return [job for job in self.live.values() if is_in_doubt(job) and job.at >= self.ledger.now() - DOUBTED]

    # For the runner

    @property
    def is_under_way(self) -> bool:
        """True while a printer has a job in its hands."""
        return any(job.awaits == "printer" for job in self.live.values())

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

    def queued(self) -> dict[str, list[Job]]:
        """Return the jobs to send by the name of their printer, without those that ask first.

        The oldest is first, after all tickets of the kitchen.
        """
        found: dict[str, list[Job]] = defaultdict(list)
        for job in self.live.values():
            if job.state is JobState.QUEUED and not job.awaits and (profile := self.profile_of(job)) is not None:
                found[profile.name].append(job)
        for jobs in found.values():
            jobs.sort(key=lambda job: not job.is_ticket)
        return found

    def has_expired(self, job: Job) -> bool:
        """True if a job must ask before it is printed."""
        if job.is_ticket:
            return not job.asked and self._is_late(job)
        return not job.asked and PAPERS[job.paper].expires and self.ledger.now() - job.at >= EXPIRES

    def ask_first(self, jobs: Iterable[Job]) -> None:
        """Keep jobs back until a person says if they are printed; not one that was dropped or asked for by now."""
        for job in jobs:
            if self.live.get(job.number) == job:
                self.live[job.number] = replace(job, awaits="person")

    def take_up(self, job: Job) -> None:
        """Write down that a job may be on paper from now on.

        Raises:
            PrintError: it was dropped in the meantime.
            JournalError: the disk write failed; nothing may be sent.
        """
        if (known := self.live.get(job.number)) is None or not can_change(known):
            raise PrintError
        self.ledger.journal.keep_jobs([replace(known, state=JobState.UNKNOWN, awaits="")])
        self.live[job.number] = replace(known, awaits="printer")

    def put_down(self, job: Job, state: JobState) -> None:
        """Keep the outcome of a job. Its write need not be on disk at once: before it the job is unknown."""
        job = replace(self.live.get(job.number, job), state=state, awaits="")
        self._remember(job)
        if state is not JobState.UNKNOWN:
            with suppress(JournalError):  # a full disk: it stays unknown there, which is true
                self.ledger.journal.keep_jobs([job], is_lasting=False)

    def heard(self, printer: str, trouble: PrinterTrouble | None) -> bool:
        """Keep the trouble of a printer; True if it changed."""
        before = self._troubles.pop(printer, None)
        if trouble is not None:
            self._troubles[printer] = trouble
        return before is not trouble
