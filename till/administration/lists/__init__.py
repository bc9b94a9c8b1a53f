"""The lists of administration. Each file declares those of a noun of `till admin`, for the commands and the desk."""

from __future__ import annotations

import os
from functools import cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from till.administration.listing import AdminList

#: The nouns of the lists: the names of the files, which are not loaded yet. They are a part of `till --help`, so
#: only what loads fast is imported here.
NOUNS: Final = tuple(
    sorted(
        one.name[:-3].replace("_", "-")
        for one in os.scandir(__path__[0])
        if one.name[0] != "_" and one.name[-3:] == ".py"
    )
)


@cache
def all_lists() -> tuple[AdminList, ...]:
    """Load and return all lists."""
    from importlib import import_module

    from till.administration.listing import AdminList

    modules = (import_module(f"{__name__}.{noun.replace('-', '_')}") for noun in NOUNS)
    return tuple(one for module in modules for one in vars(module).values() if isinstance(one, AdminList))


def list_named(words: str) -> AdminList | None:
    """Return the list that these words open at the desk; None for other words."""
    return next((one for one in all_lists() if one.desk is not None and words in {one.name, *one.also}), None)
