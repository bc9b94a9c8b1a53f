"""Amounts as people of the venue read and type them: grouping, decimals and symbol of the locale."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from till.domain.money.amount import MEASURE_SCALE, MINUS
from till.domain.money.measures import Price4
from till.domain.structs import replace

if TYPE_CHECKING:
    from till.domain.money.amount import Currency
    from till.domain.money.measures import Minor, Thousandths
    from till.domain.text import Repertoire

#: The example that a refusal gives: 12.50, as it is typed here.
_EXAMPLE: Final = Price4(125_000)


class Marks(Struct, frozen=True):
    """The marks that a locale sets between the digits of a number.

    Attributes:
        locale: the locale.
        first: digits of the group before the decimals: 3 of `1,23,456.00`.
        further: digits of each group before that: 2.
        group: the group separator.
        point: the decimal separator.
        money: the pattern of an amount in a sentence, the currency at `¤` and its figures at `#`: `¤#` or `# ¤`.
    """

    locale: str
    first: int
    further: int
    group: str
    point: str
    money: str


def marks_of(locale: str) -> Marks:
    """Return the marks of a locale; English for an unknown one."""
    from till.domain.money.marks import TABLE  # noqa: PLC0415 - only callers that ask for one need them all

    for first, further, group, point, money, locales in TABLE:
        if locale in locales.split():
            return Marks(locale, first, further, group, point, money)
    return looked_up(locale)


def looked_up(locale: str) -> Marks:
    """Return the marks of a locale from babel. Loading it takes a fifth of a start and keeps five megabytes."""
    from babel import Locale, UnknownLocaleError  # noqa: PLC0415 - takes a fifth of a start
    from babel.numbers import get_decimal_symbol, get_group_symbol  # noqa: PLC0415 - takes a fifth of a start

    try:
        found = Locale.parse(locale)
    except (ValueError, UnknownLocaleError):
        found = Locale("en")
    first, further = found.decimal_formats[None].grouping
    pattern = found.currency_formats["standard"].pattern.partition(";")[0]
    money = "".join(char for char in re.sub(r"[#,.0]+", "#", pattern) if unicodedata.category(char) != "Cf")
    return Marks(locale, first, further, get_group_symbol(found), get_decimal_symbol(found), money)


class Formats:
    """A writer of amounts of one currency with the marks of a locale, in the characters of a device or a screen."""

    def __init__(self, currency: Currency, marks: Marks, device: Repertoire | None = None) -> None:
        spell = device.spell if device is not None else str
        marks = replace(marks, group=spell(marks.group), point=spell(marks.point))
        self.currency = currency
        self._minus = spell(MINUS)
        self._amount = lru_cache(maxsize=4096)(self._write)
        self._marks = marks
        self._group, self._point = marks.group, marks.point
        symbol = spell(currency.symbol.strip())
        # A symbol of letters never touches the figures, however the locale places symbols.
        self._money = re.sub("¤(?=#)", f"{symbol}\N{NO-BREAK SPACE}" if symbol[-1:].isalpha() else symbol, marks.money)
        self._money = spell(self._money.replace("¤", symbol))
        first, further = marks.first, marks.further
        digits = rf"[0-9]{{1,{further}}}(?:G[0-9]{{{further}}})*G[0-9]{{{first}}}|[0-9]*"
        signs = {"G": re.escape(self._group) if self._group.strip() else r"\s", "P": re.escape(self._point)}
        typed = rf"[-−+]?(?:{digits})(?:P[0-9]{{1,6}})?"
        self._typed = re.compile(re.sub("[GP]", lambda found: signs[found[0]], typed))

    def on(self, device: Repertoire) -> Formats:
        """Return these formats in the characters of a device: `Rs 240.00` if it has no ₹."""
        return Formats(self.currency, self._marks, device)

    @property
    def point(self) -> str:
        """The decimal separator."""
        return self._point

    def amount(self, minor: Minor) -> str:
        """Return an amount for a column: `1,240.00`, `−95.50`."""
        return self._amount(minor)

    def money(self, minor: Minor) -> str:
        """Return an amount inside a sentence: `₹1,240.00`, `1.240,00 €`; a minus always leads."""
        sign = self._minus if minor < 0 else ""
        return sign + self._money.replace("#", self._amount(abs(minor)))

    def _write(self, minor: int) -> str:
        return self._text(minor, self.currency.exponent)

    def price(self, price4: Price4) -> str:
        """Return a unit price for a column: `40.00`, or `0.0125` if it has more decimals than the currency."""
        return self._text(price4, 4)

    def written(self, plain: str) -> str:
        """Return an amount or a unit price of a record (`"1240.00"`) for a column.

        Raises:
            AmountError: it is none.
        """
        return self.price(self.currency.price4_of_any(plain))

    def minor(self, typed: str) -> Minor:
        """Read a typed amount into minor units: `1240`, `12.50`, or `1,240.00` as the till writes it.

        Raises:
            AmountError: no amount, or a group separator that does not separate thousands: `1,50`.
        """
        return self.currency.minor(self.plain(typed), like=self.price(_EXAMPLE))

    def measure(self, thousandths: Thousandths, unit: str = "") -> str:
        """Return a measure that was weighed or drawn: `0.335 kg`."""
        major, minor = divmod(thousandths, MEASURE_SCALE)
        return f"{major}{self.point}{minor:03d} {unit}".rstrip()

    def quantity(self, pieces: int, measure: Thousandths | None, unit: str) -> str:
        """Return the number of pieces; for a weighed item the weight, which is never a count."""
        if measure is None:
            return str(pieces).replace("-", MINUS)
        measured = self.measure(measure, unit)
        counted = f"{abs(pieces)} × {measured}" if abs(pieces) != 1 else measured
        return f"{MINUS if pieces < 0 else ''}{counted}"

    def price4(self, typed: str) -> Price4:
        """Read a typed unit price into ten-thousandths, by the rules of `minor`.

        Raises:
            AmountError: no amount.
        """
        return self.currency.price4(self.plain(typed), like=self.price(_EXAMPLE))

    def plain(self, typed: str) -> str:
        """Return a typed amount in the plain form. One that is not well grouped stays as it is."""
        text = typed.strip()
        if not self._typed.fullmatch(text):
            return text
        marks = str.maketrans({self._point: ".", self._group: None})
        return "".join(text.translate(marks).split())

    def _text(self, number: int, places: int) -> str:
        """Return a number with `places` decimals, shown with those of the currency.

        Further decimals are shown if they are not 0.
        """
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
