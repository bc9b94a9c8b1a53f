"""Amounts, times and names as the desk shows them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from till.domain.conflict import kind_in_words
from till.domain.errors import AmountError
from till.domain.i18n import N_, _
from till.domain.money.amount import Currency
from till.domain.money.formats import Formats
from till.domain.money.measures import Minor
from till.ports.desk import ConnectionQuality, MatterKind, NeedsAttention
from till.reports.words import formats_of

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from till.domain.money.formats import LocaleFormats
    from till.ports.desk import Picture

_MINUTE_S: Final = 60

#: The quality of a connection, in words.
CONNECTIONS: Final = {
    ConnectionQuality.GOOD: N_("good"),
    ConnectionQuality.SLOW: N_("slow"),
    ConnectionQuality.VERY_SLOW: N_("very slow"),
    ConnectionQuality.LOST: N_("lost"),
}


class Written:
    """A formatter of amounts for the people of a venue.

    Args:
        marks: the venue's number format.
        currency: the venue's currency code.
    """

    def __init__(self, marks: LocaleFormats, currency: str) -> None:
        self._marks = marks
        self.own = Formats(Currency(currency), marks)
        self._formats = {currency: self.own}

    def amount(self, plain: str, currency: str = "") -> str:
        """Return an amount of the database as people write it. Text that is not an amount is returned unchanged."""
        try:
            return self.formats(currency).written(plain)
        except (AmountError, ValueError):
            return plain

    def formats(self, currency: str) -> Formats:
        """Return the formats of a currency; of the venue's if empty.

        Raises:
            ValueError: there is no such currency.
        """
        formats = self._formats.get(currency) if currency else self.own
        if formats is None:
            formats = self._formats[currency] = Formats(Currency(currency), self._marks)
        return formats

    def sum_of(self, amounts: list[str]) -> str:
        """Return the sum of amounts in the venue's currency; empty for no amounts, or if one is invalid."""
        try:
            minors = [self.own.currency.minor(amount) for amount in amounts]
        except AmountError:
            return ""
        return self.own.amount(Minor(sum(minors))) if minors else ""


def time_of(moment: datetime | None, picture: Picture | None) -> str:
    """Return the time of day on the venue's clock, as `HH:MM`."""
    return picture.venue.local(moment).strftime("%H:%M") if moment is not None and picture is not None else ""


def day_and_time(moment: datetime | None, picture: Picture | None) -> str:
    """Return the date and time on the venue's clock."""
    if moment is None or picture is None:
        return ""
    return formats_of(picture.venue).moment(picture.venue.local(moment))


def till_name(till: int | None, picture: Picture | None) -> str:
    """Return the name of a till; empty for no till, and for the server."""
    if not till or picture is None:
        return ""
    known = {one.number: one.name for one in picture.tills}
    return known.get(till) or picture.venue.till_name(till)


def what_waits(matter: NeedsAttention) -> str:
    """Describe an item that needs attention, in a few words."""
    if matter.kind is MatterKind.CONFLICT:
        words = kind_in_words(matter.what)
        return words[:1].upper() + words[1:]
    if matter.kind is MatterKind.RECORD:
        return _("A record that needs attention")
    return _("Number {number}, {name}").format(number=matter.id, name=matter.what)


def age(passed: timedelta) -> str:
    """Return how long something has been open, as `42 min` or `1 h 05`."""
    minutes = max(0, int(passed.total_seconds())) // _MINUTE_S
    hours, rest = divmod(minutes, 60)
    return _("{h} h {m:02d}").format(h=hours, m=rest) if hours else _("{m} min").format(m=minutes)


def ago(passed: timedelta) -> str:
    """Return the time since something, as `4 s` or `42 min`."""
    seconds = max(0, int(passed.total_seconds()))
    return _("{n} s").format(n=seconds) if seconds < _MINUTE_S else age(passed)
