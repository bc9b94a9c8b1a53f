"""The acts of the reports at the desk. Keys never wait for them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from till.domain.errors import TillError
from till.domain.i18n import _
from till.domain.text import clean
from till.tui.drawing.palette import Mark
from till.tui.drawing.viewmodels import StyledText
from till.tui.screens.report.screen import ReportScreen
from till.tui.screens.report.state import NotRead, OrdersRead, PartsRead, Read, ReportOutcome, ReportSaved, ReportState
from till.tui.shell.messages import refusal
from till.tui.shell.scene import SideScene

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from till.reports.orders import OrderBehind, OrderParts
    from till.reports.report import Report, ReportResult, ReportTable
    from till.tui.shell.keymap import Keymap
    from till.tui.shell.scene import SideHost

T = TypeVar("T")


class ReportSource(Protocol):
    """The reports of the venue, read from its database."""

    async def read(self, report: Report, days: str) -> ReportResult:
        """Read a report of the days that a text means, and of the weeks before.

        Raises:
            TillError: the text means no days, or it takes too long; a `StoreAwayError` if the database cannot be
                reached.
        """
        ...

    async def orders(self, found: ReportResult, table: ReportTable, row: tuple[Any, ...]) -> tuple[OrderBehind, ...]:
        """Read the orders behind a row."""
        ...

    async def parts(self, found: ReportResult, order: str) -> OrderParts:
        """Read the lines and payments of an order.

        Raises:
            TillError: as above.
        """
        ...

    async def save(self, found: ReportResult) -> Path:
        """Write a report to a file, whole or not at all. Return its path.

        Raises:
            TillError: the file cannot be written.
        """
        ...

    def abort(self) -> None:
        """Give up the request under way, so that the next one need not wait for it."""
        ...


class ReportActs(SideScene[ReportState, ReportOutcome, ReportScreen]):
    """The acts of the scene, which its reducer calls.

    Args:
        host: the desk.
        keymap: the keys of each command.
        source: the reports.
    """

    def __init__(self, host: SideHost, keymap: Keymap, source: ReportSource) -> None:
        super().__init__(host, ReportScreen(), keymap)
        self._source = source

    def leave(self) -> None:
        """Go back to the desk."""
        self._source.abort()
        self._host.close_over()

    def read(self, ticket: int, report: Report, days: str) -> None:
        """Read a report."""
        self._ask(ticket, self._source.read(report, days), lambda found: Read(ticket, found))

    def read_orders(self, ticket: int, found: ReportResult, table: ReportTable, row: tuple[Any, ...]) -> None:
        """Read the orders behind a row."""
        self._ask(ticket, self._source.orders(found, table, row), lambda orders: OrdersRead(ticket, orders))

    def read_parts(self, ticket: int, found: ReportResult, order: str) -> None:
        """Read the lines and payments of an order."""
        self._ask(ticket, self._source.parts(found, order), lambda parts: PartsRead(ticket, parts))

    def save(self, found: ReportResult) -> None:
        """Write a report to a file."""

        async def wait() -> None:
            try:
                file = await self._source.save(found)
            except TillError as problem:
                message = refusal(problem.sentence)
            else:
                words = _("Saved as {file} in {folder}.").format(file=file.name, folder=file.parent)
                message = StyledText(clean(words), mark=Mark.SAVED)
            self.happens(ReportSaved(message))

        self._host.meanwhile(wait())

    def give_up(self) -> None:
        """Stop waiting for the request under way."""
        self._source.abort()

    def _ask(self, ticket: int, asked: Awaitable[T], outcome: Callable[[T], ReportOutcome]) -> None:
        """Ask in place of the request under way, whose answer is no longer needed."""
        self._source.abort()

        async def wait() -> None:
            try:
                event = outcome(await asked)
            except TillError as problem:
                event = NotRead(ticket, problem.sentence)
            self.happens(event)

        self._host.meanwhile(wait())
