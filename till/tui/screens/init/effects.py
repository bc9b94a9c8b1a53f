"""Effects that the form asks for, and the events that report their outcome."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from till.domain.catalogue.csv_table import Fault


class Check(Struct, frozen=True):
    """Check whether a secret is acceptable."""

    name: str
    text: str


class Take(Struct, frozen=True):
    """Submit an answer."""

    name: str
    text: str


class Finish(Struct, frozen=True):
    """Leave the form, and set up the venue if `make`."""

    make: bool


class Checked(Struct, frozen=True):
    """The secret is acceptable and is to be typed again."""


class Taken(Struct, frozen=True):
    """The answer was accepted."""


class Refused(Struct, frozen=True):
    """The answer was refused; `faults` lists the lines at fault in a menu file."""

    sentence: str
    faults: tuple[Fault, ...] = ()


InitEffect = Check | Take | Finish
InitHappening = Checked | Taken | Refused
