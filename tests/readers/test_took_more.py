"""A reader that takes more than it was asked for, in front of a screen: one key gives all of it back and asks again."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from tests.readers.liar import Counter
from tests.readers.sumup import Guest
from tests.register.payments.scripted import played
from tests.tui.playing import LOG_IN
from tests.tui.quiet import a_drawn_till
from till.domain.payment.movement import PaymentState
from till.register.payments.tenders import Tenders, hands_in

if TYPE_CHECKING:
    from pathlib import Path

    from tests.tui.quiet import DrawnTill

KEY = "F6"


async def answered(till: DrawnTill, count: int, state: PaymentState) -> None:
    """Wait until the newest of some payments is in a state, and the screen shows it."""
    for _half_second in range(400):
        newest = list(till.order.payments.values())[-1:]
        if len(till.order.payments) == count and newest[0].state is state and not newest[0].is_awaited:
            break
        await asyncio.sleep(0.5)
    await till.settle()


def paid(till: DrawnTill) -> list[tuple[PaymentState, int, int]]:
    return [(one.state, one.amount, one.over) for one in till.order.payments.values()]


@pytest.fixture
def counter(monkeypatch: pytest.MonkeyPatch) -> Counter:
    one = Counter("U")
    monkeypatch.setattr("till.readers.api.ask", one.ask)
    return one


@pytest.mark.parametrize("size", [(80, 24), (120, 36)])
def test_one_key_gives_back_all_that_a_reader_took_and_asks_again(
    counter: Counter, tmp_path: Path, size: tuple[int, int]
) -> None:
    counter.sumup.guests = [Guest(after=3.0, taken="199.00"), Guest(after=3.0)]

    async def story() -> None:
        async with a_drawn_till(tmp_path, size) as till:
            till.register.asker.begin(Tenders(hands_in("INR"), asked=[counter.till(key="c", label="Card")]))
            await till.type(LOG_IN + "2 idly{enter}1 masala dosa{enter}one more{enter}{f9}c100{enter}")
            await answered(till, 1, PaymentState.APPROVED)
            assert till.answer() == "Card took ₹199.00, not ₹100.00: F6 refunds all, asks again."
            assert f"{KEY} {'Ask again' if size[0] == 80 else 'Refund all, ask again'}" in till.text()
            await till.type("{f6}")
            await answered(till, 2, PaymentState.APPROVED)
            assert paid(till) == [(PaymentState.VOIDED, 19_900, 0), (PaymentState.APPROVED, 10_000, 0)]
            assert KEY not in till.text()
            assert [one["amount"] for one in counter.sumup.transactions] == [199, 100]
            assert [one["amount"] for one in counter.sumup.transactions[0]["transaction_events"]] == [199]
            till.register.asker.end()

    played(counter.clock, story())


def test_money_that_a_reader_keeps_is_not_asked_for_again(counter: Counter, tmp_path: Path) -> None:
    counter.sumup.guests = [Guest(after=3.0, taken="199.00")]
    counter.sumup.refund_status = 409

    async def story() -> None:
        async with a_drawn_till(tmp_path) as till:
            till.register.asker.begin(Tenders(hands_in("INR"), asked=[counter.till(key="c", label="Card")]))
            await till.type(LOG_IN + "2 idly{enter}1 masala dosa{enter}one more{enter}{f9}c100{enter}")
            await answered(till, 1, PaymentState.APPROVED)
            await till.type("{f6}")
            await answered(till, 1, PaymentState.APPROVED)
            assert paid(till) == [(PaymentState.APPROVED, 19_900, 9_900)]
            assert "stays paid" in till.answer()
            counter.sumup.refund_status = 201
            await till.type("{f7}{enter}")
            await answered(till, 1, PaymentState.VOIDED)
            assert len(till.order.payments) == 1
            till.register.asker.end()

    played(counter.clock, story())


def test_the_key_is_not_there_for_what_was_taken_as_asked(counter: Counter, tmp_path: Path) -> None:
    counter.sumup.guests = [Guest(after=3.0)]

    async def story() -> None:
        async with a_drawn_till(tmp_path) as till:
            till.register.asker.begin(Tenders(hands_in("INR"), asked=[counter.till(key="c", label="Card")]))
            await till.type(LOG_IN + "2 idly{enter}{f9}c50{enter}")
            await answered(till, 1, PaymentState.APPROVED)
            assert KEY not in till.text()
            await till.type("{f6}")
            assert paid(till) == [(PaymentState.APPROVED, 5_000, 0)]
            till.register.asker.end()

    played(counter.clock, story())
