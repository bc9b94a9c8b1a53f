"""Parsing of the days of a report: dates, words, or the number of a trading day."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

from till.domain.errors import TillError
from till.domain.i18n import N_, _
from till.domain.text import clean
from till.reports.report import Span

if TYPE_CHECKING:
    from collections.abc import Mapping

_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}\Z", re.ASCII)
_WEEKDAYS: Final = (
    *(N_("monday"), N_("tuesday"), N_("wednesday"), N_("thursday"), N_("friday"), N_("saturday"), N_("sunday")),
)
_MONTHS: Final = (
    *(N_("january"), N_("february"), N_("march"), N_("april"), N_("may"), N_("june")),
    *(N_("july"), N_("august"), N_("september"), N_("october"), N_("november"), N_("december")),
)
_WEEK: Final = timedelta(days=7)
_LAST_DAYS: Final = re.compile(N_("last") + r" (\d{1,4}) " + N_("days") + r"\Z", re.ASCII)
#: `1 march`, `15 mar 2026`, `march`, `march 2026`, `2026`; as the first day of a range also `1`.
_PARTS: Final = re.compile(
    rf"(\d{{1,2}})?\s*({'|'.join((*_MONTHS, *(name[:3] for name in _MONTHS)))})?\s*(\d{{4}})?\Z", re.ASCII
)


class DateError(TillError):
    """A date that cannot be read."""

    code = "day"
    default = N_("That is not a date. Write one such as 2026-03-03, today, or yesterday.")


def read_day(text: str, today: date, trading_days: Mapping[str, str] | None = None) -> date:
    """Parse a business date.

    Args:
        text: a date, `today`, `yesterday`, or the number of a trading day.
        today: the venue's business date now.
        trading_days: dates by number, for a venue that counts its days.

    Raises:
        DateError: the text is not a business date.
    """
    word = text.strip().casefold()
    if word in {"today", "yesterday"}:
        return today - timedelta(days=word == "yesterday")
    numbered = trading_days or {}
    word = numbered.get(word, word)
    try:
        if _DATE.match(word):
            return date.fromisoformat(word)
    except ValueError:
        raise DateError(_("{text} is not in the calendar.").format(text=word)) from None
    if numbered and word.isdigit():
        raise DateError(
            _("There is no trading day {text}. There are: {days}.").format(text=word, days=", ".join(sorted(numbered)))
        )
    raise DateError(
        _("“{text}” is not a date. Write one such as 2026-03-03, today, or yesterday.").format(text=clean(text)[:40])
    )


def read_span(text: str, today: date, trading_days: Mapping[str, str] | None = None) -> Span:
    """Parse a range of business dates, such as `last week`, `1 to 15 march` or `tuesday`.

    A weekday is the latest one up to the end of the range, or up to today. A month without a year is the latest that
    has begun.

    Raises:
        DateError: the text is not a range of dates, or ends before it begins.
    """
    words = " ".join(text.casefold().split())
    try:
        first, has_end, last = words.partition(_(" to "))
        if has_end:
            end = _parse_period(last, today, trading_days)
            return span_of(_parse_period(first, today, trading_days, end.last).first, end.last)
        return _parse_period(words, today, trading_days)
    except OverflowError as problem:
        raise DateError(_("That day is not in the calendar.")) from problem


def span_of(first: date, last: date) -> Span:
    """Return the business dates from the first to the last.

    Raises:
        DateError: the last is before the first.
    """
    if last < first:
        sentence = _("{last} is before {first}. Give the earlier day first.")
        raise DateError(sentence.format(last=last.isoformat(), first=first.isoformat()))
    return Span(first, last)


def weeks_before(span: Span) -> Span | None:
    """Return the same weekdays of earlier weeks: the latest that do not overlap; None if the calendar ends before."""
    back = _WEEK * ((span.last - span.first).days // _WEEK.days + 1)
    try:
        return Span(span.first - back, span.last - back)
    except OverflowError:
        return None


def _parse_period(words: str, today: date, trading_days: Mapping[str, str] | None, end: date | None = None) -> Span:
    """Parse a day, week, month or year. A first day of a range takes a missing month or year from its `end`."""
    if (found := _relative_period(words, today)) is not None:
        return found
    if words in _WEEKDAYS:
        reference = end or today
        one = reference - timedelta(days=(reference.weekday() - _WEEKDAYS.index(words)) % _WEEK.days)
        return Span(one, one)
    if words and words not in (trading_days or {}) and (named := _PARTS.match(words)):
        day, month, year = named.groups()
        if month or (year and not day) or (day and end is not None):
            return _calendar_period(day, month, year, today, end)
    one = read_day(words, today, trading_days)
    return Span(one, one)


def _relative_period(words: str, today: date) -> Span | None:
    monday, first = today - timedelta(days=today.weekday()), today.replace(day=1)
    before = first - timedelta(days=1)
    if found := _LAST_DAYS.match(words):
        return Span(today - timedelta(days=max(1, int(found[1])) - 1), today)
    return {
        _("this week"): Span(monday, today),
        _("last week"): Span(monday - _WEEK, monday - timedelta(days=1)),
        _("this month"): Span(first, today),
        _("last month"): Span(before.replace(day=1), before),
        _("this year"): Span(today.replace(month=1, day=1), today),
        _("last year"): Span(date(today.year - 1, 1, 1), date(today.year - 1, 12, 31)),
    }.get(words)


def _calendar_period(day: str | None, month: str | None, year: str | None, today: date, end: date | None) -> Span:
    reference = end or today
    number = reference.month if day else None
    if month:
        number = next(place for place, name in enumerate(_MONTHS, 1) if name.startswith(month))
    of_year = int(year) if year else reference.year
    if not year and number is not None and date(of_year, number, 1) > reference:
        of_year -= 1
    try:
        first = date(of_year, number or 1, int(day or 1))
        if day:
            return Span(first, first)
        after = date(of_year + 1, 1, 1) if number in {None, 12} else date(of_year, (number or 0) + 1, 1)
    except ValueError as problem:
        raise DateError(_("That day is not in the calendar.")) from problem
    return Span(first, after - timedelta(days=1))
