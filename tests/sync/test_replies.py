"""Effects of a reply: what is followed, owed, taken and shown, for each state that the database may report."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from msgspec.structs import replace

from tests.sync.rig import Keys, Rig, arrived, state
from till.domain.events.envelope import canonical, sha256
from till.domain.order.events import LinesMoved
from till.ports import Head, LightState, SessionMark
from till.sync.reply_handler import DivergedError, with_changes

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

OTHER = "0197a000-0000-7000-8000-0000000000ff"


def hold(place: int) -> str:
    """A hold of the server, later than any event of a test."""
    return f"f197a000-0000-7000-8000-{place:012d}"


def poll(rig: Rig, **facts: Any) -> None:
    """Answer the next poll."""
    rig.pass_by(5)
    rig.answer(rig.take(), **facts)


ASHA, OM, RAO = ({"session": session, "name": name} for session, name in (("a", "Asha"), ("b", "Om"), ("a", "Rao")))


@pytest.mark.parametrize(
    ("known", "version", "changes", "result"),
    [
        # a changed row comes last, and one that is no longer listed goes
        ((7, [ASHA, OM]), 9, {"since": 7, "orders": ["a"], "tabs": [RAO]}, (9, [OM, RAO])),
        ((7, [ASHA, OM]), 9, {"since": 7, "orders": ["a"], "tabs": []}, (9, [OM])),
        ((7, [OM]), 9, {"since": 7, "orders": ["a"], "tabs": [ASHA]}, (9, [OM, ASHA])),
        ((7, [OM]), 9, {"since": 7, "orders": [], "tabs": []}, (9, [OM])),
        (None, 9, {"since": 0, "orders": ["a"], "tabs": [ASHA]}, (9, [ASHA])),
        # changes of an earlier or a later list are shown, and the whole list is asked for
        ((7, [OM]), 9, {"since": 6, "orders": ["a"], "tabs": [ASHA]}, (0, [OM, ASHA])),
        ((7, [OM]), 9, {"since": 8, "orders": ["a"], "tabs": [ASHA]}, (0, [OM, ASHA])),
        (None, 9, {"since": 6, "orders": ["a"], "tabs": [ASHA]}, (0, [ASHA])),
        # changes that cannot be read leave the list as it is, and the whole list is asked for
        ((7, [OM]), 9, {"since": 7, "orders": 5, "tabs": [ASHA]}, (0, [OM])),
        ((7, [OM]), 9, {"since": 7, "orders": ["b"]}, (0, [OM])),
    ],
)
def test_changes_of_the_open_tabs(
    known: tuple[int, list[Any]] | None, version: int, changes: Mapping[str, Any], result: tuple[int, list[Any]]
) -> None:
    old = None if known is None else (known[0], {"tabs": known[1]})
    assert with_changes(old, version, changes) == (result[0], {"tabs": result[1]})


@pytest.mark.parametrize(
    ("status", "till", "holder", "is_followed"),
    [
        ("active", 1, 1, True),
        ("active", 2, 2, True),
        ("pending_logout", None, None, True),
        ("completed", None, 1, False),
        ("discarded", None, 1, False),
        # lines of other orders may still come onto a tab: its holder follows the orders on it
        ("assigned_to_tab", None, 1, True),
        ("assigned_to_tab", 1, 2, False),
        ("assigned_to_tab", None, 2, False),
        ("assigned_to_tab", None, None, False),
    ],
)
def test_an_order_is_followed_while_it_may_grow(
    rig: Rig, shared: str, status: str, till: int | None, holder: int | None, *, is_followed: bool
) -> None:
    last = rig.add(shared)
    rig.wait()
    rig.answer(rig.take(), sessions=[state(shared, 2, last, till, holder=holder, status=status)])
    assert [mark.session_id for mark in rig.journal.followed_sessions()] == [shared] * is_followed


@pytest.mark.parametrize(
    ("before", "facts", "is_followed"),
    [
        # an order that was not known is followed unless it has ended
        (None, {}, True),
        (None, {"status": "completed"}, False),
        (None, {"status": "completed", "more": True, "since": 0}, True),
        # one that was fetched once for a login, and is not followed
        (False, {}, False),
        (False, {"status": "pending_logout"}, False),
        (False, {"more": True, "since": 0}, True),
        (True, {}, True),
    ],
)
def test_mark_of_an_order_keeps_whether_it_is_followed(
    rig: Rig, before: bool | None, facts: dict[str, Any], *, is_followed: bool
) -> None:
    if before is not None:
        rig.journal.receive([], [SessionMark(OTHER, 1, 1, hold(1), open=before)])
    poll(rig, sessions=[state(OTHER, 2, hold(2), 2, **facts)])
    mark = rig.journal.mark_of(OTHER)
    assert mark is not None
    assert (mark.version, mark.event, mark.open) == (2, hold(2), is_followed)


@pytest.mark.parametrize(
    ("states", "owed"),
    [
        ([{"refold": True}], [4]),
        ([{"refold": False}], [None]),
        # the till that the order is open at folds it, whichever holds it
        ([{"refold": True, "till": 2, "holder": 1}], [None]),
        ([{"refold": True, "till": None, "holder": 1}], [None]),
        ([{"refold": True, "till": 1, "holder": 2}], [4]),
        # not before the last page
        ([{"refold": True, "more": True, "since": 0}], [None]),
        # once for each version, also for an earlier one after a restore
        ([{"refold": True}, {"refold": True}, {"refold": True, "version": 5}], [4, None, 5]),
        ([{"refold": True}, {"refold": True, "version": 3}], [4, 3]),
    ],
)
def test_a_snapshot_is_owed_to_the_database(
    rig: Rig, shared: str, states: list[dict[str, Any]], owed: list[int | None]
) -> None:
    event = rig.journal.events_of(shared)[0]
    found: list[int | None] = []
    for facts in states:
        rig.answer(rig.take(), sessions=[state(shared, facts.get("version", 4), event) | facts])
        rig.wait()
        request = rig.take()
        shown = request.snapshots.get(shared)
        known = {mark.session_id: mark.version for mark in request.known}
        found.append(known[shared] if shown is not None else None)
        rig.answer(request)
        rig.pass_by(5)
    assert found == owed


def taken(session: str, hold_id: str, till: int = 2) -> dict[str, Any]:
    return {
        "session": session, "till": till, "till_name": f"Till {till}", "user": 2, "user_name": f"Ravi {till}",
        "hold_id": hold_id, "at": "2026-03-03T10:32:00.000000Z",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("reported", "heard"),
    [
        ([[(2, 1)]], [2]),
        ([[(1, 1)]], []),
        ([[(2, 1)], [(2, 1)]], [2]),
        ([[(2, 1)], [(3, 2)]], [2, 3]),
        # an answer that was on its way for longer
        ([[(3, 2)], [(2, 1)]], [3]),
    ],
)
def test_take_over_is_reported_once_unless_it_is_older(
    rig: Rig, shared: str, reported: list[list[tuple[int, int]]], heard: list[int]
) -> None:
    for one in reported:
        poll(rig, taken=[taken(shared, hold(place), till) for till, place in one])
    assert rig.ears.takers == [(shared, f"Till {till}", f"Ravi {till}") for till in heard]


def test_take_over_is_reported_unless_this_till_was_granted_the_order_since(rig: Rig, shared: str) -> None:
    first = rig.grant(shared, till=2)
    rig.grant(shared, till=3)
    poll(rig, taken=[taken(shared, first.id)])
    assert rig.ears.takers == [(shared, "Till 2", "Ravi 2")]
    rig.ears.takers.clear()
    second = rig.grant(shared, till=2)
    rig.grant(shared)
    poll(rig, taken=[taken(shared, second.id)])
    assert rig.ears.takers == []


def test_order_that_ended_is_let_go_once(rig: Rig, shared: str, monkeypatch: pytest.MonkeyPatch) -> None:
    ended = [state(shared, 2, rig.journal.events_of(shared)[0], None, status="completed")]
    poll(rig, sessions=ended)
    assert rig.journal.followed_sessions() == []
    again: list[Sequence[str]] = []
    monkeypatch.setattr(rig.journal, "forget_open", again.append)
    poll(rig, sessions=ended)
    assert again == []


def test_take_overs_of_several_orders_are_each_reported(rig: Rig, shared: str) -> None:
    second = rig.open()
    rig.quiet()
    poll(rig, taken=[taken(shared, hold(1)), taken(second, hold(2), 3)])
    poll(rig, taken=[taken(shared, hold(1)), taken(second, hold(2), 3)])
    assert rig.ears.takers == [(shared, "Till 2", "Ravi 2"), (second, "Till 3", "Ravi 3")]


def test_light_shows_the_conflicts_and_logins_of_the_last_reply(rig: Rig) -> None:
    seen = []
    for facts in (
        {"conflicts": 2, "logins": {"user": 3, "tills": [2, 4]}},
        {"logins": {"user": 3}},
        {"conflicts": 1},
        {"logins": {"user": 0}},
    ):
        poll(rig, **facts)
        seen.append((rig.light.conflicts, rig.light.logged_in, rig.light.also_on))
    assert seen == [(2, 3, (2, 4)), (0, 3, ()), (1, 3, ()), (0, 0, ())]


def test_first_changes_of_the_open_tabs_are_the_list(rig: Rig) -> None:
    poll(rig, reference={"tabs": {"version": 9, "body": {"since": 0, "orders": ["a"], "tabs": [ASHA]}}})
    assert rig.journal.cached("tabs") == (9, {"tabs": [ASHA]})


def test_records_of_other_tills_are_counted_until_they_are_settled(rig: Rig) -> None:
    poll(rig, records=2)
    assert rig.light.detail == "2 records need attention. A manager logs in and settles it."
    poll(rig)
    assert rig.shows(LightState.SAVED)


def test_records_of_an_order_are_named_until_its_state_is_reported(rig: Rig, shared: str) -> None:
    """The database reports its state as often as it changes, with the records that it could not apply."""
    event = rig.journal.events_of(shared)[0]
    records = [{"session": shared, "event": hold(place), "reason": f"Reason {place}."} for place in (1, 2)]
    poll(rig, quarantined=records, records=2)
    assert rig.light.detail == "2 records need attention. Reason 1."
    poll(rig, records=0)
    assert rig.light.detail == "2 records need attention. Reason 1.", "no state of the order was reported"
    poll(rig, sessions=[state(shared, 2, event)], quarantined=records[1:], records=1)
    assert rig.light.detail == "1 record needs attention. Reason 2."
    poll(rig, sessions=[state(shared, 3, event)])
    assert rig.shows(LightState.SAVED)


def test_records_of_no_order_go_with_the_last_of_them_and_those_of_an_order_stay(rig: Rig, shared: str) -> None:
    of_order = {"session": shared, "event": hold(1), "reason": "Of an order."}
    of_none = [{"session": None, "event": hold(place), "reason": "Of none."} for place in (2, 3)]
    poll(rig, quarantined=[*of_none, of_order], records=3)
    assert rig.light.detail == "3 records need attention. Of none."
    poll(rig)
    assert rig.light.detail == "1 record needs attention. Of an order."


def test_an_order_with_an_unsound_event_is_named_until_it_came_well(
    rig: Rig, shared: str, make_keys: Callable[..., Keys]
) -> None:
    other = make_keys(2)
    good, bad = other.add(shared, "Vada"), other.add(shared, "Dosa")
    spoiled = arrived(bad, 3) | {"b": bad.body.replace("40.00", "4.00")}
    ended = [state(shared, 3, bad, None, status="completed")]
    poll(rig, sessions=ended, events=[arrived(good, 2), spoiled])
    assert [(one.session_id, one.version) for one in rig.journal.followed_sessions()] == [(shared, 0)]
    poll(rig, sessions=ended, events=[arrived(bad, 3)])
    assert rig.shows(LightState.SAVED)
    assert rig.journal.followed_sessions() == []


@pytest.mark.parametrize("names", [["menu"], ["menu", "staff"]])
def test_new_reference_data_is_reported_by_name(rig: Rig, names: list[str]) -> None:
    poll(rig, reference={name: {"version": 3, "body": {"items": [name]}} for name in names})
    assert rig.ears.reference == names
    assert [rig.journal.cached(name) for name in names] == [(3, {"items": [name]}) for name in names]
    poll(rig)
    assert rig.ears.reference == names


def test_time_of_the_database_is_passed_on_with_each_reply_that_has_it(rig: Rig) -> None:
    poll(rig, server_time="2026-03-03T10:40:00.000000Z")
    poll(rig)
    poll(rig, server_time="2026-03-03T11:40:00+01:00")
    assert rig.ears.times == [datetime(2026, 3, 3, 10, 40, tzinfo=UTC)] * 2
    assert rig.light.notice


@pytest.mark.parametrize(
    "time", ["noon", "294000-01-01T00:00:00.000000Z", "0001-01-01T00:00:00.000000+14:00", "2026-03-03T10:40:00"]
)
@pytest.mark.parametrize("is_of_hold", [True, False])
def test_reply_with_a_time_that_cannot_be_read_changes_nothing(
    rig: Rig, shared: str, time: str, *, is_of_hold: bool
) -> None:
    facts = {"taken": [taken(shared, hold(1)) | {"at": time}]} if is_of_hold else {"server_time": time}
    known = rig.journal.mark_of(shared)
    poll(rig, sessions=[state(shared, 9, hold(2))], **facts)
    assert (rig.journal.mark_of(shared), rig.ears.takers, rig.ears.times) == (known, [], [])


def test_series_of_receipts_is_taken_from_the_first_reply_that_has_one(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[str] = []
    monkeypatch.setattr(rig.journal, "set_series", given.append)
    monkeypatch.setattr(type(rig.journal), "series", property(lambda _self: given[0] if given else None))
    for series in (None, "", "B"):
        poll(rig, series=series)
    assert given == [""]


@pytest.mark.parametrize(
    ("for_till", "is_mentioned", "is_known", "is_asked"),
    [
        (1, False, False, True),
        # an act of another till, one whose answer came with it, and one that was answered before
        (2, False, False, False),
        (1, True, False, False),
        (1, False, True, False),
    ],
)
def test_order_of_an_act_whose_answer_was_lost_is_asked_for_at_once(
    rig: Rig,
    shared: str,
    make_keys: Callable[..., Keys],
    for_till: int,
    *,
    is_mentioned: bool,
    is_known: bool,
    is_asked: bool,
) -> None:
    server = make_keys(0)
    moved = server.write(LinesMoved(to_session=OTHER, line_ids=(hold(7),)), shared)
    body = canonical(json.loads(moved.body) | {"for_till": for_till})
    states = [state(shared, 2, moved), *([state(OTHER, 1, hold(1))] if is_mentioned else [])]
    if is_known:
        rig.journal.receive([], [SessionMark(OTHER, 1, 1, open=False)])
    rig.answer(rig.take(), sessions=states, events=[arrived(moved, 2) | {"b": body, "h": sha256(body)}])
    assert rig.engine.is_due(rig.now) is is_asked
    rig.pass_by(5)
    assert ((OTHER, 0) in [(mark.session_id, mark.version) for mark in rig.take().known]) is is_asked


#: The chain of a test: the events 1 to 3 are saved, 4 and 5 are sent, 6 was keyed since.
SAVED, SENT, KEYED = 3, 5, 6


def _head_is_refused(
    rig: Rig, monkeypatch: pytest.MonkeyPatch, seq: int, *, is_same: bool, sends: bool, gone: tuple[int, ...]
) -> bool:
    """Answer with a head of the chain, or with one of another chain at that place."""
    session = rig.open()
    chain = [rig.journal.events_of(session)[0], *(rig.add(session) for _line in range(SAVED - 1))]
    rig.quiet()
    chain += [rig.add(session) for _line in range(SENT - SAVED)]
    rig.wait()
    request = rig.take()
    chain.append(rig.add(session))
    pruned = tuple(Head(event.seq, event.hash) for event in chain if event.seq in gone)
    on_disk = rig.journal.hash_at
    monkeypatch.setattr(rig.journal, "hash_at", lambda place: None if place in gone else on_disk(place))
    request = replace(request, gone=pruned) if sends else replace(request, events=(), encoded=())
    digest = chain[seq - 1].hash if is_same else "f" * 64
    reply = rig.reply(request, head={"seq": seq, "hash": digest})
    acked = rig.journal.acked
    try:
        for _part in rig.engine._digest.take(reply, request):
            pass
    except DivergedError:
        assert rig.journal.acked == acked, "nothing was written"
        return True
    assert rig.journal.acked == Head(seq, digest)
    return False


@pytest.mark.parametrize(
    ("seq", "is_same", "sends", "gone", "is_refused"),
    [
        # all that was sent, a part of it, none of it, and a database that went back
        (5, True, True, (), False),
        (4, True, True, (), False),
        (3, True, True, (), False),
        (2, True, True, (), False),
        (6, True, True, (), False),
        # another chain, wherever it ends
        (6, False, True, (), True),
        (5, False, True, (), True),
        (4, False, True, (), True),
        (3, False, True, (), True),
        (2, False, True, (), True),
        (7, False, True, (), True),
        # a poll sends nothing to compare
        (6, False, False, (), True),
        (5, False, False, (), True),
        (3, False, False, (), True),
        (2, False, False, (), True),
        # events that are no longer on this disk: compared where their place is known, else believed
        (2, False, True, (1, 2), True),
        (2, True, True, (1, 2), False),
        (3, False, True, (1, 2, 3), True),
        (3, False, False, (1, 2, 3), True),
        (2, False, False, (1, 2), False),
    ],
)
def test_head_of_another_chain_is_refused(
    rig: Rig,
    monkeypatch: pytest.MonkeyPatch,
    seq: int,
    gone: tuple[int, ...],
    *,
    is_same: bool,
    sends: bool,
    is_refused: bool,
) -> None:
    assert _head_is_refused(rig, monkeypatch, seq, is_same=is_same, sends=sends, gone=gone) is is_refused
