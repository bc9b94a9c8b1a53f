"""Output of a report as a workbook: a sheet for each part, with typed cells."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any, Final

from till.domain.money.amount import MEASURE_SCALE
from till.domain.text import clean
from till.reports.report import ColumnKind
from till.reports.words import span_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from till.reports.report import Column, ReportResult

#: The number format of a mean.
_MEAN: Final = "0.00"
#: The width of a column in characters.
_WIDTH: Final = 18
#: The longest name of a sheet, in characters.
_LONGEST_NAME: Final = 31


def workbook(found: ReportResult) -> bytes:
    """Return a report as an xlsx file. Text never becomes a formula or a link; charts are beside their rows."""
    import xlsxwriter  # noqa: PLC0415 - loaded only to write a workbook

    file = io.BytesIO()
    book = xlsxwriter.Workbook(file, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    writer = _Writer(book, found)
    if found.figures:
        writer.figures()
    for table in found.tables_beside:
        columns = [column for column in table.section.columns if column.kind is not ColumnKind.ID]
        places = [table.section.columns.index(column) for column in columns]
        writer.table(table.section.name, columns, [[row[place] for place in places] for row in table.rows])
        if table.section.chart and table.rows:
            writer.chart(columns, table.section.chart, len(table.rows))
    book.close()
    return file.getvalue()


class _Writer:
    """The writer of sheets.

    Args:
        book: the workbook.
        found: the report, for its currency and the time zone of its venue.
    """

    def __init__(self, book: Any, found: ReportResult) -> None:
        currency = found.venue.terms.currency
        self._book, self._found = book, found
        self._bold = book.add_format({"bold": True})
        decimals = f".{'0' * currency.exponent}" if currency.exponent else ""
        self._formats = {
            ColumnKind.MONEY: book.add_format({"num_format": f"#,##0{decimals}"}),
            ColumnKind.WEIGHT: book.add_format({"num_format": "0.000"}),
            ColumnKind.MEAN: book.add_format({"num_format": _MEAN}),
            ColumnKind.DAY: book.add_format({"num_format": "yyyy-mm-dd"}),
            ColumnKind.TIME: book.add_format({"num_format": "yyyy-mm-dd hh:mm"}),
        }
        self._scales = {ColumnKind.MONEY: currency.scale, ColumnKind.WEIGHT: MEASURE_SCALE}
        self._sheet: Any = None
        self._name = ""

    def figures(self) -> None:
        """Write a sheet with the figures, one below another."""
        found = self._found
        self._begin("figures")
        self._sheet.write_string(0, 0, f"{clean(found.venue.settings.name)} {span_words(found.span)}", self._bold)
        if found.before is not None:
            self._sheet.write_string(0, 2, span_words(found.before.span), self._bold)
        for number, (column, value, was) in enumerate(found.figures_beside, 1):
            self._sheet.write_string(number, 0, column.heading)
            self._cell(number, 1, column, value)
            self._cell(number, 2, column, was)

    def table(self, name: str, columns: Sequence[Column], rows: Sequence[Sequence[Any]]) -> None:
        """Write a sheet with a header and rows."""
        self._begin(name)
        for place, column in enumerate(columns):
            self._sheet.write_string(0, place, column.heading or column.name, self._bold)
        for number, row in enumerate(rows, 1):
            for place, (column, value) in enumerate(zip(columns, row, strict=True)):
                self._cell(number, place, column, value)

    def chart(self, columns: Sequence[Column], charted: str, count: int) -> None:
        """Insert a bar chart of a column beside the rows of the last table."""
        place = next(place for place, column in enumerate(columns) if column.name == charted)
        label = next(place for place, column in enumerate(columns) if column.is_key)
        chart = self._book.add_chart({"type": "bar"})
        chart.add_series(
            {
                "categories": [self._name, 1, label, count, label],
                "values": [self._name, 1, place, count, place],
                "name": columns[place].heading,
            }
        )
        chart.set_y_axis({"reverse": True})
        chart.set_legend({"none": True})
        self._sheet.insert_chart(1, len(columns) + 1, chart)

    def _begin(self, name: str) -> None:
        self._name = name[:_LONGEST_NAME]
        self._sheet = self._book.add_worksheet(self._name)
        self._sheet.set_column(0, 9, _WIDTH)
        self._sheet.freeze_panes(1, 0)

    def _cell(self, row: int, place: int, column: Column, value: Any) -> None:
        style = self._formats.get(column.kind)
        if value is None:
            return
        if value in column.words:
            self._sheet.write_string(row, place, clean(column.words[value]))
        elif column.kind in self._scales:
            self._sheet.write_number(row, place, value / self._scales[column.kind], style)
        elif column.kind is ColumnKind.DAY:
            self._sheet.write_datetime(row, place, value, style)
        elif column.kind is ColumnKind.TIME:
            self._sheet.write_datetime(row, place, self._found.venue.local(value).replace(tzinfo=None), style)
        elif column.kind is ColumnKind.TILL:
            self._sheet.write_string(row, place, clean(self._found.venue.till_name(value)))
        elif column.kind is ColumnKind.HOUR:
            self._sheet.write_string(row, place, f"{value:02d}:00")
        elif isinstance(value, str):
            self._sheet.write_string(row, place, clean(value))
        else:
            self._sheet.write_number(row, place, float(value), style)
