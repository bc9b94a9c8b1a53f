"""UPI by a code, at a gateway that speaks Razorpay's API: paid, left, lost, given back."""

from __future__ import annotations

import asyncio
import logging
import uuid
from typing import TYPE_CHECKING, Any

import pytest

from tests.gateway.server import KEYS, Gateway, running
from tests.plugins.made_up import made_up
from tests.tenders.terminal.counter import START, SetClock
from till.domain.errors import ConfigError
from till.domain.i18n import speaking
from till.domain.ids import id_at, tick_at
from till.domain.money.measures import Minor
from till.ports import Charge, ChargeAnswer, Outcome, TenderTraits
from till.tenders.gateway.api import Api, Keys
from till.tenders.gateway.opening import open_gateway
from till.tenders.gateway.tender import GatewayError, GatewayTender
from till.tenders.http import HttpAddress

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

_WITHIN = 180.0


class Till:
    """One till in front of the gateway."""

    def __init__(self, gateway: Gateway, sale_id: str = "till-1", port: int = 0) -> None:
        self.gateway = gateway
        self.clock = SetClock()
        self.words: list[str] = []
        key_id, _, secret = KEYS.partition(":")
        api = Api(HttpAddress("127.0.0.1", port or gateway.port, "/v1", tls=False), None, Keys(key_id, secret), 5.0)
        self.tender = GatewayTender(
            TenderTraits(name="UPI", label="UPI", key="u"),
            api,
            self.clock,
            sale_id=sale_id,
            name="Till",
            within=_WITHIN,
            every=0.01,
        )

    def new(self, amount: int = 1250) -> Charge:
        key = id_at(tick_at(self.clock.now()), uuid.uuid4().int)
        return Charge(key=key, amount=Minor(amount), currency="INR", reference=self.tender.name_charge(key))

    async def charge(self, charge: Charge | None = None) -> ChargeAnswer:
        return await self.tender.charge(charge or self.new(), self.words.append)


@pytest.fixture
async def gateway() -> AsyncIterator[Gateway]:
    async with running() as one:
        one.now = int(START.timestamp())
        yield one


@pytest.fixture
def till(gateway: Gateway) -> Till:
    return Till(gateway)


async def test_a_code_is_shown_and_paid(till: Till) -> None:
    till.gateway.looked = till.gateway.pay
    charge = till.new()
    answer = await till.charge(charge)
    assert (answer.key, answer.outcome, answer.amount) == (charge.key, Outcome.APPROVED, 1250)
    assert answer.transaction == till.gateway.payments[0]["id"]
    assert till.words == ["Asking the gateway for a code.", till.gateway.content]
    ((_, order),) = till.gateway.orders.items()
    assert (order["receipt"], order["notes"]) == (charge.key, {"code": next(iter(till.gateway.codes))})


@pytest.mark.parametrize(
    ("status", "amount", "currency", "outcome", "taken", "words"),
    [
        ("authorized", 1250, "INR", Outcome.AUTHORISED, 1250, ""),
        ("captured", 1300, "INR", Outcome.APPROVED, 1300, "The gateway took ₹13.00; ₹12.50 was asked for."),
        ("captured", 1250, "USD", Outcome.UNKNOWN, 0, "The gateway took another currency. Look at its list."),
        (
            "refunded",
            1250,
            "INR",
            Outcome.UNKNOWN,
            0,
            "Paid, then refunded at the gateway. Look at its list.",
        ),
    ],
)
async def test_each_status_of_a_payment_has_its_outcome(
    till: Till, status: str, amount: int, currency: str, outcome: Outcome, taken: int, words: str
) -> None:
    till.gateway.looked = lambda code: till.gateway.pay(code, status, amount, currency)
    answer = await till.charge()
    assert (answer.outcome, answer.amount, answer.words) == (outcome, taken, words)


async def test_a_try_that_failed_is_waited_over(till: Till) -> None:
    tries = iter(["failed", "created", "captured"])
    till.gateway.looked = lambda code: till.gateway.pay(code, next(tries))
    assert (await till.charge()).outcome is Outcome.APPROVED


async def test_a_code_that_is_left_is_closed_and_declined(till: Till) -> None:
    charge = till.new()
    stopped: list[asyncio.Task[None]] = []
    till.gateway.looked = lambda _code: stopped.append(asyncio.ensure_future(till.tender.stop(charge)))
    answer = await till.charge(charge)
    assert (answer.outcome, answer.words) == (Outcome.DECLINED, "closed before it was paid")
    assert [code["status"] for code in till.gateway.codes.values()] == ["closed"]


async def test_paid_while_it_was_left_counts(till: Till) -> None:
    charge = till.new()
    looks = iter([False, True])

    def looked(code: str) -> None:
        if next(looks):
            till.gateway.pay(code)
        else:
            left.append(asyncio.ensure_future(till.tender.stop(charge)))

    left: list[asyncio.Task[None]] = []
    till.gateway.looked = looked
    assert (await till.charge(charge)).outcome is Outcome.APPROVED


async def test_unpaid_code_is_closed_in_time(till: Till) -> None:
    till.gateway.looked = lambda _code: till.clock.pass_by(seconds=_WITHIN)
    assert (await till.charge()).outcome is Outcome.DECLINED
    assert [code["status"] for code in till.gateway.codes.values()] == ["closed"]


async def test_a_bank_that_has_not_answered_leaves_it_open(till: Till) -> None:
    def looked(code: str) -> None:
        till.gateway.looked = lambda _code: till.clock.pass_by(seconds=_WITHIN)
        till.gateway.pay(code, "created")

    till.gateway.looked = looked
    charge = till.new()
    answer = await till.charge(charge)
    assert (answer.outcome, answer.words) == (Outcome.UNKNOWN, "The guest's bank has not answered yet.")
    till.gateway.payments[0]["status"] = "captured"
    assert (await till.tender.ask_after(charge)).outcome is Outcome.APPROVED


@pytest.mark.parametrize("fault", ["drop_before", "drop", "half", "html", "500", "429"])
@pytest.mark.parametrize("step", ["POST /v1/orders", "POST /v1/payments/qr_codes", "PATCH /v1/orders"])
async def test_until_a_code_is_shown_nothing_was_taken(till: Till, step: str, fault: str) -> None:
    till.gateway.faults.append((step, fault))
    charge = till.new()
    answer = await till.charge(charge)
    assert (answer.outcome, answer.words) == (
        Outcome.DECLINED,
        "The gateway cannot be reached, so no code was shown.",
    )
    assert till.words == ["Asking the gateway for a code."]
    till.clock.pass_by(hours=1)
    for code in till.gateway.codes.values():
        code["status"] = "closed"
    assert (await till.tender.ask_after(charge)).outcome is Outcome.DECLINED


@pytest.mark.parametrize("fault", ["drop_before", "drop", "half", "html", "500", "429", "404"])
async def test_a_question_that_is_lost_while_the_guest_pays_is_asked_again(till: Till, fault: str) -> None:
    till.gateway.faults.append(("GET /v1/payments/qr_codes", fault))

    def looked(code: str) -> None:
        if not till.gateway.payments:
            till.gateway.pay(code)

    till.gateway.looked = looked
    assert (await till.charge()).amount == 1250


async def test_a_gateway_that_refuses_says_why(till: Till) -> None:
    answer = await till.charge(till.new(99))
    assert (answer.outcome, answer.words) == (
        Outcome.DECLINED,
        "The gateway refused. It says: Order amount less than minimum amount allowed",
    )


@pytest.mark.parametrize("content", ["", "https://rzp.io/i/x", "upi://pay\x1b[2J", "upi://" + "x" * 600])
async def test_an_invalid_code_is_not_shown(till: Till, content: str) -> None:
    till.gateway.content = content
    answer = await till.charge()
    assert answer.outcome is Outcome.DECLINED
    assert till.words == ["Asking the gateway for a code."]


async def test_a_till_that_was_killed_and_another_hear_what_was_paid(till: Till) -> None:
    charge = till.new()
    payment = asyncio.create_task(till.charge(charge))
    shown = asyncio.Event()
    till.gateway.looked = lambda _code: shown.set()
    await shown.wait()
    other = Till(till.gateway, sale_id="till-2")
    meanwhile = await other.tender.ask_after(charge)
    assert (meanwhile.outcome, meanwhile.words) == (Outcome.UNKNOWN, "The code is still open, and not paid yet.")
    payment.cancel()
    with pytest.raises(asyncio.CancelledError):
        await payment
    till.gateway.pay(next(iter(till.gateway.codes)))
    answers = [await one.tender.ask_after(charge) for one in (other, Till(till.gateway))]
    assert {(answer.key, answer.outcome, answer.amount) for answer in answers} == {(charge.key, Outcome.APPROVED, 1250)}
    assert (await till.charge(charge)).outcome is Outcome.APPROVED
    assert len(till.gateway.orders) == 1


async def test_not_found_proves_something_after_its_time(till: Till) -> None:
    charge = till.new()
    assert (await till.tender.ask_after(charge)).outcome is Outcome.UNKNOWN
    till.clock.pass_by(seconds=_WITHIN)
    assert (await till.tender.ask_after(charge)).outcome is Outcome.DECLINED


async def test_an_order_of_another_amount_is_not_this_charge(till: Till) -> None:
    till.gateway.looked = till.gateway.pay
    charge = till.new()
    await till.charge(charge)
    other = Charge(key=charge.key, amount=Minor(1), currency="INR", reference=charge.reference)
    assert (await till.tender.ask_after(other)).outcome is Outcome.UNKNOWN


@pytest.mark.parametrize("fault", ["drop_before", "half", "html", "500", "401"])
async def test_asking_after_it_never_guesses(till: Till, fault: str) -> None:
    till.gateway.looked = till.gateway.pay
    charge = till.new()
    await till.charge(charge)
    till.clock.pass_by(hours=1)
    till.gateway.faults.append(("GET /v1/orders", fault))
    assert (await till.tender.ask_after(charge)).outcome is Outcome.UNKNOWN
    assert (await till.tender.ask_after(charge)).outcome is Outcome.APPROVED


async def _paid(till: Till) -> str:
    till.gateway.looked = till.gateway.pay
    return (await till.charge()).transaction


async def test_a_payment_is_given_back_in_part(till: Till) -> None:
    transaction = await _paid(till)
    refund = till.new(500)
    answer = await till.tender.refund(refund, transaction)
    assert (answer.key, answer.outcome, answer.amount) == (refund.key, Outcome.APPROVED, 500)
    assert (await till.tender.ask_after(refund)).transaction == answer.transaction


async def test_a_refund_whose_answer_was_lost_is_made_once(till: Till) -> None:
    transaction = await _paid(till)
    refund = till.new(500)
    till.gateway.faults.append((f"POST /v1/payments/{transaction}/refund", "drop"))
    assert (await till.tender.refund(refund, transaction)).outcome is Outcome.UNKNOWN
    assert (await till.tender.refund(refund, transaction)).outcome is Outcome.APPROVED
    assert (await Till(till.gateway, "till-2").tender.ask_after(refund)).outcome is Outcome.APPROVED
    assert len(till.gateway.refunds) == 1


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        ("processed", Outcome.APPROVED),
        ("pending", Outcome.UNKNOWN),
        ("failed", Outcome.DECLINED),
        ("new", Outcome.UNKNOWN),
    ],
)
async def test_each_status_of_a_refund_has_its_outcome(till: Till, status: str, outcome: Outcome) -> None:
    transaction = await _paid(till)
    till.gateway.refund_status = status
    assert (await till.tender.refund(till.new(500), transaction)).outcome is outcome


async def test_more_than_was_paid_is_refused(till: Till) -> None:
    transaction = await _paid(till)
    answer = await till.tender.refund(till.new(1251), transaction)
    assert (answer.outcome, answer.words) == (
        Outcome.DECLINED,
        "The gateway refused. It says: The total refund amount is greater than the refund payment amount",
    )


async def test_without_a_payment_nothing_is_given_back(till: Till) -> None:
    assert (await till.tender.refund(till.new(500), "")).outcome is Outcome.DECLINED
    assert till.gateway.asked == []


async def test_a_gateway_that_is_away_was_not_asked(gateway: Gateway) -> None:
    till = Till(gateway, port=1)
    assert (await till.charge()).outcome is Outcome.DECLINED
    refund = till.new(500)
    assert (await till.tender.refund(refund, "pay_1")).outcome is Outcome.DECLINED
    assert (await till.tender.refund(refund, "pay_1")).outcome is Outcome.UNKNOWN
    assert (await till.tender.ask_after(refund)).outcome is Outcome.UNKNOWN


async def test_a_gateway_that_is_there_says_so_without_money(till: Till) -> None:
    assert await till.tender.health() == "The gateway answers and accepts the keys."
    assert till.gateway.orders == {}


async def test_a_gateway_that_does_not_take_the_keys_or_is_away_is_reported(till: Till) -> None:
    till.gateway.faults.append(("GET /v1/orders", "401"))
    with pytest.raises(GatewayError, match="refused"):
        await till.tender.health()
    with pytest.raises(GatewayError, match="on the internet"):
        await Till(till.gateway, port=1).tender.health()


async def test_a_refund_behind_a_hundred_others_is_found(till: Till) -> None:
    transaction = await _paid(till)
    refund = till.new(500)
    await till.tender.refund(refund, transaction)
    till.gateway.refunds[:0] = [till.gateway.refunds[0] | {"id": f"rfnd_{n}", "receipt": None} for n in range(150)]
    assert (await till.tender.ask_after(refund)).outcome is Outcome.APPROVED


@pytest.fixture
def settings(tmp_path: Path) -> dict[str, Any]:
    keys = tmp_path / "keys"
    keys.write_text(f"{KEYS}\n", "utf-8")
    keys.chmod(0o600)
    return {"key_file": str(keys), "venue": "Tiffin Room"}


async def test_an_opened_gateway_takes_a_payment_and_logs_no_key(
    gateway: Gateway, settings: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    address = {"address": f"http://127.0.0.1:{gateway.port}/v1/"}
    tender = open_gateway(settings | address, sale_id="till-1", clock=SetClock())
    gateway.looked = gateway.pay
    charge = Till(gateway).new()
    assert (await tender.charge(charge, lambda _words: None)).outcome is Outcome.APPROVED
    gateway.faults.append(("GET /v1/orders", "drop"))
    await tender.ask_after(charge)
    assert "secret" in KEYS
    assert "secret of the account" not in caplog.text + repr(vars(tender)) + repr(vars(vars(tender)["_api"]))


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"venue": ""}, "venue of a gateway must be a text of 1 to 80 characters, not ''."),
        ({"timeout_s": 60}, "timeout_s of a gateway must be seconds from 120 to 3600, not 60."),
        ({"secret": "x"}, "A gateway has no setting “secret”. There are: key_file, "),
        ({"address": "http://api.razorpay.com/v1"}, "A gateway needs https://"),
        ({"address": "https://"}, "address of a gateway must be an address such as https://api.razorpay.com/v1"),
    ],
)
def test_a_wrong_setting_is_refused_with_a_sentence(
    settings: dict[str, Any], change: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(ConfigError) as refused:
        open_gateway(settings | change, sale_id="till-1", clock=SetClock())
    assert str(refused.value).startswith(sentence)


def test_an_expected_setting_is_named_in_the_language_of_the_screen(settings: dict[str, Any], qps: str) -> None:
    with speaking(qps), pytest.raises(ConfigError) as refused:
        open_gateway(settings | {"timeout_s": 60}, sale_id="till-1", clock=SetClock())
    assert made_up("seconds from 120 to 3600") in str(refused.value)


def test_a_missing_setting_is_named() -> None:
    with pytest.raises(ConfigError, match=r"A gateway needs its key_file, venue\."):
        open_gateway({}, sale_id="till-1", clock=SetClock())


@pytest.mark.parametrize("content", ["only one", ":the other", "rzp_live_1:"])
def test_a_key_file_holds_both_keys(settings: dict[str, Any], tmp_path: Path, content: str) -> None:
    (tmp_path / "keys").write_text(content, "utf-8")
    with pytest.raises(ConfigError, match="must hold the keys in one line") as refused:
        open_gateway(settings, sale_id="till-1", clock=SetClock())
    assert content not in str(refused.value)
