"""Contents of a reply: events of other tills, holds, reference data and folds to make, and those that are rejected."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from msgspec.structs import replace

from tests.domain.making import refund_events
from tests.sync.rig import SCHEMA, STORE, Keys, Rig, arrived, state
from till.domain.errors import EventError
from till.domain.events.envelope import NO_HOLD, PrivateText, canonical, sha256
from till.domain.order.events import ItemAdded, LineVoided, OrderDiscarded, OrderPlaced
from till.domain.refund.events import RefundStarted, RefundUnknown
from till.ports import LightState, SessionMark
from till.sync.messages import SessionState, encode_event, encode_request, encode_snapshot, is_carried
from till.sync.reply_handler import mark_from
from till.sync.settings import Identity

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from till.domain.events.envelope import Event

PLACED = OrderPlaced(
    order_id=STORE, receipt="1-000001", business_date="2026-03-03", order_type="take_away", payment_method="cash",
    currency="INR", net="0.00", tax="0.00", rounding="0.00", total="0.00", lines=(), payments=(),
)  # fmt: skip
REFUND = RefundStarted(
    session_id=STORE, receipt="1-R000001", tender="CARD", amount="-40.00", order_id=STORE, sold="1-000001",
    business_date="2026-03-03", payment_id=STORE, currency="INR", net="-40.00", tax="0.00", rounding="0.00",
)  # fmt: skip
TAKEN_AT = "2026-03-03T10:32:00.000000Z"


def names(rig: Rig, session: str) -> set[str]:
    events = rig.journal.events_of(session)
    return {event.data.item_name for event in events if isinstance(event.data, ItemAdded)}


def taken(session: str, place: int, till: int = 2, hold_id: str | None = None) -> dict[str, Any]:
    return {
        "session": session,
        "till": till,
        "till_name": f"Till {till}",
        "user": 2,
        "user_name": "Ravi",
        "hold_id": hold_id or f"f197a000-0000-7000-8000-{place:012d}",
        "at": TAKEN_AT,
    }


def test_refunds_that_a_journal_of_before_left_come_in_before_the_head_and_are_reported(
    rig: Rig, make_keys: Callable[..., Keys]
) -> None:
    before = make_keys(seed=2)
    begun, spoiled = (before.write(REFUND) for _number in range(2))
    answer = before.write(RefundUnknown(**{name: getattr(REFUND, name) for name in RefundUnknown.__struct_fields__}))
    rig.open()
    rig.wait()
    found = [arrived(event, 0) | {"session": event.stream_id} for event in (begun, spoiled, answer)]
    found[1]["b"] = found[1]["b"].replace("40.00", "41.00")
    rig.answer(rig.take(), refunds=found)
    assert refund_events(rig.journal) == [begun]
    assert rig.ears.refunds_left_there == [begun.stream_id]


def test_events_of_another_till_come_in_and_are_known_from_then_on(
    rig: Rig, shared: str, make_keys: Callable[..., Keys]
) -> None:
    other = make_keys(2)
    keyed = [other.add(shared, name) for name in ("Vada", "Dosa")]
    events = [arrived(event, 2 + place) for place, event in enumerate(keyed)]
    rig.answer(rig.take(), sessions=[state(shared, 3, keyed[-1])], events=events)
    assert rig.ears.grown == [shared]
    assert names(rig, shared) == {"Vada", "Dosa"}
    rig.ears.grown.clear()
    rig.pass_by(5)
    poll = rig.take()
    assert [(known.session_id, known.version, known.event) for known in poll.known] == [(shared, 3, keyed[-1].id)]
    rig.answer(poll, events=events)
    assert rig.ears.grown == []


def test_an_order_that_ended_is_followed_until_whoever_listens_has_gone_on_with_it(
    rig: Rig, shared: str, make_keys: Callable[..., Keys], monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(_session_ids: object) -> None:
        raise KeyboardInterrupt

    event = make_keys(2).add(shared, "Vada")
    ended = {"sessions": [state(shared, 2, event, None, status="completed")], "events": [arrived(event, 2)]}
    monkeypatch.setattr(rig.ears, "sessions_grew", killed)
    with pytest.raises(KeyboardInterrupt):
        rig.answer(rig.take(), **ended)
    assert [mark.session_id for mark in rig.journal.followed_sessions()] == [shared]


@pytest.mark.parametrize("last", [PLACED, OrderDiscarded(line_ids=(STORE,))])
def test_an_order_that_ended_is_followed_no_longer_whoever_wrote_on_it(
    rig: Rig, shared: str, make_keys: Callable[..., Keys], last: OrderPlaced | OrderDiscarded
) -> None:
    event = make_keys(2).add(shared, "Vada")
    rig.answer(rig.take(), sessions=[state(shared, 2, event)], events=[arrived(event, 2)])
    ended = rig.write(last, shared)
    rig.wait()
    status = "completed" if last is PLACED else "discarded"
    rig.answer(rig.take(), sessions=[state(shared, 9, ended, None, status=status)])
    assert rig.journal.followed_sessions() == []
    rig.pass_by(5)
    assert rig.take().known == ()


def test_a_till_that_stops_between_two_parts_of_an_answer_asks_for_all_of_it_again(
    rig: Rig, shared: str, make_keys: Callable[..., Keys]
) -> None:
    other = make_keys(2)
    keyed = [other.add(shared, f"Dish {n}") for n in range(100)]
    events = [arrived(event, 2 + place) for place, event in enumerate(keyed)]
    facts = {"sessions": [state(shared, 101, keyed[-1])], "events": events}
    parts = rig.engine.digest(rig.reply(rig.take(), **facts), rig.now)
    next(parts)
    assert 0 < len(names(rig, shared)) < 100
    mark = rig.journal.mark_of(shared)
    assert mark is None or mark.version < 101
    rig.start()
    rig.wait()
    rig.answer(rig.take(), **facts)
    assert len(names(rig, shared)) == 100


def test_an_order_whose_events_come_in_pages_is_asked_on_at_once_and_followed_until_the_last(
    rig: Rig, shared: str, make_keys: Callable[..., Keys]
) -> None:
    other = make_keys(2)
    keyed = [other.add(shared, f"Dish {n}") for n in range(4)]
    for place, event in enumerate(keyed, 2):
        more = place < 5
        page = state(shared, place, event, None, status="discarded", since=place - 1, more=more)
        rig.answer(rig.take(), sessions=[page], events=[arrived(event, place)], more=more)
        mark = rig.journal.mark_of(shared)
        assert mark is not None
        assert (mark.version, mark.event) == (place, event.id)
        if more:
            assert mark.open
            assert rig.engine.is_due(rig.now)
    assert len(names(rig, shared)) == 4


def test_a_take_over_is_reported_once_and_the_next_one_again(rig: Rig, shared: str) -> None:
    for place in (2, 2, 3):
        rig.answer(rig.take(), taken=[taken(shared, place)])
        rig.pass_by(5)
    assert rig.ears.takers == [(shared, "Till 2", "Ravi")] * 2


def test_an_order_granted_again_is_not_locked_by_an_answer_that_was_on_its_way(rig: Rig, shared: str) -> None:
    poll = rig.take()
    away = rig.grant(shared, till=2)
    rig.grant(shared)
    rig.answer(poll, taken=[taken(shared, 2, hold_id=away.id)])
    assert rig.ears.takers == []


def test_a_hold_of_this_till_is_no_take_over(rig: Rig, shared: str) -> None:
    rig.answer(rig.take(), taken=[taken(shared, 2, till=1)])
    assert rig.ears.takers == []


def test_a_session_that_waits_for_a_fold_gets_one_snapshot_for_each_version(rig: Rig, shared: str) -> None:
    event = rig.journal.events_of(shared)[0]
    rig.answer(rig.take(), sessions=[state(shared, 4, event, refold=True)])
    assert rig.wait() == 0
    request = rig.take()
    assert not request.events
    assert json.loads(bytes(request.snapshots[shared]))["base_version"] == 4
    rig.answer(request, sessions=[state(shared, 4, event, refold=True)])
    assert rig.wait() == 5
    assert not rig.take().snapshots


def test_an_order_that_another_till_holds_is_not_folded_for_it(rig: Rig, shared: str) -> None:
    event = rig.journal.events_of(shared)[0]
    rig.answer(rig.take(), sessions=[state(shared, 4, event, till=2, refold=True)])
    assert rig.wait() == 5


@pytest.mark.parametrize("status", ["completed", "discarded", "assigned_to_tab"])
def test_a_finished_order_is_followed_until_the_database_has_all_of_it(rig: Rig, shared: str, status: str) -> None:
    last = rig.add(shared)
    rig.wait()
    first = rig.take()
    late = rig.add(shared)
    rig.answer(first, sessions=[state(shared, 2, last, till=None, status=status)])
    assert [mark.session_id for mark in rig.journal.followed_sessions()] == [shared]
    rig.wait()
    rig.answer(rig.take(), sessions=[state(shared, 3, late, till=None, status=status)])
    assert rig.journal.followed_sessions() == []


def test_a_poll_asks_after_orders_that_are_finished_here(rig: Rig, shared: str) -> None:
    last = rig.add(shared)
    rig.journal.append([], closed=[shared])
    rig.wait()
    rig.answer(rig.take())
    rig.wait()
    poll = rig.take()
    assert [known.session_id for known in poll.known] == [shared]
    rig.answer(poll, sessions=[state(shared, 2, last, till=None, status="completed")])
    assert rig.journal.followed_sessions() == []


def test_changes_of_the_open_tabs_are_merged_or_the_whole_list_is_requested(rig: Rig) -> None:
    def answered(version: int, **body: object) -> tuple[int, Mapping[str, Any]] | None:
        rig.journal.cache("tabs", 7, {"tabs": [{"session": "a", "name": "Asha"}, {"session": "b", "name": "Om"}]})
        rig.pass_by(5)
        rig.answer(rig.take(), reference={"tabs": {"version": version, "body": body}}, epoch=1)
        return rig.journal.cached("tabs")

    changed = {"session": "a", "name": "Rao"}
    merged = [{"session": "b", "name": "Om"}, changed]
    assert answered(9, since=7, orders=["a", "c"], tabs=[changed]) == (9, {"tabs": merged})
    rig.pass_by(5)
    request = rig.take()
    assert (request.reference["tabs"], request.reference["changes"]) == (9, 1)
    rig.answer(request)
    assert (answered(9, since=6, orders=["a"], tabs=[]) or (9,))[0] == 0, "they follow another list"
    assert (answered(9, since=7, orders=5, tabs=[]) or (9,))[0] == 0
    assert (answered(9, since=7, orders=[[]], tabs=[]) or (9,))[0] == 0
    assert (answered(9, since=7, orders=[]) or (9,))[0] == 0


def test_reference_data_is_kept_and_reported(rig: Rig) -> None:
    rig.pass_by(5)
    menu = {"version": 3, "body": {"items": []}}
    rig.answer(rig.take(), reference={"menu": menu, "tabs": {"version": 7, "body": [{"name": "Asha"}]}})
    assert rig.journal.cached("menu") == (3, {"items": []})
    assert rig.journal.cached("tabs") == (7, {"tabs": [{"name": "Asha"}]})
    assert rig.ears.reference == ["menu", "tabs"]
    rig.pass_by(5)
    assert rig.take().reference == {
        "menu": 3,
        "staff": 0,
        "settings": 0,
        "tabs": 7,
        "waiting": 0,
        "drawer": 0,
        "balance": 0,
        "zs": 0,
        "money": 0,
        "notices": 0,
        "left": 0,
        "stock": 0,
    }


def test_only_what_the_database_keeps_is_asked_for(rig: Rig) -> None:
    rig.journal.cache("tries", 1, {"1": 2})
    rig.pass_by(5)
    assert "tries" not in rig.take().reference


def test_the_series_of_the_receipts_is_taken_once(rig: Rig) -> None:
    assert rig.journal.series == ""
    rig.pass_by(5)
    rig.answer(rig.take(), series="B")
    assert rig.journal.series == ""


def test_a_poll_without_news_writes_nothing(rig: Rig, shared: str, monkeypatch: pytest.MonkeyPatch) -> None:
    known = rig.journal.mark_of(shared)
    assert known is not None
    event = rig.journal.events_of(shared)[0]
    rig.answer(rig.take(), sessions=[state(shared, 1, event)])
    rig.pass_by(5)
    written: list[str] = []
    for name in ("acknowledge", "receive", "forget_open", "cache", "set_series"):
        monkeypatch.setattr(rig.journal, name, lambda *_a, name=name, **_k: written.append(name))
    rig.answer(rig.take(), sessions=[state(shared, 1, event)])
    assert written == []


def spoil_body(event: Event) -> dict[str, Any]:
    return {"b": event.body.replace("40.00", "4.00")}


def spoil_canon(event: Event) -> dict[str, Any]:
    body = event.body.replace('":', '": ')
    return {"b": body, "h": sha256(body)}


def spoil_session(_event: Event) -> dict[str, Any]:
    return {"session": "0197a000-0000-7000-8000-0000000000ff"}


def spoil_surrogate(event: Event) -> dict[str, Any]:
    body = event.body.replace("Dosa", r"\ud800")
    return {"b": body, "h": sha256(body)}


def spoil_number(event: Event) -> dict[str, Any]:
    body = canonical(json.loads(event.body) | {"seq": 2**70})
    return {"b": body, "h": sha256(body)}


def spoil_time(event: Event) -> dict[str, Any]:
    body = canonical(json.loads(event.body) | {"at": "0001-01-01T00:00:00+14:00"})
    return {"b": body, "h": sha256(body)}


@pytest.mark.parametrize(
    "spoil",
    [spoil_body, spoil_canon, spoil_session, spoil_surrogate, spoil_number, spoil_time],
    ids=lambda f: f.__name__,
)
def test_an_event_that_does_not_match_its_seal_is_left_out_reported_and_asked_for_again(
    rig: Rig, shared: str, make_keys: Callable[..., Keys], spoil: Callable[[Event], dict[str, Any]]
) -> None:
    other = make_keys(2)
    good, bad = other.add(shared, "Vada"), other.add(shared, "Dosa")
    facts = {"sessions": [state(shared, 3, bad)], "events": [arrived(good, 2), arrived(bad, 3) | spoil(bad)]}
    rig.answer(rig.take(), **facts)
    assert names(rig, shared) == {"Vada"}
    assert rig.shows(LightState.ATTENTION)
    assert "seal" in rig.light.detail
    rig.pass_by(5)
    rig.answer(rig.take(), sessions=facts["sessions"], events=[arrived(good, 2), arrived(bad, 3)])
    assert names(rig, shared) == {"Vada", "Dosa"}
    assert rig.shows(LightState.SAVED)


def test_a_text_whose_digest_does_not_match_is_dropped_and_the_event_stays(
    rig: Rig, shared: str, make_keys: Callable[..., Keys]
) -> None:
    other = make_keys(2)
    event = other.write(LineVoided(line_id=other.ledger.new_id(), reason="for Asha"), shared)
    forged = arrived(event, 2) | {"t": {"reason": {"salt": "x", "text": "for nobody"}}}
    rig.answer(rig.take(), sessions=[state(shared, 2, event)], events=[forged])
    found = rig.journal.events_of(shared)[-1]
    assert (found.id, found.texts) == (event.id, {})


def test_a_body_that_postgresql_cannot_read_travels_alone(rig: Rig) -> None:
    session = rig.open()
    rig.add(session)
    bad = rig.slip(session, rewritten=('"query":""', r'"query":"\u0000"'))
    rig.add(session)
    assert not is_carried(bad.body)
    batches = []
    while rig.journal.acked != rig.journal.head:
        rig.wait()
        request = rig.take()
        batches.append([event.seq for event in request.events])
        rig.answer(request)
    assert batches == [[1, 2], [3], [4]]


@pytest.mark.parametrize("name", ["Id\ud800ly", "Id\0ly"], ids=ascii)
def test_text_that_no_database_can_hold_is_refused_before_it_is_sealed(rig: Rig, name: str) -> None:
    session = rig.open()
    with pytest.raises(EventError):
        rig.add(session, name)
    assert rig.journal.head.seq == 1


def test_a_text_that_postgresql_cannot_hold_stays_here(rig: Rig) -> None:
    texts = {"note": PrivateText("salt", "no\0onion"), "name": PrivateText("salt", "Asha")}
    event = replace(rig.add(rig.open()), texts=texts)
    assert json.loads(bytes(encode_event(event)))["t"] == {"name": {"salt": "salt", "text": "Asha"}}


def test_a_snapshot_is_cleaned_for_it_is_no_record() -> None:
    shown = encode_snapshot({"items": [{"item": "Id\0ly", "n\ud800": ("a", 1)}], "total": "1"})
    assert json.loads(bytes(shown)) == {"items": [{"item": "Id�ly", "n�": ["a", 1]}], "total": "1"}


def test_the_request_is_the_one_of_the_contract(rig: Rig) -> None:
    session = rig.open()
    event = rig.journal.events_of(session)[0]
    rig.wait()
    sent = json.loads(encode_request(rig.take(), Identity(STORE, 1), "hush"))
    assert set(sent) == {
        "protocol", "store", "till", "secret", "journal", "schema", "events", "snapshots", "seq", "known", "epoch",
            "reference", "tells", "sends",
    }  # fmt: skip
    assert (sent["protocol"], sent["store"], sent["till"], sent["secret"]) == (1, STORE, 1, "hush")
    assert (sent["journal"], sent["schema"]) == (rig.journal.journal_id, SCHEMA)
    assert sent["events"] == [{"b": event.body, "h": event.hash, "t": {}}]
    assert sent["known"] == [{"session": session, "version": 0, "event": None}]
    assert sent["snapshots"][0]["session"] == session


@pytest.mark.parametrize("follows", [True, False])
def test_the_mark_of_a_session_is_its_state_in_the_database(*, follows: bool) -> None:
    hold, event = (f"f197a000-0000-7000-8000-{place:012d}" for place in (1, 2))
    state = SessionState(STORE, 7, "pending_logout", 4, hold, event, till=2, holder=3, refold=True)
    mark = SessionMark(STORE, 4, 7, event, 2, 3, hold, "pending_logout", refold=True, open=follows)
    assert mark_from(state, follows=follows) == mark
    assert mark_from(replace(state, hold_id=None), follows=follows).hold == NO_HOLD
