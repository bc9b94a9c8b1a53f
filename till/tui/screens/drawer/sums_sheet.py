"""The sheets that are only read: an X or a Z."""

from __future__ import annotations

from typing import TYPE_CHECKING

from typing_extensions import override

from till.domain.i18n import _
from till.domain.paper.drawer import sums_rows
from till.tui.drawing.viewmodels import ChoiceView, KeyView, StyledText
from till.tui.drawing.widgets.choices import Columns
from till.tui.screens.sheets.choice_sheet import ChoiceSheet
from till.tui.shell.messages import esc_back

if TYPE_CHECKING:
    from till.domain.shift.events import ShiftSums
    from till.tui.drawing.screen import TillScreen
    from till.tui.shell.controller import Controller
    from till.tui.shell.keymap import KeyPress


class ReadSheet(ChoiceSheet):
    """Rows that are only read: arrows scroll them, Enter goes back."""

    @override
    def marked(self) -> int | None:
        """Return None, as no row can be chosen."""
        return None

    def _press(self, press: KeyPress) -> None:
        if not self.scroll(press):
            super()._press(press)

    @override
    def enter(self, typed: str) -> None:
        self.cancel()

    @override
    def keys(self) -> tuple[KeyView, ...]:
        return (*self.scrolls(), esc_back())

    @override
    def primary(self) -> KeyView:
        return KeyView("Enter", _("Back to the order"), _("Back"))


class SumsSheet(ReadSheet):
    """The sums of a shift, row by row.

    Args:
        controller: the till.
        screen: the screen under the sheet.
        title: the title.
        sums: the sums.
        hides_cash: True if tenders, tips and drawer wait for the count.
    """

    columns = Columns(key=1, name=1, detail=2)

    def __init__(
        self, controller: Controller, screen: TillScreen, title: str, sums: ShiftSums, *, hides_cash: bool
    ) -> None:
        super().__init__(controller, screen, title)
        register = controller.register
        shown = sums_rows(sums, register.formats, register.checkout.tenders.label_of, hides_cash=hides_cash)
        self._shown = tuple(
            ChoiceView("", row.left, right=StyledText(row.right) if row.right else None) for row in shown
        )

    @override
    def rows(self) -> tuple[ChoiceView, ...]:
        return self._shown
