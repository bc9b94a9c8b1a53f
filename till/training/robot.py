"""A simulated cashier on a register, for load, for generated sales, and for the other till of a training."""

from __future__ import annotations

from typing import TYPE_CHECKING

from till.domain.order.line import Modifier
from till.domain.order.selling import ItemEntry
from till.training.drills import Task

if TYPE_CHECKING:
    from collections.abc import Iterable

    from till.domain.catalogue.menu import Item
    from till.domain.order.state import Order
    from till.register.register import Register
    from till.training.guests import Guest, Want


class Robot:
    """A simulated cashier, who makes no mistakes.

    Args:
        register: the till.
        user: the staff number.
    """

    def __init__(self, register: Register, user: int) -> None:
        self._register = register
        self._user = user

    def key(self, wants: Iterable[Want], session_id: str | None = None) -> Order:
        """Key a guest's wishes on an order, or on a new one."""
        menu = self._register.menu
        entries = [self._entry(menu.by_id[want.item_id], want) for want in wants]
        order = None
        for entry in entries:
            order = self._register.sales.add(order.id if order else session_id, self._user, entry, at_any_time=True)
        return order or self._register.sales.open(self._user)

    def _entry(self, item: Item, want: Want) -> ItemEntry:
        for group in self._register.menu.groups_of(item):
            if (option := group.option(want.note)) is not None:
                return ItemEntry(item, want.pieces, modifiers=(Modifier(option.name, option.price4, group.id),))
        return ItemEntry(item, want.pieces)

    def serve(self, guest: Guest) -> Order | None:
        """Serve a guest completely, except for refunds. Return None for a bill whose table is not open."""
        tabs, checkout = self._register.tabs, self._register.checkout
        if guest.task in {Task.BILL, Task.TAKEOVER}:
            found = next((tab for tab in self._register.open_tabs.local() if tab.table == guest.table), None)
            order = tabs.recall(found.session_id, self._user) if found is not None else None
        else:
            order = self.key(guest.change.wants if guest.change is not None else guest.wants)
        if order is None or guest.task is Task.TAB:
            if order is not None:
                tabs.save(order.id, str(guest.table))
            return order
        if guest.pays.note > order.due:
            return checkout.pay(order.id, guest.pays.tender, guest.pays.note)
        return checkout.pay_exact(order.id, guest.pays.tender)

    def leave_open(self, guest: Guest) -> Order:
        """Key a guest's order, save it to the guest's table, and keep it open on this till."""
        order = self.key(guest.wants)
        self._register.tabs.save(order.id, str(guest.table))
        return self._register.tabs.recall(order.id, self._user)
