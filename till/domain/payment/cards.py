"""What is kept of a card that paid: what it is called, and the last four digits of its number. Never more."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from till.domain.events.fields import BRAND, CardBrand, LastFour
from till.domain.events.registry import Shape
from till.domain.text import clean

if TYPE_CHECKING:
    from collections.abc import Mapping

#: A number as whoever took the card writes it: digits, what hides the others, and what parts them. It ends in digits
#: that are shown: those of the track behind a number, or a number that hides its end, are none.
_NUMBER: Final = re.compile(r"[0-9xX*•#. -]{0,40}(?<![0-9])[0-9]{0,15}([0-9]{4})\Z")
_BRAND: Final = re.compile(BRAND)
_APART: Final = re.compile(r"[ ._-]+")
_LONGEST: Final = 64
#: Names of the schemes by what terminals call them, without what parts the words; those that say nothing have none.
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
    """A card that paid, as far as a guest tells it from another one: what it is called, and how its number ends."""

    brand: CardBrand = ""
    last_four: LastFour = ""

    @property
    def number(self) -> str:
        """`•••• 4821`; what it is called where no digits are known."""
        return f"•••• {self.last_four}" if self.last_four else self.brand

    @property
    def whole(self) -> str:
        """`•••• 4821, Visa`."""
        return f"{self.number}, {self.brand}" if self.last_four and self.brand else self.number


def card_of(brand: str, number: str) -> Card | None:
    """What may be kept of a card; None where nothing of what is said of it reads."""
    name, last_four = brand_of(brand), last_four_of(number)
    return Card(brand=name, last_four=last_four) if name or last_four else None


def brand_of(said: str) -> str:
    """What people call the kind of card that a program or a person names; nothing where that is no name."""
    name = " ".join(clean(said).replace("_", " ").split()) if len(said) <= _LONGEST else ""
    known = _CALLED.get(_APART.sub("", name).casefold())
    if known is not None:
        return known
    return name if _BRAND.match(name) else ""


def last_four_of(said: str) -> str:
    """The last digits of a number that is masked, or is not; nothing where that is none."""
    found = _NUMBER.match(said.strip()) if len(said) <= _LONGEST else None
    return found[1] if found else ""
