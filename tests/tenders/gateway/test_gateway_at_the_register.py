"""UPI by a code at real tills: the plug-in that the config names, the journal on disk, a gateway on the line."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from tests.domain.finding import doubted
from tests.gateway.server import KEYS, Gateway, running
from tests.register.conftest import STORE, Till
from tests.tenders.terminal.tills import asked_on, only, until
from tests.tui.playing import FakeStore
from till.config import TenderConfig
from till.domain.money.measures import Minor
from till.domain.order.state import Status
from till.domain.payment.movement import PaymentState
from till.domain.refund import giving
from till.domain.staff.rights import Permission, PermissionRequest
from till.tenders.gateway.tender import GatewayTender
from till.wiring.parts import TillTime, open_journal
from till.wiring.tenders import make_tenders

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path


def opened(folder: Path, gateway: Gateway, *, seed: int = 1) -> Till:
    """Open a till on its own file with the gateway behind it; a second call opens it as after a crash."""
    keys = folder / "keys"
    keys.write_text(f"{KEYS}\n", "utf-8")
    keys.chmod(0o600)
    till = Till(seed=seed, journal=open_journal(folder / "1.sqlite", till=1, store_id=STORE))
    settings = {"address": f"http://127.0.0.1:{gateway.port}/v1", "key_file": str(keys), "venue": "Udupi Corner"}
    named = {"UPI": TenderConfig(kind="gateway", key="u", settings=settings)}
    tenders, wrong = make_tenders(named, till=1, clock=TillTime(till.register.ledger), store=FakeStore())
    upi = tenders.asked_of("UPI")
    assert wrong == []
    assert isinstance(upi, GatewayTender)
    upi._every = 0.01  # a config asks once a second at most
    gateway.now = int(till.clock.now().timestamp())
    till.register.asker.begin(tenders)
    return till


def closed(till: Till) -> None:
    till.register.asker.end()
    till.journal.close()


@pytest.fixture
async def gateway() -> AsyncIterator[Gateway]:
    async with running() as one:
        yield one


@pytest.fixture
async def till(tmp_path: Path, gateway: Gateway) -> AsyncIterator[Till]:
    made = opened(tmp_path, gateway)
    yield made
    closed(made)


async def shown(till: Till, session: str, gateway: Gateway) -> str:
    """Return the code of the charge on the screen."""
    course = till.register.charges.ask(session, "UPI")
    async with asyncio.timeout(10):
        while not course.code:  # noqa: ASYNC110 - a till tells screens, not tests
            await asyncio.sleep(0.01)
    assert course.code == gateway.content
    assert course.code not in {words for _at, words in course.steps}
    return list(gateway.codes)[-1]


async def test_a_code_is_shown_and_its_payment_is_the_end(till: Till, gateway: Gateway) -> None:
    session = till.order(2).id
    gateway.pay(await shown(till, session, gateway))
    order = await until(till, session)
    assert (order.status, only(order).amount) == (Status.COMPLETED, 8_000)
    assert only(order).transaction == gateway.payments[0]["id"]


async def test_a_payment_in_a_webhook_is_looked_up_at_once(till: Till, gateway: Gateway) -> None:
    upi = till.register.asker.tenders.asked_of("UPI")
    assert isinstance(upi, GatewayTender)
    upi._every = 1_000.0  # nobody looks again by itself
    session = till.order(2).id
    code = await shown(till, session, gateway)
    [payment] = till.register.ledger.order(session).payments.values()
    assert gateway.codes[code]["notes"]["charge"] == payment.id
    gateway.pay(code)
    till.register.payment_hinted(payment.id)
    assert (await until(till, session)).status is Status.COMPLETED


async def test_a_code_that_is_left_is_closed_at_the_bank_first(till: Till, gateway: Gateway) -> None:
    session = till.order(2).id
    code = await shown(till, session, gateway)
    till.register.asker.stop(only(till.register.ledger.order(session)).id)
    order = await until(till, session, PaymentState.DECLINED)
    assert gateway.codes[code]["status"] == "closed"
    assert till.register.checkout.pay_exact(order.id).status is Status.COMPLETED


async def test_a_payment_made_before_the_code_closed_counts(till: Till, gateway: Gateway) -> None:
    session = till.order(2).id
    code = await shown(till, session, gateway)
    gateway.looked = lambda _code: None
    till.register.asker.stop(only(till.register.ledger.order(session)).id)
    gateway.pay(code)
    order = await until(till, session)
    assert order.status is Status.COMPLETED
    assert len(gateway.payments) == 1


async def test_a_payment_after_the_code_was_left_counts_at_the_webhook(till: Till, gateway: Gateway) -> None:
    session = till.order(2).id
    code = await shown(till, session, gateway)
    key = only(till.register.ledger.order(session)).id
    till.register.asker.stop(key)
    await until(till, session, PaymentState.DECLINED)
    gateway.pay(code)
    till.register.payment_hinted(key)
    order = await until(till, session)
    assert (order.status, only(order).is_late, len(gateway.payments)) == (Status.COMPLETED, True, 1)


async def test_a_code_of_a_sale_that_is_paid_is_looked_up_after_a_restart(tmp_path: Path, gateway: Gateway) -> None:
    """A manager settled it, since the gateway did not answer; the guest's bank was late, and only the webhook knows."""
    till = opened(tmp_path, gateway)
    session = till.order(2).id
    code = await shown(till, session, gateway)
    gateway.faults += [("POST /v1/payments/qr_codes/", "drop"), ("GET /v1/orders", "drop")]
    key = only(till.register.ledger.order(session)).id
    till.register.asker.stop(key)
    await until(till, session, PaymentState.UNKNOWN)
    till.clock.move(seconds=300)
    approval = till.register.approvals.give(
        till.register.access.find(9), PermissionRequest(Permission.SETTLE, Minor(8_000))
    )
    till.register.charges.settle_by_hand(session, key, approval, charged=False)
    till.register.checkout.pay_exact(session)
    closed(till)
    gateway.faults.clear()
    gateway.pay(code)
    again = opened(tmp_path, gateway, seed=7)
    try:
        again.register.payment_hinted(key)
        async with asyncio.timeout(10):
            while not again.register.ledger.order(session).payments[key].is_answered:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        conflicts = doubted(again.register.ledger.order(session))
        assert sorted(kind for kind, _payment, _amount in conflicts) == ["money_without_order", "outcome_contradicted"]
    finally:
        closed(again)


async def test_the_next_guest_has_a_code_while_nobody_knows_of_the_first(till: Till, gateway: Gateway) -> None:
    first = till.order(2).id
    one = await shown(till, first, gateway)
    gateway.faults += [("POST /v1/payments/qr_codes/", "drop"), ("GET /v1/orders", "drop")]
    till.register.asker.stop(only(till.register.ledger.order(first)).id)
    await until(till, first, PaymentState.UNKNOWN)
    second = till.order(3).id
    gateway.pay(await shown(till, second, gateway))
    assert (await until(till, second)).status is Status.COMPLETED
    gateway.pay(one)
    till.register.payment_hinted(only(till.register.ledger.order(first)).id)
    assert (await until(till, first)).status is Status.COMPLETED


async def test_a_till_that_was_killed_while_the_code_was_in_sight_asks_after_it(
    tmp_path: Path, gateway: Gateway
) -> None:
    till = opened(tmp_path, gateway)
    session = till.order(2).id
    code = await shown(till, session, gateway)
    closed(till)
    gateway.pay(code)
    again = opened(tmp_path, gateway, seed=7)
    try:
        assert (await asked_on(again, session)).status is Status.COMPLETED
        assert (len(gateway.orders), len(gateway.codes), len(gateway.payments)) == (1, 1, 1)
    finally:
        closed(again)


async def test_gateway_refunds_once_for_repeated_requests(till: Till, gateway: Gateway) -> None:
    session = till.order(2).id
    gateway.pay(await shown(till, session, gateway))
    order = await until(till, session)
    assert order.placed is not None
    refunds, approvals = till.register.refunds, till.register.approvals
    sale = refunds.sale(session, order.placed.data.receipt)
    share = giving.amount_back(sale, Minor(3_000))
    approval = approvals.give(till.register.access.find(9), PermissionRequest(Permission.REFUND, share.part.amount))
    begun = refunds.start(session, share, giving.ways_of(sale)[0], sale, approval, "cold")
    gateway.faults.append(("POST /v1/payments", "drop"))
    assert till.register.refunds.give(begun)
    async with asyncio.timeout(10):
        while refunds.find(begun.id).state is not PaymentState.APPROVED:
            till.register.asker.ask_now(begun.id)
            await asyncio.sleep(0.02)
    assert [(one["amount"], one["receipt"]) for one in gateway.refunds] == [(3_000, begun.id)]
