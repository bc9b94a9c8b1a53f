"""The words for tenders and for movements of money without an answer."""

from __future__ import annotations

from typing import Any

import pytest

from tests.domain.making import SESSION, START, uid
from till.domain.payment.names import in_words, tender_name
from till.domain.payment.unanswered import MovementKind, Unanswered


@pytest.mark.parametrize(
    ("tender", "name", "within"),
    [
        ("CASH", "Cash", "cash"),
        ("CARD", "Card", "card"),
        ("UPI", "UPI", "UPI"),
        ("VOUCHER", "Voucher", "voucher"),
        ("ACCOUNT", "House account", "house account"),
        ("MEAL", "MEAL", "MEAL"),
    ],
)
def test_tender_has_a_name_alone_and_within_a_sentence(tender: str, name: str, within: str) -> None:
    assert (tender_name(tender), in_words(tender_name(tender))) == (name, within)


@pytest.mark.parametrize(
    ("label", "within"), [("Meal voucher", "meal voucher"), ("X", "X"), ("x", "x"), ("", ""), ("IOU note", "IOU note")]
)
def test_only_the_first_letter_of_a_name_becomes_small(label: str, within: str) -> None:
    assert in_words(label) == within


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ({"asked": MovementKind.REFUND, "receipt": "1-R000007"}, "Refund 1-R000007 of ₹8.00 has no answer: F10."),
        (
            {"asked": MovementKind.REFUND, "receipt": "1-R7", "is_over": True},
            "Refund 1-R7 of ₹8.00 has no answer: F10.",
        ),
        ({"asked": MovementKind.RETURN, "is_over": True}, "A refund of ₹8.00 has no answer: F10."),
        ({"asked": MovementKind.PAYMENT, "is_over": True}, "A refund of ₹8.00 has no answer: F10."),
        ({"asked": MovementKind.PAYMENT}, "An order: a payment of ₹8.00 has no answer. F9 there."),
        ({"asked": MovementKind.RETURN}, "An order: a refund of ₹8.00 has no answer. F9 there."),
        (
            {"asked": MovementKind.PAYMENT, "person": "As\x1bha"},
            "Asha's order: a payment of ₹8.00 has no answer. F9 there.",
        ),
        (
            {"asked": MovementKind.RETURN, "person": "Asha", "place": "table\x1b 7"},
            "table 7: a refund of ₹8.00 has no answer. F9 there.",
        ),
    ],
)
def test_movement_without_an_answer_names_its_place_and_the_key(more: dict[str, Any], sentence: str) -> None:
    facts: dict[str, Any] = {"id": uid("p"), "amount": "8.00", "currency": "INR", "till": 1, "session": SESSION}
    assert Unanswered(**facts, at=START, **more).sentence("₹8.00") == sentence
