"""Items marked sold out and back by somebody with one till's secret: each mark is a menu that every till asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.sql.conftest import template, venue
from tests.sql.ringing import DOSA, IDLY, new_id
from tests.sql.test_menu import marked, version
from tests.sql.test_refunds import quarantined

if TYPE_CHECKING:
    from tests.sql.ringing import Till, Venue

__all__ = ["template", "venue"]

HONEST, THIEF = 1, 2
TOO_OFTEN = "The till marked items sold out and back too often. For an hour its marks do not count."


def mark(till: Till, item: str, *, sold_out: bool) -> None:
    till.make("item_marked", None, {"item_id": item, "sold_out": sold_out})


def test_an_item_that_is_sold_out_and_back_without_end_is_so_a_few_times_and_reported(venue: Venue) -> None:
    honest, thief = venue.till(HONEST), venue.till(THIEF)
    before = version(venue)
    for number in range(50):
        mark(thief, IDLY, sold_out=number % 2 == 0)
        assert thief.push()["ok"]
    assert version(venue) - before == 20
    assert quarantined(venue) == [TOO_OFTEN]
    mark(honest, IDLY, sold_out=True)
    honest.push()
    assert marked(venue) == [True, False]
    venue.owner.execute("UPDATE till.menus SET came_at = came_at - interval '1 hour'")
    mark(thief, IDLY, sold_out=False)
    thief.push()
    assert marked(venue) == [False, False], "an hour later it is believed again"


def test_a_till_that_comes_back_after_days_is_heard_at_once(venue: Venue) -> None:
    till = venue.till(HONEST)
    before = version(venue)
    for number in range(101):
        mark(till, IDLY, sold_out=number % 2 == 0)
        mark(till, DOSA, sold_out=number % 2 == 1)
    mark(till, new_id(), sold_out=True)
    assert till.push()["ok"]
    assert (marked(venue), quarantined(venue)) == ([True, False], [])
    assert version(venue) - before == 2


def test_a_mark_by_nobody_or_of_no_item_fails_no_push(venue: Venue) -> None:
    thief = venue.till(THIEF)
    for item in ("", "x" * 250, "\x1b[2J", "NaN", DOSA):
        thief.make_badly("item_marked", None, {"item_id": item, "sold_out": True, "approved_by": 10**9}, user=None)
    assert thief.push()["ok"]
    assert marked(venue) == [False, True]
    assert quarantined(venue) == [
        f"The till names number {10**9} as approver, who is not a manager here. It was accepted."
    ]
