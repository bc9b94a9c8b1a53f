from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from till.domain.catalogue.hours import (
    Hours,
    HoursError,
    hours_row,
    parse_clock,
    parse_days,
    read_hours,
    read_named_hours,
    write_named_hours,
)
from till.domain.catalogue.menu import Daypart

#: 2 March 2026 is a Monday.
MONDAY = datetime(2026, 3, 2, tzinfo=UTC)


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """A moment of the week: day 1 is Monday."""
    return MONDAY + timedelta(days=day - 1, hours=hour, minutes=minute)


def test_hours_hold_on_their_weekdays() -> None:
    hours = Hours(time(7), time(11, 30), (1, 2, 3, 4, 5))
    assert [day for day in range(1, 8) if hours.holds(at(day, 8))] == [1, 2, 3, 4, 5]
    assert not hours.holds(at(1, 11, 30))


def test_hours_over_midnight_belong_to_the_day_on_which_they_begin() -> None:
    late = Hours(time(22), time(2), (5, 7))
    held = [(5, 22), (5, 23), (6, 0), (6, 1), (7, 22), (8, 1)]
    not_held = [(5, 1), (5, 21), (6, 2), (6, 22), (7, 1), (8, 2)]
    assert [late.holds(at(*moment)) for moment in held] == [True] * len(held)
    assert [late.holds(at(*moment)) for moment in not_held] == [False] * len(not_held)


def test_equal_times_are_a_whole_day_from_their_weekday_on() -> None:
    saturday = Hours(time(4), time(4), (6,))
    assert [saturday.holds(at(*moment)) for moment in ((6, 3), (6, 4), (7, 3), (7, 4))] == [False, True, True, False]


def test_a_part_of_the_week_says_when_it_opens_and_ends() -> None:
    part = Daypart("Kitchen", (Hours(time(7), time(11), (1, 6)), Hours(time(18), time(1), (1,))))
    moments = [at(1, 6), at(1, 8), at(1, 12), at(1, 19), at(2, 0), at(2, 2), at(3, 9), at(6, 12)]
    found = [(part.until(moment), part.opens(moment), part.ended(moment)) for moment in moments]
    assert found == [
        (None, time(7), None),
        (time(11), time(18), None),
        (None, time(18), time(11)),
        (time(1), None, time(11)),
        (time(1), None, None),
        (None, None, time(1)),
        (None, None, None),
        (None, None, time(11)),
    ]


def test_overlapping_hours_end_at_the_last_end() -> None:
    part = Daypart("Bar", (Hours(time(12), time(23)), Hours(time(20), time(2))))
    assert (part.until(at(1, 21)), part.until(at(1, 13))) == (time(2), time(23))


VIENNA = ZoneInfo("Europe/Vienna")


@pytest.mark.parametrize(
    ("moment", "held"),
    [
        # 29 March: from 02:00 straight to 03:00
        ("2026-03-29T00:59:59", False),
        ("2026-03-29T01:00:00", True),
        ("2026-03-29T01:29:59", True),
        ("2026-03-29T01:30:00", False),
        # 25 October: 02:00 to 03:00 twice
        ("2026-10-24T23:59:59", False),
        ("2026-10-25T00:15:00", True),
        ("2026-10-25T01:15:00", True),
        ("2026-10-25T02:29:59", True),
        ("2026-10-25T02:30:00", False),
    ],
)
def test_hours_go_by_the_wall_on_a_day_on_which_the_clock_changes(moment: str, held: bool) -> None:
    local = datetime.fromisoformat(moment).replace(tzinfo=UTC).astimezone(VIENNA)
    assert Hours(time(2), time(3, 30), (7,)).holds(local) is held


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("mon-fri", (1, 2, 3, 4, 5)), ("Sat,Sun", (6, 7)), ("fri-mon", (1, 5, 6, 7)), ("monday", (1,)), ("", ()),
        ("mon-sun", ()), (" tue , thu-sat ", (2, 4, 5, 6)), ("sun-sun", (7,)),
    ],
)  # fmt: skip
def test_weekdays_are_read(text: str, days: tuple[int, ...]) -> None:
    assert parse_days(text) == days


@pytest.mark.parametrize("text", ["man", "mon-", "-", "1-5", "mon-fri-sun", "mon fri", "mo", "\x1bmon", "mon;tue"])
def test_an_invalid_weekday_is_refused(text: str) -> None:
    with pytest.raises(HoursError, match="is not a weekday"):
        parse_days(text)


@pytest.mark.parametrize("text", ["", "7", "25:00", "07:60", "24:01", "7.30", "noon", "-1:00", "07:00:00"])
def test_an_invalid_time_of_day_is_refused(text: str) -> None:
    with pytest.raises(HoursError, match="is not a time of day"):
        parse_clock(text)


clocks = st.builds(time, st.integers(0, 23), st.integers(0, 59))
all_hours = st.builds(
    Hours, clocks, clocks, st.sets(st.integers(1, 7), max_size=6).map(lambda days: tuple(sorted(days)))
)
names = st.sampled_from(
    ["Lunch", "Brunch Sun", "Mon-Fri", "Sunday Roast", "07:00-11:30", "Mon-Fri 07:00-11:30", "a+b", "Late 2"]
)


@given(names, st.lists(all_hours, min_size=1, max_size=4).map(tuple))
def test_written_hours_read_the_same(name: str, hours: tuple[Hours, ...]) -> None:
    assert read_named_hours(write_named_hours(name, hours)) == (name, hours)
    assert tuple(read_hours(hours_row(one)) for one in hours) == hours
