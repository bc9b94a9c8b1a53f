"""The printing of a till: its printers, and the runner of its jobs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from till.register.papers import DocumentMaker
from till.register.printing.runner import Runner
from till.wiring.printers import printers_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from till.domain.venue import Venue
    from till.ports.printer import Printer, PrinterProfile, Printers
    from till.register.register import Register


class TillPrinters:
    """The printers of a till, read again when the venue's settings change. Each command asks for them.

    Args:
        register: the till.
    """

    def __init__(self, register: Register) -> None:
        self._register = register
        self._known: tuple[Venue, bool, Printers] | None = None

    def __call__(self) -> Printers:
        """Return the printers."""
        venue, takes = self._register.venue, self._register.ledger.takes_money
        if self._known is None or self._known[0] is not venue or self._known[1] is not takes:
            self._known = venue, takes, printers_of(venue, self._register.till, takes_money=takes)
        return self._known[2]


async def no_keys() -> None:
    """Wait for nothing, where no keys are pressed."""


def begin_printing(
    register: Register,
    tell: Callable[[str], None],
    calm: Callable[[], Awaitable[None]] = no_keys,
    make: Callable[[PrinterProfile], Printer] | None = None,
) -> Runner:
    """Print from now on, also what waits, write the tickets of the kitchen, and number orders.

    Args:
        register: the till.
        tell: called with a sentence for the person at the till; an empty one if only the state of a job changed.
        calm: waits for a pause between keys.
        make: makes a printer from its profile.
    """
    lines = DocumentMaker(register).lines
    runner = Runner(register.printing, make or _make_printer, lines, tell, till=register.till, calm=calm)
    register.printing.printers = TillPrinters(register)
    register.numbers.is_on = True
    register.printing.begin(runner)
    register.kitchen.begin()
    return runner


def _make_printer(profile: PrinterProfile) -> Printer:
    from till.devices.printer import EscPosPrinter  # noqa: PLC0415 - most tills have no printer

    return EscPosPrinter(profile)
