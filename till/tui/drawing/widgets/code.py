"""A QR code, always dark on light whatever the theme, as phones read no other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip
from typing_extensions import override

from till.domain.paper.code import modules_of
from till.tui.drawing.palette import Depth
from till.tui.drawing.viewmodels import CodeView
from till.tui.drawing.widgets.drawn import Drawn

if TYPE_CHECKING:
    from till.tui.drawing.widgets.line import TextLine

#: Light modules at the left and right of a code. Above it is half a row, below half a row or a whole one.
QUIET: Final = 2
#: Dark and light by the colours of the terminal.
_INKS: Final = {
    Depth.TRUE: ("#101317", "#eeede8"),
    Depth.INDEXED: ("color(233)", "color(255)"),
    Depth.SIXTEEN: ("black", "bright_white"),
}


def code_of(text: str) -> CodeView:
    """Return a text as a QR code, with the least modules."""
    return CodeView(text, modules_of(text, "l"))


def columns_needed(modules: int) -> int:
    """Return the number of columns that a code takes with its margin."""
    return modules + 2 * QUIET


def rows_needed(modules: int) -> int:
    """Return the number of rows: two modules per row, with one light module above the code and one or two below."""
    return modules // 2 + 2


class CodePane(Drawn[CodeView]):
    """A QR code, two modules per row. Without colours or drawing characters its text is shown instead."""

    @override
    def draw(self, y: int) -> TextLine | Strip:
        if self.paint.plain or self.paint.depth is Depth.NONE:
            return self._as_text(y)
        inks = _INKS[self.paint.depth]
        segments = []
        for x in range(self.size.width):
            over, under = (inks[0] if self._is_dark(x, 2 * y + half) else inks[1] for half in (0, 1))
            segments.append(Segment("▀", Style(color=over, bgcolor=under)))
        return Strip(segments, self.size.width)

    def _is_dark(self, x: int, half: int) -> bool:
        """Return True if the module at a column and a half row is dark."""
        row, column = half - 1, x - QUIET
        rows = self.view.modules
        return 0 <= row < len(rows) and 0 <= column < len(rows) and rows[row][column]

    def _as_text(self, y: int) -> TextLine:
        line = self.line()
        width = self.size.width
        line.put(0, self.view.text[y * width : (y + 1) * width])
        return line
