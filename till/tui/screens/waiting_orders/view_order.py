"""Looking at an order without taking it: nothing changes anywhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from till.domain.i18n import _
from till.domain.text import clean
from till.tui.drawing.palette import Tone
from till.tui.drawing.viewmodels import ChoiceView, KeyView, StyledText
from till.tui.screens.sheets.choice_sheet import ChoiceSheet, asks_help
from till.tui.shell.messages import esc_back

if TYPE_CHECKING:
    from till.domain.order.state import Order
    from till.tui.drawing.screen import TillScreen
    from till.tui.shell.controller import Controller, Helped
    from till.tui.shell.keymap import KeyPress


class ViewSheet(ChoiceSheet):
    """The lines of an order that another till holds."""

    def __init__(self, controller: Controller, screen: TillScreen, order: Order, till_name: str) -> None:
        size = controller.register.answers.size(order)
        super().__init__(controller, screen, _("The order on {till}").format(till=till_name), size)
        self._order = order

    def rows(self) -> tuple[ChoiceView, ...]:
        """The lines."""
        formats = self.controller.register.formats
        return tuple(
            ChoiceView(
                str(row.quantity),
                clean(row.first.name),
                StyledText(f"@ {formats.price(row.first.unit_price4)}", Tone.MUTED) if row.quantity > 1 else None,
                StyledText(formats.amount(row.amount)),
            )
            for row in self._order.priced.rows
        )

    def marked(self) -> int | None:
        """Nothing is chosen here."""
        return None

    def _press(self, press: KeyPress) -> None:
        """Scroll, or back: a letter here is meant for nothing that stands behind."""
        back = press.is_enter or press.key == "escape"
        if not self.scroll(press) and (back or asks_help(self.controller, press, types=False)):
            super()._press(press)

    def enter(self, typed: str) -> None:
        """Back."""
        del typed
        self.cancel()

    def keys(self) -> tuple[KeyView, ...]:
        """What the keys do here."""
        return (*self.scrolls(), esc_back())

    def helped(self) -> tuple[Helped, ...]:
        """Only looking."""
        return (
            ("↑ ↓", _("Scroll"), _("when there are more lines")),
            ("Enter", _("Back"), ""),
            ("Esc", _("Back"), _("the order stays where it is")),
        )

    def primary(self) -> KeyView:
        """What Enter does."""
        return KeyView("Enter", _("Back"))
