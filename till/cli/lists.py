"""The commands of declared lists: a table for people, one JSON object for programs, CSV for spreadsheets."""

from __future__ import annotations

import re
import shutil
import sys
from typing import TYPE_CHECKING, Any, Final

from till.cli.administration import administration, management
from till.cli.environment import Surroundings
from till.cli.options import AsJson, CsvFile  # noqa: TC001 - typer reads the annotations
from till.cli.output import (
    PrintedFigure,
    check_one_stream,
    csv_text,
    is_too_wide,
    note,
    print_json,
    print_table,
    write_file,
)
from till.domain.i18n import _
from till.domain.structs import replace
from till.reports.report import ColumnKind
from till.reports.words import FIGURES, formats_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    import typer

    from till.administration.listing import AdminList, ListResult, Row
    from till.reports.report import Column

#: The columns of a terminal on which the whole id has room.
_ROOMY: Final = 100
#: The part of a till's id that is its time, to a quarter of a microsecond: enough to name an order.
_BEGINNING: Final = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}(?=-[0-9a-f]{4}-[0-9a-f]{12}\Z)")
#: The characters of a time that are its year, and those that are its date, each with the mark behind it.
_YEAR: Final = len("YYYY-")
_DATE: Final = len("YYYY-MM-DD ")
_MONEY: Final = {ColumnKind.MONEY, ColumnKind.MONEY_AND_CODE}
_FIGURE: Final = re.compile(r"-?[0-9]+(\.[0-9]+)?")


def add_list(app: typer.Typer, declared: AdminList) -> None:
    """Add the command of a list without options of its own."""

    def show(*, as_json: AsJson = False, csv: CsvFile = None) -> None:
        print_list(declared, as_json=as_json, csv=csv)

    noun, verb = declared.command
    example = _("Example: till admin {command} --json").format(command=f"{noun} {verb}")
    app.command(verb, help=declared.about, epilog=example)(show)


def print_list(declared: AdminList, *, as_json: bool, csv: str | None, **options: Any) -> ListResult:
    """Read a list with the options of its command, and print it as it was asked for: as JSON, as CSV or as a table."""
    check_one_stream(csv, as_json=as_json)
    found = _find(declared, options)
    if csv is not None:
        write_file(csv, to_csv(found))
    if as_json:
        print_json({**found.body})
    elif csv is None:
        print_found(found)
    return found


def _find(declared: AdminList, options: dict[str, Any]) -> ListResult:
    here = Surroundings.find()
    if not declared.by_owner:
        with management(here) as admin:
            return declared.find(admin, **options)
    from db.engine import selecting

    with administration(here) as owner, selecting(owner.connection) as selects:
        return declared.find(owner, selects, **options)


def print_found(found: ListResult) -> None:
    """Print a list as a table, with the sentence below it."""
    columns = [column for column in found.declared.columns if column.kind is not ColumnKind.ID]
    rows = [[_in_table(found, column, row) for column in columns] for row in found.rows()]
    is_tight = found.declared.one_line and is_too_wide([column.heading for column in columns], rows)
    if is_tight:
        columns = [replace(column, of=column.narrow or column.of) for column in columns if column.narrow is not None]
        rows = [_short_times(columns, [_in_table(found, column, row) for column in columns]) for row in found.rows()]
    print_table(
        [column.heading for column in columns],
        rows,
        right=[place for place, column in enumerate(columns) if column.kind in FIGURES],
        whole=[place for place, column in enumerate(columns) if column.kind in {ColumnKind.COPIED, ColumnKind.TIME}],
        one_line=is_tight,
    )
    if found.declared.count is not None and (sentence := found.declared.count(found)):
        note(sentence)


def _short_times(columns: Sequence[Column], cells: list[str]) -> list[str]:
    """Return a row with the day and the time of its first time, and only the time of later ones on the same day."""
    times = [place for place, column in enumerate(columns) if column.kind is ColumnKind.TIME and cells[place]]
    days = {place: cells[place].partition(" ")[0] for place in times}
    short = {
        place: cells[place][_YEAR if place == times[0] or days[place] != days[times[0]] else _DATE :] for place in times
    }
    return [short.get(place, cell) for place, cell in enumerate(cells)]


def _in_table(found: ListResult, column: Column, row: Row) -> str:
    """Return a value for the table; of an id, on a narrow terminal, only the beginning, which commands take too."""
    text = found.shown(column, row)
    is_narrow = sys.stdout.isatty() and shutil.get_terminal_size().columns < _ROOMY
    beginning = _BEGINNING.match(text) if column.kind is ColumnKind.COPIED and is_narrow else None
    return beginning[0] if beginning else text


def to_csv(found: ListResult) -> str:
    """Return a list as CSV. Times are on the venue's clock; if there are amounts, the last column is their currency."""
    columns, own = found.declared.columns, found.venue.terms.currency.code
    has_money = any(column.kind in _MONEY for column in columns)
    return csv_text(
        [*(column.name for column in columns), *(["currency"] if has_money else [])],
        (
            [
                *(_cell(found, column, row) for column in columns),
                *([row.get("currency") or own] if has_money else []),
            ]
            for row in found.rows()
        ),
        formats_of(found.venue).point,
    )


def _cell(found: ListResult, column: Column, row: Row) -> str:
    value = row[column.of or column.name]
    if column.kind in FIGURES and _FIGURE.fullmatch(str(value)):
        return PrintedFigure(value)
    return found.shown(column, row)
