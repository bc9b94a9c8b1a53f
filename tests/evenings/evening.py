"""One random evening: what guests, cashiers, a manager and card terminals do at two tills, by a seed.

Acts may be refused. Every act that moves lines or money is checked at once against the state before it, and the whole
evening at its end (`tests.evenings.properties`).
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, Final, NamedTuple, TypeVar

from tests.domain.making import fold_refunds, refund_events
from tests.evenings.house import IN_DRAWER, LAWS, OFFERS, STATIONS, Books, Kept, make_till
from tests.register.exchange import grant, meet
from tests.register.fakes import SetClock
from tests.register.payments.scripted import played
from tests.register.referee import Referee, at_once
from till.domain.errors import TillError
from till.domain.money.amount import PRICE_SCALE
from till.domain.money.measures import Millionths, Minor, Price4
from till.domain.order import discounting
from till.domain.order.by_items import unpaid_pieces
from till.domain.order.choices import modifier_of
from till.domain.order.discounting import Given
from till.domain.order.paying import CASH, due_in, items_in, part_in
from till.domain.order.selling import ItemEntry
from till.domain.order.state import Status
from till.domain.payment.movement import PaymentState
from till.domain.refund import giving
from till.domain.refund.past import past_sale
from till.domain.staff.rights import Permission, PermissionRequest
from till.ports import Received
from till.ports.store import ActOutdatedError
from till.register.payments.asking import SERVER_S
from till.register.payments.tenders import Tenders

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterator, Sequence

    from tests.register.conftest import Till
    from till.domain.events.envelope import Event
    from till.domain.order.state import Order, Payment
    from till.domain.refund.shares import Sale
    from till.domain.refund.state import Refund
    from till.domain.staff.rights import Approval
    from till.ports import Transfer as ServerAct
    from till.register.tabs.open_tabs import OpenTab

T = TypeVar("T")
MANAGER: Final = 9
_BUSY: Final = 55
_LONG: Final = 400.0
_WHAT: Final = (
    *("key",) * 14,
    *("choose", "quantity", "void", "undo", "note"),
    *("take_off", "take_off", "all_off", "override"),
    *("save", "save", "recall", "recall", "merge", "rename", "part", "part", "split"),
    *("cash", "cash", "cash_part", "by_hand", "by_hand", "tip", "ask", "ask", "answer", "settle", "give_back"),
    *("refund", "refund", "refund", "correct", "clear", "meet", "meet", "take_over"),
)
#: These acts with terminals that err, and refunds of their parts: in every other evening, so that the others stay as
#: they were.
_WHAT_ELSE: Final = (*_WHAT, "ask", "back", "back", "back", "back", "settle")

#: Acts with courses, in evenings of which some hold them by the setting of the venue, the others by a word.
_COURSES: Final = (*("course",) * 3, *("hold_courses",) * 2, *("fire",) * 3, "send", "save", "recall")

#: Acts at the keys of one till. None takes away a piece that a guest has paid for there, and nothing of another
#: till is heard meanwhile.
KEYS: Final = frozenset({"quantity", "void", "undo", "clear", "items"})


class BrokenError(Exception):
    """Something is true of an evening that must never be."""


def _taken(order: Order) -> list[Payment]:
    return [one for one in order.payments.values() if one.state is PaymentState.APPROVED]


def _facts(payment: Payment) -> tuple[object, ...]:
    """Return the facts of a payment that are the same on any order."""
    one = payment
    taken = (one.tender, one.amount, one.tendered, one.change, one.tip, one.over, one.till, one.user)
    return (*taken, one.reference, one.transaction, one.settled_by)


def hold(rule: str, *, holds: bool, what: object = "") -> None:
    """Stop the evening if a rule does not hold."""
    if not holds:
        raise BrokenError(f"{rule}: {what}")


class Carried(NamedTuple):
    """Facts that moving lines between orders must not change."""

    lines: Counter[str]
    amount: int
    paid: dict[str, tuple[object, ...]]


class Evening:
    """An evening by a seed.

    Attributes:
        kept: the money that card terminals took and gave back.
        drawers: the cash that cashiers put into and took out of each drawer, in minor units.
    """

    laws: ClassVar[Sequence[dict[str, Any]]] = LAWS
    #: Tenders taken by hand, at once.
    by_hands: ClassVar[Sequence[str]] = (CASH, "CARD", "UPI")

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.rng = random.Random(seed)  # noqa: S311 - an evening repeats itself
        law = self.rng.choice(self.laws) | ({"stations": list(STATIONS)} if seed % 2 else {})
        self.has_courses = seed % 10 in {7, 9}
        if self.has_courses:
            law |= {"hold_courses": seed % 10 == 7}
        offers = [one for one in OFFERS if self.rng.random() < 0.5]
        self.kept = Kept()
        self.clock = SetClock()
        #: The till that writes no tickets, of one in ten of the evenings with stations; None for none.
        self.older = 2 if seed % 20 == 19 else None
        self.tills = self._open_venue(law, offers)
        errs = seed % 2 == 0
        self.books = [Books(self.rng, f"V400m-{till.number}", self.kept, errs) for till in self.tills]
        self.what: Sequence[str] = _WHAT_ELSE if errs else _WHAT
        self.drawers: Counter[int] = Counter()
        self.trace: list[str] = []
        #: The server's own chain: what it granted, and wrote for a till, by order.
        self._written: dict[str, list[Event]] = {}
        for till in self.tills:
            till.register.access.admit(till.register.access.find(till.number))
        self.till = self.tills[0]

    def _open_venue(self, law: dict[str, Any], offers: list[dict[str, Any]]) -> list[Till]:
        """Return the tills of a venue under a law."""
        return [make_till(number, self.seed, law, self.clock, offers) for number in (1, 2)]

    # Life

    def play(self) -> None:
        """Play the evening to its end: everybody hears of everything, and every charge gets its answer."""
        every = (*self.what, *_COURSES) if self.has_courses else self.what
        for _step in range(self.rng.randrange(_BUSY // 2, _BUSY)):
            self.till = self.rng.choice(self.tills)
            self.till.register.kitchen.is_on = self.till.number != self.older  # it may have been started again
            self.clock.move(seconds=self.rng.randrange(1, 90))
            what = self.rng.choice(every)
            act: Callable[[], None] = getattr(self, what)
            self.trace.append(f"{self.till.number} {what}")
            stays = what in KEYS and "items" in self.what
            before = self.gone() if stays else frozenset()
            try:
                act()
            except TillError as refused:
                self.trace[-1] += f" ({refused.code})"
            self.judge()
            if stays:
                hold("what is paid for stays", holds=self.gone() <= before, what=self.gone() - before)
        self.end()

    def judge(self) -> None:
        """Judge what the till at hand shows after an act."""

    def end(self) -> None:
        """Exchange all events and answer all charges."""
        self.meet()
        for books in self.books:
            books.honest = True
        for till in self.tills:
            self.till = till
            self.wait()
        self.meet()
        for order in self.orders():
            if order.pending_payment is not None and not order.is_over:
                holder = next((till for till in self.tills if till.number == order.holder), None)
                hold("an answer is heard", holds=holder is None, what=order.pending_payment)
        for till in self.tills:
            self.till = till
            self.pay_all()
        self.meet()

    def pay_all(self) -> None:
        """Pay the rest of each order that is open here, whatever was paid before and by any tender."""
        register = self.till.register
        for order in self.orders():
            is_here = order.status is Status.ACTIVE and order.till == self.till.number
            if not is_here or register.ledger.lock_of(order.id) or order.is_empty or order.pending_payment:
                continue
            tender = self.rng.choice(self.by_hands) if order.due > 0 else CASH
            paid = self._pay_exact(order, tender)
            hold("what is due ends an order", holds=paid.placed is not None, what=(order.due, paid.due, tender))

    def wait(self, seconds: float = _LONG, then: Callable[[], object] | None = None) -> None:
        """Do something at the till, and let time pass in which terminals answer."""

        async def story() -> None:
            self._begin()
            try:
                if then is not None:
                    then()
                await asyncio.sleep(seconds)
            finally:
                self._end()

        played(self.clock, story())

    def _begin(self) -> None:
        self.till.register.asker.begin(self._tenders(), self._saved)

    def _end(self) -> None:
        """Stop asking, as a closed till does: it asks again once opened."""
        asker = self.till.register.asker
        asker.end()
        asker._under_way.clear()

    def _tenders(self) -> Tenders:
        """Return the tenders at the till at hand, while somebody answers."""
        return Tenders(asked=[self.books[self.till.number - 1]])

    async def _saved(self, seconds: float) -> bool:
        """True if the server has the events; a terminal does not wait for that."""
        return seconds >= SERVER_S

    # Acts

    def gone(self) -> frozenset[tuple[str, str]]:
        """Return the lines, by order, with fewer pieces than guests have paid for; not those that cost them nothing."""
        return frozenset(
            (order.id, line_id)
            for order in self.orders()
            for line_id, pieces in order.paid_for.items()
            if any(one.amount and line_id in one.pieces for one in order.payments.values())
            if line_id not in order.lines or pieces > abs(order.lines[line_id].quantity)
        )

    def events(self) -> list[Event]:
        """Return all events that the tills wrote themselves."""
        return [event for till in self.tills for event in till.journal.own]

    def orders(self) -> list[Order]:
        """Return all orders that the till at hand knows."""
        ids = dict.fromkeys(event.session_id for event in self.events() if event.session_id)
        found = (self.till.register.ledger.readable(one) for one in ids | dict.fromkeys(self._written))
        return [order for order in found if order is not None]

    def _known(self) -> list[Order]:
        """Return the orders whose payments are settled or given back at the till at hand."""
        return self.orders()

    def _open(self) -> Order:
        """Return an order that is open at this till; a new one if there is none."""
        here = [one for one in self.orders() if one.status is Status.ACTIVE and one.till == self.till.number]
        if here and self.rng.random() < 0.9:
            return self.rng.choice(here)
        return self.till.register.sales.open(self.till.user)

    def open_tabs(self) -> list[OpenTab]:
        """Return the tabs that the till at hand lists."""
        return self.till.register.open_tabs.local()

    def _line(self, order: Order) -> str:
        rows = order.priced.rows
        if not rows:
            raise NothingError
        return self.rng.choice(rows).first.id

    def _yes(self, asked: PermissionRequest | None) -> Approval | None:
        """Return a manager's approval, if one is needed."""
        register = self.till.register
        if asked is None or register.approvals.allow(asked):
            return None
        return register.approvals.give(register.access.find(MANAGER), asked)

    def _approved(self, act: Callable[[Approval | None], T]) -> T:
        """Do something, with a manager's approval if one is needed."""
        return act(self._yes(self.till.register.approvals.lacking(partial(act, None))))

    @contextmanager
    def _conserved(self, *session_ids: str, rounded: int = 0) -> Iterator[list[str]]:
        """Check that lines, pieces, prices and money of these orders, and of those added to the list, stay together.

        No piece leaves that a guest has paid for.
        """
        before, gone, made = self._carried(session_ids), self.gone(), list[str]()
        yield made
        after = self._carried([*session_ids, *made])
        left = {(session, line) for session, line in self.gone() - gone if session in session_ids}
        hold("what is paid for stays", holds=not left, what=left)
        same = after._replace(amount=before.amount) == before and abs(after.amount - before.amount) <= rounded
        hold("moving conserves lines, pieces, prices and money", holds=same, what=(before, after))

    def _in_parts(self, session_id: str) -> int:
        """Count rows priced in parts of the smallest coin: equal rows of two orders merge, and are rounded once."""
        order = self.till.register.ledger.readable(session_id)
        scale = order.terms.currency.scale if order else 1
        return sum(row.first.unit_price4 * scale % PRICE_SCALE != 0 for row in order.priced.rows) if order else 0

    def _carried(self, session_ids: Iterator[str] | tuple[str, ...] | list[str]) -> Carried:
        orders = [self.till.register.ledger.order(one) for one in session_ids]
        lines = Counter[str]()
        for row in (row for order in orders for row in order.priced.rows):
            lines[row.first.item_id] += row.quantity
        amount = sum(order.priced.amount for order in orders)
        return Carried(lines, amount, {one.id: _facts(one) for order in orders for one in _taken(order)})

    # Keying

    def key(self) -> None:
        self._key_on(self._open())

    def _key_on(self, order: Order) -> None:
        menu = self.till.register.menu
        wanted = self.rng.choice(menu.items)
        groups = menu.groups_of(wanted)
        chosen = tuple(modifier_of(group, self.rng.choice(group.options)) for group in groups)
        pieces = self.rng.choice((1, 1, 1, 2, 3, 5, -1 if wanted.returnable else 1))
        self.till.register.sales.add(order.id, self.till.user, ItemEntry(wanted, pieces, modifiers=chosen))

    def choose(self) -> None:
        order = self._open()
        line = order.lines[self._line(order)]
        item = self.till.register.menu.by_id[line.item_id]
        groups = self.till.register.menu.groups_of(item)
        chosen = [modifier_of(group, self.rng.choice(group.options)) for group in groups]
        self.till.register.sales.choose(order.id, line.id, chosen, "")

    def quantity(self) -> None:
        order = self._open()
        line, pieces, sales = self._line(order), self.rng.randrange(1, 6), self.till.register.sales
        self._approved(partial(sales.change_quantity, order.id, line, pieces))

    def void(self) -> None:
        order = self._open()
        line, sales = self._line(order), self.till.register.sales
        self._approved(partial(sales.void, order.id, line, "changed mind"))

    def undo(self) -> None:
        self.till.register.sales.undo(self._open().id)

    def note(self) -> None:
        order = self._open()
        self.till.register.sales.note_line(order.id, self._line(order), self.rng.choice(("hot", "")))

    # Courses

    def course(self) -> None:
        order = self._open()
        self.till.register.sales.seat(order.id, self._line(order), course=self.rng.randrange(4))

    def hold_courses(self) -> None:
        self.till.register.courses.hold(self._open().id, self.till.user, held=self.rng.random() < 0.8)

    def fire(self) -> None:
        self.till.register.courses.fire(self._open().id, None)

    def send(self) -> None:
        self.till.register.kitchen.send(self._open().id)

    # Prices

    def _given(self) -> Given:
        if self.rng.random() < 0.5:
            rate = Millionths(self.rng.choice((100_000, 333_333, 500_000, 1_000_000)))
            if rate == discounting.ALL_OF_IT:
                return Given(rate, kind="comp", reason="late")
            return Given(rate, reason="late") if self.rng.random() < 0.5 else Given(rate, kind="staff_meal")
        return Given(None, Minor(self.rng.randrange(1, 700)), "discount", "late")

    def take_off(self) -> None:
        order = self._open()
        line, given = self._line(order), self._given()
        self.till.register.sales.take_off(order.id, line, given, self._yes(discounting.asked_for(order, line, given)))

    def all_off(self) -> None:
        order, given = self._open(), self._given()
        self.till.register.sales.take_off(order.id, None, given, self._yes(discounting.asked_for(order, None, given)))

    def override(self) -> None:
        order = self._open()
        line, price4 = self._line(order), Price4(self.rng.randrange(0, 900_000, 1_700))
        self._approved(partial(self.till.register.sales.override_price, order.id, line, price4, "old"))

    # Tabs

    def save(self) -> None:
        self.till.register.tabs.save(self._open().id, f"{self.rng.randrange(1, 7)}")

    def recall(self) -> None:
        tab = self.rng.choice(self.open_tabs() or [None])
        if tab is not None:
            self._obtain(tab.session_id, self.till.user)
            self.till.register.tabs.recall(tab.session_id, self.till.user)

    def merge(self) -> None:
        tabs = self.open_tabs()
        if len(tabs) > 1:
            one, other = self.rng.sample(tabs, 2)
            self._obtain(one.session_id, other.session_id)
            with self._conserved(one.session_id, other.session_id, rounded=self._in_parts(one.session_id)):
                self.asks(self.till.register.between.merge, one, other)

    def rename(self) -> None:
        if tabs := self.open_tabs():
            tab = self.rng.choice(tabs)
            self._obtain(tab.session_id)
            self.till.register.tabs.change_table(tab, f"{self.rng.randrange(7, 15)}")

    def part(self) -> None:
        order = self._open()
        lines = [line for line in order.lines.values() if line.quantity]
        taken = {line.id: self.rng.randint(1, abs(line.quantity)) for line in lines if self.rng.random() < 0.4}
        if not taken:
            raise NothingError
        with self._conserved(order.id) as made:
            made.append(self._apart(order, taken))

    def split(self) -> None:
        order = self._open()
        lines = [line for line in order.lines.values() if line.quantity and self.rng.random() < 0.4]
        with self._conserved(order.id) as made:
            made.append(self._apart(order, {line.id: abs(line.quantity) for line in lines}))

    def _apart(self, order: Order, taken: dict[str, int]) -> str:
        """Split pieces of lines into an order of their own, and return its id."""
        register = self.till.register
        return self.asks(register.between.part, order.id, taken, register.ledger.new_id()).id

    def clear(self) -> None:
        self._approved(partial(self.till.register.recovery.discard, self._open().id, "guests left"))

    # Money

    def _took(self, before: Order, after: Order) -> None:
        """Add to the drawer the money of new payments, less their change."""
        for payment in after.payments.values():
            if payment.id not in before.payments and payment.tender in IN_DRAWER:
                self.drawers[self.till.number] += payment.tendered - payment.change

    def _pay(self, tender: str, amount: int, *, tip: int = 0) -> None:
        order = self._open()
        self._took(order, self.till.register.checkout.pay(order.id, tender, Minor(amount), tip=Minor(tip)))

    def cash(self) -> None:
        order = self._open()
        if order.due > 0:
            handed = Minor(due_in(order, CASH) + self.rng.choice((0, 0, 37, 5_000)))
            self._took(order, self.till.register.checkout.pay(order.id, CASH, handed))
        else:
            self._pay_exact(order, CASH)

    def _pay_exact(self, order: Order, tender: str) -> Order:
        """Take what is due, or give back what is paid too much."""
        checkout = self.till.register.checkout
        paid = self._approved(lambda yes: checkout.pay_exact(order.id, tender, approval=yes))
        self._took(order, paid)
        return paid

    def cash_part(self) -> None:
        self._part_of(CASH)

    def by_hand(self) -> None:
        order = self._open()
        tender = self.rng.choice(("CARD", "UPI"))
        self._pay_exact(order, tender)

    def _part_of(self, tender: str, tip: int = 0) -> None:
        """Take a guest's part with a tip; in cash more may be handed over, which is change."""
        order = self._open()
        if order.due > 1:
            part = Minor(min(due_in(order, tender), part_in(order, tender, Minor(self.rng.randrange(1, order.due)))))
            handed = Minor(part + tip + (self.rng.choice((0, 37)) if tender == CASH and part else 0))
            after = self.till.register.checkout.pay(order.id, tender, handed, tip=Minor(tip), part=part)
            self._took(order, after)
            hold("a part is settled without its tip", holds=order.due - after.due == part, what=(part, handed))

    def items(self) -> None:
        """Have a guest pay for pieces of lines: their sum, and no more than is due."""
        order, register = self._open(), self.till.register
        pieces = {
            line_id: self.rng.randint(1, left)
            for line_id, left in unpaid_pieces(order).items()
            if self.rng.random() < 0.5
        }
        if not pieces or order.due <= 0:
            raise NothingError
        if self.rng.random() < 0.3:
            seconds = self.rng.choice((0.0, 5.0, 100.0))
            tip = Minor(self.rng.choice((0, 150)))
            self.wait(seconds, lambda: register.charges.ask(order.id, "TERMINAL", tip=tip, pieces=pieces))
            return
        tender = self.rng.choice(self.by_hands)
        share, tip = items_in(order, tender, pieces), Minor(self.rng.choice((0, 0, 150)) if order.due > 0 else 0)
        after = register.checkout.pay_exact(order.id, tender, tip=tip, pieces=pieces)
        self._took(order, after)
        (paid,) = [one for one in _taken(after) if one.id not in order.payments]
        hold("a guest pays what the pieces come to", holds=(paid.settles, paid.tip) == (share, tip), what=(share, paid))
        hold("an order ends with its last piece", holds=bool(after.placed or unpaid_pieces(after)), what=after.due)

    def tip(self) -> None:
        self._part_of(self.rng.choice((CASH, "CARD", "UPI")), self.rng.randrange(1, 300))

    def ask(self) -> None:
        order = self._open()
        amount = Minor(self.rng.randrange(1, order.due)) if order.due > 1 and self.rng.random() < 0.3 else None
        tip = Minor(self.rng.choice((0, 0, 150)))
        self.wait(
            self.rng.choice((0.0, 5.0, 100.0)),
            lambda: self.till.register.charges.ask(order.id, "TERMINAL", amount, tip),
        )

    def answer(self) -> None:
        self.wait(self.rng.choice((1.0, 60.0)))

    def settle(self) -> None:
        for order in self._known():
            payment = order.pending_payment
            if payment is not None:
                self.clock.move(seconds=100)
                approval = self._yes(PermissionRequest(Permission.SETTLE, payment.amount))
                books = self.kept.returned if payment.going_back is not None else self.kept.charged
                charged = books.setdefault(payment.asked_for.id, None) is not None  # as the slip in the hand says
                self.till.register.charges.settle_by_hand(order.id, payment.id, approval, charged=charged)
                return

    def give_back(self) -> None:
        checkout = self.till.register.checkout
        for order in self._known():
            payment = order.last_taken
            if payment is not None and (not order.is_over or checkout.is_left(order.id, payment.id)):
                approval = self._yes(checkout.needs_manager(order.id, payment.id, by_hand=True))
                checkout.give_back(order.id, payment.id, approval)
                self._gave_back(payment)
                return

    def _gave_back(self, payment: Payment) -> None:
        """Take the money of a payment that went back by hand out of the drawer."""
        if payment.tender in IN_DRAWER:
            self.drawers[self.till.number] -= payment.amount

    def back(self) -> None:
        """Give a part back by the terminal that took it; take one first if there is none."""
        found = self._taken_here()
        if not found:
            order = self._open()
            if order.due <= 1:
                raise NothingError
            part = Minor(self.rng.randrange(1, order.due))
            self.wait(100.0, lambda: self.till.register.charges.ask(order.id, "TERMINAL", part))
            found = self._taken_here()
        if found:
            order, payment = self.rng.choice(found)
            checkout, charges = self.till.register.checkout, self.till.register.charges

            def give() -> None:
                approval = self._yes(checkout.needs_manager(order.id, payment.id))
                charges.give_back(order.id, payment.id, approval)

            self.wait(self.rng.choice((0.0, 5.0, 100.0)), give)

    def _taken_here(self) -> list[tuple[Order, Payment]]:
        """Return the approved terminal payments on orders that are open at this till."""
        here = [one for one in self.orders() if one.status is Status.ACTIVE and one.till == self.till.number]
        return [
            (order, payment)
            for order in here
            for payment in order.payments.values()
            if payment.is_asked_elsewhere and payment.state is PaymentState.APPROVED
        ]

    # Undoing

    def _sales(self) -> list[Order]:
        return [order for order in self.orders() if order.placed is not None]

    def _tell(self, order: Order) -> None:
        """Tell the till at hand of all refunds of a sale, as the server does."""
        refunds = fold_refunds(event for till in self.tills for event in refund_events(till.journal)).values()
        for placed in order.placings:
            own = [one for one in refunds if one.started.order_id == placed.data.order_id]
            data = placed.data
            self.till.register.refunds.hear(past_sale(order.id, data, placed.at, placed.till, order.user, own))

    def refund(self) -> None:
        sales = self._sales()
        if sales:
            order = self.rng.choice(sales)
            self.refund_of(order, self.rng.choice(order.placings).data.receipt)

    def refund_of(self, order: Order, receipt: str, *, whole: bool = False) -> None:
        """Refund a part of a sale, or with `whole` all that is left and can be refunded at once."""
        self._tell(order)
        refunds = self.till.register.refunds
        sale = refunds.sale(order.id, receipt)
        ways = giving.ways_of(sale)
        if not ways:
            return
        by_hand = [
            one for one in ways if one.tender in self.by_hands and not (one.payment.transaction and not one.is_instead)
        ]
        exact = sorted(by_hand, key=lambda one: (one.is_instead, -one.at_most))  # cash instead may leave a rest
        way = exact[0] if whole else self.rng.choice(ways)
        how = 2 if whole else self.rng.randrange(3)
        if how == 0 and sale.rows:
            row = self.rng.choice(sale.rows)
            share = giving.pieces_back(sale, {row.row: self.rng.randrange(abs(row.pieces)) + 1})
        elif how == 1:
            share = giving.pieces_back(sale, giving.all_pieces(sale))
        else:
            most = min(way.at_most, sale.left.amount)
            share = giving.amount_back(sale, Minor(most if whole else self.rng.randint(1, max(1, most))))
        begun = self._approved(lambda yes: refunds.start(order.id, share, way, sale, yes, "cold"))
        if not whole and self.rng.random() < 0.2:
            refunds.decline(begun.id, "not given")
            return
        self.give(begun)
        self._refunded(way.tender, begun.amount)

    def _refunded(self, tender: str, amount: Minor) -> None:
        """Take the money of a refund out of the drawer."""
        if tender in IN_DRAWER:
            self.drawers[self.till.number] -= amount

    def give(self, begun: Refund) -> None:
        """Give the money of a refund back."""
        self.till.register.refunds.approve(begun.id)

    def sale(self, order: Order, receipt: str) -> Sale:
        """Return a sale with its refunds on all tills."""
        self._tell(order)
        return self.till.register.refunds.sale(order.id, receipt)

    def correct(self) -> None:
        sales = self._sales()
        if not sales:
            return
        order = self.rng.choice(sales)
        payments = [one for placed in order.placings for one in placed.data.payments]
        if not payments:
            return
        payment = self.rng.choice(payments).payment_id
        corrections = self.till.register.corrections
        tender = self.rng.choice(self.by_hands)
        was = order.corrected.get(payment, order.payments[payment].tender)
        self._approved(partial(corrections.correct_tender, order.id, payment, tender))
        paid = order.payments[payment]
        if (tender in IN_DRAWER) != (was in IN_DRAWER):
            self.drawers[paid.till] += paid.amount if tender in IN_DRAWER else -paid.amount

    # Two tills

    def meet(self) -> None:
        meet(*self.tills)

    def take_over(self) -> None:
        away = [one for one in self.orders() if one.status is Status.ACTIVE and one.till != self.till.number]
        if away:
            order = self.rng.choice(away)
            approval = self._yes_to_taking(order)
            self._obtain(order.id, order.user)
            self.till.register.recovery.resume(order.id, approval)

    def _obtain(self, *sessions: str | int) -> None:
        """Have orders granted that this till does not hold, to the user in the last argument if that is a number.

        The server knows all events that tills exchanged, and all its earlier grants.
        """
        user = sessions[-1] if isinstance(sessions[-1], int) else None
        for session in (one for one in sessions if isinstance(one, str)):
            self._tell_written(self.till, session)
            order = self.till.register.ledger.order(session)
            if self.till.register.grants.must_ask(session) and not order.is_over:
                self._written.setdefault(session, []).append(grant(self.till, session, user))

    def _tell_written(self, till: Till, session: str) -> None:
        """Give a till all events that the server wrote in an order."""
        till.journal.receive([Received(1, event) for event in self._written.get(session, ())])
        till.register.sessions_grew([session])

    def asks(self, asked: Callable[..., Coroutine[Any, Any, Order]], *about: Any) -> Order:
        """Ask the server for an act between orders at the till at hand, and return its order."""
        return at_once(asked(self, *about))

    async def act(self, act: ServerAct) -> None:
        """Take an act as the server does (`till.ports.Store.act`), once all tills sent their events of its orders."""
        journal, ledger = self.till.journal, self.till.register.ledger
        sessions = [one for one in act.versions if journal.events_of(one)]
        known = {one: len(journal.events_of(one)) for one in sessions}
        for session in sessions:
            for till in self.tills:
                self._tell_written(till, session)
            meet(*self.tills, sessions=[session])
        for session, events in known.items():
            if len(journal.events_of(session)) > events or not ledger.holds(ledger.order(session)):
                raise ActOutdatedError
        for event in Referee(self.till.register).write(act):
            self._written.setdefault(event.stream_id, []).append(event)

    def _yes_to_taking(self, order: Order) -> Approval | None:
        if order.tab is not None or order.user == self.till.user:
            return None
        return self._yes(PermissionRequest(Permission.TAKE_OVER))


class NothingError(TillError):
    """An act for which there is no line."""

    code = "nothing_there"
