"""CSV tables with a header, read row by row. Errors name the file and the line."""

from __future__ import annotations

import csv
import re
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Final

from till.domain.errors import AmountError, TillError
from till.domain.i18n import N_, _
from till.domain.text import clean

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Mapping, Sequence
    from pathlib import Path

    from till.domain.money.amount import Currency
    from till.domain.money.measures import Minor, Price4

_WHOLE: Final = re.compile(r"[+-]?\d{1,9}\Z", re.ASCII)
_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}\Z", re.ASCII)
_TIME: Final = re.compile(r"\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?\Z", re.ASCII)
_MARK: Final = b"\xef\xbb\xbf"


class TradingFileError(TillError):
    """A file of recorded trading that cannot be read."""

    code = "replay_file"
    default = N_("The recorded trading cannot be read. Fix the named file and run it again.")


@dataclass(frozen=True, slots=True)
class Cells:
    """A row of a table. Its readers raise `TradingFileError` with file, line and column for an invalid cell.

    Attributes:
        file: the name of the file.
        line: the last line of the row; the header is line 1.
        values: the cells by column.
    """

    file: str
    line: int
    values: Mapping[str, str]

    def refuse(self, why: str) -> TradingFileError:
        """Return the error for this row; `why` completes the sentence."""
        return TradingFileError(_("{file}, line {line}: {why}.").format(file=self.file, line=self.line, why=why))

    def _wrong(self, column: str, what: str) -> TradingFileError:
        shown = clean(self.values[column])[:40]
        return self.refuse(_("{column} “{cell}” {what}").format(column=column, cell=shown, what=what))

    def text(self, column: str) -> str:
        """Return the text of a cell, safe to show; empty for an empty cell."""
        return clean(self.values[column]).strip()

    def needed(self, column: str) -> str:
        """Return the text of a cell that must not be empty."""
        found = self.text(column)
        if not found:
            raise self.refuse(_("{column} is empty").format(column=column))
        return found

    def whole(self, column: str) -> int:
        """Return a whole number."""
        found = self.values[column].strip()
        if not _WHOLE.match(found):
            raise self._wrong(column, _("is not a whole number"))
        return int(found)

    def number(self, column: str) -> int:
        """Return a whole number from 1 on."""
        found = self.whole(column)
        if found < 1:
            raise self._wrong(column, _("is not a number from 1 on"))
        return found

    def minor(self, column: str, currency: Currency) -> Minor:
        """Return an amount in minor units, exactly."""
        try:
            return currency.minor(self.values[column])
        except AmountError as problem:
            raise self._wrong(column, _("is not an amount in {code}").format(code=currency.code)) from problem

    def price4(self, column: str, currency: Currency) -> Price4:
        """Return a unit price in ten-thousandths, exactly."""
        try:
            return currency.price4(self.values[column])
        except AmountError as problem:
            raise self._wrong(column, _("is not a price in {code}").format(code=currency.code)) from problem

    def date(self, column: str) -> date:
        """Return a date such as 2024-05-29."""
        found = self.values[column].strip()
        try:
            if _DATE.match(found):
                return date.fromisoformat(found)
        except ValueError as problem:
            raise self._wrong(column, _("is not a date such as 2024-05-29")) from problem
        raise self._wrong(column, _("is not a date such as 2024-05-29"))

    def moment(self, column: str) -> datetime:
        """Return a naive time on the venue's clock, such as 2024-05-29 12:14:33.725438."""
        found = self.values[column].strip()
        try:
            if _TIME.match(found):
                return datetime.fromisoformat(found)
        except ValueError as problem:
            raise self._wrong(column, _("is not a time such as 2024-05-29 12:14:33")) from problem
        raise self._wrong(column, _("is not a time such as 2024-05-29 12:14:33"))


def read_table(path: Path, columns: Sequence[str]) -> Iterator[Cells]:
    """Yield the rows of a CSV file in UTF-8, one at a time. A byte-order mark and blank lines are skipped.

    Args:
        path: the file.
        columns: the required columns, in any order; others are allowed.
    """
    heading: list[str] = []
    with closing(_lines(path)) as lines:  # even if a row is refused
        table = csv.reader(lines, strict=True)
        try:
            for row in table:
                if not any(cell.strip() for cell in row):
                    continue
                if not heading:
                    heading = _heading(path, row, columns)
                elif len(row) != len(heading):
                    fault = _("{found} cells, but the heading has {wanted}").format(found=len(row), wanted=len(heading))
                    raise Cells(path.name, table.line_num, {}).refuse(fault)
                else:
                    yield Cells(path.name, table.line_num, dict(zip(heading, row, strict=True)))
        except csv.Error as problem:
            fault = _("this cannot be read as CSV ({what})").format(what=problem)
            raise Cells(path.name, max(table.line_num, 1), {}).refuse(fault) from problem
    if not heading:
        raise TradingFileError(_("{file} is empty.").format(file=path.name))


def _heading(path: Path, row: Sequence[str], columns: Sequence[str]) -> list[str]:
    heading = [cell.strip() for cell in row]
    missing = [column for column in columns if heading.count(column) != 1]
    if missing:
        fault = _("the heading must name {columns} once").format(columns=", ".join(missing))
        raise Cells(path.name, 1, {}).refuse(fault)
    return heading


def _lines(path: Path) -> Generator[str, None, None]:
    """Yield the text line by line, so that invalid UTF-8 has a line number and a large file needs little memory."""
    try:
        with path.open("rb") as file:
            for number, raw in enumerate(file, 1):
                try:
                    yield (raw.removeprefix(_MARK) if number == 1 else raw).decode()
                except UnicodeDecodeError as problem:
                    fault = _("this is not UTF-8 text; save the file as CSV UTF-8")
                    raise Cells(path.name, number, {}).refuse(fault) from problem
    except OSError as problem:
        sentence = _("{file} cannot be read: {why}.").format(file=path, why=problem.strerror)
        raise TradingFileError(sentence) from problem
