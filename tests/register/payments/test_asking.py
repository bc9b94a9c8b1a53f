"""One table for pending money, in and out: a till that dies at each step, answers that are lost, double or late."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Protocol

import pytest

from tests.register.exchange import found
from tests.register.payments.scripted import HANGS, TERMINAL, UNKNOWN, Terminal, played
from tests.register.payments.test_charges import saved
from tests.register.payments.test_giving_back import PART, paid_in_part
from tests.register.payments.test_refunded import _begun
from till.domain.payment.movement import MoneyTransfer, PaymentState
from till.domain.payment.unanswered import MovementKind
from till.domain.staff.rights import Permission, PermissionRequest
from till.domain.structs import replace
from till.register.payments.tenders import Tenders

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from tests.register.conftest import Till
    from till.domain.staff.rights import Approval

A, D, U = PaymentState.APPROVED, PaymentState.DECLINED, PaymentState.UNKNOWN


class Use(Protocol):
    """Pending money: its start at a till, and its state."""

    async def prepare(self, till: Till, terminal: Terminal) -> None:
        """Make the order before it, paid by the terminal if it is a return."""

    def start(self, till: Till) -> None:
        """Record the request, and ask the terminal."""

    def movement(self, till: Till) -> MoneyTransfer:
        """Return its present state."""
        ...

    def settle(self, till: Till, *, went: bool) -> None:
        """Settle it as a manager."""


def yes(till: Till, amount: int) -> Approval:
    asked = PermissionRequest(Permission.SETTLE, amount)  # type: ignore[arg-type]
    return till.register.approvals.give(till.register.access.find(9), asked)


class APayment:
    """A payment that is asked for."""

    session = ""

    async def prepare(self, till: Till, terminal: Terminal) -> None:
        till.register.asker.begin(Tenders(asked=[terminal]), saved)
        self.session = till.order(2).id

    def start(self, till: Till) -> None:
        till.register.charges.ask(self.session, "CARD")

    def movement(self, till: Till) -> MoneyTransfer:
        [payment] = till.register.ledger.order(self.session).payments.values()
        return payment

    def settle(self, till: Till, *, went: bool) -> None:
        movement = self.movement(till)
        till.register.charges.settle_by_hand(self.session, movement.id, yes(till, movement.amount), charged=went)


class AReturn(APayment):
    """A part payment of an open order that is returned."""

    async def prepare(self, till: Till, terminal: Terminal) -> None:
        self.session = await paid_in_part(till, terminal)

    def start(self, till: Till) -> None:
        till.register.charges.give_back(self.session, super().movement(till).id)

    def movement(self, till: Till) -> MoneyTransfer:
        [payment] = till.register.ledger.order(self.session).payments.values()
        return payment.returns[0]

    def settle(self, till: Till, *, went: bool) -> None:
        payment = super().movement(till)
        till.register.charges.settle_by_hand(self.session, payment.id, yes(till, PART), charged=went)


class ARefund:
    """A sale that is refunded whole; the server reserves the refund."""

    session = refund = ""

    async def prepare(self, till: Till, terminal: Terminal) -> None:
        till.register.asker.begin(Tenders(asked=[terminal]), saved)
        terminal.script.appendleft(Terminal().then().script.pop())
        self.session = till.order(2).id
        till.register.charges.ask(self.session, "CARD")
        await asyncio.sleep(1)

    def start(self, till: Till) -> None:
        begun = _begun(till, self.session)
        self.refund = begun.id
        till.register.refunds.give(begun)

    def movement(self, till: Till) -> MoneyTransfer:
        return till.register.refunds.find(self.refund)

    def settle(self, till: Till, *, went: bool) -> None:
        refunds = till.register.refunds
        refunds.settle(self.refund, yes(till, refunds.find(self.refund).amount), given=went)


#: The name of each while it has no answer.
NAMED: dict[type[Any], tuple[MovementKind, str]] = {
    APayment: (MovementKind.PAYMENT, "Vamsi's order: a payment of ₹80.00 has no answer. F9 there."),
    AReturn: (MovementKind.RETURN, "Vamsi's order: a refund of ₹50.00 has no answer. F9 there."),
    ARefund: (MovementKind.REFUND, "Refund 1XBEEF-R000001 of ₹80.00 has no answer: F10."),
}

uses = pytest.mark.parametrize("use", [APayment, AReturn, ARefund])


async def slowly(_seconds: float) -> bool:
    await asyncio.sleep(0.4)
    return True


def refused(till: Till) -> None:
    till.journal.full = True


#: Deaths of a till: the seconds after the start, the terminal's behaviour until then, and the act just before.
STEPS: dict[str, tuple[float, str, Callable[[float], Awaitable[bool]], Callable[[Till], None] | None]] = {
    "as it is on disk": (0.0, HANGS, saved, None),
    "while it is pushed": (0.2, HANGS, slowly, None),
    "while the terminal has it": (5.0, HANGS, saved, None),
    "as the answer comes and the disk is full": (5.0, "approved", saved, refused),
    "once nobody knew": (100.0, HANGS, saved, None),
}


@uses
@pytest.mark.parametrize("step", list(STEPS))
@pytest.mark.parametrize(("expected", "state"), [("approved", A), ("declined", D)])
def test_a_till_that_dies_asks_after_it_and_never_repeats_it(
    till: Till, use: type[Any], step: str, expected: str, state: PaymentState
) -> None:
    one: Use = use()
    seconds, first, push, before = STEPS[step]
    terminal = Terminal()

    async def until_it_dies() -> None:
        await one.prepare(till, terminal)
        terminal.charged.clear()
        terminal.then(first).then(HANGS)
        till.register.asker.begin(Tenders(asked=[terminal]), push)
        one.start(till)
        if before is not None:
            before(till)
        if seconds:
            await asyncio.sleep(seconds)

    async def after() -> None:
        till.register.asker.begin(Tenders(asked=[terminal]), saved)
        await asyncio.sleep(10)

    played(till.clock, until_it_dies())
    till.journal.full = False
    asked = len(terminal.charged) + len(terminal.returned)
    assert asked == (0 if seconds < 1 else 1)
    terminal.script.clear()
    terminal.then(expected)
    till.start()
    assert one.movement(till).is_open
    [waits] = till.register.unanswered.listed()
    assert (waits.id, waits.asked, till.register.unanswered.sentence()) == (one.movement(till).id, *NAMED[use])
    played(till.clock, after())
    assert one.movement(till).state is state
    assert till.register.unanswered.sentence() == ""
    assert len(terminal.charged) + len(terminal.returned) == asked
    assert (
        len({charge.key for charge in (*terminal.charged, *terminal.asked, *(c for c, _t in terminal.returned))}) == 1
    )


@uses
@pytest.mark.parametrize(
    ("script", "state"),
    [
        ([(HANGS, {}), ("approved", {})], A),  # lost, and asked after
        ([(UNKNOWN, {}), (UNKNOWN, {}), ("declined", {})], D),
        ([("approved", {"key": "0197a000-0000-7000-8000-00000000dddd"}), ("approved", {})], A),  # of another
        ([("approved", {"amount": 10**15}), ("declined", {})], D),  # makes no sense
    ],
)
def test_a_lost_answer_is_asked_for_again(till: Till, use: type[Any], script: Any, state: PaymentState) -> None:
    one: Use = use()
    terminal = Terminal()

    async def story() -> None:
        await one.prepare(till, terminal)
        for says, more in script:
            terminal.then(says, **more)
        one.start(till)
        await asyncio.sleep(200)

    played(till.clock, story())
    assert one.movement(till).state is state
    assert till.register.asker.progress_of(one.movement(till).id) is None


#: Later answers in their order, the state after them, and True if a manager is told.
LATER = pytest.mark.parametrize(
    ("first", "by_hand", "later", "state", "late", "contradicted"),
    [
        ("approved", None, "approved", A, False, False),
        ("declined", None, "declined", D, False, False),
        ("declined", None, "approved", A, True, False),
        (UNKNOWN, False, "approved", A, False, True),
        (UNKNOWN, False, "declined", D, False, False),
        (UNKNOWN, True, "declined", A, False, True),
        (UNKNOWN, True, "approved", A, False, False),
    ],
)


@uses
@LATER
def test_an_answer_after_the_answer(
    till: Till,
    use: type[Any],
    first: str,
    by_hand: bool | None,
    later: str,
    state: PaymentState,
    late: bool,
    contradicted: bool,
) -> None:
    """The second answer arrives unasked, or answers a poll under way when a manager settled the payment."""
    one: Use = use()
    terminal = Terminal()

    async def story() -> None:
        await one.prepare(till, terminal)
        terminal.then(first)
        if by_hand is not None:
            terminal.then(UNKNOWN).then(later, after=20)
        one.start(till)
        await asyncio.sleep(1)
        movement = one.movement(till)
        if by_hand is None:
            terminal.then(later)
            till.register.asker.payment_hinted(movement.id)
        else:
            till.clock.move(seconds=terminal.traits.gives_up_s)
            await asyncio.sleep(5)
            one.settle(till, went=by_hand)
        count = len(till.types())
        await asyncio.sleep(60)
        if (first, later) in {("approved", "approved"), ("declined", "declined")}:
            assert len(till.types()) == count, "what is known is written once"

    played(till.clock, story())
    movement = one.movement(till)
    assert (movement.state, movement.is_late, movement.is_contradicted) == (state, late, contradicted)
    if contradicted and use is not ARefund:  # of a refund the server tells a manager
        order = till.register.ledger.order(one.session)  # type: ignore[attr-defined]
        if not order.is_over:
            till.register.checkout.pay_exact(order.id)
        assert "outcome_contradicted" in {conflict.kind for conflict in found(till)}


@uses
def test_money_that_moved_after_it_was_declined_is_heard_of_after_a_restart(till: Till, use: type[Any]) -> None:
    """The till that learns of the money reports it, as a webhook does."""
    one: Use = use()
    terminal = Terminal()

    async def until_it_stops() -> None:
        await one.prepare(till, terminal)
        terminal.then("declined")
        one.start(till)
        await asyncio.sleep(1)
        till.register.asker.end()

    async def after() -> None:
        till.register.asker.begin(Tenders(asked=[terminal]), saved)
        terminal.then("approved")
        till.register.payment_hinted(one.movement(till).id)
        await asyncio.sleep(1)

    played(till.clock, until_it_stops())
    till.start()
    played(till.clock, after())
    movement = one.movement(till)
    assert (movement.state, movement.is_late, movement.is_contradicted) == (A, True, False)


@uses
def test_a_code_that_was_declined_is_looked_at_once_more(till: Till, use: type[Any]) -> None:
    """A guest's bank may be late, in both directions."""
    one: Use = use()
    terminal = Terminal(traits=replace(TERMINAL, shows_code=True))

    async def story() -> None:
        await one.prepare(till, terminal)
        terminal.then("declined").then("approved")
        one.start(till)
        await asyncio.sleep(30)
        assert one.movement(till).state is D
        await asyncio.sleep(40)

    played(till.clock, story())
    assert (one.movement(till).state, one.movement(till).is_late) == (A, True)
