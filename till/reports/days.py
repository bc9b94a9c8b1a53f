"""The day of a report: a date, a word, or the number of a trading day."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

from till.domain.errors import TillError
from till.domain.i18n import _
from till.domain.text import clean

if TYPE_CHECKING:
    from collections.abc import Mapping

_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}\Z", re.ASCII)


class DayError(TillError):
    """A date that cannot be read."""

    code = "day"
    default = _("That is not a date. Write one such as 2026-03-03, today, or yesterday.")


def read_day(text: str, today: date, trading_days: Mapping[str, str] | None = None) -> date:
    """Return the business date that a text means.

    Args:
        text: a date, `today`, `yesterday`, or the number of a trading day.
        today: the venue's business date now.
        trading_days: dates by number, for a venue that counts its days.

    Raises:
        DayError: the text means none.
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
        raise DayError(_("{text} is not in the calendar.").format(text=word)) from None
    if numbered and word.isdigit():
        raise DayError(
            _("There is no trading day {text}. There are: {days}.").format(text=word, days=", ".join(sorted(numbered)))
        )
    raise DayError(
        _("“{text}” is not a date. Write one such as 2026-03-03, today, or yesterday.").format(text=clean(text)[:40])
    )
