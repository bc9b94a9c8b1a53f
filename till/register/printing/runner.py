"""The runner of print jobs: one at a time for each printer, and kicks of the drawer at once (ADR 0064)."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Final

from till.domain.errors import JournalError
from till.domain.i18n import _
from till.ports.printer import JobState, PrintError, PrinterTrouble
from till.register.printing.words import unknown_words

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from till.domain.paper.document import PaperLine
    from till.ports.printer import Job, Printer, PrinterProfile
    from till.register.printing.jobs import PrintJobs

_LOG: Final = logging.getLogger(__name__)
#: Seconds after trouble until a printer is tried again, the first time and later.
_PAUSES_S: Final = (2.0, 5.0)
#: Seconds for a job that is under way when the till closes.
_LAST_S: Final = 3.0
#: The characters of a job's id: printers answer with those of 33 to 126.
_FIRST_CHAR: Final = 33
_CHARS: Final = 94


def job_id(till: int, number: int) -> str:
    """Return four characters that name a till and a job, for the printer to say back."""
    digits = (till, number // _CHARS**2, number // _CHARS, number)
    return "".join(chr(_FIRST_CHAR + digit % _CHARS) for digit in digits)


class Runner:
    """The runner of a till's jobs.

    Args:
        jobs: the jobs.
        make: makes a printer from its profile.
        lines: returns the lines of a job's document for a printer.
        tell: called with a sentence for the person at the till; an empty one if only the state of a job changed.
        till: this till's number.
        calm: waits for a pause between keys.
        pauses: the seconds after trouble until a printer is tried again, the first time and later.
        at_end: called once nothing is printed any more.
    """

    def __init__(
        self,
        jobs: PrintJobs,
        make: Callable[[PrinterProfile], Printer],
        lines: Callable[[Job, PrinterProfile], Awaitable[Sequence[PaperLine]]],
        tell: Callable[[str], None],
        *,
        till: int,
        calm: Callable[[], Awaitable[None]],
        pauses: tuple[float, float] = _PAUSES_S,
        at_end: Callable[[], None] = lambda: None,
    ) -> None:
        self._jobs = jobs
        self._make = make
        self._lines = lines
        self._tell = tell
        self._till = till
        self._calm = calm
        self._pauses = pauses
        self._at_end = at_end
        self._printers: dict[str, Printer] = {}
        self._serving: dict[str, asyncio.Task[None]] = {}
        self._kicks: set[asyncio.Task[None]] = set()
        self._looks = False
        #: Set when the till closes; then no job begins after a moment of the loop's clock.
        self._ending = asyncio.Event()
        self._until: float | None = None

    # Calls from the jobs (`till.register.printing.queue.Prints`)

    def wake(self) -> None:
        """Look for jobs, once the present command is over."""
        if not self._looks:
            self._looks = True
            asyncio.get_running_loop().call_soon(self._look)

    def kick(self, seq: int) -> None:
        """Kick the drawer at once, for the event with that number."""
        task = asyncio.get_running_loop().create_task(self._kick(seq))
        self._kicks.add(task)
        task.add_done_callback(self._kicks.discard)

    def _look(self) -> None:
        self._looks = False
        for name in self._jobs.queued():
            if name not in self._serving:
                self._serving[name] = asyncio.get_running_loop().create_task(self._serve(name))

    # Jobs

    async def _serve(self, name: str) -> None:
        """Print the jobs of a printer until none is left."""
        tried = 0
        try:
            while not self._is_over and (waiting := self._jobs.queued().get(name)):
                if await self._goes_on(name, waiting):
                    tried = 0
                elif self._ending.is_set():
                    return
                else:
                    await self._pause(self._pauses[min(tried, 1)])
                    tried += 1
        finally:
            del self._serving[name]

    @property
    def _is_over(self) -> bool:
        return self._until is not None and asyncio.get_running_loop().time() >= self._until

    async def _pause(self, seconds: float) -> None:
        """Wait, but not if the till closes."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._ending.wait()

    async def _goes_on(self, name: str, waiting: list[Job]) -> bool:
        """Print the first of the waiting jobs; False if the printer is to be tried again later."""
        job = waiting[0]
        profile = self._jobs.profile_of(job)
        if profile is None:
            return False
        printer = self._printer(profile)
        if self._jobs.has_expired(job):
            trouble = await printer.status()
            if trouble is None:
                late = []
                for one in waiting:  # each reads its order, and there may be hundreds
                    await asyncio.sleep(0)
                    await self._calm()
                    late += [one] if self._jobs.has_expired(one) else []
                self._ask_first(late)
        else:
            try:
                trouble = await self._print(printer, job)
            except JournalError as problem:  # nothing was sent; the next key reports it
                _LOG.warning("job_not_noted", extra={"error": problem.code})
                return False
        self._heard(name, trouble)
        return trouble is None

    async def _print(self, printer: Printer, job: Job) -> PrinterTrouble | None:
        """Print a job; return the trouble if nothing was sent.

        Raises:
            JournalError: the disk write failed before the first byte; nothing was sent.
        """
        if self._kicks:
            await asyncio.wait(self._kicks)
        await self._calm()
        try:
            lines = await self._lines(job, printer.profile)
        except Exception:  # noqa: BLE001 - a fault in one document must not stop the others
            _LOG.exception("paper_not_made", extra={"paper": job.paper, "of": job.of})
            self._jobs.put_down(job, JobState.DROPPED)
            self._tell(_("A paper cannot be printed here. F10 shows the sale."))
            return None
        try:
            outcome = await printer.print_lines(
                lines,
                job_id(self._till, job.number),
                partial(self._jobs.take_up, job),
                partial(self._heard, printer.profile.name),
                partial(self._printed, job),
            )
        except PrintError:  # dropped while the printer was asked
            return None
        if isinstance(outcome, PrinterTrouble):
            return outcome
        self._jobs.put_down(job, outcome)
        self._tell(unknown_words(self._jobs.ledger, job) if outcome is JobState.UNKNOWN else "")
        return None

    def _printed(self, job: Job) -> None:
        """Keep a late answer."""
        self._jobs.put_down(job, JobState.PRINTED)
        self._tell("")

    def _heard(self, name: str, trouble: PrinterTrouble | None) -> None:
        if self._jobs.heard(name, trouble):
            self._tell("")

    def _ask_first(self, jobs: list[Job]) -> None:
        self._jobs.ask_first(jobs)
        self._tell("")

    def _printer(self, profile: PrinterProfile) -> Printer:
        """Return a printer; a changed profile makes a new one."""
        known = self._printers.get(profile.name)
        if known is None or known.profile != profile:
            if known is not None:
                known.close()
            known = self._printers[profile.name] = self._make(profile)
        return known

    # The drawer

    async def _kick(self, seq: int) -> None:
        profile = self._jobs.kicks.printer
        is_open = profile is not None and await self._printer(profile).kick()
        if not is_open:
            self._tell(_("The drawer did not open: use its key."))
        self._jobs.kicks.kicked(seq)  # last, so that a kill before it names the event at the next start

    # The end

    async def end(self, seconds: float = 0) -> None:
        """End: no job begins after these seconds; one that is under way, and a kick, have a little more time."""
        self._until = asyncio.get_running_loop().time() + seconds
        self._ending.set()
        if self._looks:
            self._look()
        serving = set(self._serving.values())
        awaited = self._kicks | serving if seconds or self._jobs.is_under_way else set(self._kicks)
        if awaited:
            await asyncio.wait(awaited, timeout=seconds + _LAST_S)
        for task in serving | self._kicks:
            task.cancel()
        await asyncio.gather(*serving, *self._kicks, return_exceptions=True)
        for printer in self._printers.values():
            printer.close()
        self._at_end()
