"""The stored details of a card: its brand and the last four digits of its number, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from till.domain.events.fields import BRAND, CardBrand, LastFour
from till.domain.events.registry import Shape
from till.domain.patterns import late
from till.domain.text import clean

if TYPE_CHECKING:
    from collections.abc import Mapping

#: A card number as a provider writes it: digits, masking signs and separators, ending in the four shown digits. Does
#: not match a number followed by track data or one with a masked end.
_NUMBER: Final = late(r"[0-9xX*•#. -]{0,40}(?<![0-9])[0-9]{0,15}([0-9]{4})\Z")
_BRAND: Final = late(BRAND)
_SEPARATORS: Final = late(r"[ ._-]+")
_LONGEST: Final = 64
#: Card schemes by the names that terminals use, without separators; empty for names that identify no scheme.
_SCHEMES: Final[Mapping[str, str]] = {
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
    """A card as a guest recognises it: its brand and last four digits."""

    brand: CardBrand = ""
    last_four: LastFour = ""

    @property
    def number(self) -> str:
        """The masked number, such as `•••• 4821`; the brand if no digits are known."""
        return f"•••• {self.last_four}" if self.last_four else self.brand

    @property
    def whole(self) -> str:
        """The masked number with the brand: `•••• 4821, Visa`."""
        return f"{self.number}, {self.brand}" if self.last_four and self.brand else self.number


def card_of(brand: str, number: str) -> Card | None:
    """Return the details of a card that may be stored; None if neither brand nor number can be read."""
    name, last_four = brand_of(brand), last_four_of(number)
    return Card(brand=name, last_four=last_four) if name or last_four else None


def brand_of(text: str) -> str:
    """Return the usual name of a card brand from a program or a person; empty if the text is not a name."""
    name = " ".join(clean(text).replace("_", " ").split()) if len(text) <= _LONGEST else ""
    known = _SCHEMES.get(_SEPARATORS.sub("", name).casefold())
    if known is not None:
        return known
    return name if _BRAND.match(name) else ""


def last_four_of(text: str) -> str:
    """Return the last four digits of a card number, masked or not; empty if the text is not a card number."""
    found = _NUMBER.match(text.strip()) if len(text) <= _LONGEST else None
    return found[1] if found else ""
