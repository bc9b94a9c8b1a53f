"""Labels on paper: the name, the price and the barcode of items, for pieces and for shelves."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from till.administration.acts.printers import NoPrinterError, find_printer, read_printers
from till.administration.menu_typed import menu_now
from till.cli.administration import management
from till.cli.environment import Surroundings
from till.cli.output import say
from till.cli.printers import PrinterTestError, check_printed
from till.cli.running import make_app
from till.domain.catalogue.menu import read_menu
from till.domain.catalogue.menu_edit import find_item
from till.domain.i18n import N_, _, ngettext
from till.domain.money.formats import Formats, marks_of
from till.domain.paper.document import Document, DocumentRow, RowRole
from till.domain.text import Repertoire, clean

if TYPE_CHECKING:
    from collections.abc import Sequence

    from till.domain.catalogue.menu import Item
    from till.domain.settings import PrinterSetting
    from till.ports.printer import JobState, PrinterProfile, PrinterTrouble

app = make_app(N_("Labels on paper, for pieces and for shelves."))


@app.command("print", epilog=N_('Example: till admin labels print "Masala Dosa" 21 --count 10'))
def print_labels(
    items: Annotated[list[str], typer.Argument(metavar="ITEM", help=N_("Names, numbers or barcodes."))],
    count: Annotated[int, typer.Option("--count", min=1, max=1_000, metavar="N", help=N_("Labels of each."))] = 1,
    name: Annotated[
        str | None, typer.Option("--printer", metavar="NAME", help=N_("The printer; needed if there are several."))
    ] = None,
) -> None:
    """Print labels of items, with the name, the price of now and the barcode, on a printer from this machine."""
    from till.devices.drawing import Drawing
    from till.devices.printer import print_pages
    from till.wiring.printers import profile_of

    here = Surroundings.find()
    with management(here) as admin:
        printer = _printer(read_printers(admin), name)
        body, venue = menu_now(admin), admin.venue()
    profile = profile_of(printer, venue.settings.drawing)
    menu = read_menu(body, venue.terms.currency).at(datetime.now(UTC))
    formats = Formats(venue.terms.currency, marks_of(venue.settings.locale))
    found = [menu.by_id[find_item(body, typed)["id"]] for typed in items]
    labels = [_label(item, formats, profile) for item in found]

    async def print_all() -> tuple[int, JobState | PrinterTrouble]:
        drawing = Drawing(here.config.paper.fonts)
        try:
            made = [await drawing.lines(label, profile) for label in labels]
        finally:
            drawing.close()
        return await print_pages(profile, [page for page in made for _n in range(count)])

    printed, state = asyncio.run(print_all())
    sentence = ngettext("{name} printed {n} label.", "{name} printed {n} labels.", printed)
    if printed:
        say(sentence.format(name=printer.name, n=printed))
    check_printed(printer, state)
    if printed < len(labels) * count:
        raise PrinterTestError(_("{name} does not say if it printed the next. Look there.").format(name=printer.name))


def _printer(printers: Sequence[PrinterSetting], name: str | None) -> PrinterSetting:
    if name is None and len(printers) > 1:
        sentence = _("Name one with --printer: {names}.")
        raise NoPrinterError(sentence.format(names=", ".join(clean(one.name) for one in printers)))
    return find_printer(printers, name or "") if name or not printers else printers[0]


def _label(item: Item, formats: Formats, profile: PrinterProfile) -> Document:
    """Return a label. An item without a barcode has its number, which a till reads too."""
    device = Repertoire(profile.code_page)
    price = "" if item.price4 is None else formats.on(device).price(item.price4, item.unit)
    code = item.barcodes[0] if item.barcodes else str(item.plu or "")
    rows = DocumentRow(clean(item.name), role=RowRole.NAME), DocumentRow(price, role=RowRole.TOTAL)
    bars = (DocumentRow(code, role=RowRole.BARS),) if code else ()
    return Document(item.name, (*rows, *bars))
