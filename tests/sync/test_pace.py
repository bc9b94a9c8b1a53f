"""When a push is due, how long a pause is, and how much goes at once: arithmetic of time, without a journal."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from till.sync.failures import of_sqlstate
from till.sync.pace import LONGEST, SHORTEST, UNREACHED, Backoff, Pace, Schedule
from till.sync.settings import ConnectionFacts, Settings


def scheduled() -> Schedule:
    schedule = Schedule(Settings(debounce_ms=150, max_wait_ms=1000, poll_s=5))
    schedule.start(0)
    schedule.sent()
    schedule.answered(0)
    return schedule


def test_the_first_event_waits_for_the_debounce() -> None:
    schedule = scheduled()
    schedule.nudge(1.0, at_once=False)
    assert schedule.due_at == pytest.approx(1.15)


def test_each_further_event_starts_the_debounce_anew() -> None:
    schedule = scheduled()
    schedule.nudge(1.0, at_once=False)
    schedule.nudge(1.1, at_once=False)
    assert schedule.due_at == pytest.approx(1.25)


def test_however_busy_the_keys_the_first_event_waits_for_the_bound_and_no_longer() -> None:
    schedule = scheduled()
    for tenth in range(40):
        now = 1 + tenth / 10
        if schedule.due_at <= now:
            break
        schedule.nudge(now, at_once=False)
    assert schedule.due_at == pytest.approx(2.0)


def test_a_push_due_at_once_stays_so_whatever_is_keyed_after_it() -> None:
    schedule = scheduled()
    schedule.nudge(1.0, at_once=False)
    schedule.nudge(1.05, at_once=True)
    schedule.nudge(1.06, at_once=False)
    assert schedule.due_at == pytest.approx(1.05)


def test_nothing_is_due_before_the_poll_when_nothing_happens() -> None:
    schedule = scheduled()
    assert schedule.due_at == pytest.approx(5)
    schedule.poll_soon(2)
    assert schedule.due_at == pytest.approx(2)


def test_a_call_that_comes_while_a_request_is_out_is_not_forgotten() -> None:
    schedule = scheduled()
    schedule.sent()
    schedule.poll_soon(3)
    schedule.answered(3.1)
    assert schedule.due_at == pytest.approx(3.2)


def test_however_often_it_is_called_a_till_asks_ten_times_a_second_at_most() -> None:
    schedule = scheduled()
    now, polls = 0.0, 0
    schedule.start(now)
    while now < 1:
        schedule.poll_soon(now)
        if schedule.due_at <= now:
            schedule.sent()
            schedule.poll_soon(now)
            schedule.answered(now)
            polls += 1
        now += 0.001
    assert 9 <= polls <= 11


def test_a_pause_holds_back_events_and_polls_until_somebody_waits() -> None:
    schedule = scheduled()
    schedule.pause(1, 20)
    schedule.nudge(2, at_once=True)
    schedule.poll_soon(2)
    assert schedule.due_at == pytest.approx(21)
    schedule.hurry(4)
    assert schedule.due_at == pytest.approx(4)


@given(st.lists(st.floats(0, 1, exclude_max=True), min_size=1, max_size=40))
def test_pauses_grow_with_full_jitter_and_stay_in_their_bounds(luck: list[float]) -> None:
    draws = iter(luck)
    backoff = Backoff(lambda: next(draws))
    for attempt in range(len(luck)):
        ceiling = min(LONGEST, SHORTEST * 2 ** (attempt + 1))
        assert SHORTEST <= backoff.next() <= ceiling
    assert backoff.failures == len(luck)


@pytest.mark.parametrize(("luck", "pauses"), [(0.0, [0.25] * 9), (1.0, [0.5, 1, 2, 4, 8, 16, 30, 30, 30])])
def test_the_whole_range_of_each_pause_may_be_drawn(luck: float, pauses: list[float]) -> None:
    backoff = Backoff(lambda: luck)
    assert [backoff.next() for _ in pauses] == pauses


def test_after_an_answer_the_pauses_start_again_from_the_shortest() -> None:
    backoff = Backoff(lambda: 1.0)
    assert [backoff.next(), backoff.next()] == [0.5, 1]
    backoff.reset()
    assert backoff.next() == pytest.approx(0.5)


@given(st.floats(0, 1, exclude_max=True))
def test_a_fault_that_waits_for_a_person_is_looked_at_slowly(luck: float) -> None:
    assert LONGEST / 2 <= Backoff(lambda: luck).slow() <= LONGEST


#: A push that a server ended after a time.
ENDED = of_sqlstate("57014", "")


def paced(luck: float = 1.0, **settings: int) -> Pace:
    return Pace(Settings(**settings), lambda: luck)


def test_a_connection_begins_with_ten_events_and_goes_on_with_those_of_its_time() -> None:
    pace = paced()
    sizes = []
    for took in (0.1, 0.1, 0.1, 0.6, 0.1, 0.1):
        sizes.append(pace.limit)
        assert pace.answered(pace.limit, took) == 0
    assert sizes == [10, 20, 40, 80, 100, 200]
    pace.greeted()
    assert pace.limit == 10


def test_slow_answers_halve_the_batch_to_ten_events_and_rest_grows_with_each_in_a_row() -> None:
    pace = paced(first_events=40)
    rests, sizes = [], []
    for took in (1.75, 1.75, 1.75, 1.75, 1.75, 1.75, 1.75, 29, 0.1, 0.1, 1.75):
        sizes.append(pace.limit)
        rests.append(pace.answered(pace.limit, took))
    assert rests == [0.5, 0.5, 0.5, 1, 2, 4, 8, 10, 0, 0, 0.5]
    assert sizes == [40, 20, *[10] * 7, 20, 40]


def test_few_events_that_are_answered_at_once_do_not_make_the_batch_smaller() -> None:
    pace = paced()
    pace.answered(10, 0.1)
    for events in (0, 1, 3):
        pace.answered(events, 0.7)
    assert pace.limit == 20


def test_an_ended_push_halves_the_batch_and_a_single_event_is_tried_ever_more_slowly() -> None:
    pace = paced()
    pauses, sizes = [], []
    for _attempt in range(12):
        sizes.append(pace.limit)
        pauses.append(pace.lost(ENDED, pace.limit))
    assert sizes == [10, 5, 2, *[1] * 9]
    assert pauses == [0.5, 1, 2, 4, 8, 16, *[30] * 6]
    pace.reset()
    for _attempt in range(3):
        pace.answered(pace.limit, 1.5)
    assert pace.limit == 8
    pace.answered(pace.limit, 1.5)
    pace.answered(pace.limit, 1.5)
    assert pace.limit == 10


def test_a_rest_holds_back_keys_and_polls_but_nothing_that_is_due_at_once() -> None:
    schedule = scheduled()
    schedule.nudge(1, at_once=True)
    schedule.rest(1, 6)
    schedule.nudge(1, at_once=False)
    schedule.poll_soon(2)
    assert schedule.due_at == pytest.approx(7)
    schedule.nudge(3, at_once=True)
    assert schedule.due_at <= 3
    schedule.rest(3, 6)
    schedule.hurry(4)
    assert schedule.due_at <= 4


def test_pauses_for_a_server_out_of_reach_stay_short_after_longer_ones() -> None:
    pace = paced()
    for _attempt in range(8):
        pace.next()
    assert pace.next(UNREACHED) == UNREACHED


@given(
    st.lists(st.tuples(st.sampled_from(["answered", "ended", "greeted"]), st.floats(0, 30), st.integers(0, 200))),
    st.integers(1, 300),
)
def test_a_batch_has_one_event_at_least_and_no_more_than_are_allowed(
    history: list[tuple[str, float, int]], most: int
) -> None:
    pace = paced(batch_events=most)
    for what, seconds, events in history:
        sent = min(events, pace.limit)
        if what == "answered":
            assert 0 <= pace.answered(sent, seconds) <= 10
        elif what == "ended":
            assert SHORTEST <= pace.lost(ENDED, sent) <= LONGEST
        else:
            pace.greeted()
        assert 1 <= pace.limit <= most


def test_a_secret_does_not_stand_in_a_repr() -> None:
    assert "hush" not in repr(ConnectionFacts("password=hush", "hush"))
