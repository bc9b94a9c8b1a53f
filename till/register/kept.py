"""The list of what the venue keeps on its shelves, on the disk of this till."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from till.domain.stock.kept import KeptItem, read_kept

if TYPE_CHECKING:
    from till.ports import Journal

#: The name of the list in the reference data.
STOCK: Final = "stock"


def kept_items(journal: Journal) -> tuple[KeptItem, ...]:
    """Return the items that the venue keeps on its shelves, by name."""
    cached = journal.cached(STOCK)
    return read_kept(cached[1]) if cached is not None else ()
