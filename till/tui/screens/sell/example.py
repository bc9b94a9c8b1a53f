"""The example of a sentence that keys an item, from the venue's own menu."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from till.domain.text import clean

if TYPE_CHECKING:
    from datetime import datetime

    from till.domain.catalogue.menu import Menu

#: The most characters of an example.
_LONGEST: Final = 24


def example_of(menu: Menu, now: datetime, longest: int = _LONGEST) -> str:
    """Return a sentence that keys the first item on sale; without a menu one that might."""
    if not menu.items:
        return "2 idly"
    first = next((item for item in menu.items if menu.is_sold_at(item, now)), menu.items[0])
    example = f"2 {clean(first.name).lower()}"
    if len(example) > longest:
        example = f"2 {first.plu}" if first.plu is not None else example[:longest]
    return example
