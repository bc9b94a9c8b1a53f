"""Every turn that the sync can take, in virtual time: the test is the road and the database."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from tests.sync.rig import SCHEMA, STORE, Rig, state
from till.domain.errors import JournalError
from till.domain.events.envelope import Draft
from till.domain.order.events import OrderDiscarded, OrderParked, OrderResumed
from till.domain.payment.events import PaymentStarted
from till.domain.staff.events import LoggedOut
from till.domain.till.events import FiscalStamped
from till.journal.chain import seal_again
from till.ports import LightState
from till.sync.composer import LISTS
from till.sync.failures import Failure, FailureKind, of_sqlstate, refusal
from till.sync.messages import Hello
from till.sync.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.sync.rig import Keys
    from till.domain.events.registry import EventData

LOST = Failure(FailureKind.UNREACHABLE, "gone")
LATE = Failure(FailureKind.DEADLINE, "late")


def test_a_till_that_starts_asks_at_once_and_then_polls(tmp_path: Path) -> None:
    rig = Rig(tmp_path / "j")
    assert rig.wait() == 0
    request = rig.take()
    assert not request.events
    assert request.reference == {
        "menu": 0,
        "staff": 0,
        "settings": 0,
        "tabs": 0,
        "waiting": 0,
        "drawer": 0,
        "balance": 0,
        "zs": 0,
        "money": 0,
        "notices": 0,
        "left": 0,
        "stock": 0,
    }
    assert rig.engine.next_wake(rig.now) is None
    rig.answer(request)
    assert rig.shows(LightState.SAVED)
    assert rig.wait() == 5
    rig.journal.close()


def test_keys_within_the_debounce_are_one_push(rig: Rig) -> None:
    session = rig.open()
    rig.pass_by(0.1)
    rig.add(session)
    rig.pass_by(0.1)
    last = rig.add(session)
    assert rig.engine.take_request(rig.now) is None
    assert rig.wait() == 0.15
    request = rig.take()
    assert [event.seq for event in request.events] == [1, 2, 3]
    assert list(request.snapshots) == [session]
    assert b'"amount":"80.00"' in bytes(request.snapshots[session])
    rig.answer(request, sessions=[state(session, 3, last)])
    assert rig.journal.acked == rig.journal.head
    mark = rig.journal.mark_of(session)
    assert mark is not None
    assert (mark.version, mark.event, mark.holder, mark.open) == (3, last.id, 1, True)


@pytest.mark.parametrize(
    "data",
    [
        PaymentStarted(payment_id=STORE, tender="CARD", amount="40.00", key="k"),
        OrderParked(),
        OrderResumed(),
        LoggedOut(user=1),
    ],
    ids=lambda data: type(data).__name__,
)
def test_events_that_somebody_waits_for_go_at_once(rig: Rig, data: EventData) -> None:
    session = rig.open()
    rig.write(data, session if data.stream == "order" else None)
    assert rig.wait() == 0


def test_the_light_goes_from_saved_here_to_saving_to_saved(rig: Rig) -> None:
    rig.ears.lights.clear()
    session = rig.open()
    rig.add(session)
    rig.wait()
    request = rig.take()
    rig.answer(request)
    assert [(light.state, light.unsent) for light in rig.ears.lights] == [
        (LightState.SAVED_HERE, 1),
        (LightState.SAVED_HERE, 2),
        (LightState.SAVING, 2),
        (LightState.SAVED, 0),
    ]


def test_one_push_at_a_time_and_what_is_keyed_meanwhile_goes_next(rig: Rig) -> None:
    session = rig.open()
    rig.wait()
    request = rig.take()
    rig.add(session)
    rig.pass_by(0.2)
    assert rig.engine.take_request(rig.now) is None
    assert rig.engine.next_wake(rig.now) is None
    rig.answer(request)
    assert rig.shows(LightState.SAVED_HERE)
    assert rig.wait() == 0
    assert [event.seq for event in rig.take().events] == [2]


def test_a_backlog_goes_in_batches_without_a_pause_and_shows_the_order_with_the_last(tmp_path: Path) -> None:
    rig = Rig(tmp_path / "j", Settings(batch_events=10))
    session = rig.open()
    for _ in range(24):
        rig.add(session)
    sizes, shown = [], []
    while rig.engine.next_wake(rig.now) == rig.now:
        request = rig.take()
        sizes.append(len(request.events))
        shown.append(list(request.snapshots))
        rig.answer(request, sessions=[state(session, sum(sizes), request.events[-1])])
    assert sizes == [10, 10, 5]
    assert shown == [[], [], [session]]
    rig.journal.close()


@pytest.mark.parametrize("events", [2, 3, 9])
def test_a_command_longer_than_a_batch_goes_whole_and_alone(tmp_path: Path, events: int) -> None:
    rig = Rig(tmp_path / "j", Settings(batch_events=1))
    session = rig.open()
    rig.answer(rig.take(), sessions=[state(session, 1, rig.journal.events_of(session)[-1])])
    rig.ledger.commit([Draft(rig.line(), session) for _line in range(events)])
    rig.add(session)
    rig.wait()
    request = rig.take()
    assert (len(request.events), list(request.snapshots)) == (events, [])  # later events are not shown yet
    rig.answer(request, sessions=[state(session, 1 + events, request.events[-1])])
    request = rig.take()
    assert (len(request.events), list(request.snapshots)) == (1, [session])
    rig.journal.close()


def test_a_request_names_what_is_known_of_each_order_that_it_shows(tmp_path: Path) -> None:
    rig = Rig(tmp_path / "j", Settings(batch_events=10))
    ended, session = rig.open(), rig.open()
    rig.write(OrderDiscarded(line_ids=()), ended)
    for _ in range(15):
        rig.add(session)
    rig.answer(rig.take(), sessions=[state(ended, 2, rig.journal.events_of(ended)[-1], status="discarded")])
    request = rig.take()
    assert {event.session_id for event in request.events} == {session}
    assert set(request.snapshots) == {ended, session}
    assert {mark.session_id: mark.version for mark in request.known if mark.session_id in request.snapshots} == {
        ended: 2, session: 0}  # fmt: skip
    rig.journal.close()


def test_a_batch_is_bounded_by_its_bytes_but_one_event_always_goes(tmp_path: Path) -> None:
    rig = Rig(tmp_path / "j", Settings(batch_bytes=900))
    session = rig.open()
    rig.add(session, "x" * 250)
    rig.add(session)
    sizes = []
    while rig.engine.next_wake(rig.now) == rig.now:
        request = rig.take()
        sizes.append(len(request.events))
        rig.answer(request)
    assert sizes == [1, 1, 1]
    rig.journal.close()


def test_a_lost_reply_is_repeated_with_whatever_was_keyed_since(rig: Rig) -> None:
    session = rig.open()
    rig.wait()
    first = rig.take()
    rig.engine.on_failure(LOST, rig.now)
    rig.add(session)
    assert 0.25 <= rig.wait() <= 0.5
    again = rig.take()
    assert [event.id for event in again.events][:1] == [event.id for event in first.events]
    assert len(again.events) == 2
    rig.answer(again)
    assert rig.shows(LightState.SAVED)


def test_an_answer_that_comes_twice_changes_nothing(rig: Rig) -> None:
    rig.open()
    rig.wait()
    request = rig.take()
    rig.answer(request)
    before = rig.engine.next_wake(rig.now)
    rig.answer(request)
    assert rig.engine.next_wake(rig.now) == before
    assert rig.journal.acked == rig.journal.head


def test_a_database_that_went_back_is_shown_all_open_orders_anew(rig: Rig) -> None:
    session, other = rig.open(), rig.open()
    first = rig.add(session)
    rig.add(other)
    rig.quiet()
    rig.pass_by(5)
    rig.answer(rig.take(), head={"seq": first.seq, "hash": first.hash})
    rig.wait()
    again = rig.take()
    assert {event.session_id for event in again.events} == {other}
    assert set(again.snapshots) == {session, other}


def test_a_head_that_went_back_is_believed_and_the_rest_sent_again_at_once(rig: Rig) -> None:
    session = rig.open()
    first, *_ = [rig.add(session) for _ in range(4)]
    rig.quiet()
    assert rig.journal.acked.seq == 5
    rig.pass_by(5)
    poll = rig.take()
    rig.answer(poll, head={"seq": first.seq, "hash": first.hash})
    assert rig.journal.acked.seq == 2
    assert rig.light.unsent == 3
    assert rig.wait() == 0
    again = rig.take()
    assert [event.seq for event in again.events] == [3, 4, 5]
    rig.answer(again)
    assert rig.shows(LightState.SAVED)


def test_a_database_that_takes_a_part_gets_the_rest_at_once(rig: Rig) -> None:
    session = rig.open()
    second = rig.add(session)
    rig.add(session)
    rig.wait()
    rig.answer(rig.take(), head={"seq": second.seq, "hash": second.hash})
    assert rig.wait() == 0
    assert [event.seq for event in rig.take().events] == [3]


def test_a_database_that_takes_nothing_is_not_asked_in_a_circle_and_in_the_end_a_person_is(rig: Rig) -> None:
    session = rig.open()
    rig.quiet()
    head = {"seq": 1, "hash": rig.journal.acked.hash}
    rig.add(session)
    rig.wait()
    waits = []
    for _ in range(3):
        rig.answer(rig.take(), head=head)
        waits.append(rig.wait())
    assert all(wait >= 0.25 for wait in waits)
    assert rig.shows(LightState.ATTENTION)
    assert waits[-1] >= 15


@pytest.mark.parametrize("seq", [1, 2, 9])
def test_another_chain_of_this_journal_stops_the_sync_and_writes_nothing(rig: Rig, seq: int) -> None:
    session = rig.open()
    rig.quiet()
    rig.add(session)
    rig.wait()
    acked = rig.journal.acked
    rig.answer(rig.take(), head={"seq": seq, "hash": "f" * 64})
    at_first = rig.engine.trouble
    assert at_first is None  # once may be an answer that got spoiled
    assert rig.wait() < 15
    rig.answer(rig.take(), head={"seq": seq, "hash": "f" * 64})
    assert rig.journal.acked == acked
    assert rig.engine.trouble is not None
    assert rig.engine.trouble.code == "chain_diverged"
    assert "open it again" in rig.engine.trouble.sentence
    assert rig.shows(LightState.ATTENTION)
    assert rig.light.unsent == 1


def test_events_of_one_command_stay_together_in_the_next_journal_too(rig: Rig, make_keys: Callable[..., Keys]) -> None:
    session = rig.open()
    rig.add(session)
    rig.pay(session)
    rig.add(rig.open())
    assert rig.journal.ends(1, 7) == {1, 2, 5, 6, 7}
    follows = make_keys().journal
    follows.append(seal_again(rig.journal.unsent(-1), follows.journal_id, follows.head))
    assert follows.ends(1, 7) == {1, 2, 5, 6, 7}


def keyed(rig: Rig, lines: int) -> str:
    """Key an order, and let its push be due."""
    session = rig.open()
    for _ in range(lines):
        rig.add(session)
    rig.wait()
    return session


@pytest.mark.parametrize(
    "failure", [LATE, Failure(FailureKind.UNREACHABLE), of_sqlstate("57014", ""), of_sqlstate("08P01", "")]
)
def test_a_push_that_was_ended_halves_the_batch_and_pauses_grow(rig: Rig, failure: Failure) -> None:
    keyed(rig, 7)
    sizes, pauses = [], []
    for _ in range(9):
        sizes.append(len(rig.take().events))
        rig.engine.on_failure(failure, rig.now)
        pauses.append(rig.wait())
    assert sizes == [8, 4, 2, *[1] * 6]
    assert pauses == [0.375, 0.625, 1.125, 2.125, 4.125, 8.125, *[15.125] * 3]
    assert rig.shows(LightState.OFFLINE)
    while rig.journal.acked != rig.journal.head:
        rig.answer(rig.take())
        rig.wait()
    assert rig.shows(LightState.SAVED)


def test_a_server_out_of_reach_is_asked_again_within_five_seconds_and_leaves_the_batch_alone(rig: Rig) -> None:
    keyed(rig, 1)
    pauses = []
    for _ in range(7):
        rig.take()
        rig.engine.on_failure(Failure(FailureKind.DEADLINE, connecting=True), rig.now)
        pauses.append(rig.wait())
    assert pauses == [0.375, 0.625, 1.125, 2.125, *[2.625] * 3]
    assert len(rig.take().events) == 2


def test_a_late_answer_shows_on_the_light_and_counts(rig: Rig) -> None:
    keyed(rig, 1)
    request = rig.take()
    rig.pass_by(2)
    rig.engine.late()
    assert rig.shows(LightState.OFFLINE)
    assert "does not answer in time" in rig.light.detail
    assert rig.engine.next_wake(rig.now) is None, "nothing is sent again while an answer may come"
    rig.pass_by(20)
    rig.answer(request)
    assert rig.shows(LightState.SAVED)
    assert rig.journal.acked == rig.journal.head


def test_an_answer_that_came_is_not_late(rig: Rig) -> None:
    keyed(rig, 1)
    rig.answer(rig.take())
    rig.engine.late()
    assert rig.shows(LightState.SAVED)


def test_the_rest_of_a_backlog_waits_after_a_slow_answer_but_no_payment_does(rig: Rig) -> None:
    session = keyed(rig, 50)
    request = rig.take()
    assert len(request.events) == 10
    rig.pass_by(5)
    rig.answer(request)
    assert rig.wait() == pytest.approx(2.125)
    request = rig.take()
    assert len(request.events) == 10
    rig.pass_by(5)
    rig.answer(request)
    rig.engine.nudge(rig.now, at_once=False)
    rig.engine.hint(rig.now)
    assert rig.engine.next_wake(rig.now) == pytest.approx(rig.now + 4.25), "keys and news do not cut it short"
    rig.pay(session)
    assert rig.wait() == 0
    assert len(rig.take().events) == 10


def test_a_till_with_a_backlog_asks_for_the_lists_of_other_orders_with_its_last_part(rig: Rig) -> None:
    keyed(rig, 15)
    request = rig.take()
    assert request.more
    assert not LISTS & request.reference.keys()
    assert {"menu", "settings", "left"} <= request.reference.keys()
    rig.answer(request)
    rig.wait()
    request = rig.take()
    assert not request.more
    assert {"tabs", "waiting"} <= request.reference.keys()


def test_offline_says_since_when_by_the_time_of_the_database(rig: Rig) -> None:
    theirs = rig.clock.now() - timedelta(hours=3)
    rig.open()
    rig.wait()
    rig.answer(rig.take(), server_time=theirs.isoformat())
    rig.pass_by(5)
    rig.add(rig.open())
    rig.wait()
    rig.take()
    rig.engine.on_failure(LATE, rig.now)
    assert rig.light.since is not None
    assert rig.light.since - theirs < timedelta(seconds=1)


def test_the_light_counts_the_records_that_the_tax_authority_lacks(rig: Rig) -> None:
    rig.open()
    rig.wait()
    rig.answer(rig.take(), lacks=[7, 299])
    assert rig.light.lacks == 0
    rig.open()
    rig.wait()
    rig.answer(rig.take(), lacks=[7, 300])
    assert rig.light.lacks == 7
    stamp = FiscalStamped(
        chain=rig.journal.journal_id,
        scheme="xx",
        kind="F2",
        of=rig.journal.journal_id,
        number="1-1",
        fields={},
        hash="F",
    )
    rig.write(stamp)
    rig.wait()
    rig.take()
    rig.engine.on_failure(LATE, rig.now)
    assert (rig.light.state, rig.light.lacks) == (LightState.OFFLINE, 0)  # its own has not waited long
    rig.pass_by(301)
    rig.write(stamp)
    assert rig.light.lacks == 2
    rig.engine.hurry(rig.now)
    rig.wait()
    rig.answer(rig.take(), lacks=[0, 0])
    assert (rig.light.state, rig.light.lacks) == (LightState.SAVED, 0)


def test_offline_says_since_when_and_selling_goes_on(rig: Rig) -> None:
    heard = rig.clock.now()
    rig.pass_by(3)
    session = rig.open()
    rig.wait()
    rig.take()
    rig.pass_by(2)
    rig.engine.on_failure(LATE, rig.now)
    assert rig.shows(LightState.OFFLINE)
    assert rig.light.since == heard
    rig.add(session)
    assert (rig.light.state, rig.light.unsent) == (LightState.OFFLINE, 2)
    assert rig.wait() < 30
    rig.answer(rig.take())
    assert rig.shows(LightState.SAVED)


def test_events_do_not_cut_a_pause_short_but_somebody_who_waits_does(rig: Rig) -> None:
    rig.luck = 1.0
    rig.open()
    rig.wait()
    rig.take()
    rig.engine.on_failure(LOST, rig.now)
    rig.nudge(at_once=True)
    assert rig.engine.next_wake(rig.now) == rig.now + 0.5
    rig.engine.hurry(rig.now)
    assert rig.engine.next_wake(rig.now) == rig.now


@pytest.mark.parametrize("sqlstate", ["40001", "40P01", "53300", "53100", "55P03"])
def test_a_busy_database_is_tried_again_and_is_not_called_offline(rig: Rig, sqlstate: str) -> None:
    rig.open()
    rig.wait()
    rig.take()
    rig.engine.on_failure(of_sqlstate(sqlstate, "busy"), rig.now)
    assert rig.shows(LightState.SAVED_HERE)
    assert rig.wait() <= 0.5


@pytest.mark.parametrize("sqlstate", ["57P01", "57P03", None])
def test_a_server_that_goes_or_comes_is_offline_until_it_answers(rig: Rig, sqlstate: str | None) -> None:
    rig.open()
    rig.wait()
    rig.take()
    rig.engine.on_failure(of_sqlstate(sqlstate, "going"), rig.now)
    assert rig.shows(LightState.OFFLINE)


def test_a_disk_of_the_server_that_is_full_is_explained_in_words(rig: Rig) -> None:
    rig.open()
    rig.wait()
    for _ in range(3):
        rig.take()
        detail = 'could not extend file "base/16385/16567": No space left on device\nHINT:  Check free disk space.'
        rig.engine.on_failure(of_sqlstate("53100", detail), rig.now)
        rig.wait()
    assert rig.shows(LightState.OFFLINE)
    assert rig.light.detail == "The server's disk is full. Free some space; keep selling."


@pytest.mark.parametrize(
    "detail", ["cache lookup failed for type 16512", 'could not load library "plpgsql.so": undefined symbol: x']
)
def test_a_database_that_was_upgraded_under_the_till_is_asked_again_and_no_record_is_blamed(
    rig: Rig, detail: str
) -> None:
    rig.open()
    rig.wait()
    for _ in range(3):
        rig.take()
        rig.engine.on_failure(of_sqlstate("XX000", detail, inside=True), rig.now)
        rig.wait()
    assert rig.shows(LightState.OFFLINE)
    assert rig.light.detail == "The database was upgraded under this till. Keep selling; see `till doctor`."
    rig.answer(rig.take())
    assert rig.shows(LightState.SAVED)
    assert rig.light.records == 0


def test_a_database_that_is_busy_again_and_again_is_away(rig: Rig) -> None:
    rig.open()
    rig.wait()
    for _ in range(3):
        rig.take()
        rig.engine.on_failure(of_sqlstate("40001", "busy"), rig.now)
        rig.wait()
    assert rig.shows(LightState.OFFLINE)


def test_one_record_that_cannot_be_taken_is_found_by_halving_and_then_a_person_is_asked(rig: Rig) -> None:
    session = rig.open()
    for _ in range(6):
        rig.add(session)
    bad = 5
    rig.wait()
    tries = 0
    while rig.engine.trouble is None:
        request = rig.take()
        tries += 1
        assert tries < 20
        if any(event.seq == bad for event in request.events):
            rig.engine.on_failure(of_sqlstate("22P05", "no such character"), rig.now)
        else:
            rig.answer(request)
        rig.wait()
    assert rig.journal.acked.seq == bad - 1
    assert rig.shows(LightState.ATTENTION)
    assert "1 record needs attention" in rig.light.detail
    rig.answer(rig.take())
    assert rig.engine.trouble is None


def test_only_a_push_shows_that_a_replaced_machine_saved_everything() -> None:
    pushed, asked = (
        refusal("journal_retired", "", 2, of_question=of_question).sentence for of_question in (False, True)
    )
    assert pushed.startswith("Another machine is till 2 now. All lines keyed here are saved; a manager")
    assert asked.startswith("Another machine is till 2 now. A manager gives this one a number")


@pytest.mark.parametrize(
    "code",
    [
        "wrong_secret",
        "wrong_store",
        "till_revoked",
        "journal_retired",
        "journal_not_live",
        "chain_diverged",
        "protocol",
        "of_next_year",
    ],
)
def test_a_refusal_is_reported_and_looked_at_slowly_and_passes_when_it_is_lifted(rig: Rig, code: str) -> None:
    rig.open()
    rig.wait()
    acked = rig.journal.acked
    request = rig.take()
    head = {"seq": 0, "hash": "0" * 64}
    rig.answer(request, ok=False, code=code, detail="Because.", head=head)
    assert rig.engine.trouble is not None
    assert rig.engine.trouble.code == code
    assert (rig.light.state, rig.light.unsent) == (LightState.ATTENTION, 1)
    assert rig.light.detail == rig.engine.trouble.sentence
    assert len(rig.light.detail) > 20
    assert rig.journal.acked == acked
    assert 15 <= rig.wait() <= 30
    rig.answer(rig.take())
    assert rig.shows(LightState.SAVED)


def test_a_database_that_is_missing_is_reported_and_looked_for_soon(rig: Rig) -> None:
    """A restore takes it away for a blink."""
    rig.open()
    rig.wait()
    rig.take()
    rig.engine.on_failure(Failure(FailureKind.FATAL, "There is no database.", soon=True), rig.now)
    assert (rig.light.state, rig.light.detail) == (LightState.ATTENTION, "There is no database.")
    assert rig.wait() <= 0.5
    rig.answer(rig.take())
    assert rig.shows(LightState.SAVED)


def test_a_batch_that_is_not_understood_is_halved_before_a_person_is_asked(rig: Rig) -> None:
    session = rig.open()
    rig.add(session)
    rig.wait()
    rig.answer(rig.take(), ok=False, code="protocol", detail="What?")
    assert rig.engine.trouble is None
    assert rig.wait() <= 0.5
    assert len(rig.take().events) == 1


@pytest.mark.parametrize(
    ("hello", "goes_on", "word"),
    [
        (Hello(ok=True, schema=SCHEMA), True, ""),
        (Hello(ok=True, schema="0099"), True, ""),
        (Hello(ok=True, schema="0001k"), False, "till db upgrade"),
        (Hello(ok=False, code="till_revoked"), False, "revoked"),
        (Hello(ok=False, code="journal_retired"), True, ""),
        (Hello(ok=False, code="journal_not_live"), True, ""),
    ],
)
def test_the_first_words_decide_whether_to_go_on(rig: Rig, hello: Hello, goes_on: bool, word: str) -> None:
    rig.open()
    rig.wait()
    rig.take()
    assert rig.engine.on_hello(hello, rig.now) is goes_on
    assert word in rig.light.detail
    assert (rig.light.state is LightState.ATTENTION) is not goes_on


@pytest.mark.parametrize("sqlstate", ["3F000", "42883"])
def test_a_database_without_our_functions_is_to_be_upgraded(rig: Rig, sqlstate: str) -> None:
    rig.open()
    rig.wait()
    rig.take()
    rig.engine.on_failure(of_sqlstate(sqlstate, "does not exist"), rig.now)
    assert rig.shows(LightState.ATTENTION)
    assert "till db upgrade" in rig.light.detail


def test_quarantined_records_are_counted_until_they_are_settled(rig: Rig) -> None:
    session = rig.open()
    last = rig.add(session)
    rig.wait()
    aside = {"session": session, "event": last.id, "reason": "The total does not add up."}
    rig.answer(rig.take(), sessions=[state(session, 2, last)], quarantined=[aside])
    assert rig.shows(LightState.ATTENTION)
    assert rig.light.detail == "1 record needs attention. The total does not add up."
    rig.wait()
    rig.answer(rig.take(), sessions=[state(session, 2, last)], quarantined=[aside])
    assert rig.light.detail.startswith("1 record ")
    rig.wait()
    rig.answer(rig.take(), sessions=[state(session, 2, last)])
    assert rig.shows(LightState.SAVED)


def test_a_disk_that_refuses_is_reported_in_its_own_words_and_the_answer_is_asked_for_again(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    rig.open()
    rig.wait()
    request = rig.take()

    def refuse(*_facts: object) -> None:
        raise JournalError

    with monkeypatch.context() as full:
        full.setattr(rig.journal, "acknowledge", refuse)
        rig.answer(request)
    assert rig.shows(LightState.ATTENTION)
    assert rig.light.detail == JournalError().sentence
    rig.wait()
    again = rig.take()
    assert again.events == request.events
    rig.answer(again)
    assert rig.shows(LightState.SAVED)


def test_a_journal_that_cannot_be_read_sends_nothing_and_says_so(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    rig.open()
    rig.wait()

    def refuse(_limit: int, **_after: object) -> None:
        raise JournalError

    with monkeypatch.context() as broken:
        broken.setattr(rig.journal, "unsent", refuse)
        assert rig.engine.take_request(rig.now) is None
    assert rig.shows(LightState.ATTENTION)
    assert 15 <= rig.wait() <= 30
    assert rig.engine.take_request(rig.now) is not None


def test_somebody_who_waits_while_a_request_is_out_gets_the_next_one_without_a_pause(rig: Rig) -> None:
    rig.open()
    rig.wait()
    rig.take()
    rig.engine.hurry(rig.now)
    rig.engine.on_failure(LOST, rig.now)
    assert rig.wait() == 0
