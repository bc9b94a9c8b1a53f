"""The plan of tables: tables and tabs in columns, each with its user, its age and its total."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from textual.strip import Strip
from typing_extensions import override

from till.domain.i18n import _
from till.tui.drawing.cut import cell_len
from till.tui.drawing.palette import Backdrop, Tone
from till.tui.drawing.viewmodels import PlanRow, PlanView
from till.tui.drawing.widgets.drawn import Drawn
from till.tui.drawing.widgets.line import TextLine
from till.tui.drawing.widgets.lines import draw_sentences

if TYPE_CHECKING:
    from till.tui.drawing.viewmodels import TableView

#: Blank columns between two columns.
GAP: Final = 2
#: The least width of a column for guests and user.
_ROOMY: Final = 50
#: Columns where a number of two digits or a name begins, guests end, the user begins, and the age ends, in a roomy one.
_NAME: Final = 2
_GUESTS: Final = 18
_WHO: Final = 20
_AGE: Final = 38
#: The column where the remark ends in a narrow one.
_BRIEF: Final = 13
_DIGITS: Final = 2


class TablePlan(Drawn[PlanView]):
    """Columns of tables, with the areas of the room above them if the columns are roomy."""

    @property
    def _width(self) -> int:
        """The width of a column."""
        across = self.view.across
        return max(1, (self.size.width + GAP) // across - GAP)

    @override
    def pointed(self, x: int, y: int) -> int | str | None:
        """Return the index of the table at this cell."""
        column, inside = divmod(x, self._width + GAP)
        if column >= len(self.view.columns) or inside >= self._width or y >= len(self.view.columns[column]):
            return None
        row = self.view.columns[column][y]
        return None if row.table is None else row.place

    @override
    def draw(self, y: int) -> TextLine | Strip:
        if not any(self.view.columns):
            return draw_sentences(self.line(), y, self.view.empty, top=0, at=1)
        strips: list[Strip] = []
        for column in self.view.columns:
            if strips:
                strips.append(TextLine(self.paint, GAP, self.ground).strip())
            row = column[y] if y < len(column) else PlanRow()
            is_second = y > 0 and row.table is not None and column[y - 1] == row  # of a table for fingers
            strips.append(self._row(PlanRow() if is_second else row).strip())
        drawn = Strip.join(strips)
        left = self.size.width - drawn.cell_length
        return Strip.join([drawn, TextLine(self.paint, left, self.ground).strip()]) if left > 0 else drawn

    def _row(self, row: PlanRow) -> TextLine:
        marked = row.table is not None and row.place == self.view.selected
        line = TextLine(self.paint, self._width, Backdrop.SELECT if marked else self.ground)
        if row.rule:
            line.rule(0, line.width)
        elif row.title:
            _draw_title(line, row.title, labels=row.labels)
        elif row.table is not None:
            if marked:
                line.put(0, self.paint.glyphs.select, Tone.ACCENT)
            _draw_table(line, row.table, marked=marked)
        return line


def _draw_title(line: TextLine, title: str, *, labels: bool) -> None:
    """Draw an area of the room, with the titles of its columns."""
    if not labels or line.width < _ROOMY:
        line.put(1, title, bold=True)
        return
    line.put_right(line.width - 1, _("due"), Tone.MUTED)
    line.put_right(_AGE, _("open for"), Tone.MUTED)
    line.put(_WHO, _("who"), Tone.MUTED)
    end = line.put(1, title, bold=True, until=_WHO - 1)
    guests = _("guests")
    if end < _GUESTS - cell_len(line.shown(guests)):  # otherwise the name of the area needs the room
        line.put_right(_GUESTS, guests, Tone.MUTED)


def _draw_table(line: TextLine, table: TableView, *, marked: bool) -> None:
    total = line.put_right(line.width - 1, table.total, bold=marked)
    line.put(line.width - 1, table.more, Tone.MUTED)
    role = Tone.FAINT if table.free else Tone.TEXT
    at = _NAME + max(-1, _DIGITS - len(table.name)) if table.name.isdigit() else _NAME
    if line.width < _ROOMY:
        end = total - 1
        if table.brief is not None and table.free and table.brief.mark is not None:
            line.say(at + len(table.name) + 1, table.brief, until=line.width - 1)  # time and name of its guest
        elif table.brief is not None and len(table.name) <= _BRIEF - _NAME - line.cells(table.brief) - 1:
            end = line.say_right(min(end, _BRIEF), table.brief) - 1
        line.put(at, table.name, role, bold=marked, until=end)
        return
    name_ends = line.put_right(_GUESTS, table.guests, Tone.MUTED) - 1
    age = _AGE
    if table.age is not None:
        age = line.say_right(min(_AGE, total - 2), table.age, start=_WHO)
    if table.who is not None:
        line.say(_WHO, table.who, until=age - 1)
    line.put(at, table.name, role, bold=marked, until=name_ends)
