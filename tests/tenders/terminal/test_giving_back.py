"""Refunds at a terminal: on disk before it hears, asked once, polled with the same key; one transaction there."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from tests.domain.making import refund_events
from tests.tenders.terminal.tills import until
from till.domain.errors import PaymentError, RefundError, RightsError
from till.domain.money.measures import Minor
from till.domain.payment.movement import PaymentState
from till.domain.refund import giving
from till.domain.refund.events import RefundApproved, RefundDeclined
from till.domain.staff.rights import Permission, PermissionRequest

if TYPE_CHECKING:
    from tests.register.conftest import Till
    from tests.tenders.terminal.tills import Counter
    from till.domain.refund.state import Refund

SALE = ("Debit", "INR", "80.0")
BACK = ("ReverseDebit", "INR", "30.0")


@pytest.fixture
async def till(counter: Counter) -> Till:
    """The first till, connected."""
    return counter.connected()


async def sold(till: Till) -> str:
    """Make a sale of 80.00 paid by card."""
    session = till.order(2).id
    till.register.charges.ask(session, "CARD")
    await until(till, session)
    return session


def begun(till: Till, session: str, *, way: int = 0, amount: int = 3_000) -> Refund:
    """Begin a refund by amount that a manager allowed and the server reserved."""
    refunds, approvals = till.register.refunds, till.register.approvals
    placed = till.register.ledger.order(session).placed
    assert placed is not None
    sale = refunds.sale(session, placed.data.receipt)
    share = giving.amount_back(sale, Minor(amount))
    approval = approvals.give(till.register.access.find(9), PermissionRequest(Permission.REFUND, share.part.amount))
    return refunds.start(session, share, giving.ways_of(sale)[way], sale, approval, "cold")


async def answered(till: Till, refund: Refund, *states: PaymentState) -> Refund:
    """Wait until a refund is in one of these states, without the pauses between polls."""
    async with asyncio.timeout(20):
        while True:
            found = till.register.refunds.find(refund.id)
            if found.state in (states or (PaymentState.APPROVED, PaymentState.DECLINED)):
                return found
            till.register.asker.ask_now(refund.id)
            await asyncio.sleep(0.02)


async def test_return_uses_a_reversal(counter: Counter, till: Till) -> None:
    session = await sold(till)
    refund = begun(till, session)
    paid = next(iter(till.register.ledger.order(session).payments.values()))
    assert (refund.started.transaction, refund.started.place, refund.started.asker) == (
        paid.transaction, paid.reference[0], "till-1",
    )  # fmt: skip
    assert refund.started.number not in {"", paid.reference[2]}
    assert counter.terminal.book.heard("Reversal") == []
    assert till.register.refunds.give(refund)
    assert (await answered(till, refund)).state is PaymentState.APPROVED
    assert counter.terminal.book.charges() == [SALE, BACK]
    slips = [(one.refund_id, one.for_guest, one.lines) for one in till.register.refunds.slips(session)]
    guests, own = ("Card  **** 1111", "THANK [31mYOU"), ("Sign here",)
    assert slips == [(None, True, guests), (None, False, own), (refund.id, True, guests), (refund.id, False, own)]
    [approved] = [event.data for event in refund_events(till.journal) if isinstance(event.data, RefundApproved)]
    assert approved.transaction
    assert till.screen.returned[-1] == f"Refunded ₹30.00 by card, {refund.started.receipt}."


@pytest.mark.parametrize(
    ("does", "arg", "line"), [("approve", "", "drop"), ("approve", "", "twice"), ("approve", "", "other_reference")]
)
async def test_an_answer_that_is_lost_is_asked_for_by_the_same_key(
    counter: Counter, till: Till, does: str, arg: str, line: str
) -> None:
    session = await sold(till)
    counter.terminal.book.plan(does, arg, line=line)
    refund = begun(till, session)
    till.register.refunds.give(refund)
    assert (await answered(till, refund)).state is PaymentState.APPROVED
    assert counter.terminal.book.charges() == [SALE, BACK]
    assert len(counter.terminal.book.heard("Reversal")) == 1


async def test_a_terminal_that_can_only_reverse_its_last_says_so_and_cash_goes(counter: Counter, till: Till) -> None:
    session = await sold(till)
    counter.terminal.book.plan("decline", "NotAllowed")
    refund = begun(till, session)
    till.register.refunds.give(refund)
    declined = await answered(till, refund)
    assert declined.state is PaymentState.DECLINED
    [reply] = [event.data for event in refund_events(till.journal) if isinstance(event.data, RefundDeclined)]
    assert reply.reason
    returned = till.screen.returned[-1]
    assert returned.startswith(f"{refund.started.receipt}: {reply.reason}")
    assert returned.endswith("Nothing was refunded.")
    cash = begun(till, session, way=1)
    assert (cash.started.tender, cash.started.place, cash.started.transaction) == ("CASH", "", "")
    assert not till.register.refunds.give(cash)
    assert counter.terminal.book.charges() == [SALE]


async def test_return_is_known_after_terminal_and_till_died(counter: Counter, till: Till) -> None:
    session = await sold(till)
    counter.terminal.book.plan(line="die")
    refund = begun(till, session)
    till.register.refunds.give(refund)
    await answered(till, refund, PaymentState.UNKNOWN)
    again = counter.till()
    await asyncio.to_thread(counter.terminal.restart)
    counter.connect(again)
    assert (await answered(again, refund)).state is PaymentState.APPROVED
    assert counter.terminal.book.charges() == [SALE, BACK]
    assert len(counter.terminal.book.heard("Reversal")) == 1


async def test_another_amount_settles_nothing_until_a_manager_looks(counter: Counter, till: Till) -> None:
    session = await sold(till)
    counter.terminal.book.plan("amount", "20.00")
    refund = begun(till, session)
    till.register.refunds.give(refund)
    assert (await answered(till, refund, PaymentState.UNKNOWN)).is_open
    refunds, manager = till.register.refunds, till.register.access.find(9)
    with pytest.raises(PaymentError, match="may still answer"):
        refunds.settle(refund.id, None, given=True)
    till.clock.move(seconds=161)
    async with asyncio.timeout(20):
        while (progress := till.register.asker.progress_of(refund.id)) is None or not progress.asks:  # noqa: ASYNC110 - a till tells screens, not tests
            await asyncio.sleep(0.01)
    with pytest.raises(RightsError):
        refunds.settle(refund.id, None, given=True)
    allowed = till.register.approvals.give(manager, PermissionRequest(Permission.SETTLE, refund.amount))
    assert refunds.settle(refund.id, allowed, given=True).state is PaymentState.APPROVED


async def test_a_card_that_was_taken_by_hand_is_shown_to_the_terminal(counter: Counter, till: Till) -> None:
    """The sale was paid by hand at a separate terminal: this one refunds to the card that is shown."""
    till.register.asker.tenders = type(till.register.asker.tenders)()
    session = till.order(2).id
    till.register.checkout.pay_exact(session, "CARD", slip="4711")
    counter.connect(till)
    refund = begun(till, session)
    assert refund.started.transaction == ""
    till.register.refunds.give(refund)
    assert (await answered(till, refund)).state is PaymentState.APPROVED
    assert counter.terminal.book.charges() == [("Credit", "INR", "30.0")]


async def test_refund_of_a_removed_tender_is_in_cash(till: Till) -> None:
    session = await sold(till)
    tenders = till.register.asker.tenders
    till.register.asker.tenders = type(tenders)()
    with pytest.raises(RefundError, match="Tab: cash"):
        begun(till, session)
    assert begun(till, session, way=1).started.tender == "CASH"


async def test_a_terminal_that_has_a_payment_gives_nothing_back_meanwhile(counter: Counter, till: Till) -> None:
    session = await sold(till)
    counter.terminal.book.plan("slow")
    till.register.charges.ask(till.order(1).id, "CARD")
    await counter.terminal.waits()
    with pytest.raises(PaymentError, match=r".* is still open there"):
        begun(till, session)
