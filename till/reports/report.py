"""Declaration of reports: the views that a report reads, and their columns. Every output is made from it."""

from __future__ import annotations

from collections import Counter
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


class ColumnKind(StrEnum):
    """The kind of a column. It determines how values are read, aggregated and written.

    COUNT, MONEY, WEIGHT and MEAN are aggregated over the rows that agree in all other columns of their section.
    """

    TEXT = "text"
    ID = "id"  # not shown to people; programs use it, and the search for the orders of a row
    COPIED = "copied"  # an id of a list, which people copy
    NUMBER = "number"
    FLAG = "flag"
    DAY = "day"
    MONTH = "month"
    HOUR = "hour"  # of the venue's clock
    TIME = "time"
    TILL = "till"
    COUNT = "count"
    MONEY = "money"
    MONEY_AND_CODE = "money_and_code"  # an amount of a list, shown with the code of the row's currency
    MEAN = "mean"
    WEIGHT = "weight"  # in thousandths of a unit, which is another column


_SUMS: Final = {ColumnKind.COUNT: "sum", ColumnKind.MONEY: "sum", ColumnKind.MEAN: "avg", ColumnKind.WEIGHT: "sum"}


class Column(Struct, frozen=True):
    """A column of a section.

    Attributes:
        name: its name for programs.
        heading: its name for people.
        of: the column of the view, if its name differs.
        per: for a mean, the column of the view that counts the orders of a row; if empty, each row is one order.
        words: the words for people by value; any other value is shown as it is.
        narrow: the field shown instead on a terminal that is too narrow for the list; empty for the same one, None to
            leave the column out.
    """

    name: str
    kind: ColumnKind
    heading: str = ""
    of: str = ""
    per: str = ""
    words: Mapping[Any, str] = {}
    narrow: str | None = ""

    @property
    def is_key(self) -> bool:
        """True if the column is a key of the rows; False if it is aggregated."""
        return self.kind not in _SUMS

    @property
    def before(self) -> Column:
        """The column of the same figure for the earlier days."""
        return Column(f"{self.name}_before", self.kind, _("before"), words=self.words)


class Section(Struct, frozen=True):
    """A part of a report: a view, aggregated by the key columns. Without a key it is one row of figures.

    Attributes:
        title: its name for people.
        view: a view of schema `cold` that the role `till_report` may read, with store, business date and currency.
        order: the columns to sort by, descending with a minus; by default the keys.
        chart: the column to draw as bars, labelled with the first visible key; empty for no chart.
        most: the maximum number of rows; 0 for all.
        orders: tells `till.report_orders_v1` how to find the orders of a row: a column of the view, or the view of
            single acts, which has the section's keys and the order. Only figures have none.
        omitted: a sentence about what the part leaves out, or how it counts; it is shown below the part.
        empty: the sentence shown if it has no rows; if empty, that nothing was on these days.
    """

    name: str
    view: str
    columns: tuple[Column, ...]
    order: tuple[str, ...] = ()
    chart: str = ""
    most: int = 0
    orders: str = ""
    title: str = ""
    omitted: str = ""
    empty: str = ""

    @property
    def keys(self) -> tuple[Column, ...]:
        return tuple(column for column in self.columns if column.is_key)

    @property
    def compares(self) -> bool:
        """True if its rows can be compared with other days: months and moments never match."""
        return all(key.kind not in {ColumnKind.MONTH, ColumnKind.TIME} for key in self.keys)

    def place(self, name: str) -> int:
        """Return the index of a column."""
        return next(place for place, column in enumerate(self.columns) if column.name == name)


class Report(Struct, frozen=True):
    """A report over business dates.

    Attributes:
        title: its name for people.
        about: a sentence for the help.
        empty: the sentence shown if there are no rows.
        omitted: a sentence about what the report leaves out, or how it counts.
        is_open: True to read the shifts that are open, not those that are closed.
        tells_empty: True to say of each part without rows that it has none.
        longest: the maximum number of rows of a part on a page or a terminal; 0 for all.
    """

    name: str
    title: str
    about: str
    empty: str
    sections: tuple[Section, ...]
    omitted: str = ""
    is_open: bool = False
    tells_empty: bool = False
    longest: int = 0

    @property
    def whole(self) -> Report:
        """The report without limits of rows, for a comparison."""
        return replace(self, sections=tuple(replace(section, most=0) for section in self.sections))


class Span(NamedTuple):
    """Business dates, from the first to the last."""

    first: date
    last: date


class ReportTable(Struct, frozen=True):
    """The rows of a section. Amounts are in minor units, times are timezone-aware, a mean is a decimal or None."""

    section: Section
    rows: tuple[tuple[Any, ...], ...]


class ReportResult(Struct, frozen=True, dict=True):
    """A report with its data.

    Attributes:
        figures: the columns and values of all sections without a key.
        tables: the sections with keys.
        before: the report of the earlier days to compare with, if any.
        at: the time of reading by the database's clock, if a comparison needs it.
        time: its time in words, if it is not whole days.
        sentence: a sentence above its parts.
    """

    report: Report
    venue: Venue
    span: Span
    figures: tuple[tuple[Column, Any], ...]
    tables: tuple[ReportTable, ...]
    before: ReportResult | None = None
    at: datetime | None = None
    time: str = ""
    sentence: str = ""

    def nothing(self, table: ReportTable | None = None) -> str:
        """Return the sentence for no rows: about a part if it was read alone or others have rows, else about all."""
        if table is not None and table.section.empty:
            return table.section.empty
        part = table or (self.tables[0] if len(self.tables) == 1 else None)
        others = len([one for one in self.report.sections if one.keys]) > 1
        if part is None or not others or not (len(self.tables) == 1 or any(one.rows for one in self.tables)):
            return self.report.empty
        return _("{part}: nothing on these days.").format(part=part.section.title or part.section.name)

    def printed(self, table: ReportTable) -> tuple[ReportTable, str]:
        """Return a part with the rows for a page or a terminal, and a sentence about the others, if there are any.

        The tills take turns: one that wrote thousands leaves room for the rows of the others.
        """
        more = len(table.rows) - self.report.longest
        if not self.report.longest or more <= 0:
            return table, ""
        till = next((n for n, one in enumerate(table.section.columns) if one.kind is ColumnKind.TILL), None)
        turns: Counter[Any] = Counter()
        ranked: list[tuple[int, int]] = []
        for place, row in enumerate(table.rows):
            turns[till is not None and row[till]] += 1
            ranked.append((turns[till is not None and row[till]], place))
        chosen = sorted(place for _turn, place in sorted(ranked)[: self.report.longest])
        first = replace(table, rows=tuple(table.rows[place] for place in chosen))
        return first, _("… and {n} more: `--json` has all.").format(n=more)

    def bars(self, table: ReportTable) -> list[tuple[float, float | None]]:
        """Return for each row of a table with a chart the length of its bar, and the length for the earlier days.

        Both are shares of the longest bar, from 0 to 1. The second is None if the earlier days lack the row.
        """
        place = table.section.place(table.section.chart)
        then = self._charted_before[table.section.name]
        longest = max([1, *(row[place] for row in table.rows), *then.values()])
        found: list[tuple[float, float | None]] = []
        for row in table.rows:
            was = then.get(_keys(table, row))
            found.append((max(0, row[place]) / longest, None if was is None else max(0, was) / longest))
        return found

    def was(self, table: ReportTable, row: tuple[Any, ...]) -> Any:
        """Return the charted figure of a row for the earlier days; None if they lack the row."""
        return self._charted_before.get(table.section.name, {}).get(_keys(table, row))

    def change(self, table: ReportTable, row: tuple[Any, ...]) -> Decimal | None:
        """Return the change of the charted figure of a row in percent; None if the earlier days lack the row.

        It is also None if the time of the row is not over, so that part of a day would be compared with a whole one.
        """
        if not self.is_over(table, row):
            return None
        return change(row[table.section.place(table.section.chart)], self.was(table, row))

    def is_over(self, table: ReportTable, row: tuple[Any, ...] = ()) -> bool:
        """Return True if the time of a row is over: it is before today, or it is a past hour of today.

        Without a row, return True if the time of the whole report is over.
        """
        if self.at is None:
            return True
        today = self.venue.business_date(self.at)
        if self.span.last < today:
            return True
        for column, value in zip(table.section.columns, row, strict=False):
            if column.kind is ColumnKind.DAY:
                return bool(value < today)
            if column.kind is ColumnKind.HOUR and self.span.first == self.span.last:
                begins, now = self.venue.day_ends.hour, self.venue.local(self.at).hour
                return bool((value - begins) % _HOURS < (now - begins) % _HOURS)
        return False

    @cached_property
    def _charted_before(self) -> dict[str, dict[tuple[Any, ...], Any]]:
        """The charted figures of the earlier days, by section and row."""
        charted = {table.section.name: dict[tuple[Any, ...], Any]() for table in self.tables if table.section.chart}
        for table in self.before.tables if self.before is not None else ():
            if table.section.name in charted:
                place = table.section.place(table.section.chart)
                charted[table.section.name] = {_keys(table, row, self._back): row[place] for row in table.rows}
        return charted

    @property
    def _back(self) -> timedelta:
        """The time from the earlier days to the days of the report."""
        return _NOW if self.before is None else self.span.first - self.before.span.first

    @property
    def figures_beside(self) -> tuple[tuple[Column, Any, Any], ...]:
        """The figures, each with the figure of the earlier days; None without a comparison."""
        then = [value for _column, value in self.before.figures] if self.before else [None] * len(self.figures)
        return tuple((column, value, was) for (column, value), was in zip(self.figures, then, strict=True))

    @property
    def tables_beside(self) -> tuple[ReportTable, ...]:
        """The tables. In a comparison, each figure is followed by the figure of the earlier days."""
        if self.before is None:
            return self.tables
        then = {table.section.name: table for table in self.before.tables}
        return tuple(
            self._beside(table, then[table.section.name]) if table.section.compares else table for table in self.tables
        )

    def _beside(self, table: ReportTable, before: ReportTable) -> ReportTable:
        columns = table.section.columns
        now = {_keys(table, row): row for row in table.rows}
        then = {_keys(before, row, self._back): row for row in before.rows}
        nothing = tuple(None if column.kind is ColumnKind.MEAN else Minor(0) for column in columns)
        rows = []
        for keys in now | then:
            key_values, cells = iter(keys), list[Any]()
            for place, column in enumerate(columns):
                cells += [next(key_values)] if column.is_key else [one.get(keys, nothing)[place] for one in (now, then)]
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
    """Return the change of a figure in percent; None if the earlier figure is missing or zero."""
    return None if not was else (Decimal(100) * (now - was) / was).quantize(Decimal(1), ROUND_HALF_UP)


def _keys(table: ReportTable, row: tuple[Any, ...], later: timedelta = _NOW) -> tuple[Any, ...]:
    """Return the key values of a row; `later` is added to a day."""
    pairs = zip(table.section.columns, row, strict=True)
    return tuple(value + later if column.kind is ColumnKind.DAY else value for column, value in pairs if column.is_key)


def read_report(
    ask: Callable[[str, Any], Any], report: Report, span: Span, venue: Venue, only: Collection[str] = ()
) -> ReportResult:
    """Read a report from one snapshot.

    Args:
        ask: calls a function of schema `till` for the store.
        report: the report to read.
        span: the business dates.
        venue: the venue, for its currency and the hour at which its day begins.
        only: the names of the sections to read; all if empty.
    """
    sections = [section for section in report.sections if not only or section.name in only]
    query = {
        "currency": venue.terms.currency.code,
        "from": span.first.isoformat(),
        "to": span.last.isoformat(),
        "open": report.is_open,
        "parts": [
            {
                "view": section.view,
                "columns": [[one.of or one.name, _SUMS.get(one.kind), one.per or None] for one in section.columns],
            }
            for section in sections
        ],
    }
    parts = ask("report_v1", query)
    tables = [_table(section, rows, venue) for section, rows in zip(sections, parts, strict=True)]
    figures = (zip(one.section.columns, one.rows[0], strict=True) for one in tables if not one.section.keys)
    return ReportResult(report, venue, span, tuple(chain(*figures)), tuple(one for one in tables if one.section.keys))


def _table(section: Section, rows: list[list[Any]], venue: Venue) -> ReportTable:
    read = [
        tuple(_value(column.kind, value, venue) for column, value in zip(section.columns, row, strict=True))
        for row in rows
    ]
    return _sorted(section, read, venue)


def _sorted(section: Section, read: list[tuple[Any, ...]], venue: Venue) -> ReportTable:
    places = {column.name: place for place, column in enumerate(section.columns)}
    # sort by the least significant key first: each sort is stable
    for word in reversed(section.order or tuple(column.name for column in section.keys)):
        place = places[word.removeprefix("-")]
        kind = section.columns[place].kind
        read.sort(key=lambda row: _rank(kind, row[place], venue), reverse=word.startswith("-"))
    return ReportTable(section, tuple(read[: section.most or None]))


def _value(kind: ColumnKind, value: Any, venue: Venue) -> Any:
    match kind:
        case ColumnKind.MONEY:
            return venue.terms.currency.nearest(Decimal(value or 0))
        case ColumnKind.COUNT | ColumnKind.WEIGHT:
            return int(value or 0)
        case ColumnKind.MEAN:
            return None if value is None else Decimal(value).quantize(_HUNDREDTH, ROUND_HALF_UP)
        case ColumnKind.TIME:
            return None if value is None else read_time(value)
        case ColumnKind.DAY:
            return date.fromisoformat(value)
        case _:
            return value


def _rank(kind: ColumnKind, value: Any, venue: Venue) -> Any:
    """Return the sort key of a value. None sorts first; hours sort from the beginning of the business day."""
    if kind is ColumnKind.HOUR:
        return (value - venue.day_ends.hour) % 24
    return (value is not None, value)
