"""A report in the forms of its command: a table with bars, JSON, CSV, a workbook or a page."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Any, Final

from till.cli.output import (
    PrintedFigure,
    csv_text,
    print_json,
    print_table,
    say,
    write_bytes,
    write_file,
)
from till.domain.i18n import _
from till.reports.report import ColumnKind
from till.reports.words import FIGURES, formats_of, heading_words, plain, span_words, value_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from till.reports.report import Column, ReportResult, ReportTable

#: The width of the longest bar in a table, in cells.
_BAR: Final = 20


def write_report(
    found: ReportResult,
    *,
    as_json: bool,
    csv: str | None = None,
    xlsx: str | None = None,
    html: str | None = None,
    fields: Mapping[str, Any] = {},
    body: Mapping[str, Any] | None = None,
) -> None:
    """Write a report in each form that was asked for; without any, as a table. JSON has `fields` too, or is `body`."""
    if csv is not None:
        write_file(csv, csv_text(*_csv(found), formats_of(found.venue).point))
    if xlsx is not None:
        from till.reports.workbook import workbook

        write_bytes(xlsx, workbook(found))
    if html is not None:
        from till.reports.page import page

        write_bytes(html, page(found).encode())
    if as_json:
        print_json({**to_json(found), **fields} if body is None else {**body})
    elif csv is xlsx is html is None:
        _print_heading(found)
        _print(found)


def to_json(found: ReportResult) -> dict[str, Any]:
    """Return a report for JSON. A section with one key and one figure becomes an object by that key."""
    first, last = found.span
    days = {"day": first.isoformat()} if first == last else {}
    body = {**days, "from": first.isoformat(), "to": last.isoformat(), "currency": found.venue.terms.currency.code}
    body |= {column.name: plain(found, column, value) for column, value in found.figures}
    body |= {table.section.name: _rows_json(found, table) for table in found.tables}
    return body if found.before is None else body | {"before": to_json(found.before)}


def _rows_json(found: ReportResult, table: ReportTable) -> Any:
    columns = table.section.columns
    rows = [[plain(found, column, value) for column, value in zip(columns, row, strict=True)] for row in table.rows]
    if len(columns) == len(table.section.keys) + 1 == 2:  # noqa: PLR2004 - one key, one figure
        return {str(key): figure for key, figure in rows}
    return [{column.name: cell for column, cell in zip(columns, row, strict=True)} for row in rows]


def _csv(found: ReportResult) -> tuple[list[str], list[list[str]]]:
    """Return the header and the rows for a spreadsheet. If there are several parts, the first column names the part."""
    tables, figures = found.tables_beside, found.figures
    if found.before is not None:
        figures = tuple(chain(*(((one, value), (one.before, was)) for one, value, was in found.figures_beside)))
    columns = {column.name: column for column, _value in figures}
    columns |= {column.name: column for table in tables for column in table.section.columns}
    parts = [("figures", figures)] if figures else []
    parts += [
        (table.section.name, tuple(zip(table.section.columns, row, strict=True)))
        for table in tables
        for row in table.rows
    ]
    code = found.venue.terms.currency.code
    heading = [f"{name} {code}" if one.kind is ColumnKind.MONEY else name for name, one in columns.items()]
    has_parts = bool(found.figures) or len(found.tables) > 1
    rows = []
    for part, values in parts:
        cells = {column.name: _csv_cell(found, column, value) for column, value in values}
        rows.append([*([part] if has_parts else []), *(cells.get(name, "") for name in columns)])
    return ["part", *heading] if has_parts else heading, rows


def _csv_cell(found: ReportResult, column: Column, value: Any) -> str:
    cell = plain(
        found, column, found.venue.local(value) if column.kind is ColumnKind.TIME and value is not None else value
    )
    if cell is None or column.kind is ColumnKind.FLAG:
        return column.words.get(value, "")
    return PrintedFigure(cell) if column.kind in FIGURES else str(cell)


def _print_heading(found: ReportResult) -> None:
    say(heading_words(found))
    if found.sentence:
        say(found.sentence)
    if found.before is not None:
        is_over = found.at is None or found.span.last < found.venue.business_date(found.at)
        words = _("Beside {days}") if is_over else _("Beside {days}, whole")
        say(words.format(days=span_words(found.before.span)))


def _print(found: ReportResult) -> None:
    """Print the figures of a report for people, then a table for each section."""
    tables = found.tables_beside
    figures = [
        [column.heading, value_text(found, column, value), value_text(found, column, was)]
        for column, value, was in found.figures_beside
        if value or was
    ]
    if not figures and not any(table.rows or table.section.empty for table in tables):
        say(found.nothing())
        return
    if figures:
        say("")
        print_table(["", "", ""], figures, right=(1, 2))
    for table in tables:
        if found.report.tells_empty:
            say("")
            say(table.section.title if table.rows else found.nothing(table))
        if table.rows and not (figures and _repeats_the_figures(table)):
            if not found.report.tells_empty:
                say("")
            _print_table(found, table)
        if table.section.omitted and (table.rows or found.report.tells_empty):
            say("")
            say(table.section.omitted)
    if found.report.omitted:
        say("")
        say(found.report.omitted)


def _repeats_the_figures(table: ReportTable) -> bool:
    """Return True if a table is one row, of a day or month alone, so that it only repeats the figures."""
    return len(table.rows) == 1 and {key.kind for key in table.section.keys} <= {ColumnKind.DAY, ColumnKind.MONTH}


def _print_table(found: ReportResult, table: ReportTable) -> None:
    """Print the rows of a section, with the change since the days compared with and a bar beside the charted column."""
    table, more = found.printed(table)
    columns = [
        (place, column) for place, column in enumerate(table.section.columns) if column.kind is not ColumnKind.ID
    ]
    heading = [column.heading for _place, column in columns]
    rows = [[value_text(found, column, row[place]) for place, column in columns] for row in table.rows]
    right = [number for number, (_place, column) in enumerate(columns) if column.kind in FIGURES]
    if table.section.chart:
        beside = next(place for place, (_place, one) in enumerate(columns, 1) if one.name == table.section.chart)
        beside += found.before is not None  # the figure of the earlier days stands between
        bars = found.bars(table)
        for row, values, (share, _before) in zip(rows, table.rows, bars, strict=True):
            change = found.change(table, values)
            compared = ["" if change is None else f"{change:+} %"] if found.before is not None else []
            row[beside:beside] = [*compared, "█" * round(_BAR * share)]
        compares = [_("change")] if found.before is not None else []
        heading[beside:beside] = [*compares, ""]
        right = [place if place < beside else place + len(compares) + 1 for place in right]
        right += [beside] * len(compares)
    print_table(heading, rows, right=right)
    if more:
        say(more)
