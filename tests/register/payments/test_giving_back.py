"""Part payments returned by the tender that took them: asked for once, and polled, by one till and by two."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from tests.register.exchange import found, meet, take
from tests.register.payments.scripted import HANGS, RAISES, UNKNOWN, Script, Terminal, played
from tests.register.payments.test_charges import LONG, TAB, allowed, only, saved
from till.domain.errors import PaymentError, RightsError
from till.domain.money.measures import Minor
from till.domain.order.state import Status
from till.domain.order.suspension import discard
from till.domain.payment.events import (
    PaymentReturnDeclined,
    PaymentReturnStarted,
    PaymentReturnUnknown,
    PaymentVoided,
)
from till.domain.payment.movement import PaymentState
from till.domain.staff.rights import Permission, PermissionRequest
from till.register.payments.tenders import Tenders

if TYPE_CHECKING:
    from tests.register.conftest import Till
    from till.domain.order.state import Order, Payment
    from till.domain.staff.rights import Approval

PART = Minor(5_000)


async def paid_in_part(till: Till, terminal: Terminal) -> str:
    """Make an order of 80.00 of which the terminal took 50.00, and return its id."""
    terminal.script.appendleft(Script())
    session = till.order(2).id
    till.register.asker.begin(Tenders(asked=[terminal]), saved)
    till.register.charges.ask(session, "CARD", PART)
    await asyncio.sleep(1)
    return session


def run(till: Till, terminal: Terminal, seconds: float = LONG, **more: Any) -> Order:
    """Have the terminal give its part back, and return the order after a while."""

    async def story() -> str:
        session = await paid_in_part(till, terminal)
        till.register.charges.give_back(session, only(till.register.ledger.order(session)).id, **more)
        await asyncio.sleep(seconds)
        till.register.asker.end()
        return session

    return till.register.ledger.order(played(till.clock, story()))


def test_return_names_the_transaction_under_its_own_key(till: Till) -> None:
    terminal = Terminal().then()
    order = run(till, terminal)
    [(asked, transaction)] = terminal.returned
    assert (asked.amount, transaction, asked.key != only(order).id) == (PART, "T-1", True)
    assert (only(order).state, order.paid, order.due, order.status) == (PaymentState.VOIDED, 0, 8_000, Status.ACTIVE)
    [started], [voided] = till.wrote(PaymentReturnStarted), till.wrote(PaymentVoided)
    assert (started.return_id, voided.return_id, voided.transaction, voided.drawer) == (
        asked.key,
        asked.key,
        "T-1",
        None,
    )
    assert till.register.checkout.pay_exact(order.id).status is Status.COMPLETED


@pytest.mark.parametrize(
    ("script", "unknown", "state"),
    [
        ([Script("declined", words="card gone")], 0, PaymentState.APPROVED),
        ([Script(UNKNOWN), Script()], 1, PaymentState.VOIDED),
        ([Script(RAISES), Script("declined")], 1, PaymentState.APPROVED),
        ([Script(HANGS), Script(UNKNOWN), Script()], 1, PaymentState.VOIDED),
        ([Script(amount=1), Script()], 1, PaymentState.VOIDED),
        ([Script("authorised"), Script()], 1, PaymentState.VOIDED),
    ],
)
def test_every_behaviour_of_the_terminal_is_an_outcome(
    till: Till, script: list[Script], unknown: int, state: PaymentState
) -> None:
    terminal = Terminal()
    terminal.script.extend(script)
    order = run(till, terminal)
    assert (only(order).state, order.pending_payment, len(terminal.returned)) == (state, None, 1)
    assert len(till.wrote(PaymentReturnUnknown)) == unknown
    assert [one.reason for one in till.wrote(PaymentReturnDeclined)] == [
        one.words for one in script if one.says == "declined"
    ]


def test_a_payment_of_another_person_needs_a_manager_and_one_terminal_does_one_thing(till: Till) -> None:
    terminal = Terminal().then(HANGS)

    async def story() -> None:
        session = await paid_in_part(till, terminal)
        charges, payment = till.register.charges, only(till.register.ledger.order(session)).id
        till.register.ledger.user = 2
        asked = till.register.checkout.needs_manager(session, payment)
        assert asked == PermissionRequest(Permission.GIVE_BACK, PART)
        with pytest.raises(RightsError):
            charges.give_back(session, payment)
        yes = till.register.approvals.give(till.register.access.find(9), asked)
        charges.give_back(session, payment, yes)
        with pytest.raises(RightsError):  # it serves once
            charges.give_back(session, payment, yes)
        await asyncio.sleep(1)
        next_guest = till.order(1).id
        with pytest.raises(PaymentError, match=r".* is still open there"):
            charges.ask(next_guest, "CARD")
        assert till.register.checkout.pay_exact(next_guest).status is Status.COMPLETED

    played(till.clock, story())
    assert [one.approved_by for one in till.wrote(PaymentReturnStarted)] == [9]


def test_after_a_restart_it_is_asked_after_and_never_repeated(till: Till) -> None:
    terminal = Terminal().then(HANGS)
    session = run(till, terminal, seconds=10).id
    till.start()
    terminal.then()

    async def story() -> None:
        till.register.asker.begin(Tenders(asked=[terminal]), saved)
        await asyncio.sleep(5)

    played(till.clock, story())
    assert till.register.ledger.order(session).paid == 0
    assert (len(terminal.returned), [one.key for one in terminal.asked]) == (1, [terminal.returned[0][0].key])


def test_the_till_that_took_the_order_over_asks_and_both_may_hear(till: Till, other: Till) -> None:
    terminal, there = Terminal().then(after=30), Terminal().then(UNKNOWN).then(after=25)

    async def story() -> str:
        session = await paid_in_part(till, terminal)
        other.register.asker.begin(Tenders(asked=[there]), saved)
        till.register.charges.give_back(session, only(till.register.ledger.order(session)).id)
        await asyncio.sleep(10)
        take(till, other, session)
        till.register.taken(session, "Till 2", "Asha", till.clock.now())
        with pytest.raises(PaymentError, match="F9 shows it"):
            other.register.checkout.pay_exact(session)
        await asyncio.sleep(LONG)
        return session

    session = played(till.clock, story())
    assert there.returned == []
    assert [one.key for one in there.asked] == [terminal.returned[0][0].key] * 2
    assert len(till.wrote(PaymentVoided)) == len(other.wrote(PaymentVoided)) == 1
    meet(till, other, sessions=[session])
    one, two = (one.register.ledger.order(session) for one in (till, other))
    assert only(one) == only(two)
    assert (one.paid, only(one).is_back_twice) == (0, False)


@pytest.mark.parametrize("by_hand", [False, True])
def test_a_refund_begun_on_two_tills_apart_is_polled_by_each(till: Till, other: Till, *, by_hand: bool) -> None:
    terminal, there = Terminal().then(HANGS), Terminal().then()

    async def story() -> str:
        session = await paid_in_part(till, terminal)
        other.register.asker.begin(Tenders(asked=[there]), saved)
        take(till, other, session)
        payment = only(till.register.ledger.order(session)).id
        till.register.charges.give_back(session, payment)
        asked = other.register.checkout.needs_manager(session, payment)
        yes = asked and other.register.approvals.give(other.register.access.find(9), asked)
        (other.register.checkout if by_hand else other.register.charges).give_back(session, payment, yes)
        await asyncio.sleep(10)
        there.then()
        meet(till, other, sessions=[session])
        await asyncio.sleep(LONG)
        return session

    session = played(till.clock, story())
    meet(till, other, sessions=[session])
    if by_hand:
        other.register.recovery.discard(session, "guests left")
    else:
        other.register.checkout.pay_exact(session)
    assert [(one.kind, one.amount) for one in found(other)] == [("outcome_contradicted", "50.00")]
    assert terminal.returned[0][0].key in {one.key for one in there.asked}


@pytest.mark.parametrize("given", [True, False])
def test_a_manager_settles_what_has_no_answer_and_it_waits_on_its_tab(till: Till, *, given: bool) -> None:
    terminal = Terminal()

    async def story() -> str:
        session = await paid_in_part(till, terminal)
        charges, payment = till.register.charges, only(till.register.ledger.order(session)).id
        charges.give_back(session, payment)
        await asyncio.sleep(30)
        with pytest.raises(PaymentError, match="It may still answer"):
            charges.settle_by_hand(session, payment, allowed(till, PART), charged=given)
        charges.keep(session, TAB)
        await asyncio.sleep(61)
        charges.settle_by_hand(session, payment, allowed(till, PART), charged=given)
        asked = len(terminal.asked)
        await asyncio.sleep(50)
        assert len(terminal.asked) == asked
        return session

    order = till.register.ledger.order(played(till.clock, story()))
    assert (order.status, order.paid, order.pending_payment) == (Status.ASSIGNED_TO_TAB, 0 if given else PART, None)


@pytest.mark.parametrize("by_hand", [False, True])
@pytest.mark.parametrize("where", [Status.PENDING_LOGOUT, Status.ASSIGNED_TO_TAB])
def test_all_of_it_comes_back_to_an_order_that_was_put_away_empty(till: Till, where: Status, *, by_hand: bool) -> None:
    """The guests left: everything was voided and the card's money asked back, with the outcome still unknown."""
    terminal = Terminal().then(UNKNOWN)

    async def story() -> str:
        register = till.register
        session = await paid_in_part(till, terminal)
        [line] = register.ledger.order(session).lines
        register.sales.void(session, line, "they left")
        payment = only(register.ledger.order(session)).id
        register.charges.give_back(session, payment)
        await asyncio.sleep(1)
        if where is Status.ASSIGNED_TO_TAB:
            register.charges.keep(session, TAB)
        else:
            register.recovery.suspend(session)
        if by_hand:
            terminal.script.extend([Script(UNKNOWN)] * 40)
            await asyncio.sleep(91)
            register.charges.settle_by_hand(session, payment, allowed(till, PART), charged=True)
        else:
            terminal.then()
        await asyncio.sleep(LONG)
        register.asker.end()
        return session

    order = till.register.ledger.order(played(till.clock, story()))
    assert (only(order).state, order.paid, order.pending_payment) == (PaymentState.VOIDED, 0, None)
    assert (order.status, order.due) == (where, 0)  # a person clears it


def test_a_refund_declined_by_the_terminal_is_given_by_hand_by_a_manager(till: Till) -> None:
    order = run(till, Terminal().then("declined"))
    checkout, payment = till.register.checkout, only(order).id
    asked = checkout.needs_manager(order.id, payment, by_hand=True)
    assert (asked, checkout.needs_manager(order.id, payment)) == (PermissionRequest(Permission.GIVE_BACK, PART), None)
    assert asked is not None
    with pytest.raises(RightsError):
        checkout.give_back(order.id, payment)
    yes = till.register.approvals.give(till.register.access.find(9), asked)
    assert checkout.give_back(order.id, payment, yes).paid == 0


async def left_behind(till: Till, other: Till, terminal: Terminal, end: str) -> str:
    """Make an order that another till took over and ended, offline, while the terminal here took 50.00: its id."""
    session = till.order(2).id
    take(till, other, session)
    terminal.script.appendleft(Script())
    till.register.asker.begin(Tenders(asked=[terminal]), saved)
    till.register.charges.ask(session, "CARD", PART)
    await asyncio.sleep(1)
    if end == "paid":
        other.register.checkout.pay_exact(session)
    elif end == "cleared":
        other.register.ledger.commit(discard(other.register.ledger.order(session), "they left"))
    else:
        tabs, names = other.register.tabs, {}
        for name, one in (("7", session), ("9", other.order(1).id)):
            tabs.save(one, name)
            names[name] = next(tab for tab in other.register.open_tabs.local() if tab.session_id == one)
        other.acts.merge(names["9"], names["7"])
    meet(till, other, sessions=[session])
    return session


def yes(till: Till, session: str) -> Approval:
    """Return a manager's approval to give back the money left there."""
    order = till.register.ledger.order(session)
    asked = till.register.checkout.needs_manager(session, only_left(order).id)
    assert asked == PermissionRequest(Permission.GIVE_BACK, PART)
    return till.register.approvals.give(till.register.access.find(9), asked)


@pytest.mark.parametrize("end", ["paid", "cleared", "merged"])
def test_money_left_behind_by_an_order_that_ended_is_refunded_by_the_terminal(
    till: Till, other: Till, end: str
) -> None:
    terminal = Terminal().then()

    async def story() -> str:
        session = await left_behind(till, other, terminal, end)
        ended = till.register.ledger.order(session)
        charges, payment = till.register.charges, only_left(ended)
        assert ended.is_over
        assert [one.kind for one in found(till, other)] == ["money_without_order"]
        assert charges.is_returned(payment)
        with pytest.raises(RightsError):
            charges.give_back(session, payment.id)
        charges.give_back(session, payment.id, yes(till, session))
        with pytest.raises(PaymentError, match="A payment is under way"):
            charges.give_back(session, payment.id, yes(till, session))
        await asyncio.sleep(LONG)
        meet(till, other, sessions=[session])
        return session

    session = played(till.clock, story())
    [(asked, transaction)] = terminal.returned
    assert (asked.amount, transaction) == (PART, "T-1")
    for one in (till, other):
        order = one.register.ledger.order(session)
        assert order.is_over
        assert (only_left(order).state, order.pending_payment) == (PaymentState.VOIDED, None)
    assert len(found(till, other)) == 1


def only_left(order: Order) -> Payment:
    """Return the terminal's payment on an order."""
    [payment] = [one for one in order.payments.values() if one.tender == "CARD"]
    return payment


def test_an_abandoned_refund_is_polled_where_it_was_asked_after_a_stop_too(till: Till, other: Till) -> None:
    terminal, there = Terminal().then(HANGS), Terminal()

    async def asking() -> str:
        other.register.asker.begin(Tenders(asked=[there]), saved)
        session = await left_behind(till, other, terminal, "cleared")
        till.register.charges.give_back(session, only(till.register.ledger.order(session)).id, yes(till, session))
        meet(till, other, sessions=[session])
        await asyncio.sleep(LONG)
        till.register.asker.end()
        return session

    session = played(till.clock, asking())
    till.start()
    terminal.then("declined", words="too late")

    async def story() -> None:
        charges = till.register.charges
        till.register.asker.begin(Tenders(asked=[terminal]), saved)
        await asyncio.sleep(5)
        payment = only(till.register.ledger.order(session))
        assert (payment.state, payment.going_back, payment.returns[-1].reason) == (
            PaymentState.APPROVED,
            None,
            "too late",
        )
        terminal.then()
        charges.give_back(session, payment.id, yes(till, session))
        await asyncio.sleep(5)

    played(till.clock, story())
    assert (len(terminal.returned), there.returned) == (2, [])
    assert till.register.ledger.order(session).paid == 0


def test_an_abandoned_refund_without_an_answer_is_settled_by_hand_by_a_manager(till: Till, other: Till) -> None:
    async def story() -> str:
        session = await left_behind(till, other, Terminal(), "cleared")
        charges, payment = till.register.charges, only(till.register.ledger.order(session)).id
        charges.give_back(session, payment, yes(till, session))
        await asyncio.sleep(30)
        with pytest.raises(PaymentError, match="It may still answer"):
            till.register.asker.check_settling(only(till.register.ledger.order(session)).asked_for)
        await asyncio.sleep(LONG)
        charges.settle_by_hand(session, payment, allowed(till, PART), charged=True)
        return session

    assert till.register.ledger.order(played(till.clock, story())).paid == 0
