"""The kept facts of a card that paid: its brand and the last four digits of its number. Never more."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from till.domain.events.fields import BRAND, CardBrand, LastFour
from till.domain.events.registry import Shape
from till.domain.text import clean

if TYPE_CHECKING:
    from collections.abc import Mapping

#: A card number as its taker writes it: digits, masking signs and separators. It ends in the shown digits; a number
#: followed by track data, or one with a masked end, does not match.
_NUMBER: Final = re.compile(r"[0-9xX*•#. -]{0,40}(?<![0-9])[0-9]{0,15}([0-9]{4})\Z")
_BRAND: Final = re.compile(BRAND)
_APART: Final = re.compile(r"[ ._-]+")
_LONGEST: Final = 64
#: Names of the schemes by the terminals' words for them, without separators; empty for words that say nothing.
_CALLED: Final[Mapping[str, str]] = {
    "americanexpress": "Amex",
    "amex": "Amex",
    "bcmc": "Bancontact",
    "card": "",
    "cartebancaire": "Carte Bancaire",
    "cup": "UnionPay",
    "diners": "Diners",
    "discover": "Discover",
    "eftposaustralia": "eftpos",
    "girocard": "girocard",
    "interac": "Interac",
    "interaccard": "Interac",
    "jcb": "JCB",
    "maestro": "Maestro",
    "mastercard": "Mastercard",
    "mc": "Mastercard",
    "other": "",
    "rupay": "RuPay",
    "unionpay": "UnionPay",
    "unknown": "",
    "visa": "Visa",
    "visadankort": "Dankort",
    "vpay": "V Pay",
}


class Card(Shape, frozen=True, omit_defaults=True, kw_only=True):
    """A card that paid, as far as a guest can tell it from others: its brand and last four digits."""

    brand: CardBrand = ""
    last_four: LastFour = ""

    @property
    def number(self) -> str:
        """`•••• 4821`; its brand if no digits are known."""
        return f"•••• {self.last_four}" if self.last_four else self.brand

    @property
    def whole(self) -> str:
        """The number with the brand: `•••• 4821, Visa`."""
        return f"{self.number}, {self.brand}" if self.last_four and self.brand else self.number


def card_of(brand: str, number: str) -> Card | None:
    """Return the part of a card that may be kept; None if nothing of it reads."""
    name, last_four = brand_of(brand), last_four_of(number)
    return Card(brand=name, last_four=last_four) if name or last_four else None


def brand_of(text: str) -> str:
    """Return the brand of a card, from a program or a person, as people know it; empty if it is no name."""
    name = " ".join(clean(text).replace("_", " ").split()) if len(text) <= _LONGEST else ""
    known = _CALLED.get(_APART.sub("", name).casefold())
    if known is not None:
        return known
    return name if _BRAND.match(name) else ""


def last_four_of(text: str) -> str:
    """Return the last four digits of a number, masked or not; empty if it is no number."""
    found = _NUMBER.match(text.strip()) if len(text) <= _LONGEST else None
    return found[1] if found else ""
