"""The day, while the database does not answer: when the clock is doubted, and the effect of an answer."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from tests.register.conftest import VENUE
from till.domain.ids import moment_of
from till.register.today import Doubt, TodayError, doubt

if TYPE_CHECKING:
    from tests.register.conftest import Till

ZONE = ZoneInfo("Asia/Kolkata")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


LAST = at("2026-11-18 22:40")


@pytest.mark.parametrize(
    ("clock", "asks"),
    [
        ("2026-11-18 22:40", False),
        ("2026-11-18 22:31", False),
        ("2026-11-18 22:29", True),
        ("2026-11-18 09:00", True),  # the next morning, by a clock that is a day slow
        ("2026-11-19 23:59", False),
        ("2026-11-20 00:00", True),  # closed for a day, or a clock that is a day off
        ("2026-11-21 08:00", True),
        ("2026-11-17 23:59", True),
        ("2000-01-01 00:03", True),
    ],
)
def test_a_clock_is_doubted_that_left_out_a_day_or_went_back_to_one(clock: str, asks: bool) -> None:
    assert (doubt(at(clock), LAST) is not None) is asks


def test_a_day_that_the_clock_has_is_no_other_day() -> None:
    assert [day.isoformat() for day in Doubt(at("2026-11-18 09:00"), LAST).others] == ["2026-11-19"]


def test_an_hour_that_comes_twice_is_not_doubted() -> None:
    zone = ZoneInfo("Europe/Vienna")
    last = datetime(2026, 10, 25, 2, 55, tzinfo=zone)
    assert doubt(datetime(2026, 10, 25, 2, 5, tzinfo=zone, fold=1), last) is None


def test_two_clocks_may_meet_at_midnight() -> None:
    assert doubt(at("2026-11-18 23:56"), at("2026-11-19 00:05")) is None
    assert doubt(at("2026-11-18 23:54"), at("2026-11-19 00:05")) is not None


def test_a_till_that_was_never_used_is_not_asked() -> None:
    assert doubt(at("2000-01-01 00:00"), None) is None


def test_a_day_is_typed_with_its_hour_or_without() -> None:
    asked = Doubt(at("2000-01-01 00:03"), LAST)
    assert asked.read(" 2026-11-20 ") == at("2026-11-20 00:03")
    assert asked.read("2026-11-20 8:30") == at("2026-11-20 08:30")


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("2 idly", "That is not a date. Type 2026-11-19"),
        ("2026-02-30", "2026-02-30 is not in the calendar."),
        ("2026-11-19 25:00", "2026-11-19 25:00 is not in the calendar."),
        ("2036-11-19", "It cannot be that day. Type one from 2026-11-18 to 2027-11-19."),
        ("2026-11-17", "It cannot be that day. Type one from 2026-11-18 to 2027-11-19."),
    ],
)
def test_an_impossible_day_is_refused(typed: str, expected: str) -> None:
    with pytest.raises(TodayError, match=expected):
        Doubt(at("2026-11-21 08:00"), LAST).read(typed)


def begun_again(till: Till, **jump: float) -> None:
    """Start a till again that sold on 3 March at 10:31, with its clock moved."""
    till.order(1)
    till.clock.jump(**jump)
    till.start()


def test_an_answer_holds_until_the_database_is_heard(till: Till) -> None:
    begun_again(till, days=3)
    asked = till.register.today.question()
    assert asked is not None
    assert [day.isoformat() for day in asked.others] == ["2026-03-03", "2026-03-04"]
    assert till.register.today.tell(asked.on(asked.others[1])).isoformat() == "2026-03-04"
    till.clock.jump(days=-3)  # set right by hand: nothing moves
    placed = till.register.checkout.pay_exact(till.order(1).id).placed
    assert placed is not None
    assert placed.data.business_date == "2026-03-04"
    assert {placed.at.date().isoformat(), moment_of(till.journal.last_id).date().isoformat()} == {"2026-03-04"}
    assert till.register.today.question() is None
    till.register.time_received(datetime(2026, 3, 5, 5, 0, tzinfo=UTC))
    placed = till.register.checkout.pay_exact(till.order(1).id).placed
    assert placed is not None
    assert placed.data.business_date == "2026-03-05"


def test_the_day_is_that_of_the_venue_after_midnight_too(till: Till) -> None:
    till.journal.cache("settings", 2, VENUE | {"business_day_ends": "04:00"})
    begun_again(till, days=3)
    asked = till.register.today.question()
    assert asked is not None
    assert till.register.today.tell(asked.read("2026-03-05 01:00")).isoformat() == "2026-03-04"


def test_a_day_named_by_the_database_is_neither_asked_for_nor_overwritten(till: Till) -> None:
    begun_again(till, days=3)
    asked = till.register.today.question()
    assert asked is not None
    server_time = datetime(2026, 3, 5, 5, 0, tzinfo=UTC)
    till.register.time_received(server_time)
    till.register.today.tell(asked.on(asked.others[0]))
    assert till.register.ledger.now() == server_time
    assert till.register.today.question() is None


def test_today_counts_events_written_before_this_start(till: Till) -> None:
    begun_again(till, days=3)
    person = till.register.access.find(1)
    till.register.access.refuse(person)  # a wrong PIN is written by the clock of today
    assert till.register.today.question() is not None


def test_a_clock_that_was_right_once_is_not_asked_until_the_next_start(till: Till) -> None:
    begun_again(till, hours=1)
    assert till.register.today.question() is None
    till.clock.jump(days=3)
    assert till.register.today.question() is None
    till.start()
    assert till.register.today.question() is not None


def test_a_clock_that_is_confirmed_counts(till: Till) -> None:
    begun_again(till, days=3)
    assert till.register.today.question() is not None
    till.register.today.confirm()
    assert till.register.today.question() is None
    assert till.register.ledger.now() - till.clock.now() == timedelta()
