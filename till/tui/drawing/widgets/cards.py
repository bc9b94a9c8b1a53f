"""A list of entries of several rows, one of them marked: what needs attention, tills, orders."""

from __future__ import annotations

from typing import TYPE_CHECKING

from typing_extensions import override

from till.tui.drawing.palette import Backdrop, Tone
from till.tui.drawing.viewmodels import CardsView, CardView
from till.tui.drawing.widgets.lines import LOW_LIST, LineList, draw_sentences
from till.tui.drawing.widgets.report import draw_row

if TYPE_CHECKING:
    from collections.abc import Sequence

    from till.tui.drawing.widgets.line import TextLine


class Cards(LineList[CardsView, CardView]):
    """Cards, one below another; with a blank row after those of several rows while all fit."""

    @override
    def entries(self) -> Sequence[CardView]:
        return self.view.cards

    @override
    def selected(self) -> int | None:
        return self.view.selected

    @override
    def heights(self, entries: Sequence[CardView]) -> list[int]:
        least = 2 if self.paint.touch and self.size.height > LOW_LIST else 1
        close = [max(least, len(card.rows)) for card in entries]
        loose = [rows + 1 if rows > 1 else rows for rows in close]
        if loose and loose[-1] > 1:
            loose[-1] -= 1
        return loose if sum(loose) <= self.size.height else close

    @override
    def draw_empty(self, y: int) -> TextLine:
        return draw_sentences(self.line(), y, self.view.empty, top=0, at=1)

    @override
    def draw_entry(self, entry: CardView, row: int, selected: bool) -> TextLine:
        if row >= len(entry.rows):
            return self.line()
        ground = Backdrop.ALARM if entry.rows[row].reversed else Backdrop.SELECT if selected else None
        line = self.line(ground)
        if selected:
            line.put(0, self.paint.glyphs.select, Tone.ACCENT)
        return draw_row(line, entry.rows[row])
