from __future__ import annotations

from datetime import date

import pytest

from till.reports.days import DayError, read_day

TODAY = date(2026, 3, 1)
DAYS = {"1": "2024-05-29", "2": "2024-05-30"}


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("today", TODAY),
        (" Yesterday", date(2026, 2, 28)),
        ("2024-02-29", date(2024, 2, 29)),
        ("1", date(2024, 5, 29)),
        ("2", date(2024, 5, 30)),
    ],
)
def test_a_day_is_a_date_a_word_or_a_number(text: str, day: date) -> None:
    assert read_day(text, TODAY, DAYS) == day


@pytest.mark.parametrize(
    ("text", "days", "said"),
    [
        ("2023-02-29", None, "not in the calendar"),
        ("3", DAYS, "There is no trading day 3. There are: 1, 2."),
        ("3", None, "“3” is not a date"),
        ("tomorow", DAYS, "Write one such as"),
        ("", None, "Write one such as"),
        ("20240229", None, "Write one such as"),
        ("２", DAYS, "no trading day"),
        ("\x1b[2J", DAYS, "“[2J” is not a date"),
    ],
)
def test_what_is_no_day_is_refused_with_the_way_out(text: str, days: dict[str, str] | None, said: str) -> None:
    with pytest.raises(DayError) as refused:
        read_day(text, TODAY, days)
    assert said in refused.value.sentence
