"""A card terminal at real tills: their journals on disk, the plug-in that the config names, the terminal a process."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from tests.domain.finding import doubted
from tests.register.exchange import give, take
from tests.tenders.terminal.tills import asked_on, course_over, only, until
from tests.terminal.process import POIID
from till.domain.order.state import Status, Tab
from till.domain.payment.cards import Card
from till.domain.payment.events import SlipKept
from till.domain.payment.movement import PaymentState
from till.domain.staff.rights import Permission, PermissionRequest
from till.register.payments import asking

if TYPE_CHECKING:
    from tests.register.conftest import Till
    from tests.tenders.terminal.tills import Counter

#: The card in every answer of the terminal.
CARD = Card(brand="Mastercard", last_four="9999")
TAB = Tab("0197a000-0000-7000-8000-00000000aaaa", "window")


@pytest.fixture
async def till(counter: Counter) -> Till:
    """The first till, connected."""
    return counter.connected()


def one_charge(counter: Counter, amount: str = "80.0") -> None:
    """Check that the terminal has one charge, however often it was polled."""
    assert counter.terminal.book.charges() == [("Debit", "INR", amount)]
    assert len(counter.terminal.book.heard("Payment")) == 1


async def test_an_approved_card_pays_the_order(counter: Counter, till: Till) -> None:
    session = till.order(2).id
    progress = till.register.charges.ask(session, "CARD")
    assert progress.traits.gives_up_s == 160
    order = await until(till, session)
    assert order.status is Status.COMPLETED
    one_charge(counter)
    [asked] = counter.terminal.book.heard("Payment")
    header = asked["SaleToPOIRequest"]["MessageHeader"]
    assert only(order).reference == (POIID, "till-1", header["ServiceID"])
    assert only(order).transaction
    assert only(order).card == CARD
    assert [words for _at, words in progress.steps] == ["asked for ₹80.00", "Asking the terminal."]
    slips = [event.data for event in till.journal.events_of(session) if isinstance(event.data, SlipKept)]
    assert [(one.payment_id, one.for_guest, one.to_be_signed, one.text) for one in slips] == [
        (only(order).id, True, False, "Card  **** 1111⏎THANK [31mYOU"),
        (only(order).id, False, True, "Sign here"),
    ]


@pytest.mark.parametrize(
    ("does", "arg", "line", "state", "charges"),
    [
        ("decline", "Refusal", "", PaymentState.DECLINED, []),
        ("approve", "", "twice", PaymentState.APPROVED, ["80.0"]),
        ("approve", "", "other_reference", PaymentState.APPROVED, ["80.0"]),
        ("approve", "", "drop", PaymentState.APPROVED, ["80.0"]),
        ("approve", "", "html", PaymentState.APPROVED, ["80.0"]),
        ("partial", "30.00", "", PaymentState.APPROVED, ["30.0"]),
        ("tip", "5.00", "drop", PaymentState.APPROVED, ["85.0"]),
        ("refuse", "Busy", "", PaymentState.DECLINED, []),
    ],
)
async def test_every_outcome_of_the_terminal_becomes_known(
    counter: Counter, till: Till, does: str, arg: str, line: str, state: PaymentState, charges: list[str]
) -> None:
    counter.terminal.book.plan(does, arg, line=line)
    session = till.order(2).id
    till.register.charges.ask(session, "CARD")
    order = await until(till, session, PaymentState.APPROVED, PaymentState.DECLINED)
    assert only(order).state is state
    assert counter.terminal.book.charges() == [("Debit", "INR", amount) for amount in charges]
    assert len(counter.terminal.book.heard("Payment")) == 1
    taken = sum(round(float(one) * 100) for one in charges)
    assert (only(order).amount if charges else 0) == taken
    assert (order.status is Status.COMPLETED) == (taken >= 8_000)
    assert order.due == max(0, 8_000 - taken)


async def test_a_declined_payment_may_be_paid_by_the_next_card(counter: Counter, till: Till) -> None:
    counter.terminal.book.plan("decline", "Refusal")
    session = till.order(2).id
    first = till.register.charges.ask(session, "CARD").charge.key
    await until(till, session, PaymentState.DECLINED)
    second = till.register.charges.ask(session, "CARD").charge.key
    await course_over(till, second)
    states = {key: payment.state for key, payment in till.register.ledger.order(session).payments.items()}
    assert states == {first: PaymentState.DECLINED, second: PaymentState.APPROVED}
    assert counter.terminal.book.charges() == [("Debit", "INR", "80.0")]


async def test_a_slow_one_is_unknown_and_then_paid(counter: Counter, till: Till) -> None:
    """The terminal takes longer than the till waits, and has finished when it is polled."""
    counter.within = 0.3
    counter.connect(till)
    counter.terminal.book.plan("slow")
    session = till.order(2).id
    till.register.charges.ask(session, "CARD")
    await counter.terminal.waits()
    await until(till, session, PaymentState.UNKNOWN)
    order = await asked_on(till, session)
    assert order.status is Status.COMPLETED
    one_charge(counter)


async def test_terminal_that_dies_after_charging_shows_paid(counter: Counter, till: Till) -> None:
    counter.terminal.book.plan(line="die")
    session = till.order(2).id
    till.register.charges.ask(session, "CARD")
    await until(till, session, PaymentState.UNKNOWN)
    await asyncio.to_thread(counter.terminal.restart)
    order = await asked_on(till, session)
    assert (order.status, only(order).card) == (Status.COMPLETED, CARD)
    one_charge(counter)


async def test_terminal_that_loses_power_before_charging(counter: Counter, till: Till) -> None:
    """An answer of not found proves nothing before the guest's time is over: the order stays locked until then."""
    counter.terminal.book.plan("power")
    session = till.order(2).id
    till.register.charges.ask(session, "CARD")
    await until(till, session, PaymentState.UNKNOWN)
    await asyncio.to_thread(counter.terminal.restart)
    progress = till.register.asker.progress_of(only(till.register.ledger.order(session)).id)
    assert progress is not None
    asks = progress.asks
    async with asyncio.timeout(20):
        while progress.asks < asks + 3:
            progress.poke.set()
            await asyncio.sleep(0.02)
    assert only(till.register.ledger.order(session)).state is PaymentState.UNKNOWN
    till.clock.move(seconds=151)
    order = await asked_on(till, session)
    assert (only(order).state, order.due) == (PaymentState.DECLINED, 8_000)
    assert till.register.checkout.pay_exact(session).status is Status.COMPLETED
    assert counter.terminal.book.charges() == []


async def test_another_amount_is_what_counts(counter: Counter, till: Till) -> None:
    """A fee that it adds is no tip: the order is paid, and the excess is a conflict for the manager."""
    counter.terminal.book.plan("fee", "5.00")
    session = till.order(2).id
    till.register.charges.ask(session, "CARD")
    order = await until(till, session)
    assert (order.status, only(order).amount) == (Status.COMPLETED, 8_500)
    assert only(order).over == 500
    one_charge(counter, "85.0")


async def test_authorised_and_not_captured_settles_nothing(counter: Counter, till: Till) -> None:
    counter.terminal.book.plan("hold")
    session = till.order(2).id
    till.register.charges.ask(session, "CARD")
    order = await until(till, session, PaymentState.AUTHORISED)
    assert (order.status, order.paid, order.pending_payment) == (Status.ACTIVE, 0, only(order))


@pytest.mark.parametrize(("does", "state"), [("wait", PaymentState.DECLINED), ("too_late", PaymentState.APPROVED)])
async def test_leaving_a_card_waits_for_its_answer(
    counter: Counter, till: Till, does: str, state: PaymentState
) -> None:
    counter.terminal.book.plan(does)
    session = till.order(2).id
    progress = till.register.charges.ask(session, "CARD")
    await counter.terminal.waits()
    till.register.asker.stop(progress.charge.key)
    order = await until(till, session, PaymentState.DECLINED, PaymentState.APPROVED)
    assert only(order).state is state
    assert len(counter.terminal.book.heard("Abort")) == 1


async def test_kept_as_a_tab_the_next_guest_is_served_and_the_answer_finds_it(counter: Counter, till: Till) -> None:
    counter.terminal.book.plan(line="die")
    session = till.order(2).id
    till.register.charges.ask(session, "CARD")
    await until(till, session, PaymentState.UNKNOWN)
    till.register.charges.keep(session, TAB)
    guest = till.order(1).id
    assert till.register.checkout.pay_exact(guest).status is Status.COMPLETED
    await asyncio.to_thread(counter.terminal.restart)
    assert (await asked_on(till, session)).status is Status.COMPLETED
    one_charge(counter)


async def test_a_till_that_was_killed_asks_after_it(counter: Counter, till: Till) -> None:
    counter.terminal.book.plan("slow")
    session = till.order(2).id
    till.register.charges.ask(session, "CARD")
    await counter.terminal.waits()
    again = counter.till()
    counter.connect(again)
    order = await asked_on(again, session)
    assert (order.status, only(order).card) == (Status.COMPLETED, CARD)
    one_charge(counter)


async def test_taken_over_in_the_middle_both_tills_hear_the_answer(counter: Counter, till: Till) -> None:
    """The card is in the terminal when the order goes to the other till, which places the sale, once."""
    other = counter.till(2)
    counter.connect(other)
    counter.terminal.book.plan("slow")
    session = till.order(2).id
    till.register.charges.ask(session, "CARD")
    await counter.terminal.waits()
    take(till, other, session)
    there = await asked_on(other, session)
    here = await until(till, session)
    assert (here.status, there.status) == (Status.COMPLETED, Status.COMPLETED)
    for source, target in ((till, other), (other, till)):
        give(source, target, session)
    here, there = (one.register.ledger.order(session) for one in (till, other))
    assert only(here) == only(there)
    assert only(here).card == CARD
    assert here.placed == there.placed
    assert not only(here).is_contradicted
    one_charge(counter)


async def test_taken_over_when_nobody_knows_and_the_first_till_stays_dead(counter: Counter, till: Till) -> None:
    other = counter.till(2)
    counter.connect(other)
    counter.terminal.book.plan(line="die")
    session = till.order(2).id
    till.register.charges.ask(session, "CARD")
    await until(till, session, PaymentState.UNKNOWN)
    take(till, other, session)
    counter.close(till)
    await asyncio.to_thread(counter.terminal.restart)
    order = await asked_on(other, session)
    assert (order.status, only(order).card) == (Status.COMPLETED, CARD)
    one_charge(counter)


async def test_taken_over_both_dead_and_one_of_them_starts_again(counter: Counter, till: Till) -> None:
    other = counter.till(2)
    counter.connect(other)
    counter.terminal.book.plan(line="die")
    session = till.order(2).id
    till.register.charges.ask(session, "CARD")
    await until(till, session, PaymentState.UNKNOWN)
    take(till, other, session)
    counter.close(till)
    again = counter.till(2)
    await asyncio.to_thread(counter.terminal.restart)
    counter.connect(again)
    assert (await asked_on(again, session)).status is Status.COMPLETED
    one_charge(counter)


@pytest.mark.parametrize("where", ["here", "at a till that was restarted", "at the till that had it before"])
@pytest.mark.parametrize(
    ("took", "kinds"),
    [(True, ["money_without_order", "outcome_contradicted"]), (False, ["outcome_contradicted"])],
)
async def test_a_manager_who_is_wrong_is_told_once_the_terminal_is_there_again(
    counter: Counter, till: Till, monkeypatch: pytest.MonkeyPatch, where: str, kinds: list[str], *, took: bool
) -> None:
    """The terminal charged and died, or lost its power before it charged; the shift is closed when it is back."""
    monkeypatch.setattr(asking, "_LATE_S", (0.1,))
    monkeypatch.setattr(asking, "_TURN_S", 0.01)
    counter.terminal.book.plan(*([] if took else ["power"]), line="die" if took else "")
    session = till.order(2).id
    till.register.charges.ask(session, "CARD")
    await until(till, session, PaymentState.UNKNOWN)
    settler = till
    if where == "at the till that had it before":
        settler = counter.connected(2)
        take(till, settler, session)
    settler.clock.move(seconds=200)
    register, payment = settler.register, only(settler.register.ledger.order(session))
    approval = register.approvals.give(register.access.find(9), PermissionRequest(Permission.SETTLE, payment.amount))
    async with asyncio.timeout(20):
        while (progress := register.asker.progress_of(payment.id)) is not None and not progress.asks:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    register.charges.settle_by_hand(session, payment.id, approval, charged=not took)
    if took:
        register.checkout.pay_exact(session)
    assert settler.register.ledger.order(session).status is Status.COMPLETED
    register.drawer.close()
    asks = settler
    if where == "at a till that was restarted":
        asks = counter.connected()
    elif settler is not till:
        counter.close(settler)
        settler = counter.till(2)
        give(settler, till, session)
        asks = till
    asks.clock.move(seconds=500)
    await asyncio.to_thread(counter.terminal.restart)
    async with asyncio.timeout(20):
        while not asks.register.ledger.order(session).payments[payment.id].is_answered:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    conflicts = doubted(asks.register.ledger.order(session))
    assert sorted(kind for kind, _payment, _amount in conflicts) == kinds
    assert counter.terminal.book.charges() == ([("Debit", "INR", "80.0")] if took else [])
