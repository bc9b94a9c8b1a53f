"""Ring again: while offline, key a tab that another till holds as a new order, from the copy on this till."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from till.domain.errors import NotHeldError, PaymentError
from till.domain.events.envelope import time_text
from till.domain.i18n import _
from till.domain.order import copying, facts, selling
from till.domain.order.events import RungAgain
from till.register.ledger.ledger import Command

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
    """The new order, and what the tab had and the copy lacks.

    Attributes:
        missed: the names of items that are off the menu.
        has_less_off: True if its lines cost more than on the tab, whose discounts are not copied.
    """

    order: Order
    missed: tuple[str, ...]
    has_less_off: bool


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
        """Open an order with the last listed lines of a tab."""
        with self._ledger.command() as command:
            return self._rung(command, tab, user)

    def preview(self, tab: OpenTab, user: int) -> Rung:
        """Return the order as `ring` would open it. Writes nothing.

        Raises:
            TillError: as `ring`.
        """
        return self._rung(Command(self._ledger), tab, user)

    def _rung(self, command: Command, tab: OpenTab, user: int) -> Rung:
        check_copy(tab, self._reference.formats.money)
        terms, session_id = self._reference.terms, self._ledger.new_id()
        again = RungAgain(session=tab.session_id, at=time_text(tab.since))
        order_type = tab.order_type or self._reference.venue.order_types[0]
        command.write([selling.open_order(session_id, user, terms, order_type, again=again)])
        command.write(facts.facts_again(dict(tab.words), session_id))
        menu = self._reference.menu
        stations = self._reference.kitchen.station_of
        order = command.order(session_id)
        copied = copying.copy_lines(order, menu, tab.items, self._ledger.new_id, self._offers, stations)
        command.write(copied.drafts)
        order = command.order(session_id)
        cost = sum(terms.currency.minor(row.amount) for row in tab.items if row.item_id in menu.by_id)
        return Rung(order, tuple(dict.fromkeys(copied.missed)), order.priced.amount > cost)

    def _offers(self, item: Item) -> tuple[Offer, ...]:
        return self._reference.venue.offers_on(item.id, item.category, self._ledger.now())
