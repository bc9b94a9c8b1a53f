"""A cashier at the keys of a till: the register's commands, in the order in which the screens use them."""

from __future__ import annotations

from collections import Counter
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Final, TypeVar

from tests.simulation.machine import Fate
from tests.simulation.violation import hold
from till.domain.errors import LoginError, NotHeldError, StoreError, TillError
from till.domain.money.measures import Minor
from till.domain.order import moving
from till.domain.order.paying import CASH, due_in
from till.domain.order.selling import ItemEntry
from till.ports import LightState

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from tests.simulation.machine import Machine
    from tests.simulation.world import World
    from till.domain.order.line import Row
    from till.domain.order.state import Order
    from till.domain.staff.rights import Approval, Asked
    from till.ports import RemoteSession
    from till.register.tabs.open_tabs import OpenTab

T = TypeVar("T")
CARD = "CARD"
MANAGER: Final = 9
#: Acts that take no paid piece away: no news of other tills arrives meanwhile.
_AT_KEYS: Final = frozenset({"quantity", "void", "undo", "items"})
#: Of eight acts one is not heard of, and one is lost on its way.
_FATES: Final = {6: Fate.UNHEARD, 7: Fate.LOST}


class Cashier:
    """Somebody who does one thing at a till, by chance; an impossible act is skipped."""

    def __init__(self, world: World, machine: Machine, chance: int) -> None:
        self._world = world
        self._machine = machine
        self._register = machine.register
        self._chance = chance

    def do(self, kind: str) -> None:
        """Give one command. A refusal that a cashier would read raises `TillError`."""
        if kind == "login":
            self.login()
            return
        if self._register.access.person is None:
            self.login()
        if self._register.access.person is None:
            return
        action: Callable[[], None] = getattr(self, kind)
        before = self._gone()
        action()
        if kind in _AT_KEYS:
            hold("what is paid for stays", holds=self._gone() <= before, what=kind)
        self._world.paint(self._machine)

    def _gone(self) -> set[str]:
        """Return the lines here with fewer pieces than guests have paid for."""
        orders = (order for order in self._register.ledger.open_orders() if order.paid_for)
        return {
            line_id
            for order in orders
            for line_id, pieces in order.paid_for.items()
            if line_id not in order.lines or pieces > abs(order.lines[line_id].quantity)
        }

    # The screen.

    @property
    def _user(self) -> int:
        person = self._register.access.person
        return person.number if person else 0

    def _pick(self, count: int) -> int:
        return self._chance // 7 % count

    def _order(self) -> Order | None:
        """Return the order on the screen, if it can still be changed; leave any other with Esc."""
        screen = self._machine.screen
        order = self._register.ledger.find(screen) if screen else None
        if order is None or not order.is_open or self._register.ledger.lock_of(order.id):
            self._machine.screen = None
            return None
        return order

    def _row(self) -> tuple[Order, Row] | None:
        order = self._order()
        rows = order.priced.rows if order else ()
        return (order, rows[self._pick(len(rows))]) if order and rows else None

    # Keying.

    def key(self) -> None:
        menu = self._register.menu
        keyed = ItemEntry(menu.items[self._pick(len(menu.items))], 1 + self._chance % 3)
        order = self._order()
        self._machine.screen = self._register.sales.add(order.id if order else None, self._user, keyed).id

    def quantity(self) -> None:
        if found := self._row():
            self._register.sales.change_quantity(found[0].id, found[1].first.id, 1 + self._chance % 5)

    def void(self) -> None:
        if found := self._row():
            row = self._register.sales.void(found[0].id, found[1].first.id, "changed mind")
            self._world.voided.update(row.line_ids)

    def undo(self) -> None:
        if order := self._order():
            after = self._register.sales.undo(order.id)
            taken = (one.id for one in after.lines.values() if one.void and not order.lines[one.id].void)
            self._world.voided.update(taken)

    def discount(self) -> None:
        if found := self._row():
            amount = Minor(1 + self._chance % 999)
            self._register.sales.discount(found[0].id, found[1].first.id, amount=amount, reason="late")

    def order_type(self) -> None:
        if order := self._order():
            kinds = self._register.venue.order_types
            self._register.sales.set_order_type(order.id, self._user, kinds[self._chance % len(kinds)])

    def wish(self) -> None:
        if order := self._order():
            self._register.sales.set_preference(order.id, self._user, "spice", f"{self._chance % 4}")

    def menu(self) -> None:
        order = self._order()
        items = self._register.menu.items[:2]
        self._machine.screen = self._register.sales.view_menu(order.id if order else None, self._user, "", items).id

    # Money.

    def pay(self) -> None:
        order = self._order()
        if order is None:
            return
        if self._chance % 3 == 0:
            self._pay_exact(order, CARD)
        elif self._chance % 3 == 1 and order.due > 0:
            self._finish(self._register.checkout.pay(order.id, CASH, Minor(due_in(order, CASH) + self._chance % 5000)))
        else:
            self._pay_exact(order, CASH)

    def _pay_exact(self, order: Order, tender: str) -> None:
        """Take what is due, or give back what is paid too much, with a manager's approval if one is needed."""
        checkout = self._register.checkout
        self._finish(self._approved(lambda yes: checkout.pay_exact(order.id, tender, approval=yes)))

    def _approved(self, act: Callable[[Approval | None], T]) -> T:
        """Do something, with a manager's approval if one is needed."""
        return act(self._yes(self._register.approvals.lacking(partial(act, None))))

    def _yes(self, asked: Asked | None) -> Approval | None:
        """Return a manager's approval, if one is needed."""
        if asked is None or self._register.approvals.allow(asked):
            return None
        return self._register.approvals.give(self._register.access.find(MANAGER), asked)

    def pay_part(self) -> None:
        order = self._order()
        if order is not None and order.due > 1:
            self._finish(self._register.checkout.pay(order.id, CARD, Minor(1 + self._chance % (order.due - 1))))

    def card(self) -> None:
        """Ask the card terminal for the amount due."""
        order = self._order()
        if order is not None and order.due > 0 and order.pending_payment is None:
            self._machine.attend(lambda: self._register.charges.ask(order.id, "TERMINAL"))
            self._finish(self._register.ledger.order(order.id))

    def hear(self) -> None:
        """Poll charges that have no answer yet."""
        self._machine.attend()

    def decline(self) -> None:
        order = self._order()
        if order is not None and order.due > 0:
            self._register.checkout.attempt(order.id, CARD, order.due, "declined")

    def _finish(self, order: Order) -> None:
        self._world.paid(self._machine, order)
        if order.placed is not None:
            self._machine.screen = None

    # Aside and back.

    def save_tab(self) -> None:
        order = self._order()
        if order is None:
            return
        name = "" if order.tab and self._chance % 2 else f"{1 + self._chance % 5}"
        self._world.paint(self._machine)
        self._register.tabs.save(order.id, name, self._tabs())
        self._machine.screen = None

    def _tabs(self) -> list[OpenTab]:
        if not self._asks:
            return self._register.open_tabs.local()
        try:
            return self._register.open_tabs.merged(self._machine.open_tabs())
        except StoreError:
            return self._register.open_tabs.local()

    @property
    def _asks(self) -> bool:
        return self._register.light.state is not LightState.OFFLINE

    def recall_tab(self) -> None:
        order = self._order()
        if order is not None and not order.is_empty:
            return  # the screen saves then
        tabs = self._tabs()
        if not tabs or self._rearrange(tabs):
            return
        tab = tabs[self._pick(len(tabs))]
        taking_over = tab.till not in {None, self._machine.number}
        if taking_over and self._chance % 3 == 0:
            return  # the warning was read, and the other till goes on with it
        self._obtain(tab.session_id, self._user, warned=taking_over)
        self._machine.screen = self._register.tabs.recall(tab.session_id, self._user).id

    def _obtain(self, session_id: str, user: int, *, warned: bool = False) -> None:
        """Have the server grant an order that another till holds.

        Raises:
            TillError: the server cannot be asked, or does not grant it.
        """
        if not self._register.grants.must_ask(session_id):
            return
        if not self._asks:
            raise NotHeldError
        self._machine.grant(session_id, user, warned=warned)

    def split(self) -> None:
        """Split a line into a suspended order of its own, or have a guest pay some pieces of one."""
        order = self._order()
        if order is not None and self._chance % 2 and self._part(order):
            return
        lines = [line.id for line in order.lines.values() if line.quantity] if order else []
        if order is not None and len(lines) > 1 and not order.paid:
            self._cut(order, moving.whole(order, [lines[self._pick(len(lines))]]))

    def _part(self, order: Order) -> bool:
        """Split one piece of a line into an order of its own; false if there is none."""
        lines = [line.id for line in order.lines.values() if line.quantity > 1]
        if not lines:
            return False
        self._cut(order, {lines[self._pick(len(lines))]: 1})
        return True

    def _cut(self, order: Order, taken: dict[str, int]) -> None:
        """Split pieces of lines into an order of their own."""
        with self._conserved(order.id) as made:
            made.append(self._machine.part(order.id, taken).id)

    @contextmanager
    def _conserved(self, *session_ids: str) -> Iterator[list[str]]:
        """Check that pieces, prices and money of these orders, and of those added to the list, stay together."""
        before, made = self._carried(session_ids), list[str]()
        self._machine.fate = _FATES.get(self._chance >> 3 & 7, Fate.ANSWERED)
        yield made
        after = self._carried([*session_ids, *made])
        hold("moving leaves nothing behind", holds=after == before, what=f"{before} became {after}")
        lines = [line for one in session_ids for line in self._register.ledger.order(one).lines.values()]
        # the answer may also tell what another till took off
        whole = {line.id for line in lines if not line.void and all(taken.cut for taken in line.taken)}
        hold("what is paid for stays", holds=not (gone := self._gone() & whole), what=f"{gone} left")

    def _carried(self, session_ids: Iterable[str]) -> tuple[Counter[str], int, int]:
        """Return the pieces of each item on some orders that continue, their sum, and the money paid on them."""
        orders = [self._register.ledger.order(one) for one in session_ids]
        living = [order for order in orders if not order.is_over]
        pieces = Counter[str]()
        for row in (row for order in living for row in order.priced.rows):
            pieces[row.first.item_id] += row.quantity
        return pieces, sum(order.priced.amount for order in living), sum(order.paid for order in living)

    def _rearrange(self, tabs: list[OpenTab]) -> bool:
        """Merge two tabs, or move one to another table; true if it was done."""
        here = [tab for tab in tabs if tab.till in {None, self._machine.number}]
        if len(here) > 1 and self._chance % 5 == 0:
            self._join(*here[:2])
        elif here and self._chance % 7 == 0:
            self._obtain(here[0].session_id, here[0].user)
            self._register.tabs.change_table(here[0], f"{6 + self._chance % 5}", tabs)
        else:
            return False
        return True

    def _join(self, kept: OpenTab, other: OpenTab) -> None:
        """Merge one tab into another."""
        for tab in (kept, other):
            self._obtain(tab.session_id, tab.user)
        with self._conserved(kept.session_id, other.session_id):
            self._machine.merge(kept, other)

    def discard(self) -> None:
        if order := self._order():
            self._register.recovery.discard(order.id, "guest left")
            self._machine.screen = None

    def new_order(self) -> None:
        if order := self._order():
            self._register.recovery.suspend_or_clear(order)
        self._machine.screen = None

    def recall(self) -> None:
        """Recall a suspended order of the user, as F5 does."""
        order = self._order()
        own = [o for o in self._register.recovery.of_user(self._user) if not o.is_empty and o is not order]
        if not own:
            return
        wanted = own[self._pick(len(own))]
        self._obtain(wanted.id, wanted.user)
        self.new_order()
        self._machine.screen = self._register.recovery.resume(wanted.id).id

    def split_first(self) -> None:
        """Split the first line into an order of its own."""
        order = self._order()
        lines = [line.id for line in order.lines.values() if line.quantity] if order else []
        if order is not None and len(lines) > 1 and not order.paid:
            self._machine.part(order.id, moving.whole(order, lines[:1]))

    def approve_taking(self, _order: Order) -> Approval | None:
        """Return a manager's approval to take another user's order over: None, as no manager is near."""
        return None

    def take_over(self, session_id: str, *, asking: bool = False) -> bool:
        """Take an order over from the till that has it open, and ask a manager; true if it is on the screen then."""
        if self._register.access.person is None:
            self.login()
        if self._register.access.person is None:
            return False
        self.new_order()
        self._machine.fetch(session_id)
        order = self._register.ledger.find(session_id)
        if order is None:
            return False  # the database was set back to before it
        approval = self.approve_taking(order) if asking else None
        if approval is None:
            self._register.recovery.check_reach(order.user)
        self._obtain(session_id, order.user, warned=True)
        self._register.recovery.resume(session_id, approval)
        self._machine.screen = session_id
        self._world.paint(self._machine)
        return True

    def take_up(self, session_id: str) -> bool:
        """Open an order that a program submitted; true if it is on the screen then."""
        if self._register.access.person is None:
            self.login()
        if self._register.access.person is None:
            return False
        self.new_order()
        self._machine.grant(session_id, self._user)
        self._machine.screen = self._register.recovery.take_up(session_id, self._user).id
        self._world.paint(self._machine)
        return True

    # Coming and going.

    def logout(self) -> None:
        screen = self._machine.screen
        order = self._register.ledger.find(screen) if screen else None
        self._register.access.leave(order)
        self._machine.screen = None

    def login(self) -> None:
        access = self._register.access
        if access.person is not None:
            self.logout()
        staff = access.staff
        try:
            person = access.find(staff[self._chance % len(staff)].number)
        except LoginError:
            return
        remote = self._ask(person.number)
        access.admit(person)
        self._arrive(person.number, remote)
        self._world.paint(self._machine)

    def _ask(self, user: int) -> list[RemoteSession] | None:
        """Return the user's orders on all tills. A push of this till may arrive before the answer is read."""
        if not self._asks:
            return None
        recovery = self._register.recovery
        sent = recovery.asks()
        try:
            rows = self._machine.user_sessions(user)
        except StoreError:
            return None
        if self._chance // 11 % 2:
            self._machine.sync()
        recovery.answered(sent)
        return rows

    def _arrive(self, user: int, remote: list[RemoteSession] | None) -> None:
        arrival = self._register.recovery.arrival(user, remote)
        rows = {row.session_id: row for row in remote or ()}
        if arrival.open is not None:
            self._bring_back(arrival.open, rows.get(arrival.open))
        elif arrival.elsewhere is not None and self._chance % 3:
            self._bring_back(arrival.elsewhere.session_id, arrival.elsewhere, taking_over=True)
        elif arrival.elsewhere is not None:
            self._machine.fetch(arrival.elsewhere.session_id)  # to view it

    def _bring_back(self, session_id: str, row: RemoteSession | None, *, taking_over: bool = False) -> None:
        register = self._register
        known = register.ledger.find(session_id)
        try:
            if row is not None or known is not None:
                user = known.user if known is not None else row.user if row is not None else 0
                register.recovery.check_reach(user)
                self._obtain(session_id, user, warned=taking_over)
            register.recovery.resume(session_id)
        except TillError:
            return
        self._machine.screen = session_id
