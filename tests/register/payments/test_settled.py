"""Money that a person settled by hand: its provider is asked until it answers, at every till, and never in a storm."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from tests.register.exchange import found, meet, take
from tests.register.payments.scripted import TERMINAL, UNKNOWN, Script, Terminal, played
from tests.register.payments.test_asking import APayment, ARefund, AReturn, yes
from tests.register.payments.test_charges import card_of, saved
from till.domain.errors import RightsError
from till.domain.money.measures import Minor
from till.domain.order.paying import CASH
from till.domain.payment.events import PaymentConfirmed
from till.domain.payment.movement import PaymentState
from till.domain.refund import giving
from till.domain.refund.events import RefundConfirmed
from till.domain.staff.rights import Permission, PermissionRequest
from till.domain.structs import replace
from till.register.payments.tenders import Tenders

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from typing import Any

    from tests.register.conftest import Till
    from till.domain.staff.rights import Approval
    from till.ports import Charge, ChargeAnswer

A, D = PaymentState.APPROVED, PaymentState.DECLINED
#: Seconds until a manager may settle, and until every till has checked once after that.
UNTIL_SETTLED, UNTIL_CHECKED = 100.0, 130.0
DAY = 86_400.0


def begin(till: Till, terminal: Terminal) -> None:
    till.register.asker.begin(Tenders(asked=[terminal]), saved)


def settle(till: Till, session: str, *, charged: bool) -> None:
    """Settle the card of an order, and pay the order in cash if the card did not."""
    charges, payment = till.register.charges, card_of(till.register.ledger.order(session))
    slip = "S-1" if charged else ""
    charges.settle_by_hand(session, payment.id, yes(till, payment.amount), charged=charged, slip=slip)
    if not charged:
        till.register.checkout.pay_exact(session)


async def on_a_paid_order(_till: Till, _terminal: Terminal, _session: str) -> None:
    await asyncio.sleep(1)


async def after_a_restart(till: Till, terminal: Terminal, _session: str) -> None:
    till.register.asker.end()
    till.start()
    begin(till, terminal)


async def after_the_close(till: Till, _terminal: Terminal, _session: str) -> None:
    till.register.drawer.close()


async def after_many_others_and_a_restart(till: Till, terminal: Terminal, session: str) -> None:
    """Start the till again once it is none of the newest payments."""
    terminal.script.extend(Script("approved") for _other in range(60))
    for _other in range(60):
        till.register.charges.ask(till.order(1).id, "CARD")
        await asyncio.sleep(0.2)
    await after_a_restart(till, terminal, session)


async def after_a_refund(till: Till, _terminal: Terminal, session: str) -> None:
    refunds, placed = till.register.refunds, till.register.ledger.order(session).placed
    assert placed is not None
    sale = refunds.sale(session, placed.data.receipt)
    share = giving.pieces_back(sale, giving.all_pieces(sale))
    way = next(one for one in giving.ways_of(sale) if one.tender == CASH)
    paid = till.register.ledger.order(session).payments[way.payment.payment_id]
    act = Permission.GIVE_BACK if paid.is_doubtful else Permission.REFUND
    approval = till.register.approvals.give(till.register.access.find(9), PermissionRequest(act, share.part.amount))
    refunds.approve(refunds.start(session, share, way, sale, approval, "cold").id)


#: Conflicts by what a person settled and by the provider's answer, with the amount that it took.
ANSWERS = pytest.mark.parametrize(
    ("charged", "says", "amount", "kinds"),
    [
        (False, "approved", None, ["money_without_order", "outcome_contradicted"]),
        (False, "declined", None, []),
        (True, "declined", None, ["outcome_contradicted"]),
        (True, "approved", None, []),
        (True, "approved", 5_000, ["outcome_contradicted"]),
    ],
)


@ANSWERS
@pytest.mark.parametrize(
    "when", [on_a_paid_order, after_a_restart, after_the_close, after_many_others_and_a_restart, after_a_refund]
)
def test_an_answer_after_a_person_settled_it_is_heard_and_one_that_differs_is_a_conflict(
    till: Till,
    when: Callable[[Till, Terminal, str], Awaitable[None]],
    charged: bool,
    says: str,
    amount: int | None,
    kinds: list[str],
) -> None:
    terminal, session = Terminal(), till.order(2).id

    async def story() -> None:
        begin(till, terminal)
        till.register.charges.ask(session, "CARD")
        await asyncio.sleep(UNTIL_SETTLED)
        settle(till, session, charged=charged)
        await asyncio.sleep(1)
        await when(till, terminal, session)
        terminal.then(says, amount=amount)
        await asyncio.sleep(UNTIL_CHECKED)
        assert card_of(till.register.ledger.order(session)).is_answered
        asked, written = len(terminal.asked), len(till.types())
        await asyncio.sleep(5 * DAY)
        assert (len(terminal.asked), len(till.types())) == (asked, written), "once it has answered, nobody asks"

    played(till.clock, story())
    assert sorted(one.kind for one in found(till)) == kinds
    payment = card_of(till.register.ledger.order(session))
    assert (payment.state, payment.amount) == (A if charged or kinds else D, amount or 8_000)
    assert len(terminal.charged) == (61 if when is after_many_others_and_a_restart else 1)
    till.start()
    assert not card_of(till.register.ledger.order(session)).is_unconfirmed


@ANSWERS
@pytest.mark.parametrize("is_new", [False, True])
def test_a_till_that_had_the_order_asks_for_one_that_settled_it_and_is_off(
    till: Till, other: Till, is_new: bool, charged: bool, says: str, amount: int | None, kinds: list[str]
) -> None:
    """A till that was started since knows that another one asks, until it hears that a manager settled it."""
    terminal, session = Terminal(), till.order(2).id

    async def story() -> None:
        for one in (till, other):
            begin(one, terminal)
        till.register.charges.ask(session, "CARD")
        await asyncio.sleep(UNTIL_SETTLED)
        take(till, other, session)
        other.register.charges.follow(other.register.ledger.order(session))
        await asyncio.sleep(1)
        if is_new:
            meet(till, other, sessions=[session])
            await after_a_restart(till, terminal, session)
        settle(other, session, charged=charged)
        other.register.asker.end()
        meet(till, other, sessions=[session])
        terminal.then(says, amount=amount)
        await asyncio.sleep(UNTIL_CHECKED)

    played(till.clock, story())
    meet(till, other, sessions=[session])
    assert sorted({one.kind for one in found(other)}) == kinds
    assert all(card_of(one.register.ledger.order(session)).is_answered for one in (till, other))


def test_the_answer_of_one_till_ends_the_checks_of_another(till: Till, other: Till) -> None:
    """The till that settled it asks first, and its answer reaches the other before that one's turn."""
    terminal, session = Terminal(), till.order(2).id

    async def story() -> None:
        for one in (till, other):
            begin(one, terminal)
        till.register.charges.ask(session, "CARD")
        await asyncio.sleep(UNTIL_SETTLED)
        take(till, other, session)
        other.register.charges.follow(other.register.ledger.order(session))
        await asyncio.sleep(1)
        settle(other, session, charged=True)
        meet(till, other, sessions=[session])
        asked = len(terminal.asked)
        terminal.then("approved")
        await asyncio.sleep(63)
        meet(till, other, sessions=[session])
        await asyncio.sleep(DAY)
        assert len(terminal.asked) == asked + 1

    played(till.clock, story())
    assert [len(one.wrote(PaymentConfirmed)) for one in (till, other)] == [0, 1]


def test_a_till_that_never_held_the_order_asks_nothing(till: Till, other: Till) -> None:
    """The database takes no answer from it."""
    terminal, elsewhere, session = Terminal(), Terminal(), till.order(2).id

    async def story() -> None:
        begin(till, terminal)
        begin(other, elsewhere)
        till.register.charges.ask(session, "CARD")
        await asyncio.sleep(UNTIL_SETTLED)
        settle(till, session, charged=True)
        meet(till, other, sessions=[session])
        other.register.payment_hinted(card_of(till.register.ledger.order(session)).id)
        await asyncio.sleep(UNTIL_CHECKED)

    played(till.clock, story())
    assert card_of(other.register.ledger.order(session)).is_unconfirmed
    assert (elsewhere.asked, len(terminal.asked) > 1) == ([], True)


@pytest.mark.parametrize("use", [APayment, AReturn, ARefund])
@pytest.mark.parametrize("went", [True, False])
def test_each_kind_of_money_is_asked_about_and_confirmed_once(till: Till, use: type[Any], went: bool) -> None:
    one, terminal = use(), Terminal()

    async def story() -> None:
        await one.prepare(till, terminal)
        one.start(till)
        await asyncio.sleep(UNTIL_SETTLED)
        one.settle(till, went=went)
        await after_a_restart(till, terminal, "")
        terminal.then("approved" if went else "declined")
        await asyncio.sleep(DAY)

    played(till.clock, story())
    movement = one.movement(till)
    assert (movement.state, movement.is_answered, movement.is_contradicted) == (A if went else D, True, False)
    assert len(till.wrote(PaymentConfirmed)) + len(till.wrote(RefundConfirmed)) == 1


def test_settled_charge_counts_once_in_the_shifts_before_and_after_its_answer(till: Till) -> None:
    terminal, session = Terminal(), till.order(2).id

    async def story() -> None:
        begin(till, terminal)
        till.register.charges.ask(session, "CARD")
        await asyncio.sleep(UNTIL_SETTLED)
        settle(till, session, charged=True)
        till.register.drawer.close()
        till.register.checkout.pay_exact(till.order(1).id)
        terminal.then("approved")
        await asyncio.sleep(UNTIL_CHECKED)

    played(till.clock, story())
    [before] = till.register.drawer.closed()
    assert before.closed is not None
    tenders = [(one.tender, one.amount) for one in (*before.closed.sums.tenders, *till.register.drawer.sums().tenders)]
    assert tenders == [("CARD", "80.00"), ("CASH", "40.00")]
    payment = card_of(till.register.ledger.order(session))
    assert (payment.transaction, payment.settled_by) == ("T-1", None), "a refund names the provider's money"


def test_checks_end_with_the_memory_of_the_provider(till: Till) -> None:
    terminal, session = Terminal(traits=replace(TERMINAL, remembers_s=DAY)), till.order(2).id
    times: list[float] = []
    begun = till.clock.now()

    async def story() -> None:
        begin(till, terminal)
        till.register.charges.ask(session, "CARD")
        await asyncio.sleep(UNTIL_SETTLED)
        settle(till, session, charged=True)
        await asyncio.sleep(1)
        terminal.asked.clear()
        for _hour in range(72):
            await asyncio.sleep(3_600)
            times.extend([(till.clock.now() - begun).total_seconds()] * len(terminal.asked))
            terminal.asked.clear()
        await after_a_restart(till, terminal, session)
        await asyncio.sleep(DAY)
        assert terminal.asked == []

    played(till.clock, story())
    assert 50 < len(times) < 70
    assert max(times) < DAY + 3_700


def test_many_settled_payments_at_many_tills_are_asked_about_one_by_one(till: Till, other: Till, third: Till) -> None:
    """Each till has one question at a time at a terminal that does not answer, whatever it settled."""
    tills = (till, other, third)
    busy = {one.number: 0 for one in tills}
    most = 0

    class Slow(Terminal):
        number = 0

        async def ask_after(self, charge: Charge) -> ChargeAnswer:
            nonlocal most
            busy[self.number] += 1
            most = max(most, *busy.values())
            try:
                return await super().ask_after(charge)
            finally:
                busy[self.number] -= 1

    terminals = {one.number: Slow(traits=replace(TERMINAL, gives_up_s=1.0)) for one in tills}

    async def story() -> None:
        sessions = []
        for one in tills:
            terminals[one.number].number = one.number
            begin(one, terminals[one.number])
        for _guest in range(30):
            session = till.order(2).id
            sessions.append(session)
            till.register.charges.ask(session, "CARD")
            await asyncio.sleep(2)
            settle(till, session, charged=True)
        meet(*tills, sessions=sessions)
        for one in tills:  # all checks begin at the same moment
            await after_a_restart(one, terminals[one.number], "")
        await asyncio.sleep(20)
        nonlocal most
        most = 0
        for terminal in terminals.values():
            terminal.asked.clear()
            terminal.script.extend(Script(UNKNOWN, after=1) for _poll in range(3_000))
        await asyncio.sleep(DAY)

    played(till.clock, story())
    assert most == 1
    assert 30 * 50 < len(terminals[1].asked) < 30 * 60


def managed(till: Till) -> Approval:
    """Return a manager's approval to give back 80.00."""
    asked = PermissionRequest(Permission.GIVE_BACK, Minor(8_000))
    return till.register.approvals.give(till.register.access.find(9), asked)


@pytest.mark.parametrize("answer", ["", "declined", "approved"])
@pytest.mark.parametrize("tender", ["CARD", CASH])
def test_a_refund_of_what_was_settled_and_never_confirmed_asks_for_a_manager(
    till: Till, tender: str, answer: str
) -> None:
    """A manager who stands at the till types the PIN too."""
    answered = answer == "approved"
    terminal, session = Terminal(), till.order(2).id
    refunds, approvals = till.register.refunds, till.register.approvals

    async def story() -> None:
        begin(till, terminal)
        till.register.charges.ask(session, "CARD")
        await asyncio.sleep(UNTIL_SETTLED)
        settle(till, session, charged=True)
        if answer:
            terminal.then(answer)
            await asyncio.sleep(UNTIL_CHECKED)

    played(till.clock, story())
    till.register.ledger.user = 9
    order = till.register.ledger.order(session)
    assert order.placed is not None
    sale = refunds.sale(session, order.placed.data.receipt)
    share = giving.pieces_back(sale, giving.all_pieces(sale))
    way = next(one for one in giving.ways_of(sale) if one.tender == tender)
    asked = approvals.lacking(lambda: refunds.start(session, share, way, sale, None, "cold"))
    assert asked == (None if answered else PermissionRequest(Permission.GIVE_BACK, Minor(8_000)))
    words = {"": "never confirmed.", "declined": "then declined."}
    assert card_of(order).warning == (
        f"Settled by hand, {words[answer]} Check its list first." if words.get(answer) else ""
    )
    begun = refunds.start(session, share, way, sale, None if answered else managed(till), "cold")
    assert begun.started.transaction == ("T-1" if answered and tender == "CARD" else "")


@pytest.mark.parametrize("answer", ["", "declined"])
def test_a_part_that_was_settled_and_never_confirmed_goes_back_with_a_manager(till: Till, answer: str) -> None:
    terminal, session = Terminal(), till.order(2, 1).id

    async def story() -> None:
        begin(till, terminal)
        till.register.charges.ask(session, "CARD", Minor(8_000))
        await asyncio.sleep(UNTIL_SETTLED)
        settle(till, session, charged=True)
        if answer:
            terminal.then(answer)
            await asyncio.sleep(UNTIL_CHECKED)

    played(till.clock, story())
    payment = card_of(till.register.ledger.order(session)).id
    assert till.register.checkout.needs_manager(session, payment) == PermissionRequest(
        Permission.GIVE_BACK, Minor(8_000)
    )
    till.register.ledger.user = 9
    with pytest.raises(RightsError):
        till.register.charges.give_back(session, payment)


@pytest.mark.parametrize("charged", [False, True])
def test_a_part_given_back_before_its_terminal_answers_is_a_conflict_if_it_never_came(
    till: Till, *, charged: bool
) -> None:
    terminal, session = Terminal(), till.order(2, 1).id

    async def story() -> None:
        begin(till, terminal)
        till.register.charges.ask(session, "CARD", Minor(8_000))
        await asyncio.sleep(UNTIL_SETTLED)
        settle(till, session, charged=True)
        till.register.checkout.give_back(session, card_of(till.register.ledger.order(session)).id, managed(till))
        till.register.checkout.pay_exact(session)
        terminal.then("approved" if charged else "declined")
        await asyncio.sleep(UNTIL_CHECKED)

    played(till.clock, story())
    assert [one.kind for one in found(till)] == ([] if charged else ["outcome_contradicted"])
