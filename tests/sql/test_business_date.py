"""The day that a moment counts for: the server and the tills say the same one, across every change of a clock."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg.types.json import Jsonb

from till.domain.money.amount import Currency
from till.domain.order.terms import Terms
from till.domain.settings import VenueSettings
from till.domain.venue import Venue as DomainVenue

if TYPE_CHECKING:
    from tests.sql.ringing import Venue

#: Changes of clocks, in UTC: forward and back, by half an hour and by two, at midnight, over it, and over a whole day.
CHANGES = [
    ("Europe/London", "2026-03-29T01:00"), ("Europe/London", "2026-10-25T01:00"),
    ("America/New_York", "2026-03-08T07:00"), ("America/New_York", "2026-11-01T06:00"),
    ("Australia/Lord_Howe", "2025-04-05T15:00"), ("Australia/Lord_Howe", "2025-10-04T15:30"),
    ("America/Santiago", "2025-04-06T03:00"), ("America/Santiago", "2025-09-07T04:00"),
    ("Antarctica/Troll", "2025-03-30T01:00"), ("Antarctica/Troll", "2025-10-26T01:00"),
    ("Africa/Cairo", "2025-04-24T22:00"), ("Africa/Cairo", "2025-10-30T21:00"),
    ("America/St_Johns", "2010-03-14T03:31"), ("America/St_Johns", "2010-11-07T02:31"),
    ("Pacific/Apia", "2011-12-30T10:00"), ("Asia/Kolkata", "2026-03-03T00:00"),
]  # fmt: skip
#: When a day ends, in steps of five minutes from the wall clock of a change: what is near it holds every trap there is.
STEPS = st.integers(-40, 40) | st.integers(-144, 143)

_NEAR = timedelta(hours=4)


def of_till(zone: str, ends: time, moments: list[datetime]) -> list[date]:
    settings = VenueSettings(timezone=zone, business_day_ends=f"{ends:%H:%M}")
    venue = DomainVenue(settings, Terms(Currency("GBP"), included=True))
    return [venue.business_date(moment) for moment in moments]


def of_server(venue: Venue, zone: str, ends: time, moments: list[datetime]) -> list[date]:
    settings = Jsonb({"timezone": zone, "business_day_ends": ends.isoformat("minutes")})
    rows = venue.rows(
        "SELECT till.day_of(%s, m) FROM unnest(%s::timestamptz[]) WITH ORDINALITY AS x (m, n) ORDER BY n",
        settings,
        moments,
    )
    return [day for (day,) in rows]


def around(change: str, zone: str, ends: time) -> list[datetime]:
    """Steps of five minutes of the days around a change, and the last moment before each.

    Near the change it is every step, elsewhere each half hour and the steps where a day ends.
    """
    middle, there = datetime.fromisoformat(change).replace(tzinfo=UTC), ZoneInfo(zone)
    steps = [middle + timedelta(minutes=5 * step) for step in range(-30 * 12, 30 * 12)]
    chosen = [
        step
        for step in steps
        if abs(step - middle) <= _NEAR or step.minute % 30 == 0 or step.astimezone(there).time() == ends
    ]
    return [moment for step in chosen for moment in (step - timedelta(microseconds=1), step)]


@pytest.mark.parametrize(("zone", "change"), CHANGES)
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(step=STEPS)
def test_business_date_of_till_and_server_agree(venue: Venue, zone: str, change: str, step: int) -> None:
    at = datetime.fromisoformat(change).replace(tzinfo=UTC).astimezone(ZoneInfo(zone))
    ends = (at.replace(tzinfo=None, minute=at.minute // 5 * 5) + timedelta(minutes=5 * step)).time()
    moments = around(change, zone, ends)
    days = of_till(zone, ends, moments)
    assert of_server(venue, zone, ends, moments) == days
    assert days == sorted(days), "a sale never counts for a day that had ended"


@pytest.mark.parametrize("change", ["2026-03-29T01:00", "2026-10-25T01:00"])
def test_business_date_agrees_in_london_when_the_day_ends_as_the_clock_changes(venue: Venue, change: str) -> None:
    moments = around(change, "Europe/London", time(1, 30))
    assert of_server(venue, "Europe/London", time(1, 30), moments) == of_till("Europe/London", time(1, 30), moments)


@pytest.mark.parametrize("zone", ["UTC", "Europe/London", "America/New_York"])
def test_business_date_does_not_depend_on_who_asks(venue: Venue, zone: str) -> None:
    """The zone of the connection is no part of it."""
    venue.owner.execute(f"SET timezone TO '{zone}'")
    moments = around("2026-10-25T01:00", "Europe/London", time(1, 30))
    assert of_server(venue, "Europe/London", time(1, 30), moments) == of_till("Europe/London", time(1, 30), moments)


def test_business_date_of_a_store_goes_by_its_settings(venue: Venue) -> None:
    def day(moment: str) -> Any:
        return venue.value("SELECT till.business_date(%s, %s)", venue.store, moment)

    assert [str(day(f"2026-03-02T{clock}Z")) for clock in ("22:29", "22:30")] == ["2026-03-02", "2026-03-03"]
    venue.value("SELECT till.store_settings_v1(%s, 9, %s)", venue.store, Jsonb({"timezone": "UTC"}))
    assert [str(day(f"2026-03-03T{clock}Z")) for clock in ("03:59", "04:00")] == ["2026-03-02", "2026-03-03"]
