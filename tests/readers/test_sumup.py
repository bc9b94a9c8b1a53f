"""A Solo at SumUp: what its answers mean, each lie of the provider, and refunds."""

from __future__ import annotations

import asyncio
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

import pytest

from tests.readers.sumup import AFFILIATE, APP, KEY, MERCHANT, READER, Guest, Line, SumUp, SumUpJudge
from tests.register.fakes import SetClock
from tests.register.payments.scripted import played
from till.domain.errors import ConfigError
from till.domain.ids import id_at, tick_at
from till.domain.money.measures import Minor
from till.ports import Charge, ChargeAnswer, Outcome
from till.readers.api import ReaderApi
from till.readers.settings import SumUpSettings, secret_in
from till.readers.sumup import SumUpTender
from till.tenders.http import HttpAddress

if TYPE_CHECKING:
    from collections.abc import Coroutine
    from pathlib import Path

T = TypeVar("T")
#: The faults of a request that leave open what it did.
SILENT = ("408", "409", "425", "500", "503", "lost", "lost before", "late", "half", "html")


@dataclass
class Till:
    """A till in front of the reader."""

    sumup: SumUp
    clock: Any
    number: int = 1
    tips: bool = False
    words: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        settings = SumUpSettings(
            key_file="k", affiliate_file="a", app_id=APP, merchant=MERCHANT, reader=READER, tips=self.tips
        )
        api = ReaderApi(HttpAddress("sumup", 443, "", tls=False), KEY, 6.0)
        self.tender = SumUpTender(settings, api, self.clock, sale_id=f"till-{self.number}", affiliate=AFFILIATE)

    def new(self, amount: int = 1250, currency: str = "EUR", transaction: str = "") -> Charge:
        key = id_at(tick_at(self.clock.now()), uuid.uuid4().int)
        reference = self.tender.name_charge(key)
        return Charge(key=key, amount=Minor(amount), currency=currency, reference=reference, transaction=transaction)

    async def charge(self, charge: Charge | None = None) -> ChargeAnswer:
        return await self.tender.charge(charge or self.new(), self.words.append)


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def sumup(clock: SetClock, monkeypatch: pytest.MonkeyPatch) -> SumUp:
    one = SumUp(clock.now, SumUpJudge())
    monkeypatch.setattr("till.readers.api.ask", Line(one).ask)
    return one


@pytest.fixture
def till(sumup: SumUp, clock: SetClock) -> Till:
    return Till(sumup, clock)


def run(till: Till, story: Coroutine[Any, Any, T]) -> T:
    return played(till.clock, story)


def test_a_payment_with_its_steps_its_code_and_its_card(till: Till) -> None:
    till.sumup.guests = [Guest(after=9.0)]
    answer = run(till, till.charge())
    assert (answer.outcome, answer.amount, answer.tip) == (Outcome.APPROVED, 1250, 0)
    assert (answer.transaction, answer.card, answer.words) == ("TAAA000001", ("Visa", "0366"), "")
    assert till.words == ["On the reader: 12.50", "choosing a tip", "waiting for the card", "PIN"]


def test_a_tip_is_contained_in_the_amount(sumup: SumUp, clock: SetClock) -> None:
    till, sumup.guests = Till(sumup, clock, tips=True), [Guest(after=3.0, tip="1.88")]
    answer = run(till, till.charge())
    assert (answer.outcome, answer.amount, answer.tip, answer.words) == (Outcome.APPROVED, 1438, 188, "")
    assert sumup.asked[0][2]["tip_rates"] == [0.05, 0.1, 0.15]


def sent(sumup: SumUp, part: str) -> int:
    """Return how many requests that contain a text reached SumUp."""
    return sum(part in f"{method} {target}" for method, target, _body in sumup.asked)


def later(till: Till, charge: Charge, seconds: float) -> ChargeAnswer:
    """Ask some seconds later, as any till does."""
    till.clock.move(seconds=seconds)
    return run(till, till.tender.ask_after(charge))


@pytest.mark.parametrize(
    ("fault", "outcome", "words"),
    [
        ("400", Outcome.DECLINED, 'SumUp refused. It says: {"message": "no"}'),
        ("401", Outcome.DECLINED, "SumUp does not accept the key in key_file."),
        ("404", Outcome.DECLINED, 'SumUp refused. It says: {"message": "no"}'),
        ("422", Outcome.DECLINED, 'SumUp refused. It says: {"message": "no"}'),
        ("unreachable", Outcome.DECLINED, "SumUp cannot be reached, so nothing was sent."),
        ("frozen", Outcome.DECLINED, "SumUp cannot be reached, so nothing was sent."),
        ("403", Outcome.UNKNOWN, "SumUp has no outcome yet."),
        ("429", Outcome.UNKNOWN, "SumUp has no outcome yet."),
        *((fault, Outcome.UNKNOWN, "SumUp does not answer. Trying again.") for fault in SILENT),
    ],
)
def test_a_checkout_is_sent_once_whatever_is_answered(till: Till, fault: str, outcome: Outcome, words: str) -> None:
    till.sumup.faults, charge = [("/checkout", fault)], till.new()
    first = run(till, till.charge(charge))
    assert (first.outcome, first.words) == (outcome, words)
    run(till, till.charge(charge))
    assert sent(till.sumup, "POST") == (0 if fault in {"unreachable", "frozen", "lost before", "late"} else 1)


def test_a_reader_that_is_offline_or_busy_declines_in_words(till: Till, sumup: SumUp, clock: SetClock) -> None:
    sumup.online = False
    assert run(till, till.charge()).words == "The reader is offline. Is it on, and on the internet?"
    sumup.online, sumup.guests = True, [Guest(after=20.0)]
    other, answers = Till(sumup, clock, 2), []

    async def both() -> None:
        first = asyncio.create_task(till.charge())
        await asyncio.sleep(3)
        answers.append(await other.charge())
        answers.append(await first)

    run(till, both())
    busy = "The reader is busy with another payment. Wait, or pay in another way."
    assert [(one.outcome, one.words) for one in answers] == [(Outcome.DECLINED, busy), (Outcome.APPROVED, "")]
    assert sumup.stopped == []


def test_an_answer_that_was_lost_is_found_by_any_till_under_the_key(sumup: SumUp, clock: SetClock) -> None:
    till, charge = Till(sumup, clock), Till(sumup, clock).new()
    sumup.faults, sumup.guests = [("/checkout", "lost")], [Guest(after=5.0)]
    assert run(till, till.charge(charge)).outcome is Outcome.UNKNOWN
    answer = later(Till(sumup, clock, 2), charge, 1)
    assert (answer.outcome, answer.amount, answer.transaction) == (Outcome.APPROVED, 1250, "TAAA000001")


def test_nothing_listed_is_no_proof_and_a_person_reads_what_is(till: Till) -> None:
    till.sumup.faults, charge = [("/checkout", "lost before")], till.new()
    run(till, till.charge(charge))
    assert later(till, charge, 30).words == "SumUp has no outcome yet."
    answer = later(till, charge, 86_400)
    assert answer.outcome is Outcome.UNKNOWN
    assert answer.words == "SumUp has no outcome for it. Of that amount or more it lists: nothing."
    till.clock.move(seconds=-86_000)
    run(till, till.charge())
    answer = later(till, charge, 86_400)
    assert answer.words.endswith("it lists: TAAA000001 (12.5).")


def test_a_failed_transaction_is_a_proof_only_after_the_guests_time(till: Till, sumup: SumUp, clock: SetClock) -> None:
    sumup.guests, charge = [Guest("fails", after=4.0)], till.new()
    answer = run(till, till.charge(charge))  # its checkout ended: this till knows
    assert (answer.outcome, answer.words) == (Outcome.DECLINED, "Declined or cancelled.")
    other = Till(sumup, clock, 2)
    assert later(other, charge, 1).outcome is Outcome.UNKNOWN
    assert later(other, charge, 90).outcome is Outcome.DECLINED


def test_a_failed_transaction_is_no_proof_while_our_own_checkout_waits(till: Till, sumup: SumUp) -> None:
    sumup.guests, charge = [Guest("fails", after=4.0, says="pending")], till.new()
    assert run(till, till.charge(charge)).outcome is Outcome.UNKNOWN
    assert later(till, charge, 600).outcome is Outcome.UNKNOWN, "another card may still pay it"


def test_a_second_card_counts_after_the_first_failed(till: Till, sumup: SumUp, clock: SetClock) -> None:
    sumup.guests, other, charge = [Guest(after=20.0, second=True)], Till(sumup, clock, 2), till.new()

    async def story() -> list[Outcome]:
        first = asyncio.create_task(till.charge(charge))
        await asyncio.sleep(14)
        asked = await other.tender.ask_after(charge)
        return [asked.outcome, (await first).outcome]

    assert run(till, story()) == [Outcome.UNKNOWN, Outcome.APPROVED]
    assert [one["status"] for one in sumup.transactions] == ["FAILED", "SUCCESSFUL"]


@pytest.mark.parametrize(("tips", "outcome"), [(False, Outcome.APPROVED), (True, Outcome.UNKNOWN)])
def test_a_successful_checkout_that_is_not_listed_for_a_minute(
    sumup: SumUp, clock: SetClock, tips: bool, outcome: Outcome
) -> None:
    till, sumup.guests = Till(sumup, clock, tips=tips), [Guest(after=2.0, listed=10_000)]
    charge = till.new()
    answer = run(till, till.charge(charge))
    assert answer.outcome is outcome
    if answer.outcome is Outcome.APPROVED:
        (one,) = sumup.checkouts.values()
        assert (answer.transaction, answer.amount) == (one.client_id, 1250)
    assert run(till, Till(sumup, clock, 2).tender.ask_after(charge)).outcome is Outcome.UNKNOWN


def test_a_payment_that_is_listed_late_is_approved(till: Till) -> None:
    till.sumup.guests = [Guest(after=2.0, listed=40)]
    answer = run(till, till.charge())
    assert (answer.outcome, answer.transaction) == (Outcome.APPROVED, "TAAA000001")


def test_declined_and_taken_is_found_by_a_late_look(till: Till) -> None:
    till.sumup.guests, charge = [Guest(after=2.0, says="failed", listed=200)], till.new()
    assert run(till, till.charge(charge)).outcome is Outcome.DECLINED
    assert till.tender.traits.looks_late
    assert later(till, charge, 60).outcome is Outcome.DECLINED
    assert later(till, charge, 240).outcome is Outcome.APPROVED


def test_taken_and_silent_is_found_when_the_guests_time_is_over(till: Till) -> None:
    till.sumup.guests = [Guest(after=2.0, says="pending")]
    assert run(till, till.charge()).outcome is Outcome.APPROVED


@pytest.mark.parametrize(
    ("guest", "outcome", "stopped"),
    [
        (Guest(after=30.0), Outcome.DECLINED, 1),
        (Guest(after=12.0, deaf=True), Outcome.APPROVED, 0),
        (Guest(after=2.0, says="pending"), Outcome.APPROVED, 0),
        (Guest("leaves"), Outcome.DECLINED, 1),
    ],
)
def test_esc_is_answered_by_what_became_of_the_payment(
    till: Till, guest: Guest, outcome: Outcome, stopped: int
) -> None:
    """Four guests: one is stopped, one taps all the same, one had paid, and nobody was there."""
    till.sumup.guests = [guest]

    async def story() -> ChargeAnswer:
        charge = till.new()
        task = asyncio.create_task(till.charge(charge))
        await asyncio.sleep(7)
        await till.tender.stop(charge)
        return await task

    answer = run(till, story())
    assert (answer.outcome, answer.words) == (outcome, "Cancelled." if outcome is Outcome.DECLINED else "")
    assert "Cancelling." in till.words
    assert len(till.sumup.stopped) == stopped


def test_the_checkout_of_another_till_is_not_stopped(till: Till, sumup: SumUp) -> None:
    """The checkout ended, and the status does not say so: another till's is on the reader when Esc comes."""
    sumup.guests = [Guest("fails", after=1.0, says="successful", listed=500), Guest(after=50.0)]

    async def story() -> None:
        charge = till.new()
        first = asyncio.create_task(till.charge(charge))
        await asyncio.sleep(5)
        second = asyncio.create_task(Till(sumup, till.clock, 2).charge())
        await asyncio.sleep(2)
        await till.tender.stop(charge)
        assert (await second).outcome is Outcome.APPROVED
        await first

    run(till, story())
    assert (sent(sumup, "terminate"), sumup.stopped) == (0, [])


def test_a_service_without_ids_of_checkouts_is_asked_by_the_key_and_stops_nothing(till: Till) -> None:
    till.sumup.has_checkout_ids, till.sumup.guests = False, [Guest(after=5.0), Guest("leaves")]
    assert run(till, till.charge()).outcome is Outcome.APPROVED
    assert run(till, till.charge()).outcome is Outcome.UNKNOWN
    assert sent(till.sumup, "terminate") == 0


def test_another_amount_is_approved_with_a_sentence_and_another_currency_is_unknown(till: Till, sumup: SumUp) -> None:
    sumup.guests = [Guest(taken="13.00"), Guest(refunded=True)]
    answer = run(till, till.charge())
    assert (answer.outcome, answer.amount) == (Outcome.APPROVED, 1300)
    assert answer.words == "The reader took €13.00; €12.50 was asked for."
    assert run(till, till.charge()).outcome is Outcome.UNKNOWN
    charge = till.new()
    for amount, currency in ((12.5, "CHF"), (12.505, "EUR"), (1e20, "EUR"), (12.5, "EUR")):
        sumup.transactions[0] |= {"foreign_transaction_id": charge.key, "amount": amount, "currency": currency}
        outcome = Outcome.APPROVED if (amount, currency) == (12.5, "EUR") else Outcome.UNKNOWN
        assert run(till, till.tender.ask_after(charge)).outcome is outcome


@pytest.mark.parametrize("fault", ["lost", "half", "html", "401", "429", "500"])
def test_no_fault_of_a_question_is_an_answer(till: Till, fault: str) -> None:
    till.sumup.guests, charge = [Guest(after=2.0)], till.new()
    till.sumup.faults = [("GET", fault)] * 3
    assert run(till, till.charge(charge)).outcome is Outcome.APPROVED
    till.sumup.faults = [("transactions", fault)]
    assert run(till, till.tender.ask_after(charge)).outcome is Outcome.UNKNOWN


@pytest.mark.parametrize(("amount", "value"), [(125_000, 1250), (125_050, None)])
def test_forints_are_whole(till: Till, amount: int, value: int | None) -> None:
    answer = run(till, till.charge(till.new(amount, "HUF")))
    if value is None:
        assert (answer.outcome, till.sumup.asked) == (Outcome.DECLINED, [])
        assert answer.words.startswith("SumUp takes whole amounts of this currency.")
        return
    assert (answer.outcome, answer.amount) == (Outcome.APPROVED, amount)
    assert till.sumup.asked[0][2]["total_amount"] == {"currency": "HUF", "minor_unit": 0, "value": value}


def test_a_payment_of_another_reader_is_only_asked_after(till: Till, sumup: SumUp) -> None:
    charge = till.new()
    till.tender._reader = "rdr_" + "B" * 26
    run(till, till.charge(charge))
    assert sent(sumup, "POST") == 0


# Refunds


@pytest.fixture
def paid(till: Till) -> str:
    """The code of a payment of 12.50."""
    return run(till, till.charge()).transaction


def refund(till: Till, paid: str, amount: int = 250, charge: Charge | None = None) -> ChargeAnswer:
    return run(till, till.tender.refund(charge or till.new(amount, transaction=paid), paid))


def test_parts_are_refunded_until_nothing_is_left(till: Till, paid: str) -> None:
    for _part in range(2):
        answer = refund(till, paid, 500)
        assert (answer.outcome, answer.amount, answer.transaction) == (Outcome.APPROVED, 500, paid)
    refused = refund(till, paid, 500)
    assert refused.outcome is Outcome.DECLINED
    assert "max_refundable_amount" in refused.words
    assert [one["amount"] for one in till.sumup.transactions[0]["transaction_events"]] == [5, 5]


@pytest.mark.parametrize(
    ("fault", "outcome"),
    [("409", Outcome.DECLINED), ("403", Outcome.DECLINED), ("422", Outcome.DECLINED), ("frozen", Outcome.DECLINED),
     ("500", Outcome.UNKNOWN), ("429", Outcome.UNKNOWN), ("lost", Outcome.UNKNOWN), ("lost before", Outcome.UNKNOWN)],
)  # fmt: skip
def test_a_refund_is_sent_once(till: Till, paid: str, fault: str, outcome: Outcome) -> None:
    till.sumup.faults, charge = [("refunds", fault)], till.new(250, transaction=paid)
    assert refund(till, paid, charge=charge).outcome is outcome
    refund(till, paid, charge=charge)
    assert sent(till.sumup, "refunds") <= 1


def test_a_lost_refund_is_found_by_its_event_and_none_or_two_are_a_persons(till: Till, paid: str) -> None:
    refund(till, paid)  # an equal one before: it is no answer
    till.clock.move(seconds=2)
    till.sumup.faults = [("refunds", "lost before"), ("refunds", "lost")]
    lost, found = till.new(250, transaction=paid), till.new(250, transaction=paid)
    assert refund(till, paid, charge=lost).outcome is Outcome.UNKNOWN
    assert later(till, lost, 60).outcome is Outcome.UNKNOWN
    found = till.new(250, transaction=paid)
    assert refund(till, paid, charge=found).outcome is Outcome.UNKNOWN
    other = Till(till.sumup, till.clock, 2)
    answer = later(other, found, 5)
    assert (answer.outcome, answer.amount) == (Outcome.APPROVED, 250)
    refund(till, paid)
    assert later(other, found, 5).outcome is Outcome.UNKNOWN


@pytest.mark.usefixtures("paid")
def test_a_refund_of_what_sumup_does_not_list_is_refused(till: Till) -> None:
    assert refund(till, "TZZZ").words == "SumUp cannot refund that. Refund it another way."
    client_id = till.sumup.transactions[0]["client_transaction_id"]
    assert refund(till, client_id).outcome is Outcome.APPROVED


@pytest.mark.parametrize(
    ("line", "secret"), [("\ufeffsup_sk_a\r\n", "sup_sk_a"), (" sup_sk_a \n", "sup_sk_a"), ("sup_ßk", "")]
)
def test_a_key_that_no_header_field_can_hold_is_refused_at_the_start(tmp_path: Path, line: str, secret: str) -> None:
    """With it each payment would be unknown, and wait for a manager."""
    file = tmp_path / "key"
    file.write_bytes(line.encode())
    file.chmod(0o600)
    if secret:
        assert secret_in(str(file)) == secret
    else:
        with pytest.raises(ConfigError, match="holds no key"):
            secret_in(str(file))
