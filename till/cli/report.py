"""`till report`: a command for each declared report, which prints it as a table, as JSON or for a spreadsheet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from till.cli.administration import management
from till.cli.asked_days import Day, First, Last, asked_span
from till.cli.output import Figure, csv_text, formats_of, print_json, print_table, say, write_file
from till.cli.running import make_app
from till.cli.surroundings import Surroundings
from till.domain.events.envelope import time_text
from till.domain.i18n import _
from till.reports.declared import REPORTS
from till.reports.report import Column, Found, Kind, Table, read_report

if TYPE_CHECKING:
    from till.reports.report import Report, Span

app = make_app(_("Reports over completed orders."))

#: The kinds whose values stand flush right.
_RIGHT = {Kind.NUMBER, Kind.COUNT, Kind.MONEY, Kind.MEAN}


@app.callback()
def reports() -> None:
    """Reports over completed orders."""


AsJson = Annotated[bool, typer.Option("--json", help=_("One JSON object."))]
CsvFile = Annotated[
    str | None, typer.Option("--csv", metavar="FILE", help=_("A file for spreadsheets; - is standard output."))
]
By = Annotated[str | None, typer.Option("--by", metavar="PART", help=_("Only this part, such as items or months."))]


def _add(report: Report) -> None:
    """Add the command of a report."""

    def show(
        *, day: Day = None, first: First = None, last: Last = None, by: By = None, as_json: AsJson = False,
        csv: CsvFile = None,
    ) -> None:  # fmt: skip
        parts = [section.name for section in report.sections if section.keys]
        if by is not None and by not in parts:
            raise typer.BadParameter(_("There are: {parts}.").format(parts=", ".join(parts)), param_hint="--by")
        with management(Surroundings.find()) as admin:
            venue = admin.venue()
            span = asked_span(admin, venue, day, first, last)
            found = read_report(admin.ask, report, span, venue, [by] if by else ())
        if csv is not None:
            write_file(csv, csv_text(*_csv(found), formats_of(venue).point))
        if as_json:
            print_json(to_json(found))
        elif csv is None:
            _print(found)

    example = _("Example: till report {report} --from 2026-03-01 --to 2026-03-31").format(report=report.name)
    app.command(report.name, help=report.about, epilog=example)(show)


for _report in REPORTS:
    _add(_report)


def to_json(found: Found) -> dict[str, Any]:
    """Return a report for JSON. A section with one key and one figure is an object by that key."""
    first, last = found.span
    days = {"day": first.isoformat()} if first == last else {}
    told = {**days, "from": first.isoformat(), "to": last.isoformat(), "currency": found.venue.terms.currency.code}
    told |= {column.name: _plain(found, column, value) for column, value in found.figures}
    return told | {table.section.name: _rows_json(found, table) for table in found.tables}


def _rows_json(found: Found, table: Table) -> Any:
    columns = table.section.columns
    rows = [[_plain(found, column, value) for column, value in zip(columns, row, strict=True)] for row in table.rows]
    if len(columns) == len(table.section.keys) + 1 == 2:  # noqa: PLR2004 - one key, one figure
        return {str(key): figure for key, figure in rows}
    return [{column.name: cell for column, cell in zip(columns, row, strict=True)} for row in rows]


def _plain(found: Found, column: Column, value: Any) -> Any:
    """Return a value for programs: amounts and times are text."""
    match column.kind:
        case Kind.MONEY:
            return found.venue.terms.currency.text(value)
        case Kind.HOUR:
            return f"{value:02d}:00"
        case Kind.TIME:
            return time_text(value)
        case Kind.DAY:
            return value.isoformat()
        case Kind.MEAN:
            return None if value is None else str(value)
        case _:
            return value


def _csv(found: Found) -> tuple[list[str], list[list[str]]]:
    """Return the heading and the rows for a spreadsheet. The first column names the part, where there are several."""
    columns = {column.name: column for column, _value in found.figures}
    columns |= {column.name: column for table in found.tables for column in table.section.columns}
    parts = [("figures", found.figures)] if found.figures else []
    parts += [
        (table.section.name, tuple(zip(table.section.columns, row, strict=True)))
        for table in found.tables
        for row in table.rows
    ]
    code = found.venue.terms.currency.code
    heading = [f"{name} {code}" if one.kind is Kind.MONEY else name for name, one in columns.items()]
    is_whole = bool(found.figures) or len(found.tables) > 1
    rows = []
    for part, values in parts:
        cells = {column.name: _csv_cell(found, column, value) for column, value in values}
        rows.append([*([part] if is_whole else []), *(cells.get(name, "") for name in columns)])
    return ["part", *heading] if is_whole else heading, rows


def _csv_cell(found: Found, column: Column, value: Any) -> str:
    plain = _plain(found, column, found.venue.local(value) if column.kind is Kind.TIME else value)
    if plain is None or column.kind is Kind.FLAG:
        return column.words.get(value, "")
    return Figure(plain) if column.kind in _RIGHT else str(plain)


def _print(found: Found) -> None:
    """Print a report for people: its figures, then a table for each section."""
    say(f"{found.venue.name} · {span_words(found.span)}")
    if not any(table.rows for table in found.tables):
        say(found.report.empty)
        return
    figures = [[column.heading, _shown(found, column, value)] for column, value in found.figures if value]
    if figures:
        say("")
        print_table(["", ""], figures, right=(1,))
    for table in found.tables:
        if table.rows and not (figures and _is_the_whole(table)):
            say("")
            _print_table(found, table)


def _is_the_whole(table: Table) -> bool:
    """True if a table has only one day or month, so that it repeats the figures."""
    return len(table.rows) == 1 and table.section.keys[0].kind in {Kind.DAY, Kind.MONTH}


def _print_table(found: Found, table: Table) -> None:
    shown = [(place, column) for place, column in enumerate(table.section.columns) if column.kind is not Kind.ID]
    print_table(
        [column.heading for _place, column in shown],
        ([_shown(found, column, row[place]) for place, column in shown] for row in table.rows),
        right=[number for number, (_place, column) in enumerate(shown) if column.kind in _RIGHT],
    )


def _shown(found: Found, column: Column, value: Any) -> str:
    """Return a value for people."""
    if value in column.words:
        return column.words[value]
    match column.kind:
        case Kind.MONEY:
            return formats_of(found.venue).amount(value)
        case Kind.TILL:
            return found.venue.till_name(value)
        case Kind.TIME:
            return f"{found.venue.local(value):%Y-%m-%d %H:%M}"
        case _:
            return str(_plain(found, column, value))


def span_words(span: Span) -> str:
    """Return the days of a report for people: `Tuesday 2026-03-03`, `2026-03-01 to 2026-03-31`."""
    if span.first == span.last:
        return f"{span.first:%A} {span.first.isoformat()}"
    return _("{first} to {last}").format(first=span.first.isoformat(), last=span.last.isoformat())
