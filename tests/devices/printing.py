"""One document on a printer of the tests, with what its caller hears."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, ClassVar, Final

from till.devices.printer import EscPosPrinter, PrinterTimeouts
from till.domain.paper.document import PaperLine
from till.ports.printer import JobState, PrinterProfile, PrinterTrouble

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

#: For a printer that answers: a busy machine takes its time.
PATIENT: Final = PrinterTimeouts(status=10.0, kick=10.0, job=10.0, line=0.0, poll=0.02, late=10.0, end=5.0)
#: For one that does not: each of these seconds is waited for.
LIMITS: Final = PrinterTimeouts(status=0.5, kick=0.5, job=0.5, line=0.0, poll=0.02, late=10.0, end=0.5)
#: The states of documents that end with the time for them.
_TIMED: Final = (JobState.UNKNOWN, JobState.SENT, PrinterTrouble.SILENT)
NO_FACTS: Final[Mapping[str, bool]] = {}
RECEIPT: Final = (
    PaperLine("Bar Demo", bold=True),
    PaperLine("2 Filter coffee                     240.00"),
    PaperLine("TOTAL                               240.00", bold=True, tall=True),
    PaperLine("Thank you"),
)


def limits_for(state: JobState | PrinterTrouble) -> PrinterTimeouts:
    """Return the limits with which this state comes soon, and no other."""
    return LIMITS if state in _TIMED else PATIENT


class Client:
    """A till's side of a printer.

    Attributes:
        made: all of this test, which closes them.
        begun: the number of documents that began.
        heard: the trouble in the middle of documents.
        late: set when the printer says late that it printed.

    Args:
        address: the address of the printer.
        facts: more facts of its profile.
    """

    made: ClassVar[list[Client]] = []

    def __init__(self, address: str, facts: Mapping[str, bool] = NO_FACTS, limits: PrinterTimeouts = PATIENT) -> None:
        self.profile = PrinterProfile(name="bar", address=address, **facts)  # type: ignore[arg-type]
        self.printer = EscPosPrinter(self.profile, limits)
        self.begun = 0
        self.heard: list[PrinterTrouble | None] = []
        self.late = asyncio.Event()
        self.made.append(self)

    async def print(self, lines: Sequence[PaperLine] = RECEIPT, job_id: str = "1A00") -> JobState | PrinterTrouble:
        """Print a document."""
        return await self.printer.print_lines(lines, job_id, self._begin, self.heard.append, self.late.set)

    def _begin(self) -> None:
        self.begun += 1


async def until(is_true: Callable[[], object]) -> None:
    """Wait until a condition is true."""
    async with asyncio.timeout(5):
        while not is_true():  # noqa: ASYNC110 - of a thread, a process or a timer
            await asyncio.sleep(0.002)
