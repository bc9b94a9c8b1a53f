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

    def key(self, wants: Iterable[Want], session_id: str | None = None, order_type: str = "") -> Order:
        """Key a guest's wishes on an order, or on a new one; those without a type of their own are of `order_type`."""
        menu = self._register.menu
        entries = [self._entry(menu.by_id[want.item_id], want, want.order_type or order_type) for want in wants]
        order = None
        for entry in entries:
            order = self._register.sales.add(order.id if order else session_id, self._user, entry, at_any_time=True)
        return order or self._register.sales.open(self._user)

    def _entry(self, item: Item, want: Want, own_type: str) -> ItemEntry:
        chosen = tuple(
            Modifier(option.name, option.price4, group.id)
            for group in self._register.menu.groups_of(item)
            for option in group.options
            if option.name in want.notes
        )
        return ItemEntry(item, want.pieces, modifiers=chosen, own_type=own_type)

    def serve(self, guest: Guest) -> Order | None:
        """Serve a guest completely, except for refunds. Return None for a bill whose table is not open."""
        order = self.at_table(guest)
        wants = guest.change.wants if guest.change is not None else guest.wants
        if guest.task not in {Task.BILL, Task.TAKEOVER} or (guest.task is Task.BILL and order is not None and wants):
            order = self.key(wants, order.id if order is not None else None, guest.order_type)
        return self.finish(order, guest) if order is not None else None

    def at_table(self, guest: Guest) -> Order | None:
        """Recall the order at a guest's table; None without one."""
        tables = self._register.open_tabs.local() if guest.table else ()
        found = next((tab for tab in tables if tab.table == guest.table), None)
        return self._register.tabs.recall(found.session_id, self._user) if found is not None else None

    def finish(self, order: Order, guest: Guest) -> Order:
        """Save a guest's order to the table, or take the money."""
        checkout = self._register.checkout
        if guest.task is Task.TAB:
            self._register.tabs.save(order.id, str(guest.table))
            return order
        if guest.pays.note > order.due:
            return checkout.pay(order.id, guest.pays.tender, guest.pays.note)
        return checkout.pay_exact(order.id, guest.pays.tender)

    def leave_open(self, guest: Guest) -> Order:
        """Key a guest's order, save it to the guest's table, and keep it open on this till."""
        order = self.key(guest.wants)
        self._register.tabs.save(order.id, str(guest.table))
        return self._register.tabs.recall(order.id, self._user)
