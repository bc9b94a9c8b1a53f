"""A reader of spreadsheet tables that collects all faults."""

from __future__ import annotations

import csv
import difflib
import io
from typing import TYPE_CHECKING, ClassVar, Final

from msgspec import Struct

from till.domain.cells import unguard
from till.domain.errors import MenuError
from till.domain.i18n import _, ngettext
from till.domain.text import clean

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_DELIMITERS: Final = (",", ";", "\t")


class CsvFault(Struct, frozen=True, order=True):
    """A fault in a line of a file. Line 1 is the heading."""

    line: int
    sentence: str


class MenuFileError(MenuError):
    """A menu file with faults.

    Attributes:
        faults: all faults of the file, sorted by line.
    """

    code = "menu_file"

    def __init__(self, faults: Sequence[CsvFault]) -> None:
        self.faults = tuple(sorted(faults))
        count = len(self.faults)
        super().__init__(
            ngettext(
                "The menu was not imported: {n} mistake. Fix the line and import the file again.",
                "The menu was not imported: {n} mistakes. Fix the lines and import the file again.",
                count,
            ).format(n=count)
        )


def decode_menu(data: bytes) -> str:
    """Return the text of a menu file, without a UTF-8 byte-order mark.

    Raises:
        MenuFileError: the file is in another encoding.
    """
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        line = data.count(b"\n", 0, problem.start) + 1
        raise MenuFileError([CsvFault(line, _("This is not UTF-8 text. Save the file as CSV UTF-8."))]) from problem


class TableReader:
    """A reader of the rows of a table that collects faults.

    Args:
        columns: the known columns.
        needed: the required columns.

    Attributes:
        also: other names of columns.
    """

    also: ClassVar[Mapping[str, str]] = {}

    def __init__(self, columns: Sequence[str], needed: Sequence[str]) -> None:
        self.faults: list[CsvFault] = []
        self.named: list[str] = []
        self._known = columns
        self._needed = needed

    def fault(self, line: int, sentence: str) -> None:
        """Record a fault in a line."""
        self.faults.append(CsvFault(line, sentence))

    def rows(self, text: str) -> Iterator[tuple[int, list[str]]]:
        """Yield the rows that are not blank, each with the number of its first line."""
        heading = text.lstrip().partition("\n")[0]
        delimiter = max(_DELIMITERS, key=heading.count)
        table = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
        while True:
            line = table.line_num + 1
            try:
                cells = next(table)
            except StopIteration:
                return
            except csv.Error as problem:
                self.fault(line, _("A quote is not closed, or a cell is too long ({what}).").format(what=problem))
                return
            if any(cell.strip() for cell in cells):
                yield line, [unguard(cell) for cell in cells]

    def heading(self, row: tuple[int, list[str]]) -> bool:
        """Read the column names from the heading. Return True if it has no faults."""
        line, cells = row
        named = (cell.strip().casefold() for cell in cells)
        self.named = [self.also.get(name, name) for name in named]
        for number, name in enumerate(self.named):
            if name in self.named[:number] and name:
                self.fault(line, _("The column {name} appears twice.").format(name=clean(name)))
            elif name and name not in self._known:
                near = difflib.get_close_matches(name, self._known, n=1) or [", ".join(self._known)]
                self.fault(
                    line,
                    _("There is no column {name}. Did you mean: {near}?").format(name=clean(name)[:40], near=near[0]),
                )
        for name in self._needed:
            if name not in self.named:
                self.fault(line, _("The column {name} is missing.").format(name=name))
        return not self.faults

    def cells_of(self, line: int, cells: list[str]) -> dict[str, str]:
        """Return the cells of a row by column. Records a fault if there are more cells than columns."""
        if any(cell.strip() for cell in cells[len(self.named) :]):
            self.fault(line, _("More columns than the header."))
        return dict(zip(self.named, cells, strict=False))
