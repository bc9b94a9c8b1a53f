"""The head of a ticket: the allergies, preferences and notes of its order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Iterable


class TicketHead(Struct, frozen=True):
    """The allergies, preferences and notes of orders, in the words of their guests.

    Attributes:
        allergies: the allergies of its guests.
        preferences: the names of its other preferences, with their values.
        notes: the notes on the whole order.
    """

    allergies: tuple[str, ...] = ()
    preferences: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()

    @classmethod
    def of_all(cls, heads: Iterable[TicketHead]) -> TicketHead:
        """Return the head of a ticket whose lines are in several orders: nothing is left out, or stands twice."""
        heads = [*heads]
        return cls(
            tuple(dict.fromkeys(one for head in heads for one in head.allergies)),
            tuple(dict.fromkeys(one for head in heads for one in head.preferences)),
            tuple(dict.fromkeys(one for head in heads for one in head.notes)),
        )
