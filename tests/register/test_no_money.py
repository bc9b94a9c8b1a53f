"""A till that takes no money: when it answers, what it still does, and what it refuses."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from tests.register.approving import approved
from tests.register.conftest import Till
from tests.register.payments.scripted import UNKNOWN, Terminal, played
from tests.register.payments.test_charges import saved
from till.domain.errors import TillError
from till.domain.money.measures import Minor
from till.domain.order.paying import CASH
from till.domain.order.state import Status
from till.domain.shift.events import DrawerCounted, ShiftOpened
from till.domain.till.events import MoneyHeard
from till.domain.till.money import NoMoneyError
from till.register.conversation import Conversation
from till.register.no_money import MONEY
from till.register.payments.tenders import Tenders

if TYPE_CHECKING:
    from collections.abc import Callable

WHERE = r"Till 1 takes no money\. Save it \(F8\) and pay at the counter\."


def say(till: Till, change: int) -> None:
    """Hear the server's word, and its answer."""
    till.journal.cache(MONEY, change, {"change": change})
    till.register.reference_changed([MONEY])
    till.register.server_answered()


def test_the_till_answers_once_its_shift_is_closed_and_its_drawer_is_empty(till: Till) -> None:
    drawer = till.register.drawer
    till.register.checkout.pay(till.order(1).id, CASH, Minor(4_000))
    say(till, 1)
    assert (till.wrote(MoneyHeard), till.register.no_money.waits) == ([], True)
    till.register.checkout.pay(till.order(1).id, CASH, Minor(4_000))
    drawer.close()
    till.register.server_answered()
    assert till.wrote(MoneyHeard) == []
    drawer.count({CASH: Minor(8_000)}, {CASH: Minor(8_000)}, to="safe")
    for _answer in range(2):
        till.register.server_answered()
    assert till.wrote(MoneyHeard) == [MoneyHeard(change=1)]
    assert (till.register.ledger.takes_money, till.register.no_money.waits) == (False, False)
    assert (drawer.kept, drawer.balance(), drawer.asks_count()) == ((), {}, False)
    with pytest.raises(NoMoneyError, match=WHERE):
        till.register.checkout.pay(till.order(1).id, CASH, Minor(4_000))
    say(till, 2)
    assert till.register.checkout.pay(till.order(1).id, CASH, Minor(4_000)).status is Status.COMPLETED
    assert len(till.wrote(ShiftOpened)) == 2


def test_the_till_answers_once_no_payment_is_without_an_answer(till: Till) -> None:
    session = till.order(1).id

    async def story() -> None:
        till.register.asker.begin(Tenders(asked=[Terminal().then(UNKNOWN).then(UNKNOWN)]), saved)
        asked = till.register.charges.ask(session, "CARD")
        await asyncio.sleep(360)
        say(till, 1)
        assert (till.wrote(MoneyHeard), till.register.no_money.waits) == ([], True)
        settle = partial(till.register.charges.settle_by_hand, session, asked.payment_id, charged=False)
        approved(till.register, settle)
        till.register.server_answered()
        till.register.asker.end()

    played(till.clock, story())
    assert till.wrote(MoneyHeard) == [MoneyHeard(change=1)]


def _words(*typed: str) -> Callable[[Till, str], Any]:
    return lambda till, order: [Conversation(till.register, 1, order).say(one) for one in typed]


@pytest.mark.parametrize(
    "act",
    [
        _words("cash 500"),
        _words("card"),
        _words("pay"),
        lambda till, order: till.register.checkout.begin(order),
        lambda till, order: till.register.checkout.pay(order, "VOUCHER", Minor(100)),
        lambda till, order: till.register.checkout.attempt(order, "CARD", Minor(100), "no"),
        lambda till, _order: till.register.drawer.move("paid_in", Minor(100)),
        lambda till, _order: till.register.drawer.count({CASH: Minor(0)}),
        lambda till, _order: till.register.drawer.no_sale(),
        lambda till, _order: till.register.drawer.close(),
    ],
)
def test_an_act_that_moves_money_is_refused_and_writes_nothing(till: Till, act: Callable[[Till, str], Any]) -> None:
    say(till, 1)
    order = till.order(1)
    before = till.types()
    with pytest.raises(TillError, match=r"Till 1 takes no money|No shift is open"):
        act(till, order.id)
    assert till.types() == before


def test_an_order_of_nothing_ends_at_another_till(till: Till) -> None:
    say(till, 1)
    order = till.order(1)
    till.register.sales.discount(order.id, next(iter(order.lines)), amount=Minor(4_000), reason="friend")
    for act in (till.register.checkout.pay_exact, till.register.checkout.place, till.register.checkout.begin):
        with pytest.raises(NoMoneyError, match=WHERE):
            act(order.id)
    assert "order_placed" not in till.types()


def test_a_cleared_order_opens_no_shift(till: Till) -> None:
    say(till, 1)
    order = till.order(1)
    till.register.recovery.discard(order.id, "left")
    assert till.register.ledger.order(order.id).status is Status.DISCARDED
    assert till.wrote(ShiftOpened) == []
    assert {event.shift for event in till.journal.own} == {None}


def test_a_till_knows_after_a_restart_without_the_network(till: Till) -> None:
    say(till, 1)
    again = Till(journal=till.journal)
    assert not again.register.ledger.takes_money
    with pytest.raises(NoMoneyError, match=WHERE):
        again.register.checkout.pay(again.order(1).id, CASH, Minor(4_000))
    assert till.wrote(DrawerCounted) == []


def test_a_word_that_came_before_a_crash_is_answered_at_the_next_start(till: Till) -> None:
    till.journal.cache(MONEY, 1, {"change": 1})
    again = Till(journal=till.journal)
    assert again.register.ledger.takes_money
    assert again.register.no_money.answer()
    assert not again.register.ledger.takes_money
