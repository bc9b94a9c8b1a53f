"""One document on a printer of the tests, with what its caller hears."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from till.devices.printer import EscPosPrinter, Limits
from till.domain.paper.document import Line
from till.ports.printer import PrinterProfile

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from till.ports.printer import JobState, Trouble

LIMITS: Final = Limits(status=0.3, kick=0.3, job=0.3, line=0.0, poll=0.02, late=1.0, end=0.3)
NO_FACTS: Final[Mapping[str, bool]] = {}
RECEIPT: Final = (
    Line("Bar Demo", bold=True),
    Line("2 Filter coffee                     240.00"),
    Line("TOTAL                               240.00", bold=True, tall=True),
    Line("Thank you"),
)


class Client:
    """A till's side of a printer.

    Attributes:
        begun: the number of documents that began.
        heard: the trouble in the middle of documents.
        late: set when the printer says late that it printed.

    Args:
        address: the address of the printer.
        facts: more facts of its profile.
    """

    def __init__(self, address: str, facts: Mapping[str, bool] = NO_FACTS, limits: Limits = LIMITS) -> None:
        self.profile = PrinterProfile(name="bar", address=address, **facts)  # type: ignore[arg-type]
        self.printer = EscPosPrinter(self.profile, limits)
        self.begun = 0
        self.heard: list[Trouble | None] = []
        self.late = asyncio.Event()

    async def print(self, lines: Sequence[Line] = RECEIPT, job_id: str = "1A00") -> JobState | Trouble:
        """Print a document."""
        return await self.printer.print_lines(lines, job_id, self._begin, self.heard.append, self.late.set)

    def _begin(self) -> None:
        self.begun += 1


async def until(is_true: Callable[[], object]) -> None:
    """Wait until a condition is true."""
    async with asyncio.timeout(5):
        while not is_true():  # noqa: ASYNC110 - of a thread, a process or a timer
            await asyncio.sleep(0.002)
