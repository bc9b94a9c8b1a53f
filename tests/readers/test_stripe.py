"""A reader at Stripe, which speaks Stripe's API: paid, declined, left, lost, shared, given back."""

from __future__ import annotations

import asyncio
import logging
import uuid
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.readers.stripe import KEY, READER, Stripe, running
from tests.tenders.terminal.counter import START, SetClock
from till.domain.errors import ConfigError
from till.domain.ids import id_at, tick_at
from till.domain.money.measures import Minor
from till.ports import Charge, ChargeAnswer, Outcome
from till.readers.stripe import open_stripe
from till.readers.waiting import ReaderError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path


class Till:
    """One till in front of the reader."""

    def __init__(self, stripe: Stripe, folder: Path, sale_id: str = "till-1", **settings: Any) -> None:
        self.stripe = stripe
        self.clock = SetClock()
        self.words: list[str] = []
        key = folder / "key"
        key.write_text(f"{KEY}\n", "utf-8")
        key.chmod(0o600)
        port = settings.pop("port", stripe.port)
        known = {"key_file": str(key), "reader": READER, "address": f"http://127.0.0.1:{port}/v1", **settings}
        self.tender = open_stripe(known, sale_id=sale_id, clock=self.clock)
        self.tender._every = 0.01

    def new(self, amount: int = 1250, currency: str = "EUR", transaction: str = "") -> Charge:
        key = id_at(tick_at(self.clock.now()), uuid.uuid4().int)
        reference = self.tender.name_charge(key)
        return Charge(key=key, amount=Minor(amount), currency=currency, reference=reference, transaction=transaction)

    async def charge(self, charge: Charge | None = None) -> ChargeAnswer:
        return await self.tender.charge(charge or self.new(), self.words.append)

    async def refund(self, charge: Charge) -> ChargeAnswer:
        return await self.tender.refund(charge, charge.transaction)


@pytest.fixture
async def stripe() -> AsyncIterator[Stripe]:
    async with running() as one:
        one.now = START.timestamp
        yield one


@pytest.fixture
def till(stripe: Stripe, tmp_path: Path) -> Till:
    return Till(stripe, tmp_path)


def taps(stripe: Stripe, **how: Any) -> None:
    """Let a guest tap as soon as the reader is polled."""

    def looked(asked: str) -> None:
        if asked == f"GET /terminal/readers/{READER}":
            stripe.tap(**how)

    stripe.looked = looked


async def test_a_card_that_is_tapped_pays(till: Till) -> None:
    taps(till.stripe)
    charge = till.new()
    answer = await till.charge(charge)
    assert (answer.key, answer.outcome, answer.amount, answer.tip) == (charge.key, Outcome.APPROVED, 1250, 0)
    [intent] = till.stripe.intents.values()
    assert (answer.transaction, answer.card, answer.words) == (intent["id"], ("Visa", "4242"), "")
    assert till.words == ["Asking the reader.", "On the reader: €12.50"]
    assert intent["metadata"] == {"till": charge.key}


async def test_a_decline_says_why_and_leaves_nothing_to_tap(till: Till) -> None:
    def looked(_asked: str) -> None:
        till.stripe.decline()

    till.stripe.looked = looked
    answer = await till.charge()
    assert (answer.outcome, answer.words) == (
        Outcome.DECLINED,
        "The bank refused the card. It says: Your card has insufficient funds.",
    )
    assert [one["status"] for one in till.stripe.intents.values()] == ["canceled"]


async def test_esc_cancels_and_the_intent_decides(till: Till) -> None:
    charge = till.new()
    stopped: list[asyncio.Task[None]] = []

    def looked(asked: str) -> None:
        if asked.endswith(READER) and till.stripe.shown():
            stopped.append(asyncio.ensure_future(till.tender.stop(charge)))

    till.stripe.looked = looked
    answer = await till.charge(charge)
    assert (answer.outcome, answer.words) == (Outcome.DECLINED, "Cancelled at the till.")
    assert till.words[-1] == "Cancelling."
    assert till.stripe.readers[READER]["action"] is None
    assert [one["status"] for one in till.stripe.intents.values()] == ["canceled"]


async def test_esc_before_the_reader_is_asked_asks_it_no_more(till: Till) -> None:
    charge = till.new()
    stops: list[asyncio.Task[None]] = []

    def looked(asked: str) -> None:
        if asked == "POST /payment_intents":
            stops.append(asyncio.ensure_future(till.tender.stop(charge)))

    till.stripe.looked = looked
    answer = await till.charge(charge)
    assert (answer.outcome, answer.words) == (Outcome.DECLINED, "Cancelled at the till.")
    assert [path for _method, path, _sent, _key in till.stripe.asked] == ["/payment_intents"]


# Faults before the reader is asked


@pytest.mark.parametrize("fault", ["drop_before", "drop", "half", "html", "500", "429", "409", "other_mode"])
@pytest.mark.parametrize("step", [f"GET /terminal/readers/{READER}", "POST /payment_intents"])
async def test_until_the_reader_is_asked_each_fault_declines(till: Till, step: str, fault: str) -> None:
    till.stripe.faults.append((step, fault))
    charge = till.new()
    answer = await till.charge(charge)
    assert (answer.outcome, answer.words) == (
        Outcome.DECLINED,
        "Stripe does not answer: nothing was asked for. Pay another way.",
    )
    assert not [one for one in till.stripe.asked if "process" in one[1]]
    till.clock.pass_by(hours=1)
    assert (await till.tender.ask_after(charge)).outcome is (
        Outcome.UNKNOWN if fault == "500" and step.startswith("POST") else Outcome.DECLINED
    )


async def test_without_the_internet_nothing_is_sent_and_a_way_by_hand_is_named(stripe: Stripe, tmp_path: Path) -> None:
    answer = await Till(stripe, tmp_path, port=1).charge()
    assert (answer.outcome, answer.words) == (
        Outcome.DECLINED,
        "No internet: nothing was sent. Take the card by hand, or pay another way.",
    )


async def test_an_amount_that_is_too_small_is_refused_with_stripes_words(till: Till) -> None:
    answer = await till.charge(till.new(49))
    assert answer.outcome is Outcome.DECLINED
    assert "Amount must be at least €0.50" in answer.words


async def test_a_reader_that_is_offline_is_not_asked(till: Till) -> None:
    till.stripe.readers[READER]["status"] = "offline"
    answer = await till.charge()
    assert (answer.outcome, answer.words) == (
        Outcome.DECLINED,
        "The reader is offline. Is it on, and on the internet?",
    )
    assert till.stripe.intents == {}


async def test_a_reader_in_use_is_not_taken_from_the_other_till(till: Till, tmp_path: Path) -> None:
    other = Till(till.stripe, tmp_path, "till-2")
    shown = asyncio.Event()
    till.stripe.looked = lambda _asked: shown.set() if till.stripe.shown() else None
    first = asyncio.create_task(till.charge())
    await shown.wait()
    answer = await other.charge()
    assert (answer.outcome, answer.words) == (
        Outcome.DECLINED,
        "The reader is in use. Wait until it is free, or pay another way.",
    )
    taps(till.stripe)
    assert (await first).outcome is Outcome.APPROVED
    assert len(till.stripe.intents) == 1


@pytest.mark.parametrize("left_by", ["a killed till", "a lost request", "a silent reader"])
async def test_a_payment_that_is_over_does_not_keep_the_reader(till: Till, left_by: str) -> None:
    charge, stripe = till.new(), till.stripe
    shown = asyncio.Event()
    stops: list[asyncio.Task[None]] = []

    def looked(_asked: str) -> None:
        if stripe.shown() and not shown.is_set():
            shown.set()
            if left_by == "a silent reader":
                stripe.tap(lies="silent")
            elif left_by == "a lost request":
                stripe.faults.append((f"POST /terminal/readers/{READER}/cancel_action", "drop_before"))
                stops.append(asyncio.ensure_future(till.tender.stop(charge)))

    stripe.looked = looked
    first = asyncio.create_task(till.charge(charge))
    await shown.wait()
    if left_by == "a killed till":
        first.cancel()
        till.clock.pass_by(hours=1)
        await till.tender.ask_after(charge)
    await asyncio.wait([first])
    left = stripe.shown()
    assert stripe.intents[left]["status"] in {"canceled", "succeeded"}

    def tapped(asked: str) -> None:
        if asked.startswith("GET /payment_intents/") and stripe.shown() != left:
            stripe.tap()

    stripe.looked = tapped
    assert (await till.charge()).outcome is Outcome.APPROVED


@pytest.mark.parametrize(
    ("last", "sent"), [("GET /terminal/readers", []), ("POST /payment_intents", ["/payment_intents"])]
)
async def test_a_request_of_a_till_that_was_frozen_is_never_sent(till: Till, last: str, sent: list[str]) -> None:
    def looked(asked: str) -> None:
        if asked.startswith(last):
            till.clock.pass_by(seconds=11)

    till.stripe.looked = looked
    assert (await till.charge()).outcome is Outcome.DECLINED
    assert [path for _method, path, _sent, _key in till.stripe.asked] == sent
    assert till.stripe.shown() == ""


async def test_an_old_charge_is_only_asked_after(till: Till) -> None:
    charge = till.new()
    till.clock.pass_by(seconds=11)
    assert (await till.charge(charge)).outcome is Outcome.UNKNOWN
    assert till.stripe.asked == []


@pytest.mark.parametrize(
    ("amount", "currency", "units"),
    [(500, "JPY", 500), (5, "ISK", 500), (5, "UGX", 500), (1_250, "KWD", 1_250), (50_000, "MGA", 500)],
)
async def test_each_currency_is_sent_in_stripes_units(till: Till, amount: int, currency: str, units: int) -> None:
    taps(till.stripe)
    answer = await till.charge(till.new(amount, currency))
    assert (answer.outcome, answer.amount, answer.words) == (Outcome.APPROVED, amount, "")
    [intent] = till.stripe.intents.values()
    assert intent["amount_received"] == units


@pytest.mark.parametrize(("amount", "currency"), [(1_251, "KWD"), (50_001, "MGA")])
async def test_an_amount_that_stripe_cannot_express_is_refused_before(till: Till, amount: int, currency: str) -> None:
    charge = till.new(amount, currency)
    answer = await till.charge(charge)
    assert (answer.outcome, answer.words) == (
        Outcome.DECLINED,
        "Stripe takes no such amount: its last digit must be 0. Pay another way.",
    )
    assert till.stripe.intents == {}
    till.clock.pass_by(hours=1)
    assert (await till.tender.ask_after(charge)).outcome is Outcome.DECLINED


# The reader and its lies


async def test_a_tip_is_part_of_the_amount_and_asked_for_only_if_the_setting_says_so(
    till: Till, tmp_path: Path
) -> None:
    taps(till.stripe, tip=150)
    answer = await Till(till.stripe, tmp_path, tips=True).charge()
    assert (answer.amount, answer.tip, answer.words) == (1400, 150, "")
    taps(till.stripe)
    await till.charge()
    asked = [
        sent["process_config"]
        for _method, path, sent, _key in till.stripe.asked
        if path.endswith("process_payment_intent")
    ]
    assert asked == [{"skip_tipping": False}, {"skip_tipping": True}]


@pytest.mark.parametrize(
    ("given", "received", "outcome"),
    [
        (0, 1250, Outcome.APPROVED),
        (1250, 1250, Outcome.APPROVED),
        (1251, 1250, Outcome.UNKNOWN),
        (-1, 1250, Outcome.UNKNOWN),
        ("150", 1250, Outcome.UNKNOWN),
    ],
)
async def test_a_tip_beyond_the_amount_is_not_believed(
    till: Till, tmp_path: Path, given: Any, received: int, outcome: Outcome
) -> None:
    taps(till.stripe)
    charge = till.new()
    await till.charge(charge)
    (intent,) = till.stripe.intents.values()
    intent.update(amount_received=received, amount_details={"tip": {"amount": given}})
    answer = await Till(till.stripe, tmp_path).tender.ask_after(charge)
    assert answer.outcome is outcome


async def test_a_reader_that_declined_and_took_the_money_is_not_believed(till: Till) -> None:
    taps(till.stripe, lies="declined")
    answer = await till.charge()
    assert (answer.outcome, answer.amount) == (Outcome.APPROVED, 1250)


async def test_a_reader_that_is_silent_about_the_money_is_not_waited_for(till: Till) -> None:
    taps(till.stripe, lies="silent")
    assert (await till.charge()).outcome is Outcome.APPROVED


async def test_another_amount_is_named(till: Till) -> None:
    taps(till.stripe, amount=1300)
    answer = await till.charge()
    assert (answer.outcome, answer.amount, answer.words) == (
        Outcome.APPROVED,
        1300,
        "The reader took €13.00; €12.50 was asked for.",
    )


async def test_another_currency_is_unknown(till: Till) -> None:
    taps(till.stripe)
    charge = till.new()
    await till.charge(charge)
    other = Charge(key=charge.key, amount=charge.amount, currency="USD", reference=charge.reference)
    assert (await till.tender.ask_after(other)).outcome is Outcome.UNKNOWN


@pytest.mark.parametrize("fault", ["drop_before", "drop", "half", "html", "500", "429", "409", "false_timeout"])
@pytest.mark.parametrize("is_tapped", [True, False])
async def test_a_lost_request_to_the_reader_is_cancelled_then_read(till: Till, fault: str, *, is_tapped: bool) -> None:
    """The reader may have it: the guest taps in the moment before the intent is cancelled."""

    def looked(asked: str) -> None:
        if asked.endswith("/cancel") and is_tapped:
            till.stripe.tap()

    till.stripe.looked = looked
    till.stripe.faults.append((f"POST /terminal/readers/{READER}/process", fault))
    answer = await till.charge()
    [intent] = till.stripe.intents.values()
    assert (answer.outcome, intent["status"]) in {
        (Outcome.APPROVED, "succeeded"),
        (Outcome.DECLINED, "canceled"),
    }
    assert till.stripe.shown() == ""
    assert len([path for _method, path, _sent, _key in till.stripe.asked if "process" in path]) <= 1


@pytest.mark.parametrize("fault", ["drop_before", "drop", "half", "html", "500", "429", "409"])
@pytest.mark.parametrize("step", ["GET /terminal", "GET /payment_intents"])
async def test_a_poll_that_is_lost_is_repeated(till: Till, step: str, fault: str) -> None:
    polls = iter([*[None] * 4, (step, fault)])

    def looked(asked: str) -> None:
        if asked.startswith("GET /payment_intents/") and next(polls, (step, fault)) is None:
            till.stripe.faults.append((step, fault))
        elif asked.startswith("GET /payment_intents/"):
            till.stripe.tap()

    till.stripe.looked = looked
    assert (await till.charge()).amount == 1250


async def test_guest_who_does_not_pay_in_time_is_cancelled(till: Till) -> None:
    def looked(_asked: str) -> None:
        if till.stripe.shown():
            till.clock.pass_by(seconds=30)

    till.stripe.looked = looked
    answer = await till.charge()
    assert (answer.outcome, answer.words) == (Outcome.DECLINED, "Nobody paid in time.")
    assert till.stripe.shown() == ""


async def test_esc_against_a_tap_counts_as_the_intent_says(till: Till) -> None:
    charge = till.new()
    stops: list[asyncio.Task[None]] = []

    def looked(asked: str) -> None:
        if asked.startswith("GET /payment_intents/") and not stops:
            stops.append(asyncio.ensure_future(till.tender.stop(charge)))
            till.stripe.begin()
        elif asked.endswith("/cancel"):
            till.stripe.finish()

    till.stripe.looked = looked
    assert (await till.charge(charge)).outcome is Outcome.APPROVED
    assert [one["status"] for one in till.stripe.intents.values()] == ["succeeded"]


@pytest.mark.parametrize("fault", ["drop_before", "drop", "500", "429"])
async def test_a_cancel_that_is_lost_is_sent_again(till: Till, fault: str) -> None:
    till.stripe.looked = lambda _asked: till.stripe.decline()
    till.stripe.faults.append(("POST /payment_intents/", fault))
    answer = await till.charge()
    assert answer.outcome is Outcome.DECLINED
    assert [one["status"] for one in till.stripe.intents.values()] == ["canceled"]


async def test_an_intent_that_cannot_be_cancelled_or_read_stays_unknown(till: Till) -> None:
    charge = till.new()

    def looked(asked: str) -> None:
        till.clock.pass_by(seconds=1)
        till.stripe.begin()
        if asked.endswith("/cancel"):
            till.clock.pass_by(seconds=30)

    till.stripe.looked = looked
    answer = await till.charge(charge)
    assert (answer.outcome, answer.words) == (Outcome.UNKNOWN, "The reader is still busy with this card.")
    till.stripe.looked = lambda _asked: None
    till.stripe.finish()
    till.clock.pass_by(hours=1)
    assert (await till.tender.ask_after(charge)).outcome is Outcome.APPROVED


async def test_a_reader_that_another_program_takes_over_ends_the_payment(till: Till) -> None:
    def looked(asked: str) -> None:
        if asked.startswith("GET /payment_intents/"):
            till.stripe.readers[READER]["action"] = {"type": "set_reader_display", "status": "in_progress"}

    till.stripe.looked = looked
    answer = await till.charge()
    assert (answer.outcome, answer.words) == (
        Outcome.DECLINED,
        "The reader was taken for another payment, or cleared.",
    )
    assert till.stripe.readers[READER]["action"] is not None
    assert [one["status"] for one in till.stripe.intents.values()] == ["canceled"]


async def test_an_answer_about_another_payment_is_none(till: Till) -> None:
    def looked(asked: str) -> None:
        for intent in till.stripe.intents.values():
            intent["metadata"] = {"till": "another"}
        if till.stripe.shown():
            till.clock.pass_by(seconds=30)
        if asked.endswith("/cancel"):
            till.stripe.tap()

    till.stripe.looked = looked
    answer = await till.charge()
    assert (answer.outcome, answer.words) == (Outcome.UNKNOWN, "Stripe answered for another payment.")


# Asked after


async def test_a_till_that_was_killed_and_another_hear_what_was_paid(till: Till, tmp_path: Path) -> None:
    charge = till.new()
    shown = asyncio.Event()
    till.stripe.looked = lambda _asked: shown.set() if till.stripe.shown() else None
    payment = asyncio.create_task(till.charge(charge))
    await shown.wait()
    payment.cancel()
    with pytest.raises(asyncio.CancelledError):
        await payment
    others = [Till(till.stripe, tmp_path, "till-2"), Till(till.stripe, tmp_path)]
    for other in others:
        assert (await other.tender.ask_after(charge)).outcome is Outcome.UNKNOWN
    assert till.stripe.tap()
    answers = [await other.tender.ask_after(charge) for other in others]
    assert {(one.key, one.outcome, one.amount) for one in answers} == {(charge.key, Outcome.APPROVED, 1250)}


async def test_asking_after_it_cancels_once_the_guests_time_is_over(till: Till, tmp_path: Path) -> None:
    charge = till.new()
    shown = asyncio.Event()
    till.stripe.looked = lambda _asked: shown.set() if till.stripe.shown() else None
    payment = asyncio.create_task(till.charge(charge))
    await shown.wait()
    payment.cancel()
    other = Till(till.stripe, tmp_path, "till-2")
    other.clock.pass_by(seconds=109)
    assert (await other.tender.ask_after(charge)).outcome is Outcome.UNKNOWN
    assert till.stripe.shown() != ""
    other.clock.pass_by(seconds=2)
    assert (await other.tender.ask_after(charge)).outcome is Outcome.DECLINED
    assert not till.stripe.tap()


async def test_a_frozen_till_cannot_use_an_intent_that_another_made_and_cancelled(
    till: Till, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The create leaves after another till asked after the payment, and the rest follows."""
    charge = till.new()
    other = Till(till.stripe, tmp_path, "till-2")
    other.clock.pass_by(hours=1)
    assert (await other.tender.ask_after(charge)).outcome is Outcome.DECLINED
    monkeypatch.setattr(till.tender, "_check_age", lambda _charge: None)  # its requests are on the line already
    taps(till.stripe)
    assert (await till.charge(charge)).outcome is Outcome.DECLINED
    assert till.stripe.taken == {}
    assert len(till.stripe.intents) == 1


async def test_a_till_with_a_wrong_clock_made_an_intent_that_the_key_finds(till: Till, tmp_path: Path) -> None:
    charge = till.new()
    till.stripe.now = lambda: START.timestamp() - 90_000
    taps(till.stripe)
    await till.charge(charge)
    other = Till(till.stripe, tmp_path, "till-2")
    other.clock.pass_by(hours=1)
    assert (await other.tender.ask_after(charge)).outcome is Outcome.APPROVED


async def test_after_twenty_hours_a_person_settles_what_stripe_does_not_have(till: Till) -> None:
    charge = till.new()
    till.clock.pass_by(hours=21)
    answer = await till.tender.ask_after(charge)
    assert (answer.outcome, answer.words) == (
        Outcome.UNKNOWN,
        "Stripe has no such payment. Look at its list.",
    )
    assert till.stripe.asked == []


async def test_another_account_proves_nothing(till: Till) -> None:
    charge = till.new()
    till.stripe.readers.clear()
    till.clock.pass_by(hours=1)
    assert (await till.tender.ask_after(charge)).outcome is Outcome.UNKNOWN
    assert till.stripe.asked == []


async def test_an_intent_behind_a_hundred_others_is_found(till: Till) -> None:
    taps(till.stripe)
    charge = till.new()
    await till.charge(charge)
    [(name, intent)] = till.stripe.intents.items()
    till.stripe.intents |= {f"pi_{n}": intent | {"id": f"pi_{n}", "metadata": {}} for n in range(150)}
    assert (await till.tender.ask_after(charge)).transaction == name
    assert len([one for one in till.stripe.heads if one.startswith("GET /v1/payment_intents?")]) == 2


@pytest.mark.parametrize("fault", ["drop_before", "half", "html", "500", "429"])
async def test_asking_after_it_never_guesses(till: Till, fault: str) -> None:
    taps(till.stripe)
    charge = till.new()
    await till.charge(charge)
    till.clock.pass_by(hours=1)
    till.stripe.faults.append(("GET /payment_intents", fault))
    assert (await till.tender.ask_after(charge)).outcome is Outcome.UNKNOWN
    assert (await till.tender.ask_after(charge)).outcome is Outcome.APPROVED


# Refunds


async def paid(till: Till) -> str:
    taps(till.stripe)
    return (await till.charge()).transaction


async def test_a_payment_is_given_back_in_parts(till: Till) -> None:
    transaction = await paid(till)
    refunds = [till.new(500, transaction=transaction), till.new(750, transaction=transaction)]
    answers = [await till.refund(one) for one in refunds]
    assert [(one.outcome, one.amount) for one in answers] == [(Outcome.APPROVED, 500), (Outcome.APPROVED, 750)]
    assert [(await till.tender.ask_after(one)).transaction for one in refunds] == [one.transaction for one in answers]
    more = await till.refund(till.new(1, transaction=transaction))
    assert more.outcome is Outcome.DECLINED
    assert "greater than unrefunded amount" in more.words


@pytest.mark.parametrize("fault", ["drop", "half", "html"])
async def test_a_refund_whose_answer_was_lost_is_made_once(till: Till, tmp_path: Path, fault: str) -> None:
    transaction = await paid(till)
    refund = till.new(500, transaction=transaction)
    till.stripe.faults.append(("POST /refunds", fault))
    assert (await till.refund(refund)).outcome is Outcome.UNKNOWN
    assert (await till.refund(refund)).outcome is Outcome.APPROVED
    assert (await Till(till.stripe, tmp_path, "till-2").tender.ask_after(refund)).outcome is Outcome.APPROVED
    assert len(till.stripe.refunds) == 1


@pytest.mark.parametrize("fault", ["drop_before", "500", "429", "409"])
async def test_a_refund_that_never_arrived_is_declined_after_its_time(till: Till, fault: str) -> None:
    transaction = await paid(till)
    refund = till.new(500, transaction=transaction)
    till.stripe.faults.append(("POST /refunds", fault))
    assert (await till.refund(refund)).outcome is Outcome.UNKNOWN
    assert (await till.tender.ask_after(refund)).outcome is Outcome.UNKNOWN
    till.clock.pass_by(hours=1)
    assert (await till.tender.ask_after(refund)).outcome is Outcome.DECLINED
    assert till.stripe.refunds == []


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        ("succeeded", Outcome.APPROVED),
        ("pending", Outcome.UNKNOWN),
        ("requires_action", Outcome.UNKNOWN),
        ("failed", Outcome.DECLINED),
        ("canceled", Outcome.DECLINED),
    ],
)
async def test_each_status_of_a_refund_has_its_outcome(till: Till, status: str, outcome: Outcome) -> None:
    transaction = await paid(till)
    till.stripe.refund_status = status
    assert (await till.refund(till.new(500, transaction=transaction))).outcome is outcome


async def test_interac_and_money_of_no_payment_are_refused_in_words(till: Till) -> None:
    transaction = await paid(till)
    details = {"type": "interac_present", "interac_present": {}}
    till.stripe.intents[transaction]["latest_charge"]["payment_method_details"] = details
    answer = await till.refund(till.new(500, transaction=transaction))
    assert (answer.outcome, answer.words) == (
        Outcome.DECLINED,
        "Interac is refunded with the card. Refund it another way.",
    )
    assert (await till.refund(till.new(500))).outcome is Outcome.DECLINED
    assert till.stripe.refunds == []


async def test_a_refund_of_a_till_that_was_frozen_is_never_sent(till: Till) -> None:
    transaction = await paid(till)
    refund = till.new(500, transaction=transaction)
    till.stripe.looked = lambda _asked: till.clock.pass_by(seconds=11)
    assert (await till.refund(refund)).outcome is Outcome.DECLINED
    assert till.stripe.refunds == []


# Setting up


async def test_readers_are_listed_and_the_test_mode_is_named(till: Till, tmp_path: Path) -> None:
    till.stripe.add_reader("tmr_garden", "Garden")
    listed = await till.tender.readers()
    assert [(one.id, one.name, one.state) for one in listed] == [
        (READER, "Bar", "online"),
        ("tmr_garden", "Garden", "online"),
    ]
    assert await till.tender.health() == "TEST MODE: Bar is online."
    assert (till.tender.traits.label, till.tender.traits.is_test) == ("CARD", True)
    with pytest.raises(ReaderError, match="Register the reader at Stripe"):
        await till.tender.pair("apple-pie", "Bar")
    unset = Till(till.stripe, tmp_path, reader="")
    answer = await unset.charge()
    assert answer.words == "No reader is set. `till admin tenders readers CARD` lists them."


async def test_a_service_that_is_away_or_takes_no_key_is_reported(till: Till, tmp_path: Path) -> None:
    till.stripe.key = "rk_test_other"
    with pytest.raises(ReaderError, match="Invalid API Key"):
        await till.tender.health()
    with pytest.raises(ReaderError, match="No internet"):
        await Till(till.stripe, tmp_path, port=1).tender.readers()


async def test_no_key_is_logged_or_shown(till: Till, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    till.stripe.faults += [("POST /terminal", "drop"), ("POST /payment_intents/", "drop")]
    await till.charge()
    assert KEY not in caplog.text + repr(vars(till.tender)) + repr(till.tender._api)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"timeout_s": 5}, "timeout_s of a reader must be seconds from 30 to 300, not 5."),
        ({"tips": "maybe"}, "tips of a reader must be true or false, not 'maybe'."),
        ({"secret": "x"}, "A reader has no setting “secret”. There are: key_file, "),
        ({"reader": "tmr/1"}, "reader of a reader must be an id of letters and digits"),
        ({"address": "http://api.stripe.com/v1"}, "A reader needs https://"),
    ],
)
def test_a_wrong_setting_is_refused_with_a_sentence(
    stripe: Stripe, tmp_path: Path, change: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(ConfigError) as refused:
        Till(stripe, tmp_path, **change)
    assert str(refused.value).startswith(sentence)


@pytest.mark.parametrize(("content", "mode"), [("pk_live_1", 0o600), ("rk_live_1", 0o644), ("", 0o600)])
def test_a_key_file_is_private_and_holds_a_secret_key(tmp_path: Path, content: str, mode: int) -> None:
    (tmp_path / "key").write_text(content, "utf-8")
    (tmp_path / "key").chmod(mode)
    with pytest.raises(ConfigError, match=r"holds no key|Others can read"):
        open_stripe({"key_file": str(tmp_path / "key")}, sale_id="till-1", clock=SetClock())


async def test_the_list_has_payments_and_refunds_and_names_what_no_till_asked_for(till: Till, stripe: Stripe) -> None:
    taps(stripe)
    paid = [await till.charge() for _payment in range(3)]
    assert (await till.refund(till.new(250, transaction=paid[0].transaction))).outcome is Outcome.APPROVED
    stripe.intents[paid[2].transaction]["metadata"] = {}
    rows = await till.tender.listed(START)
    assert sorted((one.reference, one.amount, one.other) for one in rows) == sorted(
        [(paid[0].transaction, 1250, ""), (paid[1].transaction, 1250, ""), (paid[0].transaction, -250, ""),
         (paid[2].transaction, 1250, "of no till")]
    )  # fmt: skip
    assert {one.at for one in rows} == {START}
    assert await till.tender.listed(START + timedelta(seconds=1)) == ()
    stripe.faults.append(("GET /refunds", "500"))
    with pytest.raises(ReaderError):
        await till.tender.listed(START)
