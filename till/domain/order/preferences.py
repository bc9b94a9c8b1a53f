"""The names of the preferences of an order."""

from __future__ import annotations

from typing import Final

#: The preference that names the language of the papers of an order by its code.
LANGUAGE: Final = "language"
#: The preference that names the allergies of the guests. A program may also name it in the plural, in any case.
ALLERGY: Final = "allergy"
_ALLERGIES: Final = frozenset({ALLERGY, "allergies"})


def known_name(name: str) -> str:
    """Return the name under which an order keeps a preference: each name of an allergy is one."""
    return ALLERGY if name.strip().casefold() in _ALLERGIES else name
