"""Every command by name, for who does not know its key."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from till.domain.errors import TillError
from till.domain.i18n import _
from till.tui.sheets.base import ChoiceSheet
from till.tui.strokes import Command
from till.tui.view import ChoiceView, KeyView
from till.tui.widgets.choices import Columns

if TYPE_CHECKING:
    from collections.abc import Callable

    from till.tui.counter import Counter, Helped
    from till.tui.desk import Desk

_NAMES: Final = {
    Command.PAY: _("Pay"),
    Command.QUANTITY: _("Change the quantity of the line"),
    Command.VOID: _("Void the line"),
    Command.UNDO: _("Bring the last void back"),
    Command.CLEAR: _("Clear the whole order"),
    Command.CONFLICTS: _("Conflicts and records, for a manager"),
    Command.MENU: _("Show the menu"),
    Command.TABS: _("Tabs: save or recall"),
    Command.RECALL: _("Orders that wait"),
    Command.ORDER_TYPE: _("Take away or eat in"),
    Command.RECEIPT: _("Last receipt"),
    Command.LOG_OUT: _("Log out"),
    Command.HELP: _("Help"),
}


class CommandSheet(ChoiceSheet):
    """Type a part of a name, choose, Enter."""

    types = True
    columns = Columns(key=1, name=12, detail=50)

    def __init__(self, counter: Counter, desk: Desk, do: Callable[[Command], None]) -> None:
        super().__init__(counter, desk, _("Commands"))
        self._do = do

    def _found(self) -> list[Command]:
        typed = self.editor.text.strip().casefold()
        return [command for command, name in _NAMES.items() if typed in name.casefold()]

    def rows(self) -> tuple[ChoiceView, ...]:
        """The commands whose names hold what is typed."""
        keymap = self.counter.keymap
        return tuple(ChoiceView(keymap.label(command), _NAMES[command]) for command in self._found())

    def typed(self) -> None:
        """A shorter list begins at its top."""
        self.selected = 0

    def hint(self) -> str:
        """What can be typed."""
        return _("Type a part of the name.")

    def empty(self) -> tuple[str, ...]:
        """What stands there when nothing fits."""
        return (_("No command has that in its name."),)

    def enter(self, typed: str) -> None:
        """Do the selected command."""
        found = [command for command, name in _NAMES.items() if typed.casefold() in name.casefold()]
        if not found:
            raise TillError(_("No command has that in its name."))
        chosen = found[min(self.selected, len(found) - 1)]
        self.counter.close()
        self._do(chosen)

    def helped(self) -> tuple[Helped, ...]:
        """By a part of the name, or back."""
        return (
            (_("letters"), _("A part of the name"), _("the list grows shorter")),
            ("↑ ↓, Enter", _("Do what is marked"), _("its key stands before it")),
            ("Esc", _("Back"), ""),
        )

    def primary(self) -> KeyView | None:
        """What Enter does."""
        return KeyView("Enter", _("Do it")) if self._found() else None
