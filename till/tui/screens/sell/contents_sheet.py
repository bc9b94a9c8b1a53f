"""The sheet of the dishes that contain something, such as nuts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from typing_extensions import override

from till.domain.i18n import N_, _
from till.domain.text import clean
from till.register.allergies import dishes_with, none_with, unknown_to
from till.tui.drawing.viewmodels import KeyView, choice
from till.tui.screens.sheets.choice_sheet import ChoiceSheet, asks_help
from till.tui.shell.messages import refusal

if TYPE_CHECKING:
    from till.tui.drawing.viewmodels import ChoiceView
    from till.tui.screens.sell.host import SellHost
    from till.tui.shell.controller import Controller
    from till.tui.shell.keymap import KeyPress


class ContentsSheet(ChoiceSheet):
    """The dishes that contain what was typed, each with what that is. The title has the number of those not stated."""

    is_read = True
    help_rows = (
        ("↑ ↓", N_("Scroll"), N_("when there are more lines")),
        ("Enter", N_("Back"), ""),
        ("Esc", N_("Back"), ""),
    )
    enter_key = KeyView("Enter", N_("Back"))

    def __init__(self, controller: Controller, scene: SellHost, wish: str = "") -> None:
        menu = controller.register.menu
        self._wish, self._found = clean(wish), dishes_with(menu, wish)
        title = _("Contains {words}").format(words=self._wish)
        super().__init__(controller, scene.screen, title, self._found.silent_in_words)
        if unknown := unknown_to(menu, wish):
            self.message = refusal(unknown)

    @override
    def rows(self) -> tuple[ChoiceView, ...]:
        return tuple(choice("", name, what) for name, what in self._found.dishes)

    @override
    def empty(self) -> tuple[str, ...]:
        return (none_with(self._wish),)

    def _press(self, press: KeyPress) -> None:
        """Go back; any other key is refused, so that it does not reach the screen below."""
        if press.is_enter or press.key == "escape" or asks_help(self.controller, press, types=False):
            super()._press(press)
        else:
            self.refuse(press)

    @override
    def enter(self, _typed: str) -> None:
        self.cancel()
