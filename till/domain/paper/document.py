"""A document as rows with roles. Screen, text, HTML and paper are made from the same rows (design §12.3)."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct


class Role(StrEnum):
    """The role of a row, which decides how it is drawn."""

    TEXT = "text"
    #: The name of the venue, or the number of a Z: centred, bold.
    NAME = "name"
    #: Centred text, such as an address.
    CENTRE = "centre"
    #: COPY, AGAIN, TRAINING, "not a receipt": centred, bold, an empty line below.
    MARK = "mark"
    HEADING = "heading"
    #: The sum of a document: bold, in double height on paper.
    TOTAL = "total"
    MUTED = "muted"
    #: A rule, and a double rule; they have no text.
    RULE = "rule"
    DOUBLE = "double"
    EMPTY = "empty"


class Row(Struct, frozen=True):
    """A row of a document.

    Attributes:
        left: the text; it wraps. Leading blanks indent it.
        right: an amount or a number, which is never cut.
        middle: a second number before `right`, such as the price of a piece. On narrow paper it is a line of its own.
    """

    left: str = ""
    right: str = ""
    middle: str = ""
    role: Role = Role.TEXT


class Document(Struct, frozen=True):
    """A document: its name for lists of jobs, and its rows."""

    title: str
    rows: tuple[Row, ...]


class Line(Struct, frozen=True):
    """A line of paper, in characters of the printer, not wider than the paper."""

    text: str
    bold: bool = False
    tall: bool = False
