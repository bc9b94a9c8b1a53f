"""The lines of an order: quantity, name, unit price and amount, with modifiers and a void below the name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from typing_extensions import override

from till.domain.i18n import _
from till.tui.drawing.cut import cell_len
from till.tui.drawing.palette import Backdrop, Mark, Tone
from till.tui.drawing.viewmodels import KeyView, LineView, OrderView, RowsView, RowView
from till.tui.drawing.widgets.lines import LineList, draw_sentences
from till.tui.drawing.widgets.report import draw_row
from till.tui.drawing.widgets.tiles import LOW, Tile, TileRow, draw_tiles, in_row
from till.tui.drawing.widgets.window import Window

if TYPE_CHECKING:
    from collections.abc import Sequence

    from till.tui.drawing.widgets.line import TextLine

QUANTITY: Final = 4
"""The column after the quantity: one for the bar, three for the quantity."""
NAME: Final = 7
AMOUNT: Final = 1
"""The number of columns to the right of the amount."""
UNIT: Final = AMOUNT + 11
"""The number of columns to the right of the unit price."""
UNIT_GAP: Final = 2
"""The gap between the unit price and a long amount that reaches it."""
LEAST: Final = 8
"""The least columns for a name beside the unit price; with fewer, the unit price is left out."""
EMPTY_TOP: Final = 2


class OrderList(LineList[OrderView | RowsView, LineView | RowView]):
    """The lines of an order with the newest visible; or, until the next line, the receipt of the last sale.

    One widget shows both, so that the first line of an order needs no more layout than any other.
    """

    FOLLOW = True
    acts: tuple[KeyView, ...] = ()
    """The keys of the tiles under the marked line, for fingers."""

    @property
    def is_receipt(self) -> bool:
        """True if a receipt is shown in place of the order."""
        return isinstance(self.view, RowsView)

    @override
    def show(self, view: OrderView | RowsView) -> None:
        """Show an order or a receipt; a change from one to the other begins at its end."""
        if view is not self.view and (self.is_receipt or isinstance(view, RowsView)):
            self.window = Window(follow=self.FOLLOW)
        super().show(view)

    @override
    def entries(self) -> Sequence[LineView | RowView]:
        return self.view.rows if isinstance(self.view, RowsView) else self.view.lines

    @override
    def selected(self) -> int | None:
        return None if isinstance(self.view, RowsView) else self.view.selected

    @override
    def rows_of(self, entry: LineView | RowView) -> int:
        """Return the number of rows: the line, its modifiers, and one for a void."""
        return 1 if isinstance(entry, RowView) else 1 + len(entry.modifiers) + (entry.void is not None)

    @override
    def heights(self, entries: Sequence[LineView | RowView]) -> list[int]:
        """Return the number of rows of each entry; the marked one has its tiles too. A finger needs two, if all fit."""
        heights, marked = super().heights(entries), self.selected()
        if not self._has_tiles or self.is_receipt:
            return heights
        if marked is not None:
            heights = [*heights[:marked], heights[marked] + LOW, *heights[marked + 1 :]]
        loose = [max(2, rows) for rows in heights]
        return loose if sum(loose) <= self.size.height else heights

    @property
    def _has_tiles(self) -> bool:
        return bool(self.acts) and self.paint.touch

    @override
    def _lay(self) -> None:
        if self._has_tiles:
            self._shown = None  # the mark may have moved, and with it the tiles
        super()._lay()

    @override
    def pointed(self, x: int, y: int) -> int | str | None:
        place = super().pointed(x, y)
        if isinstance(place, int) and place == self.selected() and self._has_tiles:
            _place, row = self.window.rows[y]
            if row >= self.rows_of(self.entries()[place]):
                return next((tile.key.key for tile in self._tiles if tile.start <= x < tile.stop), None)
        return place

    @property
    def _tiles(self) -> tuple[Tile, ...]:
        return in_row(self.acts, self.size.width)

    @override
    def draw_empty(self, y: int) -> TextLine:
        """Draw one sentence and one example of what to type."""
        sentences = () if isinstance(self.view, RowsView) else self.view.empty
        return draw_sentences(self.line(), y, sentences, top=EMPTY_TOP, at=NAME)

    @override
    def draw_entry(self, entry: LineView | RowView, row: int, selected: bool) -> TextLine:
        if isinstance(entry, RowView):
            return draw_row(self.line(), entry)
        if row >= self.rows_of(entry) and not selected:
            return self.line()
        line = self.line(Backdrop.SELECT if selected else None)
        if row >= self.rows_of(entry):
            return draw_tiles(self.line(), TileRow(0, LOW, self._tiles), row - self.rows_of(entry), self.paint)
        if selected:
            glyph = self.paint.glyphs.select
            if row == 0 or glyph == "▌":  # the bar covers all rows of the line, a pointer only the first
                line.put(0, glyph, Tone.ACCENT, bold=glyph != "▌")
        if row == 0:
            self._draw_line(line, entry, selected)
        elif row <= len(entry.modifiers):
            self._draw_modifier(line, entry, row - 1, selected)
        else:
            at = line.put(NAME, f"{self.paint.symbol(Mark.REFUSED)} {_('void')}", Tone.BAD)
            line.put(at + 2, entry.void or "", Tone.MUTED)
        return line

    def _draw_line(self, line: TextLine, entry: LineView, selected: bool) -> None:
        void = entry.void is not None
        pale = void or entry.held
        # Faint text is too weak on the select band, where the strike-through shows the void.
        role = (Tone.MUTED if selected else Tone.FAINT) if pale else Tone.TEXT
        end = line.put_right(line.width - AMOUNT, entry.amount, role, bold=selected, strike=void, start=NAME)
        name = NAME
        if entry.quantity:
            after = max(QUANTITY, 1 + len(entry.quantity))  # a quantity of four digits moves the name and is not cut
            line.put_right(after, entry.quantity, role, bold=selected, start=1)
            line.put(after + 1, "×", role if pale else Tone.MUTED)
            name = after + NAME - QUANTITY
        if entry.unit:
            unit_end = min(line.width - UNIT, end - UNIT_GAP)
            least = cell_len(line.shown(entry.name))
            if unit_end - len(entry.unit) > name + (least if self.paint.touch else min(least, LEAST)):
                end = line.put_right(unit_end, entry.unit, role if pale else Tone.MUTED, start=name)
        line.put(name, entry.name, role, bold=selected, strike=void, until=end - 1)

    def _draw_modifier(self, line: TextLine, entry: LineView, index: int, selected: bool) -> None:
        modifier = entry.modifiers[index]
        role = Tone.FAINT if (entry.void is not None or entry.held) and not selected else Tone.MUTED
        end = line.width - UNIT
        if modifier.price:  # a price too long for its column extends below the amount
            end = max(end, min(line.width - AMOUNT, NAME + cell_len(line.shown(modifier.price))))
            end = line.put_right(end, modifier.price, role, start=NAME)
        line.put(NAME, modifier.text, role, until=end - 1)
