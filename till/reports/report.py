"""A report: the views that it reads and their columns, each of a kind. Every output is made from this declaration."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from functools import cached_property
from itertools import chain
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from msgspec import Struct

from till.domain.events.envelope import read_time
from till.domain.i18n import _
from till.domain.money.measures import Minor
from till.domain.structs import replace

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from till.domain.venue import Venue

_HUNDREDTH: Final = Decimal("0.01")
_NOW: Final = timedelta()
_HOURS: Final = 24


class Kind(StrEnum):
    """The kind of a column: how its values are read, added up and written.

    A value of COUNT, MONEY or MEAN is summed up over the rows that agree in all other columns of their section.
    """

    TEXT = "text"
    ID = "id"  # for programs, and for finding what is behind a row; people do not see it
    NUMBER = "number"
    FLAG = "flag"
    DAY = "day"
    MONTH = "month"
    HOUR = "hour"  # of the venue's clock
    TIME = "time"
    TILL = "till"
    COUNT = "count"
    MONEY = "money"
    MEAN = "mean"


_SUMS: Final = {Kind.COUNT: "sum", Kind.MONEY: "sum", Kind.MEAN: "avg"}


class Column(Struct, frozen=True):
    """A column of a section.

    Attributes:
        name: its name for programs.
        heading: its name for people.
        of: the column of the view, where it is called otherwise.
        per: of a mean, the column of the view that counts the orders in a row; each row is one if empty.
        words: the words for people, by value; any other value is shown as it is.
    """

    name: str
    kind: Kind
    heading: str = ""
    of: str = ""
    per: str = ""
    words: Mapping[Any, str] = {}

    @property
    def is_key(self) -> bool:
        """True if it is a key of the rows; False if it is summed up."""
        return self.kind not in _SUMS

    @property
    def before(self) -> Column:
        """The column of the same figure in the days before."""
        return Column(f"{self.name}_before", self.kind, _("before"), words=self.words)


class Section(Struct, frozen=True):
    """A part of a report: a view, summed up by the key columns. Without a key it has one row, the report's figures.

    Attributes:
        title: its name for people.
        view: a view of schema `cold` that the role `till_report` may read, with a store, a business date, a currency.
        order: the columns that sort it, one with a minus downwards; its keys if it names none.
        chart: the column that is drawn as bars, labelled with the first key that people see; empty for no chart.
        most: the limit of rows to show; 0 for all.
        orders: the way in which `till.report_orders_v1` finds the orders of a row: a column of the view, or for acts
            the view of each act with the section's keys and its order. Only figures have none.
    """

    name: str
    view: str
    columns: tuple[Column, ...]
    order: tuple[str, ...] = ()
    chart: str = ""
    most: int = 0
    orders: str = ""
    title: str = ""

    @property
    def keys(self) -> tuple[Column, ...]:
        return tuple(column for column in self.columns if column.is_key)

    @property
    def compares(self) -> bool:
        """True if its rows can be found among those of other days: no month, and no moment, is in both."""
        return all(key.kind not in {Kind.MONTH, Kind.TIME} for key in self.keys)

    def place(self, name: str) -> int:
        """Return the place of a column."""
        return next(place for place, column in enumerate(self.columns) if column.name == name)


class Report(Struct, frozen=True):
    """A report over business dates.

    Attributes:
        title: its name for people.
        about: a sentence for the help.
        empty: the sentence shown if there are no rows.
        omitted: a sentence on what the report leaves out.
    """

    name: str
    title: str
    about: str
    empty: str
    sections: tuple[Section, ...]
    omitted: str = ""

    @property
    def whole(self) -> Report:
        """The report with all of its rows, to compare another with."""
        return replace(self, sections=tuple(replace(section, most=0) for section in self.sections))


class Span(NamedTuple):
    """Business dates, from the first to the last."""

    first: date
    last: date


class Table(Struct, frozen=True):
    """The rows of a section. Amounts are minor units, times are aware, a mean is a decimal or None."""

    section: Section
    rows: tuple[tuple[Any, ...], ...]


class Found(Struct, frozen=True, dict=True):
    """A report as it was read.

    Attributes:
        figures: the columns and values of all sections without a key.
        tables: the sections with keys.
        before: its rows for the earlier days of a comparison, if any.
        at: the time of reading, by the clock of the database; None if nobody asked.
    """

    report: Report
    venue: Venue
    span: Span
    figures: tuple[tuple[Column, Any], ...]
    tables: tuple[Table, ...]
    before: Found | None = None
    at: datetime | None = None

    def bars(self, table: Table) -> list[tuple[float, float | None]]:
        """Return for each row of a table with a chart the length of its bar, and that of the days before.

        Both are shares of the longest, from 0 to 1; None for a row that the days before do not have.
        """
        place = table.section.place(table.section.chart)
        then = self._charted_before[table.section.name]
        longest = max([1, *(row[place] for row in table.rows), *then.values()])
        found: list[tuple[float, float | None]] = []
        for row in table.rows:
            was = then.get(_keys(table, row))
            found.append((max(0, row[place]) / longest, None if was is None else max(0, was) / longest))
        return found

    def was(self, table: Table, row: tuple[Any, ...]) -> Any:
        """Return the charted figure of a row in the days before; None if they have none."""
        return self._charted_before.get(table.section.name, {}).get(_keys(table, row))

    def change(self, table: Table, row: tuple[Any, ...]) -> Decimal | None:
        """Return the change of the charted figure of a row in percent; None if the days before have none.

        None too where a part of a day would be compared with a whole one.
        """
        if not self.is_over(table, row):
            return None
        return change(row[table.section.place(table.section.chart)], self.was(table, row))

    def is_over(self, table: Table, row: tuple[Any, ...] = ()) -> bool:
        """True if the time that a row sums up is over: days to yesterday, or an hour of today that has passed.

        Without a row it is that of all rows.
        """
        if self.at is None:
            return True
        today = self.venue.business_date(self.at)
        if self.span.last < today:
            return True
        for column, value in zip(table.section.columns, row, strict=False):
            if column.kind is Kind.DAY:
                return bool(value < today)
            if column.kind is Kind.HOUR and self.span.first == self.span.last:
                begins, now = self.venue.day_ends.hour, self.venue.local(self.at).hour
                return bool((value - begins) % _HOURS < (now - begins) % _HOURS)
        return False

    @cached_property
    def _charted_before(self) -> dict[str, dict[tuple[Any, ...], Any]]:
        """The charted figures of the days before, by section and row."""
        charted = {table.section.name: dict[tuple[Any, ...], Any]() for table in self.tables if table.section.chart}
        for table in self.before.tables if self.before is not None else ():
            if table.section.name in charted:
                place = table.section.place(table.section.chart)
                charted[table.section.name] = {_keys(table, row, self._back): row[place] for row in table.rows}
        return charted

    @property
    def _back(self) -> timedelta:
        """The time from the days before to these."""
        return _NOW if self.before is None else self.span.first - self.before.span.first

    @property
    def figures_beside(self) -> tuple[tuple[Column, Any, Any], ...]:
        """The figures, each with that of the days before; None if there are none."""
        then = [value for _column, value in self.before.figures] if self.before else [None] * len(self.figures)
        return tuple((column, value, was) for (column, value), was in zip(self.figures, then, strict=True))

    @property
    def tables_beside(self) -> tuple[Table, ...]:
        """The tables, in which each figure is followed by that of the days before if there are any."""
        if self.before is None:
            return self.tables
        then = {table.section.name: table for table in self.before.tables}
        return tuple(
            self._beside(table, then[table.section.name]) if table.section.compares else table for table in self.tables
        )

    def _beside(self, table: Table, before: Table) -> Table:
        columns = table.section.columns
        now = {_keys(table, row): row for row in table.rows}
        then = {_keys(before, row, self._back): row for row in before.rows}
        nothing = tuple(None if column.kind is Kind.MEAN else Minor(0) for column in columns)
        rows = []
        for keys in now | then:
            known, cells = iter(keys), list[Any]()
            for place, column in enumerate(columns):
                cells += [next(known)] if column.is_key else [one.get(keys, nothing)[place] for one in (now, then)]
            rows.append(tuple(cells))
        columns_beside = chain(*([one] if one.is_key else [one, one.before] for one in columns))
        return _sorted(replace(table.section, columns=tuple(columns_beside)), rows, self.venue)

    def figure(self, name: str) -> Any:
        """Return one figure."""
        return next(value for column, value in self.figures if column.name == name)

    def rows(self, section: str) -> tuple[tuple[Any, ...], ...]:
        """Return the rows of a section."""
        return next(table.rows for table in self.tables if table.section.name == section)


def change(now: int, was: int | None) -> Decimal | None:
    """Return the change of a figure in percent; None if there was none."""
    return None if not was else (Decimal(100) * (now - was) / was).quantize(Decimal(1), ROUND_HALF_UP)


def _keys(table: Table, row: tuple[Any, ...], later: timedelta = _NOW) -> tuple[Any, ...]:
    """Return the values that tell a row apart from the others; a day so much later."""
    pairs = zip(table.section.columns, row, strict=True)
    return tuple(value + later if column.kind is Kind.DAY else value for column, value in pairs if column.is_key)


def read_report(
    ask: Callable[[str, Any], Any], report: Report, span: Span, venue: Venue, only: Collection[str] = ()
) -> Found:
    """Read a report, all of one moment.

    Args:
        ask: calls a function of schema `till` for the store.
        report: the report to read.
        span: of which days.
        venue: for its currency, and the hour at which its day begins.
        only: the names of the sections to read; all if empty.
    """
    sections = [section for section in report.sections if not only or section.name in only]
    asked = {
        "currency": venue.terms.currency.code,
        "from": span.first.isoformat(),
        "to": span.last.isoformat(),
        "parts": [
            {
                "view": section.view,
                "columns": [[one.of or one.name, _SUMS.get(one.kind), one.per or None] for one in section.columns],
            }
            for section in sections
        ],
    }
    parts = ask("report_v1", asked)
    tables = [_table(section, rows, venue) for section, rows in zip(sections, parts, strict=True)]
    figures = (zip(one.section.columns, one.rows[0], strict=True) for one in tables if not one.section.keys)
    return Found(report, venue, span, tuple(chain(*figures)), tuple(one for one in tables if one.section.keys))


def _table(section: Section, rows: list[list[Any]], venue: Venue) -> Table:
    read = [
        tuple(_value(column.kind, value, venue) for column, value in zip(section.columns, row, strict=True))
        for row in rows
    ]
    return _sorted(section, read, venue)


def _sorted(section: Section, read: list[tuple[Any, ...]], venue: Venue) -> Table:
    places = {column.name: place for place, column in enumerate(section.columns)}
    # the last key counts least, so it comes first: each sort keeps the order of the one before
    for word in reversed(section.order or tuple(column.name for column in section.keys)):
        place = places[word.removeprefix("-")]
        kind = section.columns[place].kind
        read.sort(key=lambda row: _rank(kind, row[place], venue), reverse=word.startswith("-"))
    return Table(section, tuple(read[: section.most or None]))


def _value(kind: Kind, value: Any, venue: Venue) -> Any:
    match kind:
        case Kind.MONEY:
            return venue.terms.currency.nearest(Decimal(value or 0))
        case Kind.COUNT:
            return int(value or 0)
        case Kind.MEAN:
            return None if value is None else Decimal(value).quantize(_HUNDREDTH, ROUND_HALF_UP)
        case Kind.TIME:
            return read_time(value)
        case Kind.DAY:
            return date.fromisoformat(value)
        case _:
            return value


def _rank(kind: Kind, value: Any, venue: Venue) -> Any:
    """Return the value by which a column is sorted; nothing comes first, and the hours in the order of the day."""
    if kind is Kind.HOUR:
        return (value - venue.day_ends.hour) % 24
    return (value is not None, value)
