"""Lists of rows to choose from: users, tabs, waiting orders, ways to pay, answers of a sheet; and facts beside them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct
from msgspec.structs import replace
from typing_extensions import override

from till.tui.drawing.cut import cell_len, split_words
from till.tui.drawing.layout import LEFT_WIDTH
from till.tui.drawing.palette import Backdrop, Tone
from till.tui.drawing.viewmodels import ChoicesView, ChoiceView, FactsView, FactView
from till.tui.drawing.widgets.lines import LOW_LIST, LineList, draw_sentences

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from till.tui.drawing.widgets.line import TextLine
    from till.tui.drawing.widgets.window import Window


class Columns(Struct, frozen=True):
    """The columns of a row's parts.

    With `key_ends`, `key` is the column that the key ends before. The detail moves right for a long name. With
    `detail_ends` it ends that many columns before the right edge, fewer in half a pane, and is left out rather than cut
    the name. A `whole` detail is left out rather than cut.
    """

    key: int
    name: int
    detail: int
    inset: int = 1
    key_ends: bool = False
    key_role: Tone = Tone.ACCENT
    detail_ends: int = 0
    whole: bool = False


STAFF_COLUMNS: Final = Columns(key=4, name=7, detail=20, key_ends=True, key_role=Tone.TEXT)
ANSWER_COLUMNS: Final = Columns(key=2, name=6, detail=25)
WAY_COLUMNS: Final = Columns(key=3, name=7, detail=0, detail_ends=11)
SIDE_COLUMNS: Final = Columns(key=3, name=7, detail=25)
TENDER_COLUMNS: Final = Columns(key=3, name=6, detail=23)
TENDERS: Final = Columns(key=1, name=4, detail=15, key_role=Tone.MUTED)
FACT: Final = 13


class ChoiceList(LineList[ChoicesView, ChoiceView]):
    """Rows with a key or number, a name, a detail, and a part flush right; with blank rows between if there is room.

    Args:
        view: The first picture.
        columns: The columns of a row's parts: `STAFF_COLUMNS`, `ANSWER_COLUMNS`, or others.
        ground: The backdrop of the list.
        id: Of the widget.
        on_window: Called whenever the visible rows may have changed.
    """

    def __init__(
        self,
        view: ChoicesView,
        columns: Columns = STAFF_COLUMNS,
        *,
        ground: Backdrop = Backdrop.BG,
        on_window: Callable[[Window], None] | None = None,
    ) -> None:
        super().__init__(view, ground=ground, on_window=on_window)
        self.columns = columns
        self._detail = columns.detail

    @override
    def entries(self) -> Sequence[ChoiceView]:
        return self.view.rows

    @override
    def selected(self) -> int | None:
        return self.view.selected

    @override
    def heights(self, entries: Sequence[ChoiceView]) -> list[int]:
        """Return two rows for each entry while all fit, except the last; otherwise one. A finger needs two.

        In a low list it has to do with one.
        """
        names = (cell_len(self.paint.say(row.name)) for row in entries)
        detail = max(self.columns.detail, self.columns.name + max(names, default=0) + 2)
        if detail != self._detail:
            self._detail = detail
            self.forget_strips()
        close = spread(len(entries), self.size.height)
        return [2] * len(entries) if self._is_tall else close

    @property
    def _is_tall(self) -> bool:
        """True if entries have two rows for a finger; the second one has what did not fit on the first."""
        return self.paint.touch and self.size.height > LOW_LIST

    @override
    def draw_empty(self, y: int) -> TextLine:
        return draw_sentences(self.line(), y, self.view.empty, top=0, at=self.columns.inset)

    @override
    def draw_entry(self, entry: ChoiceView, row: int, selected: bool) -> TextLine:
        line = self.line(Backdrop.SELECT if selected and row == 0 else None)
        if row > 0:
            return self._draw_rest(line, entry) if self._is_tall else line
        at, end = self.columns, line.width - self.columns.inset
        rests = self.view.rests
        if selected and (not rests or self.paint.plain):
            line.put(0, self.paint.glyphs.select, Tone.ACCENT)
        role = Tone.MUTED if rests or entry.off else at.key_role
        bold = selected or role is Tone.ACCENT
        if at.key_ends:
            line.put_right(at.key, entry.key, role, bold=bold, start=1)
        else:
            line.put(at.key, entry.key, role, bold=bold)
        detail_end = end
        if entry.right is not None:
            right = line.say_right(end, entry.right, start=at.name)
            end, detail_end = right - 2, right - 1
        name_role = Tone.TEXT if not entry.off else Tone.MUTED if selected else Tone.FAINT
        if at.detail_ends and entry.detail is not None:
            ends = at.detail_ends if line.width >= LEFT_WIDTH else at.detail_ends - 2
            detail_end = min(detail_end, line.width - at.inset - ends)
            name_ends = at.name + cell_len(line.shown(entry.name))
            if not detail_end - line.cells(entry.detail) - 1 < name_ends <= end:
                end = line.say_right(detail_end, entry.detail, start=at.name) - 1
        first, rest = self._name_of(line, entry, end)
        after = line.put(at.name, first, name_role, bold=selected, until=end)
        if entry.detail is not None and not at.detail_ends:
            start = max(after + 2, self._detail) if entry.name else at.name
            fits = not rest and line.cells(entry.detail) <= end - start
            if fits or not (at.whole or self._is_tall):
                line.tell(start, entry.detail, until=end)
        return line

    def _name_of(self, line: TextLine, entry: ChoiceView, end: int) -> tuple[str, str]:
        """Return the parts of a name on the first and on the second row."""
        name, room = line.shown(entry.name), end - self.columns.name
        return split_words(name, room) if self._is_tall and cell_len(name) > room else (entry.name, "")

    def _draw_rest(self, line: TextLine, entry: ChoiceView) -> TextLine:
        """Draw the second row of an entry: the rest of its name, and the detail that had no room beside it."""
        at, end = self.columns, line.width - self.columns.inset
        room = end if entry.right is None else max(at.name, end - line.cells(entry.right)) - 2
        first, rest = self._name_of(line, entry, room)
        start = max(at.name + cell_len(first) + 2, self._detail) if entry.name else at.name
        after = line.put(at.name, rest, Tone.FAINT if entry.off else Tone.TEXT, until=end)
        if entry.detail is not None and not at.detail_ends and (rest or line.cells(entry.detail) > room - start):
            line.tell(after + 2 if rest else at.name, entry.detail, until=end)
        return line

    @override
    def show(self, view: ChoicesView) -> None:
        """Draw `view`. If keys start or stop acting on the list, every row is drawn again."""
        if view.rests != self.view.rests:
            self._strips.clear()
            self._painted = []
        super().show(view)


class FactList(LineList[FactsView, FactView]):
    """Labels and facts, in step with the choices beside them."""

    @override
    def entries(self) -> Sequence[FactView]:
        return self.view.rows

    @override
    def selected(self) -> int | None:
        """Return None, as no row can be selected."""
        return None

    @override
    def heights(self, entries: Sequence[FactView]) -> list[int]:
        """Return the same heights as the choices beside them; for fingers two rows, if there is room for all."""
        return [2] * len(entries) if self._is_tall else spread(len(entries), self.size.height)

    @property
    def _is_tall(self) -> bool:
        return self.paint.touch and 2 * len(self.view.rows) <= self.size.height

    @override
    def draw_entry(self, entry: FactView, row: int, selected: bool) -> TextLine:
        line = self.line()
        at = max(FACT, cell_len(line.shown(entry.label)) + 2)
        first, rest = entry.message, ""
        if self._is_tall and line.cells(first) > line.width - at:
            text, rest = split_words(line.shown(first.text), line.width - at - line.cells(replace(first, text="")))
            first = replace(first, text=text)
        if row == 0:
            line.put(0, entry.label, Tone.MUTED)
            line.tell(at, first, until=line.width)
        elif row == 1:
            line.tell(at, replace(entry.message, text=rest, mark=None), until=line.width)
        return line


def spread(count: int, height: int) -> list[int]:
    """Return the heights of `count` rows: two each while they fit, except the last; otherwise one."""
    if count and 2 * count - 1 <= height:
        return [2] * (count - 1) + [1]
    return [1] * count
