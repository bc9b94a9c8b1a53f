"""What the desk asks for, and what comes of it: small frozen values."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from till.ports.desk import DeskAct, ShownLine
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


class CloseDesk(Struct, frozen=True):
    """Leave the desk."""


DeskEffect = ReadLines | Act | OpenDay | CloseDesk


class Pointed(Struct, frozen=True):
    """An entry of a list was clicked, or an act on the sheet (`listed` is None)."""

    listed: Listed | None
    place: int


class LinesRead(Struct, frozen=True):
    """The lines of an order came."""

    session: str
    lines: tuple[ShownLine, ...]


class Done(Struct, frozen=True):
    """What was asked for is done."""


class DayOpened(Struct, frozen=True):
    """The day that was asked for is on the screen."""


class Refused(Struct, frozen=True):
    """It was refused, and nothing changed; `secret` says that it was for the password."""

    sentence: str
    secret: bool = False


DeskHappening = Pointed | LinesRead | Done | DayOpened | Refused
