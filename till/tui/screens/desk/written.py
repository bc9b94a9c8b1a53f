"""Amounts, times and names as the desk shows them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from till.domain.conflict import kind_in_words
from till.domain.errors import AmountError
from till.domain.i18n import _
from till.domain.money.amount import Currency
from till.domain.money.formats import Formats
from till.domain.money.measures import Minor
from till.ports.desk import AlertKind, ConnectionQuality, MatterKind, NeedsAttention
from till.reports.words import formats_of

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from till.domain.money.formats import LocaleFormats
    from till.ports.desk import Alert, Picture

_MINUTE_S: Final = 60
_THOUSAND: Final = 1_000

#: The quality of a connection, in words.
CONNECTIONS: Final = {
    ConnectionQuality.GOOD: _("good"),
    ConnectionQuality.SLOW: _("slow"),
    ConnectionQuality.VERY_SLOW: _("very slow"),
    ConnectionQuality.LOST: _("lost"),
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


def what_is_wrong(alert: Alert, picture: Picture | None) -> str:
    """Describe an alert in a few words."""
    match alert.kind:
        case AlertKind.DISK:
            return _("The server's disk is nearly full: {free} left").format(free=size(alert.free))
        case AlertKind.FILLS_UP:
            return _("The server's disk will be full in {n} days").format(n=alert.days)
        case AlertKind.NO_BACKUP:
            return _("No backup for {n} days").format(n=alert.days)
        case (
            AlertKind.NOTICE
            | AlertKind.UNANSWERED
            | AlertKind.UNSENT
            | AlertKind.SENDS_NOTHING
            | AlertKind.DROPPED
            | AlertKind.MONEY_WAITS
            | AlertKind.INVOICES_REFUSED
            | AlertKind.SENDER_SILENT
        ):
            return alert.sentence
        case AlertKind.MORE:
            return _("{n} more from {till} wait").format(
                n=alert.days, till=till_name(alert.till, picture) or _("server")
            )
        case AlertKind.LAGS | AlertKind.SILENT | AlertKind.GONE | AlertKind.SHIFT_OPEN:
            words = _("{till} was last seen at {time}")
            if alert.kind is AlertKind.SHIFT_OPEN:
                words = _("{till}: its shift is open since {time}")
            if alert.kind is AlertKind.LAGS:
                words = _("{till} has a very slow connection")
            return words.format(till=till_name(alert.till, picture), time=_since(alert.at, picture))


#: The advice on each kind of alert.
_TO_DO: Final = {
    AlertKind.DISK: _("Free some space or add more: a full disk saves nothing."),
    AlertKind.FILLS_UP: _("Free some space or add more: a full disk saves nothing."),
    AlertKind.NO_BACKUP: _("`till db backup FOLDER` makes one, on another disk."),
    AlertKind.SILENT: _("It keeps selling on its own disk. Check its network."),
    AlertKind.GONE: _("If it is gone for good, revoke it: Tab to tills."),
    AlertKind.LAGS: _("It keeps selling and saves later. Check its network."),
    AlertKind.UNANSWERED: _("That till still asks, or a manager settles it there."),
    AlertKind.SHIFT_OPEN: _("Close it there: F11, then Z."),
    AlertKind.UNSENT: _("Start a till: it sends them by itself."),
    AlertKind.SENDS_NOTHING: _("It has an older version: upgrade it."),
    AlertKind.DROPPED: _("Is it the venue’s? Revoke it if not."),
    AlertKind.MONEY_WAITS: _("Until then it takes money, and all of it counts."),
    AlertKind.INVOICES_REFUSED: _("“invoices” lists them, in its words."),
    AlertKind.SENDER_SILENT: _("Start `till fiscal send`, with the certificate."),
    AlertKind.NOTICE: _("It stays until someone reads it: “notices”."),
}


def what_to_do(alert: Alert) -> str:
    """Return the advice on an alert."""
    if alert.kind is not AlertKind.MORE:
        return _TO_DO[alert.kind]
    whose = _("till {n}").format(n=alert.till) if alert.till else _("server")
    return _("“settle {whose} made up” settles all of it.").format(whose=whose)


def _since(moment: datetime | None, picture: Picture | None) -> str:
    """Return the time, with the date unless it is today."""
    if moment is None or picture is None:
        return ""
    is_today = picture.venue.local(moment).date() == picture.venue.local(picture.now).date()
    return time_of(moment, picture) if is_today else day_and_time(moment, picture)


def size(count: int) -> str:
    """Return a number of bytes as `640 MB` or `1.2 GB`."""
    megabytes = count / 1_000_000
    return _("{n:.1f} GB").format(n=megabytes / 1000) if megabytes >= _THOUSAND else _("{n:.0f} MB").format(n=megabytes)


def age(passed: timedelta) -> str:
    """Return how long something has been open, as `42 min` or `1 h 05`."""
    minutes = max(0, int(passed.total_seconds())) // _MINUTE_S
    hours, rest = divmod(minutes, 60)
    return _("{h} h {m:02d}").format(h=hours, m=rest) if hours else _("{m} min").format(m=minutes)


def ago(passed: timedelta) -> str:
    """Return the time since something, as `4 s` or `42 min`."""
    seconds = max(0, int(passed.total_seconds()))
    return _("{n} s").format(n=seconds) if seconds < _MINUTE_S else age(passed)
