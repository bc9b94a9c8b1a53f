"""Whatever a terminal says, a charge ends in an outcome, and money is only what reads whole and is this charge's."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.tenders.terminal.counter import START, TRAITS, SetClock
from tests.terminal.process import POIID
from till.domain.ids import id_at, tick_at
from till.domain.money.measures import Minor
from till.ports import Answer, Charge, Outcome
from till.tenders.terminal.client import Client
from till.tenders.terminal.tender import TerminalTender

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
    """A line that answers what the test has it say, with the header that fits the question where it has one."""

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


def _charged(body: Any) -> Answer:
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
