"""Labelled fields: number and PIN, an amount, a reason."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from typing_extensions import override

from till.tui.drawing.cut import cell_len
from till.tui.drawing.palette import Tone
from till.tui.drawing.viewmodels import FieldsView, FieldView
from till.tui.drawing.widgets.drawn import Drawn

if TYPE_CHECKING:
    from till.tui.drawing.widgets.line import TextLine

VALUE: Final = 9
STRIDE: Final = 3


class Fields(Drawn[FieldsView]):
    """Fields, one below another; a heavy rule in accent under the active one, the hint at the foot.

    Each field takes three rows, or one if there is no room for that.
    """

    @override
    def draw(self, y: int) -> TextLine:
        line = self.line()
        stride = STRIDE if len(self.view.fields) * STRIDE <= self.size.height else 1
        value_at = max([VALUE, *(cell_len(line.shown(field.label)) + 2 for field in self.view.fields)])
        index, row = divmod(y, stride)
        if index < len(self.view.fields):
            field = self.view.fields[index]
            if row == 0:
                self._draw_field(line, field, value_at, y)
            elif row == 1 and field.active:
                line.rule(value_at, line.width, heavy=True)
        elif y == len(self.view.fields) * stride and self.view.hint is not None:
            line.say(value_at if line.cells(self.view.hint) <= line.width - value_at else 0, self.view.hint)
        return line

    def _draw_field(self, line: TextLine, field: FieldView, at: int, y: int) -> None:
        line.put(0, field.label, Tone.MUTED)
        text, cursor = field.text, field.cursor
        if field.masked:
            text, cursor = line.dots(text, cursor)
        if field.active:
            self.point_at(line.put_typed(at, text, cursor, line.width), y)
            return
        at = line.put(at, text, bold=True)
        if field.known:
            at = line.put(at + 2, field.known, bold=True)
        line.put(at + 2, field.detail, Tone.MUTED)
