"""Placed rows and bars, which draw a report, a receipt or a list of payments."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec.structs import replace
from typing_extensions import override

from till.tui.drawing.cut import cell_len, split_words
from till.tui.drawing.palette import Tone
from till.tui.drawing.viewmodels import BarsView, RowsView, RowView
from till.tui.drawing.widgets.drawn import Drawn
from till.tui.drawing.widgets.lines import LineList

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from till.tui.drawing.viewmodels import CellView
    from till.tui.drawing.widgets.line import TextLine

BAR: Final = 4
BAR_GAP: Final = 4


class ReportRows(LineList[RowsView, RowView]):
    """Rows of pieces at columns, hairlines and blank rows; `move` scrolls if there are more than fit."""

    @override
    def entries(self) -> Sequence[RowView]:
        rows = self.view.rows
        return rows if not any(row.wraps for row in rows) else [part for row in rows for part in self._wrapped(row)]

    def _wrapped(self, row: RowView) -> Iterator[RowView]:
        """Yield the rows of a sentence."""
        while row.wraps:
            (sentence,) = row.cells
            text, rest = split_words(self.paint.say(sentence.message.text), self.size.width - sentence.at)
            if not text or not rest:
                break
            yield RowView((replace(sentence, message=replace(sentence.message, text=text)),))
            row = replace(row, cells=(replace(sentence, message=replace(sentence.message, text=rest)),))
        yield row

    @override
    def selected(self) -> int | None:
        """Return None, as no row can be selected."""
        return None

    @override
    def draw_entry(self, entry: RowView, row: int, selected: bool) -> TextLine:
        return draw_row(self.line(), entry)


class Receipt(ReportRows):
    """Rows that stay at their end, which matters most: the total, what was paid, the change."""

    FOLLOW = True


class Bars(Drawn[BarsView]):
    """Bars, one per row, never in accent: faint, except for the one with a note."""

    @override
    def draw(self, y: int) -> TextLine:
        line = self.line()
        if y >= len(self.view.bars):
            return line
        bar = self.view.bars[y]
        out = bool(bar.note)
        line.put(0, bar.label, Tone.TEXT if out else Tone.MUTED, bold=out)
        end = line.put_right(line.width, bar.amount)
        glyph = self.paint.glyphs.bar
        at = BAR
        if glyph:
            length = max(1 if bar.share > 0 else 0, round(bar.share * self._longest(line)))
            at = line.put(BAR, glyph * length, Tone.TEXT if out else Tone.FAINT, until=end - 1) + 1
        line.put(at, bar.note, until=end - 1)
        return line

    def _longest(self, line: TextLine) -> int:
        amounts = max((cell_len(line.shown(bar.amount)) for bar in self.view.bars), default=0)
        notes = max((cell_len(line.shown(bar.note)) + 1 for bar in self.view.bars if bar.note), default=0)
        return max(0, line.width - BAR - BAR_GAP - amounts - notes)


def _placed(line: TextLine, row: RowView) -> list[tuple[CellView, int]]:
    """Return the pieces of a row with their columns. One that a longer piece reaches moves right, if it has room."""
    placed: list[tuple[CellView, int]] = []
    columns = [cell.at if cell.at >= 0 else line.width + cell.at for cell in row.cells]
    widths = [line.cells(cell.message) for cell in row.cells]
    after = 0
    for place, (cell, column, width) in enumerate(zip(row.cells, columns, widths, strict=True)):
        at = column
        if not cell.right and place and after > at - 1 and row.bar is None:
            end = line.width
            if place + 1 < len(columns):
                following = row.cells[place + 1]
                end = columns[place + 1] - (widths[place + 1] if following.right else 1)
            at = after + 1 if after + 1 + width <= end else at
        placed.append((cell, at))
        after = at + 1 if cell.right else at + width
    return placed


def draw_row(line: TextLine, row: RowView) -> TextLine:
    """Draw a row's pieces from right to left, so that an amount cuts a name; or its hairline."""
    if row.rule:
        line.passing(line.width, row.filled)
        return line
    end = line.width
    for cell, at in reversed(_placed(line, row)):
        if row.bar is not None and at < row.bar.at:
            end = min(end, row.bar.at - 1)
        if cell.right:
            end = line.say_right(at + 1, cell.message) - 1
        else:
            message = cell.message
            if cell.whole and line.cells(message) > end - at:
                message = replace(message, text="")
            line.say(at, message, until=end)
            end = at - 1
    if row.bar is not None:
        line.bar(row.bar.at, row.bar.width, row.bar.share, row.bar.was, row.bar.role)
    return line
