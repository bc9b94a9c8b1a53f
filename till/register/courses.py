"""Courses of an order: those that wait until they are fired, and those that the kitchen gets now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from till.domain.errors import LineError
from till.domain.i18n import _
from till.domain.order import courses
from till.domain.order.tickets import held_pieces

if TYPE_CHECKING:
    from collections.abc import Mapping

    from till.domain.events.envelope import Draft
    from till.domain.order.state import Order
    from till.register.ledger.ledger import Ledger
    from till.register.reference import Reference
    from till.register.selling import Sales


class Courses:
    """The courses of orders, as the venue's kitchen gets them."""

    def __init__(self, ledger: Ledger, reference: Reference, sales: Sales) -> None:
        self._ledger = ledger
        self._reference = reference
        self._sales = sales

    def held(self, order: Order) -> Mapping[str, int]:
        """Return the pieces of each line that wait for their course."""
        return held_pieces(order, self._reference.kitchen)

    def next(self, order: Order) -> int | None:
        """Return the course that is fired next; None if none waits."""
        return courses.next_course(order, self._reference.kitchen)

    def usual(self, item_id: str) -> int | None:
        """Return the course of an item, where its line has no other."""
        return self._reference.menu.course_of(item_id)

    def fire(self, session_id: str, course: int | None) -> Order:
        """Fire a course; None for the next one. What a station has is not taken back by Ctrl+Z."""
        order, kitchen = self._ledger.order(session_id), self._reference.kitchen
        drafts = courses.fire_course(order, course, kitchen)
        back = self._refuse_fired if kitchen.stations else None
        return self._sales.change(session_id, order.user, lambda _order: drafts, back=back)

    @staticmethod
    def _refuse_fired(_order: Order) -> list[Draft]:
        raise LineError(_("A course was fired last. F7 voids what is not to be made."))

    def hold(self, session_id: str | None, user: int, *, held: bool) -> Order:
        """Hold the courses of an order from the second on until they are fired, or no longer."""
        kitchen = self._reference.kitchen
        return self._sales.change(
            session_id,
            user,
            lambda order: courses.hold_courses(order, kitchen, held=held),
            back=lambda order: courses.hold_courses(order, self._reference.kitchen, held=not held),
        )
