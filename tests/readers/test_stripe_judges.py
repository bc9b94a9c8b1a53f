"""Judges of the requests to Stripe: its published OpenAPI, and its own Python client at the same provider."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pytest
import stripe as sdk

from tests.readers.openapi import Judge, WrongError
from tests.readers.stripe import KEY, OPENAPI, READER, Stripe, in_thread, running
from tests.readers.test_stripe import Till
from till.ports import Outcome
from till.readers import stripe as module
from till.readers.stripe import VERSION

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FORM = "application/x-www-form-urlencoded"


@pytest.fixture
def stripe() -> Iterator[Stripe]:
    with in_thread() as one:
        yield one


def test_version_is_that_of_the_client_which_judges() -> None:
    assert sdk.api_version == VERSION


def test_tills_requests_equal_those_of_stripes_own_client(stripe: Stripe, tmp_path: Path) -> None:
    heads = asyncio.run(_till_plays(stripe, tmp_path))
    ours, stripe.asked = stripe.asked, []
    key = ours[0][3]
    amount = ours[0][2]["amount"]
    addresses: Any = {"api": f"http://127.0.0.1:{stripe.port}"}
    client = sdk.StripeClient(KEY, base_addresses=addresses, max_network_retries=0).v1
    client.terminal.readers.retrieve(READER)
    intent = client.payment_intents.create(
        {
            "amount": amount,
            "currency": "eur",
            "payment_method_types": ["card_present"],
            "capture_method": "automatic",
            "metadata": {"till": key},
        },
        {"idempotency_key": f"{key}-client"},
    )
    client.terminal.readers.process_payment_intent(
        READER, {"payment_intent": intent.id, "process_config": {"skip_tipping": True}}
    )
    client.test_helpers.terminal.readers.present_payment_method(READER)
    paid = client.payment_intents.retrieve(intent.id, {"expand": ["latest_charge"]})
    assert paid.status == "succeeded"
    since = int(stripe.now())
    listed = client.payment_intents.list({"created": {"gte": since - 600, "lte": since + 600}, "limit": 100})
    assert intent.id in {one.id for one in listed.data}
    refund = client.refunds.create({"payment_intent": intent.id, "amount": 500, "metadata": {"till": "a refund"}})
    assert [one.id for one in client.refunds.list({"payment_intent": intent.id, "limit": 100}).data] == [refund.id]
    client.terminal.readers.list({"limit": 100})
    second = client.payment_intents.create(
        {
            "amount": amount,
            "currency": "eur",
            "payment_method_types": ["card_present"],
            "capture_method": "automatic",
            "metadata": {"till": "another"},
        },
        {"idempotency_key": "another"},
    )
    client.terminal.readers.process_payment_intent(
        READER, {"payment_intent": second.id, "process_config": {"skip_tipping": True}}
    )
    client.terminal.readers.cancel_action(READER)
    client.payment_intents.cancel(second.id)
    theirs = [one for one in stripe.asked if "test_helpers" not in one[1]]
    assert [_alike(one) for one in theirs] == [_alike(one) for one in ours]
    own = {head.split(" HTTP")[0] for head in heads if head.startswith("GET")}
    clients = {head.split(" HTTP")[0] for head in stripe.heads[len(heads) :] if head.startswith("GET")}
    assert {_bare(one) for one in own} == {_bare(one) for one in clients}


async def _till_plays(stripe: Stripe, folder: Path) -> list[str]:
    """Pay, ask after it, refund a part, and cancel a payment."""
    till = Till(stripe, folder)
    charge = till.new()
    stripe.now = till.clock.now().timestamp
    shown = asyncio.create_task(till.charge(charge))
    while not stripe.tap():  # noqa: ASYNC110 - a reader tells nobody
        await asyncio.sleep(0.01)
    paid = await shown
    assert (await till.tender.ask_after(charge)).outcome is Outcome.APPROVED
    refund = till.new(500, transaction=paid.transaction)
    await till.refund(refund)
    assert (await till.tender.ask_after(refund)).outcome is Outcome.APPROVED
    await till.tender.readers()
    left = till.new()
    asked = asyncio.create_task(till.charge(left))
    while not stripe.shown():  # noqa: ASYNC110 - a reader tells nobody
        await asyncio.sleep(0.01)
    await till.tender.stop(left)
    assert (await asked).outcome is Outcome.DECLINED
    return list(stripe.heads)


def _alike(asked: tuple[str, str, Any, str]) -> tuple[str, str, Any]:
    """Return a request without ids and keys."""
    method, path, sent, _key = asked
    bare = {name: value for name, value in sent.items() if name not in {"payment_intent", "metadata"}}
    return method, _bare(path), (bare, sorted(sent), sorted(sent.get("metadata", {})))


def _bare(path: str) -> str:
    """Return a path without the ids of intents, and with the brackets of a form."""
    path = path.replace("%5B", "[").replace("%5D", "]")
    for start in ("/payment_intents/pi_", "payment_intent=pi_"):
        before, between, after = path.partition(start)
        path = before + between + after.lstrip("0123456789abcdef")
    method, _, rest = path.partition(" ")
    target, _, query = rest.partition("?")
    return f"{method} {target}?{'&'.join(sorted(one.replace('%2F', '/') for one in query.split('&')))}"


async def test_a_misspelt_parameter_is_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The provider does not answer at all, and its judge says why."""
    judged: list[str] = []
    request = Judge.request

    def seen(self: Judge, *about: Any) -> Any:
        try:
            return request(self, *about)
        except WrongError as wrong:
            judged.append(str(wrong))
            raise

    monkeypatch.setattr(Judge, "request", seen)
    monkeypatch.setattr(module, "urlencode", lambda form: urlencode(form).replace("capture_method", "capture"))
    async with running() as stripe:
        asyncio.get_running_loop().set_exception_handler(lambda _loop, _about: None)
        till = Till(stripe, tmp_path)
        stripe.now = till.clock.now().timestamp
        assert (await till.charge()).outcome is Outcome.DECLINED
    assert judged == ["POST /v1/payment_intents: $ Additional properties are not allowed ('capture' was unexpected)"]


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/v1/payment_intents", b"amount=12.50&currency=eur"),
        ("POST", "/v1/payment_intents", b"amount=1250"),
        ("POST", "/v1/payment_intents", b"amount=1250&currency=eur&capture_method=later"),
        ("POST", "/v1/terminal/readers/tmr_1/process_payment_intent", b"process_config[skip_tipping]=true"),
        ("POST", "/v1/payment_intents/pi_1/capture", b""),
        ("GET", "/v1/payment_intents", b"amount=1"),
    ],
)
def test_judge_refuses_a_wrong_request(method: str, path: str, body: bytes) -> None:
    with pytest.raises(WrongError):
        Judge(OPENAPI).request(method, path, "", FORM, body)
    with pytest.raises(WrongError):
        Judge(OPENAPI).request("GET", "/v1/refunds", "payment_intents=pi_1", "", b"")


def test_judge_refuses_a_wrong_answer() -> None:
    judge, stripe = Judge(OPENAPI), Stripe()
    reader = stripe.readers[READER]
    judge.answer("GET", f"/v1/terminal/readers/{READER}", 200, reader)
    for status in ("paid", None):
        intent = stripe._intent(
            {"amount": 1250, "currency": "eur", "capture_method": "automatic", "payment_method_types": []}
        )
        judge.answer("GET", "/v1/payment_intents/pi_1", 200, intent)
        with pytest.raises(WrongError):
            judge.answer("GET", "/v1/payment_intents/pi_1", 200, intent | {"status": status})
