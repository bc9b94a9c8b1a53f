"""What every sheet shares: it stands over a screen, Esc closes it, a row's key or the arrows pick, Enter does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from till.domain.errors import TillError
from till.domain.i18n import _
from till.tui.drawing.layout import is_wide
from till.tui.drawing.palette import Backdrop
from till.tui.drawing.viewmodels import ChoicesView, EntryView, FactsView, HeadView, KeysView, KeyView, StyledText
from till.tui.drawing.widgets.choices import ANSWER_COLUMNS, ChoiceList, Columns, FactList
from till.tui.drawing.widgets.lines import LineList, more
from till.tui.drawing.widgets.sheet import Sheet
from till.tui.drawing.widgets.window import Window
from till.tui.shell.entry_line import EMPTY, EntryLine
from till.tui.shell.keymap import HELP, LOG_OUT, KeyPress
from till.tui.shell.messages import esc_back, refusal, says_why

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from till.tui.drawing.screen import TillScreen
    from till.tui.drawing.viewmodels import ChoiceView
    from till.tui.drawing.widgets.drawn import Drawn
    from till.tui.shell.controller import Controller, Helped


class ChoiceSheet:
    """A sheet with rows to choose from, an entry that may be typed into, and facts beside.

    One rule for all: the key of a row marks it, and so do the arrows; Enter does it. Where words are typed, a number
    picks a row only while nothing else is typed: “2 guests” is words.

    Args:
        controller: the till.
        screen: the screen it stands over.
        title: what it is about.
    """

    columns: Columns = ANSWER_COLUMNS
    #: Whether the rows take the whole width; then there are no facts beside them.
    full = False
    #: Whether what is typed goes into the entry; else the keys of the rows pick.
    types = False
    #: Whether nobody is to see what is typed.
    masked = False

    def __init__(self, controller: Controller, screen: TillScreen, title: str, detail: str = "") -> None:
        self.controller = controller
        self.screen = screen
        self.head = HeadView(title, detail)
        self.entry: EntryLine = EMPTY
        self.selected = 0
        self.message: StyledText | None = None
        self._list: Drawn[Any] = self.make_list()
        self._fact_rows = 0
        self._facts = self.make_facts()
        self._sheet = self.make_sheet()

    def make_sheet(self) -> Sheet:
        """What all of it stands on."""
        return Sheet(self.head, self._list, self._facts)

    def make_list(self) -> Drawn[Any]:
        """The widget that the rows stand in."""
        return ChoiceList(ChoicesView(), self.columns, ground=Backdrop.SURFACE, on_window=self._moved)

    def make_facts(self) -> FactList:
        """The widget that the facts stand in."""
        return FactList(FactsView(), ground=Backdrop.SURFACE)

    # What a sheet says.

    def rows(self) -> tuple[ChoiceView, ...]:
        """The rows to choose from."""
        return ()

    def facts(self) -> FactsView:
        """What one should know in order to choose."""
        return self.beside() if is_wide(self.screen.app.size.width) else FactsView()

    def beside(self) -> FactsView:
        """What helps to choose where the right half of the sheet is free for it, and is left out where it is not."""
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

    def listed(self) -> object:
        """The rows as their widget shows them."""
        return ChoicesView(self.rows(), self.marked(), self.empty())

    def marked(self) -> int | None:
        """The row that Enter does, if one can be chosen: the one whose key stands in the entry, else the selected."""
        rows = self.rows()
        picked = self._picked()
        return min(self.selected if picked is None else picked, len(rows) - 1) if rows else None

    def keys(self) -> tuple[KeyView, ...]:
        """What the keys do here, beside Enter."""
        if self.marked() is None:
            return (esc_back(),)
        numbers = [row.key for row in self.rows() if _is_number(row.key)]
        some = f"1-{numbers[-1]} ↑↓" if len(numbers) > 1 else "↑↓"
        return (KeyView(some, _("Choose")), esc_back())

    def primary(self) -> KeyView | None:
        """What Enter does; None while there is nothing that it could do it to."""
        return KeyView("Enter", _("Choose"))

    def helped(self) -> tuple[Helped, ...]:
        """The keys of this sheet for the help: key, what it does, how."""
        return ()

    # The sheet as a scene.

    def mount(self) -> None:
        """Put the sheet over the screen."""
        self._fact_rows = len(self.facts().rows)
        self.screen.raise_sheet(self._sheet, choices=self.room(), facts=self._fact_rows, full=self.full)

    def room(self) -> int:
        """How many rows the choices take."""
        return max(1, len(self.rows()))

    def resize(self) -> None:
        """The number of rows changed: make room."""
        if self in self.controller.sheets:
            self._fact_rows = len(self.facts().rows)
            self.screen.resize_sheet(self._sheet, choices=self.room(), facts=self._fact_rows)

    def unmount(self) -> None:
        """Take it off."""
        self.screen.drop_sheet(self._sheet)

    def press(self, press: KeyPress) -> None:
        """Choose, type, or close."""
        try:
            self._press(press)
        except TillError as problem:
            self._refuse(problem)
            if press.is_enter and self in self.controller.sheets:
                self.entry = self.refused(self._text())

    def point(self, widget: Drawn[Any], place: int) -> None:
        """Mark the row that was clicked; where it is marked already, do what it says."""
        if widget is not self._list or self.marked() is None:
            return
        if place != self.marked():
            self.selected = place
            return
        try:
            self.choose(place)
        except TillError as problem:
            self._refuse(problem)

    def _refuse(self, problem: TillError) -> None:
        if self in self.controller.sheets:
            self.message = refusal(problem.sentence)
        else:
            self.controller.complain(problem)

    def refused(self, typed: str) -> EntryLine:
        """What stands in the entry after what was typed was refused: the same, to be mended; a secret never."""
        return EMPTY if self.masked else EntryLine.offer(typed)

    def _press(self, press: KeyPress) -> None:
        if press.key == "escape":
            self.cancel()
        elif asks_help(self.controller, press, types=self.types):
            self.controller.help(self.screen, self.helped())
        elif self._logs_out(press) and (below := self._below()):
            self.controller.close()
            below(press)
        elif press.is_enter:
            self._enter()
        elif step := self._step(press):
            self._settle_pick()
            self.selected = max(0, min(self.selected + step, len(self.rows()) - 1))
        elif not self.types and press.char:
            self._pick(press.char)
        elif self.types and (taken := self.entry.take(press)) is not None:
            self.entry, self.message = taken, None
            self.typed()
        elif press.key == "backspace":
            self.entry = EMPTY
        else:
            self.refuse(press)

    def refuse(self, press: KeyPress) -> None:
        """Say why a command waits while this sheet is there."""
        said = says_why(self.controller.keymap, press, _("{key} waits: Esc goes back first."))
        self.message = said or self.message

    def types_on(self, press: KeyPress) -> bool:
        """Close, and hand what is typed and picks no row to the screen below; whether it does.

        A digit that picked one, with more typed behind it, was the beginning of that.
        """
        picked = self.entry.text
        typed = press.char or press.paste
        if not typed or _place_of(picked + typed, self.rows(), letters=True) is not None:
            return False
        if (below := self._below()) is not None:
            self.controller.close()
            for one in picked:
                below(KeyPress(one, one))
            below(press)
        return True

    def _enter(self) -> None:
        picked = self._settle_pick()
        typed = "" if picked else self._text()
        self.enter(typed)
        self.entry = EMPTY

    def _pick(self, char: str) -> None:
        """Mark the row whose key was pressed; of a number of two digits this may be the second."""
        rows = self.rows()
        for key in (self.entry.text + char, char):
            if _place_of(key, rows, letters=True) is not None:
                self.entry = EntryLine.of(key)
                return

    def _picked(self) -> int | None:
        """The row whose key stands in the entry."""
        return _place_of(self.entry.text, self.rows(), letters=not self.types)

    def _settle_pick(self) -> bool:
        """Make the row whose key stands in the entry the selected one; whether there is such a row."""
        picked = self._picked()
        if picked is not None:
            self.selected, self.entry = picked, EMPTY
        return picked is not None

    def _text(self) -> str:
        """What stands in the entry; of a secret every character counts."""
        return self.entry.text if self.masked else self.entry.text.strip()

    def scroll(self, press: KeyPress) -> bool:
        """Move rows of which none is marked; whether the key does that."""
        step = self._step(press)
        if step and isinstance(self._list, LineList):
            self._list.move(step)
        return bool(step)

    def _step(self, press: KeyPress) -> int:
        """How far a key moves in the list; 0 for one that does not."""
        page = max(1, self._list.size.height - 1)
        return {"up": -1, "down": 1, "pageup": -page, "pagedown": page}.get(press.key, 0)

    def scrolls(self) -> tuple[KeyView, ...]:
        """The keys that do, while there is more than fits."""
        window = self._list.window if isinstance(self._list, LineList) else Window()
        return (KeyView("↑↓", _("Scroll")),) if window.above or window.below else ()

    def typed(self) -> None:
        """The entry changed."""

    def _moved(self, window: Window) -> None:
        self._sheet.band.show(replace(self.head, note=more(window)))
        if self.controller.sheets[-1:] == [self]:
            self.screen.keys.show(KeysView(self.keys(), self.primary()))

    def _logs_out(self, press: KeyPress) -> bool:
        """Whether a key logs out, through whatever lies over a screen on which it does."""
        scene = self.controller.scene
        is_it = self.controller.keymap.command(press) == LOG_OUT and not press.char
        return is_it and scene is not None and scene.logs_out

    def _below(self) -> Callable[[KeyPress], None] | None:
        """Who takes keys when this sheet is gone."""
        place = self.controller.sheets.index(self)
        under = self.controller.sheets[place - 1] if place else self.controller.scene
        return under.press if under is not None else None

    def cancel(self) -> None:
        """Esc: back, and nothing changed."""
        self.controller.close()

    def paint(self) -> None:
        """Hand views to the widgets."""
        self._list.show(self.listed())
        self.paint_beside()
        self.screen.band.show(self.entry_view())
        self.screen.keys.show(KeysView(self.keys(), self.primary()))

    def paint_beside(self) -> None:
        """The same for what stands beside the rows."""
        facts = self.facts()
        self._facts.show(facts)
        if len(facts.rows) != self._fact_rows:
            self.resize()

    def entry_view(self) -> EntryView:
        """What stands in the entry band."""
        text = self.entry.text if self.types else ""
        cursor, offered = self.entry.cursor, self.entry.is_offered
        answer = self.message or self.answer()
        return EntryView(text, cursor, answer, hint=self.hint(), offered=offered, masked=self.masked)

    def answer(self) -> StyledText | None:
        """What is said while there is nothing else to say: what Enter does."""
        return None


def _place_of(typed: str, rows: Sequence[ChoiceView], *, letters: bool) -> int | None:
    """The row with this key; one that is no number is a key only where letters are."""
    wanted = typed.strip().casefold()
    keys = [row.key.casefold() for row in rows]
    return keys.index(wanted) if wanted and wanted in keys and (letters or _is_number(wanted)) else None


def _is_number(key: str) -> bool:
    return key.isascii() and key.isdigit()


def asks_help(controller: Controller, press: KeyPress, *, types: bool) -> bool:
    """Whether a key asks for help; where one `types`, what is a character is text."""
    return controller.keymap.command(press) == HELP and not (types and press.char)
