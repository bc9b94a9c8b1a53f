"""Tables and tabs in columns: thirty and more stand on one screen, each with its age and what it comes to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from typing_extensions import override

from till.tui.drawing.palette import Tone
from till.tui.drawing.viewmodels import StyledText, TablesView, TableView
from till.tui.drawing.widgets.choices import spread
from till.tui.drawing.widgets.lines import LineList, draw_sentences

if TYPE_CHECKING:
    from collections.abc import Sequence

    from till.tui.drawing.viewmodels import TableView
    from till.tui.drawing.widgets.line import TextLine

#: The width of a column with who is at it, and of one without, each with the gap behind it.
_WIDE: Final = 58
_NARROW: Final = 26
_GAP: Final = 2
#: Columns of a wide one that a name leaves to who is at it.
_WHO: Final = 22
_TOTAL: Final = 10


class TableRow(NamedTuple):
    """What stands side by side: a table for each column, and which of them is marked."""

    tables: tuple[TableView, ...]
    marked: int | None


class TableGrid(LineList[TablesView, TableRow]):
    """Tables from above to below, column after column; the rows are as many as the tables need."""

    @property
    def columns(self) -> int:
        """How many tables stand side by side."""
        return columns_in(self.size.width)

    @property
    def rows(self) -> int:
        """How many tables stand one under another."""
        return rows_for(len(self.view.tables), self.columns)

    @override
    def entries(self) -> Sequence[TableRow]:
        if not self.view.tables:
            return ()
        rows, tables = self.rows, self.view.tables
        marked = self.view.selected
        return tuple(
            TableRow(tables[row::rows], marked // rows if marked is not None and marked % rows == row else None)
            for row in range(rows)
        )

    @override
    def selected(self) -> int | None:
        return None if self.view.selected is None else self.view.selected % self.rows

    @override
    def pointed(self, x: int, y: int) -> int | str | None:
        """The table that stands there."""
        row = super().pointed(x, y)
        if not isinstance(row, int):
            return row
        place = x // (self.size.width // self.columns) * self.rows + row
        return place if place < len(self.view.tables) else None

    @override
    def heights(self, entries: Sequence[TableRow]) -> list[int]:
        """A blank row between them while there is room."""
        return spread(len(entries), self.size.height)

    @override
    def draw_empty(self, y: int) -> TextLine:
        return draw_sentences(self.line(), y, self.view.empty, top=0, at=1)

    @override
    def draw_entry(self, entry: TableRow, row: int, selected: bool) -> TextLine:
        line = self.line()
        if row:
            return line
        width = line.width // self.columns
        for place, table in enumerate(entry.tables):
            self._draw(line, table, place * width, (place + 1) * width - _GAP, marked=entry.marked == place)
        return line

    def _draw(self, line: TextLine, table: TableView, at: int, end: int, *, marked: bool) -> None:
        if marked:
            line.put(at, self.paint.glyphs.select, Tone.ACCENT)
        start = line.put_right(end, table.total, bold=marked, start=at + 2) - 1
        wide = end - at > _NARROW
        said = (
            table.age if wide else table.where or (table.age if table.name.isdigit() else "")
        )  # a name needs the room
        until = line.say_right(min(start, end - _TOTAL), StyledText(said, Tone.MUTED), start=at + 2) - 1
        if wide:
            line.put(at + _WHO, table.where or table.who, Tone.MUTED, until=until)
            until = at + _WHO - 1
        line.put(at + 2, table.name, bold=marked, until=until)


def columns_in(width: int) -> int:
    """How many tables stand side by side in so many columns."""
    return max(1, (width + _GAP) // (_WIDE if width >= 2 * _WIDE - _GAP else _NARROW))


def rows_for(tables: int, columns: int) -> int:
    """How many rows so many tables take."""
    return max(1, -(-tables // columns))
