"""Short labels for price reductions, for the order, the receipt and the reports."""

from __future__ import annotations

from typing import Final

from till.domain.i18n import _
from till.domain.text import clean

#: The label of each kind of reduction, for one without a name.
OFF_KINDS: Final = {
    "promotion": _("Promotion"),
    "discount": _("Discount"),
    "comp": _("On the house"),
    "staff_meal": _("Staff meal"),
    "price": _("New price"),  # only in reports: on an order, the price itself differs
}


def off_in_words(kind: str, name: str = "") -> str:
    """Return the label of a reduction, such as `Happy hour` or `On the house`."""
    return clean(name) or OFF_KINDS.get(kind, kind.replace("_", " "))
