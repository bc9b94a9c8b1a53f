"""Outcomes of the acts of the desk: small frozen values for the reducer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from till.ports.desk import Book, Enrolment, ListRow, Prepared, ShownLine


class LinesRead(Struct, frozen=True):
    """The lines of an order arrived."""

    session: str
    lines: tuple[ShownLine, ...]


class Done(Struct, frozen=True):
    """An act is done, as the sentence describes."""

    sentence: str


class Enrolled(Struct, frozen=True):
    """An enrolment was made. Its code is shown now and never again."""

    enrolment: Enrolment


class RowsRead(Struct, frozen=True):
    """The rows of a list arrived."""

    book: Book
    of: str
    rows: tuple[ListRow, ...]


class Ready(Struct, frozen=True):
    """The act asked for in words was looked up and can be done."""

    prepared: Prepared


class DayOpened(Struct, frozen=True):
    """The day that was asked for is on the screen."""


class Refused(Struct, frozen=True):
    """An act was refused, and nothing changed; `secret` is true if the password was the reason."""

    sentence: str
    secret: bool = False


DeskOutcome = LinesRead | RowsRead | Ready | Done | Enrolled | DayOpened | Refused
