"""Who watches the register of a till that shows no screen: what somebody must know waits for their next login."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from till.domain.order.state import Order
    from till.ports import Light
    from till.register.other_tills.unread import Unread


class Keeper:
    """Watches the register (`till.register.other_tills.news.Watcher`); keeps each sentence for whose order it is about.

    Events are news once: what they led to while the till was closed (`till recover`) is not told again.

    Args:
        unread: where it is kept.
    """

    def __init__(self, unread: Unread) -> None:
        self._unread = unread

    def orders_changed(self, session_ids: Sequence[str]) -> None:
        """No order is in sight."""

    def order_taken(self, session_id: str, sentence: str) -> None:
        """The order carries its lock, and says it whenever it is opened."""

    def lines_joined(self, order: Order, sentence: str) -> None:
        """What another till had keyed joined an order that goes on here."""
        self._keep(order, sentence, passing=True)

    def lines_parted(self, order: Order, sentence: str) -> None:
        """An order goes on in two, here and on another till that was apart."""
        self._keep(order, sentence, passing=True)

    def carried_twice(self, order: Order, sentence: str) -> None:
        """Another till has the same tab open, or was paid for the same lines."""
        self._keep(order, sentence, passing=True)

    def carried_once(self, order: Order, sentence: str) -> None:
        """The same tab is not open twice any more, or a manager settled it."""
        self._keep(order, sentence, passing=True)

    def lines_late(self, order: Order, sentence: str) -> None:
        """Lines keyed here came too late for an order that ended elsewhere, or one cleared here was paid after all."""
        self._keep(order, sentence, passing=order.is_open)

    def money_waits(self, order: Order, sentence: str) -> None:
        """Money of an order that ended is wrong: a manager settles it."""
        self._keep(order, sentence, passing=False)

    def reference_changed(self) -> None:
        """Nobody sees the menu."""

    def light_changed(self, light: Light) -> None:
        """Nobody sees a light."""

    def _keep(self, order: Order, sentence: str, *, passing: bool) -> None:
        self._unread.keep(order.id, sentence, order.user, passing=passing)
        self._unread.save()  # no clock asks again here: a disk that refuses is said now
