"""The list of all commands by name, for users who do not know the keys."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from typing_extensions import override

from till.domain.errors import TillError
from till.domain.i18n import N_, _
from till.tui.drawing.viewmodels import ChoiceView, KeyView
from till.tui.drawing.widgets.choices import Columns
from till.tui.screens.sheets.choice_sheet import ChoiceSheet

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from till.tui.drawing.screen import TillScreen
    from till.tui.shell.controller import Controller


class ListedCommand(Protocol):
    """A command in the list."""

    @property
    def name(self) -> str: ...

    @property
    def title(self) -> str: ...


class CommandSheet(ChoiceSheet):
    """The commands whose name contains the typed text; Enter runs the marked one.

    Args:
        controller: the till.
        screen: the screen below.
        find: returns the commands that a text finds.
        do: runs a command by its name.
    """

    types = full = True
    columns = Columns(key=1, name=12, detail=50)
    hint_text = N_("Type a part of the name, or what you want to do.")
    empty_text = N_("No command has that name.")
    help_rows = (
        (N_("letters"), N_("A part of the name"), N_("the list grows shorter")),
        ("↑ ↓, Enter", N_("Run the marked command"), N_("its key is in front of it")),
        ("Esc", N_("Back"), ""),
    )

    def __init__(
        self,
        controller: Controller,
        screen: TillScreen,
        find: Callable[[str], Sequence[ListedCommand]],
        do: Callable[[str], None],
    ) -> None:
        super().__init__(controller, screen, _("Commands"))
        self._find, self._do = find, do

    def _found(self) -> Sequence[ListedCommand]:
        return self._find(self.entry.text)

    @override
    def rows(self) -> tuple[ChoiceView, ...]:
        """Return the commands that match the typed text."""
        keymap = self.controller.keymap
        return tuple(ChoiceView(keymap.label(command.name), command.title) for command in self._found())

    @override
    def typed(self) -> None:
        """Mark the first command of the shorter list."""
        self.selected = 0

    @override
    def enter(self, typed: str) -> None:
        found = self._find(typed)
        if not found:
            raise TillError(_("No command has that name."))
        chosen = found[min(self.selected, len(found) - 1)]
        self.controller.close()
        self._do(chosen.name)

    @override
    def primary(self) -> KeyView | None:
        return KeyView("Enter", _("Do it")) if self._found() else None
