"""Refunds by a terminal on which a person and the terminal disagree."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.domain.making import refund_events
from tests.register.fakes import MemoryJournal
from tests.register.payments.scripted import HANGS, UNKNOWN, Terminal, played
from till.domain.errors import PaymentError, RefundError
from till.domain.money.measures import Minor
from till.domain.payment.movement import PaymentState
from till.domain.refund import giving
from till.domain.staff.rights import Permission, PermissionRequest
from till.ports import Received, Slip
from till.register.payments.tenders import Tenders

if TYPE_CHECKING:
    from tests.register.conftest import Till
    from till.domain.refund.state import Refund
    from till.domain.staff.rights import Approval


def _approval(till: Till, asked: PermissionRequest) -> Approval:
    return till.register.approvals.give(till.register.access.find(9), asked)


def _begun(till: Till, session: str) -> Refund:
    """Begin a refund of a whole sale to the card that paid; the server reserves it."""
    refunds = till.register.refunds
    placed = till.register.ledger.order(session).placed
    assert placed is not None
    sale = refunds.sale(session, placed.data.receipt)
    share = giving.pieces_back(sale, giving.all_pieces(sale))
    allowed = PermissionRequest(Permission.REFUND, share.part.amount)
    return refunds.start(
        session,
        share,
        giving.ways_of(sale)[0],
        sale,
        till.register.approvals.give(till.register.access.find(9), allowed),
        "cold",
    )


@pytest.mark.parametrize(
    ("expected", "stands"),
    [
        ("approved", PaymentState.APPROVED),
        ("declined", PaymentState.DECLINED),
        (UNKNOWN, PaymentState.DECLINED),
    ],
)
def test_the_late_answer_of_a_terminal_after_a_person_settled_that_nothing_went_back(
    till: Till, expected: str, stands: PaymentState
) -> None:
    """The terminal timed out, and is polled again while the manager settles: returned money stays returned."""
    session = till.order(2).id
    terminal = Terminal().then().then(HANGS).then(UNKNOWN).then(expected, after=20)
    refunds = till.register.refunds

    async def story() -> Refund:
        till.register.asker.begin(Tenders(asked=[terminal]))
        till.register.charges.ask(session, "CARD")
        await asyncio.sleep(1)
        refund = _begun(till, session)
        assert refunds.give(refund)
        await asyncio.sleep(terminal.traits.gives_up_s + 5)
        assert len(terminal.asked) == 2
        refunds.settle(refund.id, _approval(till, PermissionRequest(Permission.SETTLE, refund.amount)), given=False)
        count = len(till.screen.returned)
        await asyncio.sleep(60)
        assert len(till.screen.returned) - count == (expected == "approved"), "what a person said is no news"
        return refunds.find(refund.id)

    refund = played(till.clock, story())
    assert (refund.state, refund.is_contradicted) == (stands, expected == "approved")
    if refund.is_contradicted:
        assert till.screen.returned[-1].endswith(": refunded, but the answers differ. Ask a manager.")
    assert till.register.asker.progress_of(refund.id) is None, "nobody asks on"
    with pytest.raises(PaymentError, match="already has its answer"):
        refunds.settle(refund.id, _approval(till, PermissionRequest(Permission.SETTLE, refund.amount)), given=True)


def test_a_manager_is_notified_if_the_terminal_declines_a_refund_that_a_person_confirmed(till: Till) -> None:
    session = till.order(2).id
    slip = Slip(lines=("DECLINED",))
    terminal = Terminal().then().then(HANGS).then(UNKNOWN).then("declined", after=20, slips=(slip,))
    refunds = till.register.refunds

    async def story() -> Refund:
        till.register.asker.begin(Tenders(asked=[terminal]))
        till.register.charges.ask(session, "CARD")
        await asyncio.sleep(1)
        refund = _begun(till, session)
        assert refunds.give(refund)
        await asyncio.sleep(terminal.traits.gives_up_s + 5)
        refunds.settle(refund.id, _approval(till, PermissionRequest(Permission.SETTLE, refund.amount)), given=True)
        await asyncio.sleep(60)
        return refunds.find(refund.id)

    refund = played(till.clock, story())
    assert (refund.state, refund.is_contradicted) == (PaymentState.APPROVED, True)
    assert till.types().count("refund_declined") == 1
    assert [one.refund_id for one in refunds.slips(session)] == [refund.id]
    assert till.screen.returned[-1].endswith("declined. Settled as refunded: ask a manager.")


@pytest.mark.parametrize("known", ["before", "after"])
def test_a_refund_begun_on_a_lost_disk_is_polled_and_not_asked_again(till: Till, known: str) -> None:
    """The database tells the new journal of its start, before or after the tenders are known."""
    session = till.order(2).id
    terminal = Terminal().then().then(UNKNOWN).then("approved")

    async def story() -> Refund:
        till.register.asker.begin(Tenders(asked=[terminal]))
        till.register.charges.ask(session, "CARD")
        await asyncio.sleep(1)
        begun = _begun(till, session)
        new = replace(till, journal=MemoryJournal("0197a000-0000-7000-8000-00000000feed"))
        [started] = refund_events(till.journal)
        if known == "before":
            new.register.asker.begin(Tenders(asked=[terminal]))
        new.journal.receive([Received(0, started)])
        new.register.refunds_left([begun.id])
        if known == "after":
            new.register.asker.begin(Tenders(asked=[terminal]))
        await asyncio.sleep(60)
        return new.register.refunds.find(begun.id)

    refund = played(till.clock, story())
    assert refund.state is PaymentState.APPROVED
    assert [(one.key, one.amount) for one in terminal.asked] == [(refund.id, 8_000)] * 2
    assert not terminal.returned


@pytest.mark.parametrize("slip", ["", "S-1"])
def test_a_payment_asked_of_a_terminal_is_not_corrected(till: Till, slip: str) -> None:
    """This holds without a number too: the terminal gave none, or a manager settled it without a slip."""
    session = till.order(2).id

    async def story() -> None:
        charges = till.register.charges
        till.register.asker.begin(Tenders(asked=[Terminal()]))
        course = charges.ask(session, "CARD")
        await asyncio.sleep(100)
        asked = PermissionRequest(Permission.SETTLE, course.charge.amount)
        charges.settle_by_hand(session, course.payment_id, _approval(till, asked), charged=True, slip=slip)

    played(till.clock, story())
    corrections, order = till.register.corrections, till.register.ledger.order(session)
    (payment,) = order.payments
    with pytest.raises(RefundError, match="Not taken by hand"):
        corrections.correct_tender(
            session, payment, "CASH", _approval(till, PermissionRequest(Permission.TENDER, Minor(8_000)))
        )


def test_no_tender_is_put_right_to_one_that_is_asked_for_its_money(till: Till) -> None:
    corrections, order = till.register.corrections, till.register.checkout.pay_exact(till.order(2).id)
    (payment,) = order.payments
    till.register.asker.tenders = Tenders(asked=[Terminal()])
    with pytest.raises(RefundError, match="Card was not charged here"):
        corrections.correct_tender(order.id, payment, "CARD", None)
    assert (
        till.register.approvals.lacking(lambda: corrections.correct_tender(order.id, payment, "UPI", None)) is not None
    )
