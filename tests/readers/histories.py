"""Random histories of two tills at one reader of Stripe, with kills, frozen tills, lost and late requests, and lies.

`python -m tests.readers.histories --count 2000 --seed 1` plays any number, and prints those that break a rule.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import sys
import time
from collections import Counter
from contextlib import suppress
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final, cast
from unittest import mock

from tests.readers.stripe import KEY, READER, Stripe
from tests.register.fakes import SetClock
from tests.register.payments.scripted import played
from till.domain.ids import id_at, tick_at
from till.domain.money.measures import Minor
from till.ports import Charge, ChargeAnswer, Outcome
from till.readers import api as api_module
from till.readers.api import ReaderApi
from till.readers.settings import StripeSettings
from till.readers.stripe import VERSION, StripeTender
from till.register.payments.asking import ASK_S, PAUSES_S
from till.tenders.http import HttpAddress, HttpNoAnswerError, NotSentError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

    from till.tenders.http import HttpAnswer

#: Histories in which each request and each answer is judged by the OpenAPI; the others are played for the money alone.
JUDGED: Final = 20
_ANSWERED: Final = frozenset({Outcome.APPROVED, Outcome.DECLINED})
_FAULTS: Final = ("drop_before", "drop", "half", "html", "409", "429", "500", "503", "late", "away")
#: The clock of the till that sends a request.
_CLOCK: Final[ContextVar[TillClock]] = ContextVar("clock")
#: The end of a history: every payment has its answer by then, or a person settles it.
_END_S: Final = 7_200.0


class _Trusting:
    """A judge that allows everything and reads the forms alone."""

    def __init__(self, judge: Any) -> None:
        self._judge = judge

    def request(self, method: str, path: str, _query: str, media: str, body: bytes) -> Any:
        return self._judge.read(method, path, media, body)

    def answer(self, *_about: Any) -> None:
        """Allow it."""


@dataclass
class Money:
    """A payment or a refund, and the final answers that the tills recorded."""

    charge: Charge
    answers: dict[str, ChargeAnswer] = field(default_factory=dict)

    @property
    def outcomes(self) -> set[Outcome]:
        return {one.outcome for one in self.answers.values()}


@dataclass
class TillClock:
    """The clock of a till, which may have stood still while its machine was suspended."""

    world: SetClock
    behind: float = 0.0
    refunds: bool = False

    def now(self) -> datetime:
        return self.world.now() - timedelta(seconds=self.behind)

    def monotonic(self) -> float:
        return self.world.monotonic() - self.behind


class World:
    """One history: a seed decides all of it."""

    def __init__(self, seed: int, tender: type[StripeTender] = StripeTender, *, judged: bool = False) -> None:
        self.random = random.Random(seed)  # noqa: S311 - a seed decides all
        self.clock = SetClock()
        self.stripe = Stripe(now=lambda: self.clock.now().timestamp(), ids=lambda: f"{self.random.getrandbits(64):x}")
        if not judged:
            self.stripe.judge = _Trusting(self.stripe.judge)  # type: ignore[assignment]
        self.is_bad = self.random.random() < 0.8
        self.money: list[Money] = []
        self._make = tender
        self._tasks: set[asyncio.Task[None]] = set()
        self._late: set[asyncio.Task[None]] = set()

    def till(self, name: str) -> StripeTender:
        """Start a till; again after a kill."""
        settings = StripeSettings(key_file=KEY, reader=READER, tips=self.random.random() < 0.3, timeout_s=60)
        api = ReaderApi(HttpAddress("api.stripe.com", 443, "/v1", tls=False), KEY, 6.0, {"Stripe-Version": VERSION})
        clock = TillClock(self.clock)
        made = self._make(settings, api, clock, sale_id=name, is_test=True)
        made._every = 5.0
        return made

    async def ask(
        self, address: HttpAddress, question: bytes, *, check: Callable[[Any], None] | None = None, **limits: Any
    ) -> HttpAnswer:
        """Send a request over a bad network, from a till that may be frozen before it sends."""
        draw = self.random
        fault = draw.choice(_FAULTS) if self.is_bad and draw.random() < 0.12 else ""
        await asyncio.sleep(draw.uniform(0.02, 0.4))
        often = 0.15 if question.startswith(b"POST /v1/payment_intents HTTP") else 0.05
        if self.is_bad and draw.random() < often:  # the till is frozen; of a suspended machine the clock stands still
            frozen = draw.choice((15.0, 200.0, 400.0))
            await asyncio.sleep(frozen)
            if draw.random() < 0.5 and not _CLOCK.get().refunds:  # a refund has no second guard: see docs/readers.md
                _CLOCK.get().behind += frozen
        if fault == "away":
            raise NotSentError("nobody answers there")
        if check is not None:
            check(None)
        if fault == "late":  # the till gives it up, and it arrives
            task = asyncio.ensure_future(self._arrive(address, question, draw.uniform(6.0, 60.0)))
            self._late.add(task)
            await asyncio.sleep(6.0)
            raise HttpNoAnswerError("no answer in time")
        await asyncio.sleep(draw.uniform(0.02, 0.4))
        if fault:
            first = question.split(b"\r\n")[0].decode().partition(" HTTP")[0]
            self.stripe.faults.append((first.replace(" /v1", " ").partition("?")[0], fault))
        elif self.is_bad and b"process_payment_intent" in question and draw.random() < 0.1:
            self.stripe.faults.append(("POST /terminal", "false_timeout"))
        answer = await self.stripe.ask(address, question, **limits)
        await asyncio.sleep(draw.uniform(0.02, 0.4))
        return answer

    async def _arrive(self, address: HttpAddress, question: bytes, after: float) -> None:
        await asyncio.sleep(after)
        with suppress(HttpNoAnswerError):
            await self.stripe.ask(address, question)

    # The people

    async def guest(self) -> None:
        """Tap, decline, hesitate or walk away, whenever the reader shows something."""
        draw, stripe = self.random, self.stripe
        while True:
            await asyncio.sleep(draw.uniform(1.0, 20.0))
            match draw.choices(("tap", "decline", "slow", "nothing", "offline"), (5, 2, 2, 4, 0.3))[0]:
                case "tap":
                    lies = draw.choice(("declined", "silent")) if self.is_bad and draw.random() < 0.3 else ""
                    stripe.tap(tip=draw.choice((0, 0, 100)), lies=lies)
                case "decline":
                    stripe.decline(code=draw.choice(("card_declined", "customer_canceled", "terminal_reader_timeout")))
                case "slow":
                    stripe.begin()
                    await asyncio.sleep(draw.uniform(1.0, 15.0))
                    stripe.finish(is_taken=draw.random() < 0.7)
                case "offline":
                    stripe.readers[READER]["status"] = draw.choice(("online", "offline"))

    def new(self, tender: StripeTender, amount: int, transaction: str = "") -> Money:
        """Record a payment or a refund."""
        key = id_at(tick_at(self.clock.now()), self.random.getrandbits(62))
        made = Money(
            Charge(
                key=key,
                amount=Minor(amount),
                currency="EUR",
                reference=tender.name_charge(key),
                transaction=transaction,
            )
        )
        self.money.append(made)
        return made

    async def cashier(self, name: str) -> None:
        """Take payments one after the other, and refund some; be killed at any moment, and start again."""
        draw, tender = self.random, self.till(name)
        for _payment in range(draw.randint(1, 3)):
            await asyncio.sleep(draw.uniform(0.0, 60.0))
            money = self.new(tender, draw.randint(100, 5_000))
            if not await self._sold(tender, money):
                tender = self.till(name)
            paid = money.answers.get(name)
            if paid is not None and paid.outcome is Outcome.APPROVED and draw.random() < 0.5:
                for part in {paid.amount // 3, paid.amount - paid.amount // 3}:
                    back = self.new(tender, part, paid.transaction)
                    if not await self._sold(tender, back):
                        tender = self.till(name)

    async def _sold(self, tender: StripeTender, money: Money) -> bool:
        """Ask for money and hear the answer. Return False if the till was killed meanwhile: then it asks after it."""
        draw, charge, name = self.random, money.charge, tender._sale_id
        clock = cast("TillClock", tender._clock)
        clock.refunds = bool(charge.transaction)
        _CLOCK.set(clock)
        if draw.random() < 0.6:  # the other till takes the order over, and asks as well
            other = "till-1" if name == "till-2" else "till-2"
            self._start(self._poll(self.till(other), other, money, draw.uniform(0.0, 200.0)))
        await asyncio.sleep(draw.uniform(0.0, 0.5))  # the push
        if charge.transaction:
            request = tender.refund(charge, charge.transaction)
        else:
            request = tender.charge(charge, lambda _words: None)
        asked = asyncio.ensure_future(request)  # a suspended machine's time-outs stand still too
        if draw.random() < 0.25:
            self._start(self._escape(tender, charge, draw.uniform(0.0, 40.0)))
        is_killed = self.is_bad and draw.random() < 0.25
        await asyncio.wait([asked], timeout=draw.uniform(0.0, 30.0) if is_killed else None)
        clock.behind = 0.0  # the network's time is back
        if not asked.done():
            asked.cancel()
            await asyncio.wait([asked])
            await asyncio.sleep(draw.uniform(1.0, 30.0))
            self._start(self._poll(self.till(name), name, money))
            return False
        answer = asked.result()
        if answer.outcome in _ANSWERED:
            money.answers[name] = answer
        else:
            self._start(self._poll(tender, name, money))
        return True

    async def _escape(self, tender: StripeTender, charge: Charge, after: float) -> None:
        await asyncio.sleep(after)
        await tender.stop(charge)

    async def _poll(self, tender: StripeTender, name: str, money: Money, begins: float = 0.0) -> None:
        """Ask after it as `PaymentClient` does, until there is an answer."""
        _CLOCK.set(cast("TillClock", tender._clock))
        await asyncio.sleep(begins)
        pauses = iter(PAUSES_S)
        while name not in money.answers:
            try:
                answer = await asyncio.wait_for(tender.ask_after(money.charge), ASK_S)
            except TimeoutError:
                answer = ChargeAnswer(key=money.charge.key, outcome=Outcome.UNKNOWN)
            if answer.outcome in _ANSWERED:
                money.answers.setdefault(name, answer)
            await asyncio.sleep(next(pauses, PAUSES_S[-1]))

    def _start(self, work: Any) -> None:
        self._tasks.add(asyncio.ensure_future(work))

    async def run(self) -> None:
        """Play the history to its end. Then a guest taps once more: the reader may still show something."""
        guests = asyncio.ensure_future(self.guest())
        ends = self.clock.monotonic() + _END_S
        await asyncio.gather(self.cashier("till-1"), self.cashier("till-2"))
        while waited := [one for one in (*self._tasks, *self._late) if not one.done()]:
            if self.clock.monotonic() >= ends:
                break
            await asyncio.wait(waited, timeout=60.0)
        guests.cancel()
        self.stripe.finish()
        self.stripe.tap()
        for one in (*self._tasks, *self._late):
            if one.done() and not one.cancelled() and (fault := one.exception()):
                raise fault

    # The rules

    def broken(self) -> Iterable[str]:
        """Yield each rule that the history broke."""
        taken, back = self.stripe.taken, Counter(one["metadata"]["till"] for one in self.stripe.refunds)
        yield from (f"{key}: charged twice" for key in taken if key.endswith("again"))
        for money in self.money:
            key, amounts = money.charge.key, {one.amount for one in money.answers.values()}
            is_refund = bool(money.charge.transaction)
            moved = money.charge.amount * back[key] if is_refund else taken.get(key, 0)
            if back[key] > 1:
                yield f"{key}: refunded {back[key]} times"
            if len(money.outcomes) > 1:
                yield f"{key}: two answers"
            if amounts - {moved}:  # a decline has no amount
                yield f"{key}: {sorted(money.outcomes)} with {sorted(amounts)}, and {moved} moved"

    @property
    def unsettled(self) -> int:
        """The number of payments and refunds that a person settles: no till has an answer."""
        return sum(not one.answers for one in self.money)


def play(seed: int, tender: type[StripeTender] = StripeTender, *, judged: bool = False) -> World:
    """Play one history."""
    world = World(seed, tender, judged=judged)
    with mock.patch.object(api_module, "ask", world.ask):
        played(world.clock, world.run())
    return world


def main() -> int:
    """Play many histories."""
    reads = argparse.ArgumentParser()
    reads.add_argument("--count", type=int, default=2_000)
    reads.add_argument("--seed", type=int, default=1)
    chosen = reads.parse_args()
    begun, count, unsettled, wrong = time.monotonic(), 0, 0, 0
    for seed in range(chosen.seed, chosen.seed + chosen.count):
        world = play(seed, judged=seed % 100 == 0)
        count, unsettled = count + len(world.money), unsettled + world.unsettled
        for rule in world.broken():
            wrong += 1
            print(f"seed {seed}: {rule}", flush=True)  # noqa: T201
    took = time.monotonic() - begun
    print(  # noqa: T201
        f"{chosen.count} histories, {count} payments and refunds, {unsettled} for a person, {wrong} wrong, {took:.0f} s"
    )
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
