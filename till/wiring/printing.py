"""The printing of a till: its printers, and the runner of its jobs."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final

from till.devices.drawing import Drawing
from till.domain.i18n import LANGUAGES
from till.register.papers import DocumentMaker
from till.register.printing.runner import Runner
from till.wiring.printers import printers_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from till.domain.paper.document import PaperLine
    from till.domain.venue import Venue
    from till.ports.printer import Job, Printer, PrinterProfile, Printers
    from till.register.register import Register

_LOG: Final = logging.getLogger(__name__)


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
    fonts: Sequence[str] = (),
) -> Runner:
    """Print from now on, also what waits, write the tickets of the kitchen, and number orders.

    Args:
        register: the till.
        tell: called with a sentence for the person at the till; an empty one if only the state of a job changed.
        calm: waits for a pause between keys.
        make: makes a printer from its profile.
        fonts: the patterns of the paths of fonts, for letters that a printer's code page lacks.
    """
    maker, drawing, printers = DocumentMaker(register), Drawing(fonts), TillPrinters(register)

    async def lines(job: Job, profile: PrinterProfile) -> Sequence[PaperLine]:
        return await drawing.lines(maker.on(job, profile), profile)

    at_end = drawing.close
    jobs, till = register.printing, register.till
    runner = Runner(jobs, make or _make_printer, lines, tell, till=till, calm=calm, at_end=at_end)
    register.printing.printers = printers
    _begin_drawing(drawing, register, printers())
    register.numbers.is_on = True
    register.printing.begin(runner)
    register.kitchen.begin()
    return runner


def _begin_drawing(drawing: Drawing, register: Register, printers: Printers) -> None:
    """Start the drawing now if the menu needs it, so that the first receipt does not wait for that."""
    here, drawn = register.venue.settings, [profile for profile in printers.every.values() if profile.draws]
    languages = (LANGUAGES.get(one, "") for one in (*here.languages, *here.ticket_languages.values()))
    texts = [here.name, here.address, *languages, *(item.name for item in register.menu.items if drawn)]
    if any(drawing.is_wanted(profile, texts) for profile in drawn):
        try:
            drawing.start()
        except OSError:  # the first paper tries again, and is spelt
            _LOG.warning("drawing_not_started")


def _make_printer(profile: PrinterProfile) -> Printer:
    from till.devices.printer import EscPosPrinter  # noqa: PLC0415 - most tills have no printer

    return EscPosPrinter(profile)
