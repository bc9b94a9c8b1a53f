"""Random histories of two tills at one Solo: whatever is lost, late, killed or a lie, money is approved or named.

A till is the real tender with the pauses of the register; SumUp is the simulated one, in virtual time.
"""

from __future__ import annotations

import asyncio
import os
from contextlib import suppress
from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING, Any

import pytest

from tests.readers.sumup import Guest, Line, SumUp, SumUpJudge
from tests.readers.test_sumup import Till
from tests.register.fakes import SetClock
from tests.register.payments.scripted import played
from till.ports import Outcome
from till.readers import sumup as module
from till.readers.waiting import ReaderTender
from till.register.payments.asking import ASK_S, PAUSES_S
from till.register.payments.hearing import hear

if TYPE_CHECKING:
    from collections.abc import Callable

    from till.ports import Charge, ChargeAnswer

COUNT = int(os.environ.get("HISTORIES", "2000"))
#: After so long without an outcome a person settles it.
PATIENCE_S = 1_200.0
LATE_S = (60.0, 240.0, 1_500.0)
FAULTS = ("unreachable", "frozen", "late", "lost", "lost", "lost before", "half", "html", "409", "429", "500", "503")


@dataclass
class Known:
    """A payment or a refund, as the venue knows it."""

    charge: Charge
    answers: list[ChargeAnswer] = field(default_factory=list)

    @property
    def outcome(self) -> Outcome:
        """The outcome by the fold: an approval counts before a decline, and comes late."""
        outcomes = [one.outcome for one in self.answers]
        return next((one for one in (Outcome.APPROVED, Outcome.DECLINED) if one in outcomes), Outcome.UNKNOWN)

    @property
    def answer(self) -> ChargeAnswer:
        return next(one for one in self.answers if one.outcome is self.outcome)


class Venue:
    """Two tills and their book, which both know at once."""

    def __init__(self, seed: int, late: tuple[float, ...]) -> None:
        self.random = Random(seed)  # noqa: S311 - a play
        self.clock = SetClock()
        self.sumup = SumUp(self.clock.now, SumUpJudge() if seed % 100 == 0 else None)
        self.share = self.random.choice((0.0, 0.02, 0.1))
        self.line = Line(self.sumup, self._fault, self.random.random)
        self.book: dict[str, Known] = {}
        self.tills: dict[int, Till] = {}
        self.work: dict[int, set[asyncio.Task[None]]] = {1: set(), 2: set()}
        self.late = late

    def _fault(self) -> str:
        return self.random.choice(FAULTS) if self.random.random() < self.share else ""

    def guest(self) -> Guest:
        rnd = self.random
        says = rnd.choice(("",) * 8 + ("failed", "pending", "cancelled"))
        return Guest(
            rnd.choice(("pays", "pays", "pays", "fails", "leaves")),
            after=rnd.choice((1.0, 4.0, 15.0, 40.0, 58.0)) * rnd.random() + 0.5,
            tip=rnd.choice(("0", "1.30")),
            taken=rnd.choice(("",) * 9 + ("11.11",)),
            # no till declines money that is listed after its last late look, unless SumUp itself says so
            listed=rnd.choice((0.0, 0.0, 3.0, 30.0, 200.0, 1_000.0, *([] if says else [3_000.0]))),
            says=says,
            deaf=rnd.random() < 0.2,
            second=rnd.random() < 0.1,
        )

    def start(self, number: int) -> None:
        """Start a till, which asks after what is open and looks late at what was declined."""
        self.tills[number] = Till(self.sumup, self.clock, number)
        for known in self.book.values():
            self.run(number, self.poll(number, known) if known.outcome is Outcome.UNKNOWN else self.look(number, known))

    def run(self, number: int, work: Any) -> None:
        self.work[number].add(asyncio.get_running_loop().create_task(work))

    async def kill(self, number: int) -> None:
        for task in self.work[number]:
            task.cancel()
        await asyncio.gather(*self.work[number], return_exceptions=True)
        self.work[number].clear()

    async def ask(self, number: int, known: Known, request: Any, most: float) -> bool:
        """Record an answer. Return True if it is final."""
        answer = await hear(request, known.charge.key, "CARD", most)
        known.answers.append(answer)
        if answer.outcome is Outcome.DECLINED:
            self.run(number, self.look(number, known))
        return answer.outcome in {Outcome.APPROVED, Outcome.DECLINED}

    async def begin(self, number: int, known: Known, request: Any) -> None:
        if not await self.ask(number, known, request, self.tills[number].tender.traits.gives_up_s):
            await self.poll(number, known)

    async def poll(self, number: int, known: Known) -> None:
        pauses, ends = iter(PAUSES_S), self.clock.monotonic() + PATIENCE_S
        while known.outcome is Outcome.UNKNOWN and self.clock.monotonic() < ends:
            if await self.ask(number, known, self.tills[number].tender.ask_after(known.charge), ASK_S):
                return
            await asyncio.sleep(next(pauses, PAUSES_S[-1]))

    async def look(self, number: int, known: Known) -> None:
        for pause in self.late:
            await asyncio.sleep(pause)
            if known.outcome is Outcome.DECLINED:
                answer = await hear(self.tills[number].tender.ask_after(known.charge), known.charge.key, "CARD", ASK_S)
                if answer.outcome is Outcome.APPROVED:
                    known.answers.append(answer)

    async def pay(self, number: int) -> Known:
        till = self.tills[number]
        known = Known(till.new(1_250))
        self.book[known.charge.key] = known
        self.run(number, self.begin(number, known, till.tender.charge(known.charge, till.words.append)))
        return known

    async def refund(self, number: int, paid: Known, amount: int) -> None:
        till = self.tills[number]
        known = Known(till.new(amount, transaction=paid.answer.transaction))
        self.book[known.charge.key] = known
        self.run(number, self.begin(number, known, till.tender.refund(known.charge, known.charge.transaction)))

    async def evening(self) -> None:
        """One to three payments, with Esc, kills and restarts between any two steps, and part refunds."""
        rnd = self.random
        for number in (1, 2):
            self.start(number)
        for _payment in range(rnd.randint(1, 3)):
            number = rnd.choice((1, 2))
            self.sumup.guests.append(self.guest())
            known = await self.pay(number)
            await asyncio.sleep(rnd.choice((0.2, 3.0, 30.0)) * rnd.random())
            if rnd.random() < 0.3:
                await self.tills[number].tender.stop(known.charge)
            if rnd.random() < 0.3:
                await self.kill(number)
                if rnd.random() < 0.5:  # the other till takes the order
                    self.run(3 - number, self.poll(3 - number, known))
                await asyncio.sleep(rnd.choice((1.0, 30.0, 200.0)) * rnd.random())
                self.start(number)
            await asyncio.sleep(rnd.choice((0.0, 10.0, 150.0)))
        await asyncio.sleep(150.0)
        for amount in (100, 250)[: rnd.randint(0, 2)]:
            paid = [one for one in self.book.values() if one.outcome is Outcome.APPROVED and not one.charge.transaction]
            if paid:
                await self.refund(rnd.choice((1, 2)), rnd.choice(paid), amount)
                await asyncio.sleep(150.0 * rnd.random())
                if rnd.random() < 0.2:
                    await self.kill(1)
                    self.start(1)
            await asyncio.sleep(60.0)
        self.share = 0.0
        await asyncio.sleep(2 * PATIENCE_S + sum(LATE_S))
        for number in (1, 2):
            await self.kill(number)

    def judge(self) -> None:
        """Check the money at SumUp against the book. What a person must settle is named, and counts as neither."""
        for key, known in self.book.items():
            if known.charge.transaction:
                continue
            taken = self.sumup.money(key)
            assert len(taken) <= 1, "charged twice"
            if known.outcome is Outcome.DECLINED:
                assert not taken, "declined, and taken"
            if known.outcome is Outcome.APPROVED:
                assert taken, "approved, and not taken"
                if known.answer.transaction == taken[0]["transaction_code"]:  # else not listed: the payouts name it
                    assert round(taken[0]["amount"] * 100) == known.answer.amount
        refunds = [one for one in self.book.values() if one.charge.transaction]
        events = [event for one in self.sumup.transactions for event in one["transaction_events"]]
        for amount in (100, 250):
            there = sum(round(100 * event["amount"]) == amount for event in events)
            mine = [one for one in refunds if one.charge.amount == amount]
            sure = sum(one.outcome is Outcome.APPROVED for one in mine)
            open_ones = sum(one.outcome is Outcome.UNKNOWN for one in mine)
            assert sure <= there <= sure + open_ones, "refunded twice, or not"


def histories(
    monkeypatch: pytest.MonkeyPatch, count: int, late: tuple[float, ...] = LATE_S, first: int = 0
) -> tuple[int, int]:
    """Play histories, and return how many payments there were, and how many a person must settle."""
    payments = open_ones = 0
    for seed in range(first, first + count):
        venue = Venue(seed, late)
        monkeypatch.setattr("till.readers.api.ask", venue.line.ask)
        with suppress(asyncio.CancelledError):
            played(venue.clock, venue.evening())
        try:
            venue.judge()
        except AssertionError as fault:
            raise AssertionError(f"history {seed}: {fault}") from fault
        payments += len(venue.book)
        open_ones += sum(one.outcome is Outcome.UNKNOWN for one in venue.book.values())
    return payments, open_ones


def test_money_is_approved_or_named_in_random_histories(monkeypatch: pytest.MonkeyPatch) -> None:
    payments, open_ones = histories(monkeypatch, COUNT)
    assert payments > COUNT
    assert open_ones < payments / 5


def _sent_again(real: Callable[..., Any]) -> Callable[..., Any]:
    """Let a charge be sent again when its answer was lost."""

    async def charge(self: Any, charge: Charge, wait: Any) -> ChargeAnswer:
        answer: ChargeAnswer = await real(self, charge, wait)
        return await real(self, charge, wait) if answer.outcome is Outcome.UNKNOWN else answer

    return charge


def test_a_request_that_is_sent_again_fails_the_property(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module.SumUpTender, "_charge", _sent_again(module.SumUpTender._charge))
    monkeypatch.setattr(ReaderTender, "_check_age", lambda _self, _charge: None)
    with pytest.raises(AssertionError, match="charged twice"):
        histories(monkeypatch, 300)


def test_nothing_listed_as_a_decline_fails_the_property(monkeypatch: pytest.MonkeyPatch) -> None:
    real = module.SumUpTender._without_transaction

    def declines(self: Any, charge: Charge, status: str) -> ChargeAnswer:
        return real(self, charge, status or "failed")

    monkeypatch.setattr(module.SumUpTender, "_without_transaction", declines)
    with pytest.raises(AssertionError, match="declined, and taken"):
        histories(monkeypatch, 300)


def test_no_late_look_fails_the_property(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(AssertionError, match="declined, and taken"):
        histories(monkeypatch, 300, late=())
