"""Amounts, times and names as the desk writes them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from till.domain.errors import AmountError
from till.domain.i18n import _
from till.domain.merge.settlement import kind_in_words
from till.domain.money.amount import Currency
from till.domain.money.formats import Formats
from till.domain.money.measures import Minor
from till.ports.desk import AlertKind, Connection, Matter, MatterKind
from till.tui.screens.desk.state import ActKind

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from till.domain.money.formats import Marks
    from till.ports.desk import Alert, Picture

_MINUTE_S: Final = 60
_THOUSAND: Final = 1_000

#: What each act is called.
ACTS: Final = {
    ActKind.SETTLE: _("Settle it"),
    ActKind.UNLOCK: _("Unlock it"),
    ActKind.PUT_ASIDE: _("Put it aside"),
    ActKind.GIVE: _("Give it to another"),
    ActKind.DISCARD: _("Discard it"),
    ActKind.DAY: _("Go through its day"),
    ActKind.REVOKE: _("Shut it out"),
    ActKind.WORDS: _("Do it"),
}

#: How good a connection is, in words.
CONNECTIONS: Final = {
    Connection.GOOD: _("good"),
    Connection.SLOW: _("slow"),
    Connection.VERY_SLOW: _("very slow"),
    Connection.LOST: _("lost"),
}


class Written:
    """Writes for the people of a venue.

    Args:
        marks: how amounts are written there.
        currency: the venue's, by its code.
    """

    def __init__(self, marks: Marks, currency: str) -> None:
        self._marks = marks
        self.own = Formats(Currency(currency), marks)
        self._formats = {currency: self.own}

    def amount(self, plain: str, currency: str = "") -> str:
        """An amount of the database as people write it; what is none, for a record may hold anything, stays."""
        try:
            return self.formats(currency).written(plain)
        except (AmountError, ValueError):
            return plain

    def formats(self, currency: str) -> Formats:
        """How amounts of a currency are written; of none, the venue's.

        Raises:
            ValueError: there is no such currency.
        """
        formats = self._formats.get(currency) if currency else self.own
        if formats is None:
            formats = self._formats[currency] = Formats(Currency(currency), self._marks)
        return formats

    def sum_of(self, amounts: list[str]) -> str:
        """What amounts in the venue's money come to; empty of none, and where one is no such amount."""
        try:
            minors = [self.own.currency.minor(amount) for amount in amounts]
        except AmountError:
            return ""
        return self.own.amount(Minor(sum(minors))) if minors else ""


def time_of(moment: datetime | None, picture: Picture | None) -> str:
    """A moment of today on the venue's clock."""
    return picture.venue.local(moment).strftime("%H:%M") if moment is not None and picture is not None else ""


def day_and_time(moment: datetime | None, picture: Picture | None) -> str:
    """A moment with its day."""
    if moment is None or picture is None:
        return ""
    return picture.venue.local(moment).strftime("%Y-%m-%d %H:%M")


def till_name(till: int | None, picture: Picture | None) -> str:
    """What a till is called; empty for none, and for the server."""
    if not till or picture is None:
        return ""
    known = {one.number: one.name for one in picture.tills}
    return known.get(till) or picture.venue.till_name(till)


def what_waits(matter: Matter) -> str:
    """What a matter is, in a few words."""
    if matter.kind is MatterKind.CONFLICT:
        words = kind_in_words(matter.what)
        return words[:1].upper() + words[1:]
    if matter.kind is MatterKind.RECORD:
        return _("A record that needs attention")
    return _("Number {number}, {name}").format(number=matter.id, name=matter.what)


def what_is_wrong(alert: Alert, picture: Picture | None) -> str:
    """What an alert is about, in a few words."""
    match alert.kind:
        case AlertKind.DISK:
            return _("The server's disk is nearly full: {free} left").format(free=size(alert.free))
        case AlertKind.FILLS_UP:
            return _("The server's disk will be full in {n} days").format(n=alert.days)
        case AlertKind.NO_BACKUP:
            return _("No backup for {n} days").format(n=alert.days)
        case AlertKind.LAGS:
            return _("{till} has a very slow connection").format(till=till_name(alert.till, picture))
        case AlertKind.SILENT | AlertKind.GONE:
            words = _("{till} is not heard of since {time}")
            return words.format(till=till_name(alert.till, picture), time=_since(alert.at, picture))


def what_to_do(alert: Alert) -> str:
    """What one does about an alert."""
    match alert.kind:
        case AlertKind.DISK | AlertKind.FILLS_UP:
            return _("Free some or give it more: a full disk saves nothing.")
        case AlertKind.NO_BACKUP:
            return _("`till db backup FOLDER` makes one, on another disk.")
        case AlertKind.SILENT:
            return _("It sells on, on its own disk. Look at its network.")
        case AlertKind.GONE:
            return _("If it is gone for good, shut it out: Tab to tills.")
        case AlertKind.LAGS:
            return _("It sells on, and saves later. Look at its network.")


def _since(moment: datetime | None, picture: Picture | None) -> str:
    """A time, with its day where that is another than today's."""
    if moment is None or picture is None:
        return ""
    is_today = picture.venue.local(moment).date() == picture.venue.local(picture.now).date()
    return time_of(moment, picture) if is_today else day_and_time(moment, picture)


def size(count: int) -> str:
    """Bytes: `640 MB`, `1.2 GB`."""
    megabytes = count / 1_000_000
    return _("{n:.1f} GB").format(n=megabytes / 1000) if megabytes >= _THOUSAND else _("{n:.0f} MB").format(n=megabytes)


def age(passed: timedelta) -> str:
    """How long something is open: `42 min`, `1 h 05`."""
    minutes = max(0, int(passed.total_seconds())) // _MINUTE_S
    hours, rest = divmod(minutes, 60)
    return _("{h} h {m:02d}").format(h=hours, m=rest) if hours else _("{m} min").format(m=minutes)


def ago(passed: timedelta) -> str:
    """How long something is past: `4 s`, `42 min`."""
    seconds = max(0, int(passed.total_seconds()))
    return _("{n} s").format(n=seconds) if seconds < _MINUTE_S else age(passed)
