"""What every sheet shares: it stands over a desk, Esc closes it, rows are chosen by key, arrows or Enter."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from till.domain.errors import TillError
from till.domain.i18n import _
from till.tui.counter import esc_back, refusal
from till.tui.editor import LineEditor
from till.tui.palette import Ground
from till.tui.strokes import Command
from till.tui.view import ChoicesView, EntryView, FactsView, HeadView, KeysView, KeyView, Said
from till.tui.widgets.choices import ANSWERS, ChoiceList, Columns, FactList
from till.tui.widgets.lines import more
from till.tui.widgets.sheet import Sheet

if TYPE_CHECKING:
    from collections.abc import Callable

    from till.tui.counter import Counter, Helped
    from till.tui.desk import Desk
    from till.tui.strokes import Stroke
    from till.tui.view import ChoiceView
    from till.tui.widgets.window import Window


class ChoiceSheet:
    """A sheet with rows to choose from, an entry that may be typed into, and facts beside.

    Args:
        counter: the till.
        desk: the screen it stands over.
        title: what it is about.
    """

    columns: Columns = ANSWERS
    #: Whether the rows take the whole width; then there are no facts beside them.
    full = False
    #: Whether what is typed goes into the entry; else letters choose.
    types = False

    def __init__(self, counter: Counter, desk: Desk, title: str, detail: str = "") -> None:
        self.counter = counter
        self.desk = desk
        self.head = HeadView(title, detail)
        self.editor = LineEditor()
        self.selected = 0
        self.said: Said | None = None
        self._list = ChoiceList(ChoicesView(), self.columns, ground=Ground.SURFACE, on_window=self._moved)
        self._facts = FactList(FactsView(), ground=Ground.SURFACE)
        self._sheet = Sheet(self.head, self._list, self._facts)

    # What a sheet says.

    def rows(self) -> tuple[ChoiceView, ...]:
        """The rows to choose from."""
        return ()

    def facts(self) -> FactsView:
        """What one should know in order to choose."""
        return FactsView()

    def choose(self, place: int) -> None:
        """Do what a row says."""

    def enter(self, typed: str) -> None:
        """Do what was typed; without text, choose the selected row, or go back when there is none."""
        if typed:
            return
        if self.rows():
            self.choose(min(self.selected, len(self.rows()) - 1))
        else:
            self.cancel()

    def empty(self) -> tuple[str, ...]:
        """What stands there when there is nothing to choose."""
        return ()

    def hint(self) -> str:
        """What can be typed."""
        return ""

    def marked(self) -> int | None:
        """The selected row, if one can be chosen."""
        count = len(self.rows())
        return min(self.selected, count - 1) if count else None

    def keys(self) -> tuple[KeyView, ...]:
        """What the keys do here, beside Enter."""
        return (KeyView("↑↓", _("Choose")), esc_back()) if self.marked() is not None else (esc_back(),)

    def primary(self) -> KeyView | None:
        """What Enter does; None while there is nothing that it could do it to."""
        return KeyView("Enter", _("Choose"))

    def helped(self) -> tuple[Helped, ...]:
        """The keys of this sheet for the help: key, what it does, how."""
        return ()

    # The sheet as a scene.

    def mount(self) -> None:
        """Put the sheet over the desk."""
        rows, facts = max(1, len(self.rows())), len(self.facts().rows)
        self.desk.raise_sheet(self._sheet, choices=rows, facts=facts, full=self.full)

    def resize(self) -> None:
        """The number of rows changed: make room."""
        if self in self.counter.sheets:
            self.desk.resize_sheet(self._sheet, choices=max(1, len(self.rows())), facts=len(self.facts().rows))

    def unmount(self) -> None:
        """Take it off."""
        self.desk.drop_sheet(self._sheet)

    def stroke(self, stroke: Stroke) -> None:
        """Choose, type, or close."""
        typed = self.editor.text.strip()
        try:
            self._stroke(stroke)
        except TillError as problem:
            if self not in self.counter.sheets:
                self.counter.complain(problem)
                return
            self.said = refusal(problem.sentence)
            if stroke.is_enter:
                self.editor.offer(typed)

    def _stroke(self, stroke: Stroke) -> None:
        if stroke.key == "escape":
            self.cancel()
        elif asks_help(self.counter, stroke, types=self.types):
            self.counter.help(self.desk, self.helped())
        elif self.counter.keymap.command(stroke) is Command.LOG_OUT and not stroke.char and (below := self._below()):
            self.counter.close()
            below(stroke)
        elif stroke.is_enter:
            typed = self.editor.text.strip()
            self.enter(typed)
            self.editor.clear()
        elif step := self._step(stroke):
            self.selected = max(0, min(self.selected + step, len(self.rows()) - 1))
        elif not self.types and stroke.char:
            keys = [row.key.lower() for row in self.rows()]
            if stroke.char.lower() in keys:
                self.choose(keys.index(stroke.char.lower()))
        elif self.types and self.editor.take(stroke):
            self.said = None
            self.typed()

    def scroll(self, stroke: Stroke) -> bool:
        """Move rows of which none is marked; whether the stroke does that."""
        step = self._step(stroke)
        if step:
            self._list.move(step)
        return bool(step)

    def _step(self, stroke: Stroke) -> int:
        """How far a stroke moves in the list; 0 for one that does not."""
        page = max(1, self._list.size.height - 1)
        return {"up": -1, "down": 1, "pageup": -page, "pagedown": page}.get(stroke.key, 0)

    def scrolls(self) -> tuple[KeyView, ...]:
        """The keys that do, while there is more than fits."""
        window = self._list.window
        return (KeyView("↑↓", _("Scroll")),) if window.above or window.below else ()

    def typed(self) -> None:
        """The entry changed."""

    def _moved(self, window: Window) -> None:
        self._sheet.band.show(replace(self.head, note=more(window)))
        if self.counter.sheets[-1:] == [self]:
            self.desk.keys.show(KeysView(self.keys(), self.primary()))

    def _below(self) -> Callable[[Stroke], None] | None:
        """Who takes strokes when this sheet is gone."""
        place = self.counter.sheets.index(self)
        under = self.counter.sheets[place - 1] if place else self.counter.scene
        return under.stroke if under is not None else None

    def cancel(self) -> None:
        """Esc: back, and nothing changed."""
        self.counter.close()

    def paint(self) -> None:
        """Hand views to the widgets."""
        self._list.show(ChoicesView(self.rows(), self.marked(), self.empty()))
        self._facts.show(self.facts())
        text = self.editor.text if self.types else ""
        cursor, offered = self.editor.cursor, self.editor.is_offered
        self.desk.band.show(EntryView(text, cursor, self.said, hint=self.hint(), offered=offered))
        self.desk.keys.show(KeysView(self.keys(), self.primary()))


def asks_help(counter: Counter, stroke: Stroke, *, types: bool) -> bool:
    """Whether a stroke asks for help; where one `types`, what is a character is text."""
    return counter.keymap.command(stroke) is Command.HELP and not (types and stroke.char)
