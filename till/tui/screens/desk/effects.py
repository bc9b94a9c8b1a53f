"""What the desk asks for, and what comes of it: small frozen values."""

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
    """Do something at the server; the password is for this one act."""

    act: DeskAct
    password: str


class OpenDay(Struct, frozen=True):
    """Go through a till's day, as it was typed."""

    till: int
    day: str


class ReadRows(Struct, frozen=True):
    """Read a list that was asked for in words."""

    book: Book
    of: str


class Prepare(Struct, frozen=True):
    """Look at what an act that was said is about."""

    act: SaidAct


class CloseDesk(Struct, frozen=True):
    """Leave the desk."""


DeskEffect = ReadLines | Act | OpenDay | ReadRows | Prepare | CloseDesk


class Pointed(Struct, frozen=True):
    """An entry of a list was clicked, or an act on the sheet (`listed` is None)."""

    listed: Listed | None
    place: int


class LinesRead(Struct, frozen=True):
    """The lines of an order came."""

    session: str
    lines: tuple[ShownLine, ...]


class Done(Struct, frozen=True):
    """What was asked for is done; the server may say what."""

    said: str = ""


class Enrolled(Struct, frozen=True):
    """An enrolment was made: its code is shown now, and never again."""

    enrolment: Enrolment


class RowsRead(Struct, frozen=True):
    """The rows of a list came."""

    book: Book
    of: str
    rows: tuple[ListRow, ...]


class Ready(Struct, frozen=True):
    """What was said is looked up: it can be done."""

    prepared: Prepared


class DayOpened(Struct, frozen=True):
    """The day that was asked for is on the screen."""


class Refused(Struct, frozen=True):
    """It was refused, and nothing changed; `secret` says that it was for the password."""

    sentence: str
    secret: bool = False


DeskHappening = Pointed | LinesRead | RowsRead | Ready | Done | Enrolled | DayOpened | Refused
