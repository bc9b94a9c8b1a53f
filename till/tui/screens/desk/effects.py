"""Effects that the desk asks for, and the events that report their outcome: small frozen values."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from till.ports.desk import Book, DeskAct, Enrolment, ListRow, Prepared, SaidAct, ShownLine
    from till.tui.screens.desk.state import Listed


class ReadLines(Struct, frozen=True):
    """Read the lines of an order."""

    session: str


class Act(Struct, frozen=True):
    """Do something at the server. The password is for this act alone."""

    act: DeskAct
    password: str


class OpenDay(Struct, frozen=True):
    """Open a till's day; `day` is the text that was typed."""

    till: int
    day: str


class ReadRows(Struct, frozen=True):
    """Read a list that was asked for in words."""

    book: Book
    of: str


class Prepare(Struct, frozen=True):
    """Look up the subject of an act that was asked for in words."""

    act: SaidAct


class CloseDesk(Struct, frozen=True):
    """Leave the desk."""


DeskEffect = ReadLines | Act | OpenDay | ReadRows | Prepare | CloseDesk


class Pointed(Struct, frozen=True):
    """A click on a list entry, or on an act of the sheet (`listed` is None)."""

    listed: Listed | None
    place: int


class LinesRead(Struct, frozen=True):
    """The lines of an order arrived."""

    session: str
    lines: tuple[ShownLine, ...]


class Done(Struct, frozen=True):
    """An act is done; `said` is the server's message, if any."""

    said: str = ""


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


DeskHappening = Pointed | LinesRead | RowsRead | Ready | Done | Enrolled | DayOpened | Refused
