"""Vouchers over the whole way: a till's charge, the push, and what the real server answers in its own chain."""

from __future__ import annotations

import asyncio
import os
import signal
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pytest

from tests.sync.rig import STORE
from till.domain.errors import StoreError
from till.domain.events.envelope import SERVER
from till.domain.order import charging
from till.domain.order.paying import Tendered
from till.domain.order.state import Status
from till.domain.payment.codes import digest_of, hint_of, make_code
from till.domain.payment.movement import PaymentState, Result
from till.domain.payment.names import ACCOUNT, VOUCHER
from till.register.approvals import Approvals
from till.register.payments import asking
from till.register.payments.asking import PaymentClient
from till.register.payments.charges import Charges
from till.register.payments.checkout import Checkout
from till.register.payments.tenders import AT_SERVER, Tenders
from till.register.reference import Reference
from till.tenders.server import ServerTender

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterator, Sequence

    from tests.sync.real import Real
    from tests.sync.rig import Keys
    from till.domain.order.state import Order
    from till.sync.service import SyncService

#: Events that wake the waiting coroutines of a till.
MOVED: dict[int, asyncio.Event] = {}
CODE = make_code(lambda _below: 5)


@pytest.fixture
def voucher(real: Real) -> str:
    """One worth a little more than a line."""
    issue = "SELECT till.voucher_issue_v1(%s, NULL, %s, %s, 50.00, NULL)"
    return str(real.value(issue, STORE, digest_of(CODE), hint_of(CODE)))


def left(real: Real, voucher: str) -> str:
    return str(real.value("SELECT till.value_left(%s, 'VOUCHER', %s, 'INR')", STORE, voucher))


def charges_of(keys: Keys, service: SyncService, saved: Callable[[float], Coroutine[Any, Any, bool]]) -> Charges:
    reference = Reference(keys.journal, keys.ledger.now, business_date=datetime.date)
    asker = PaymentClient(keys.ledger, reference)
    approvals = Approvals(keys.ledger, reference)
    checkout = Checkout(keys.ledger, reference, asker, approvals)

    def tell(session_id: str, payment_id: str, *, answered: bool = False) -> None:
        del session_id, payment_id, answered
        if keys.till in MOVED:
            MOVED[keys.till].set()

    charges = Charges(keys.ledger, reference, asker, checkout, tell, approvals)
    asker.begin(Tenders(asked=[ServerTender(traits, service) for traits in AT_SERVER]), saved)
    return charges


def an_order(keys: Keys) -> str:
    session = keys.open()
    keys.add(session)
    return session


async def until(keys: Keys, met: Callable[[], bool]) -> None:
    """Wait until something is so, looking whenever the till or its sync moved."""
    moved, grew = asyncio.Event(), keys.ears.sessions_grew

    def look(session_ids: Sequence[str]) -> None:
        grew(session_ids)
        moved.set()

    keys.ears.sessions_grew = look  # type: ignore[method-assign] # the test listens in
    MOVED[keys.till] = moved
    async with asyncio.timeout(10):
        while not met():
            moved.clear()
            await moved.wait()


async def outcome(keys: Keys, session: str) -> Order:
    """The order once its payment has an answer, and it is placed where that settled it."""

    def known() -> bool:
        order = keys.ledger.order(session)
        return order.status is Status.COMPLETED or PaymentState.DECLINED in states(order)

    await until(keys, known)
    return keys.ledger.order(session)


def states(order: Order) -> list[PaymentState]:
    return [payment.state for payment in order.payments.values()]


async def test_one_of_two_concurrent_voucher_payments_is_refused(
    real: Real, voucher: str, make_keys: Callable[..., Keys]
) -> None:
    one, two = make_keys(), make_keys(2)
    async with real.service(one) as first, real.service(two) as second:
        found = await asyncio.gather(first.voucher(digest_of(CODE)), second.voucher(digest_of(CODE)))
        assert [(known.left, known.hint) for known in found] == [(5_000, hint_of(CODE))] * 2
        sessions = [an_order(one), an_order(two)]
        for keys, service, session, known in zip((one, two), (first, second), sessions, found, strict=True):
            charges_of(keys, service, service.flush).ask(session, VOUCHER, place=known.ask)
        orders = [await outcome(keys, session) for keys, session in zip((one, two), sessions, strict=True)]
        assert await first.flush(5)
        assert await second.flush(5)
    assert sorted(order.status for order in orders) == [Status.ACTIVE, Status.COMPLETED]
    assert sorted(states(order)[0] for order in orders) == [PaymentState.APPROVED, PaymentState.DECLINED]
    assert left(real, voucher) == "10.00"
    assert {payment.balance for order in orders for payment in order.payments.values()} == {None, 1_000}
    assert real.value("SELECT count(*) FROM cold.order_payment WHERE tender = 'VOUCHER'") == 1
    assert real.value("SELECT count(*) FROM warm.quarantine") == 0
    assert real.value("SELECT count(*) FROM till.conflicts") == 0


async def test_a_till_that_was_killed_after_the_start_hears_the_answer_when_it_is_back(
    real: Real, voucher: str, make_keys: Callable[..., Keys]
) -> None:
    keys = make_keys()
    session = an_order(keys)
    async with real.service(keys) as service:
        known = await service.voucher(digest_of(CODE))
        order = keys.ledger.order(session)
        asked = Tendered(VOUCHER, order.due)
        keys.ledger.commit(charging.start_charge(order, keys.ledger.new_id(), asked, (known.ask, "", "")))
        assert await service.flush(5)
    assert left(real, voucher) == "10.00"
    async with real.service(keys) as service:
        charges_of(keys, service, service.flush)
        order = await outcome(keys, session)
        assert await service.flush(5)
    assert states(order) == [PaymentState.APPROVED]
    assert real.value("SELECT state FROM till.value_movements") == "spent"


async def test_a_server_that_is_frozen_takes_nothing(
    real: Real, voucher: str, make_keys: Callable[..., Keys], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The push does not come back in time: the guest pays otherwise, and the voucher is whole when all has come."""
    monkeypatch.setattr(asking, "SERVER_S", 0.05)
    keys = make_keys()
    session = an_order(keys)
    async with real.service(keys) as service:
        known = await service.voucher(digest_of(CODE))
    frozen = asyncio.Event()

    async def saved(_seconds: float) -> bool:
        return await frozen.wait()

    charges_of(keys, service, saved).ask(session, VOUCHER, place=known.ask)
    order = await outcome(keys, session)
    assert (states(order), order.due) == ([PaymentState.DECLINED], 4_000)
    keys.pay(session)
    async with real.service(keys) as service:
        assert await service.flush(5)
    assert left(real, voucher) == "50.00"
    assert real.value("SELECT count(*) FROM cold.orders") == 1


@contextmanager
def frozen(real: Real) -> Iterator[None]:
    """Stop the process that serves till 1."""
    backend = real.backend()
    os.kill(backend, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(backend, signal.SIGCONT)


@pytest.mark.parametrize("tender", [VOUCHER, ACCOUNT])
@pytest.mark.parametrize("by_hand", [False, True], ids=["gave up", "settled by hand"])
async def test_a_payment_given_up_while_the_server_was_frozen_goes_back_without_a_conflict(
    real: Real,
    voucher: str,
    make_keys: Callable[..., Keys],
    monkeypatch: pytest.MonkeyPatch,
    tender: str,
    by_hand: bool,
) -> None:
    """The server has the start and approves it once it runs on: before it hears that the till gave the payment up."""
    monkeypatch.setattr(asking, "SERVER_S", 0.3)
    keys = make_keys()
    session = an_order(keys)
    guest = str(real.value("SELECT till.customer_add_v1(%s, NULL, 'Mrs Rao', '')", STORE))
    real.value("SELECT till.account_set_v1(%s, NULL, %s, 50, false)", STORE, guest)
    real.value("SELECT till.user_add_v1(%s, NULL, 9, 'Mona', 'manager', NULL)", STORE)
    async with real.service(keys) as service:
        place = guest if tender == ACCOUNT else (await service.voucher(digest_of(CODE))).ask
        assert await service.flush(5)
        charges = charges_of(keys, service, service.flush)
        with frozen(real):
            if by_hand:
                order, key = keys.ledger.order(session), keys.ledger.new_id()
                keys.ledger.commit(charging.start_charge(order, key, Tendered(tender, order.due), (place, "", "")))
                assert not await service.flush(0.3)
                order = keys.ledger.order(session)
                given_up = Result(PaymentState.DECLINED, by=9)
                keys.ledger.commit(charging.answer(order, order.payments[key], given_up))
            else:
                charges.ask(session, tender, place=place)
            order = await outcome(keys, session)
            assert (states(order), order.due) == ([PaymentState.DECLINED], 4_000)
        await until(keys, lambda: SERVER in {event.till for event in keys.journal.events_of(session)})
        assert await service.flush(5)
        order = keys.ledger.order(session)
        assert (order.status, order.due) == (Status.ACTIVE, 4_000)
        keys.pay(session)
        assert await service.flush(5)
    holder = voucher if tender == VOUCHER else guest
    assert real.value("SELECT till.value_left(%s, %s, %s, 'INR')", STORE, tender, holder) == 50
    assert real.value("SELECT state FROM till.value_movements") == "released"
    assert real.value("SELECT count(*) FROM till.conflicts") == 0
    assert real.value("SELECT count(*) FROM warm.quarantine") == 0


async def test_an_answer_that_came_by_itself_completes_the_order(
    real: Real, voucher: str, make_keys: Callable[..., Keys]
) -> None:
    """The till was off as the server answered; its chain brings the answer before anybody asks."""
    keys = make_keys()
    session = an_order(keys)
    async with real.service(keys) as service:
        known = await service.voucher(digest_of(CODE))
        order = keys.ledger.order(session)
        keys.ledger.commit(
            charging.start_charge(order, keys.ledger.new_id(), Tendered(VOUCHER, order.due), (known.ask, "", ""))
        )
        assert await service.flush(5)
        await until(keys, lambda: session in keys.ears.grown)
        assert keys.ledger.order(session).pending_payment is None
        asked_by, keys.ledger.user = keys.ledger.user, None
        charges_of(keys, service, service.flush)
        assert keys.ledger.order(session).status is Status.COMPLETED
        assert await service.flush(5)
    assert left(real, voucher) == "10.00"
    assert asked_by is not None
    assert real.value("SELECT user_id FROM cold.orders") == asked_by


async def test_a_code_that_is_none_and_an_account_that_is_none(
    real: Real, voucher: str, make_keys: Callable[..., Keys]
) -> None:
    keys = make_keys()
    async with real.service(keys) as service:
        with pytest.raises(StoreError, match="no voucher with that code"):
            await service.voucher(digest_of("another"))
        real.owner.execute("UPDATE till.vouchers SET expires = '2020-01-31' WHERE voucher_id = %s", [voucher])
        with pytest.raises(StoreError, match="ended on 2020-01-31"):
            await service.voucher(digest_of(CODE))
        real.owner.execute("UPDATE till.vouchers SET voided_at = now()")
        with pytest.raises(StoreError, match="is void"):
            await service.voucher(digest_of(CODE))
        for _each in range(9):
            with pytest.raises(StoreError, match="no voucher"):
                await service.voucher("")
        with pytest.raises(StoreError, match="Too many wrong codes"):
            await service.voucher(digest_of(CODE))
        guest = str(real.value("SELECT till.customer_add_v1(%s, NULL, 'Mrs Rao', '')", STORE))
        assert await service.account(guest) is None
        real.value("SELECT till.account_set_v1(%s, NULL, %s, 200, false)", STORE, guest)
        account = await service.account(guest)
        assert account is not None
        assert (account.limit, account.owed, account.left) == (20_000, 0, 20_000)
        assert await service.payment_answer(keys.ledger.new_id()) is None
