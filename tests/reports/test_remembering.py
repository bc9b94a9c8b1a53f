"""Sessions are remembered for as long as docs/adaptations.md says, and never past a change that was notified."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from till.reports.remembering import (
    ALL_S,
    MOST,
    SESSION_S,
    USER_S,
    Remembered,
    RememberedSessions,
    Tally,
    read_remembered,
)

if TYPE_CHECKING:
    from collections.abc import Callable


T = TypeVar("T")


class Shelf:
    """A database of sessions: each has a user and counts its changes."""

    def __init__(self) -> None:
        self.rows: dict[str, dict[str, Any]] = {}
        self.asked = 0
        self.meanwhile: Callable[[], None] = lambda: None

    def put(self, name: str, user: int) -> None:
        version = self.rows.get(name, {"version": 0})["version"] + 1
        self.rows[name] = {"id": name, "user": user, "version": version}

    def _answer(self, answer: T) -> T:
        self.asked += 1
        self.meanwhile()
        return answer

    def session(self, session_id: str) -> dict[str, Any] | None:
        return self._answer(self.rows.get(session_id))

    def of_user(self, user: int) -> list[dict[str, Any]]:
        return self._answer([row for row in self.rows.values() if row["user"] == user])

    def all_open(self) -> list[dict[str, Any]]:
        return self._answer(list(self.rows.values()))


class Watch:
    """A clock that is stopped until it is moved."""

    def __init__(self) -> None:
        self.at = 0.0

    def __call__(self) -> float:
        return self.at


@pytest.fixture
def shelf() -> Shelf:
    made = Shelf()
    made.put("a", 1)
    made.put("b", 2)
    return made


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
def remembered(shelf: Shelf, watch: Watch) -> RememberedSessions:
    return RememberedSessions(shelf, watch)


@pytest.mark.parametrize(
    ("ask", "lives"),
    [
        (lambda it: it.session("a"), SESSION_S),
        (lambda it: it.of_user(1), USER_S),
        (lambda it: it.all_open(), ALL_S),
    ],
    ids=["a session", "a person's", "all"],
)
def test_an_answer_lives_as_long_as_the_papers_say(
    remembered: RememberedSessions, shelf: Shelf, watch: Watch, ask: Callable[[RememberedSessions], Any], lives: float
) -> None:
    ask(remembered)
    watch.at = lives - 0.001
    ask(remembered)
    assert (shelf.asked, remembered.hits, remembered.misses) == (1, 1, 1)
    watch.at = lives
    ask(remembered)
    assert (shelf.asked, remembered.hits, remembered.misses) == (2, 1, 2)
    assert remembered.share == 33.3


def test_the_lifetimes_are_those_of_the_paper() -> None:
    assert (SESSION_S, USER_S, ALL_S) == (1800, 300, 120)


def test_the_list_of_all_describes_each(remembered: RememberedSessions, shelf: Shelf) -> None:
    assert remembered.share is None
    remembered.warm()
    assert remembered.session("a") == {"id": "a", "user": 1, "version": 1}
    assert (shelf.asked, remembered.hits) == (1, 1)


@pytest.mark.parametrize(
    ("payload", "drops"), [("store sessions", True), ("store tabs", True), ("", True), ("store menu", False)]
)
def test_a_notification_drops_the_entries_it_may_be_about(
    remembered: RememberedSessions, shelf: Shelf, payload: str, drops: bool
) -> None:
    remembered.warm()
    remembered.heard(payload)
    remembered.all_open()
    assert shelf.asked == 1 + drops


def test_an_own_write_drops_its_session_and_every_list_and_no_other(
    remembered: RememberedSessions, shelf: Shelf
) -> None:
    remembered.warm()
    remembered.of_user(2)
    shelf.put("a", 2)
    remembered.moved(["a"])
    assert [row["id"] for row in remembered.of_user(2)] == ["a", "b"]
    assert remembered.session("a") == shelf.rows["a"]
    asked = shelf.asked
    assert remembered.session("b") == shelf.rows["b"]
    assert shelf.asked == asked


def test_a_missing_session_is_not_remembered(remembered: RememberedSessions, shelf: Shelf) -> None:
    assert remembered.session("c") is None
    shelf.put("c", 1)
    assert remembered.session("c") is not None


def test_an_answer_from_before_what_was_heard_meanwhile_is_not_kept(
    remembered: RememberedSessions, shelf: Shelf
) -> None:
    shelf.meanwhile = lambda: remembered.heard("store sessions")
    remembered.session("a")
    shelf.meanwhile = lambda: None
    shelf.put("a", 1)
    assert remembered.session("a") == shelf.rows["a"]


def test_remembered_answers_are_bounded(shelf: Shelf, watch: Watch) -> None:
    remembered = RememberedSessions(shelf, watch)
    for number in range(MOST + 5):
        shelf.put(f"s{number}", 1)
        remembered.session(f"s{number}")
    remembered.all_open()
    assert len(remembered._kept) <= MOST


_STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("write"), st.sampled_from("abc"), st.integers(1, 2)),
        st.tuples(st.just("wait"), st.floats(0, 2000, allow_nan=False), st.just(0)),
        st.tuples(st.just("ask"), st.sampled_from("abc"), st.integers(1, 2)),
    ),
    max_size=40,
)


@given(_STEPS, st.sampled_from(["own", "told", "reconnected"]))
def test_answer_after_a_notified_write_is_fresh(steps: list[Any], way: str) -> None:
    shelf, watch = Shelf(), Watch()
    remembered = RememberedSessions(shelf, watch)
    for what, value, user in steps:
        if what == "wait":
            watch.at += value
        elif what == "write":
            shelf.put(value, user)
            if way == "own":
                remembered.moved([value])
            elif way == "told":
                remembered.heard("store sessions")
            else:
                remembered.forget_all()
        else:
            assert remembered.session(value) == shelf.rows.get(value)
            assert remembered.of_user(user) == [row for row in shelf.rows.values() if row["user"] == user]
            assert remembered.all_open() == list(shelf.rows.values())


@given(st.lists(st.integers(0, 10**7), min_size=6, max_size=6))
def test_the_cache_hits_are_written_and_read_again(numbers: list[int]) -> None:
    hits = Remembered("desk", *(Tally(*numbers[at : at + 2]) for at in (0, 2, 4)))
    assert read_remembered(hits.connection_name()) == hits
    assert len(hits.connection_name()) <= 63
    assert read_remembered(hits.connection_name() + "x") is None
    assert read_remembered("till desk") is None
