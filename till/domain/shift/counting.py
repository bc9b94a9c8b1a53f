"""A count of the drawer that is not recorded yet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from till.domain.money.measures import NOTHING, Minor, sum_of
from till.domain.order.paying import CASH

if TYPE_CHECKING:
    from collections.abc import Mapping


class CountBegun(Struct, frozen=True):
    """A count that is not recorded yet.

    Attributes:
        balance: the balance at its first figure.
        by_pieces: True if the cash is counted by notes and coins, False if by one sum.
        pieces: the number of notes and coins by their value.
        sums: the amounts by tender.
        stays: the cash that stays in the drawer; None for all of it.
        to: the place of the rest.
    """

    balance: Mapping[str, Minor]
    by_pieces: bool = False
    pieces: Mapping[Minor, int] = {}
    sums: Mapping[str, Minor] = {}
    stays: Minor | None = None
    to: str = ""

    @property
    def cash(self) -> Minor:
        """The cash so far."""
        if self.by_pieces:
            return sum_of(Minor(value * number) for value, number in self.pieces.items())
        return self.sums.get(CASH, NOTHING)

    @property
    def taken(self) -> Minor:
        """The cash that is taken out."""
        return NOTHING if self.stays is None else Minor(self.cash - self.stays)
