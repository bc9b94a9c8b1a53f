import json
from datetime import UTC, datetime
from typing import Any, ClassVar

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.domain.making import SESSION, STORE, TAB, A, Hand, forged, uid
from till.domain.errors import EventError
from till.domain.events import envelope
from till.domain.events.envelope import (
    NO_HASH,
    Draft,
    canonical,
    read_time,
    sha256,
    texts_to_data,
    time_text,
)
from till.domain.events.fields import LONGEST_FREE
from till.domain.events.registry import EventData, Registry, UnreadData, private_fields
from till.domain.order.events import (
    AgeChecked,
    ItemAdded,
    LineVoided,
    OrderGranted,
    OrderTypeSet,
    PreferenceSet,
    TabAssigned,
)
from till.domain.streams import REGISTRY, unseal

texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=30)


def _read(event: envelope.Event, *, looked_at: bool = False) -> envelope.Event:
    return unseal(event.body, event.hash, texts_to_data(event), looked_at=looked_at)


@given(texts, texts)
def test_an_event_is_read_back_as_it_was_sealed(name: str, value: str) -> None:
    event = Hand().make(PreferenceSet(name=name, value=value))
    for looked_at in (False, True):
        assert _read(event, looked_at=looked_at) == event


@given(texts)
def test_free_text_is_read_back_with_its_event(expected: str) -> None:
    event = Hand().make(TabAssigned(tab_id=TAB, table_number=7, name=expected))
    assert _read(event) == event


@given(texts)
def test_the_body_is_the_same_after_a_database_gave_it_back(value: str) -> None:
    event = Hand().make(PreferenceSet(name=value, value="hot"))
    shuffled = dict(reversed(json.loads(event.body).items()))  # JSONB keeps no order of keys
    assert canonical(shuffled) == event.body
    assert sha256(canonical(shuffled)) == event.hash


def test_events_are_chained() -> None:
    hand = Hand()
    first, second = hand.opened(), hand.added()
    assert (first.seq, first.prev_hash) == (1, NO_HASH)
    assert (second.seq, second.prev_hash) == (2, first.hash)
    assert first.hash == sha256(first.body) != second.hash


def test_an_event_that_makes_a_hold_names_itself_and_the_following_ones_name_it() -> None:
    hand = Hand()
    opened, added = hand.opened(), hand.added()
    assert opened.hold == added.hold == opened.id
    granted, again = hand.took(), hand.added("b")
    assert granted.hold == again.hold == granted.id
    assert json.loads(again.body)["hold_id"] == granted.id


def test_a_sealed_event_elsewhere_keeps_all_but_its_place() -> None:
    hand = Hand()
    event = hand.voided("a", "spilled")
    moved = envelope.reseal(event, journal_id=uid("new journal"), seq=9, prev_hash="a" * 64)
    assert (moved.id, moved.at, moved.data, moved.texts) == (event.id, event.at, event.data, event.texts)
    assert (moved.journal_id, moved.seq, moved.prev_hash) == (uid("new journal"), 9, "a" * 64)
    assert _read(moved) == moved


def test_a_body_that_was_altered_is_refused() -> None:
    event = Hand().added(quantity=1)
    with pytest.raises(EventError, match="does not match its seal"):
        unseal(event.body.replace('"quantity":1', '"quantity":2'), event.hash)


# Private text


def test_the_chain_holds_no_free_text_but_its_digest() -> None:
    event = Hand().voided("a", "Asha changed her mind")
    assert "Asha" not in event.body
    assert event.data.digests["reason"] == event.texts["reason"].digest
    assert isinstance(event.data, LineVoided)
    assert event.data.reason == "Asha changed her mind"


def test_the_same_text_has_another_digest_each_time() -> None:
    hand = Hand()
    first, second = hand.voided("a", "spilled"), hand.voided("b", "spilled")
    assert first.data.digests != second.data.digests


@pytest.mark.parametrize("expected", ["", "\x00\x1b"])
def test_an_empty_text_leaves_no_digest(expected: str) -> None:
    event = Hand().voided("a", expected)
    assert (event.data, event.texts) == (LineVoided(line_id=A), {})
    assert json.loads(event.body)["data"] == {"line_id": A}


def test_a_text_whose_beginning_was_moved_into_its_salt_is_dropped() -> None:
    event = Hand().voided("a", "not paid")
    salt, text = event.texts["reason"].salt, event.texts["reason"].text
    for moved in (text[:4], text):
        altered = {"reason": {"salt": salt + moved, "text": text.removeprefix(moved)}}
        assert unseal(event.body, event.hash, altered).texts == {}
    assert unseal(event.body, event.hash, {"reason": {"salt": salt[:-1], "text": salt[-1] + text}}).texts == {}
    assert unseal(event.body, event.hash, {"reason": {"salt": salt, "text": text}}).texts == event.texts


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
def test_an_invalid_text_is_dropped_and_the_event_stays(beside: Any) -> None:
    event = Hand().voided("a", "spilled")
    read = unseal(event.body, event.hash, beside)
    assert read.data == LineVoided(line_id=A, digests=event.data.digests)
    assert read.texts == {}


def test_the_texts_of_a_record_that_does_not_read_are_kept_beside_it() -> None:
    event = Hand().voided("a", "spilled")
    newer = forged(event, v=2)
    read = unseal(newer.body, newer.hash, texts_to_data(event))
    assert isinstance(read.data, UnreadData)
    assert texts_to_data(read) == texts_to_data(event)


def test_a_text_in_the_record_itself_is_none_of_ours() -> None:
    """Text within a sealed record could never be erased."""
    event = Hand().raw("line_voided", line_id=A, reason="Asha changed her mind")
    assert not event.is_known


def test_the_private_fields_are_known_by_their_class() -> None:
    private = {kind.__name__: private_fields(kind) for kind in REGISTRY if private_fields(kind)}
    assert private["LineVoided"] == ("reason",)
    assert private["TabAssigned"] == ("name",)
    assert {name for names in private.values() for name in names} == {
        "reason",
        "name",
        "how",
        "note",
        "who",
        "tax_number",
        "address",
        "names",
        "phone",
        "value",
        "words",
        "text",
        "text_2",
        "text_3",
    }


def test_free_text_is_made_harmless_before_it_is_sealed() -> None:
    event = Hand().voided("a", "spilled\x00\x1b[2J \ud800")
    assert isinstance(event.data, LineVoided)
    assert event.data.reason == "spilled[2J �"
    assert _read(event) == event


def test_free_text_without_end_is_cut() -> None:
    event = Hand().voided("a", "x" * 5_000)
    assert len(event.texts["reason"].text) == LONGEST_FREE
    assert _read(event) == event


# Reading


@pytest.mark.parametrize(
    "changes",
    [
        {"id": "not-an-id"},
        {"id": 5},
        {"id": "ffffffff-ffff-7fff-bfff-ffffffffffff"},
        {"id": "e6770000-0000-7000-8000-000000000000"},
        {"id": "0197a000-0000-4000-8000-000000000001"},
        {"id": "0197a000-0000-7000-c000-000000000001"},
        {"id": "0197A000-0000-7000-8000-000000000001"},
        {"seq": "1"},
        {"seq": True},
        {"seq": 0},
        {"seq": 2**63},
        {"till": None},
        {"till": "1"},
        {"till": -1},
        {"hold_id": "x"},
        {"hold_id": ""},
        {"hold_id": 5},
        {"stream_id": 7},
        {"stream_id": None},
        {"stream_kind": "Order"},
        {"user": "1"},
        {"user": -1},
        {"type": None},
        {"type": ["order_opened"]},
        {"type": "Order Opened"},
        {"type": "x" * 64},
        {"v": 0},
        {"v": None},
        {"harmless": 1},
        {"at": "yesterday"},
        {"at": 5},
        {"at": "2026-03-03T10:31:00"},
        {"at": "2026-03-03T10:31:00.000000+00:00"},
        {"at": "2026-02-30T10:31:00.000000Z"},
        {"at": "1969-12-31T23:59:59.000000Z"},
        {"at": "294000-01-01T00:00:00.000000Z"},
        {"at": "infinity"},
        {"journal_id": None},
        {"store_id": 1},
        {"prev_hash": None},
        {"prev_hash": "A" * 64},
        {"login_session": 3},
        {"shift": 3},
        {"more": 1},
    ],
)
def test_a_body_of_another_shape_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(EventError):
        forged(Hand().added(), **changes)


@pytest.mark.parametrize("data", [[], None, 5, "x", {"digests": "none"}, {"digests": {"reason": "x"}}])
def test_data_of_another_shape_is_kept_and_reported(data: Any) -> None:
    event = forged(Hand().added(), data=data)
    assert isinstance(event.data, UnreadData)
    assert event.data.why


@pytest.mark.parametrize(
    "body",
    ["", "null", "[]", "7", '"x"', "{}", "{", "[" * 100_000, '{"at":NaN}', '{"seq":' + "9" * 5000 + "}", "\ud800"],
)
def test_an_invalid_event_is_refused(body: str) -> None:
    with pytest.raises(EventError):
        unseal(body, NO_HASH if body == "\ud800" else sha256(body))


@pytest.mark.parametrize("deep", ["[" * 100_000 + "]" * 100_000, '{"x":' * 100_000 + "1" + "}" * 100_000])
def test_data_without_a_bottom_is_refused_or_reported(deep: str) -> None:
    body = Hand().added().body
    start = body.index('"data":') + len('"data":')
    end = body.index(',"harmless"')
    forged_body = body[:start] + deep + body[end:]
    with pytest.raises(EventError):
        unseal(forged_body, sha256(forged_body))


@pytest.mark.parametrize("where", ['"data":{', '"at":'])
def test_a_body_is_canonical_or_it_could_not_be_sealed_again(where: str) -> None:
    event = Hand().added()
    body = event.body.replace(where, where.replace(":", ": "), 1)
    with pytest.raises(EventError):
        unseal(body, sha256(body))


@pytest.mark.parametrize(
    "data",
    ['{"years":18,"passed":true}', '{"passed":true,"years":1.8e1}', '{"passed":true,"passed":true,"years":18}'],
)
@pytest.mark.parametrize("kind", ["age_checked", "table_sung_to"])
def test_data_of_an_event_is_canonical(data: str, kind: str) -> None:
    event = Hand().make(AgeChecked(years=18, passed=True))
    body = event.body.replace('{"passed":true,"years":18}', data).replace("age_checked", kind)
    assert body != event.body
    with pytest.raises(EventError):
        unseal(body, sha256(body))


def test_the_one_character_that_no_database_holds_is_refused() -> None:
    for value in ("a\x00b", "\x00"):
        with pytest.raises(EventError):
            Hand().raw("table_sung_to", song=value)
    assert Hand().make(PreferenceSet(name="\\u0000")).is_known


def test_a_type_of_a_newer_till_is_kept() -> None:
    event = Hand().raw("table_sung_to", song="Sa Re Ga")
    assert (event.type, event.is_known, event.harmless) == ("table_sung_to", False, False)
    assert _read(event) == event


# Writing


@pytest.mark.parametrize(
    "data",
    [
        OrderTypeSet(order_type="a\x00b"),
        OrderTypeSet(order_type="\ud800"),
        OrderTypeSet(order_type="x" * 251),
        OrderTypeSet(order_type=5),  # type: ignore[arg-type]
        PreferenceSet(name=4.5),  # type: ignore[arg-type]
        LineVoided(line_id="a"),
        ItemAdded(line_id=A, item_id="x", item_name="X", quantity=1, price="80,00", taxes=()),
        ItemAdded(line_id=A, item_id="x", item_name="X", quantity=10**40, price="80.00", taxes=()),
        ItemAdded(line_id=A, item_id="x", item_name="X", quantity=2**63, price="80.00", taxes=()),
        ItemAdded(line_id=A, item_id="x", item_name="X", quantity=True, price="80.00", taxes=()),
        ItemAdded(line_id=A, item_id="x", item_name="X", quantity=1, price="80.00", taxes=("GST",)),  # type: ignore[arg-type]
        OrderGranted(till=-1, journal=STORE, user=1),
    ],
)
def test_an_event_that_could_not_be_read_again_is_never_sealed(data: EventData) -> None:
    hand = Hand()
    hand.opened()
    with pytest.raises(EventError, match=r"cannot be recorded|must not hold"):
        hand.make(data)


@pytest.mark.parametrize(
    ("draft", "hold"),
    [
        (Draft(OrderTypeSet(order_type="x"), "session"), None),
        (Draft(OrderTypeSet(order_type="x"), SESSION), "x"),
    ],
)
def test_an_envelope_that_could_not_be_read_again_is_never_sealed(draft: Draft, hold: str | None) -> None:
    with pytest.raises(EventError, match="cannot be recorded"):
        Hand().seal(draft, hold)


def test_user_and_till_stand_in_the_envelope() -> None:
    event = Hand(till=3, user=7).added()
    assert (event.till, event.user, event.store_id, event.stream_kind, event.session_id) == (
        3,
        7,
        STORE,
        "order",
        SESSION,
    )


# Older versions


class Sung(EventData, frozen=True):
    """Somebody sang: since version 3 with how loud, in two steps."""

    stream: ClassVar[str] = "order"
    v: ClassVar[int] = 3
    upcasters: ClassVar[dict[int, Any]] = {
        1: lambda data: {"song": data["tune"], **{k: value for k, value in data.items() if k != "tune"}},
        2: lambda data: {**data, "loudness": 1},
    }

    song: str
    loudness: int


NEWER = Registry([Sung])


def _lifted(v: int, **data: Any) -> envelope.Event:
    event = Hand().raw("sung", v=v, **data)
    return envelope.unseal(event.body, event.hash, registry=NEWER)


@pytest.mark.parametrize(
    ("v", "data"), [(1, {"tune": "Sa Re Ga"}), (2, {"song": "Sa Re Ga"}), (3, {"song": "Sa Re Ga", "loudness": 1})]
)
def test_a_record_of_an_older_version_is_lifted_as_it_is_read(v: int, data: dict[str, Any]) -> None:
    event = _lifted(v, **data)
    assert event.data == Sung(song="Sa Re Ga", loudness=1)
    assert event.v == v
    assert envelope.unseal(event.body, event.hash, registry=NEWER, looked_at=True).data == event.data


@pytest.mark.parametrize(("v", "data"), [(1, {"song": "x"}), (2, {"song": 5}), (4, {"song": "x"}), (2, {})])
def test_an_event_that_cannot_be_lifted_is_kept_and_named(v: int, data: dict[str, Any]) -> None:
    assert isinstance(_lifted(v, **data).data, UnreadData)


def test_a_type_in_a_stream_where_it_does_not_belong_is_reported() -> None:
    event = forged(Hand().added(), stream_kind="till")
    assert isinstance(event.data, UnreadData)
    assert "wrong stream" in event.data.why


def test_an_event_is_never_changed() -> None:
    event = Hand().added()
    with pytest.raises(AttributeError):
        event.seq = 5  # type: ignore[misc]
    assert msgspec.structs.replace(event, seq=5).seq == 5


@given(st.datetimes(timezones=st.timezones(), min_value=datetime(1, 1, 3), max_value=datetime(9999, 12, 30)))  # noqa: DTZ001
def test_times_keep_their_microsecond_in_any_zone(moment: datetime) -> None:
    text = time_text(moment)
    assert read_time(text) == moment.astimezone(UTC)
    assert text.endswith("Z")
    assert len(text) == len("2026-03-03T10:31:00.000000Z")
