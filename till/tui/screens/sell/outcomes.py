"""Outcomes of the sell screen's acts, and the other events that its reducer is given: small frozen values."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from till.register.counter import Added, Changed

if TYPE_CHECKING:
    from till.register.quick_entry.intents import Choose


class Gone(Struct, frozen=True):
    """The order left the screen."""

    sentence: str


class Refused(Struct, frozen=True):
    """The register refused; `restores` is true if the text typed for it is restored."""

    sentence: str
    restores: bool = True


class Picked(Struct, frozen=True):
    """An item was picked on a sheet; `typed` is the text that matched the choices."""

    asked: Choose
    place: int
    typed: str


class Commanded(Struct, frozen=True):
    """A command was run by its name."""

    name: str


class LinePointedAt(Struct, frozen=True):
    """A line of the order was clicked; `place` is its index among the visible lines."""

    place: int


class ItemPointedAt(Struct, frozen=True):
    """An item on the board was clicked."""

    item_id: str


class TakenOver(Struct, frozen=True):
    """Another till took the order over; open questions about it are dropped."""

    sentence: str


Outcome = Added | Changed | Gone
SellEvent = Outcome | Refused | Picked | Commanded | LinePointedAt | ItemPointedAt | TakenOver
