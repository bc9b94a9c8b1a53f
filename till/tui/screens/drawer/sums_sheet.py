"""The sheet of an X or a Z."""

from __future__ import annotations

from typing import TYPE_CHECKING

from typing_extensions import override

from till.register.shift_words import rows_of
from till.tui.drawing.viewmodels import ChoiceView, StyledText
from till.tui.screens.sheets.choice_sheet import ChoiceSheet

if TYPE_CHECKING:
    from till.domain.shift.events import ShiftSums
    from till.tui.drawing.screen import TillScreen
    from till.tui.shell.controller import Controller


class SumsSheet(ChoiceSheet):
    """The sums of a shift, row by row.

    Args:
        controller: the till.
        screen: the screen under the sheet.
        title: the title.
        sums: the sums.
        hides_cash: True if tenders, tips and drawer wait for the count.
    """

    full = True

    def __init__(
        self, controller: Controller, screen: TillScreen, title: str, sums: ShiftSums, *, hides_cash: bool
    ) -> None:
        super().__init__(controller, screen, title)
        register = controller.register
        shown = rows_of(sums, register.formats, register.checkout.tenders.label_of, hides_cash=hides_cash)
        self._shown = tuple(
            ChoiceView("", one.label, right=StyledText(one.figure) if one.figure else None) for one in shown
        )

    @override
    def rows(self) -> tuple[ChoiceView, ...]:
        return self._shown
