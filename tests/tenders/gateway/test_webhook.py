"""Webhooks of Razorpay: their signature, and the payment of ours that they name."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from till.tenders.gateway.entities import GatewayReplyError
from till.tenders.gateway.webhook import ForgedError, GatewayCharge, WebhookMessage, read_webhook

SECRET = b"a secret of the webhook"
KEY = "0197a000-0000-7000-8000-00000000aaaa"
OTHER = "0197a000-0000-7000-8000-00000000bbbb"


def posted(event: str, **entities: Any) -> bytes:
    """Return the body of an event, as Razorpay writes it."""
    payload = {name: {"entity": {"id": "x", "amount": 1_250, **entity}} for name, entity in entities.items()}
    whole = {"entity": "event", "account_id": "acc_1", "event": event, "contains": [*entities], "payload": payload}
    return json.dumps({**whole, "created_at": 1_795_262_400}).encode()


def signed(body: bytes) -> str:
    return hmac.new(SECRET, body, hashlib.sha256).hexdigest()


def read(body: bytes, event_id: str = "evt_1") -> WebhookMessage:
    return read_webhook(body, signature=signed(body), event_id=event_id, secret=SECRET)


@pytest.mark.parametrize(
    ("body", "key"),
    [
        (posted("qr_code.credited", payment={"notes": []}, qr_code={"notes": {"order": "o", "charge": KEY}}), KEY),
        (posted("payment.captured", payment={"notes": {"charge": KEY}}), KEY),
        (posted("payment.failed", payment={"notes": {"charge": KEY}}), KEY),
        (posted("order.paid", payment={}, order={"receipt": KEY}), KEY),
        (posted("refund.processed", payment={"notes": {"charge": KEY}}, refund={"receipt": OTHER}), OTHER),
        (posted("refund.processed", payment={"notes": {"charge": KEY}}, refund={"receipt": None}), None),
        (posted("payment.captured", payment={"notes": {"charge": "a table"}}), None),
        (posted("payment.captured", payment={"notes": {"charge": [KEY]}}), None),
        (posted("settlement.processed", settlement={}), None),
        (b'{"event": "payment.captured"}', None),
    ],
)
def test_webhook_names_a_payment_of_ours_or_none(body: bytes, key: str | None) -> None:
    assert read(body) == WebhookMessage("evt_1", hashlib.sha256(body).hexdigest(), json.loads(body)["event"], key)


CAPTURED = {"id": "pay_1", "order_id": "order_1", "amount": 24_000, "currency": "INR", "status": "captured"}


@pytest.mark.parametrize(
    ("body", "charge"),
    [
        (posted("payment.captured", payment=CAPTURED), GatewayCharge("pay_1", "order_1", 24_000, "INR")),
        (
            posted("order.paid", payment=CAPTURED, order={"id": "order_1"}),
            GatewayCharge("pay_1", "order_1", 24_000, "INR"),
        ),
        (posted("payment.authorized", payment={**CAPTURED, "status": "authorized"}), None),
        (posted("payment.captured", payment={**CAPTURED, "order_id": None}), None),
        (posted("payment.captured", payment={**CAPTURED, "amount": "24000"}), None),
        (posted("payment.captured", payment={**CAPTURED, "amount": 0}), None),
        (posted("payment.captured", payment={**CAPTURED, "currency": "rupees"}), None),
        (posted("refund.processed", payment=CAPTURED, refund={"receipt": None}), None),
    ],
)
def test_webhook_reports_a_captured_charge_or_none(body: bytes, charge: GatewayCharge | None) -> None:
    assert read(body).charge == charge


def test_one_without_a_name_is_known_by_what_was_signed() -> None:
    body = posted("payment.captured")
    assert read(body, "").event == hashlib.sha256(body).hexdigest()


@pytest.mark.parametrize("change", [b" ", b"\n", b"\x00"])
def test_the_signature_is_of_the_bytes_as_they_came(change: bytes) -> None:
    body = posted("payment.captured")
    with pytest.raises(ForgedError):
        read_webhook(body + change, signature=signed(body), event_id="", secret=SECRET)
    with pytest.raises(ForgedError):
        read_webhook(
            json.dumps(json.loads(body), indent=1).encode(), signature=signed(body), event_id="", secret=SECRET
        )


@pytest.mark.parametrize(
    "signature", ["", "0" * 64, signed(posted("x")).upper(), signed(posted("x"))[:-1], "é", "\udcff"]
)
def test_another_signature_is_none(signature: str) -> None:
    with pytest.raises(ForgedError):
        read_webhook(posted("x"), signature=signature, event_id="", secret=SECRET)


@pytest.mark.parametrize(
    "body",
    [
        b"", b"{", b"[]", b"<html>", b"\xff", b"null", b'{"event": 1}', b'{"event": "A B"}', b"[" * 9_000,
        b'{"event": "x", "payload": {"payment": 1}}', b'{"event": "x", "payload": null}',
        b'{"event": "' + b"x" * 61 + b'"}',
    ],
)  # fmt: skip
def test_a_signed_body_that_is_no_event_is_not_read(body: bytes) -> None:
    with pytest.raises(GatewayReplyError):
        read(body)


@pytest.mark.parametrize("name", ["a b", "x" * 81, "\x1b[31m", "ü"])
def test_a_name_that_is_none_is_not_kept(name: str) -> None:
    with pytest.raises(GatewayReplyError):
        read(posted("payment.captured"), name)


@given(st.binary(max_size=200), st.text(max_size=80))
def test_nothing_unsigned_is_ever_read(body: bytes, signature: str) -> None:
    with pytest.raises(ForgedError):
        read_webhook(body, signature=signature, event_id="", secret=SECRET)
