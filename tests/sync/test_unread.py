"""Unreadable data is reported as such: a record is kept, a row leaves its list intact, and no connection is blamed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, cast

import pytest

from tests.sync.rig import STORE, Keys, Rig, arrived, state
from till.domain.errors import StoreAwayError, StoreError
from till.domain.events.envelope import sha256
from till.domain.events.registry import UnreadData
from till.ports import LightState
from till.sync.connection import ConnectionFailedError
from till.sync.failures import Failure, FailureKind
from till.sync.messages import Hello
from till.sync.questions import StoreClient
from till.sync.reads import CONFLICTS, OPEN_ORDERS, OPEN_TABS, SESSION_EVENTS, USER_SESSIONS
from till.sync.settings import Identity

if TYPE_CHECKING:
    from collections.abc import Callable

    from till.domain.events.envelope import Event
    from till.sync.server import Server, StoreRead

UNREAD = "The server's answer is unreadable. Upgrade, or ask for help."
OTHER = "0197a000-0000-7000-8000-0000000000ff"


@pytest.fixture
def other(rig: Rig, shared: str, make_keys: Callable[..., Keys]) -> Keys:
    """Another till, which the order was granted to."""
    keys = make_keys(2)
    keys.clock.pass_by(60)
    keys.hear(*rig.journal.events_of(shared))
    keys.grant(shared)
    return keys


def answer(rig: Rig, session: str, *events: Event | dict[str, Any], version: int = 9) -> None:
    """The database brings these."""
    came = [arrived(one, number) if not isinstance(one, dict) else one for number, one in enumerate(events, 2)]
    last = next(one for one in reversed(events) if not isinstance(one, dict))
    rig.answer(rig.take(), sessions=[state(session, version, last, 2)], events=came)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"price":"40.00"', '"price":"80,00"'),
        ('"type":"item_added"', '"type":"item_wished"'),
        ('"v":1}', '"v":2}'),
        ('"quantity":1', '"promotion":"2 for 1","quantity":1'),
        ('"quantity":1', '"quantity":1.5'),
    ],
    ids=["price", "type", "version", "field", "number"],
)
def test_a_record_that_does_not_read_is_kept_and_stops_the_payment(
    rig: Rig, shared: str, other: Keys, old: str, new: str
) -> None:
    good = other.add(shared, "Vada")
    odd = other.slip(shared, other.line("Dosa"), rewritten=(old, new))
    assert isinstance(odd.data, UnreadData)
    answer(rig, shared, *other.journal.events_of(shared))
    assert {good.id, odd.id} <= {event.id for event in rig.journal.events_of(shared)}
    order = rig.ledger.order(shared)
    assert [line.name for line in order.lines.values()] == ["Vada"]
    assert [(one.event, one.type, one.till) for one in order.waits_for_manager] == [(odd.id, odd.type, 2)]
    mark = rig.journal.mark_of(shared)
    assert mark is not None
    assert mark.version == 9, "it is not asked for again"
    assert rig.shows(LightState.SAVED)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"hold_id":"', '"hold_id":"x'),
        ('"till":2', '"till":true'),
        ('"v":1}', '"v":0}'),
        ('"harmless":false', '"harmless":null'),
        ('"at":"2026', '"at":"29400'),
        ('"at":"2026', '"at":"1026'),
        ('"stream_kind":"order"', '"stream_kind":"Order!"'),
        ('"shift":null', '"shift":null,"table":7'),
        ('"shift":null,', ""),
        ('"quantity":1', '"quantity":1e999'),
        ('"quantity":1', f'"quantity":{"9" * 5000}'),
        ('"item_name":"Dosa"', r'"item_name":"\u0000"'),
        ('"item_name":"Dosa"', r'"item_name":"\ud800"'),
        ('"item_name":"Dosa"', r'"item_name":"\u0041"'),
        ('"item_name":"Dosa"', '"item_name":"Dosa","item_name":"Dosa"'),
    ],
)
def test_one_whose_envelope_is_none_is_left_out_and_its_order_is_named(
    rig: Rig, shared: str, other: Keys, old: str, new: str
) -> None:
    bad = other.add(shared, "Dosa")
    assert bad.body.count(old) == 1
    good = other.add(shared, "Vada")
    answer(rig, shared, rebodied(bad, old, new), good)
    kept = {event.id for event in rig.journal.events_of(shared)}
    assert (good.id in kept, bad.id in kept) == (True, False)
    mark = rig.journal.mark_of(shared)
    assert mark is None or mark.version < 9, "it is asked for again"
    assert rig.shows(LightState.ATTENTION)
    assert "does not match its seal" in rig.light.detail


def rebodied(event: Event, old: str, new: str) -> dict[str, Any]:
    """An event as it travels, with another body under a seal that fits."""
    body = event.body.replace(old, new)
    return arrived(event, 2) | {"b": body, "h": sha256(body)}


@pytest.mark.parametrize(("hold_id", "holder"), [("f" * 8, 2), ("0" * 8, 1)])
def test_the_database_may_know_of_a_hold_whose_grant_has_not_come(
    rig: Rig, shared: str, hold_id: str, holder: int
) -> None:
    own = rig.ledger.order(shared).hold
    named = f"{hold_id}{own[8:]}"
    rig.answer(rig.take(), sessions=[state(shared, 9, own, 2, hold_id=named)])
    mark = rig.journal.mark_of(shared)
    assert mark is not None
    assert (mark.hold, mark.holder) == (named, 2)
    assert rig.ledger.open_at(rig.ledger.order(shared)) == holder


def test_answers_that_do_not_read_are_reported_and_are_no_lost_road(rig: Rig) -> None:
    for _time in range(3):
        rig.wait()
        rig.take()
        rig.engine.on_failure(Failure(FailureKind.DAMAGED, "no head"), rig.now)
    assert (rig.light.state, rig.light.detail) == (LightState.ATTENTION, UNREAD)
    rig.wait()
    rig.answer(rig.take())
    assert rig.shows(LightState.SAVED)


def test_a_record_of_no_order_that_was_settled_is_reported_no_more(rig: Rig) -> None:
    record = {"session": None, "event": OTHER, "reason": "It is ten years ahead."}
    rig.pass_by(5)
    rig.answer(rig.take(), quarantined=[record], records=1)
    assert rig.light.detail == "1 record needs attention. It is ten years ahead."
    rig.pass_by(5)
    rig.answer(rig.take(), records=1)
    assert rig.light.detail == "1 record needs attention. It is ten years ahead."
    rig.pass_by(5)
    rig.answer(rig.take())
    assert rig.shows(LightState.SAVED)


# Lists


class Answering:
    """A server that answers what a test says."""

    def __init__(self) -> None:
        self.secret = "hush"
        self.answers: dict[StoreRead[Any], object] = {}

    async def open(self, _seconds: float, _turn: float | None = None) -> Hello:
        return Hello(ok=True)

    async def ask(self, statement: str, text: str, _seconds: float, _turn: float | None = None) -> str:
        (found,) = (answer for read, answer in self.answers.items() if read.statement == statement)
        if isinstance(found, ConnectionFailedError):
            raise found
        if callable(found):
            found = found(json.loads(text))
        return found if isinstance(found, str) else json.dumps(found)


@pytest.fixture
def server() -> Answering:
    return Answering()


@pytest.fixture
def questions(rig: Rig, server: Answering) -> StoreClient:
    identity = Identity(STORE, 1)
    return StoreClient(rig.journal, rig.ears, rig.settings, identity, rig.engine, cast("Server", server))


def row(session: str, **facts: Any) -> dict[str, Any]:
    """An order, as the database lists it."""
    known = {
        "lines": 2, "total": "160.00", "currency": "INR", "order_type": None, "till_name": "Till 2",
        "created_at": "2026-03-03T10:31:00.000000Z", "updated_at": "2026-03-03T10:31:00.000000Z",
    }  # fmt: skip
    return state(session, 2, session, 2) | known | facts


BAD_ROWS = [
    {"updated_at": "294000-01-01T00:00:00.000000Z"},
    {"created_at": "infinity"},
    {"total": "NaN"},
    {"total": "1e500"},
    {"lines": -1},
    {"user": 10**30},
    {"holder": -1},
    {"currency": "???"},
]


@pytest.mark.parametrize("change", BAD_ROWS, ids=str)
@pytest.mark.parametrize("which", [USER_SESSIONS, OPEN_ORDERS, OPEN_TABS])
async def test_a_row_that_does_not_read_is_named_and_the_others_are_listed(
    rig: Rig, server: Answering, questions: StoreClient, which: StoreRead[Any], change: dict[str, Any]
) -> None:
    ask = {
        USER_SESSIONS: lambda: questions.user_sessions(1), OPEN_ORDERS: questions.open_orders,
        OPEN_TABS: questions.open_tabs,
    }[which]  # fmt: skip
    name = "tabs" if which == OPEN_TABS else "sessions"
    server.answers[which] = {"ok": True, name: [row(STORE), row(OTHER) | change, 5, row(STORE)]}
    assert [found.session_id for found in await ask()] == [STORE, STORE]
    assert rig.shows(LightState.ATTENTION)
    assert rig.light.detail.startswith("2 records need attention.")
    server.answers[which] = {"ok": True, name: [row(STORE), row(OTHER) | change]}
    await ask()
    assert rig.light.detail == (f"1 record needs attention. A row cannot be read: {OTHER}. Ask a manager.")
    server.answers[which] = {"ok": True, name: [row(STORE), row(OTHER)]}
    assert len(await ask()) == 2
    assert rig.shows(LightState.SAVED)


@pytest.mark.parametrize("amount", ["NaN", "1e500", "80,00", "", "Infinity"])
async def test_a_conflict_or_record_that_does_not_read_hides_no_other(
    rig: Rig, server: Answering, questions: StoreClient, amount: str
) -> None:
    conflict = {
        "conflict": STORE, "kind": "sold_twice", "subject": STORE, "amount": "40.00", "currency": "INR", "till": 1,
        "found_at": "2026-03-03T10:31:00.000000Z",
    }  # fmt: skip
    record = {"id": 7, "reason": "why", "received_at": "2026-03-03T10:31:00.000000Z", "currency": "INR"}
    server.answers[CONFLICTS] = {
        "ok": True,
        "conflicts": [conflict | {"conflict": OTHER, "amount": amount}, conflict],
        "quarantine": [record | {"id": 8, "amount": amount}, record],
    }
    conflicts, records, _waiting = await questions.matters()
    assert ([one.conflict_id for one in conflicts], [one.record for one in records]) == ([STORE], [7])
    assert rig.light.detail.startswith("2 records need attention. A row cannot be read: ")


@pytest.mark.parametrize("text", ["", "no", "[]", '{"ok": 1}', '{"ok": true, "tabs": 5}'])
async def test_an_answer_that_does_not_read_as_a_whole_says_so(
    rig: Rig, server: Answering, questions: StoreClient, text: str
) -> None:
    server.answers[OPEN_TABS] = text
    with pytest.raises(StoreError) as error:
        await questions.open_tabs()
    assert error.value.sentence == UNREAD
    assert not rig.engine.away


@pytest.mark.parametrize(
    ("failure", "sentence"),
    [
        (Failure(FailureKind.UNREACHABLE, "gone"), StoreAwayError().sentence),
        (Failure(FailureKind.DEADLINE, "late"), StoreAwayError().sentence),
        (Failure(FailureKind.FATAL, "Upgrade it."), "Upgrade it."),
        (
            Failure(FailureKind.REJECTED, "22008 timestamp out of range"),
            (
                "The server cannot answer this till. "
                "Keep selling; `till db check` has details (22008 timestamp out of range)."
            ),
        ),
    ],
)
async def test_a_failed_question_names_its_reason(
    server: Answering, questions: StoreClient, failure: Failure, sentence: str
) -> None:
    server.answers[OPEN_TABS] = ConnectionFailedError(failure)
    with pytest.raises(StoreError) as error:
        await questions.open_tabs()
    assert error.value.sentence == sentence
    is_away = failure.kind in {FailureKind.UNREACHABLE, FailureKind.DEADLINE}
    assert isinstance(error.value, StoreAwayError) is is_away


async def test_an_order_is_fetched_whatever_else_its_row_says(
    rig: Rig, shared: str, other: Keys, server: Answering, questions: StoreClient
) -> None:
    added = other.add(shared, "Vada")
    events = [arrived(event, number) for number, event in enumerate(other.journal.events_of(shared), 1)]
    damaged = row(shared, total="NaN", created_at="noon", version=3, event=added.id)
    server.answers[SESSION_EVENTS] = {"ok": True, "session": damaged, "events": events}
    await questions.fetch(shared)
    assert added.id in {event.id for event in rig.journal.events_of(shared)}
    assert rig.ears.grown == [shared]


async def test_a_fetched_record_that_is_not_what_was_sealed_is_reported(
    rig: Rig, shared: str, other: Keys, server: Answering, questions: StoreClient
) -> None:
    good, bad = other.add(shared, "Vada"), other.add(shared, "Dosa")
    events = [arrived(good, 2), arrived(bad, 3) | {"b": bad.body.replace("Dosa", "Cola")}]
    server.answers[SESSION_EVENTS] = {"ok": True, "session": row(shared, version=3), "events": events}
    await questions.fetch(shared)
    assert bad.id not in {event.id for event in rig.journal.events_of(shared)}
    assert shared in rig.light.detail
    server.answers[SESSION_EVENTS] = {"ok": True, "session": row(shared, version=3), "events": [arrived(bad, 3)]}
    await questions.fetch(shared)
    assert rig.shows(LightState.SAVED)


@pytest.mark.parametrize(
    ("fits", "asked"), [(2, 1), (1, 3), (0, 3)], ids=["all fit", "one is too large", "a server that knows no lists"]
)
async def test_orders_without_a_snapshot_are_read_together(
    rig: Rig, shared: str, server: Answering, questions: StoreClient, fits: int, asked: int
) -> None:
    def read(request: dict[str, Any]) -> dict[str, Any]:
        reads.append(request)
        named = [one for one in request.get("sessions", ()) if one in listed[:fits]]
        events = {one: [arrived(event, n) for n, event in enumerate(rig.journal.events_of(one), 1)] for one in listed}
        return {
            "ok": True,
            "session": row(request["session"]) if "session" in request else None,
            "events": [event for one in [*named, request.get("session")] if one for event in events[one]],
            "sessions": named,
        }

    reads: list[dict[str, Any]] = []
    listed = [shared, rig.open()]
    rig.add(listed[1])
    rows = [row(one, refold=True) for one in listed]
    server.answers = {OPEN_TABS: {"ok": True, "tabs": rows}, SESSION_EVENTS: read}
    tabs = await questions.open_tabs()
    assert [(tab.session_id, tab.total) for tab in tabs] == [(one, rig.ledger.order(one).total) for one in listed]
    assert len(reads) == asked
