"""Sixty lies of card readers' services: what is booked is what was taken, or a person is asked; nobody pays twice.

The numbers are those of a table of lies that were tried by hand. Rows 58 to 61 are played at the register.
"""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import pytest

from tests.readers.liar import (
    Counter,
    Planted,
    answers,
    changed,
    cut,
    half,
    huge,
    late,
    lost,
    raises,
)
from tests.readers.stripe import READER
from tests.readers.sumup import Guest
from till.ports import Outcome
from till.tenders.http import NotSentError, UntrustedError

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from tests.readers.liar import Heard, Lie
    from tests.readers.stripe import Stripe
    from till.ports import Charge
    from till.readers.waiting import ReaderTender

YES, NO, OPEN = Outcome.APPROVED, Outcome.DECLINED, Outcome.UNKNOWN
#: A guest at Stripe's reader: when, and what is done there.
Does = tuple[float, "Callable[[Stripe], Any]"]
_PROCESS: Final = "process_payment_intent"
_CREATE: Final = "POST /v1/payment_intents"
_INTENT: Final = "GET /v1/payment_intents/"
_CHECKOUT: Final = "POST /v0.1"
_FOUND: Final = "/transactions?"
_SHOWN: Final = "GET /v0.1/merchants/MC0X0ABC/readers/rdr_AAAAAAAAAAAAAAAAAAAAAAAAAA/checkout"


class Case(NamedTuple):
    """A payment of 12.50 with lies, and what the till makes of it.

    Attributes:
        outcome: the outcome that the register hears.
        taken: the money that the provider took in the end.
        lies: the lies.
        guest: the acts of the guest.
        esc: the second at which Esc is pressed; None if it is not.
        kill: the second at which the till is killed; another asks after it. None if it is not.
        after: seconds after which it is asked after, and the outcome then.
        settings: more settings.
        words: a part of the words of the answer.
        currency: the currency.
        posts: the requests to the reader.
        booked: the amount booked, if it is another than what was taken.
    """

    outcome: Outcome
    taken: int = 0
    lies: tuple[Planted, ...] = ()
    guest: Any = ()
    esc: float | None = None
    kill: float | None = None
    after: tuple[float, Outcome] | None = None
    settings: dict[str, Any] = {}  # noqa: RUF012 - a tuple's default
    words: str = ""
    currency: str = "EUR"
    posts: int = 1
    booked: int | None = None


def planted(part: str, lie: Lie, times: int = 10**9, since_s: float = 0.0) -> tuple[Planted, ...]:
    return (Planted(part, lie, times, since_s),)


def taps(at: float = 5.0, **how: Any) -> list[Does]:
    return [(at, lambda stripe: stripe.tap(**how))]


def _paid_all_the_same(stripe: Stripe) -> None:
    (intent,) = stripe.intents.values()
    assert intent["status"] == "canceled"
    stripe._take(intent, 0, None)


def _taken_over(stripe: Stripe) -> None:
    stripe.readers[READER]["action"]["process_payment_intent"]["payment_intent"] = "pi_other"


_JUNK: Final = "\u202e\x1b[31m\u0000 Karte 4242 4242 4242 4242 \u2603" + "x" * 5_000
_LIES: Final = {"metadata": {"till": "another"}}
STRIPE: Final = {
    "1 exact": Case(YES, 1250, guest=taps()),
    "1 with a tip": Case(YES, 1450, guest=taps(tip=200), settings={"tips": True}),
    "1 with a tip that was not asked for": Case(YES, 1450, guest=taps(tip=200)),
    "2 declined": Case(NO, guest=[(5.0, lambda one: one.decline())], words="insufficient funds"),
    "3 declined, and taken": Case(YES, 1250, guest=taps(lies="declined")),
    "4 cancelled, and paid later": Case(
        NO, 1250, guest=[(5.0, lambda one: one.decline()), (11.0, _paid_all_the_same)], after=(60.0, YES)
    ),
    "5 taken, and the reader is silent": Case(YES, 1250, guest=taps(lies="silent")),
    "6 another amount": Case(YES, 300, guest=taps(amount=300), words="The reader took €3.00; €12.50 was asked for."),
    "6 in part": Case(YES, 500, guest=taps(amount=500)),
    "7 more": Case(YES, 9999, guest=taps(amount=9999)),
    "8 another currency": Case(OPEN, 1250, planted(_INTENT, changed(currency="usd")), taps()),
    "9 another payment": Case(OPEN, 1250, planted(_INTENT, changed(**_LIES)), taps(), words="another payment"),
    "10 another intent": Case(YES, 1250, planted(_INTENT, changed(id="pi_other")), taps()),
    "12 the other mode": Case(OPEN, 1250, planted(_INTENT, changed(livemode=True)), taps()),
    "13 an unknown status": Case(OPEN, 1250, planted(_INTENT, changed(status="paid")), taps()),
    "14 half a cent": Case(OPEN, 1250, planted(_INTENT, changed(amount_received=1250.5)), taps()),
    "14 less than nothing": Case(OPEN, 1250, planted(_INTENT, changed(amount_received=-1250)), taps()),
    "14 a tip above the amount": Case(
        OPEN, 1250, planted(_INTENT, changed(amount_details={"tip": {"amount": 2000}})), taps()
    ),
    "17 an error under 200, once": Case(YES, 1250, planted(_INTENT, answers(200, {"error": {"code": "x"}}), 1), taps()),
    "17 an error under 200 for the intent": Case(NO, 0, planted(_CREATE, answers(200, {"error": {}})), taps(), posts=0),
    **{
        f"18 {status} and nothing shown": Case(NO, 0, planted(_PROCESS, answers(status, {"error": {}})), taps(30.0))
        for status in (400, 401, 404, 409, 429, 500, 503)
    },
    "18 an empty refusal": Case(
        NO, 0, planted(_PROCESS, answers(404)), taps(30.0), words="Stripe refused it without a reason (404)."
    ),
    "19 500, and shown": Case(NO, 0, planted(_PROCESS, answers(500, done=True)), taps(30.0)),
    "20 the answer of the reader is lost": Case(NO, 0, planted(_PROCESS, lost()), taps(30.0)),
    "20 it arrives late": Case(NO, 0, planted(_PROCESS, late(9.0)), taps(30.0)),
    "20 it is redirected": Case(NO, 0, planted(_PROCESS, answers(307)), taps(30.0)),
    "21 the intent's answer is lost": Case(NO, 0, planted(_CREATE, lost()), taps(), posts=0, after=(120.0, NO)),
    "21 500 for the intent": Case(NO, 0, planted(_CREATE, answers(500, done=True)), taps(), posts=0, after=(120.0, NO)),
    "22 no JSON for 20 seconds": Case(YES, 1250, planted("GET", answers(200, b"<html>"), 12, 2.0), taps()),
    "22 half of each body, for a time": Case(YES, 1250, planted("GET", cut(), 8, 2.0), taps()),
    "22 half of each body under its length": Case(YES, 1250, planted("GET", half(), 8, 2.0), taps()),
    "22 redirected for a time": Case(YES, 1250, planted("GET", answers(302), 8, 2.0), taps()),
    "23 each answer is late, for a time": Case(YES, 1250, planted("GET", lost(), 4, 2.0), taps()),
    "24 50 MB": Case(YES, 1250, planted("GET", huge(with_length=True), 8, 2.0), taps()),
    "24 50 MB without a length": Case(YES, 1250, planted("GET", huge(with_length=False), 8, 2.0), taps()),
    "25 cut after the request": Case(NO, 0, planted(_PROCESS, cut()), taps(30.0)),
    "25 an untrusted certificate": Case(
        NO,
        0,
        planted("", raises(UntrustedError("no", is_of_time=False))),
        posts=0,
        words="does not prove that it is Stripe",
    ),
    "25 a wrong clock": Case(
        NO, 0, planted("", raises(UntrustedError("no", is_of_time=True))), posts=0, words="is the clock right?"
    ),
    "26 offline": Case(
        NO, 0, planted("GET /v1/terminal", changed(status="offline")), posts=0, words="The reader is offline."
    ),
    "26 taken over": Case(NO, 0, guest=[(5.0, _taken_over)], words="The reader was taken for another payment"),
    "27 words that are no words": Case(NO, 0, guest=[(5.0, lambda one: one.decline(message=_JUNK))]),
    "28 Esc": Case(NO, 0, esc=6.0),
    "29 Esc against a tap": Case(NO, 0, guest=taps(7.5), esc=6.0),
    "31 Esc is not heard four times": Case(YES, 1250, planted("cancel", answers(500), 4), taps(9.0), esc=6.0),
    "32 Esc while it is authorised": Case(
        YES, 1250, guest=[(4.0, lambda one: one.begin()), (16.0, lambda one: one.finish())], esc=6.0
    ),
    "33 killed, and paid after it": Case(OPEN, 1250, guest=taps(20.0), kill=8.0, after=(30.0, YES)),
    "34 killed, and nobody pays": Case(OPEN, 0, kill=8.0, after=(150.0, NO)),
    "34 killed within the create": Case(OPEN, 0, planted(_CREATE, lost()), kill=2.0, after=(150.0, NO), posts=0),
    "36 a list without an end": Case(
        OPEN,
        1250,
        planted("GET /v1/payment_intents?", changed(has_more=True, data=[])),
        taps(20.0),
        kill=8.0,
        after=(30.0, OPEN),
    ),
    "51 an amount that Stripe cannot express": Case(NO, 0, currency="KWD", posts=0),
}

_STRANGER: Final = {
    "id": "1", "transaction_code": "TZZZ", "amount": 12.5, "currency": "EUR", "status": "SUCCESSFUL",
    "client_transaction_id": "somebody", "foreign_transaction_id": None,
}  # fmt: skip
SUMUP: Final = {
    "1 exact": Case(YES, 1250, guest=Guest(after=3.0)),
    "1 with a tip": Case(YES, 1450, guest=Guest(after=3.0, tip="2.00"), settings={"tips": True}),
    "2 declined": Case(NO, guest=Guest("fails", after=3.0)),
    "6 another amount": Case(YES, 300, guest=Guest(after=3.0, taken="3.00"), words="The reader took €3.00"),
    "8 another currency": Case(OPEN, 1250, planted(_FOUND, changed(currency="USD")), Guest(after=3.0)),
    "9 another payment": Case(OPEN, 1250, planted(_FOUND, changed(foreign_transaction_id="x")), Guest(after=3.0)),
    "11 a stranger's payment without a foreign id": Case(
        OPEN, 0, planted(_FOUND, answers(200, _STRANGER)), Guest("leaves")
    ),
    "11 ours without a foreign id": Case(
        YES, 1250, planted(_FOUND, changed(foreign_transaction_id=None)), Guest(after=3.0)
    ),
    "11 ours without a foreign id, after a kill": Case(
        OPEN, 1250, planted(_FOUND, changed(foreign_transaction_id="")), Guest(after=20.0), kill=8.0, after=(30.0, OPEN)
    ),
    "13 an unknown status": Case(OPEN, 1250, planted(_FOUND, changed(status="successful")), Guest(after=3.0)),
    "15 nothing": Case(OPEN, 1250, planted(_FOUND, changed(amount=0)), Guest(after=3.0)),
    "15 less than nothing": Case(OPEN, 1250, planted(_FOUND, changed(amount=-12.5)), Guest(after=3.0)),
    "15 a tip above the amount": Case(OPEN, 1250, planted(_FOUND, changed(tip_amount=20)), Guest(after=3.0)),
    "16 half a cent": Case(OPEN, 1250, planted(_FOUND, changed(amount=12.505)), Guest(after=3.0)),
    "16 a float": Case(OPEN, 1250, planted(_FOUND, changed(amount=12.499999999999998)), Guest(after=3.0)),
    "16 no number": Case(OPEN, 1250, planted(_FOUND, changed(amount="NaN")), Guest(after=3.0)),
    "24 50 MB": Case(YES, 1250, planted("GET", huge(with_length=True), 6, 1.0), Guest(after=3.0)),
    "24 50 MB without a length": Case(YES, 1250, planted("GET", huge(with_length=False), 6, 1.0), Guest(after=3.0)),
    "25 a wrong clock": Case(
        NO, 0, planted("", raises(UntrustedError("no", is_of_time=True))), words="is the clock right?"
    ),
    "27 words that are no words": Case(NO, 0, planted(_CHECKOUT, answers(422, {"errors": {"detail": _JUNK}}))),
    "28 Esc": Case(NO, 0, guest=Guest("leaves"), esc=6.0),
    "30 Esc against a tap": Case(YES, 1250, guest=Guest(after=7.0, deaf=True), esc=6.0),
    "33 killed, and paid after it": Case(OPEN, 1250, guest=Guest(after=20.0), kill=8.0, after=(30.0, YES)),
    "35 killed, and nobody pays": Case(OPEN, 0, guest=Guest("leaves"), kill=8.0, after=(150.0, OPEN)),
    "39 failed, and taken": Case(YES, 1250, guest=Guest(after=3.0, says="failed")),
    "40 failed, and listed later": Case(
        NO, 1250, guest=Guest(after=3.0, says="failed", listed=200), after=(240.0, YES)
    ),
    "41 listed after 25 seconds": Case(YES, 1250, guest=Guest(after=3.0, listed=25), settings={"tips": True}, esc=None),
    "41 listed after 70 seconds": Case(YES, 1250, guest=Guest(after=3.0, listed=70)),
    "42 successful, and never paid": Case(
        YES, 0, guest=Guest("fails", 3.0, says="successful", listed=10**6), booked=1250
    ),
    "43 taken, and it stays pending": Case(YES, 1250, guest=Guest(after=3.0, says="pending")),
    **{
        f"44 {status} and nothing shown": Case(NO, 0, planted(_CHECKOUT, answers(status, {"message": "no"})))
        for status in (400, 401, 404, 422)
    },
    "44 an empty refusal": Case(
        NO, 0, planted(_CHECKOUT, answers(404)), words="SumUp refused it without a reason (404)."
    ),
    "45 422, but shown and paid": Case(NO, 1250, planted(_CHECKOUT, answers(422, done=True)), after=(60.0, YES)),
    **{
        f"46 {status} and nothing shown": Case(OPEN, 0, planted(_CHECKOUT, answers(status)), after=(200.0, then))
        for status, then in ((403, NO), (429, NO), (408, OPEN), (409, OPEN), (500, OPEN))
    },
    "46 403, but shown and paid": Case(OPEN, 1250, planted(_CHECKOUT, answers(403, done=True)), after=(200.0, YES)),
    "46 an error under 201": Case(OPEN, 0, planted(_CHECKOUT, answers(201, {"errors": {}})), after=(200.0, OPEN)),
    "46 lost before": Case(OPEN, 0, planted(_CHECKOUT, lost(before=True)), after=(200.0, OPEN)),
    "47 500, but shown and paid": Case(OPEN, 1250, planted(_CHECKOUT, answers(500, done=True)), after=(30.0, YES)),
    "47 the answer is lost": Case(OPEN, 1250, planted(_CHECKOUT, lost()), after=(30.0, YES)),
    "47 it arrives late": Case(OPEN, 1250, planted(_CHECKOUT, late(9.0)), after=(30.0, YES)),
    "48 another checkout failed": Case(
        YES, 1250, planted(_SHOWN, changed(data__checkout_id="other", data__status="failed"), 1), Guest(after=12.0)
    ),
    "49 nothing stops it": Case(YES, 1250, guest=Guest(after=55.0, deaf=True), esc=50.0),
    "49 cancelled, and then paid": Case(
        NO, 1250, guest=Guest(after=3.0, says="cancelled", listed=100), after=(150.0, YES)
    ),
    "50 refunded at once": Case(OPEN, 1250, guest=Guest(after=3.0, refunded=True), words="Paid, then refunded"),
    "51 an amount that SumUp cannot express": Case(NO, 0, currency="KWD"),
}


async def _escape(tender: ReaderTender, charge: Charge, seconds: float) -> None:
    await asyncio.sleep(seconds)
    await tender.stop(charge)


async def _visit(counter: Counter, does: list[Does]) -> None:
    begun = counter.clock.monotonic()
    for at, act in does:
        await asyncio.sleep(max(0.0, begun + at - counter.clock.monotonic()))
        act(counter.stripe)


async def _played(counter: Counter, case: Case) -> None:
    tender = counter.till(**case.settings)
    charge = counter.new(tender, 1255 if case.currency == "KWD" else 1250, case.currency)
    beside: list[Coroutine[Any, Any, None]] = []
    if counter.name == "S":
        beside.append(_visit(counter, list(case.guest)))
    elif case.guest:
        counter.sumup.guests = [case.guest]
    if case.esc is not None:
        beside.append(_escape(tender, charge, case.esc))
    tasks = [asyncio.ensure_future(one) for one in beside]
    asked = asyncio.ensure_future(counter.charge(tender, charge))
    await asyncio.wait([asked], timeout=case.kill)
    if asked.done():
        heard = asked.result()
    else:
        asked.cancel()
        tender = counter.till(2, **case.settings)
        heard = await counter.later(tender, charge, 1.0)
    assert (heard.outcome, case.words in heard.answer.words) == (case.outcome, True), heard.answer
    if case.after is not None:
        seconds, outcome = case.after
        heard = await counter.later(tender, charge, seconds)
        assert heard.outcome is outcome, heard.answer
    await asyncio.gather(*tasks)
    assert counter.taken(charge) == case.taken
    if heard.outcome is YES:
        assert heard.booked == (case.taken if case.booked is None else case.booked)
    if heard.outcome is NO:
        assert case.taken == 0
    _check_words(heard)
    asks = [one for one in counter.sent if (_PROCESS if counter.name == "S" else "/checkout") in one and "POST" in one]
    assert len(asks) == case.posts if counter.name == "S" else len(asks) <= 1


def _check_words(heard: Heard) -> None:
    words = heard.answer.words
    assert words.isprintable()
    assert "4242 4242 4242" not in words
    assert len(words) < 300
    if heard.outcome is YES:
        assert heard.answer.transaction
        assert heard.answer.transaction not in {"pi_other", "TZZZ"}


@pytest.fixture(params=["S"])
def counter(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Counter:
    one = Counter(request.param)
    monkeypatch.setattr("till.readers.api.ask", one.ask)
    return one


@pytest.mark.parametrize("name", STRIPE)
def test_a_lie_of_stripe_books_what_was_taken(counter: Counter, name: str) -> None:
    case = STRIPE[name]
    counter.lies = [Planted(one.part, one.lie, one.times, one.since_s) for one in case.lies]
    counter.play(_played(counter, case))


@pytest.mark.parametrize("counter", ["U"], indirect=True)
@pytest.mark.parametrize("name", SUMUP)
def test_a_lie_of_sumup_books_what_was_taken(counter: Counter, name: str) -> None:
    case = SUMUP[name]
    counter.lies = [Planted(one.part, one.lie, one.times, one.since_s) for one in case.lies]
    counter.play(_played(counter, case))


@pytest.mark.parametrize("hours", [2, -3])
def test_37_a_provider_with_another_clock_is_asked_by_the_key(counter: Counter, hours: int) -> None:
    counter.stripe.now = lambda: counter.clock.now().timestamp() + hours * 3_600

    async def story() -> None:
        tender = counter.till()
        charge = counter.new(tender)
        asked = asyncio.ensure_future(counter.charge(tender, charge))
        await asyncio.sleep(5.0)
        asked.cancel()
        counter.stripe.tap()
        heard = await counter.later(counter.till(2), charge, 200.0)
        assert (heard.outcome, heard.booked, counter.taken(charge)) == (YES, 1250, 1250)

    counter.play(story())


@pytest.mark.parametrize("counter", ["S", "U"], indirect=True)
@pytest.mark.parametrize("pause", [2.0, 0.0])
def test_38_two_tills_at_one_reader(counter: Counter, pause: float) -> None:
    counter.sumup.guests = [Guest(after=20.0)]

    async def story() -> None:
        tills = [counter.till(1), counter.till(2)]
        charges = [counter.new(tender) for tender in tills]
        first = asyncio.ensure_future(counter.charge(tills[0], charges[0]))
        await asyncio.sleep(pause)
        second = asyncio.ensure_future(counter.charge(tills[1], charges[1]))
        await asyncio.sleep(10.0)
        counter.stripe.tap()
        heard = [await first, await second]
        assert [one.booked for one in heard] == [counter.taken(one) for one in charges]
        assert sorted(one.outcome for one in heard) == [YES, NO]

    counter.play(story())


class Back(NamedTuple):
    """A refund of 5.00 with lies: its outcome, what went back, and the outcome later."""

    outcome: Outcome
    back: int = 0
    lies: tuple[Planted, ...] = ()
    after: tuple[float, Outcome] | None = None
    amount: int = 500


_REFUND: Final = "POST /v1/refunds"
BACK_AT_STRIPE: Final = {
    "52 in part": Back(YES, 500),
    "52 too much": Back(NO, 0, amount=1300),
    "53 the answer is lost": Back(OPEN, 500, planted(_REFUND, lost()), (5.0, YES)),
    "53 500 after the effect": Back(OPEN, 500, planted(_REFUND, answers(500, done=True)), (5.0, YES)),
    "54 it never arrives": Back(OPEN, 0, planted(_REFUND, lost(before=True)), (200.0, NO)),
    "25 cut": Back(OPEN, 500, planted(_REFUND, cut()), (5.0, YES)),
    "55 pending for ever": Back(OPEN, 500, planted("refunds", changed(status="pending")), None),
    "55 another amount": Back(OPEN, 500, planted(_REFUND, changed(amount=1250)), None),
}
_SUMUP_REFUND: Final = "/refunds"
BACK_AT_SUMUP: Final = {
    "52 in part": Back(YES, 500),
    "52 too much": Back(NO, 0, amount=1300),
    "53 the answer is lost": Back(OPEN, 500, planted(_SUMUP_REFUND, lost()), (5.0, YES)),
    "54 it never arrives": Back(OPEN, 0, planted(_SUMUP_REFUND, lost(before=True)), (200.0, OPEN)),
    "56 409, but done": Back(NO, 500, planted(_SUMUP_REFUND, answers(409, done=True))),
    "57 201, and not done": Back(YES, 0, planted(_SUMUP_REFUND, answers(201, {}))),
}


@pytest.mark.parametrize(
    ("counter", "name"),
    [*(("S", name) for name in BACK_AT_STRIPE), *(("U", name) for name in BACK_AT_SUMUP)],
    indirect=["counter"],
)
def test_a_lie_about_a_refund(counter: Counter, name: str) -> None:
    """Rows 56 and 57 go back otherwise than booked: the report of payouts names both."""
    case = (BACK_AT_STRIPE if counter.name == "S" else BACK_AT_SUMUP)[name]

    async def story() -> None:
        tender = counter.till()
        paid = counter.new(tender)
        visit = asyncio.ensure_future(_visit(counter, taps()))
        transaction = (await counter.charge(tender, paid)).answer.transaction
        await visit
        counter.lies = [Planted(one.part, one.lie, one.times, one.since_s) for one in case.lies]
        back = counter.new(tender, case.amount, transaction=transaction)
        heard = await counter.refund(tender, back)
        assert heard.outcome is case.outcome, heard.answer
        if case.after is not None:
            heard = await counter.later(counter.till(2), back, case.after[0])
            assert heard.outcome is case.after[1], heard.answer
        assert counter.back(back) == case.back

    counter.play(story())


@pytest.mark.parametrize("counter", ["S", "U"], indirect=True)
def test_59_a_cut_at_the_reader_says_since_when_and_ends(counter: Counter) -> None:
    """The network is cut for a minute, while the guest pays; the other till is declined in it."""
    counter.sumup.guests = [Guest(after=20.0)]
    counter.lies = [Planted("GET", raises(NotSentError("nobody answers there")), 9, 12.0)]

    async def story() -> None:
        tender = counter.till()
        charge = counter.new(tender)
        visit = asyncio.ensure_future(_visit(counter, taps(20.0)))
        heard = await counter.charge(tender, charge)
        await visit
        assert (heard.outcome, heard.booked, counter.taken(charge)) == (YES, 1250, 1250)

    counter.play(story())
    shown = [words for words in counter.steps if words.startswith("No answer since")]
    assert len(shown) == 1
    assert re.fullmatch(r"No answer since 0:(09|1[0-2])\.", shown[0])
    assert counter.steps[counter.steps.index(shown[0]) + 1 :]  # then it answers again
