"""The order: quantity, name, unit price, amount, with modifiers under the name and the void where they stood."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rich.cells import cell_len

from till.domain.words import _
from till.tui.palette import Ground, Mark, Role
from till.tui.view import LineView, OrderView
from till.tui.widgets.lines import LineList, draw_sentences

if TYPE_CHECKING:
    from collections.abc import Sequence

    from till.tui.widgets.line import Line

QUANTITY: Final = 4
"""The column that the quantity ends before; bar 1, quantity 3."""
NAME: Final = 7
AMOUNT: Final = 1
"""Columns right of the amount."""
UNIT: Final = AMOUNT + 11
"""Columns right of the unit price."""
UNIT_GAP: Final = 2
"""Columns between the unit price and an amount so long that it reaches there."""
LEAST: Final = 8
"""Columns of a name that the unit price leaves, or else is left out."""
EMPTY_TOP: Final = 2


class OrderList(LineList[OrderView, LineView]):
    """The lines of an order, newest in sight."""

    FOLLOW = True

    def entries(self) -> Sequence[LineView]:
        """The lines."""
        return self.view.lines

    def selected(self) -> int | None:
        """The selected line."""
        return self.view.selected

    def rows_of(self, entry: LineView) -> int:
        """The line, its modifiers, and a row for the void."""
        return 1 + len(entry.modifiers) + (entry.void is not None)

    def draw_empty(self, y: int) -> Line:
        """One sentence and one example of what to type."""
        return draw_sentences(self.line(), y, self.view.empty, top=EMPTY_TOP, at=NAME)

    def draw_entry(self, entry: LineView, row: int, selected: bool) -> Line:
        """The line itself, a modifier, or the void."""
        line = self.line(Ground.SELECT if selected else None)
        if selected:
            glyph = self.paint.glyphs.select
            if row == 0 or glyph == "▌":  # the bar runs down the whole line, a pointer stands once
                line.put(0, glyph, Role.ACCENT, bold=glyph != "▌")
        if row == 0:
            self._draw_line(line, entry, selected)
        elif row <= len(entry.modifiers):
            self._draw_modifier(line, entry, row - 1, selected)
        else:
            at = line.put(NAME, f"{self.paint.symbol(Mark.REFUSED)} {_('void')}", Role.BAD)
            line.put(at + 2, entry.void or "", Role.MUTED)
        return line

    def _draw_line(self, line: Line, entry: LineView, selected: bool) -> None:
        void = entry.void is not None
        # Faint is too weak on the select band; the stroke through the name tells the void there.
        role = (Role.MUTED if selected else Role.FAINT) if void else Role.TEXT
        end = line.put_right(line.width - AMOUNT, entry.amount, role, bold=selected, strike=void, start=NAME)
        name = NAME
        if entry.quantity:
            after = max(QUANTITY, 1 + len(entry.quantity))  # a quantity of four digits moves the name, nothing is cut
            line.put_right(after, entry.quantity, role, bold=selected, start=1)
            line.put(after + 1, "×", role if void else Role.MUTED)
            name = after + NAME - QUANTITY
        if entry.unit and not void:
            unit_end = min(line.width - UNIT, end - UNIT_GAP)
            if unit_end - len(entry.unit) > name + min(cell_len(line.shown(entry.name)), LEAST):
                end = line.put_right(unit_end, entry.unit, Role.MUTED, start=name)
        line.put(name, entry.name, role, bold=selected, strike=void, until=end - 1)

    def _draw_modifier(self, line: Line, entry: LineView, index: int, selected: bool) -> None:
        modifier = entry.modifiers[index]
        role = Role.FAINT if entry.void is not None and not selected else Role.MUTED
        end = line.width - UNIT
        if modifier.price:
            end = line.put_right(end, modifier.price, role, start=NAME)
        line.put(NAME, modifier.text, role, until=end - 1)
