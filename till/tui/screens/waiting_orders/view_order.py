"""The sheet that shows an order on another till without taking it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from typing_extensions import override

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

    @override
    def rows(self) -> tuple[ChoiceView, ...]:
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

    @override
    def marked(self) -> int | None:
        """Return None, as no row can be chosen."""
        return None

    def _press(self, press: KeyPress) -> None:
        """Scroll or go back; any other key is refused, so that it does not reach the screen below."""
        back = press.is_enter or press.key == "escape"
        if self.scroll(press):
            return
        if back or asks_help(self.controller, press, types=False):
            super()._press(press)
        else:
            self.refuse(press)

    @override
    def enter(self, typed: str) -> None:
        del typed
        self.cancel()

    @override
    def keys(self) -> tuple[KeyView, ...]:
        return (*self.scrolls(), esc_back())

    @override
    def helped(self) -> tuple[Helped, ...]:
        return (
            ("↑ ↓", _("Scroll"), _("when there are more lines")),
            ("Enter", _("Back"), ""),
            ("Esc", _("Back"), _("the order stays where it is")),
        )

    @override
    def primary(self) -> KeyView:
        return KeyView("Enter", _("Back"))
