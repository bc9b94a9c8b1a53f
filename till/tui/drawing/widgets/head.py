"""The heading of a pane, the tabs of the menu, and the divider between panes, which is the order's scrollbar."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

from msgspec.structs import replace
from typing_extensions import override

from till.tui.drawing.cut import cell_len
from till.tui.drawing.palette import Tone
from till.tui.drawing.viewmodels import CategoryBarView, HeadView, StyledText
from till.tui.drawing.widgets.drawn import Drawn
from till.tui.drawing.widgets.lines import more, more_in_signs

if TYPE_CHECKING:
    from collections.abc import Iterable

    from till.tui.drawing.palette import Backdrop
    from till.tui.drawing.widgets.line import TextLine
    from till.tui.drawing.widgets.lines import LineList
    from till.tui.drawing.widgets.window import Window

TAB_GAP: Final = 2
PHONE: Final = 60
"""The most columns of a heading whose detail is never cut within one of its parts."""
V = TypeVar("V")


class Inset(Drawn[V], Generic[V]):
    """A widget whose text is inset by `inset` columns, as in the left pane, while its hairlines reach the edge."""

    def __init__(
        self,
        view: V,
        *,
        inset: int = 0,
        ground: Backdrop | None = None,
    ) -> None:
        super().__init__(view, **({} if ground is None else {"ground": ground}))
        self.inset = inset


class HeadOfList(Inset[HeadView]):
    """A title with the number of hidden rows of its list: as its note, or after its detail if it has a note."""

    _given: HeadView | None = None
    _list: LineList[Any, Any] | None = None
    _over = False

    def follow(self, lines: LineList[Any, Any], *, over: bool = False) -> None:
        """Show the hidden rows of a list from now on; `over` its note, if it has one."""
        self._list, self._over = lines, over
        if self.moved not in lines.watchers:
            lines.watchers.append(self.moved)
        self.show(self._given or self.view)

    def moved(self, window: Window) -> None:
        """Update the number of hidden rows."""
        if self._list is not None and window is self._list.window:
            self.show(self._given or self.view)

    @override
    def show(self, view: HeadView) -> None:
        self._given = view
        if self._list is not None and view.title and (hidden := more(self._list.window)):
            signs = more_in_signs(self._list.window)
            detail, shorter = (", ".join(filter(None, (view.detail, one))) for one in (hidden, signs))
            is_noted = view.note and not self._over
            view = (
                replace(view, detail=detail, shorter=(shorter, hidden, signs))
                if is_noted
                else replace(view, note=hidden)
            )
        super().show(view)

    def put_detail(self, line: TextLine, at: int, tone: Tone, *, until: int) -> None:
        """Put the detail, or what stands for it without room."""
        texts = (self.view.detail, *self.view.shorter)
        if line.width <= PHONE:  # whole parts of it, or nothing
            parts = self.view.detail.split(", ")
            texts = (*texts, *(", ".join(parts[:count]) for count in range(len(parts) - 1, -1, -1)))
        fitting = next((one for one in texts if cell_len(line.shown(one)) <= until - at), texts[0])
        line.tell(at, StyledText(fitting, tone), until=until)


class Heading(HeadOfList):
    """Title, detail and note on the first row, a hairline on the second; blank if the view is empty."""

    @override
    def draw(self, y: int) -> TextLine:
        line = self.line()
        if y == 1 and self.view != HeadView():
            line.rule(0, line.width)
        if y > 0:
            return line
        view = self.view
        end = line.width - self.inset
        if note := self._note(line, end - self.inset - 2 - cell_len(line.shown(view.title))):
            end = line.put_right(end, note, Tone.MUTED, start=self.inset) - 2
        at = self.inset
        if view.title:
            at = line.put(at, view.title, bold=True, until=end) + 2
        if view.flag is not None:
            flag = view.flag if line.cells(view.flag) <= end - at else replace(view.flag, text="")
            at = line.say(at, flag, bold=True, until=end) + 2
        self.put_detail(line, at, Tone.MUTED, until=end)
        return line

    def _note(self, line: TextLine, room: int) -> str:
        """Return the note, or the last parts of it that have room beside the title."""
        parts = self.view.note.split(", ")
        fitting = (", ".join(parts[first:]) for first in range(len(parts)))
        return next((one for one in fitting if cell_len(line.shown(one)) <= room), "")


class CategoryBar(Drawn[CategoryBarView]):
    """The parts of the menu, faint if not sold now; the active one is bold, above a heavy hairline in accent."""

    @override
    def pointed(self, x: int, y: int) -> int | str | None:
        """Return the index of the part whose name is at this cell."""
        tabs = self._fitting(self._end)
        return next((index for index, at, name in tabs if at <= x < at + cell_len(name) and y == 0), None)

    @property
    def _end(self) -> int:
        """The column where the note begins, or the width without one."""
        note = self.paint.say(self.view.note)
        return self.size.width - (cell_len(note) + TAB_GAP if note else 0)

    @override
    def draw(self, y: int) -> TextLine:
        line, end = self.line(), self._end
        if self.view.note and y == 0:
            line.put_right(line.width, self.paint.say(self.view.note), Tone.MUTED)
        tabs = self._fitting(end)
        if y == 0:
            for index, at, name in tabs:
                active = index == self.view.active
                if active and self.paint.plain:
                    line.put(at - 1, self.paint.glyphs.select, Tone.ACCENT)
                later = index >= len(self.view.names) - self.view.later
                role = Tone.TEXT if active else Tone.FAINT if later else Tone.MUTED
                line.put(at, name, role, bold=active, until=end)
            self._draw_more(line, tabs)
        elif y == 1:
            x = 0
            for index, at, name in tabs:
                if index == self.view.active:
                    line.rule(x, at)
                    x = min(end, at + cell_len(name))
                    line.rule(at, x, heavy=True)
            line.rule(x, line.width)
        return line

    @property
    def _more(self) -> int:
        """Cells that the sign of more tabs takes, with a blank."""
        return cell_len(self.paint.say("…")) + 1

    def _draw_more(self, line: TextLine, tabs: list[tuple[int, int, str]]) -> None:
        """Draw the sign of more tabs on either side."""
        if tabs and tabs[0][0] > 0:
            line.put(1 if self.paint.plain else 0, "…", Tone.MUTED)
        if tabs and tabs[-1][0] < len(self.view.names) - 1:
            line.put(tabs[-1][1] + cell_len(tabs[-1][2]) + 1, "…", Tone.MUTED)

    def _fitting(self, room: int) -> list[tuple[int, int, str]]:
        """Return index, column and name of the visible tabs: whole names, always including the active one."""
        names = [self.paint.say(name) for name in self.view.names]
        for first in range(len(names)):
            found: list[tuple[int, int, str]] = []
            at = (1 if self.paint.plain else 0) + (self._more if first else 0)
            for index in range(first, len(names)):
                rest = self._more if index < len(names) - 1 else 0
                if found and at + cell_len(names[index]) + rest > room:
                    break
                found.append((index, at, names[index]))
                at += cell_len(names[index]) + TAB_GAP
            if first <= self.view.active <= found[-1][0] or first == self.view.active:
                return found
        return []


class Divider(Drawn[range]):
    """The line between the panes; the view is the range of rows that the thumb covers."""

    def __init__(self) -> None:
        super().__init__(range(0))

    @override
    def changed_rows(self, before: range) -> Iterable[int]:
        """Return the rows where the thumb appeared or disappeared."""
        return sorted(set(before) ^ set(self.view))

    @override
    def draw(self, y: int) -> TextLine:
        line = self.line()
        glyphs = self.paint.glyphs
        thumb = y in self.view
        line.put(0, glyphs.thumb if thumb else glyphs.divider, Tone.MUTED if thumb else Tone.LINE)
        return line
