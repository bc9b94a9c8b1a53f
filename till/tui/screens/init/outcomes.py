"""Outcomes of the acts of the form."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from till.domain.catalogue.csv_table import Fault


class Checked(Struct, frozen=True):
    """The secret is acceptable and is to be typed again."""


class Taken(Struct, frozen=True):
    """The answer was accepted."""


class Refused(Struct, frozen=True):
    """The answer was refused; `faults` lists the lines at fault in a menu file."""

    sentence: str
    faults: tuple[Fault, ...] = ()


InitOutcome = Checked | Taken | Refused
