"""The items that a venue keeps on its shelves, as a till hears of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Mapping


class KeptItem(Struct, frozen=True):
    """An item that is kept: one of the menu, or a part that nobody sells. `unit` is g, ml or empty for pieces."""

    id: str
    name: str
    places: tuple[str, ...] = ()
    unit: str = ""


class _List(Struct, frozen=True):
    """The reference data `stock`."""

    items: tuple[KeptItem, ...] = ()


def read_kept(body: Mapping[str, Any]) -> tuple[KeptItem, ...]:
    """Read the list of the server; nothing is kept if it cannot be read, and the till sells on."""
    try:
        return msgspec.convert(body, _List).items
    except msgspec.ValidationError:
        return ()


class ShelfUnit(Struct, frozen=True):
    """The units in which an amount of an item is typed and shown.

    Attributes:
        small: the base unit; empty for pieces, and for a thousandth without a name.
        big: a thousand of these; empty for pieces.
        bare: the base units that a number without a unit means.
    """

    small: str = ""
    big: str = ""
    bare: int = 1

    @property
    def names(self) -> dict[str, int]:
        """The units by name, with their size in base units."""
        return {name: size for name, size in ((self.small, 1), (self.big, 1000)) if name}

    def pieces(self, amount: int) -> int:
        """Return an amount in pieces, kilograms or litres, rounded up."""
        return -(-amount // 1000) if self.big else amount
