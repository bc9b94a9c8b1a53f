"""The seal, tested with messages that Adyen publishes and with tampered ones."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from till.tenders.terminal.messages import (
    Envelope,
    EventNotification,
    MessageClass,
    MessageHeader,
    MessageType,
    TerminalCategory,
    TerminalMessageError,
    TerminalRequest,
    message_bytes,
)
from till.tenders.terminal.seal import Seal

# An example of Adyen's own (github.com/Adyen/adyen-node-api-library, the tests of its cloud device API, MIT licence):
# a notification that a terminal sealed under the passphrase "ncrpass".
_PUBLISHED = {
    "SaleToPOIRequest": {
        "SecurityTrailer": {
            "AdyenCryptoVersion": 1,
            "Nonce": "Be6rAx+vRju2aCHwPh6lrg==",
            "KeyIdentifier": "ncrkey",
            "Hmac": "LG8A9Re1M8xLMr7rDUk0NwsnvAOX+VLjHv9sPHWTl34=",
            "KeyVersion": 1,
        },
        "NexoBlob": (
            "x2DY8J2M9ZCyjOZ8Gt7JdLBA/6bT/KXvvAbJf9kzguqO8dWp1I1pPLQpLstpdIiAVqSwG3PR0PrP/lF82UmhmCnUJGCuEXilqvBNF1tF"
            "/yEgnFOklNc1myR2IPW/+2oZOWKFXlTo/gX89EbODXOOGUqaJfSdpDhlqjyMz7mGczobTPvPGqCVx2BDHU8VTxI9nicwQv+QV48GqVZz"
            "xnP8ZOdQOQ5cac+bcS0Y3l7SmWpIoQsoicnjahTY9ICosLJmN4DvDHsN4Kh2DAetFO5b9I9Lqgm/dvnXUVhb9tPbM7Pn+ratjYpaNbon"
            "bO5M+Tm8rDEIyKoUUuFXPWISymrCXtCDVKEb2B5S5pilUmokrXVa9Ldtsv3BKG7rbrglYEuql4WVs6kzr6ybgAKh1Q0LsAXEve3pydt7"
            "2ay4U3FOJSBxJ3gNqmnG8mVW2HCXQVo1RgVaZmP5TBWYuksCKXYypnMulu1PlRI++oeW/J2qjQU="
        ),
        "MessageHeader": {
            "ProtocolVersion": "3.0",
            "SaleID": "null",
            "MessageClass": "Event",
            "MessageCategory": "Event",
            "POIID": "P400Plus-275102806",
            "MessageType": "Notification",
            "DeviceID": "5",
        },
    }
}
_PHRASE = "ncrpass"
_NOTICE = Envelope(
    request=TerminalRequest(
        message_header=MessageHeader(
            protocol_version="3.0",
            message_class=MessageClass.EVENT,
            message_category=TerminalCategory.EVENT,
            message_type=MessageType.NOTIFICATION,
            sale_id="null",
            poi_id="P400Plus-275102806",
            device_id="5",
        ),
        event_notification=EventNotification(
            time_stamp="2020-11-13T09:02:35.697Z", event_to_notify="SaleWakeUp", event_details="reference_id=9876"
        ),
    )
)


_OURS = Seal(_PHRASE, "ncrkey", 1)


def test_opens_what_a_terminal_of_adyens_sealed() -> None:
    assert _OURS.open(json.dumps(_PUBLISHED).encode()) == _NOTICE


def test_a_sealed_message_opens_and_no_two_are_alike() -> None:
    once, twice = _OURS.close(_NOTICE), _OURS.close(_NOTICE)
    assert once != twice
    assert _OURS.open(once) == _OURS.open(twice) == _NOTICE
    assert b"reference_id" not in once


@pytest.mark.parametrize(
    "other",
    [Seal("ncrpasz", "ncrkey", 1), Seal(_PHRASE, "other", 1), Seal(_PHRASE, "ncrkey", 2)],
    ids=["phrase", "name", "version"],
)
def test_another_key_opens_nothing(other: Seal) -> None:
    with pytest.raises(TerminalMessageError):
        other.open(_OURS.close(_NOTICE))


@given(st.sampled_from(["NexoBlob", "Nonce", "Hmac"]), st.integers(0, 400), st.integers(1, 255))
def test_one_flipped_byte_opens_nothing(part: str, at: int, flip: int) -> None:
    message: dict[str, Any] = json.loads(_OURS.close(_NOTICE))
    sealed = message["SaleToPOIRequest"]
    home = sealed if part == "NexoBlob" else sealed["SecurityTrailer"]
    raw = bytearray(base64.b64decode(home[part]))
    raw[at % len(raw)] ^= flip
    home[part] = base64.b64encode(raw).decode()
    with pytest.raises(TerminalMessageError):
        _OURS.open(json.dumps(message).encode())


@pytest.mark.parametrize("length", [0, 8, 15, 17, 32])
def test_a_nonce_of_another_length_opens_nothing(length: int) -> None:
    message = json.loads(_OURS.close(_NOTICE))
    message["SaleToPOIRequest"]["SecurityTrailer"]["Nonce"] = base64.b64encode(bytes(length)).decode()
    with pytest.raises(TerminalMessageError):
        _OURS.open(json.dumps(message).encode())


def test_a_header_that_was_changed_outside_the_seal_is_refused() -> None:
    message = json.loads(_OURS.close(_NOTICE))
    message["SaleToPOIRequest"]["MessageHeader"]["POIID"] = "another"
    with pytest.raises(TerminalMessageError):
        _OURS.open(json.dumps(message).encode())


def test_a_request_does_not_pass_as_an_answer() -> None:
    message = json.loads(_OURS.close(_NOTICE))
    turned = {"SaleToPOIResponse": message["SaleToPOIRequest"]}
    with pytest.raises(TerminalMessageError):
        _OURS.open(json.dumps(turned).encode())


def test_an_unsealed_message_is_refused_where_a_key_is_agreed() -> None:
    with pytest.raises(TerminalMessageError):
        _OURS.open(message_bytes(_NOTICE))


def test_nothing_of_the_key_is_in_what_is_printed() -> None:
    assert repr(_OURS) == "Seal('ncrkey', 1)"
