"""Values of a report, as plain text for programs and in words for people."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from till.domain.errors import AmountError
from till.domain.events.envelope import time_text
from till.domain.i18n import _
from till.domain.money.amount import MEASURE_SCALE, Currency
from till.domain.money.formats import Formats, marks_of
from till.domain.money.measures import Thousandths
from till.domain.text import clean
from till.reports.report import ColumnKind

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from till.domain.venue import Venue
    from till.reports.report import Column, ReportResult, Span

_THOUSAND: Final = 1_000
#: The kinds whose values are aligned right.
FIGURES: Final = frozenset(
    {
        ColumnKind.NUMBER,
        ColumnKind.COUNT,
        ColumnKind.MONEY,
        ColumnKind.MEAN,
        ColumnKind.WEIGHT,
        ColumnKind.MONEY_AND_CODE,
    }
)


def formats_of(venue: Venue) -> Formats:
    """Return the formats of amounts in a venue's currency and locale."""
    return formats_in(venue.terms.currency.code, venue.settings.locale)


def read_amount(venue: Venue, text: str) -> Decimal:
    """Read a typed amount in the venue's currency and locale."""
    return Decimal(venue.terms.currency.text(formats_of(venue).minor(text)))


def money_text(venue: Venue, plain: str, currency: str = "") -> str:
    """Format an amount with the mark of its currency, by default the venue's."""
    formats = formats_in(currency or venue.terms.currency.code, venue.settings.locale)
    return formats.money(formats.currency.minor(plain))


def amount_text(venue: Venue, plain: str, currency: str | None = None) -> str:
    """Format an amount of a row for people; without a currency, in the venue's.

    Text that is not an amount is returned as it is: a record may hold anything.
    """
    try:
        return formats_in(currency or venue.terms.currency.code, venue.settings.locale).written(plain)
    except AmountError:
        return plain


def time_since(venue: Venue, moment: datetime, now: datetime) -> str:
    """Return a time on the venue's clock, with the date unless it is today."""
    local = venue.local(moment)
    return f"{local:%H:%M}" if local.date() == venue.local(now).date() else formats_of(venue).moment(local)


def size_text(count: int) -> str:
    """Return a number of bytes as `640 MB` or `1.2 GB`."""
    megabytes = count / 1_000_000
    return _("{n:.1f} GB").format(n=megabytes / 1000) if megabytes >= _THOUSAND else _("{n:.0f} MB").format(n=megabytes)


@cache
def formats_in(currency: str, locale: str) -> Formats:
    """Return the formats of amounts of a currency in a locale."""
    return Formats(Currency(currency), marks_of(locale))


def plain(found: ReportResult, column: Column, value: Any) -> Any:
    """Return a value for programs: amounts and times are text."""
    match column.kind:
        case ColumnKind.MONEY:
            return found.venue.terms.currency.text(value)
        case ColumnKind.WEIGHT:
            return value / MEASURE_SCALE
        case ColumnKind.HOUR:
            return f"{value:02d}:00"
        case ColumnKind.TIME:
            return None if value is None else time_text(value)
        case ColumnKind.DAY | ColumnKind.MEAN:
            return None if value is None else str(value)
        case _:
            return value


def value_text(found: ReportResult, column: Column, value: Any) -> str:
    """Return a value for people."""
    if value is None or value in column.words:
        return column.words.get(value, "")
    match column.kind:
        case ColumnKind.MONEY:
            return formats_of(found.venue).amount(value)
        case ColumnKind.WEIGHT:
            return formats_of(found.venue).quantity(-1 if value < 0 else 1, Thousandths(abs(value)), "")
        case ColumnKind.TILL:
            return found.venue.till_name(value)
        case ColumnKind.TIME:
            return f"{found.venue.local(value):%Y-%m-%d %H:%M}"
        case _:
            return str(plain(found, column, value))


def on_screen(found: ReportResult, column: Column, value: Any) -> str:
    """Return a value for people at a screen, with dates as the venue's locale writes them. Files have them in ISO."""
    if value is not None and value not in column.words:
        formats = formats_of(found.venue)
        if column.kind is ColumnKind.TIME:
            return formats.moment(found.venue.local(value))
        if column.kind is ColumnKind.DAY:
            return formats.day_of(str(value))
    return value_text(found, column, value)


def heading_words(found: ReportResult) -> str:
    """Return the venue and the days of a report, or its time."""
    return clean(f"{found.venue.settings.name} · {found.time or span_words(found.span)}")


def span_words(span: Span, write: Callable[[date], str] = date.isoformat) -> str:
    """Return the days of a report for people: `Tuesday 2026-03-03`, `2026-03-01 to 2026-03-31`."""
    if span.first == span.last:
        return f"{span.first:%A} {write(span.first)}"
    return _("{first} to {last}").format(first=write(span.first), last=write(span.last))
