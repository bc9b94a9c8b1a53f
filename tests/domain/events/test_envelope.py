import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.domain.making import SESSION, Hand
from till.domain.errors import EventError
from till.domain.events.envelope import (
    NO_HASH,
    Draft,
    Event,
    EventType,
    canonical,
    digest,
    make_harmless,
    read_time,
    texts_to_data,
    time_text,
    unseal,
)

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)
data = st.dictionaries(texts, values, max_size=4)


def _sealed(body: str) -> tuple[str, str]:
    return body, digest(body)


def _changed(event: Event, **changes: Any) -> tuple[str, str]:
    """A body with other contents under a hash of its own: what a faulty till could send."""
    return _sealed(canonical(json.loads(event.body) | changes))


@given(data)
def test_an_event_is_read_back_as_it_was_sealed(facts: dict[str, Any]) -> None:
    event = Hand().make(EventType.PREFERENCE_SET, texts={"reason": "why"}, **facts)
    assert unseal(event.body, event.hash, texts_to_data(event)) == event


@given(data)
def test_the_body_is_the_same_after_a_database_gave_it_back(facts: dict[str, Any]) -> None:
    event = Hand().make(EventType.PREFERENCE_SET, **facts)
    shuffled = dict(reversed(json.loads(event.body).items()))  # JSONB keeps no order of keys
    assert canonical(shuffled) == event.body
    assert digest(canonical(shuffled)) == event.hash


def test_events_are_chained() -> None:
    hand = Hand()
    first, second = hand.opened(), hand.added()
    assert (first.seq, first.prev_hash) == (1, NO_HASH)
    assert (second.seq, second.prev_hash) == (2, first.hash)
    assert first.hash == digest(first.body) != second.hash


def test_a_body_that_was_altered_is_refused() -> None:
    event = Hand().added(quantity=1)
    with pytest.raises(EventError, match="does not match its seal"):
        unseal(event.body.replace('"quantity":1', '"quantity":2'), event.hash)


def test_the_chain_holds_no_free_text_but_its_digest() -> None:
    event = Hand().voided("a", "Asha changed her mind")
    assert "Asha" not in event.body
    assert event.data["digests"]["reason"] == event.texts["reason"].digest
    assert event.text("reason") == "Asha changed her mind"
    assert event.text("name") == ""


def test_the_same_text_has_another_digest_each_time() -> None:
    hand = Hand()
    first, second = hand.voided("a", "spilled"), hand.voided("b", "spilled")
    assert first.data["digests"] != second.data["digests"]


def test_an_empty_text_leaves_no_digest() -> None:
    assert Hand().make(EventType.LINE_VOIDED, texts={"reason": ""}, line_id="a").data == {"line_id": "a"}


@pytest.mark.parametrize(
    "beside",
    [
        {"reason": {"salt": "00", "text": "something else"}},
        {"other": {"salt": "00", "text": "never said"}},
        {"reason": None},
        {"reason": "plain"},
        {"reason": {"text": "no salt"}},
        {},
        None,
    ],
)
def test_a_text_that_was_not_said_is_dropped_and_the_event_stays(beside: Any) -> None:
    event = Hand().voided("a", "spilled")
    read = unseal(event.body, event.hash, beside)
    assert read.data == event.data
    assert read.text("reason") == ""


@pytest.mark.parametrize(
    "changes",
    [
        {"id": "not-an-id"},
        {"id": 5},
        {"seq": "1"},
        {"seq": True},
        {"seq": 0},
        {"till": None},
        {"till": "1"},
        {"hold_epoch": None},
        {"hold_epoch": "2"},
        {"session_id": 7},
        {"user": "1"},
        {"type": None},
        {"type": ["order_opened"]},
        {"at": "yesterday"},
        {"at": 5},
        {"at": "2026-03-03T10:31:00"},
        {"data": []},
        {"data": None},
        {"data": {"digests": "none"}},
        {"journal_id": None},
        {"store_id": 1},
        {"prev_hash": None},
        {"login_session": 3},
        {"shift": 3},
    ],
)
def test_a_body_of_another_shape_is_refused(changes: dict[str, Any]) -> None:
    body, sealed = _changed(Hand().added(), **changes)
    with pytest.raises(EventError):
        unseal(body, sealed, {"reason": {"salt": "", "text": ""}})


@pytest.mark.parametrize(
    "body",
    ["", "null", "[]", "7", '"x"', "{}", "{", "[" * 100_000, '{"at":NaN}', '{"seq":' + "9" * 5000 + "}", "\ud800"],
)
def test_what_is_no_event_is_refused(body: str) -> None:
    with pytest.raises(EventError):
        unseal(*(_sealed(body) if body != "\ud800" else (body, NO_HASH)))


def test_a_body_is_canonical_or_it_could_not_be_sealed_again() -> None:
    event = Hand().added()
    with pytest.raises(EventError):
        unseal(*_sealed(event.body.replace('","', '", "', 1)))


def test_a_type_of_a_newer_till_is_kept() -> None:
    event = Hand().make("table_sung_to", song="Sa Re Ga")
    read = unseal(event.body, event.hash)
    assert (read.type, read.data) == ("table_sung_to", {"song": "Sa Re Ga"})


def test_free_text_is_made_harmless_before_it_is_sealed() -> None:
    draft = Draft(EventType.LINE_VOIDED, SESSION, {"line_id": "a"}, {"reason": "spilled\x00\x1b[2J \ud800"})
    event = Hand().seal(make_harmless(draft))
    assert event.text("reason") == "spilled[2J �"
    assert unseal(event.body, event.hash, texts_to_data(event)) == event


@given(data)
def test_a_harmless_draft_keeps_its_data(facts: dict[str, Any]) -> None:
    draft = Draft(EventType.PREFERENCE_SET, SESSION, facts)
    if "\0" not in repr(facts) and r"\x00" not in repr(facts):
        assert make_harmless(draft) == draft


@pytest.mark.parametrize("facts", [{"price": 4.5}, {"lines": [{"price": 0.1}]}, {"by": float("nan")}])
def test_a_fraction_is_never_sealed(facts: dict[str, Any]) -> None:
    with pytest.raises(EventError, match="fraction"):
        make_harmless(Draft(EventType.ITEM_ADDED, SESSION, facts))


@pytest.mark.parametrize("facts", [{"name": "a\x00b"}, {"lines": ["\ud800"]}, {"\x00": 1}, {"at": ("\udfff",)}])
def test_what_a_database_cannot_hold_is_never_sealed(facts: dict[str, Any]) -> None:
    with pytest.raises(EventError, match="character"):
        make_harmless(Draft(EventType.ITEM_ADDED, SESSION, facts))


@given(st.datetimes(timezones=st.timezones(), min_value=datetime(1, 1, 3), max_value=datetime(9999, 12, 30)))  # noqa: DTZ001
def test_times_keep_their_microsecond_in_any_zone(moment: datetime) -> None:
    text = time_text(moment)
    assert read_time(text) == moment.astimezone(UTC)
    assert text.endswith("Z")
    assert len(text) == len("2026-03-03T10:31:00.000000Z")
