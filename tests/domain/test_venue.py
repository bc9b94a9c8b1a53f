from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from till.domain.errors import ConfigError, TillError
from till.domain.money.amount import Currency
from till.domain.money.measures import Minor
from till.domain.money.settling import PaidRounding
from till.domain.order.terms import Terms
from till.domain.settings import VenueSettings
from till.domain.venue import NOWHERE, Venue, read_venue

BODY: dict[str, Any] = {
    "name": "Udupi Corner",
    "locale": "en_IN",
    "timezone": "Asia/Kolkata",
    "business_day_ends": "04:00",
    "currency": "INR",
    "prices_include_tax": True,
    "tax_rounding": "order",
    "rounding": {"step": "1.00"},
    "tax_number": "29ABCDE1234F1Z5",
    "tills": [{"number": 2, "name": "Counter"}],
    "demo": True,
}
TERMS = Terms(Currency("GBP"), included=True)


def _venue(zone: str, ends: time) -> Venue:
    return Venue(VenueSettings(timezone=zone, business_day_ends=f"{ends:%H:%M}"), TERMS)


def _utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "ends", "moment", "day"),
    [
        ("Asia/Kolkata", time(0), "2026-03-02T18:29:59", date(2026, 3, 2)),
        ("Asia/Kolkata", time(0), "2026-03-02T18:30:00", date(2026, 3, 3)),
        ("Asia/Kolkata", time(4), "2026-03-02T22:29:59", date(2026, 3, 2)),
        ("Asia/Kolkata", time(4), "2026-03-02T22:30:00", date(2026, 3, 3)),
        ("America/New_York", time(5), "2026-07-04T08:59:59", date(2026, 7, 3)),
        ("America/New_York", time(5), "2026-07-04T09:00:00", date(2026, 7, 4)),
        # New year's eve, sold after midnight
        ("Europe/London", time(6), "2026-01-01T03:00:00", date(2025, 12, 31)),
        # clocks go back at 01:00 UTC: 01:30 comes twice, and the day ends at the first
        ("Europe/London", time(1, 30), "2026-10-25T00:29:59", date(2026, 10, 24)),
        ("Europe/London", time(1, 30), "2026-10-25T00:30:00", date(2026, 10, 25)),
        ("Europe/London", time(1, 30), "2026-10-25T01:10:00", date(2026, 10, 25)),
        # clocks go forward at 01:00 UTC: there is no 01:30, and the day ends as they do
        ("Europe/London", time(1, 30), "2026-03-29T00:59:59", date(2026, 3, 28)),
        ("Europe/London", time(1, 30), "2026-03-29T01:00:00", date(2026, 3, 29)),
        ("Europe/London", time(1, 30), "2026-03-29T01:10:00", date(2026, 3, 29)),
        # Santiago changes at midnight itself
        ("America/Santiago", time(0), "2026-09-06T03:59:59", date(2026, 9, 5)),
        ("America/Santiago", time(0), "2026-09-06T04:00:00", date(2026, 9, 6)),
    ],
)
def test_a_sale_counts_for_the_day_that_has_not_ended(zone: str, ends: time, moment: str, day: date) -> None:
    assert _venue(zone, ends).business_date(_utc(moment)) == day


zones = st.sampled_from(
    ["Europe/London", "America/New_York", "Australia/Lord_Howe", "America/Santiago", "Asia/Kolkata"]
)
quarters = st.integers(0, 4 * 24 - 1).map(lambda quarter: time(quarter // 4, quarter % 4 * 15))


# When clocks change in those zones: the hours around hold every trap there is.
changes = st.sampled_from(
    [
        "2026-10-25T01:00",
        "2026-03-29T01:00",
        "2026-11-01T06:00",
        "2026-03-08T07:00",
        "2026-04-04T15:00",
        "2026-09-06T04:00",
    ]
)
around = st.integers(-3 * 3600, 3 * 3600)


@given(zones, quarters, changes, around, around)
def test_business_dates_never_run_back(zone: str, ends: time, change: str, one: int, other: int) -> None:
    venue, moment = _venue(zone, ends), _utc(change)
    earlier, later = (moment + timedelta(seconds=seconds) for seconds in sorted((one, other)))
    assert venue.business_date(earlier) <= venue.business_date(later)


@pytest.mark.parametrize("zone", ["Europe/London", "America/New_York", "Australia/Lord_Howe", "America/Santiago"])
@pytest.mark.parametrize("ends", [time(0), time(1, 30), time(2, 15), time(4)])
def test_each_day_of_a_year_is_one_business_day(zone: str, ends: time) -> None:
    venue, moment = _venue(zone, ends), _utc("2026-01-01T12:00:00")
    days = [venue.business_date(moment + timedelta(hours=hour)) for hour in range(365 * 24)]
    assert days == sorted(days)
    assert len(set(days)) == (max(days) - min(days)).days + 1
    assert max(Counter(days).values()) <= 26


@pytest.mark.parametrize("zone", ["Asia/Kolkata", "Europe/London", "America/New_York", "Africa/Cairo"])
@pytest.mark.parametrize("ends", [time(0), time(1, 30), time(2, 30), time(4)])
def test_a_day_holds_the_moments_that_count_for_it(zone: str, ends: time) -> None:
    venue = _venue(zone, ends)
    for number in range(366):
        day = date(2026, 1, 1) + timedelta(days=number)
        begins, over = venue.times_of(day)
        assert venue.business_date(begins) == day
        assert venue.business_date(over - timedelta(microseconds=1)) == day
        assert venue.business_date(over) == day + timedelta(days=1)


def test_a_venue_is_read_from_its_settings() -> None:
    venue = read_venue(BODY)
    assert venue.terms == Terms(Currency("INR"), included=True, by_order=True, rounding=PaidRounding(Minor(100)))
    assert (venue.day_ends, venue.settings.tax_number, venue.demo) == (time(4), "29ABCDE1234F1Z5", True)
    assert (venue.till_name(2), venue.till_name(3), venue.till_name(None)) == ("Counter", "Till 3", "")


@pytest.mark.parametrize(
    "damage",
    [
        {"timezone": "Mars/Olympus"},
        {"timezone": "Europe"},
        {"timezone": "../../etc/passwd"},
        {"timezone": ""},
        {"timezone": "a" * 300},
        {"timezone": None},
        {"business_day_ends": "noon"},
        {"business_day_ends": None},
        {"rounding": {"step": "little"}},
        {"rounding": {"step": "-1"}},
        {"rounding": {"step": "0.001"}},
        {"rounding": {"step": "1", "direction": "up"}},
        {"rounding": {"step": "1", "to": "cash"}},
        {"rounding": "1.00"},
        {"tax_rounding_direction": "half_down"},
        {"service_charge": {"percent": "101"}},
        {"service_charge": {"percent": 10}},
        {"service_charge": ["10"]},
        {"tills": [{"number": "two"}]},
        {"tills": ["Counter"]},
        {"tills": 5},
    ],
)
def test_damaged_settings_are_refused_in_a_sentence(damage: dict[str, Any]) -> None:
    with pytest.raises(TillError) as refused:
        read_venue(BODY | damage)
    assert len(refused.value.sentence) < 200


def test_a_till_without_settings_can_be_painted() -> None:
    assert NOWHERE.business_date(_utc("2026-03-03T00:00:00")) == date(2026, 3, 3)


def test_the_server_is_no_till_0() -> None:
    venue = read_venue(BODY)
    assert [venue.till_name(number) for number in (None, 0, 1, 2)] == ["", "the server", "Till 1", "Counter"]


@pytest.mark.parametrize(
    ("backed_up_at", "demo", "days"),
    [
        ("2026-11-12T18:00:00.000000Z", False, 9),
        ("2026-11-12T18:00:00.000000Z", True, 0),
        ("2026-11-14T18:00:00.000000Z", False, 7),
        ("2026-11-14T18:00:01.000000Z", False, 0),
        ("2027-01-01T00:00:00.000000Z", False, 0),
        (None, False, 0),
    ],
)
def test_a_week_without_a_backup_is_too_long(backed_up_at: str | None, demo: bool, days: int) -> None:
    venue = read_venue({**BODY, "demo": demo, "backed_up_at": backed_up_at})
    assert venue.days_without_backup(_utc("2026-11-21T18:00")) == days


def test_tills_not_heard_since_a_restore_may_know_more_of_what_was_before() -> None:
    venue = read_venue({**BODY, "restored_at": "2026-11-21T18:00:00.000000Z", "unheard": [1, 2]})
    before, after = _utc("2026-11-21T17:59"), _utc("2026-11-21T18:00")
    assert [venue.unheard_of(before, till) for till in (1, 2, 3)] == ["Counter", "Till 1", "Till 1, Counter"]
    assert venue.unheard_of(after, 3) == ""
    assert read_venue(BODY).unheard_of(before, 3) == ""


@pytest.mark.parametrize("minutes", [-1, 1441, 1.5, "90", None, True])
def test_the_idle_limit_of_a_tab_is_a_number_of_minutes(minutes: object) -> None:
    assert read_venue(BODY).settings.tab_minutes == VenueSettings().tab_minutes
    assert read_venue({**BODY, "tab_minutes": 0}).settings.tab_minutes == 0
    with pytest.raises(ConfigError, match="tab_minutes"):
        read_venue({**BODY, "tab_minutes": minutes})
