from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from tests.plugins.made_up import made_up
from till.domain.i18n import speaking
from till.domain.wall_clock import WallTimeError, long_day, read_wall_time, utc_text

VIENNA = ZoneInfo("Europe/Vienna")
NOW = datetime(2026, 12, 1, 23, 30, tzinfo=UTC)  # half past midnight of the second, by the wall


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("18:00", "2026-12-02T17:00:00Z"),
        ("7:05", "2026-12-02T06:05:00Z"),
        ("2026-12-24", "2026-12-23T23:00:00Z"),
        ("2026-07-01 18:00", "2026-07-01T16:00:00Z"),
        (" 2026-07-01T18:00:30 ", "2026-07-01T16:00:30Z"),
        ("2026-12-01T18:00+05:30", "2026-12-01T12:30:00Z"),
        ("2026-12-01T18:00Z", "2026-12-01T18:00:00Z"),
        ("2026-10-25T02:30+01:00", "2026-10-25T01:30:00Z"),
        ("2026-10-25 01:59", "2026-10-24T23:59:00Z"),
        ("2026-03-29 03:00", "2026-03-29T01:00:00Z"),
    ],
)
def test_a_time_on_the_wall_is_a_moment(text: str, moment: str) -> None:
    assert utc_text(read_wall_time(text, VIENNA, NOW)) == moment


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "“” is not a time."),
        ("soon", "“soon” is not a time."),
        ("25:00", "“25:00” is not a time."),
        ("2026-02-30", "“2026-02-30” is not a time."),
        ("0001-01-01 00:00", "“0001-01-01 00:00” is not a time."),
        ("\x1b[2J", "“[2J” is not a time."),
        ("2026-03-29 02:30", "The clock skips 2026-03-29 02:30 on that day."),
        (
            "2026-10-25 02:30",
            "The clock shows 2026-10-25 02:30 twice. Say which: 2026-10-25T02:30+02:00 or 2026-10-25T02:30+01:00.",
        ),
    ],
)
def test_an_invalid_time_is_refused_in_a_sentence(text: str, sentence: str) -> None:
    with pytest.raises(WallTimeError) as refused:
        read_wall_time(text, VIENNA, NOW)
    assert refused.value.sentence.startswith(sentence)


def test_a_day_is_named_in_the_language_that_is_spoken(qps: str) -> None:
    day = date(2026, 11, 21)
    assert long_day(day) == "Saturday 21 November 2026"
    with speaking(qps):
        assert long_day(day) == f"{made_up('Saturday')} 21 {made_up('November')} 2026"
