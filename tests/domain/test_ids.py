import random
import uuid
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from till.domain.ids import TICKS, IdClock, derived_id, id_at, is_uuid, moment_of, tick_at, tick_of

NOON = datetime(2026, 3, 3, 12, tzinfo=UTC)
moments = st.datetimes(datetime(1971, 1, 1), datetime(2400, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - aware by it


def _clock(last: str | None = None) -> IdClock:
    return IdClock(random.Random(7).getrandbits, last)  # noqa: S311 - a test repeats itself


@given(st.lists(moments, min_size=2, max_size=40))
def test_ids_sort_as_they_were_made_whatever_the_clock_does(clock: list[datetime]) -> None:
    ids = _clock()
    made = [ids.next(now) for now in clock]
    assert made == sorted(set(made))


@given(moments, st.timedeltas(timedelta(0), timedelta(hours=23)))
def test_an_id_follows_the_newest_of_its_order_on_a_till_whose_clock_is_behind(now: datetime, ahead: timedelta) -> None:
    theirs = _clock().next(now + ahead)
    ours = _clock()
    assert ours.next(now, after=theirs) > theirs


@given(moments, st.timedeltas(timedelta(days=1, seconds=1), timedelta(days=400_000)))
def test_an_id_from_beyond_any_honest_clock_is_no_floor(now: datetime, ahead: timedelta) -> None:
    theirs = id_at(tick_at(now) + ahead // timedelta(milliseconds=1) * TICKS, 0)
    ours = _clock()
    ours.follow(theirs, now)
    made = ours.next(now, after=theirs)
    assert made < theirs
    assert moment_of(made) - now < timedelta(milliseconds=2)


def test_the_last_id_of_the_own_journal_is_a_floor_however_wrong_its_clock_was() -> None:
    last = id_at(tick_at(NOON + timedelta(days=4_000)), 0)
    assert _clock(last).next(NOON) > last


@pytest.mark.parametrize("text", ["ffffffff-ffff-7fff-bfff-ffffffffffff", "e6770000-0000-7000-8000-000000000000"])
def test_the_last_ids_there_are_crash_nobody(text: str) -> None:
    ours = _clock()
    ours.follow(text, NOON)
    assert is_uuid(ours.next(NOON, after=text))


def test_a_clock_goes_on_after_the_last_id_of_its_journal() -> None:
    last = _clock().next(NOON + timedelta(hours=1))
    assert _clock(last).next(NOON) > last
    followed = _clock()
    followed.follow(last, NOON)
    followed.follow(_clock().next(NOON), NOON)
    assert followed.next(NOON) > last


@given(moments, st.integers(0, 2**62 - 1))
def test_an_id_is_a_uuid_of_version_7_with_its_time(now: datetime, tail: int) -> None:
    made = id_at(tick_at(now), tail)
    assert is_uuid(made)
    assert uuid.UUID(made).version == 7
    assert uuid.UUID(made).variant == uuid.RFC_4122
    assert tick_of(made) == tick_at(now)
    assert timedelta(0) <= now - moment_of(made) < timedelta(milliseconds=1)


def test_a_millisecond_holds_its_ticks() -> None:
    assert tick_at(NOON + timedelta(milliseconds=1)) - tick_at(NOON) == TICKS


def test_an_id_of_another_version_has_no_time() -> None:
    assert tick_of(str(uuid.uuid4())) == 0


_SOME = "0197d6a0-1234-7abc-8def-0123456789ab"


@pytest.mark.parametrize("text", ["", "x", _SOME.upper(), f"{{{_SOME}}}", _SOME.replace("-", ""), 7, None])
def test_only_canonical_text_is_an_id(text: object) -> None:
    assert not is_uuid(text)


def test_a_derived_id_is_the_same_everywhere() -> None:
    base = _clock().next(NOON)
    assert derived_id(base, "till 2") == derived_id(base, "till 2") != derived_id(base, "till 1")
    assert is_uuid(derived_id(base, "till 2"))
