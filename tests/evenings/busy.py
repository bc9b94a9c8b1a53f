"""A busy evening: orders that are full, become one and come apart again, and more ways to pay for them.

Its acts are drawn from more than those of `Evening`, so that the seeds of that stay what they were.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

from typing_extensions import override

from tests.evenings.evening import Evening, NothingError, hold
from tests.evenings.house import LAWS, LAWS_THAT_ROUND, MEAL, Vouchers
from till.domain.errors import TillError
from till.domain.money.measures import Minor
from till.domain.order.paying import CASH, due_in
from till.domain.order.state import PaymentState, Status
from till.domain.staff.rights import Act, Asked
from till.register.payments.tenders import BY_HAND, Tenders

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from till.domain.order.state import Order
    from till.domain.refund.state import Refund
    from till.register.tabs.open_tabs import OpenTab

_WHAT: Final = (
    *("key",) * 10,
    *("choose", "quantity", "void", "undo", "undo", "note"),
    *("take_off",) * 4,
    *("all_off",) * 4,
    *("override", "rename", "clear", "restart"),
    *("save",) * 4,
    *("recall", "recall", "merge", "merge", "part", "split", "part", "join", "join", "apart", "apart", "apart"),
    *("add", "add", "move", "move", "pieces"),
    *("cash", "cash_part", "by_hand", "meal", "meal", "tip"),
    *("ask",) * 4,
    *("ask_part",) * 4,
    *("answer", "settle", "settle", "settle", "give_back", "give_back", "back", "back"),
    *("refund",) * 4,
    "settle_refund",
    *("correct",) * 3,
    *("meet", "meet", "take_over"),
)
#: More than anything costs.
_ANY: Final = 10**9
_VOUCHERS: Final = ("a", "b")


class BusyEvening(Evening):
    """Plays a seed."""

    laws: ClassVar[Sequence[dict[str, Any]]] = (*LAWS, *LAWS_THAT_ROUND)
    by_hands: ClassVar[Sequence[str]] = (CASH, "CARD", "UPI", MEAL.name)

    def __init__(self, seed: int) -> None:
        super().__init__(seed)
        self.what = _WHAT
        #: The refund that is begun right now, and is not to be asked after before who gives it heard of it.
        self._giving = ""
        left = {one: self.rng.choice((500, 5_000, 1_000_000)) for one in _VOUCHERS}
        self.vouchers = Vouchers(self.rng, self.kept, left)
        for till in self.tills:
            self.till = till
            self._set_tenders()

    @override
    def end(self) -> None:
        self.vouchers.honest = True
        super().end()
        for till in self.tills:
            hold("a refund is heard of", holds=not till.register.refunds.waiting(), what=till.number)

    def _set_tenders(self) -> None:
        register = self.till.register
        register.checkout.tenders = register.refunds.tenders = self._tenders()

    @override
    def _begin(self) -> None:
        super()._begin()
        register = self.till.register
        register.refunds.tenders = register.charges.tenders
        register.returns.follow([one.id for one in register.refunds.waiting() if one.id != self._giving])

    @override
    def _end(self) -> None:
        super()._end()
        self.till.register.returns.end()
        self.till.register.returns._under_way.clear()

    @override
    def _tenders(self) -> Tenders:
        return Tenders((*BY_HAND, MEAL), [self.books[self.till.number - 1], self.vouchers])

    def restart(self) -> None:
        """The till is killed, and opened again: what it showed is what its disk has."""
        before = self.orders()
        self.till.start()
        register = self.till.register
        for order in before:
            hold("what was shown is kept", holds=register.ledger.readable(order.id) == order, what=order.id)
        register.access.admit(register.access.find(self.till.user))
        for _order in register.settling():
            pass
        self._set_tenders()

    # What there is

    def _here(self) -> list[Order]:
        """The orders that are open at this till, with something on them."""
        mine = [one for one in self.orders() if one.status is Status.ACTIVE and one.till == self.till.number]
        return [one for one in mine if not one.is_empty]

    @override
    def _open(self) -> Order:
        """An order with lines, mostly one that is open."""
        here = self._here()
        if here and self.rng.random() < 0.85:
            return self.rng.choice(here)
        return self._new()

    def _new(self) -> Order:
        order = self.till.register.sales.open(self.till.user)
        for _line in range(self.rng.randrange(1, 4)):
            self._key_on(order)
        return self.till.register.ledger.order(order.id)

    def _tab(self, besides: str) -> OpenTab:
        """A tab that another order stands on; where there is none, guests sit down."""
        found = self._tabs(besides)
        if not found:
            self.till.register.tabs.save(self._new().id, f"{self.rng.randrange(15, 25)}")
            found = self._tabs(besides)
        return self.rng.choice(found)

    def _tabs(self, besides: str) -> list[OpenTab]:
        return [tab for tab in self.till.register.open_tabs.local() if tab.session_id != besides]

    def _pieces(self, order: Order) -> dict[str, int]:
        lines = [line for line in order.lines.values() if line.quantity]
        return {line.id: self.rng.randint(1, abs(line.quantity)) for line in lines if self.rng.random() < 0.5}

    # Orders that become one, and come apart

    def join(self) -> None:
        """Two orders that were recalled under one name become one."""
        one = self._open()
        other = self.rng.choice([each for each in self._here() if each.id != one.id] or [self._new()])
        with self._conserved(one.id, other.id, rounded=self._in_parts(one.id)):
            self.till.register.tabs.join(one.id, other.id)

    def apart(self) -> None:
        """A guest pays apart, something is undone meanwhile, and the guest goes back to the bill, or does not."""
        register, order = self.till.register, self._open()
        if taken := self._pieces(order):
            with self._conserved(order.id) as made:
                made.append(register.tabs.part(order.id, taken).id)
            if self.rng.random() < 0.6:
                guests = register.ledger.order(made[0])
                try:
                    register.sales.undo(order.id)
                except TillError as refused:
                    self.trace[-1] += f" ({refused.code})"
                hold("nothing is undone of a guest", holds=register.ledger.order(guests.id) == guests, what=guests.id)
            if self.rng.random() < 0.2:
                self.restart()
                register = self.till.register
            if self.rng.random() < 0.7:
                with self._conserved(order.id, *made, rounded=self._in_parts(order.id)):
                    register.tabs.join(order.id, made[0])

    def add(self) -> None:
        """The order at hand is keyed onto a tab, wherever that is open: what is off all of that is off this too."""
        order = self._open()
        tab = self._tab(order.id)
        is_off = bool(self.till.register.ledger.order(tab.session_id).given)
        with self._conserved(order.id, tab.session_id, rounded=_ANY if is_off else self._in_parts(order.id)):
            self.till.register.tabs.add(order.id, tab)

    def move(self) -> None:
        """Pieces of the order at hand go onto a tab."""
        order = self._open()
        tab, taken = self._tab(order.id), self._pieces(order)
        with self._conserved(order.id, tab.session_id, rounded=self._in_parts(order.id)):
            self.till.register.tabs.move_lines(order.id, taken, tab)

    def pieces(self) -> None:
        """Pieces of a tab go onto another one."""
        tab = self._tab("")
        into = self._tab(tab.session_id)
        order = self.till.register.ledger.order(tab.session_id)
        if order.is_empty:
            raise NothingError
        name = self.rng.choice(order.priced.rows).first.name
        with self._conserved(tab.session_id, into.session_id, rounded=self._in_parts(tab.session_id)):
            self.till.register.tabs.move_pieces(tab, name, self.rng.choice((1, None)), into)

    # Money

    def meal(self) -> None:
        """A meal voucher, of which change is given."""
        order = self._open()
        handed = Minor(due_in(order, MEAL.name) + self.rng.choice((0, -100, 37, 5_000)))
        self._took(order, self.till.register.checkout.pay(order.id, MEAL.name, handed))

    @override
    def ask(self) -> None:
        """Somebody is asked for all that is due, and that ends the order."""
        self._ask(None)

    def ask_part(self) -> None:
        order = self._open()
        if order.due > 1:
            self._ask(Minor(self.rng.randrange(1, order.due)), order)

    def _ask(self, amount: Minor | None, order: Order | None = None) -> None:
        order = order or self._open()
        tender, place = self.rng.choice((("TERMINAL", ""), ("TERMINAL", ""), ("VOUCHER", self.rng.choice(_VOUCHERS))))
        tip = Minor(self.rng.choice((0, 0, 150)))
        charges = self.till.register.charges
        seconds = self.rng.choice((0.0, 5.0, 100.0))
        self.wait(seconds, lambda: charges.ask(order.id, tender, amount, tip, place=place))
        after = self.till.register.ledger.order(order.id)
        paid = list(after.payments.values())[-1]
        if amount is None and paid.state is PaymentState.APPROVED:
            hold("what all was asked for ends an order", holds=after.placed is not None, what=(order.due, after.due))

    @override
    def give(self, begun: Refund) -> None:
        """Who took the money gives it back, and is not always heard; the server is told, and does it."""
        if begun.is_asked_elsewhere and begun.started.tender != self.vouchers.traits.name:
            self._giving = begun.id
            self.wait(self.rng.choice((0.0, 5.0, 100.0)), lambda: self.till.register.returns.give(begun))
            self._giving = ""
        else:
            super().give(begun)

    def settle_refund(self) -> None:
        """A manager says whether a refund without an answer went back, as the slip in the hand says."""
        refunds = self.till.register.refunds
        for refund in refunds.waiting():
            self.clock.move(seconds=100)
            given = self.kept.returned.setdefault(refund.id, None) is not None
            refunds.settle(refund.id, self._yes(refunds.settling_asked(refund.id)), given=given)
            return

    @override
    def settle(self) -> None:
        """A manager says what became of it; of what was taken there is a slip, or none."""
        for order in self.orders():
            payment = order.pending_payment
            if payment is None:
                continue
            self.clock.move(seconds=100)
            approval = self._yes(Asked(Act.SETTLE, payment.amount))
            books = self.kept.returned if payment.going_back is not None else self.kept.charged
            charged = books.setdefault(payment.asked_key, None) is not None
            slip = self.rng.choice(("", "S-1"))
            charges = self.till.register.charges
            charges.settle_by_hand(order.id, payment.id, approval, charged=charged, slip=slip)
            return
