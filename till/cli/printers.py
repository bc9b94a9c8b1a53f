"""Receipt printers of the venue: a test, which prints a page and finds what a printer can do."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Annotated

import typer

from till.administration.acts.printers import find_printer, keep_drawing, keep_printers, read_printers
from till.cli.administration import management
from till.cli.environment import Surroundings
from till.cli.health.printers import group_remedy
from till.cli.output import note, say
from till.cli.running import make_app
from till.domain.errors import TillError
from till.domain.i18n import N_, _
from till.domain.paper.document import PaperLine, bytes_of_row
from till.domain.structs import replace
from till.ports.printer import JobState, PrinterProfile, PrinterTrouble

if TYPE_CHECKING:
    from till.domain.settings import PrinterSetting

app = make_app(N_("The receipt printers of the venue."))

#: Letters that most code pages have.
_SAMPLE = "äöüß éèñ €£¥ ÆØÅ"
#: The text of a QR code, as long as that of a receipt.
_SQUARE = "till prints this code. " * 5
#: A bar of dots in a text, and its rows.
_BLACK, _BAR = "[black]", 24


class PrinterTestError(TillError):
    """A printer that printed no page."""

    code = "printer_test"
    default = N_("The printer printed nothing.")


@app.command(epilog=N_("Example: till admin printers test Bar. A device file is tested on the machine that it is on."))
def test(
    name: Annotated[str, typer.Argument(metavar="NAME", help=N_("Its name."))],
    *,
    draws: Annotated[
        bool | None,
        typer.Option(
            "--draws/--no-draws", help=N_("Draw letters that its code page lacks; the page shows a black bar.")
        ),
    ] = None,  # noqa: PT028 - a command, and no test
) -> None:
    """Print a page on a printer from this machine, and keep what it can answer: its status, and the ids of jobs."""
    from till.devices.printer import examine
    from till.wiring.printers import profile_of

    with management(Surroundings.find()) as admin:
        printer = find_printer(read_printers(admin), name)
        if draws is not None:
            keep_drawing(admin, printer.name, draws=draws)
        profile = profile_of(printer, admin.venue().settings.drawing)
        found = asyncio.run(examine(profile, _page(profile)))
        check_printed(printer, found.state)
        tested = replace(printer, asks_status=found.asks_status, answers_ids=found.answers_ids)
        if tested != printer:
            keep_printers(admin, [tested if one.name == printer.name else one for one in read_printers(admin)])
    if found.state is JobState.PRINTED:
        say(_("{name} printed a page, and said so.").format(name=printer.name))
    else:
        say(_("{name} was sent a page. Look: it cannot say that it printed.").format(name=printer.name))
    for is_able, sentence in (
        (tested.asks_status, _("It says when it has no paper.")),
        (not tested.asks_status, _("It does not say when it has no paper: look after its roll.")),
        (not tested.answers_ids, _("After a fault a receipt may be lost or printed twice: look at the paper.")),
    ):
        if is_able:
            note(sentence)
    remedy = _("No square code, or of another size? `till admin printers change {name} --codes drawn`, or --dpi 180.")
    note(remedy.format(name=printer.name))
    if profile.draws:
        remedy = _("No black bar as wide as the row of digits? `till admin printers test {name} --no-draws`.")
        note(remedy.format(name=printer.name))


def check_printed(printer: PrinterSetting, state: JobState | PrinterTrouble) -> None:
    """Refuse the trouble of a printer, with its remedy."""
    from till.register.printing.words import trouble_words

    if isinstance(state, PrinterTrouble):
        words, remedy = trouble_words(state)
        if state is PrinterTrouble.FORBIDDEN:
            remedy = group_remedy(printer)
        sentence = _("{name}, {address}: {what}. {remedy}")
        raise PrinterTestError(sentence.format(name=printer.name, address=printer.address, what=words, remedy=remedy))


def _page(profile: PrinterProfile) -> list[PaperLine]:
    """Return a page that shows the width of the paper and the letters of the code page."""
    ruler = "".join(str(place % 10) for place in range(1, profile.columns + 1))
    bar = b"\xff" * bytes_of_row(profile.columns) * _BAR
    return [
        PaperLine(profile.name, bold=True, tall=True),
        PaperLine(profile.address),
        PaperLine(ruler),
        PaperLine(_SAMPLE),
        PaperLine(_("The row of digits fills the paper.")),
        *([PaperLine(_BLACK, dots=bar)] if profile.draws else []),
        PaperLine("", code=_SQUARE),
        PaperLine(_("The square above is 30 to 40 mm wide.")),
    ]
