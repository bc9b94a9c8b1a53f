from __future__ import annotations

from contextlib import suppress
from datetime import date

import pytest

from till.reports.days import DateError, read_day, read_span, weeks_before
from till.reports.report import Span

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
    ("text", "days", "expected"),
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
def test_an_invalid_day_is_refused_with_the_way_out(text: str, days: dict[str, str] | None, expected: str) -> None:
    with pytest.raises(DateError) as refused:
        read_day(text, TODAY, days)
    assert expected in refused.value.sentence


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("today", "2026-03-03", "2026-03-03"),
        ("2026-02-01 to 2026-02-28", "2026-02-01", "2026-02-28"),
        ("tuesday", "2026-03-03", "2026-03-03"),
        ("Wednesday", "2026-02-25", "2026-02-25"),
        ("thursday to monday", "2026-02-26", "2026-03-02"),
        ("tuesday to sunday", "2026-02-24", "2026-03-01"),
        ("this week", "2026-03-02", "2026-03-03"),
        ("last week", "2026-02-23", "2026-03-01"),
        ("this month", "2026-03-01", "2026-03-03"),
        ("last month", "2026-02-01", "2026-02-28"),
        ("last year", "2025-01-01", "2025-12-31"),
        ("this year", "2026-01-01", "2026-03-03"),
        ("last 7 days", "2026-02-25", "2026-03-03"),
        ("february", "2026-02-01", "2026-02-28"),
        ("december", "2025-12-01", "2025-12-31"),
        ("dec 2024", "2024-12-01", "2024-12-31"),
        ("2024", "2024-01-01", "2024-12-31"),
        ("1 to 15 march", "2026-03-01", "2026-03-15"),
        ("28 feb to 3 march", "2026-02-28", "2026-03-03"),
        ("20 december to 5 january", "2025-12-20", "2026-01-05"),
        ("1 march 2025 to yesterday", "2025-03-01", "2026-03-02"),
        ("tuesday to today", "2026-03-03", "2026-03-03"),
        ("3", "2024-05-30", "2024-05-30"),
    ],
)
def test_days_are_named_in_words(text: str, first: str, last: str) -> None:
    known = {"3": "2024-05-30"}
    found = read_span(text, date(2026, 3, 3), known)
    assert [day.isoformat() for day in found] == [first, last]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("15 to 1 march", "2026-03-01 is before 2026-03-15. Give the earlier day first."),
        ("today to yesterday", "2026-03-02 is before 2026-03-03. Give the earlier day first."),
        ("31 february", "not in the calendar"),
        ("9999", "not in the calendar"),
        ("march 0000", "not in the calendar"),
        ("last 0 weeks", "is not a date"),
        ("12", "is not a date"),
        ("", "is not a date"),
        ("to", "is not a date"),
        ("1 to ", "is not a date"),
    ],
)
def test_days_that_are_none_are_refused_with_the_way_out(text: str, expected: str) -> None:
    with pytest.raises(DateError) as refused:
        read_span(text, date(2026, 3, 3))
    assert expected in refused.value.sentence


@pytest.mark.parametrize("today", [date(1, 1, 1), date(1, 1, 5), date(9999, 12, 31)])
@pytest.mark.parametrize(
    "text", ["last week", "last year", "last month", "yesterday", "december", "last 7 days", "sunday"]
)
def test_days_at_the_ends_of_the_calendar_are_refused_or_read(text: str, today: date) -> None:
    with suppress(DateError):
        assert read_span(text, today).first <= today


def test_as_many_weeks_before_as_no_day_is_in_both() -> None:
    day = date(2026, 3, 3)
    assert weeks_before(Span(day, day)) == Span(date(2026, 2, 24), date(2026, 2, 24))
    assert weeks_before(Span(date(2026, 2, 23), date(2026, 3, 1))) == Span(date(2026, 2, 16), date(2026, 2, 22))
    assert weeks_before(Span(date(2026, 3, 1), date(2026, 3, 8))) == Span(date(2026, 2, 15), date(2026, 2, 22))
    assert weeks_before(Span(date(1, 1, 1), date(1, 1, 1))) is None
