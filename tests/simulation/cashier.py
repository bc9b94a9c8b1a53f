"""A cashier at the keys of a till: the register's commands, in the order in which the screens use them."""

from __future__ import annotations

from collections import Counter
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Final, TypeVar

from tests.simulation.machine import Fate
from tests.simulation.tally import Handed, Off, pieces_on
from tests.simulation.violation import hold
from tests.simulation.words import ALLERGIES
from till.domain.errors import (
    AmountError,
    LineError,
    LoginError,
    NoTabError,
    NotHeldError,
    OrderClosedError,
    PaymentError,
    RightsError,
    StoreError,
    TillError,
)
from till.domain.money.measures import Minor
from till.domain.order import moving
from till.domain.order.deciding import EmptyOrderError
from till.domain.order.paying import CASH
from till.domain.order.preferences import ALLERGY
from till.domain.order.selling import ItemEntry
from till.domain.order.state import Order, Status
from till.domain.order.wishes import with_wish
from till.ports import LightState

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from tests.simulation.machine import Machine
    from tests.simulation.world import World
    from till.domain.catalogue.menu import Item
    from till.domain.order.line import Row
    from till.domain.staff.rights import Approval, PermissionRequest
    from till.ports import RemoteSession
    from till.register.tabs.open_tabs import OpenTab

T = TypeVar("T")
CARD = "CARD"
MANAGER: Final = 9
#: Acts that take no paid piece away: no news of other tills arrives meanwhile.
_AT_KEYS: Final = frozenset({"quantity", "void", "undo", "items"})
#: The largest amount that is given off at once.
_MOST_OFF: Final = 999
#: Of eight acts one is not heard of, and one is lost on its way.
_FATES: Final = {6: Fate.UNHEARD, 7: Fate.LOST}


def _is_paying(order: Order) -> bool:
    return order.pending_payment is not None


def _is_inactive(order: Order) -> bool:
    return order.status is not Status.ACTIVE


def _is_paid_for(order: Order) -> bool:
    return _is_paying(order) or bool(order.paid_for)


def _has_money(order: Order) -> bool:
    return _is_paying(order) or bool(order.payments)


def _is_empty(order: Order) -> bool:
    return not order.priced.rows


def _is_cheaper(order: Order) -> bool:
    return any(line.discounts for line in order.lines.values())


def _costs_little(order: Order) -> bool:
    return any(row.amount <= _MOST_OFF for row in order.priced.rows)


def _any(_order: Order) -> bool:
    return True


_ON_LINES: Final = {PaymentError: _is_paying, OrderClosedError: _is_inactive}
_ON_PIECES: Final = {PaymentError: _is_paid_for, OrderClosedError: _is_inactive}
_ON_QUANTITY: Final = {**_ON_PIECES, RightsError: _is_cheaper}
_OFF: Final = {**_ON_LINES, AmountError: _costs_little}
_PAID: Final = {PaymentError: _has_money, OrderClosedError: _is_inactive, EmptyOrderError: _is_empty}
#: The refusals that an act at the keys may meet, each with what the order must be for it. Other acts may meet any.
REFUSALS: Final[Mapping[str, Mapping[type[TillError], Callable[[Order], bool]]]] = {
    **dict.fromkeys(("key", "discount", "order_type", "wish"), _ON_LINES),
    **dict.fromkeys(("quantity", "again"), _ON_QUANTITY),
    "void": _ON_PIECES,
    **dict.fromkeys(("take_off", "all_off"), _OFF),
    **dict.fromkeys(("pay", "pay_part", "items", "decline"), _PAID),
    "tip": {**_PAID, PaymentError: _any},
    "undo": {**_ON_PIECES, LineError: _any},
    "menu": {OrderClosedError: _is_inactive},
    "discard": {PaymentError: _has_money, OrderClosedError: _is_inactive, RightsError: _any},
    "save_tab": {**_PAID, NoTabError: _any},
    "new_order": _ON_LINES,
}


class Cashier:
    """Somebody who does one thing at a till, by chance; an impossible act is skipped."""

    def __init__(self, world: World, machine: Machine, chance: int) -> None:
        self._world = world
        self._machine = machine
        self._register = machine.register
        self._chance = chance
        self._tally = world.tally

    def do(self, kind: str) -> None:
        """Give one command. A refusal that a cashier would read raises `TillError`."""
        if kind == "login":
            self.login()
            return
        if not self.logged_in():
            return
        action: Callable[[], None] = getattr(self, kind)
        before, order = self._gone(), self._order_shown()
        if kind not in {"quantity", "void", "undo"}:
            self._machine.undoable = None
        try:
            action()
        except TillError as refusal:
            if kind in REFUSALS:
                known = REFUSALS[kind].items()
                may_be = next((reason for error, reason in known if isinstance(refusal, error)), None)
                orders = [one for one in (order, self._order_shown()) if one is not None]
                what = f"{kind} on {[one.id for one in orders]}: {refusal!r}"
                hold("a refusal has a reason", holds=may_be is not None and any(map(may_be, orders)), what=what)
            raise
        if kind in _AT_KEYS:
            hold("what is paid for stays", holds=self._gone() <= before, what=kind)
        self._world.paint(self._machine)

    def _order_shown(self) -> Order | None:
        """Return the order on the screen, whatever became of it."""
        return self._register.ledger.find(self._machine.screen) if self._machine.screen else None

    def logged_in(self) -> bool:
        """Log somebody in if nobody is; false if it cannot be."""
        if self._register.access.person is None:
            self.login()
        return self._register.access.person is not None

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
        items = self._register.menu.items
        self._key(items[self._pick(len(items))], 1 + self._chance % 3)

    def _key(self, item: Item, pieces: int) -> None:
        """Key pieces of an item, at the price of the menu."""
        order = self._order()
        before = pieces_on(order)
        after = self._register.sales.add(order.id if order else None, self._user, ItemEntry(item, pieces))
        self._machine.screen = after.id
        self._tally.key(before, after, item.id, self._machine.price_of(item.id), pieces)
        self._machine.undoable = after.last_id, before

    def quantity(self) -> None:
        if found := self._row():
            self._change(*found, 1 + self._chance % 5)

    def again(self) -> None:
        """Key more pieces of a row, take most of them off, and put some back."""
        if found := self._row():
            order, row = found
            for pieces in (5, 2, 4):
                self._change(order, row, pieces)
                order = self._register.ledger.order(order.id)
                row = next(one for one in order.priced.rows if row.first.id in one.line_ids)

    def _change(self, order: Order, row: Row, pieces: int) -> None:
        after = self._register.sales.change_quantity(order.id, row.first.id, pieces)
        self._tally.change(pieces_on(order), after, row.line_ids, pieces)
        is_less = pieces < row.quantity  # more pieces may be undone ones, which are not undone again
        self._machine.undoable = (after.last_id, pieces_on(order)) if is_less else None

    def void(self) -> None:
        if found := self._row():
            order, shown = found
            self._register.sales.void(order.id, shown.first.id, "changed mind")
            after = self._register.ledger.order(order.id)
            self._tally.change(pieces_on(order), after, shown.line_ids, 0)
            self._machine.undoable = after.last_id, pieces_on(order)

    def undo(self) -> None:
        if order := self._order():
            undoable, self._machine.undoable = self._machine.undoable, None
            is_last = undoable is not None and undoable[0] == order.last_id
            try:
                after = self._register.sales.undo(order.id)
            except LineError as problem:
                hold("an act is undone", holds=not is_last, what=f"{problem} of {order.id}")
                raise
            if undoable is not None and is_last:
                what = f"{pieces_on(order)} became {pieces_on(after)} of {order.id}"
                hold("an act is undone", holds=pieces_on(after) == undoable[1], what=what)

    def discount(self) -> None:
        if found := self._row():
            order, row = found
            amount = Minor(1 + self._chance % 999)
            after = self._register.sales.discount(order.id, row.first.id, amount=amount, reason="late")
            self._tally.give(order, after, Off(None, amount))

    def order_type(self) -> None:
        if order := self._order():
            kinds = self._register.venue.order_types
            self._register.sales.set_order_type(order.id, self._user, kinds[self._chance % len(kinds)])

    def wish(self) -> None:
        if order := self._order():
            self._register.sales.set_preference(order.id, self._user, "spice", f"{self._chance % 4}")

    def allergy(self) -> None:
        if order := self._order():
            words = with_wish(order.preferences.get(ALLERGY, ""), ALLERGIES[self._pick(len(ALLERGIES))])
            self._register.sales.set_preference(order.id, self._user, ALLERGY, words)

    def menu(self) -> None:
        order = self._order()
        items = self._register.menu.items[:2]
        self._machine.screen = self._register.sales.view_menu(order.id if order else None, self._user, "", items).id

    # The kitchen.

    def course(self) -> None:
        if found := self._row():
            self._register.sales.seat(found[0].id, found[1].first.id, course=self._chance % 4)

    def hold_courses(self) -> None:
        if order := self._order():
            self._register.courses.hold(order.id, self._user, held=self._chance % 5 > 0)

    def fire(self) -> None:
        if order := self._order():
            self._register.courses.fire(order.id, None)

    def to_kitchen(self) -> None:
        if order := self._order():
            self._register.kitchen.send(order.id)

    # Money.

    def pay(self) -> None:
        order = self._order()
        if order is None:
            return
        if self._chance % 3 == 0:
            self._pay_exact(order, CARD)
        elif self._chance % 3 == 1 and order.due > 0:
            self._hand(order, CASH, order.due, change=self._chance % 5000)
        else:
            self._pay_exact(order, CASH)

    def _pay_exact(self, order: Order, tender: str) -> None:
        """Take what is due, or give back what is paid too much, with a manager's approval if one is needed."""
        checkout = self._register.checkout
        after = self._approved(lambda yes: checkout.pay_exact(order.id, tender, approval=yes))
        self._took(order, after, Handed(tender, order.due))

    def _hand(self, order: Order, tender: str, settles: int, tip: int = 0, change: int = 0) -> None:
        """Take money that settles a part of the amount due, or all of it."""
        amount = Minor(settles + tip + change)
        after = self._register.checkout.pay(order.id, tender, amount, tip=Minor(tip))
        self._took(order, after, Handed(tender, settles, tip, change))

    def _took(self, before: Order, after: Order, handed: Handed) -> None:
        """Write a payment into the books of the play; an order on which nothing was due ends without one."""
        if handed.settles or handed.tip:
            self._tally.take(before, after, handed)
        self._finish(after)

    def _approved(self, act: Callable[[Approval | None], T]) -> T:
        """Do something, with a manager's approval if one is needed."""
        return act(self._yes(self._register.approvals.lacking(partial(act, None))))

    def _yes(self, asked: PermissionRequest | None) -> Approval | None:
        """Return a manager's approval, if one is needed."""
        if asked is None or self._register.approvals.allow(asked):
            return None
        return self._register.approvals.give(self._register.access.find(MANAGER), asked)

    def pay_part(self) -> None:
        order = self._order()
        if order is not None and order.due > 1:
            self._hand(order, CARD, 1 + self._chance % (order.due - 1))

    def card(self) -> None:
        """Ask the card terminal for the amount due."""
        order = self._order()
        if order is not None and order.due > 0 and order.pending_payment is None:
            self._charge(order, "TERMINAL", order.due, is_part=False)

    def _charge(
        self,
        order: Order,
        tender: str,
        settles: int,
        tip: int = 0,
        *,
        is_part: bool = True,
        place: str = "",
        pieces: Mapping[str, int] | None = None,
    ) -> None:
        """Ask a provider for a part of the amount due, or all of it, and write it into the books of the play."""
        amount = Minor(settles) if is_part and not pieces else None
        handed = Handed(tender, settles, tip, pieces=pieces or {})

        def ask() -> None:
            asked = self._register.charges.ask(order.id, tender, amount, Minor(tip), place=place, pieces=pieces)
            self._tally.handed[asked.payment_id] = handed

        self._machine.attend(ask)
        after = self._register.ledger.order(order.id)
        self._finish(after)

    def hear(self) -> None:
        """Poll charges that have no answer yet."""
        self._machine.attend()
        screen = self._machine.screen
        if screen and (order := self._register.ledger.find(screen)):
            self._tally.end(order)

    def decline(self) -> None:
        order = self._order()
        if order is not None and order.due > 0:
            self._register.checkout.attempt(order.id, CARD, order.due, "declined")

    def _finish(self, order: Order) -> None:
        self._world.paid(self._machine, order)
        self._tally.end(order)
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
            new = self._machine.part(order.id, taken)
            made.append(new.id)
            self._tally.split(pieces_on(order), self._register.ledger.order(order.id), new, taken)

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
        """Return the pieces of each item on some orders, their sum, and the money paid on them.

        Cleared orders do not count; paid ones do, as the answer to an act may end an order that is paid by then.
        """
        orders = [self._register.ledger.order(one) for one in session_ids]
        living = [order for order in orders if order.status is not Status.DISCARDED]
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
        if not self.logged_in():
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
        if not self.logged_in():
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
