"""Every command by name, for who does not know its key."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from typing_extensions import override

from till.domain.errors import TillError
from till.domain.i18n import _
from till.tui.drawing.viewmodels import ChoiceView, KeyView
from till.tui.drawing.widgets.choices import Columns
from till.tui.screens.sell.commands import TABLE
from till.tui.screens.sheets.choice_sheet import ChoiceSheet

if TYPE_CHECKING:
    from collections.abc import Callable

    from till.tui.drawing.screen import TillScreen
    from till.tui.screens.sell.commands import ScreenCommand
    from till.tui.shell.controller import Controller, Helped

#: The commands that have a title, which are those with a key.
_LISTED: Final = [command for command in TABLE if command.title]


class CommandSheet(ChoiceSheet):
    """Type a part of a name, choose, Enter."""

    types = True
    columns = Columns(key=1, name=12, detail=50)

    def __init__(self, controller: Controller, screen: TillScreen, do: Callable[[str], None]) -> None:
        super().__init__(controller, screen, _("Commands"))
        self._do = do

    def _found(self) -> list[ScreenCommand]:
        typed = self.entry.text.strip().casefold()
        return [command for command in _LISTED if typed in command.title.casefold()]

    @override
    def rows(self) -> tuple[ChoiceView, ...]:
        """The commands whose names hold what is typed."""
        keymap = self.controller.keymap
        return tuple(ChoiceView(keymap.label(command.name), command.title) for command in self._found())

    @override
    def typed(self) -> None:
        """A shorter list begins at its top."""
        self.selected = 0

    @override
    def hint(self) -> str:
        return _("Type a part of the name.")

    @override
    def empty(self) -> tuple[str, ...]:
        return (_("No command has that in its name."),)

    @override
    def enter(self, typed: str) -> None:
        found = [command for command in _LISTED if typed.casefold() in command.title.casefold()]
        if not found:
            raise TillError(_("No command has that in its name."))
        chosen = found[min(self.selected, len(found) - 1)]
        self.controller.close()
        self._do(chosen.name)

    @override
    def helped(self) -> tuple[Helped, ...]:
        return (
            (_("letters"), _("A part of the name"), _("the list grows shorter")),
            ("↑ ↓, Enter", _("Do what is marked"), _("its key stands before it")),
            ("Esc", _("Back"), ""),
        )

    @override
    def primary(self) -> KeyView | None:
        return KeyView("Enter", _("Do it")) if self._found() else None
