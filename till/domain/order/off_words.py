"""Reductions of a price in a word or two, for the order, the receipt and the reports."""

from __future__ import annotations

from typing import Final

from till.domain.i18n import _
from till.domain.text import clean

#: The words for each kind, for a reduction without a name.
OFF_KINDS: Final = {
    "promotion": _("Promotion"),
    "discount": _("Discount"),
    "comp": _("On the house"),
    "staff_meal": _("Staff meal"),
}


def off_in_words(kind: str, name: str = "") -> str:
    """Return the words for a reduction: `Happy hour`, `On the house`."""
    return clean(name) or OFF_KINDS.get(kind, kind.replace("_", " "))
