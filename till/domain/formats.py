"""Amounts as people of the venue read them: grouping and decimals of the locale, the symbol in front in a sentence."""

from __future__ import annotations

from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING

from babel import Locale, UnknownLocaleError
from babel.numbers import NumberPattern, parse_pattern

if TYPE_CHECKING:
    from till.domain.money import Currency

#: The typographic minus, which is as wide as a figure.
MINUS = "−"


class Formats:
    """Writes amounts of one currency for one locale. An unknown locale falls back to English."""

    def __init__(self, currency: Currency, locale: str) -> None:
        self.currency = currency
        try:
            self._locale = Locale.parse(locale)
        except (ValueError, UnknownLocaleError):
            self._locale = Locale("en")
        grouping = self._locale.decimal_formats[None].pattern.split(".")[0]
        places = "." + "0" * currency.exponent if currency.exponent else ""
        self._pattern: NumberPattern = parse_pattern(grouping + places)
        self._fine: NumberPattern = parse_pattern(f"{grouping}{places or '.'}{'#' * (4 - currency.exponent)}")
        self._amount = lru_cache(maxsize=4096)(self._write)

    def amount(self, minor: int) -> str:
        """An amount for a column: `1,240.00`, `−95.50`."""
        return self._amount(minor)

    def money(self, minor: int) -> str:
        """An amount inside a sentence: `₹1,240.00`."""
        sign = MINUS if minor < 0 else ""
        return f"{sign}{self.currency.symbol}{self._amount(abs(minor))}"

    def _write(self, minor: int) -> str:
        return self._text(self._pattern, Decimal(minor).scaleb(-self.currency.exponent))

    def price(self, price4: int) -> str:
        """A unit price for a column: `40.00`, `0.0125` when it has more decimals than the currency."""
        return self._text(self._fine, Decimal(price4).scaleb(-4))

    def _text(self, pattern: NumberPattern, value: Decimal) -> str:
        text: str = pattern.apply(abs(value), self._locale)
        return MINUS + text if value < 0 else text
