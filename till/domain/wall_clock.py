"""Local times: their conversion to UTC, and days with the names of weekdays and months."""

from __future__ import annotations

from datetime import UTC, datetime, time
from typing import TYPE_CHECKING, Final

from till.domain.errors import TillError
from till.domain.i18n import N_, _
from till.domain.text import clean

if TYPE_CHECKING:
    from datetime import date, tzinfo

_SHOWN: Final = 40
_WEEKDAYS: Final = (
    N_("Monday"),
    N_("Tuesday"),
    N_("Wednesday"),
    N_("Thursday"),
    N_("Friday"),
    N_("Saturday"),
    N_("Sunday"),
)
_MONTHS: Final = (
    N_("January"),
    N_("February"),
    N_("March"),
    N_("April"),
    N_("May"),
    N_("June"),
    N_("July"),
    N_("August"),
    N_("September"),
    N_("October"),
    N_("November"),
    N_("December"),
)
#: The length of a time without a date, such as `18:00`.
_LONGEST_TIME: Final = 5


class WallTimeError(TillError):
    """A time that cannot be read."""

    code = "wall_time"
    default = N_("That is not a time.")


def long_date(day: date) -> str:
    """Return a day without its year, as `Saturday 21 November`."""
    weekday, month = _(_WEEKDAYS[day.weekday()]), _(_MONTHS[day.month - 1])
    return _("{weekday} {day} {month}").format(weekday=weekday, day=day.day, month=month)


def long_day(day: date) -> str:
    """Return a day with its year, as `Saturday 21 November 2026`."""
    return _("{date} {year}").format(date=long_date(day), year=day.year)


def utc_text(moment: datetime) -> str:
    """Format a time as RFC 3339 in UTC, without zero decimals: `2026-12-01T12:30:00Z`."""
    return moment.astimezone(UTC).isoformat().removesuffix("+00:00") + "Z"


def years_before(day: date, years: int) -> date:
    """Return the latest birth date of a person who has an age on a day. 29 February may become the 28th."""
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return day.replace(year=day.year - years, day=28)


def read_wall_time(text: str, zone: tzinfo, now: datetime) -> datetime:
    """Return a typed local time in UTC: `18:00` (today), `2026-12-01` (at midnight) or `2026-12-01 18:00`.

    For a text with an offset (`2026-12-01T18:00+05:30`, RFC 3339), the zone is ignored.

    Args:
        text: the typed text.
        zone: the venue's time zone.
        now: the current time, which determines today.

    Raises:
        WallTimeError: the text is not a time, or the local time is skipped or ambiguous at a clock change.
    """
    typed = text.strip()
    try:
        if len(typed) <= _LONGEST_TIME and ":" in typed:
            read = datetime.combine(now.astimezone(zone).date(), time.fromisoformat(typed.zfill(_LONGEST_TIME)))
        else:
            read = datetime.fromisoformat(typed)
        return _moment(read, zone)
    except (ValueError, OverflowError) as problem:
        raise WallTimeError(
            _("“{text}” is not a time. Write it like 18:00, 2026-12-01 or 2026-12-01 18:00.").format(
                text=clean(typed)[:_SHOWN]
            )
        ) from problem


def _moment(read: datetime, zone: tzinfo) -> datetime:
    if read.tzinfo is not None:
        return read.astimezone(UTC)
    first, second = (read.replace(tzinfo=zone, fold=fold) for fold in (0, 1))
    moment = first.astimezone(UTC)
    if moment.astimezone(zone).replace(tzinfo=None) != read:
        raise WallTimeError(
            _("The clock skips {time} on that day. Choose another time.").format(time=f"{read:%Y-%m-%d %H:%M}")
        )
    if first.utcoffset() != second.utcoffset():
        raise WallTimeError(
            _("The clock shows {time} twice. Say which: {first} or {second}.").format(
                time=f"{read:%Y-%m-%d %H:%M}",
                first=first.isoformat("T", "minutes"),
                second=second.isoformat("T", "minutes"),
            )
        )
    return moment
