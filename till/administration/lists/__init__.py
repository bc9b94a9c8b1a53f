"""The lists of administration. Each file declares those of a noun of `till admin`, for the commands and the desk."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from till.administration.listing import AdminList

#: The nouns of the lists: the names of the files, which are not loaded yet.
NOUNS: Final = tuple(sorted(file.stem for file in Path(__file__).parent.glob("[!_]*.py")))


@cache
def declared() -> tuple[AdminList, ...]:
    """Load and return all lists."""
    from till.administration.listing import AdminList

    modules = (import_module(f"{__name__}.{noun}") for noun in NOUNS)
    return tuple(one for module in modules for one in vars(module).values() if isinstance(one, AdminList))


def list_named(words: str) -> AdminList | None:
    """Return the list that these words open at the desk; None for other words."""
    return next((one for one in declared() if one.desk is not None and words in {one.name, *one.also}), None)
