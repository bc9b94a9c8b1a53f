"""Hours of sale: weekdays and times by the venue's clock, and their text format, also with a daypart."""

from __future__ import annotations

import re
from datetime import time, timedelta
from typing import TYPE_CHECKING, Annotated, Any, Final

from msgspec import UNSET, Meta, Struct, UnsetType, field

from till.domain.errors import MenuError
from till.domain.events.fields import Clock, Label
from till.domain.i18n import N_, _
from till.domain.patterns import late
from till.domain.structs import RequestBody
from till.domain.text import clean

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import date, datetime

WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_NAMES: Final = (N_("Mon"), N_("Tue"), N_("Wed"), N_("Thu"), N_("Fri"), N_("Sat"), N_("Sun"))
_EVERY: Final = tuple(range(1, len(WEEKDAYS) + 1))
_MIDNIGHT: Final = "24:00"
_CLOCK: Final = late(r"\d{1,2}:\d\d\Z", re.ASCII)
_SHOWN: Final = 40
#: The least number of consecutive days to write as a range.
_RUN: Final = 3
_DAY: Final = f"(?:{'|'.join(WEEKDAYS)})"
_SOME_DAYS: Final = f"{_DAY}(?:-{_DAY})?(?:,{_DAY}(?:-{_DAY})?)*"
_ONE: Final = rf"(?:{_SOME_DAYS}\s+)?\d{{1,2}}:\d\d\s*[-–]\s*\d{{1,2}}:\d\d"
_NAMED: Final = late(rf"(?P<name>.+?)\s+(?P<hours>{_ONE}(?:\s*\+\s*{_ONE})*)\Z", re.ASCII | re.IGNORECASE | re.DOTALL)
_SPLIT: Final = late(r"(?:(?P<days>[A-Za-z]\S*)\s+)?(?P<starts>\d{1,2}:\d\d)\s*[-–]\s*(?P<ends>\d{1,2}:\d\d)", re.ASCII)
_ENDS_IN_DAY: Final = late(rf"(?:.*\s)?{_SOME_DAYS}\Z", re.ASCII | re.IGNORECASE | re.DOTALL)


class HoursError(MenuError):
    """Hours that cannot be read."""

    code = "hours"
    default = N_("Those hours cannot be read.")


class Hours(Struct, frozen=True):
    """Hours from one time to another, which may pass midnight. Equal times mean a whole day.

    The times are local. At a clock change, hours in the skipped time do not occur, and hours in the repeated time occur
    twice.

    Attributes:
        days: the weekdays on which the hours begin, 1 for Monday; empty for every day.
    """

    starts: time
    ends: time
    days: tuple[int, ...] = ()

    def begin_on(self, weekday: int) -> bool:
        """True if the hours begin on a weekday; 1 is Monday."""
        return not self.days or weekday in self.days

    def holds(self, moment: datetime) -> bool:
        """True if a local time is within the hours."""
        return self.began(moment) is not None

    def began(self, moment: datetime) -> date | None:
        """Return the day on which the hours began, if a local time is within them; else None."""
        clock, today = moment.time(), moment.date()
        if self.starts < self.ends:
            return today if self.begin_on(today.isoweekday()) and self.starts <= clock < self.ends else None
        if self.begin_on(today.isoweekday()) and clock >= self.starts:
            return today
        yesterday = today - timedelta(days=1)
        return yesterday if self.begin_on(yesterday.isoweekday()) and clock < self.ends else None

    def ended(self, moment: datetime) -> bool:
        """True if the hours ended earlier on the same day."""
        today = moment.isoweekday()
        began = today if self.starts < self.ends else today - 1 or _EVERY[-1]
        return self.begin_on(began) and time.min < self.ends <= moment.time()


class HoursBody(RequestBody, frozen=True):
    """Hours in the format of requests. Without days they are daily."""

    starts: Clock = field(name="from")
    ends: Clock = field(name="to")
    days: Annotated[tuple[Annotated[int, Meta(ge=1, le=7)], ...], Meta(min_length=1, max_length=7)] | UnsetType = UNSET


class DaypartBody(RequestBody, frozen=True):
    """A daypart to assign, and its hours, if they change."""

    name: Label | UnsetType = UNSET
    hours: Annotated[tuple[HoursBody, ...], Meta(min_length=1, max_length=20)] | UnsetType = UNSET


def next_start(hours: Iterable[Hours], moment: datetime) -> time | None:
    """Return the next start on the same day; None if there is none."""
    today, now = moment.isoweekday(), moment.time()
    return min((one.starts for one in hours if one.begin_on(today) and one.starts > now), default=None)


def read_hours(row: Mapping[str, Any]) -> Hours:
    """Read hours from the body of a menu."""
    days = tuple(sorted({int(day) for day in row.get("days") or ()}))
    if not set(days) <= set(_EVERY):
        raise ValueError("days")
    return Hours(time.fromisoformat(row["from"]), time.fromisoformat(row["to"]), () if days == _EVERY else days)


def hours_row(hours: Hours) -> dict[str, Any]:
    """Return the row of hours, in the format of `read_hours`."""
    row: dict[str, Any] = {"from": hours.starts.isoformat("minutes"), "to": hours.ends.isoformat("minutes")}
    return row | ({"days": list(hours.days)} if hours.days else {})


def parse_clock(text: str) -> time:
    """Read a time of day: `7:00`, `11:30`; `24:00` is midnight."""
    typed = text.strip()
    try:
        if _CLOCK.match(typed):
            return time(0) if typed == _MIDNIGHT else time.fromisoformat(typed.zfill(5))
    except ValueError:
        pass  # raise the error below
    raise HoursError(_("“{text}” is not a time of day. Write it like 07:00.").format(text=clean(typed)[:_SHOWN]))


def parse_days(text: str) -> tuple[int, ...]:
    """Read weekdays: `mon-fri`, `sat,sun`, `fri-mon`. All seven, or none, mean every day."""
    found: set[int] = set()
    for part in filter(None, (part.strip().casefold() for part in text.split(","))):
        first, dash, last = (end.strip() for end in part.partition("-"))
        try:
            one, other = (WEEKDAYS.index(end[:3]) if end.isalpha() else -1 for end in (first, last if dash else first))
        except ValueError:
            one = other = -1
        if min(one, other) < 0:
            raise HoursError(
                _("“{text}” is not a weekday. Write them like mon-fri or sat,sun.").format(text=clean(part)[:_SHOWN])
            )
        found |= {(one + step) % len(WEEKDAYS) + 1 for step in range((other - one) % len(WEEKDAYS) + 1)}
    return () if found == set(_EVERY) else tuple(sorted(found))


def _days_text(days: Iterable[int], say: Callable[[str], str]) -> str:
    """Return weekdays in the format of `parse_days`: `Mon-Fri`, `Mon,Wed`; empty for every day."""
    runs: list[list[int]] = []
    for day in sorted(days):
        if runs and runs[-1][-1] == day - 1:
            runs[-1].append(day)
        else:
            runs.append([day])
    named = [[say(_NAMES[day - 1]) for day in run] for run in runs]
    return ",".join(f"{names[0]}-{names[-1]}" if len(names) >= _RUN else ",".join(names) for names in named)


def hours_text(hours: Iterable[Hours], *, daily: bool = False, say: Callable[[str], str] = str) -> str:
    """Return hours such as `Mon-Fri 07:00-11:30 + Sat 08:00-13:00`. With `daily`, daily hours name all weekdays.

    It is a format, in English; `say` translates the names of weekdays for a screen.
    """
    return " + ".join(
        f"{_days_text(one.days or (_EVERY if daily else ()), say)} "
        f"{one.starts:%H:%M}-{_MIDNIGHT if one.ends == time(0) else one.ends.strftime('%H:%M')}".strip()
        for one in hours
    )


def read_named_hours(text: str) -> tuple[str, tuple[Hours, ...]] | None:
    """Read a daypart with its hours: `Breakfast 07:00-11:30`, `Brunch Sat,Sun 09:00-13:00`.

    Returns:
        The name and the hours; None if the text has another format.

    Raises:
        HoursError: the text contains a time or a weekday that does not exist.
    """
    found = _NAMED.match(text)
    if found is None:
        return None
    hours = tuple(
        Hours(parse_clock(one["starts"]), parse_clock(one["ends"]), parse_days(one["days"] or ""))
        for one in _SPLIT.finditer(found["hours"])
    )
    return found["name"], hours


def write_named_hours(name: str, hours: Iterable[Hours]) -> str:
    """Return a daypart in the format of `read_named_hours`."""
    return f"{name} {hours_text(hours, daily=_ENDS_IN_DAY.match(name) is not None)}"
