"""Pure functions of messages: reading and writing, names, amounts and words."""

from __future__ import annotations

import base64
import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.terminal.schema import check
from till.domain.money.measures import Minor
from till.domain.text import clean
from till.tenders.terminal.answers import transaction_of
from till.tenders.terminal.messages import (
    OutputContent,
    OutputText,
    PaymentReceipt,
    PredefinedContent,
    TerminalMessageError,
    fresh_service_id,
    in_major,
    in_minor,
    message_bytes,
    read,
    receipts_in,
    service_id,
)
from till.tenders.terminal.slips import slips_of
from till.tenders.terminal.words import of_additional, of_condition, of_display

_HEADER = {
    "ProtocolVersion": "3.0",
    "MessageClass": "Service",
    "MessageCategory": "Payment",
    "MessageType": "Response",
    "ServiceID": "0123456789",
    "SaleID": "till-1",
    "POIID": "V400m-347069146",
}
_PAYMENT: dict[str, Any] = {
    "SaleToPOIResponse": {
        "MessageHeader": _HEADER,
        "PaymentResponse": {
            "Response": {"Result": "Success"},
            "SaleData": {"SaleTransactionID": {"TransactionID": "1", "TimeStamp": "2026-11-21T12:00:00.000Z"}},
            "POIData": {"POITransactionID": {"TransactionID": "B", "TimeStamp": "2026-11-21T12:00:00.000Z"}},
            "PaymentResult": {"AmountsResp": {"Currency": "EUR", "AuthorizedAmount": 12.5}},
        },
    }
}


def _places(value: Any, place: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    if not isinstance(value, dict):
        return [place]
    return [place, *(found for key, inner in value.items() for found in _places(inner, (*place, key)))]


def _with(place: tuple[str, ...], value: Any) -> bytes:
    message: dict[str, Any] = json.loads(json.dumps(_PAYMENT))
    home = message
    for key in place[:-1]:
        home = home[key]
    home[place[-1]] = value
    return json.dumps(message).encode()


def test_a_message_is_read_and_written_as_the_schema_has_it() -> None:
    assert check(_PAYMENT) == []
    raw = message_bytes(read(json.dumps(_PAYMENT).encode()))
    assert json.loads(raw) == _PAYMENT


@pytest.mark.parametrize("place", [place for place in _places(_PAYMENT) if place], ids=".".join)
@pytest.mark.parametrize("value", [True, [], [1]], ids=repr)
def test_a_field_of_another_kind_makes_a_message_that_does_not_read(place: tuple[str, ...], value: Any) -> None:
    with pytest.raises(TerminalMessageError):
        read(_with(place, value))


def test_fields_that_a_till_does_not_need_are_ignored() -> None:
    place = ("SaleToPOIResponse", "PaymentResponse", "PaymentResult", "MobileData")
    assert read(_with(place, {"any": ["thing"]})) == read(json.dumps(_PAYMENT).encode())


@given(st.binary(max_size=200))
def test_any_bytes_read_or_are_refused(raw: bytes) -> None:
    with pytest.raises(TerminalMessageError):
        read(raw)


@pytest.mark.parametrize("raw", [b"{}", b'{"SaleToPOIRequest": null}', b"[" * 100_000, b"\xff", b"null"])
def test_an_empty_message_does_not_read(raw: bytes) -> None:
    with pytest.raises(TerminalMessageError):
        read(raw)


@given(st.integers(0, 9_999_999_999), st.sampled_from(["EUR", "JPY", "KWD", "INR"]))
def test_amounts_come_back_to_the_unit(minor: int, currency: str) -> None:
    amount = in_major(Minor(minor), currency)
    if amount <= Decimal("99999999.999999"):
        assert in_minor(amount, currency) == minor
        assert in_minor(Decimal(repr(float(amount))), currency) == minor


@pytest.mark.parametrize("amount", ["-0.01", "0.001", "1E+999999", "1E-999999", "NaN", "sNaN", "Infinity", "100000000"])
def test_an_amount_that_cannot_be_is_none(amount: str) -> None:
    assert in_minor(Decimal(amount), "EUR") is None


@given(st.uuids().map(str))
def test_a_charge_has_one_name_of_ten_characters_for_ever(key: str) -> None:
    assert service_id(key) == service_id(key)
    assert len(service_id(key)) == 10
    assert service_id(key).isascii()
    assert service_id(key).isalnum()


def test_names_are_apart() -> None:
    names = {service_id(f"payment {number}") for number in range(20_000)} | {fresh_service_id() for _ in range(20_000)}
    assert len(names) == 40_000
    assert service_id("0192f1a0-0000-7000-8000-000000000001") == "Z2KTWQ67TZ"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", ""),
        ("refusalReason=210%20Not%20enough%20balance&x=1", "210 Not enough balance"),
        ("message=Busy&warnings=", "Busy"),
        ("refusalReason=NOT_ENOUGH_BALANCE", "not enough balance"),
        (base64.b64encode(b'{"additionalData": {"refusalReason": "No money"}}').decode(), "No money"),
        (base64.b64encode(b'["a"]').decode(), ""),
        ("Transaction not found", "Transaction not found"),
        ("message=%1B%5B31mred%E2%80%AE", "[31mred"),
        ("dG9rZW4", ""),
        ("&".join(f"a{n}={n}" for n in range(300)), ""),
    ],
)
def test_words_added_by_a_terminal_are_plain_text(text: str, words: str) -> None:
    assert of_additional(text) == words


@given(st.text())
def test_any_addition_is_a_line_that_may_be_shown(text: str) -> None:
    words = of_condition("Refusal", text)
    assert clean(words) == words
    assert len(words) < 300


def test_a_condition_that_nobody_knows_yet_is_reported() -> None:
    assert of_condition("Melted", "") == "The terminal did not do it."


def _receipt(*texts: OutputText) -> tuple[PaymentReceipt, ...]:
    content = OutputContent(output_format="Text", output_text=texts)
    return (PaymentReceipt(document_qualifier="CustomerReceipt", output_content=content),)


def test_pieces_of_a_line_are_one_line() -> None:
    (slip,) = slips_of(
        _receipt(
            OutputText(text="TO", end_of_line_flag=False),
            OutputText(text="TAL"),
            OutputText(text="x", end_of_line_flag=False),
        )
    )
    assert slip.lines == ("TOTAL", "x")


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("name=Total&value=EUR%2012.50&key=total", "Total  EUR 12.50"),
        ("key=filler", ""),
        ("name=plain words", "name=plain words"),
        ("a = b & c", "a = b & c"),
    ],
)
def test_a_line_that_is_a_form_is_its_name_and_value(text: str, line: str) -> None:
    (slip,) = slips_of(_receipt(OutputText(text=text), OutputText(text="END")))
    assert slip.lines == (line, "END")


def test_slips_are_read_apart_and_one_that_does_not_fit_costs_no_payment() -> None:
    content = {"OutputFormat": "Text", "OutputText": [{"Text": "THANKS", "EndOfLineFlag": "true"}]}
    receipt = {"DocumentQualifier": "CustomerReceipt", "RequiredSignatureFlag": "false", "OutputContent": content}
    place = ("SaleToPOIResponse", "PaymentResponse", "PaymentReceipt")
    for value, lines in (([receipt], [("THANKS",)]), ([{}], []), ("none", []), (7, []), (None, [])):
        reply = read(_with(place, value)).reply
        assert reply is not None
        assert reply.payment_response is not None
        assert [slip.lines for slip in slips_of(receipts_in(reply.payment_response.payment_receipt))] == lines


def test_a_slip_without_text_is_none() -> None:
    assert slips_of(_receipt()) == ()


@given(st.lists(st.text(max_size=300), max_size=200))
def test_any_slip_is_short_lines_that_may_be_printed(texts: list[str]) -> None:
    for slip in slips_of(_receipt(*(OutputText(text=text) for text in texts))):
        assert len(slip.lines) <= 120
        assert all(clean(line) == line and len(line) <= 96 for line in slip.lines)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (OutputContent(output_format="Text", output_text=(OutputText(text="Please\x1b[2J wait"),)), "Please[2J wait"),
        (
            OutputContent(
                output_format="MessageRef", predefined_content=PredefinedContent(reference_id="event=ASK_GRATUITY&x=1")
            ),
            "The guest picks a tip.",
        ),
        (OutputContent(output_format="MessageRef", predefined_content=PredefinedContent(reference_id="Menu")), ""),
        (OutputContent(output_format="XHTML"), ""),
    ],
)
def test_words_that_the_terminal_wants_shown(content: OutputContent, words: str) -> None:
    assert of_display(content) == words


def test_a_transaction_is_its_number_and_its_time() -> None:
    found = transaction_of("a@b@2026-11-21T12:00:00Z")
    assert found is not None
    assert (found.transaction_id, found.time_stamp) == ("a@b", "2026-11-21T12:00:00Z")
