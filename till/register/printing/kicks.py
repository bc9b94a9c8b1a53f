"""The kicks of this till's drawer, by the events that open it."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from typing_extensions import override

from till.domain.errors import JournalError
from till.domain.shift.kicks import opens_drawer
from till.register.ledger.ledger import CommandHook

if TYPE_CHECKING:
    from till.ports.printer import PrinterProfile
    from till.register.ledger.ledger import Command
    from till.register.printing.queue import PrintQueue


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
