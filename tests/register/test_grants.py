"""Grants that come late, and orders that go back unused."""

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING, cast

import pytest

from tests.register.conftest import Till
from tests.register.exchange import give, grant, row
from tests.register.referee import at_once
from till.domain.errors import StoreAwayError
from till.domain.money.measures import Minor
from till.domain.order import charging
from till.domain.order.paying import Tendered
from till.domain.order.state import Status
from till.ports import requested_orders
from till.register.recovery import LoginOrders

if TYPE_CHECKING:
    from till.ports import Store

NOTHING = LoginOrders(None, None, ())


class LateServer:
    """A server that grants an order, now or once the till stopped waiting."""

    def __init__(
        self, till: Till, *, at_once: bool, answers: bool, problem: type[BaseException] = StoreAwayError
    ) -> None:
        self.till, self.at_once, self.answers, self.problem = till, at_once, answers, problem
        self.asked: list[str] = []

    async def grant(self, session_id: str, user: int, *, warned: bool = False, cleared: bool = False) -> None:
        del warned, cleared
        self.asked.append(session_id)
        if self.at_once:
            grant(self.till, session_id, user)
            self.till.register.server_answered()
        if not self.answers:
            raise self.problem


def _left(other: Till, till: Till, *, on_tab: bool) -> str:
    """Return an order that another till suspended, or saved on a tab."""
    session = other.order(1).id
    if on_tab:
        other.register.tabs.save(session, "7")
    else:
        other.register.recovery.suspend(session)
    give(other, till, session)
    return session


def _obtain(till: Till, session: str, server: LateServer, *, for_act: bool = False) -> bool:
    return at_once(till.register.grants.obtain(cast("Store", server), session, 1, for_act=for_act))


PLACES = pytest.mark.parametrize(("on_tab", "status"), [(True, Status.ASSIGNED_TO_TAB), (False, Status.PENDING_LOGOUT)])


@PLACES
@pytest.mark.parametrize("for_act", [True, False])
@pytest.mark.parametrize("is_killed", [False, True])
def test_an_order_that_is_granted_after_the_wait_for_it_is_put_back(
    till: Till, other: Till, on_tab: bool, status: Status, for_act: bool, is_killed: bool
) -> None:
    session = _left(other, till, on_tab=on_tab)
    with pytest.raises(StoreAwayError):
        _obtain(till, session, LateServer(till, at_once=False, answers=False), for_act=for_act)
    if is_killed:
        till.start()
    till.register.server_answered()
    grant(till, session)
    till.register.server_answered()
    order = till.register.ledger.order(session)
    assert (order.status, order.till, order.holder) == (status, None, 1)
    assert not till.register.grants.must_ask(session)
    written = till.journal.head.seq
    till.register.server_answered()
    assert till.journal.head.seq == written


@PLACES
def test_an_order_whose_act_a_kill_ended_is_put_back_and_not_counted_as_open(
    till: Till, other: Till, on_tab: bool, status: Status
) -> None:
    session = _left(other, till, on_tab=on_tab)
    assert _obtain(till, session, LateServer(till, at_once=True, answers=True), for_act=True)
    assert till.register.ledger.order(session).status is Status.ACTIVE, "an act is under way"
    till.start()
    recovery, order = till.register.recovery, till.register.ledger.order(session)
    assert recovery.open_here() == []
    listed = [row(session, 1, hold=order.hold, version=9)]
    assert [recovery.arrival(1, rows) for rows in (None, listed)] == [NOTHING, NOTHING], "it opens at no login"
    till.register.server_answered()
    assert till.register.ledger.order(session).status is status


def test_an_order_that_a_kill_left_unused_is_opened_and_used_by_an_act_without_the_server(
    till: Till, other: Till
) -> None:
    session = _left(other, till, on_tab=True)
    server = LateServer(till, at_once=True, answers=True)
    assert _obtain(till, session, server, for_act=True)
    till.start()
    assert _obtain(till, session, server, for_act=True), "it is put back after this one"
    till.register.server_answered()
    assert till.register.ledger.order(session).status is Status.ACTIVE
    till.register.grants.put_back(session)
    assert till.register.ledger.order(session).status is Status.ASSIGNED_TO_TAB
    assert server.asked == [session]


@pytest.mark.parametrize("answers", [True, False])
def test_an_order_that_is_opened_stays_open(till: Till, other: Till, answers: bool) -> None:
    session = _left(other, till, on_tab=True)
    assert _obtain(till, session, LateServer(till, at_once=True, answers=answers))
    till.start()
    till.register.server_answered()
    assert [order.id for order in till.register.recovery.open_here()] == [session]


@pytest.mark.parametrize("is_granted", [True, False])
def test_an_order_is_put_back_though_the_wait_for_it_was_cancelled(till: Till, other: Till, is_granted: bool) -> None:
    """Orders that a till notes as requested are listed nowhere on it."""
    session = _left(other, till, on_tab=False)
    server = LateServer(till, at_once=is_granted, answers=False, problem=asyncio.CancelledError)
    with pytest.raises(asyncio.CancelledError):
        _obtain(till, session, server)
    if not is_granted:
        grant(till, session, 1)
    till.register.server_answered()
    assert till.register.ledger.order(session).status is Status.PENDING_LOGOUT
    assert [one.id for one in till.register.recovery.of_user(1)] == [session]


def test_a_request_that_is_never_granted_is_forgotten(till: Till, other: Till) -> None:
    session = _left(other, till, on_tab=True)
    with pytest.raises(StoreAwayError):
        _obtain(till, session, LateServer(till, at_once=False, answers=False))
    assert list(requested_orders(till.journal)) == [session]
    till.clock.time += timedelta(minutes=11)
    till.register.server_answered()
    assert requested_orders(till.journal) == {}


def test_an_order_that_is_granted_late_with_a_payment_under_way_waits_for_its_user(till: Till, other: Till) -> None:
    session = other.order(1).id
    other.register.tabs.save(session, "7")
    other.register.tabs.recall(session, 1)
    asked = Tendered("CARD", Minor(4_000))
    other.register.ledger.commit(
        charging.start_charge(
            other.register.ledger.order(session), other.register.ledger.new_id(), asked, ("POS 1", "till", "2")
        )
    )
    give(other, till, session)
    with pytest.raises(StoreAwayError):
        _obtain(till, session, LateServer(till, at_once=False, answers=False))
    grant(till, session, 1)
    till.register.server_answered()
    order = till.register.ledger.order(session)
    assert (order.status, order.till) == (Status.ACTIVE, 1)
    assert [one.id for one in till.register.recovery.of_user(1)] == [session]
