"""Dayparts with their hours, in the format of a table cell."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from till.domain.catalogue.hours import WEEKDAYS, Hours, hours_text, parse_clock, parse_days

if TYPE_CHECKING:
    from collections.abc import Iterable

_DAY: Final = f"(?:{'|'.join(WEEKDAYS)})"
_SOME_DAYS: Final = f"{_DAY}(?:-{_DAY})?(?:,{_DAY}(?:-{_DAY})?)*"
_ONE: Final = rf"(?:{_SOME_DAYS}\s+)?\d{{1,2}}:\d\d\s*[-–]\s*\d{{1,2}}:\d\d"
_NAMED: Final = re.compile(
    rf"(?P<name>.+?)\s+(?P<hours>{_ONE}(?:\s*\+\s*{_ONE})*)\Z", re.ASCII | re.IGNORECASE | re.DOTALL
)
_SPLIT: Final = re.compile(
    r"(?:(?P<days>[A-Za-z]\S*)\s+)?(?P<starts>\d{1,2}:\d\d)\s*[-–]\s*(?P<ends>\d{1,2}:\d\d)", re.ASCII
)
_ENDS_IN_DAY: Final = re.compile(rf"(?:.*\s)?{_SOME_DAYS}\Z", re.ASCII | re.IGNORECASE | re.DOTALL)


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
