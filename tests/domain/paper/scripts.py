"""Papers in Spanish and Hindi, with names in three more scripts, as a printer prints them: for docs/paper.md."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from tests.domain.paper.samples import PAGE, samples
from tests.printer.device import Device
from tests.printer.picture import picture_of, side_by_side
from till.devices import escpos
from till.devices.fonts import find_fonts
from till.devices.pen import Pen
from till.domain.i18n import speaking
from till.domain.paper.lines import lines_of
from till.domain.structs import replace
from till.ports.printer import PrinterProfile

if TYPE_CHECKING:
    from PIL import Image

    from tests.printer.device import Sheet
    from till.domain.paper.document import Document, DocumentRow

FONTS: Final = Path(__file__).parents[2] / "fonts"
PEN: Final = Pen("cp858", fonts=tuple(find_fonts([f"{FONTS}/DejaVuSans.ttf", f"{FONTS}/NotoSans*.ttf"])))
PRINTER: Final = PrinterProfile(name="Bar", address="tcp://192.168.1.50", codes="drawn", draws=True)
#: The pictures by the languages of their papers.
PICTURES: Final = {"es": "paper-spanish.png", "hi": "paper-hindi.png"}
_PAPERS: Final = ("A receipt, with the same taxes on all lines", "A Z", "A ticket of the kitchen")
_NAMES: Final = {"Masala Dosa": "மசாலா தோசை", "Mysore Pak": "ಮೈಸೂರು ಪಾಕ್", "Filter Coffee": "قهوة بالحليب"}


def papers(language: str) -> dict[str, Document]:
    """Return a receipt, a Z and a ticket in a language, whose items have names in Tamil, Kannada and Arabic."""
    with speaking(language):
        made = samples()
    return {title: replace(made[title], rows=tuple(map(_renamed, made[title].rows))) for title in _PAPERS}


def _renamed(row: DocumentRow) -> DocumentRow:
    left = row.left
    for name, own in _NAMES.items():
        left = left.replace(name, own).replace(name.upper(), own)
    return replace(row, left=left)


def printed(document: Document) -> Sheet:
    """Return the paper that comes out of a printer."""
    device = Device(PRINTER.columns)
    device.receive(escpos.document(lines_of(document, PRINTER.columns, PEN, PEN.draw), PRINTER, "1A00"))
    (sheet,) = device.sheets
    return sheet


def picture(language: str) -> Image.Image:
    """Return the papers in a language beside each other."""
    return side_by_side([picture_of(printed(document)) for document in papers(language).values()])


def write() -> None:
    """Write the pictures."""
    for language, name in PICTURES.items():
        picture(language).save(PAGE.with_name(name), optimize=True)
