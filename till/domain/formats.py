"""Amounts as people of the venue read and type them: grouping and decimals of the locale, the symbol in a sentence."""

from __future__ import annotations

import re
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING

from babel import Locale, UnknownLocaleError
from babel.numbers import NumberPattern, get_decimal_symbol, get_group_symbol, parse_pattern

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
        self._group, self._point = get_group_symbol(self._locale), get_decimal_symbol(self._locale)
        first, further = self._pattern.grouping
        digits = rf"[0-9]{{1,{further}}}(?:G[0-9]{{{further}}})*G[0-9]{{{first}}}|[0-9]*"
        marks = {"G": re.escape(self._group) if self._group.strip() else r"\s", "P": re.escape(self._point)}
        typed = rf"[-−+]?(?:{digits})(?:P[0-9]{{1,6}})?"
        self._typed = re.compile(re.sub("[GP]", lambda found: marks[found[0]], typed))

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

    def minor(self, typed: str) -> int:
        """Read an amount as it is typed here into minor units: `1240`, `12.50`, and `1,240.00` as the till writes it.

        Raises:
            AmountError: no amount; so is a mark of the thousands that does not stand between thousands: `1,50`.
        """
        return self.currency.minor(self._plain(typed))

    def price4(self, typed: str) -> int:
        """Read a unit price as it is typed here into ten-thousandths, by the same rule.

        Raises:
            AmountError: no amount.
        """
        return self.currency.price4(self._plain(typed))

    def _plain(self, typed: str) -> str:
        """What is typed with the marks of this locale, in the plain form; what is not well grouped stays as it is."""
        text = typed.strip()
        if not self._typed.fullmatch(text):
            return text
        marks = str.maketrans({self._point: ".", self._group: None})
        return "".join(text.translate(marks).split())

    def _text(self, pattern: NumberPattern, value: Decimal) -> str:
        text: str = pattern.apply(abs(value), self._locale)
        return MINUS + text if value < 0 else text
