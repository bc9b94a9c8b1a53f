"""What the form asks of the founding, and what came of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from till.domain.catalogue.csv_table import Fault


class Check(Struct, frozen=True):
    """Look whether a secret could be taken."""

    name: str
    text: str


class Take(Struct, frozen=True):
    """Take an answer."""

    name: str
    text: str


class Finish(Struct, frozen=True):
    """Leave the form; what was answered shall be made, or nothing."""

    make: bool


class Checked(Struct, frozen=True):
    """The secret can be taken: it is typed again."""


class Taken(Struct, frozen=True):
    """The answer was taken."""


class Refused(Struct, frozen=True):
    """It was not, and why; a menu's file with its lines."""

    sentence: str
    faults: tuple[Fault, ...] = ()


InitEffect = Check | Take | Finish
InitHappening = Checked | Taken | Refused
