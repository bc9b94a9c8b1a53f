"""A busy evening: full orders that are merged and split again, and more ways to pay for them.

It has acts of its own beside those of `Evening`, so that the seeds of that class stay the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

from typing_extensions import override

from tests.evenings.evening import Evening, NothingError, hold
from tests.evenings.house import LAWS, LAWS_THAT_ROUND, MEAL, Vouchers
from till.domain.errors import TillError
from till.domain.money.measures import Minor
from till.domain.order.moving import follows_table, is_just_keyed
from till.domain.order.paying import CASH, due_in
from till.domain.order.state import Status
from till.domain.payment.movement import PaymentState
from till.domain.staff.rights import Permission, PermissionRequest
from till.domain.structs import replace
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
#: From this seed on guests pay by items too; the evenings before it stay what they were.
_ITEMS_FROM: Final = 2_000_000
#: More than anything costs.
_ANY: Final = 10**9
_VOUCHERS: Final = ("a", "b")


class BusyEvening(Evening):
    """An evening by a seed, with full orders and more tenders."""

    laws: ClassVar[Sequence[dict[str, Any]]] = (*LAWS, *LAWS_THAT_ROUND)
    by_hands: ClassVar[Sequence[str]] = (CASH, "CARD", "UPI", MEAL.name)

    def __init__(self, seed: int) -> None:
        super().__init__(seed)
        self.what = (*_WHAT, *("items",) * 8) if seed >= _ITEMS_FROM else _WHAT
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
        self.till.register.asker.tenders = self._tenders()

    @override
    def _begin(self) -> None:
        with self.till.register.asker.starting(self._giving):
            super()._begin()

    @override
    def _tenders(self) -> Tenders:
        return Tenders((*BY_HAND, MEAL), [self.books[self.till.number - 1], self.vouchers])

    def restart(self) -> None:
        """Kill the till and open it again; check that it showed what its disk has."""
        before = self.orders()
        self._start()
        register = self.till.register
        for order in before:
            hold("what was shown is kept", holds=register.ledger.readable(order.id) == order, what=order.id)

    def _start(self) -> None:
        """Open the till again, and log in."""
        self.till.start()
        access = self.till.register.access
        access.admit(access.find(self.till.user))
        self._set_tenders()

    # Acts

    def _here(self) -> list[Order]:
        """Return the orders that are open at this till, with lines on them."""
        mine = [one for one in self.orders() if one.status is Status.ACTIVE and one.till == self.till.number]
        return [one for one in mine if not one.is_empty]

    @override
    def _open(self) -> Order:
        """Return an order with lines, mostly an open one."""
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
        """Return the tab of another order; if there is none, guests sit down."""
        found = self._tabs(besides)
        if not found:
            self.till.register.tabs.save(self._new().id, f"{self.rng.randrange(15, 25)}")
            found = self._tabs(besides)
        return self.rng.choice(found)

    def _tabs(self, besides: str) -> list[OpenTab]:
        return [tab for tab in self.open_tabs() if tab.session_id != besides]

    def _pieces(self, order: Order) -> dict[str, int]:
        lines = [line for line in order.lines.values() if line.quantity]
        return {line.id: self.rng.randint(1, abs(line.quantity)) for line in lines if self.rng.random() < 0.5}

    # Orders that become one, and come apart

    def join(self) -> None:
        """Merge two orders that were recalled under one name."""
        one = self._open()
        other = self.rng.choice([each for each in self._here() if each.id != one.id] or [self._new()])
        with self._conserved(one.id, other.id, rounded=self._in_parts(one.id)):
            self.asks(self.till.register.between.join, one.id, other.id)

    def apart(self) -> None:
        """Split off a guest, undo something meanwhile, and merge the guest back or not."""
        register, order = self.till.register, self._open()
        if taken := self._pieces(order):
            with self._conserved(order.id) as made:
                made.append(self._apart(order, taken))
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
                    self.asks(register.between.join, order.id, made[0])

    def add(self) -> None:
        """Add the order at hand to a tab, wherever it is open: its discounts and lots then count all lines."""
        order = self._open()
        tab = self._tab(order.id)
        self._obtain(tab.session_id)
        there = self.till.register.ledger.order(tab.session_id)
        in_lots = any(offer.is_of_several for line in order.lines.values() for offer in line.all_offers)
        rounded = self._in_parts(order.id)
        as_keyed = is_just_keyed(order, there)
        if as_keyed:  # its rows join those of the tab, each rounded once
            is_rated = any(rate.price4 is not None for line in order.lines.values() for rate in line.by_type)
            rounded = _ANY if there.given or in_lots or is_rated else len(order.priced.rows)
        with self._conserved(order.id, tab.session_id, rounded=rounded):
            after = self.asks(self.till.register.between.add, order.id, tab)
        is_typed_alike = follows_table(order) or order.order_type == there.order_type
        if after.id == there.id and as_keyed and is_typed_alike and not order.given:
            lines = order.of_type(there.order_type).lines.values()
            keyed = replace(there, lines={**there.lines, **{line.id: line for line in lines if line.quantity}})
            same = [(one.total, one.priced.offs, one.priced.taxes) for one in (after, keyed)]
            hold("an added round costs and is taxed as if keyed there", holds=same[0] == same[1], what=same)

    def move(self) -> None:
        """Move pieces of the order at hand to a tab."""
        order = self._open()
        tab, taken = self._tab(order.id), self._pieces(order)
        self._obtain(tab.session_id)
        with self._conserved(order.id, tab.session_id, rounded=self._in_parts(order.id)):
            self.asks(self.till.register.between.move_lines, order.id, taken, tab)

    def pieces(self) -> None:
        """Move pieces of a tab to another one."""
        tab = self._tab("")
        into = self._tab(tab.session_id)
        self._obtain(tab.session_id, into.session_id)
        order = self.till.register.ledger.order(tab.session_id)
        if order.is_empty:
            raise NothingError
        name = self.rng.choice(order.priced.rows).first.name
        with self._conserved(tab.session_id, into.session_id, rounded=self._in_parts(tab.session_id)):
            self.asks(self.till.register.between.move_pieces, tab, name, self.rng.choice((1, None)), into)

    # Money

    def meal(self) -> None:
        """Pay by meal voucher, with change."""
        order = self._open()
        handed = Minor(due_in(order, MEAL.name) + self.rng.choice((0, -100, 37, 5_000)))
        checkout = self.till.register.checkout
        self._took(order, self._approved(lambda yes: checkout.pay(order.id, MEAL.name, handed, approval=yes)))

    @override
    def ask(self) -> None:
        """Ask a tender for all that is due, which ends the order."""
        self._ask(None)

    def ask_part(self) -> None:
        order = self._open()
        if order.due > 1:
            self._ask(Minor(self.rng.randrange(1, order.due)), order)

    def _asked(self) -> tuple[str, str]:
        """Return a tender that is asked elsewhere, and the place where its money is."""
        return self.rng.choice((("TERMINAL", ""), ("TERMINAL", ""), ("VOUCHER", self.rng.choice(_VOUCHERS))))

    def _ask(self, amount: Minor | None, order: Order | None = None) -> None:
        order = order or self._open()
        tender, place = self._asked()
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
        """Give a refund back. The tender that took the money may not answer; the server gives back a voucher's."""
        if begun.is_asked_elsewhere and begun.started.tender != self.vouchers.traits.name:
            self._giving = begun.id
            self.wait(self.rng.choice((0.0, 5.0, 100.0)), lambda: self.till.register.refunds.give(begun))
            self._giving = ""
        else:
            super().give(begun)

    def settle_refund(self) -> None:
        """Settle a refund without an answer as a manager, by the slip in hand."""
        refunds = self.till.register.refunds
        for refund in refunds.waiting():
            self.clock.move(seconds=100)
            given = self.kept.returned.setdefault(refund.id, None) is not None
            refunds.settle(refund.id, self._yes(PermissionRequest(Permission.SETTLE, refund.amount)), given=given)
            return

    @override
    def settle(self) -> None:
        """Settle a charge as a manager, by its slip or the lack of one."""
        for order in self._known():
            payment = order.pending_payment
            if payment is None:
                continue
            self.clock.move(seconds=100)
            approval = self._yes(PermissionRequest(Permission.SETTLE, payment.amount))
            books = self.kept.returned if payment.going_back is not None else self.kept.charged
            charged = books.setdefault(payment.asked_for.id, None) is not None
            slip = self.rng.choice(("", "S-1"))
            charges = self.till.register.charges
            charges.settle_by_hand(order.id, payment.id, approval, charged=charged, slip=slip)
            return
