"""A Solo at the register: the steps of a payment, a restart, a decline that was money, and a refund that was lost."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from tests.domain.finding import doubted
from tests.readers.sumup import AFFILIATE, Guest, Line, SumUp
from tests.readers.test_sumup import Till as Front
from tests.register.conftest import Till
from tests.register.payments.scripted import played
from tests.tenders.terminal.tills import only
from till.domain.money.measures import Minor
from till.domain.order.state import Status
from till.domain.payment.movement import PaymentState
from till.domain.refund import giving
from till.domain.staff.rights import Permission, PermissionRequest
from till.ports.printer import Printers
from till.register.papers import DocumentMaker
from till.register.payments.tenders import Tenders, hands_in

if TYPE_CHECKING:
    from collections.abc import Coroutine
    from typing import Any

    from till.domain.order.state import Order


@pytest.fixture
def till() -> Till:
    return Till()


@pytest.fixture
def sumup(till: Till, monkeypatch: pytest.MonkeyPatch) -> SumUp:
    one = SumUp(till.clock.now)
    monkeypatch.setattr("till.readers.api.ask", Line(one).ask)
    return one


async def at_counter(till: Till, sumup: SumUp) -> None:
    """Start the till with the reader beside it, as after a crash."""
    front = Front(sumup, till.clock, tips=True)
    assert front.tender._affiliate == AFFILIATE
    till.register.asker.begin(Tenders(hands_in("INR"), asked=[front.tender]))


async def until(till: Till, session: str, *states: PaymentState) -> Order:
    while only(till.register.ledger.order(session)).state not in states:  # noqa: ASYNC110 - a till tells screens
        await asyncio.sleep(0.5)
    return till.register.ledger.order(session)


def run(till: Till, story: Coroutine[Any, Any, None]) -> None:
    played(till.clock, story)


def test_the_counter_sees_each_step_and_the_sale_has_the_tip_and_the_card(till: Till, sumup: SumUp) -> None:
    async def story() -> None:
        await at_counter(till, sumup)
        sumup.guests = [Guest(after=9.0, tip="5.00")]
        session = till.order(2).id
        progress = till.register.charges.ask(session, "CARD")
        order = await until(till, session, PaymentState.APPROVED)
        assert order.status is Status.COMPLETED
        assert [words for _at, words in progress.steps][1:] == [
            "On the reader: 80.00", "choosing a tip", "waiting for the card", "PIN",
        ]  # fmt: skip
        paid = only(order)
        assert (paid.amount, paid.tip, paid.transaction) == (8_500, 500, "TAAA000001")
        assert paid.card is not None
        assert (paid.card.brand, paid.card.last_four) == ("Visa", "0366")

    run(till, story())


def test_more_taken_than_asked_for_is_said_at_once_and_stands_on_paper(till: Till, sumup: SumUp) -> None:
    async def story() -> None:
        await at_counter(till, sumup)
        sumup.guests = [Guest(after=3.0, taken="99.00", tip="5.00")]
        session = till.order(2).id
        till.register.charges.ask(session, "CARD")
        order = await until(till, session, PaymentState.APPROVED)
        assert order.status is Status.COMPLETED
        assert (only(order).over, order.paid) == (1_900, 8_000)
        answer = till.register.answers.change(order, till.register.asker.tenders.traits_of)
        assert "CARD took ₹99.00, not ₹80.00: ₹19.00 too much." in answer
        assert [amount for kind, _payment, amount in doubted(order) if kind == "charged_otherwise"] == [1_900]
        till.register.printing.printers = lambda: Printers(papers="Counter")
        document = DocumentMaker(till.register).document(till.register.printing.receipt(session), till.register.formats)
        assert [row.middle[-1] for row in document.rows if "Taken beyond it" in row.left] == ["19.00"]

    run(till, story())


def test_a_till_that_was_killed_asks_after_the_payment(till: Till, sumup: SumUp) -> None:
    async def story() -> None:
        await at_counter(till, sumup)
        sumup.guests = [Guest(after=20.0)]
        session = till.order(2).id
        till.register.charges.ask(session, "CARD")
        await asyncio.sleep(5)
        till.register.asker.end()
        till.start()
        await at_counter(till, sumup)
        assert (await until(till, session, PaymentState.APPROVED)).status is Status.COMPLETED
        assert len(sumup.checkouts) == 1

    run(till, story())


def test_a_decline_that_was_money_is_found_by_a_late_look_and_is_a_conflict(till: Till, sumup: SumUp) -> None:
    async def story() -> None:
        await at_counter(till, sumup)
        sumup.guests = [Guest(after=3.0, says="failed", listed=250.0)]
        session = till.order(2).id
        till.register.charges.ask(session, "CARD")
        order = await until(till, session, PaymentState.DECLINED)
        till.register.checkout.pay_exact(order.id)
        await asyncio.sleep(1_000)
        order = till.register.ledger.order(session)
        assert [kind for kind, _payment, amount in doubted(order) if amount == 8_000] == ["money_without_order"]

    run(till, story())


def test_a_refund_whose_answer_was_lost_is_found_once(till: Till, sumup: SumUp) -> None:
    async def story() -> None:
        await at_counter(till, sumup)
        session = till.order(2).id
        till.register.charges.ask(session, "CARD")
        order = await until(till, session, PaymentState.APPROVED)
        assert order.placed is not None
        refunds, approvals = till.register.refunds, till.register.approvals
        sale = refunds.sale(session, order.placed.data.receipt)
        share = giving.amount_back(sale, Minor(3_000))
        asked = PermissionRequest(Permission.REFUND, share.part.amount)
        approval = approvals.give(till.register.access.find(9), asked)
        begun = refunds.start(session, share, giving.ways_of(sale)[0], sale, approval, "cold")
        sumup.faults.append(("refunds", "lost"))
        assert refunds.give(begun)
        while refunds.find(begun.id).state is not PaymentState.APPROVED:  # noqa: ASYNC110
            await asyncio.sleep(0.5)
        assert [one["amount"] for one in sumup.transactions[0]["transaction_events"]] == [30]

    run(till, story())
