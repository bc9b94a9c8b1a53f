"""Slips that a terminal has printed at the till before its answer: kept on disk, whatever the answer."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.tenders.terminal.test_giving_back import answered, begun, sold
from tests.tenders.terminal.tills import asked_on, only, until
from till.domain.errors import JournalError
from till.domain.order.state import Status
from till.domain.payment.movement import PaymentState

if TYPE_CHECKING:
    from tests.register.conftest import Till
    from tests.tenders.terminal.tills import Counter

TEXT = "MERCHANT 7"
KEPT = {"Response": {"Result": "Success"}, "DocumentQualifier": "CashierReceipt"}
OUT = {"Response": {"Result": "Failure", "ErrorCondition": "DeviceOut"}, "DocumentQualifier": "CashierReceipt"}


@pytest.fixture
async def till(counter: Counter, free_port: int) -> Till:
    """A till that the terminal may post to."""
    counter.listens = free_port
    return counter.connected()


def plan(counter: Counter, *texts: str, line: str = "", number: str = "") -> None:
    """Plan slips to print, for the next payment or for the one with that number."""
    arg = json.dumps({"port": counter.listens, "texts": texts or (TEXT,), "number": number})
    counter.terminal.book.plan("print", arg, line=line)


def slips(till: Till, session: str) -> list[tuple[str, ...]]:
    return [slip.lines for slip in till.register.refunds.slips(session)]


async def test_a_slip_is_kept_before_the_answer_and_shown_with_the_sale(counter: Counter, till: Till) -> None:
    """The terminal dies after it charged, and the till is killed: the slips are there all the same."""
    plan(counter, line="die")
    session = till.order(2).id
    course = till.register.charges.ask(session, "CARD")
    await until(till, session, PaymentState.UNKNOWN)
    assert counter.terminal.book.heard("Printed") == [KEPT]
    assert "slip received" in [words for _at, words in course.steps]
    again = counter.till()
    assert slips(again, session) == [(TEXT,)]
    await asyncio.to_thread(counter.terminal.restart)
    counter.connect(again)
    order = await asked_on(again, session)
    assert order.status is Status.COMPLETED
    kept = again.register.refunds.slips(session)
    assert (kept[0].payment_id, kept[0].for_guest, kept[0].to_be_signed) == (only(order).id, False, True)
    assert [slip.lines[-1] for slip in kept] == [TEXT, "THANK [31mYOU", "Sign here"]


async def test_the_same_slip_again_is_one_and_more_than_a_few_are_not_kept(counter: Counter, till: Till) -> None:
    session = till.order(2).id
    plan(counter, TEXT, TEXT, TEXT)
    till.register.charges.ask(session, "CARD")
    await until(till, session)
    assert counter.terminal.book.heard("Printed") == [KEPT] * 3
    assert slips(till, session).count((TEXT,)) == 1
    session = till.order(2).id
    plan(counter, *map(str, range(6)))
    till.register.charges.ask(session, "CARD")
    await until(till, session)
    assert counter.terminal.book.heard("Printed")[3:] == [KEPT] * 4 + [OUT] * 2
    assert slips(till, session)[:4] == [(str(number),) for number in range(4)]


async def test_a_slip_that_is_in_the_answer_too_is_kept_once(counter: Counter, till: Till) -> None:
    plan(counter, "Sign here")
    session = till.order(2).id
    till.register.charges.ask(session, "CARD")
    await until(till, session)
    assert [event.type for event in till.journal.events_of(session)].count("slip_kept") == 2


async def test_a_disk_that_refuses_is_paper_that_is_out(
    counter: Counter, till: Till, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = till.order(2).id
    append = till.journal.append

    def refuse(events: Any, **more: Any) -> None:
        if [event.type for event in events] == ["slip_kept"]:
            raise JournalError
        append(events, **more)

    monkeypatch.setattr(till.journal, "append", refuse)
    plan(counter)
    till.register.charges.ask(session, "CARD")
    assert (await until(till, session)).status is Status.COMPLETED
    assert counter.terminal.book.heard("Printed") == [OUT]


async def test_the_slip_of_a_refund_stands_with_its_sale(counter: Counter, till: Till) -> None:
    session = await sold(till)
    plan(counter)
    refund = begun(till, session)
    till.register.refunds.give(refund)
    assert (await answered(till, refund)).state is PaymentState.APPROVED
    assert counter.terminal.book.heard("Printed") == [KEPT]
    [slip] = [slip for slip in till.register.refunds.slips(session) if slip.lines == (TEXT,)]
    assert slip.refund_id == refund.id


async def test_a_slip_of_another_payment_is_no_slip_of_this_one(counter: Counter, till: Till) -> None:
    plan(counter, number="ANOTHER123")
    session = till.order(2).id
    till.register.charges.ask(session, "CARD")
    await until(till, session)
    [slip] = counter.terminal.book.heard("Printed")
    assert slip["Response"] == {"Result": "Failure", "ErrorCondition": "NotFound"}
    assert (TEXT,) not in slips(till, session)
