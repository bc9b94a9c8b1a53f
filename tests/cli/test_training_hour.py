"""The hour that `till train --day` names: its times, and what is refused in words."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
import typer

from till.cli.demo_venue import demo_settings
from till.cli.environment import Surroundings
from till.cli.training_hour import hour_of, read_asked_hour
from till.domain.venue import read_venue

SATURDAY = date(2026, 11, 28)
NOW = datetime(2026, 11, 30, 9, 0, tzinfo=UTC)


def times(first: str, last: str, ends: str = "04:00", day: date = SATURDAY) -> str:
    venue = read_venue(demo_settings() | {"business_day_ends": ends})
    try:
        begins, until = (venue.local(one) for one in hour_of(venue, NOW, day, first, last))
    except typer.BadParameter as problem:
        return problem.message
    return f"{begins:%a %H:%M} {until:%a %H:%M}"


def test_an_hour_is_of_the_business_day_and_may_end_with_it() -> None:
    assert times("20:00", "21:00") == "Sat 20:00 Sat 21:00"
    assert times("23:30", "0:30") == "Sat 23:30 Sun 00:30"
    assert times("03:00", "04:00") == "Sun 03:00 Sun 04:00"
    assert times("23:00", "00:00", ends="00:00") == "Sat 23:00 Sun 00:00"
    assert times("21:00", "20:00") == "The end must be later than the beginning."
    assert times("20:00", "late") == "“late” is not a time. Write one such as 21:15."
    assert times("20:00", "21:00", day=NOW.date()) == "20:00 of that day is still to come."


@pytest.mark.parametrize(
    ("day", "first", "last"), [(None, "20:00", "21:00"), ("yesterday", "", "21:00"), ("today", "9:00", "")]
)
def test_a_day_needs_its_hour(day: str | None, first: str, last: str) -> None:
    with pytest.raises(typer.BadParameter, match="--day yesterday --from 20:00 --to 21:00"):
        read_asked_hour(day, first, last, Surroundings.find(), 1)
