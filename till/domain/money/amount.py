"""Amounts: integers of minor units (`Minor`), and unit prices in ten-thousandths of the major unit (`Price4`).

All rounding is done by `till.domain.money.rounding`: half up by default, and symmetric for negative numbers.
"""

from __future__ import annotations

import re
from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from till.domain.errors import AmountError
from till.domain.i18n import _
from till.domain.money.measures import Minor, Price4, Thousandths
from till.domain.money.rounding import HALF_UP, Direction, divide_and_round
from till.domain.patterns import late

if TYPE_CHECKING:
    from collections.abc import Sequence
    from decimal import Decimal

#: The number of unit price steps in a major unit (four decimals).
PRICE_SCALE: Final = 10_000
#: The number of measure steps in a kilogram or a litre.
MEASURE_SCALE: Final = 1_000
#: The units of weighed items, each with the name of its thousandth for typed measures.
UNITS: Final = {"kg": "g", "l": "ml", "lb": ""}
#: The highest unit price, in major units. A higher price is treated as a typing error.
LARGEST_MAJOR: Final = 10_000_000

#: The exponents of ISO 4217 other than two.
EXPONENTS: Final = {
    **dict.fromkeys(
        (
            "BIF",
            "CLP",
            "DJF",
            "GNF",
            "ISK",
            "JPY",
            "KMF",
            "KRW",
            "PYG",
            "RWF",
            "UGX",
            "VND",
            "VUV",
            "XAF",
            "XOF",
            "XPF",
        ),
        0,
    ),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
}
#: The typographic minus, which is as wide as a digit.
MINUS: Final = "−"
#: The example amount in an error message.
_LIKE: Final = "12.50"
_SCALES: Final = (1, 10, 100, 1_000, 10_000)
_SYMBOLS: Final = {
    "INR": "₹",
    "GBP": "£",
    "EUR": "€",
    "USD": "$",
    "JPY": "¥",
    "CNY": "¥",
    "CHF": "CHF ",
    "KRW": "₩",
}
_PLAIN: Final = late(r"(?P<sign>[-−+]?)(?P<major>\d{1,15})?(?:\.(?P<minor>\d{1,6}))?\Z", re.ASCII)


class Currency(Struct, frozen=True):
    """A currency by its ISO 4217 code, with the decimals of the standard."""

    code: str

    @property
    def exponent(self) -> int:
        """The number of decimals."""
        return EXPONENTS.get(self.code, 2)

    @property
    def scale(self) -> int:
        """The number of minor units in a major unit."""
        return _SCALES[self.exponent]

    @property
    def symbol(self) -> str:
        """The symbol that precedes an amount in a sentence."""
        return _SYMBOLS.get(self.code, f"{self.code} ")

    def text(self, minor: Minor) -> str:
        """Return an amount for programs and events: `"240.00"`, without grouping, with a hyphen as minus."""
        return _decimal(minor, self.exponent)

    def price_text(self, price4: Price4) -> str:
        """Return a unit price for programs, with the decimals of the currency and up to four if needed."""
        return _price(price4, self.exponent)

    def money(self, minor: Minor) -> str:
        """Return an amount for a sentence without a locale: `₹240.00`."""
        return f"{MINUS if minor < 0 else ''}{self.symbol}{self.text(Minor(abs(minor)))}"

    @property
    def point(self) -> str:
        """The decimal separator of the plain form."""
        return "."

    def minor(self, text: str, *, like: str = _LIKE) -> Minor:
        """Read an amount such as `"12.5"` into minor units. There is no upper limit, because totals may be large.

        Args:
            text: the typed text.
            like: the example in an error message.

        Raises:
            AmountError: the text is not an amount, or has more decimals than the currency.
        """
        return Minor(_parse(text, self.exponent, like=like))

    def nearest(self, amount: Decimal) -> Minor:
        """Round an amount with more decimals, such as a database sum of unit prices, to minor units, half up."""
        return Minor(divide_and_round(int(amount * PRICE_SCALE * self.scale), PRICE_SCALE))

    def price4(self, text: str, *, like: str = _LIKE) -> Price4:
        """Read a unit price such as `"40"` or `"0.0125"` into ten-thousandths.

        Args:
            text: the typed text.
            like: the example in an error message.

        Raises:
            AmountError: the text is not an amount, has more than four decimals, or exceeds `LARGEST_MAJOR`.
        """
        return Price4(_parse(text, 4, LARGEST_MAJOR, like=like))

    def price4_of_any(self, text: str) -> Price4:
        """Read an amount or a unit price of a record into ten-thousandths, without an upper limit."""
        return Price4(_parse(text, 4, like=_LIKE))

    def amount_of(self, price4: Price4, quantity: int = 1, measure: Thousandths | None = None) -> Minor:
        """Return the amount of `quantity` pieces at a unit price, rounded once; each piece has the measure, if any."""
        exact = price4 * quantity * self.scale
        if measure is None:
            return Minor(divide_and_round(exact, PRICE_SCALE))
        return Minor(divide_and_round(exact * measure, PRICE_SCALE * MEASURE_SCALE))


@lru_cache(maxsize=8192)
def _price(price4: int, least: int) -> str:
    text = _decimal(price4, 4)
    kept = 4 - least
    while kept and text.endswith("0"):
        text = text[:-1]
        kept -= 1
    return text.rstrip(".")


@lru_cache(maxsize=8192)  # each snapshot writes every amount of the order again
def _decimal(value: int, places: int) -> str:
    sign = "-" if value < 0 else ""
    if not places:
        return f"{sign}{abs(value)}"
    major, minor = divmod(abs(value), _SCALES[places])
    return f"{sign}{major}.{minor:0{places}d}"


def _parse(text: str, places: int, largest: int | None = None, *, like: str) -> int:
    found = _PLAIN.match(text.strip())
    if not found or (found["major"] is None and found["minor"] is None):
        sentence = _("“{text}” is not an amount. Type it like {like}.")
        raise AmountError(sentence.format(text=text.strip()[:20], like=like))
    minor = (found["minor"] or "").rstrip("0")
    if len(minor) > places:
        raise AmountError(_("{text} has more decimals than this money has.").format(text=text.strip()[:20]))
    major = int(found["major"] or 0)
    if largest is not None and major > largest:
        raise AmountError(_("{text} is too much for one entry.").format(text=text.strip()[:20]))
    value = major * _SCALES[places] + (int(minor.ljust(places, "0")) if minor else 0)
    return -value if found["sign"] in {"-", "−"} else value


def apportion(shares: Sequence[int], whole: int, direction: Direction = HALF_UP) -> list[int]:
    """Round the fractions `share / whole` so that they add up to their exact sum, rounded once. `whole` is positive.

    Uses the largest remainder method; of equal remainders the first one wins. Shares with the opposite sign give parts
    with the opposite sign.
    """
    exact = sum(shares)
    if next((share for share in (exact, *shares) if share), 0) < 0:
        return [-part for part in apportion([-share for share in shares], whole, direction)]
    parts = [share // whole for share in shares]
    return _up_to(divide_and_round(exact, whole, direction), parts, [share % whole for share in shares])


def sum_over(shares: Sequence[int], wholes: Sequence[int]) -> Fraction:
    """Return the exact sum of fractions with different denominators."""
    sums = dict.fromkeys(wholes, 0)
    for share, whole in zip(shares, wholes, strict=True):
        sums[whole] += share
    return sum((Fraction(total, whole) for whole, total in sums.items()), Fraction(0))


def apportion_over(
    shares: Sequence[int], wholes: Sequence[int], direction: Direction = HALF_UP, total: int | None = None
) -> list[int]:
    """Round fractions with different denominators, as `apportion` does.

    Args:
        shares: the numerators.
        wholes: the denominators.
        direction: the rounding direction of the sum.
        total: the rounded sum, if known: the whole number below or above the exact sum.
    """
    exact = sum_over(shares, wholes)
    if next((share for share in (exact.numerator, *shares) if share), 0) < 0:
        known = None if total is None else -total
        return [-part for part in apportion_over([-share for share in shares], wholes, direction, known)]
    parts = [share // whole for share, whole in zip(shares, wholes, strict=True)]
    # Different remainders differ by more than 1 / 2**bits. A common denominator could have thousands of digits.
    bits = 2 * max(wholes, default=1).bit_length()
    rests = [(share % whole << bits) // whole for share, whole in zip(shares, wholes, strict=True)]
    return _up_to(
        divide_and_round(exact.numerator, exact.denominator, direction) if total is None else total, parts, rests
    )


def _up_to(total: int, parts: list[int], rests: Sequence[int]) -> list[int]:
    """Add one to the parts with the largest remainders until they add up to the total."""
    for index in sorted(range(len(parts)), key=lambda i: (-rests[i], i))[: total - sum(parts)]:
        parts[index] += 1
    return parts


def spread(total: Minor, weights: Sequence[int]) -> list[Minor]:
    """Divide `total` in proportion to `weights`, so that the parts add up to it exactly (`apportion`).

    If the weights add up to zero, the parts are equal. Weights may have different signs.
    """
    if not weights:
        return []
    whole = sum(weights)
    if whole == 0:
        weights = [1] * len(weights)
        whole = len(weights)
    if whole < 0:
        weights, whole = [-weight for weight in weights], -whole
    return [Minor(part) for part in apportion([total * weight for weight in weights], whole)]
