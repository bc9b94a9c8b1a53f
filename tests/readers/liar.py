"""A liar between a till and a provider of card readers, in virtual time: it changes, loses and delays answers."""

from __future__ import annotations

import asyncio
import json
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

from tests.readers import stripe as at_stripe
from tests.readers import sumup as at_sumup
from tests.readers.stripe import Stripe
from tests.readers.sumup import Line, SumUp, read_request
from tests.register.fakes import SetClock
from tests.register.payments.scripted import played
from till.domain.ids import id_at, tick_at
from till.domain.money.measures import Minor
from till.domain.payment.movement import PaymentState
from till.ports import Charge, Outcome
from till.readers.api import ReaderApi
from till.readers.settings import StripeSettings, SumUpSettings
from till.readers.stripe import VERSION, StripeTender
from till.readers.sumup import SumUpTender
from till.register.payments.asking import ChargeProgress
from till.register.payments.hearing import hear
from till.tenders.http import HttpAddress, HttpAnswer, HttpNoAnswerError, _answer

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine

    from till.ports import ChargeAnswer
    from till.readers.waiting import ReaderTender

    Send: TypeAlias = Callable[[], Coroutine[Any, Any, HttpAnswer]]
    Lie: TypeAlias = Callable[[Send], Awaitable[HttpAnswer]]

#: The till's patience for an answer, in seconds.
_WITHIN_S = 6.0
FOR_EVER = 10**9


@dataclass
class Planted:
    """A lie about the requests that contain a text, a number of times, from a time on."""

    part: str
    lie: Lie
    times: int = FOR_EVER
    since_s: float = 0.0


@dataclass
class Counter:
    """A provider, its liar, and the tills in front of it."""

    name: str
    lies: list[Planted] = field(default_factory=list)
    clock: SetClock = field(default_factory=SetClock)
    sent: list[str] = field(default_factory=list)
    steps: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.stripe = Stripe(now=lambda: self.clock.now().timestamp())
        self.sumup = SumUp(self.clock.now)
        self.clean = self.stripe.ask if self.name == "S" else Line(self.sumup).ask

    async def ask(self, address: HttpAddress, question: bytes, **limits: Any) -> HttpAnswer:
        """Answer in place of `till.tenders.http.ask`."""
        method, target, _head, _body = read_request(question)
        asked = f"{method} {target}"
        self.sent.append(asked)

        async def send() -> HttpAnswer:
            return await self.clean(address, question, **limits)

        for one in self.lies:
            if one.part in asked and one.times and self.clock.monotonic() >= one.since_s:
                one.times -= 1
                return await one.lie(send)
        await asyncio.sleep(0.1)
        return await send()

    # Tills

    def till(self, number: int = 1, **more: Any) -> ReaderTender:
        """Start a till; again after a kill."""
        sale, api = f"till-{number}", HttpAddress("provider", 443, "/v1" if self.name == "S" else "", tls=False)
        if self.name == "S":
            known = {"key_file": "k", "reader": at_stripe.READER, **more}
            head = {"Stripe-Version": VERSION}
            return StripeTender(
                StripeSettings(**known),
                ReaderApi(api, at_stripe.KEY, _WITHIN_S, head),
                self.clock,
                sale_id=sale,
                is_test=True,
            )
        known = {
            "key_file": "k", "affiliate_file": "a", "app_id": at_sumup.APP, "merchant": at_sumup.MERCHANT,
            "reader": at_sumup.READER, **more,
        }  # fmt: skip
        ask = ReaderApi(api, at_sumup.KEY, _WITHIN_S)
        return SumUpTender(SumUpSettings(**known), ask, self.clock, sale_id=sale, affiliate=at_sumup.AFFILIATE)

    def new(self, tender: ReaderTender, amount: int = 1250, currency: str = "EUR", transaction: str = "") -> Charge:
        """Return a payment that begins now, or a refund of a transaction."""
        key = id_at(tick_at(self.clock.now()), uuid.uuid4().int)
        reference = tender.name_charge(key)
        return Charge(key=key, amount=Minor(amount), currency=currency, reference=reference, transaction=transaction)

    async def hear(self, tender: ReaderTender, charge: Charge, request: Coroutine[Any, Any, ChargeAnswer]) -> Heard:
        """Return an answer as the register takes it."""
        answer = await hear(request, charge.key, "CARD", FOR_EVER)
        paid = charge.key if not charge.transaction else "another"
        progress = ChargeProgress(use=None, stream="", payment_id=paid, charge=charge, tender=tender)  # type: ignore[arg-type]
        state = progress.meaning(answer).state
        outcome = {PaymentState.APPROVED: Outcome.APPROVED, PaymentState.DECLINED: Outcome.DECLINED}.get(
            state, Outcome.UNKNOWN
        )
        booked = answer.amount if outcome is Outcome.APPROVED else Minor(0)
        return Heard(outcome, booked, answer)

    async def charge(self, tender: ReaderTender, charge: Charge) -> Heard:
        return await self.hear(tender, charge, tender.charge(charge, self.steps.append))

    async def refund(self, tender: ReaderTender, charge: Charge) -> Heard:
        return await self.hear(tender, charge, tender.refund(charge, charge.transaction))

    async def later(self, tender: ReaderTender, charge: Charge, seconds: float) -> Heard:
        """Ask after it some seconds later."""
        await asyncio.sleep(seconds)
        return await self.hear(tender, charge, tender.ask_after(charge))

    def taken(self, charge: Charge) -> int:
        """Return the money that the provider took for a payment, in minor units."""
        if self.name == "S":
            assert f"{charge.key} again" not in self.stripe.taken, "charged twice"
            return self.stripe.taken.get(charge.key, 0)
        return sum(round(one["amount"] * 100) for one in self.sumup.money(charge.key))

    def back(self, charge: Charge) -> int:
        """Return the money that the provider gave back of a payment of a key."""
        if self.name == "S":
            return sum(one["amount"] for one in self.stripe.refunds if one["metadata"]["till"] == charge.key)
        return sum(
            round(event["amount"] * 100) for one in self.sumup.transactions for event in one["transaction_events"]
        )

    def play(self, story: Coroutine[Any, Any, None]) -> None:
        played(self.clock, story)


@dataclass
class Heard:
    """An answer as the register takes it: its outcome and the amount that it books."""

    outcome: Outcome
    booked: int
    answer: ChargeAnswer


# Lies


def changed(**fields: Any) -> Lie:
    """Change fields of the answer; `a__b` is the field b of the object a."""

    async def lie(send: Send) -> HttpAnswer:
        answer = await send()
        found = json.loads(answer.body)
        for name, value in fields.items():
            *path, last = name.split("__")
            one = found
            for step in path:
                one = one[step]
            one[last] = value
        return HttpAnswer(answer.status, json.dumps(found).encode())

    return lie


def answers(status: int, body: Any = b"", *, done: bool = False) -> Lie:
    """Answer something else; with `done` after the request took effect."""

    async def lie(send: Send) -> HttpAnswer:
        if done:
            await send()
        return HttpAnswer(status, body if isinstance(body, bytes) else json.dumps(body).encode())

    return lie


def lost(*, before: bool = False) -> Lie:
    """Lose the answer, or the request `before` it took effect."""

    async def lie(send: Send) -> HttpAnswer:
        if not before:
            await send()
        await asyncio.sleep(_WITHIN_S)
        raise HttpNoAnswerError("no answer in time")

    return lie


_LATE: set[asyncio.Task[HttpAnswer]] = set()


def late(seconds: float) -> Lie:
    """Deliver the request late: the till has given it up."""

    async def lie(send: Send) -> HttpAnswer:
        async def arrive() -> HttpAnswer:
            await asyncio.sleep(seconds)
            return await send()

        task = asyncio.ensure_future(arrive())
        _LATE.add(task)
        task.add_done_callback(_LATE.discard)
        await asyncio.sleep(_WITHIN_S)
        raise HttpNoAnswerError("no answer in time")

    return lie


def cut() -> Lie:
    """Cut the answer in its middle."""

    async def lie(send: Send) -> HttpAnswer:
        await send()
        raise HttpNoAnswerError("IncompleteReadError")

    return lie


def half() -> Lie:
    """Answer with half a body under its right length."""

    async def lie(send: Send) -> HttpAnswer:
        answer = await send()
        return HttpAnswer(answer.status, answer.body[: len(answer.body) // 2])

    return lie


def huge(*, with_length: bool) -> Lie:
    """Answer with 50 MB, with or without its length."""

    async def lie(send: Send) -> HttpAnswer:
        await send()
        stream = asyncio.StreamReader(limit=1 << 16)
        stream.feed_data(b"HTTP/1.1 200 OK\r\n" + (b"Content-Length: 50000000\r\n\r\n" if with_length else b"\r\n"))
        stream.feed_data(b"x" * 2_000_000)
        stream.feed_eof()
        try:
            return await _answer(stream, 1_000_000)
        except (EOFError, ValueError) as fault:
            raise HttpNoAnswerError(type(fault).__name__) from None

    return lie


def raises(fault: Exception) -> Lie:
    """Fail before anything is sent."""

    async def lie(_send: Send) -> HttpAnswer:
        raise fault

    return lie
