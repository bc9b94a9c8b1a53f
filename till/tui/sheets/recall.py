"""The recall list: the user's other orders that wait."""

from __future__ import annotations

from typing import TYPE_CHECKING

from till.domain.errors import OrderClosedError
from till.domain.text import clean
from till.domain.words import _
from till.tui.counter import plain
from till.tui.palette import Role
from till.tui.sheets.base import ChoiceSheet
from till.tui.view import ChoiceView, KeyView, Said

if TYPE_CHECKING:
    from till.domain.order import Order
    from till.tui.counter import Counter
    from till.tui.scenes.sell import SellScene


class RecallSheet(ChoiceSheet):
    """Orders of the user at the till that are put aside on this till or known to it."""

    def __init__(self, counter: Counter, scene: SellScene) -> None:
        super().__init__(counter, scene.desk, _("Orders that wait"))
        self._scene = scene
        self._orders: list[Order] = [
            order
            for order in counter.register.recovery.of_user(scene.user)
            if order.id != scene.session_id and not order.is_empty
        ]

    def rows(self) -> tuple[ChoiceView, ...]:
        """The orders, newest first."""
        register = self.counter.register
        return tuple(
            ChoiceView(
                str(place),
                register.answers.size(order),
                Said(", ".join(clean(row.first.name) for row in order.priced.rows[:3]), Role.MUTED),
                Said(register.venue.local(order.updated_at).strftime("%H:%M"), Role.MUTED),
            )
            for place, order in enumerate(self._orders, 1)
        )

    def empty(self) -> tuple[str, ...]:
        """What stands there when nothing waits."""
        return (_("No other order of yours waits."),)

    def primary(self) -> KeyView:
        """What Enter does."""
        return KeyView("Enter", _("Bring it back"))

    def choose(self, place: int) -> None:
        """Bring an order back; the one on the screen is put aside."""
        register, scene = self.counter.register, self._scene
        wanted = self._orders[place]
        if lock := register.ledger.lock_of(wanted.id):
            raise OrderClosedError(lock)
        present = scene.order
        if present is not None and present.is_open and register.ledger.lock_of(present.id) is None:
            register.recovery.put_aside(present)
        order = register.recovery.resume(wanted.id)
        self.counter.close()
        scene.show_order(order)
        scene.selected = None
        scene.count_waiting()
        scene.said = plain(register.answers.here(order))
