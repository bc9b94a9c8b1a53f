"""Nonsense from a terminal: a charge always ends in an outcome, and only a complete answer about it counts as money."""

from __future__ import annotations

import asyncio
import base64
import json
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.tenders.terminal.counter import START, TRAITS, SetClock
from tests.terminal.process import POIID
from till.domain.ids import id_at, tick_at
from till.domain.money.measures import Minor
from till.ports import Charge, ChargeAnswer, Outcome
from till.tenders.terminal.client import Client
from till.tenders.terminal.tender import TerminalTender

_PAN = "4111111111111111"
_VISA = ("Visa", "1111")
_KEY = id_at(tick_at(START), 1)
_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.sampled_from(["Success", "Failure", "EUR"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@dataclass
class _Parrot:
    """A line that gives the test's answer, with a header that fits the question if the answer has one."""

    body: Any

    async def post(self, body: bytes, within: float) -> bytes:
        assert within > 0
        if isinstance(self.body, bytes):
            return self.body
        header = json.loads(body)["SaleToPOIRequest"]["MessageHeader"]
        if header["MessageCategory"] != "Payment":
            header = {**header, "ServiceID": "OTHER"}
        return json.dumps(
            {"SaleToPOIResponse": {"MessageHeader": header | {"MessageType": "Response"}, **self.body}}
        ).encode()


def _charged(body: Any) -> ChargeAnswer:
    line = _Parrot(body)
    tender = TerminalTender(
        TRAITS,
        Client(line, None, poi_id=POIID, sale_id="till-1"),
        SetClock(),
        within=60.0,
        memory=timedelta(hours=48),
    )
    charge = Charge(key=_KEY, amount=Minor(1250), currency="EUR", reference=tender.name_charge(_KEY))
    return asyncio.run(tender.charge(charge, lambda _words: None))


def _payment() -> dict[str, Any]:
    return {
        "PaymentResponse": {
            "Response": {"Result": "Success"},
            "SaleData": {"SaleTransactionID": {"TransactionID": _KEY, "TimeStamp": "2026-11-21T12:00:00.000Z"}},
            "POIData": {"POITransactionID": {"TransactionID": "B", "TimeStamp": "2026-11-21T12:00:00.000Z"}},
            "PaymentResult": {
                "PaymentType": "Normal",
                "PaymentInstrumentData": {
                    "PaymentInstrumentType": "Card",
                    "CardData": {"PaymentBrand": "visa", "MaskedPan": "411111******1111"},
                },
                "AmountsResp": {"Currency": "EUR", "AuthorizedAmount": 12.5, "TipAmount": 0},
            },
            "PaymentReceipt": [{"DocumentQualifier": "CustomerReceipt", "OutputContent": {"OutputFormat": "Text"}}],
        }
    }


def test_the_answer_that_is_not_touched_is_money() -> None:
    answer = _charged(_payment())
    assert (answer.outcome, answer.amount) == (Outcome.APPROVED, 1250)


@pytest.mark.parametrize("number", ["x" * 300, "esc\x1b[2J", "ü"])
def test_a_name_that_cannot_be_kept_costs_the_name_alone(number: str) -> None:
    body = _payment()
    body["PaymentResponse"]["POIData"]["POITransactionID"]["TransactionID"] = number
    answer = _charged(body)
    assert (answer.outcome, answer.amount, answer.transaction) == (Outcome.APPROVED, 1250, "")


@pytest.mark.parametrize(
    ("instrument", "added", "card"),
    [
        ({"CardData": {"PaymentBrand": "visa", "MaskedPAN": _PAN}}, "", _VISA),
        ({"CardData": {"PaymentBrand": "visa", "MaskedPan": _PAN}}, "", _VISA),
        ({"CardData": {"PaymentBrand": _PAN, "MaskedPan": "*1111"}}, "", ("", "1111")),
        (None, "paymentMethod=visa&cardSummary=1111&cardBin=411111", _VISA),
        (None, f"paymentMethod=visa&cardSummary={_PAN}", _VISA),
        ({}, base64.b64encode(b'{"additionalData": {"paymentMethod": "visa", "cardSummary": "1111"}}').decode(), _VISA),
        ({"CardData": {"PaymentBrand": "?", "MaskedPan": "none"}}, "paymentMethod=visa&cardSummary=1111", _VISA),
        ({"CardData": {"PaymentBrand": "visa", "MaskedPan": int(_PAN)}}, "", ("", "")),
        ({"CardData": None}, "", ("", "")),
        ("Card", "", ("", "")),
        ([], "paymentMethod=&cardSummary=11", ("", "")),
    ],
)
def test_a_card_is_shown_as_far_as_it_reads_and_never_costs_the_money(
    instrument: Any, added: str, card: tuple[str, str]
) -> None:
    body = _payment()
    body["PaymentResponse"]["PaymentResult"]["PaymentInstrumentData"] = instrument
    body["PaymentResponse"]["Response"]["AdditionalResponse"] = added
    answer = _charged(body)
    assert (answer.outcome, answer.amount, answer.card) == (Outcome.APPROVED, 1250, card)


@pytest.mark.parametrize("text", [_PAN, "4111 1111 1111 1111", "4111-1111-1111-1111"])
def test_no_whole_number_of_a_card_comes_out_of_what_a_terminal_says(text: str) -> None:
    body = _payment()
    answer = body["PaymentResponse"]
    answer["PaymentResult"]["PaymentInstrumentData"] = {"CardData": {"PaymentBrand": text, "MaskedPan": text}}
    assert _charged(body).card == ("", "1111")
    del answer["PaymentResult"]
    for added in (
        f"refusalReason={quote(text)}",
        f"card {text} was refused",
        base64.b64encode(json.dumps({"message": text}).encode()).decode(),
    ):
        answer["Response"] = {"Result": "Failure", "ErrorCondition": "Refusal", "AdditionalResponse": added}
        refused = _charged(body)
        assert refused.outcome is Outcome.DECLINED
        assert text not in refused.words
        assert "•••• 1111" in refused.words


@given(st.binary())
def test_any_bytes_are_unknown(raw: bytes) -> None:
    assert _charged(raw).outcome is Outcome.UNKNOWN


@given(st.data())
def test_an_answer_with_anything_in_any_place_ends_in_an_outcome(data: st.DataObject) -> None:
    body = _payment()
    home: Any = body
    key: Any = "PaymentResponse"
    while isinstance(home[key], dict) and data.draw(st.booleans()):
        home = home[key]
        key = data.draw(st.sampled_from(sorted(home)))
    home[key] = data.draw(_JSON)
    answer = _charged(body)
    assert answer.key == _KEY
    if answer.outcome is Outcome.APPROVED:
        assert answer.amount > 0
        assert 0 <= answer.tip <= answer.amount
    else:
        assert answer.outcome in {Outcome.UNKNOWN, Outcome.DECLINED, Outcome.AUTHORISED}
