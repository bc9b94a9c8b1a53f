"""The base of every sheet: it covers part of a screen, Esc closes it, a row's key or the arrows mark, Enter acts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from till.domain.errors import TillError
from till.domain.i18n import N_, _
from till.domain.structs import replace
from till.tui.drawing.layout import is_wide
from till.tui.drawing.palette import Backdrop
from till.tui.drawing.viewmodels import ChoicesView, EntryView, FactsView, HeadView, KeysView, KeyView, StyledText
from till.tui.drawing.widgets.choices import ANSWER_COLUMNS, ChoiceList, Columns, FactList
from till.tui.drawing.widgets.lines import LineList
from till.tui.drawing.widgets.sheet import Sheet
from till.tui.drawing.widgets.window import Window
from till.tui.shell.entry_line import EMPTY, EntryLine
from till.tui.shell.key_table import spoken_rows
from till.tui.shell.keymap import HELP, LOG_OUT, KeyPress
from till.tui.shell.marked_list import mark_of_number, moved_index, rows_by
from till.tui.shell.messages import esc_back, refusal, says_why

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from till.tui.drawing.screen import TillScreen
    from till.tui.drawing.viewmodels import ChoiceView
    from till.tui.drawing.widgets.drawn import Drawn
    from till.tui.screens.sheets.why import Why
    from till.tui.shell.controller import Controller, Helped
    from till.tui.shell.messages import Heard


class ChoiceSheet:
    """A sheet with rows to choose from, an entry line, and facts beside them.

    The key of a row marks it, and so do the arrows; Enter acts on it. Where text is typed, a number marks a row only
    while nothing else is typed: "2 guests" is text.

    Args:
        controller: the till.
        screen: the screen under the sheet.
        title: the title.
    """

    columns: Columns = ANSWER_COLUMNS
    #: The widget of the rows.
    list_kind: type[ChoiceList] = ChoiceList
    #: The label of Enter, the hint of what can be typed, and the text of an empty list, as far as they never change.
    enter_key: KeyView | None = KeyView("Enter", N_("Choose"))
    hint_text = ""
    empty_text = ""
    #: The help of this sheet: key, what it does, how.
    help_rows: tuple[Helped, ...] = ()
    #: True if the rows take the whole width, without facts beside them.
    full = False
    #: True if no row can be marked: the keys that mark scroll the rows.
    is_read = False
    #: True if keys are typed into the entry line; otherwise they pick rows.
    types = False
    #: True if the input is masked.
    masked = False
    #: True if digits are asked for, such as a PIN.
    asks_digits = False
    refuses_scans = True
    #: The reason that is asked for now, if any.
    why: Why | None = None
    #: The attributes that keys change, each with an immutable value.
    keyed: ClassVar[tuple[str, ...]] = ("entry", "selected", "why")

    def __init__(self, controller: Controller, screen: TillScreen, title: str, detail: str = "") -> None:
        self.controller = controller
        self.screen = screen
        self.head = HeadView(title, detail)
        self.entry: EntryLine = EMPTY
        self.selected = 0
        self._is_word = False  # a character picked nothing: what is typed is no key, until Enter, an arrow or Backspace
        self.message: StyledText | None = None
        self._list: Drawn[Any] = self.make_list()
        self._fact_rows = 0
        self._facts = self.make_facts()
        self._sheet = self.make_sheet()

    def make_sheet(self) -> Sheet:
        """Return the widget of the whole sheet."""
        return Sheet(self.head, self._list, self._facts)

    def make_list(self) -> Drawn[Any]:
        """Return the widget of the rows."""
        return self.list_kind(ChoicesView(), self.columns, ground=Backdrop.SURFACE, on_window=self._moved)

    def make_facts(self) -> FactList:
        """Return the widget of the facts."""
        return FactList(FactsView(), ground=Backdrop.SURFACE)

    def help_key(self) -> KeyView:
        """Return the key of the help, for a bar with room for it."""
        return KeyView(self.controller.keymap.label(HELP), _("Help"), spare=True)

    # Content.

    def rows(self) -> tuple[ChoiceView, ...]:
        """Return the rows to choose from."""
        return ()

    def facts(self) -> FactsView:
        """Return the facts to choose by."""
        return self.beside() if is_wide(self.screen.app.size.width) else FactsView()

    def beside(self) -> FactsView:
        """Return optional facts, shown only if the right half of the sheet is free for them."""
        return FactsView()

    def choose(self, place: int) -> None:
        """Act on a row."""

    def enter(self, typed: str) -> None:
        """Act on the typed text; without text, choose the selected row, or go back if there is none."""
        if typed:
            return
        if not self.rows():
            self.cancel()
        elif self.selected < 0:
            self.message = refusal(self.unpicked())
        else:
            self.choose(min(self.selected, len(self.rows()) - 1))

    def unpicked(self) -> str:
        """Return why Enter does nothing before a row is marked, on a sheet that opens without a mark."""
        return _("Pick one first, then Enter.")

    def empty(self) -> tuple[str, ...]:
        """Return the text shown if there is nothing to choose."""
        return (_(self.empty_text),) if self.empty_text else ()

    def hint(self) -> str:
        """Return the hint of what can be typed."""
        return _(self.hint_text)

    def listed(self) -> object:
        """Return the view of the rows."""
        return ChoicesView(self.rows(), self.marked(), self.empty())

    def marked(self) -> int | None:
        """Return the row that Enter acts on, if any: the one whose key is typed, otherwise the selected one."""
        picked = self._picked()
        place = min(self.selected if picked is None else picked, len(self.rows()) - 1)
        return place if place >= 0 and not self.is_read else None

    def keys(self) -> tuple[KeyView, ...]:
        """Return the keys in the key bar, besides Enter."""
        if self.is_read:
            window = self._list.window if isinstance(self._list, LineList) else Window()
            return (*((KeyView("↑↓", _("Scroll")),) if window.above or window.below else ()), esc_back())
        return (self.choose_key(), esc_back()) if self.marked() is not None else (esc_back(),)

    def choose_key(self) -> KeyView:
        """Return the keys that mark a row, for the key bar."""
        numbers = [row.key for row in self.rows() if _is_number(row.key)]
        return KeyView(f"1-{numbers[-1]} ↑↓" if len(numbers) > 1 else "↑↓", _("Choose"))

    def primary(self) -> KeyView | None:
        """Return the label of Enter; None while it does nothing."""
        key = self.enter_key
        return replace(key, word=_(key.word), short=_(key.short)) if key is not None else None

    def helped(self) -> tuple[Helped, ...]:
        """Return the help of this sheet."""
        return spoken_rows(self.help_rows)

    # The sheet as a scene.

    def mount(self) -> None:
        """Show the sheet over the screen."""
        self._fact_rows = len(self.facts().rows)
        self.screen.raise_sheet(self._sheet, choices=self.room(), facts=self._fact_rows, full=self.full)

    def room(self) -> int:
        """Return the number of rows for the choices."""
        return max(1, len(self.rows()))

    def resize(self) -> None:
        """Resize the sheet after the number of rows changed."""
        if self in self.controller.sheets:
            self._fact_rows = len(self.facts().rows)
            self.screen.resize_sheet(self._sheet, choices=self.room(), facts=self._fact_rows)

    def unmount(self) -> None:
        """Remove the sheet from the screen."""
        self.screen.drop_sheet(self._sheet)

    def press(self, press: KeyPress) -> None:
        """Choose, type or close."""
        try:
            if not (self.is_read and self._scroll(press)):
                self._press(press)
        except TillError as problem:
            self._refuse(problem)
            if press.is_enter and self in self.controller.sheets:
                self.entry = self.refused(self._text())

    @property
    def state(self) -> tuple[object, ...]:
        """The values that keys change."""
        return tuple(getattr(self, name) for name in self.keyed)

    def undo_scan(self, state: tuple[object, ...]) -> None:
        """Go back to the values before the scan."""
        for name, value in zip(self.keyed, state, strict=True):
            setattr(self, name, value)
        self.typed()

    def point(self, widget: Drawn[Any], place: int) -> None:
        """Mark the row that was clicked; if it is marked already, act on it."""
        if widget is not self._list or (self.marked() is None and self.selected >= 0):
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
        """Return the entry line after a refusal: the same text to correct, or empty for a secret."""
        return EMPTY if self._is_secret else EntryLine.offer(typed)

    @property
    def _is_secret(self) -> bool:
        """True if the typed text is not shown, in a masked input or in place of a reason."""
        return self.masked or (self.why is not None and self.why.is_secret(self.entry.text))

    def _press(self, press: KeyPress) -> None:
        if self.why is not None and (own := self.why.begun(press)) is not None:
            self.why, self.entry, self.message = own, EntryLine.of(self.entry.text), None
        elif press.key == "escape":
            self.cancel()
        elif asks_help(self.controller, press, types=self.types):
            self.controller.help(self.screen, self.helped())
        elif self._logs_out(press) and (below := self._below()):
            self.controller.close()
            below(press)
        elif press.is_enter:
            self._enter()
        elif self.rows() and (step := self._step(press)):
            self._settle_pick()
            self.selected, self.message, self._is_word = moved_index(self.selected, len(self.rows()), step), None, False
        elif not self.types and (typed := press.char or press.paste):
            self._pick(typed)
        elif self.types and (taken := self.entry.take(press)) is not None:
            self.entry, self.message = taken, None
            self.typed()
        elif press.key == "backspace":
            self.entry, self._is_word = EMPTY, False
        else:
            self.refuse(press)

    def refuse(self, press: KeyPress) -> None:
        """Show why a command is not available while the sheet is open."""
        message = says_why(self.controller.keymap, press, _("Press Esc first, then {key}."))
        if press.char or press.paste:
            message = refusal(_("Nothing is typed here. Esc: back."))
        self.message = message or self.message

    def types_on(self, press: KeyPress) -> bool:
        """Close, and pass text that picks no row to the screen below; return True if it was text.

        If a digit had picked a row, it is the beginning of the text and is passed on too.
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
        if self._is_word:
            self._is_word = False
            return
        picked = self._settle_pick()
        typed = "" if picked else self._text()
        self.enter(typed)
        self.entry = EMPTY

    def _pick(self, char: str) -> None:
        """Mark the row whose key was pressed, which may be the second digit of its number."""
        rows = self.rows()
        mark = mark_of_number(self.entry.text, char, lambda key: _place_of(key, rows, letters=True))
        if mark is not None and not self._is_word:
            self.entry, self.message = EntryLine.of(mark.digits), None
        else:
            self.entry, self._is_word = EMPTY, True
            self.message = refusal(_("{keys} and Enter choose. Esc: back.").format(keys=self.choose_key().key))

    def _picked(self) -> int | None:
        """Return the row whose key is typed, if any; none while a reason is typed in one's own words."""
        if self.why is not None and self.why.own:
            return None
        return _place_of(self.entry.text, self.rows(), letters=not self.types)

    def _settle_pick(self) -> bool:
        """Select the row whose key is typed; return True if there is one."""
        picked = self._picked()
        if picked is not None:
            self.selected, self.entry = picked, EMPTY
        return picked is not None

    def _text(self) -> str:
        """Return the text of the entry line. A secret is not stripped, as each of its characters counts."""
        return self.entry.text if self.masked else self.entry.text.strip()

    def _scroll(self, press: KeyPress) -> bool:
        step = self._step(press)
        if step and isinstance(self._list, LineList):
            self._list.move(step)
        return bool(step)

    def _step(self, press: KeyPress) -> int:
        """Return the number of rows that a key moves by; 0 if it does not move."""
        edits = self.types and self.entry.text and press.key in {"home", "end"}
        return 0 if edits else rows_by(press.key, self._list.page_step)

    def typed(self) -> None:
        """Handle a change of the entry line."""

    def _moved(self, _window: Window) -> None:
        if self.controller.sheets[-1:] == [self]:
            self._show_keys()

    def _show_keys(self) -> None:
        self.screen.keys.show(KeysView(self.keys(), self.primary(), digits=self.asks_digits))

    def _logs_out(self, press: KeyPress) -> bool:
        """Return True if a key logs out, on a sheet over a screen where it does."""
        scene = self.controller.scene
        is_it = self.controller.keymap.command(press) == LOG_OUT and not press.char
        return is_it and scene is not None and scene.logs_out

    def _below(self) -> Callable[[KeyPress], None] | None:
        """Return the handler of keys below this sheet."""
        place = self.controller.sheets.index(self)
        under = self.controller.sheets[place - 1] if place else self.controller.scene
        return under.press if under is not None else None

    def hear(self, _news: Heard) -> bool:
        """Act on news from outside; return False if its sentence is still to be kept for the user, as by default."""
        return False

    def cancel(self) -> None:
        """Go back on Esc, changing nothing."""
        self.controller.close()

    def paint(self) -> None:
        """Update the widgets from the state."""
        self._list.show(self.listed())
        self.paint_beside()
        self.screen.band.show(self.entry_view())
        self._show_keys()

    def paint_beside(self) -> None:
        """Update the widgets beside the rows."""
        facts = self.facts()
        self._facts.show(facts)
        if len(facts.rows) != self._fact_rows:
            self.resize()

    def entry_view(self) -> EntryView:
        """Return the view of the entry line."""
        text = self.entry.text if self.types else ""
        cursor, offered = self.entry.cursor, self.entry.is_offered
        answer = self.message or self.answer()
        return EntryView(text, cursor, answer, hint=self.hint(), offered=offered, masked=self._is_secret)

    def answer(self) -> StyledText | None:
        """Return the default answer: what Enter does."""
        return None


def _place_of(typed: str, rows: Sequence[ChoiceView], *, letters: bool) -> int | None:
    """Return the row with a key; other keys than numbers count only with `letters`."""
    wanted = typed.strip().casefold()
    keys = [row.key.casefold() for row in rows]
    return keys.index(wanted) if wanted and wanted in keys and (letters or _is_number(wanted)) else None


def _is_number(key: str) -> bool:
    return key.isascii() and key.isdigit()


def asks_help(controller: Controller, press: KeyPress, *, types: bool) -> bool:
    """Return True if a key asks for help; where one `types`, a character is text."""
    return controller.keymap.command(press) == HELP and not (types and press.char)
