"""All acts of administration, in the order of their files and classes."""

from __future__ import annotations

from typing import Final

from till.administration.acts import (
    balances,
    codes,
    fiscal,
    guests,
    ledger,
    menu,
    orders,
    people,
    printers,
    promotions,
    rates,
    stations,
    stock,
    tills,
    venue_settings,
    waiting,
)
from till.administration.acts.act import AdminAction

#: The menu is behind people and tills: the words that rename an item fit theirs too, and the first that fit are meant.
_FILES: Final = (
    people,
    tills,
    printers,
    stations,
    waiting,
    orders,
    guests,
    balances,
    fiscal,
    promotions,
    ledger,
    codes,
    stock,
    rates,
    menu,
    venue_settings,
)
ACTS: Final[tuple[type[AdminAction], ...]] = tuple(
    one
    for file in _FILES
    for one in vars(file).values()
    if isinstance(one, type) and issubclass(one, AdminAction) and one.__module__ == file.__name__
)
