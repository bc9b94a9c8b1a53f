"""Amounts and dates in the format of a locale: grouping, decimal separator, currency symbol, order of the date."""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from till.domain.money.amount import MEASURE_SCALE, MINUS
from till.domain.money.measures import Price4
from till.domain.patterns import late
from till.domain.structs import replace

if TYPE_CHECKING:
    from datetime import datetime

    from till.domain.money.amount import Currency
    from till.domain.money.measures import Minor, Thousandths
    from till.domain.text import Repertoire

#: The example amount in an error message: 12.50, in the format of the locale.
_EXAMPLE: Final = Price4(125_000)


#: The parts of a date by their letters in CLDR.
_DATE_PARTS: Final = {"d": "%d", "M": "%m", "y": "%Y"}


class LocaleFormats(Struct, frozen=True):
    """The formats of a locale.

    Attributes:
        locale: the locale.
        first: the digits of the group before the decimals: 3 in `1,23,456.00`.
        further: the digits of the other groups: 2 in `1,23,456.00`.
        group: the group separator.
        point: the decimal separator.
        money: the pattern of an amount in a sentence, such as `¤#` or `# ¤`: `¤` is the currency and `#` the number.
        day: the pattern of a date in digits, ten characters long, such as `%d/%m/%Y`.
    """

    locale: str
    first: int
    further: int
    group: str
    point: str
    money: str
    day: str


def marks_of(locale: str) -> LocaleFormats:
    """Return the marks of a locale; English ones for an unknown locale."""
    from till.domain.money.marks import TABLE  # noqa: PLC0415 - loads the table only if it is needed

    for first, further, group, point, money, day, locales in TABLE:
        if locale in locales.split():
            return LocaleFormats(locale, first, further, group, point, money, day)
    return looked_up(locale)


def looked_up(locale: str) -> LocaleFormats:
    """Return the marks of a locale from babel. Loading babel takes 20 % of the start and 5 MB of memory."""
    from babel import Locale, UnknownLocaleError  # noqa: PLC0415 - takes 20 % of the start
    from babel.numbers import get_decimal_symbol, get_group_symbol  # noqa: PLC0415 - takes 20 % of the start

    try:
        found = Locale.parse(locale)
    except (ValueError, UnknownLocaleError):
        found = Locale("en")
    first, further = found.decimal_formats[None].grouping
    pattern = found.currency_formats["standard"].pattern.partition(";")[0]
    money = "".join(char for char in re.sub(r"[#,.0]+", "#", pattern) if unicodedata.category(char) != "Cf")
    day = _day_of(found.date_formats["short"].pattern)
    return LocaleFormats(locale, first, further, get_group_symbol(found), get_decimal_symbol(found), money, day)


def _day_of(pattern: str) -> str:
    """Return the pattern of a date of ten characters in the order and with the separator of a pattern of CLDR."""
    order = dict.fromkeys(char for char in pattern if char in _DATE_PARTS)
    between = next((char for char in pattern if char in "/.-"), "-")
    return between.join(_DATE_PARTS[char] for char in order)


class Formats:
    """The formats of amounts in one currency and locale, limited to the characters of a device."""

    def __init__(self, currency: Currency, marks: LocaleFormats, device: Repertoire | None = None) -> None:
        spell = device.spell if device is not None else str
        marks = replace(marks, group=spell(marks.group), point=spell(marks.point))
        self.currency = currency
        self._minus = spell(MINUS)
        self._amount = lru_cache(maxsize=4096)(self._write)
        self._marks = marks
        self._group, self._point = marks.group, marks.point
        symbol = spell(currency.symbol.strip())
        # A symbol that ends in a letter is always separated from the digits, whatever the locale says.
        self._money = re.sub("¤(?=#)", f"{symbol}\N{NO-BREAK SPACE}" if symbol[-1:].isalpha() else symbol, marks.money)
        self._money = spell(self._money.replace("¤", symbol))
        first, further = marks.first, marks.further
        digits = rf"[0-9]{{1,{further}}}(?:G[0-9]{{{further}}})*G[0-9]{{{first}}}|[0-9]*"
        signs = {"G": re.escape(self._group) if self._group.strip() else r"\s", "P": re.escape(self._point)}
        typed = rf"[-−+]?(?:{digits})(?:P[0-9]{{1,6}})?"
        self._typed = late(re.sub("[GP]", lambda found: signs[found[0]], typed))

    def on(self, device: Repertoire) -> Formats:
        """Return the formats for a device: `Rs 240.00` if the device has no ₹."""
        return Formats(self.currency, self._marks, device)

    @property
    def point(self) -> str:
        """The decimal separator."""
        return self._point

    def amount(self, minor: Minor) -> str:
        """Return an amount for a column, such as `1,240.00` or `−95.50`."""
        return self._amount(minor)

    def money(self, minor: Minor) -> str:
        """Return an amount for a sentence, such as `₹1,240.00` or `1.240,00 €`. A minus always comes first."""
        sign = self._minus if minor < 0 else ""
        return sign + self._money.replace("#", self._amount(abs(minor)))

    def day(self, day: date) -> str:
        """Return a date in ten characters, such as `03/12/2026`."""
        return day.strftime(self._marks.day)

    def day_of(self, text: str) -> str:
        """Return a date of a record (`"2026-12-03"`) in ten characters."""
        return self.day(date.fromisoformat(text))

    def day_and_month(self, day: date) -> str:
        """Return a date without its year, such as `03/12`."""
        return day.strftime(re.sub(r"^%Y.|[/-]%Y$|%Y$", "", self._marks.day))

    def moment(self, at: datetime) -> str:
        """Return a local time with its date, such as `03/12/2026 14:13`."""
        return f"{self.day(at)} {at:%H:%M}"

    def _write(self, minor: int) -> str:
        return self._text(minor, self.currency.exponent)

    def price(self, price4: Price4, unit: str = "") -> str:
        """Return a unit price: `40.00`; `0.0125` if it has more decimals than the currency; `899.00/kg`."""
        return f"{self._text(price4, 4)}/{unit}" if unit else self._text(price4, 4)

    def added(self, price4: Price4) -> str:
        """Return the price that a choice adds to a piece, `+20.00`; empty for zero."""
        if not price4:
            return ""
        return f"{'+' if price4 > 0 else self._minus}{self.price(Price4(abs(price4)))}"

    def written(self, plain: str) -> str:
        """Return an amount or a unit price of a record (`"1240.00"`) for a column.

        Raises:
            AmountError: the text is not an amount.
        """
        return self.price(self.currency.price4_of_any(plain))

    def minor(self, typed: str) -> Minor:
        """Read a typed amount into minor units: `1240`, `12.50`, or with grouping, `1,240.00`.

        Raises:
            AmountError: the text is not an amount, or a group separator is in the wrong place (`1,50`).
        """
        return self.currency.minor(self.plain(typed), like=self.price(_EXAMPLE))

    def measure(self, thousandths: Thousandths, unit: str = "") -> str:
        """Return a measure, such as `0.335 kg`."""
        major, minor = divmod(thousandths, MEASURE_SCALE)
        return f"{major}{self.point}{minor:03d} {unit}".rstrip()

    def quantity(self, pieces: int, measure: Thousandths | None, unit: str) -> str:
        """Return the number of pieces; for a weighed item the measure, such as `2 × 0.335 kg`."""
        if measure is None:
            return str(pieces).replace("-", MINUS)
        measured = self.measure(measure, unit)
        counted = f"{abs(pieces)} × {measured}" if abs(pieces) != 1 else measured
        return f"{MINUS if pieces < 0 else ''}{counted}"

    def price4(self, typed: str) -> Price4:
        """Read a typed unit price into ten-thousandths, by the rules of `minor`.

        Raises:
            AmountError: the text is not an amount.
        """
        return self.currency.price4(self.plain(typed), like=self.price(_EXAMPLE))

    def plain(self, typed: str) -> str:
        """Return a typed amount in the plain form. An amount with wrong grouping is returned unchanged."""
        text = typed.strip()
        if not self._typed.fullmatch(text):
            return text
        marks = str.maketrans({self._point: ".", self._group: None})
        return "".join(text.translate(marks).split())

    def _text(self, number: int, places: int) -> str:
        """Return a number with `places` decimals. Decimals beyond those of the currency are omitted if they are 0."""
        digits = f"{abs(number):0{places + 1}}"
        whole, decimals = digits[: len(digits) - places], digits[len(digits) - places :]
        decimals = decimals.rstrip("0").ljust(self.currency.exponent, "0")
        sign = self._minus if number < 0 else ""
        return sign + self._grouped(whole) + (self._point + decimals if decimals else "")

    def _grouped(self, whole: str) -> str:
        parts = [whole[-self._marks.first :]]
        rest = whole[: -self._marks.first]
        while rest:
            parts.append(rest[-self._marks.further :])
            rest = rest[: -self._marks.further]
        return self._group.join(reversed(parts))
