"""`SessionEventTracker`: the register for a program in Python (docs/adaptations.md). A thin public class."""

from __future__ import annotations

from typing import TYPE_CHECKING

from till.domain.errors import LineError, NotOnMenuError
from till.domain.i18n import _
from till.domain.order.selling import ItemEntry

if TYPE_CHECKING:
    from till.domain.order.state import Order
    from till.register.register import Register


class SessionEventTracker:
    """The order sessions of one user, one after another, for programs in Python.

    Every method is a command of the register: it is decided, journalled and folded before the method returns, and
    reaches PostgreSQL a moment later. All methods are async; none waits for the network.

    `till.cli.library.open_tracker` opens a tracker on the data folder in `TILL_DATA_DIR`. After `till demo` and
    `till admin tills add 5 --here`, for example:

        async with open_tracker(user=1, till=5) as tracker:
            menu = (await tracker.update_session_state("idly")).last_menu  # the shown items, each with its id
            await tracker.add_to_cart(menu[0].id, 2)
            order_id = await tracker.create_order("take_away", "cash")

    Args:
        register: the till.
        user: the staff number of the session.
        session_id: the order to continue; None continues the user's open order, as a login does, or opens one with the
            first command. After `create_order` the next command opens another.
    """

    def __init__(self, register: Register, user: int, session_id: str | None = None) -> None:
        self._register = register
        self._user = user
        self._created = False
        self.session_id = session_id

    async def add_to_cart(self, item_id: str, quantity: int = 1) -> Order:
        """Add a quantity of an item at its price on the menu."""
        item = self._register.menu.by_id.get(item_id)
        if item is None:
            raise NotOnMenuError
        return self._kept(self._register.sales.add(self._open(), self._user, ItemEntry(item, quantity)))

    async def remove_from_cart(self, item_id: str, reason: str = "removed") -> Order:
        """Void all lines of an item."""
        order = self._order()
        for line_id in self._lines(order, item_id):
            if self._register.ledger.order(order.id).lines[line_id].quantity:
                self._register.sales.void(order.id, line_id, reason)
        return self._register.ledger.order(order.id)

    async def update_quantity(self, item_id: str, quantity: int) -> Order:
        """Set the quantity of the newest row of an item; 0 removes the item."""
        if quantity == 0:
            return await self.remove_from_cart(item_id)
        order = self._order()
        return self._register.sales.change_quantity(order.id, self._lines(order, item_id)[-1], quantity)

    async def update_session_state(self, query: str = "") -> Order:
        """Record that the menu was shown for a query: `last_shown_menu` and `current_step` follow from the events."""
        register = self._register
        moment = register.venue.local(register.ledger.now())
        items = register.lookup.search(query, 50) if query else list(register.menu.sold_at(moment))
        return self._kept(register.sales.view_menu(self._open(), self._user, query, items))

    async def set_preferences(self, preferences: dict[str, str]) -> Order:
        """Set preferences of the whole order."""
        order: Order | None = None
        for name, value in preferences.items():
            order = self._kept(self._register.sales.set_preference(self._open(), self._user, name, value))
        return order or self._order()

    async def create_order(self, order_type: str, payment_method: str) -> str:
        """Complete the session into an order, paid exactly in one tender. Return the order's id."""
        order, register = self._order(), self._register
        if order_type not in register.venue.order_types:
            raise LineError(_("There is no order type {type}.").format(type=order_type))
        tender = register.checkout.tenders.taken_here(payment_method.upper()).name
        register.sales.set_order_type(order.id, self._user, order_type)
        placed = register.checkout.pay_exact(order.id, tender).placed
        if placed is None:
            raise LineError(_("The order could not be completed: something is still due."))
        self.session_id, self._created = None, True
        return placed.data.order_id

    def _kept(self, order: Order) -> Order:
        self.session_id = order.id
        return order

    def _open(self) -> str | None:
        """Return the order to continue; None to open one, as for the guest after one who has paid."""
        recovery = self._register.recovery
        if self.session_id is None and not self._created and (found := recovery.arrival(self._user, None).open):
            self.session_id = recovery.resume(found).id
        return self.session_id

    def _order(self) -> Order:
        session_id = self._open()
        if session_id is None:
            raise LineError(_("There is no order yet. Add an item first."))
        return self._register.ledger.order(session_id)

    @staticmethod
    def _lines(order: Order, item_id: str) -> list[str]:
        found = [line.id for line in order.lines.values() if line.item_id == item_id and line.quantity]
        if not found:
            raise LineError(_("That item is not on the order."))
        return found
