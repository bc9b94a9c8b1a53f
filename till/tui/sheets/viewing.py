"""Looking at an order without taking it: nothing changes anywhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from till.domain.i18n import _
from till.domain.text import clean
from till.tui.counter import esc_back
from till.tui.palette import Role
from till.tui.sheets.base import ChoiceSheet, asks_help
from till.tui.view import ChoiceView, KeyView, Said

if TYPE_CHECKING:
    from till.domain.order.state import Order
    from till.tui.counter import Counter, Helped
    from till.tui.desk import Desk
    from till.tui.strokes import Stroke


class ViewSheet(ChoiceSheet):
    """The lines of an order that another till holds."""

    def __init__(self, counter: Counter, desk: Desk, order: Order, till_name: str) -> None:
        size = counter.register.answers.size(order)
        super().__init__(counter, desk, _("The order on {till}").format(till=till_name), size)
        self._order = order

    def rows(self) -> tuple[ChoiceView, ...]:
        """The lines."""
        formats = self.counter.register.formats
        return tuple(
            ChoiceView(
                str(row.quantity),
                clean(row.first.name),
                Said(f"@ {formats.price(row.first.unit_price4)}", Role.MUTED) if row.quantity > 1 else None,
                Said(formats.amount(row.amount)),
            )
            for row in self._order.priced.rows
        )

    def marked(self) -> int | None:
        """Nothing is chosen here."""
        return None

    def _stroke(self, stroke: Stroke) -> None:
        """Scroll, or back: a letter here is meant for nothing that stands behind."""
        back = stroke.is_enter or stroke.key == "escape"
        if not self.scroll(stroke) and (back or asks_help(self.counter, stroke, types=False)):
            super()._stroke(stroke)

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
