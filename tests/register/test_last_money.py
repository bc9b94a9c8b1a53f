"""The money that moved last at a till, which its first screen names after a crash: a sale, a refund, a payment back."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from tests.register.exchange import give, take
from till.domain.money.measures import Minor
from till.domain.refund import giving
from till.domain.staff.rights import Permission, PermissionRequest

if TYPE_CHECKING:
    from tests.register.conftest import Till
    from till.domain.refund.state import Refund
    from till.domain.staff.rights import Approval

IDLY, DEPOSIT = 1, 6


@dataclass
class Day:
    """The deeds of a day at one till, each a method, and the names of what they made.

    Attributes:
        names: a name for each sale, refund and payment, by its id.
        open: the order with payments that stays open.
        begun: the refunds without an answer, oldest first.
    """

    till: Till
    other: Till
    names: dict[str, str] = field(default_factory=dict)
    open: str = ""
    begun: list[Refund] = field(default_factory=list)

    def _name(self, key: str, name: str) -> None:
        count = sum(one.startswith(name) for one in self.names.values())
        self.names[key] = f"{name} {count + 1}"

    def sale(self) -> None:
        order = self.till.register.checkout.pay_exact(self.till.order(IDLY, IDLY, IDLY).id)
        self._name(order.id, "sale")

    def free(self) -> None:
        """Sell for nothing, so that no money moves."""
        session = self.till.add(None, DEPOSIT).id
        self._name(self.till.register.checkout.pay_exact(self.till.add(session, DEPOSIT, -1).id).id, "sale")

    def part(self, tendered: int = 1_000, part: int | None = None) -> None:
        if not self.open:
            self.open = self.till.order(IDLY, IDLY).id
        amount = None if part is None else Minor(part)
        order = self.till.register.checkout.pay(self.open, "CASH", Minor(tendered), part=amount)
        self._name(list(order.payments)[-1], "part")

    def change(self) -> None:
        self.part(5_000, 1_000)

    def void(self) -> None:
        newest = list(self.till.register.ledger.order(self.open).payments)[-1]
        self.till.register.checkout.give_back(self.open, newest)

    def paid_out(self) -> None:
        """Pay a part of returned deposits out of the drawer, with a manager's approval."""
        self.open = self.till.add(None, DEPOSIT, -200).id
        yes = self._approval(Permission.GIVE_BACK, -15_000)
        order = self.till.register.checkout.pay(self.open, "CASH", Minor(-15_000), approval=yes)
        self._name(list(order.payments)[-1], "payout")

    def _approval(self, act: Permission, amount: int) -> Approval:
        return self.till.register.approvals.give(
            self.till.register.access.find(9), PermissionRequest(act, Minor(amount))
        )

    def start(self) -> None:
        """Start to refund an item of the newest sale."""
        refunds, order = self.till.register.refunds, self.till.register.recovery.last_sale()
        assert order is not None
        assert order.placed is not None
        sale = refunds.sale(order.id, order.placed.data.receipt)
        share = giving.pieces_back(sale, {1: 1})
        yes = self._approval(Permission.REFUND, share.part.amount)
        self.begun.append(refunds.start(order.id, share, giving.ways_of(sale)[0], sale, yes, "cold"))
        self._name(self.begun[-1].id, "refund")

    def give(self) -> None:
        self.till.register.refunds.approve(self.begun.pop(0).id)

    def refuse(self) -> None:
        self.till.register.refunds.decline(self.begun.pop(0).id, "another till")

    def refund(self) -> None:
        self.start()
        self.give()

    def sold_elsewhere(self) -> None:
        """Have another till take the order over and sell it; this till hears of it."""
        take(self.till, self.other, self.open)
        self.other.register.checkout.pay_exact(self.open)
        give(self.other, self.till, self.open)

    def evening(self) -> None:
        """Go on at ten to midnight of the venue."""
        self.till.clock.time = datetime(2026, 3, 3, 18, 20, tzinfo=UTC)

    def midnight(self) -> None:
        """Go on at a quarter past midnight of the venue, on the same day in UTC."""
        self.till.clock.time = datetime(2026, 3, 3, 18, 45, tzinfo=UTC)


@pytest.mark.parametrize(
    ("deeds", "sale", "refund", "back"),
    [
        ("", None, None, None),
        ("sale sale", "sale 2", None, None),
        ("sale free", "sale 2", None, None),
        ("sale part", "sale 1", None, None),
        ("sale evening", "sale 1", None, None),
        ("sale midnight", None, None, None),
        # the newest refund that gave money, until other money moves
        ("sale refund", "sale 1", "refund 1", None),
        ("sale refund refund", "sale 1", "refund 2", None),
        ("sale refund start", "sale 1", "refund 1", None),
        ("sale refund start refuse", "sale 1", "refund 1", None),
        ("sale start", "sale 1", None, None),
        ("sale start refuse", "sale 1", None, None),
        ("sale refund sale", "sale 2", None, None),
        ("sale refund free", "sale 2", None, None),
        ("sale refund part", "sale 1", None, None),
        ("sale start sale give", "sale 2", "refund 1", None),  # it was given after the sale
        ("sale start part give", "sale 1", "refund 1", None),
        ("sale refund evening", "sale 1", "refund 1", None),
        ("sale refund midnight", None, None, None),
        ("sale start midnight give", None, "refund 1", None),
        # money of an open order that went back to the guest
        ("part", None, None, None),
        ("part void", None, None, "part 1"),
        ("sale part void", "sale 1", None, "part 1"),
        ("part void part", None, None, None),
        ("part part void", None, None, "part 2"),
        ("part void sale", "sale 1", None, None),
        ("sale part void refund", "sale 1", "refund 1", None),
        ("sale refund part void", "sale 1", None, "part 1"),
        ("sale part start void", "sale 1", None, "part 1"),
        ("part void evening", None, None, "part 1"),
        ("part void midnight", None, None, None),
        ("change", None, None, "part 1"),
        ("part change", None, None, "part 2"),
        ("change part", None, None, None),
        ("change void", None, None, "part 1"),
        ("change sale", "sale 1", None, None),
        ("change sold_elsewhere", None, None, None),
        ("sale paid_out", "sale 1", None, "payout 1"),
        ("paid_out sale", "sale 1", None, None),
        ("paid_out midnight", None, None, None),
    ],
)
def test_money_that_moved_last_is_found_after_a_crash(
    till: Till, other: Till, deeds: str, sale: str | None, refund: str | None, back: str | None
) -> None:
    day = Day(till, other)
    for deed in deeds.split():
        till.clock.move(seconds=1)
        getattr(day, deed)()
    till.start()
    recovery, refunds = till.register.recovery, till.register.refunds
    order, given, returned = recovery.last_sale(), refunds.last_refund(), refunds.last_given_back()
    assert (order and day.names[order.id], given and day.names[given.id]) == (sale, refund)
    assert (returned and day.names[returned[1].id]) == back
    if returned is not None:
        assert returned[0].id == day.open
