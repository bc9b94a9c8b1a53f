"""A document as rows with roles. Screen, text, HTML and paper are made from the same rows."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from msgspec import Struct, field

from till.domain.i18n import spoken

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime


#: The dots of a column of a printer.
COLUMN = 12


class RowRole(StrEnum):
    """The role of a row, which decides how it is drawn."""

    TEXT = "text"
    #: The name of the venue, or the number of a Z: centred, bold.
    NAME = "name"
    #: Centred text, such as an address.
    CENTRE = "centre"
    #: COPY, AGAIN, TRAINING, "not a receipt": centred between stars, bold, an empty line below.
    MARK = "mark"
    HEADING = "heading"
    #: The sum of a document: bold, in double height on paper.
    TOTAL = "total"
    #: An allergy, which nobody may overlook: bold, white on black, in double height on paper.
    ALERT = "alert"
    MUTED = "muted"
    #: A rule, and a double rule; they have no text.
    RULE = "rule"
    DOUBLE = "double"
    EMPTY = "empty"
    #: A QR code of the text, 30 to 40 mm wide, centred.
    CODE = "code"
    #: A barcode of the text, with the text below.
    BARS = "bars"


_CODES = frozenset({RowRole.CODE, RowRole.BARS})


class DocumentRow(Struct, frozen=True):
    """A row of a document.

    Attributes:
        left: the text; it wraps. Leading blanks indent it.
        right: an amount or a number, which is never cut.
        middle: numbers before `right`, in columns of their own. On narrow paper a single one, such as the price of a
            piece, is a line of its own.
    """

    left: str = ""
    right: str = ""
    middle: tuple[str, ...] = ()
    role: RowRole = RowRole.TEXT


class Document(Struct, frozen=True):
    """A document: its title, its rows, and the code of the language that it was made in."""

    title: str
    rows: tuple[DocumentRow, ...]
    language: str = field(default_factory=spoken)

    @property
    def texts(self) -> Iterator[str]:
        """All texts of its rows, but for codes and barcodes."""
        return (text for row in self.rows if row.role not in _CODES for text in (row.left, *row.middle, row.right))


class Stamp(Struct, frozen=True):
    """The marks of one print of a document.

    Attributes:
        copy: the number of a copy of a receipt; 0 for the original, None for a copy that no printer made.
        again: True if a person printed it again although it may have been printed.
        at: the local time of the print; None if it is not printed below a copy.
    """

    copy: int | None = 0
    again: bool = False
    at: datetime | None = None


#: The stamp of what is printed once, without marks.
ORIGINAL = Stamp()


class PlacedText(NamedTuple):
    """A text on a line.

    Attributes:
        at: the columns from the left to its beginning, its middle or its end.
        share: the part of it that stands left of there: 0, a half or 1.
    """

    text: str
    at: float = 0
    share: float = 0


class PaperLine(Struct, frozen=True):
    """A line of paper, in characters of the printer, not wider than the paper.

    A line with a `code` is a QR code of that text; with `bars` its text is also a barcode. One with `dots`, rows of
    them for the width of the paper, is printed as a picture. One that is `reversed` is white on black.
    """

    text: str
    bold: bool = False
    tall: bool = False
    code: str = ""
    bars: bool = False
    dots: bytes = b""
    reversed: bool = False


def bytes_of_row(columns: int) -> int:
    """Return the bytes of a row of dots that is as wide as these columns."""
    return -(-columns * COLUMN // 8)
