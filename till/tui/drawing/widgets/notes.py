"""The grid of keys for notes and coins on the pay screen."""

from __future__ import annotations

from typing import Final

from textual.strip import Strip
from typing_extensions import override

from till.tui.drawing.palette import Backdrop, Tone
from till.tui.drawing.viewmodels import NoteKeyView, NotesView
from till.tui.drawing.widgets.drawn import Drawn
from till.tui.drawing.widgets.line import TextLine

KEY_WIDTH: Final = 18
KEY_HEIGHT: Final = 3
GAP: Final = 2
LABEL_END: Final = 10
COUNT: Final = 13


class NotesGrid(Drawn[NotesView]):
    """Keys in rows of as many as fit; a note that was taken shows how often, on the select band.

    Each key is three rows with a blank one between, or a single row if there is no room for that.
    """

    @property
    def columns(self) -> int:
        """The number of keys side by side."""
        return max(1, (self.size.width + GAP) // (KEY_WIDTH + GAP))

    def rows_needed(self, width: int, height: int) -> int:
        """Return the rows that the keys take at this width: three each with blank rows, or else one each."""
        bands = -(-len(self.view.keys) // max(1, (width + GAP) // (KEY_WIDTH + GAP)))
        airy = max(0, bands * (KEY_HEIGHT + 1) - 1)
        return airy if airy <= height else bands

    @property
    def _stride(self) -> int:
        bands = -(-len(self.view.keys) // self.columns)
        return 1 if self.rows_needed(self.size.width, self.size.height) == bands else KEY_HEIGHT + 1

    @override
    def draw(self, y: int) -> Strip:
        band, row = divmod(y, self._stride)
        tall = self._stride > 1
        keys = self.view.keys[band * self.columns : (band + 1) * self.columns]
        strips: list[Strip] = []
        if row < KEY_HEIGHT:
            for key in keys:
                strips += [self._draw_key(key, row, tall=tall), TextLine(self.paint, GAP, self.ground).strip()]
        strips.append(TextLine(self.paint, self.size.width, self.ground).strip())
        return Strip.join(strips).crop(0, self.size.width)

    @override
    def pointed(self, x: int, y: int) -> int | str | None:
        """Return the key at this cell."""
        (band, row), (column, beside) = divmod(y, self._stride), divmod(x, KEY_WIDTH + GAP)
        place = band * self.columns + column
        is_key = row < KEY_HEIGHT and beside < KEY_WIDTH and column < self.columns
        return self.view.keys[place].key if is_key and place < len(self.view.keys) else None

    def _draw_key(self, key: NoteKeyView, row: int, *, tall: bool) -> Strip:
        taken = key.count > 0
        line = TextLine(self.paint, min(KEY_WIDTH, self.size.width), Backdrop.SELECT if taken else Backdrop.SURFACE)
        middle = row == (1 if tall else 0)
        if taken and (middle or self.paint.glyphs.select == "▌"):
            line.put(0, self.paint.glyphs.select, Tone.ACCENT)
        if middle:
            line.put(2, key.key, Tone.ACCENT, bold=True)
            line.put_right(LABEL_END, key.label, bold=True, start=4)
            if taken:
                line.put(COUNT, f"× {key.count}", bold=True)
        elif tall and row == KEY_HEIGHT - 1 and not taken and self.paint.rules:
            line.rule(0, line.width)
        return line.strip()
