"""When a push is due, how long a pause is, and how much goes at once: arithmetic of time, without a journal."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from till.sync.pace import LONGEST, LONGEST_DEADLINE, SHORTEST, Backoff, Patience, Schedule
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


def test_a_timeout_halves_the_batch_and_with_one_event_left_doubles_the_deadline() -> None:
    patience = Patience(batch=100, deadline=2)
    limits = []
    while patience.limit > 1:
        patience.timed_out(patience.limit)
        limits.append(patience.limit)
    assert limits == [50, 25, 12, 6, 3, 1]
    assert patience.deadline == 2
    deadlines = []
    for _ in range(6):
        patience.timed_out(1)
        deadlines.append(patience.deadline)
    assert deadlines == [4, 8, 16, 30, 30, 30]
    assert patience.deadline <= LONGEST_DEADLINE


def test_a_slow_link_keeps_the_deadline_that_it_needs() -> None:
    patience = Patience(batch=100, deadline=2)
    patience.timed_out(1)
    patience.timed_out(1)
    patience.answered(6)
    assert patience.deadline == 8
    assert patience.limit == 100
    patience.answered(0.01)
    assert patience.deadline == 2


def test_a_push_may_wait_longer_where_a_greeting_waits_and_its_batch_is_not_to_blame() -> None:
    patience = Patience(batch=100, deadline=2)
    patience.greeted(0.3)
    assert patience.deadline == 2
    patience.greeted(3)
    assert (patience.limit, patience.deadline) == (100, 12)
    patience.greeted(20)
    assert patience.deadline == LONGEST_DEADLINE
    patience.answered(0.1)
    assert patience.deadline == 2


def test_the_batch_grows_again_only_where_there_is_time_left() -> None:
    patience = Patience(batch=100, deadline=2)
    patience.timed_out(20)
    patience.answered(1.5)
    assert patience.limit == 10
    for limit in (20, 40, 80, 100, 100):
        patience.answered(0.1)
        assert patience.limit == limit


def test_connecting_has_a_patience_of_its_own() -> None:
    patience = Patience(batch=100, deadline=2)
    for _ in range(5):
        patience.connect_timed_out()
    assert (patience.limit, patience.deadline, patience.connect_deadline) == (100, 2, 30)
    patience.answered(0.1)
    assert patience.connect_deadline == 2


def test_a_secret_does_not_stand_in_a_repr() -> None:
    assert "hush" not in repr(ConnectionFacts("password=hush", "hush"))
