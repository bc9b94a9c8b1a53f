"""The help of the current screen: every key with its second key, and what can be typed."""

from __future__ import annotations

from textwrap import wrap
from typing import TYPE_CHECKING, Final

from typing_extensions import override

from till.domain.i18n import N_, _
from till.tui.drawing.cut import cell_len
from till.tui.drawing.viewmodels import ChoiceView, KeyView, choice
from till.tui.drawing.widgets.choices import Columns
from till.tui.screens.sheets.choice_sheet import ChoiceSheet
from till.tui.shell.keymap import HELP

if TYPE_CHECKING:
    from till.tui.drawing.screen import TillScreen
    from till.tui.shell.controller import Controller, Helped
    from till.tui.shell.keymap import KeyPress


#: The column of a key, the gap between columns, and the margins of a row.
_KEY: Final = 1
_GAP: Final = 2
_MARGINS: Final = 5
#: The least room for an explanation.
_LEAST: Final = 10


class HelpSheet(ChoiceSheet):
    """The list of keys, what they do, and how. A key pressed here acts as if pressed on the screen below."""

    full = is_read = True
    enter_key = KeyView("Enter", N_("Back"))

    def __init__(self, controller: Controller, screen: TillScreen, helped: tuple[Helped, ...], title: str = "") -> None:
        name = _KEY + _GAP + max(cell_len(key) for key, _does, _how in helped)
        self.columns = Columns(_KEY, name, name + _GAP + max(cell_len(does) for _key, does, _how in helped))
        self._helped = helped
        super().__init__(controller, screen, title or _("Help"))

    @override
    def rows(self) -> tuple[ChoiceView, ...]:
        """Return the keys. An explanation that is too long for its row continues on the next."""
        room = self.screen.app.size.width - _MARGINS - self.columns.detail
        rows: list[ChoiceView] = []
        for key, does, how in self._helped:
            first, *others = wrap(how, max(room, _LEAST)) or [""]
            rows.append(choice(key, does, first))
            rows += [choice("", " ", other) for other in others]
        return tuple(rows)

    def _press(self, press: KeyPress) -> None:
        command = self.controller.keymap.command(press)
        if press.is_enter or press.key == "escape" or command == HELP:
            self.cancel()
        elif command is not None and (below := self._below()) is not None:
            self.cancel()
            below(press)
        else:
            self.refuse(press)
