"""Money that a terminal gives back for a refund, where a person and the terminal say different things of it."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.register.fakes import MemoryJournal
from tests.register.payments.scripted import HANGS, UNKNOWN, Terminal, played
from till.domain.errors import RefundError
from till.domain.refund import giving
from till.domain.refund.state import Refund, RefundState
from till.domain.staff.rights import Act, Asked
from till.ports import Received, Slip
from till.register.payments.tenders import Tenders

if TYPE_CHECKING:
    from tests.register.conftest import Till
    from till.domain.staff.rights import Approval


def _approval(till: Till, asked: Asked) -> Approval:
    return till.register.approvals.give(till.register.access.find(9), asked)


def _begun(till: Till, session: str) -> Refund:
    """All of a sale is to go back to the card that paid; the server keeps it."""
    refunds = till.register.refunds
    placed = till.register.ledger.order(session).placed
    assert placed is not None
    sale = refunds.sale(session, placed.data.receipt)
    share = giving.pieces_back(sale, giving.all_pieces(sale))
    allowed = refunds.refund_asked(share)
    return refunds.start(
        session,
        share,
        giving.ways_of(sale)[0],
        sale,
        till.register.approvals.give(till.register.access.find(9), allowed),
        "cold",
    )


@pytest.mark.parametrize(
    ("said", "stands"),
    [
        ("approved", RefundState.APPROVED),
        ("declined", RefundState.DECLINED),
        (UNKNOWN, RefundState.DECLINED),
    ],
)
def test_what_the_terminal_says_after_a_person_said_that_nothing_went_back(
    till: Till, said: str, stands: RefundState
) -> None:
    """It was asked, had its time, and is being asked once more while the manager settles: money that went, went."""
    session = till.order(2).id
    terminal = Terminal().then().then(HANGS).then(UNKNOWN).then(said, after=20)
    refunds, returns = till.register.refunds, till.register.returns

    async def story() -> Refund:
        till.register.charges.begin(Tenders(asked=[terminal]))
        returns.begin()
        till.register.charges.ask(session, "CARD")
        await asyncio.sleep(1)
        refund = _begun(till, session)
        assert returns.give(refund)
        await asyncio.sleep(terminal.traits.gives_up_s + 5)
        assert len(terminal.asked) == 2
        refunds.settle(refund.id, _approval(till, refunds.settling_asked(refund.id)), given=False)
        told = len(till.screen.returned)
        await asyncio.sleep(60)
        assert len(till.screen.returned) - told == (said == "approved"), "what a person said is no news"
        return refunds.find(refund.id)

    refund = played(till.clock, story())
    assert (refund.state, refund.is_contradicted) == (stands, False)
    assert not returns.asks_of(refund.id), "nobody asks on"
    with pytest.raises(RefundError, match="answer already"):
        refunds.settle(refund.id, _approval(till, refunds.settling_asked(refund.id)), given=True)


def test_a_manager_is_told_when_the_terminal_declines_what_a_person_said_was_given(till: Till) -> None:
    session = till.order(2).id
    slip = Slip(lines=("DECLINED",))
    terminal = Terminal().then().then(HANGS).then(UNKNOWN).then("declined", after=20, slips=(slip,))
    refunds, returns = till.register.refunds, till.register.returns

    async def story() -> Refund:
        till.register.charges.begin(Tenders(asked=[terminal]))
        returns.begin()
        till.register.charges.ask(session, "CARD")
        await asyncio.sleep(1)
        refund = _begun(till, session)
        assert returns.give(refund)
        await asyncio.sleep(terminal.traits.gives_up_s + 5)
        refunds.settle(refund.id, _approval(till, refunds.settling_asked(refund.id)), given=True)
        await asyncio.sleep(60)
        return refunds.find(refund.id)

    refund = played(till.clock, story())
    assert (refund.state, refund.is_contradicted) == (RefundState.APPROVED, True)
    assert till.types().count("refund_declined") == 1
    assert [one.refund_id for one in refunds.slips(session)] == [refund.id]
    assert till.screen.returned[-1].endswith("declined. It was settled as given: ask a manager.")


@pytest.mark.parametrize("known", ["before", "after"])
def test_what_a_disk_that_is_gone_was_to_give_back_is_asked_after_and_not_asked_for(till: Till, known: str) -> None:
    """The database tells the new journal how it began, before or after the ways to pay are known."""
    session = till.order(2).id
    terminal = Terminal().then().then(UNKNOWN).then("approved")

    async def story() -> Refund:
        till.register.charges.begin(Tenders(asked=[terminal]))
        till.register.charges.ask(session, "CARD")
        await asyncio.sleep(1)
        till.register.returns.begin()
        begun = _begun(till, session)
        new = replace(till, journal=MemoryJournal("0197a000-0000-7000-8000-00000000feed"))
        [started] = till.journal.refunds()
        if known == "before":
            new.register.charges.begin(Tenders(asked=[terminal]))
            new.register.returns.begin()
        new.journal.receive([Received(0, started)])
        new.register.refunds_left([begun.id])
        if known == "after":
            new.register.charges.begin(Tenders(asked=[terminal]))
            new.register.returns.begin()
        await asyncio.sleep(60)
        return new.register.refunds.find(begun.id)

    refund = played(till.clock, story())
    assert refund.state is RefundState.APPROVED
    assert [(one.key, one.amount) for one in terminal.asked] == [(refund.id, 8_000)] * 2
    assert not terminal.returned


@pytest.mark.parametrize("slip", ["", "S-1"])
def test_what_a_terminal_was_asked_for_is_not_put_right(till: Till, slip: str) -> None:
    """Nor where no number names it: the terminal named none, or a manager settled it without a slip."""
    session = till.order(2).id

    async def story() -> None:
        charges = till.register.charges
        charges.begin(Tenders(asked=[Terminal()]))
        course = charges.ask(session, "CARD")
        await asyncio.sleep(100)
        asked = Asked(Act.SETTLE, course.charge.amount)
        charges.settle_by_hand(session, course.payment_id, _approval(till, asked), charged=True, slip=slip)

    played(till.clock, story())
    refunds, order = till.register.refunds, till.register.ledger.order(session)
    (payment,) = order.payments
    with pytest.raises(RefundError, match="Refund it, and sell it again"):
        refunds.correct(session, payment, "CASH", _approval(till, refunds.correction_asked(order, payment)))


def test_no_tender_is_put_right_to_one_that_is_asked_for_its_money(till: Till) -> None:
    refunds, order = till.register.refunds, till.register.checkout.pay_exact(till.order(2).id)
    (payment,) = order.payments
    refunds.tenders = Tenders(asked=[Terminal()])
    with pytest.raises(RefundError, match="Card is asked for the money here"):
        refunds.check_correction(order.id, payment, "CARD")
    with pytest.raises(RefundError, match="Card is asked for the money here"):
        refunds.correct(order.id, payment, "CARD", _approval(till, refunds.correction_asked(order, payment)))
    refunds.check_correction(order.id, payment, "UPI")
