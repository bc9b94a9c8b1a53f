"""Amounts that are asked about before they are taken, and the words for ways to pay."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from till.domain.money.amount import Currency
from till.domain.money.coins import notes
from till.domain.money.formats import Formats, marks_of
from till.domain.payment.names import VOUCHER
from till.ports import TenderTraits
from till.register.payments.doubts import doubt_amount
from till.register.payments.tenders import BY_HAND, CARD, IN_CASH, UPI, Tenders

if TYPE_CHECKING:
    from till.domain.money.measures import Minor

INR = Currency("INR")
CASHBACK, PLAIN = IN_CASH, BY_HAND[0]
MEAL, LUNCH = (TenderTraits(name=name, label=name.title(), key="", by_hand=True) for name in ("MEAL", "LUNCH"))


@pytest.mark.parametrize(
    ("amount", "due", "more", "question"),
    [
        (100_000, 49_999, {}, "₹1,000.00 for ₹499.99? Enter again takes it. Change ₹500.01."),
        (100_000, 50_000, {}, ""),  # the change is the largest note
        (50_001, 0, {}, "₹500.01 for ₹0.00? Enter again takes it. Change ₹500.01."),
        (60_000, -1, {}, ""),  # money goes back
        (100_000, 49_999, {"way": PLAIN}, ""),  # more than is due is refused elsewhere
        (2_499, 5_000, {}, "₹24.99 of ₹50.00? Enter again takes it, ₹25.01 stays due."),
        (2_500, 5_000, {}, ""),
        (0, 5_000, {}, ""),
        (2_499, 5_000, {"way": PLAIN}, ""),
        (2_499, 5_000, {"may_be_slip": False}, ""),
        (4_050, 4_000, {"number": "40.5"}, "₹40.50 in cash? 40.5 is an item. Enter again takes it."),
        (4_050, 4_000, {}, ""),
        (4_050, 4_050, {"number": "40.5"}, ""),
        (5_000, 4_000, {"number": "50"}, ""),  # notes make it
        (4_050, 4_000, {"number": "40.5", "way": PLAIN}, ""),
    ],
)
def test_an_amount_far_from_what_is_due_is_asked_about(
    amount: Minor, due: Minor, more: dict[str, Any], question: str
) -> None:
    formats = Formats(INR, marks_of("en_IN"))
    assert doubt_amount(formats, **{"way": CASHBACK, **more}, notes=notes(INR), amount=amount, due=due) == question


def test_money_moves_in_cash_or_by_another_way() -> None:
    tenders = Tenders()
    assert [tenders.by_way(name) for name in ("CASH", CARD, UPI, VOUCHER, "LUNCH")] == [
        "in cash",
        "by card",
        "by UPI",
        "by voucher",
        "by LUNCH",
    ]


def test_ways_to_pay_stand_in_the_order_of_the_settings_the_others_first() -> None:
    names = [one.name for one in Tenders(by_hand=(*BY_HAND, MEAL, LUNCH), order=("LUNCH", UPI, "MEAL")).offered]
    assert names == [CARD, "LUNCH", UPI, "MEAL"]
