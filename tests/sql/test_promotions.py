"""Promotions of the venue: every till gets them, and a promotion that no till could read is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pytest
from psycopg import Error
from psycopg.types.json import Jsonb

from till.domain.catalogue.promotions import read_promotions
from till.domain.money.amount import Currency

if TYPE_CHECKING:
    from tests.sql.ringing import Venue

HOURS = [{"from": "17:00", "to": "19:00", "days": [1, 5]}, {"from": "22:00", "to": "02:00"}]
GOOD: tuple[dict[str, Any], ...] = (
    {"percent": "20", "categories": ["c1"], "hours": HOURS},
    {"amount": "1.50", "items": ["dosa"], "starts": "2026-01-01", "ends": "2026-12-31"},
    {"price": "30", "off": True},
    {"buy": 2, "get": 1},
    {"buy": 1, "get": 1, "percent": "50"},
    {"pieces": 3, "price": "100.00", "items": ["idly", "dosa"]},
    {"set": ["idly", "dosa", "dosa"], "price": "150"},
    {"percent": "15.5", "by_hand": True},
    {
        "slots": [{"name": "Main", "of": [{"category": "c1"}, {"item": "dosa", "extra": "1.50"}], "pieces": 2}],
        "price": "9",
    },
)


def put(venue: Venue, name: Any, body: Any) -> None:
    venue.value("SELECT till.promotion_set_v1(%s, 9, %s, %s)", venue.store, name, Jsonb(body))


def version(venue: Venue) -> Any:
    return venue.value("SELECT version FROM settings WHERE name = 'settings'")


def test_every_kind_is_kept_and_read_and_every_till_is_notified(venue: Venue) -> None:
    before = version(venue)
    for place, body in enumerate(GOOD):
        put(venue, f"P{place}", body)
    found = venue.value("SELECT till.promotions(%s)", venue.store)
    assert found == [{**body, "name": f"P{place}"} for place, body in enumerate(GOOD)]
    read = read_promotions(found, Currency("INR"))
    assert [one.name for one in read] == [f"P{place}" for place in range(len(GOOD))]
    put(venue, "P0", {"percent": "30"})
    venue.value("SELECT till.promotion_remove_v1(%s, 9, 'P1')", venue.store)
    sent = venue.value("SELECT till.reference_body(%s, 'settings', 1, '{}') -> 'promotions'", venue.store)
    assert sent[0] == {"name": "P0", "percent": "30"}
    assert [one["name"] for one in sent] == ["P0", "P2", "P3", "P4", "P5", "P6", "P7"]
    combos = venue.value("SELECT till.reference_body(%s, 'settings', 1, '{}') -> 'combos'", venue.store)
    assert combos == [{**GOOD[8], "name": "P8"}]
    assert version(venue) == before + len(GOOD) + 2
    rows = venue.rows(
        "SELECT event_type, event_data->>'name' FROM session_events"
        " WHERE starts_with(event_type, 'promo') ORDER BY event_id"
    )
    assert rows == [("promotion_set", f"P{place}") for place in range(len(GOOD))] + [
        ("promotion_set", "P0"),
        ("promotion_removed", "P1"),
    ]


UNREADABLE: Final[tuple[Any, ...]] = (
    None, [], 1, {}, {"percent": 20}, {"percent": "101"}, {"percent": "-1"}, {"percent": None}, {"amount": "1e3"},
    {"price": "-1"}, {"price": ""}, {"buy": 2}, {"get": 1}, {"buy": 0, "get": 1}, {"buy": "2", "get": 1},
    {"buy": 1.5, "get": 1}, {"buy": 1000, "get": 1}, {"pieces": 3}, {"set": ["dosa"]}, {"set": [], "price": "1"},
    {"set": [1], "price": "1"}, {"set": ["x"] * 51, "price": "1"}, {"percent": "1", "amount": "1"},
    {"percent": "1", "price": "1"}, {"buy": 1, "get": 1, "pieces": 3, "price": "1"}, {"percent": "1", "what": 1},
    {"percent": "1", "items": "dosa"}, {"percent": "1", "items": [None]}, {"percent": "1", "hours": [{}]},
    {"percent": "1", "hours": [{"from": "17:00", "to": "24:00"}]}, {"percent": "1", "hours": [1]},
    {"percent": "1", "hours": [{"from": "17:00", "to": "18:00", "days": [8]}]},
    {"percent": "1", "hours": [{"from": "17:00", "to": "18:00", "days": "mon"}]},
    {"percent": "1", "starts": "tomorrow"}, {"percent": "1", "starts": "2026-02-30"},
    {"percent": "1", "off": "yes"},
    {"buy": 1, "get": 1, "by_hand": True}, {"price": "1", "by_hand": True}, {"amount": "0.001"},
    {"buy": 1, "get": 1, "percent": "50", "by_hand": True},
)  # fmt: skip


def test_a_promotion_that_no_till_can_read_is_refused(venue: Venue, subtests: pytest.Subtests) -> None:
    before = version(venue)
    for body in UNREADABLE:
        with subtests.test(body=body):
            with pytest.raises(Error, match="The promotion is not valid") as refused:
                put(venue, "P", body)
            assert refused.value.sqlstate == "TL006"
            assert version(venue) == before


@pytest.mark.parametrize("name", [None, "", " ", " P", "a" * 81, "a\nb"])
def test_a_promotion_has_a_name(venue: Venue, name: Any) -> None:
    with pytest.raises(Error, match="The promotion is not valid: name cannot be"):
        put(venue, name, {"percent": "1"})


def test_promotions_are_limited_to_fifty(venue: Venue) -> None:
    for place in range(50):
        put(venue, f"P{place}", {"percent": "1"})
    put(venue, "P49", {"percent": "2"})
    with pytest.raises(Error, match="already 50 promotions"):
        put(venue, "P50", {"percent": "1"})
    with pytest.raises(Error, match="There is no promotion P50"):
        venue.value("SELECT till.promotion_remove_v1(%s, 9, 'P50')", venue.store)
