"""Ring again: while offline, key a tab that another till holds as a new order, from the copy on this till."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from till.domain.errors import NotHeldError, PaymentError
from till.domain.events.envelope import time_text
from till.domain.i18n import _
from till.domain.order import copying, selling
from till.domain.order.events import RungAgain

if TYPE_CHECKING:
    from collections.abc import Callable

    from till.domain.catalogue.menu import Item
    from till.domain.money.measures import Minor
    from till.domain.money.promotion import Offer
    from till.domain.order.state import Order
    from till.register.ledger.ledger import Ledger
    from till.register.reference import Reference
    from till.register.tabs.open_tabs import OpenTab


class Rung(Struct, frozen=True):
    """The new order, and the names of items that are off the menu."""

    order: Order
    missed: list[str]


def check_copy(tab: OpenTab | None, money: Callable[[Minor], str]) -> OpenTab:
    """Return a tab that can be rung again. A copy knows no payments, so the guest would pay that part twice.

    Raises:
        NotHeldError: this till has no copy of its lines.
        PaymentError: a part of it is paid.
    """
    if tab is None or not tab.items:
        raise NotHeldError
    if tab.paid:
        raise PaymentError(_("{paid} of it is paid: take the rest at its till.").format(paid=money(tab.paid)))
    return tab


class RingAgain:
    """A copier of tabs into new orders. A notice names both orders once the server has them.

    Args:
        ledger: the write path.
        reference: has the menu, for the taxes of the lines, and the terms.
    """

    def __init__(self, ledger: Ledger, reference: Reference) -> None:
        self._ledger = ledger
        self._reference = reference

    def ring(self, tab: OpenTab, user: int) -> Rung:
        """Open an order with the last listed lines of a tab.

        Raises:
            TillError: see `check_copy`.
        """
        check_copy(tab, self._reference.formats.money)
        venue, session_id = self._reference.venue, self._ledger.new_id()
        again = RungAgain(session=tab.session_id, at=time_text(tab.since))
        with self._ledger.command() as command:
            order_type = tab.order_type or venue.order_types[0]
            command.write([selling.open_order(session_id, user, self._reference.terms, order_type, again=again)])
            opened = command.order(session_id)
            copied = copying.copy_lines(opened, self._reference.menu, tab.items, self._ledger.new_id, self._offers)
            command.write(copied.drafts)
        return Rung(self._ledger.order(session_id), copied.missed)

    def _offers(self, item: Item) -> tuple[Offer, ...]:
        return self._reference.venue.offers_on(item.id, item.category, self._ledger.now())
