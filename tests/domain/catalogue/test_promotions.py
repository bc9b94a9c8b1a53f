"""When and on what the venue offers something."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any

import pytest

from till.domain.catalogue.promotions import Promotion, read_promotion
from till.domain.money.amount import Currency
from till.domain.money.measures import Millionths, Minor
from till.domain.money.promotion import Offer


def read(**raw: Any) -> Promotion:
    return read_promotion({"name": "P", "percent": "20", **raw}, Currency("INR"))


@pytest.mark.parametrize(
    ("raw", "moment", "holds"),
    [
        ({}, "2026-03-03 10:00", True),
        ({"off": True}, "2026-03-03 10:00", False),
        ({"hours": [{"from": "17:00", "to": "19:00"}]}, "2026-03-03 16:59:59", False),
        ({"hours": [{"from": "17:00", "to": "19:00"}]}, "2026-03-03 17:00", True),
        ({"hours": [{"from": "17:00", "to": "19:00"}]}, "2026-03-03 19:00", False),
        ({"hours": [{"from": "17:00", "to": "19:00", "days": [2]}]}, "2026-03-03 18:00", True),  # a Tuesday
        ({"hours": [{"from": "17:00", "to": "19:00", "days": [3]}]}, "2026-03-03 18:00", False),
        ({"hours": [{"from": "08:00", "to": "09:00"}, {"from": "17:00", "to": "19:00"}]}, "2026-03-03 18:00", True),
        ({"hours": [{"from": "22:00", "to": "02:00", "days": [2]}]}, "2026-03-04 01:00", True),
        ({"starts": "2026-03-03"}, "2026-03-02 23:59:59", False),
        ({"starts": "2026-03-03"}, "2026-03-03 00:00", True),
        ({"ends": "2026-03-03"}, "2026-03-03 23:59:59", True),
        ({"ends": "2026-03-03"}, "2026-03-04 00:00", False),
        # hours over midnight are of the day on which they began
        ({"ends": "2026-03-03", "hours": [{"from": "22:00", "to": "02:00"}]}, "2026-03-04 01:00", True),
        ({"ends": "2026-03-03", "hours": [{"from": "22:00", "to": "02:00"}]}, "2026-03-04 22:00", False),
        ({"starts": "2026-03-04", "hours": [{"from": "22:00", "to": "02:00"}]}, "2026-03-04 01:00", False),
        ({"starts": "2026-03-04", "hours": [{"from": "22:00", "to": "02:00"}]}, "2026-03-04 22:00", True),
    ],
)
def test_promotion_applies_in_its_days_and_hours(raw: dict[str, Any], moment: str, *, holds: bool) -> None:
    assert read(**raw).holds(datetime.fromisoformat(moment)) is holds


@pytest.mark.parametrize(
    ("raw", "opens"),
    [
        ({}, time(17)),
        ({"starts": "2026-03-04"}, None),
        ({"ends": "2026-03-02"}, None),
        ({"off": True}, None),
        ({"hours": [{"from": "22:00", "to": "02:00"}, {"from": "12:00", "to": "14:00"}]}, time(12)),
        ({"hours": [{"from": "08:00", "to": "09:00"}]}, None),
    ],
)
def test_promotion_of_one_day_is_offered_on_that_day(raw: dict[str, Any], opens: time | None) -> None:
    promotion = read(**{"hours": [{"from": "17:00", "to": "19:00"}], **raw})
    assert promotion.opens(datetime.fromisoformat("2026-03-03 10:00")) == opens


@pytest.mark.parametrize(
    ("raw", "on"),
    [
        ({}, "abc"), ({"items": ["a"]}, "a"), ({"categories": ["x"]}, "ab"),
        ({"items": ["c"], "categories": ["x"]}, "abc"),
        ({"percent": None, "set": ["a", "c"], "price": "1"}, "ac"),
        ({"percent": None, "price": "1", "slots": [{"name": "S", "of": [{"category": "y"}, {"item": "a"}]}]}, "ac"),
    ],
)  # fmt: skip
def test_promotion_applies_to_items_and_categories(raw: dict[str, Any], on: str) -> None:
    category = {"a": "x", "b": "x", "c": "y"}
    assert "".join(item for item in "abc" if read(**raw).is_on(item, category[item])) == on


def test_terms_of_a_promotion_are_read() -> None:
    assert read().offer == Offer("P", rate=Millionths(200_000))
    assert read(percent=None, amount="1.50").offer == Offer("P", amount=Minor(150))
    assert read(buy=2, get=1).offer == Offer("P", rate=Millionths(200_000), buy=2, get=1)
    assert read(by_hand=True).by_hand


def test_a_slot_has_the_surcharge_of_an_item_before_that_of_its_category() -> None:
    of = [{"category": "x", "extra": "1"}, {"item": "a", "extra": "2.50"}]
    combo = read(
        percent=None, price="9.90", slots=[{"name": "Main", "of": of}, {"name": "Drink", "of": of, "pieces": 2}]
    )
    assert [(slot.name, slot.pieces, slot.extra) for slot in combo.offer_on("a", "x").slots] == [
        ("Main", 1, 25_000),
        ("Drink", 2, 25_000),
    ]
    assert {slot.extra for slot in combo.offer_on("b", "x").slots} == {10_000}
