"""Groups of options with their rules: each option with its number, its price, and whether it is taken."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from textual.strip import Strip
from typing_extensions import override

from till.tui.drawing.palette import Backdrop, Tone
from till.tui.drawing.viewmodels import GroupsView, GroupView, OptionView
from till.tui.drawing.widgets.drawn import Drawn
from till.tui.drawing.widgets.line import TextLine
from till.tui.drawing.widgets.window import Window

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

#: The columns of a row's parts, from the left of their column.
_KEY, _TAKEN, _NAME = 2, 5, 7
#: The gap between two columns, and the least width of one.
_GAP: Final = 2
_LEAST: Final = 30


class _Row(NamedTuple):
    """A row of a column: the heading of a group, an option with its index among all, or neither for a blank one."""

    head: GroupView | None = None
    option: OptionView | None = None
    place: int = -1


class OptionGroups(Drawn[GroupsView]):
    """Groups, one below another, in two columns if one does not hold them; the current option is always visible.

    Args:
        view: The first picture.
        ground: The backdrop of the widget.
        on_window: Called whenever the visible rows may have changed, as not all fit on a low screen.
    """

    def __init__(
        self,
        view: GroupsView,
        *,
        ground: Backdrop = Backdrop.BG,
        on_window: Callable[[Window], None] = lambda _window: None,
    ) -> None:
        super().__init__(view, ground=ground)
        self.window = Window()
        self._on_window = on_window

    @override
    def changed_rows(self, before: GroupsView) -> Iterable[int]:
        self._lay()
        return super().changed_rows(before)

    def on_resize(self) -> None:
        """Lay out for the new height."""
        self._lay()

    def _lay(self) -> None:
        columns = _flowed(self.view.groups, self.size.height, self.size.width)
        longest = max(columns, key=len)
        marked = next((at for column in columns for at, row in enumerate(column) if self._is_marked(row)), 0)
        for at in (max(0, marked - 1), marked):  # together with a heading above it
            self.window.lay([1] * len(longest), self.size.height, at)
        self._on_window(self.window)

    @override
    def draw(self, y: int) -> TextLine | Strip:
        columns = _flowed(self.view.groups, self.size.height, self.size.width)
        at = self.window.first + y
        width = (self.size.width - _GAP * (len(columns) - 1)) // len(columns)
        pieces: list[Strip] = []
        for column in columns:
            if pieces:
                pieces.append(TextLine(self.paint, _GAP, self.ground).strip())
            pieces.append(self._drawn(column[at] if at < len(column) else _Row(), width))
        rest = self.size.width - sum(piece.cell_length for piece in pieces)
        return Strip.join([*pieces, TextLine(self.paint, rest, self.ground).strip()] if rest > 0 else pieces)

    def _is_marked(self, row: _Row) -> bool:
        return row.option is not None and row.place == self.view.selected

    def _drawn(self, row: _Row, width: int) -> Strip:
        marked = self._is_marked(row)
        line = TextLine(self.paint, width, Backdrop.SELECT if marked else self.ground)
        if row.head is not None:
            start = line.say_right(width - 1, row.head.rule, start=_NAME)
            line.put(1, row.head.name, bold=True, until=start - 1)
        elif row.option is not None:
            self._draw_option(line, row.option, marked=marked)
        return line.strip()

    def _draw_option(self, line: TextLine, option: OptionView, *, marked: bool) -> None:
        if marked:
            line.put(0, self.paint.glyphs.select, Tone.ACCENT)
        role = Tone.MUTED if option.full else Tone.TEXT
        price = Tone.TEXT if option.taken else Tone.MUTED
        start = line.put_right(line.width - 1, option.price, price, bold=option.taken, start=_NAME)
        line.put(_KEY, option.key, Tone.MUTED if option.full else Tone.ACCENT, bold=not option.full)
        if option.taken:
            line.put(_TAKEN, "✓", bold=True)
        line.put(_NAME, option.name, role, bold=option.taken, until=start - 1)

    @override
    def pointed(self, x: int, y: int) -> int | str | None:
        """Return the index of the option at this cell, among all."""
        columns = _flowed(self.view.groups, self.size.height, self.size.width)
        column = columns[min(x * len(columns) // max(1, self.size.width), len(columns) - 1)]
        at = self.window.first + y
        row = column[at] if at < len(column) else _Row()
        return row.place if row.option is not None else None


def _flowed(groups: Sequence[GroupView], height: int, width: int) -> list[list[_Row]]:
    """Return the rows in one column; or in two, adding each group to the shorter one, so the first two are level."""
    blocks: list[list[_Row]] = []
    place = 0
    for group in groups:
        rows = [_Row(head=group)]
        for option in group.options:
            rows.append(_Row(option=option, place=place))
            place += 1
        blocks.append(rows)
    one = _stacked(blocks)
    if len(one) <= height or len(blocks) < 2 or width < 2 * _LEAST + _GAP:  # noqa: PLR2004 - one block does not part
        return [one]
    columns: list[list[list[_Row]]] = [[], []]
    for block in blocks:
        min(columns, key=lambda column: len(_stacked(column))).append(block)
    return [_stacked(column) for column in columns]


def _stacked(blocks: Sequence[Sequence[_Row]]) -> list[_Row]:
    """Return the blocks with a blank row between them."""
    rows: list[_Row] = []
    for block in blocks:
        rows += [_Row(), *block] if rows else block
    return rows
