"""The help of the current screen: every key with its second key, and what can be typed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from typing_extensions import override

from till.domain.i18n import _
from till.tui.drawing.palette import Tone
from till.tui.drawing.viewmodels import ChoiceView, KeyView, StyledText
from till.tui.drawing.widgets.choices import Columns
from till.tui.screens.sheets.choice_sheet import ChoiceSheet
from till.tui.shell.keymap import HELP
from till.tui.shell.messages import esc_back

if TYPE_CHECKING:
    from till.tui.drawing.screen import TillScreen
    from till.tui.shell.controller import Controller, Helped
    from till.tui.shell.keymap import KeyPress


class HelpSheet(ChoiceSheet):
    """The list of keys, what they do, and how. A key pressed here acts as if pressed on the screen below."""

    columns = Columns(key=1, name=22, detail=46)
    full = True

    def __init__(self, controller: Controller, screen: TillScreen, helped: tuple[Helped, ...]) -> None:
        super().__init__(controller, screen, _("Help"))
        self._helped = helped

    @override
    def rows(self) -> tuple[ChoiceView, ...]:
        return tuple(
            ChoiceView(key, word, StyledText(how, Tone.MUTED) if how else None) for key, word, how in self._helped
        )

    @override
    def marked(self) -> int | None:
        """Return None, as no row can be chosen."""
        return None

    def _press(self, press: KeyPress) -> None:
        command = self.controller.keymap.command(press)
        if self.scroll(press):
            return
        if press.is_enter or press.key == "escape" or command == HELP:
            self.cancel()
        elif command is not None and (below := self._below()) is not None:
            self.cancel()
            below(press)
        else:
            self.refuse(press)

    @override
    def keys(self) -> tuple[KeyView, ...]:
        return (*self.scrolls(), esc_back())

    @override
    def primary(self) -> KeyView:
        return KeyView("Enter", _("Back"))
