"""The chain of a journal: where commands end, what is unsent, carried over and pruned, and what others sent."""

from __future__ import annotations

import sqlite3
import threading
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.journal.conftest import HOST, REFUND_APPROVED, REFUND_STARTED, STORE, Hand, Reopen, Writer, opening
from till.domain.errors import EventError, JournalError
from till.domain.events.envelope import SERVER, STEP
from till.domain.ids import moment_of
from till.domain.order.events import MenuViewed, OrderDiscarded, OrderGranted, OrderResumed
from till.domain.payment.events import PaymentStarted
from till.domain.shift.events import CashMoved, ShiftClosed, ShiftOpened, ShiftSums
from till.domain.staff.events import LoggedIn
from till.journal import JournalDamagedError, JournalHeldError, chain, replacing, sessions, temporary_copy
from till.journal.meta import JournalIdentity
from till.journal.salvage import Salvage
from till.ports import Head, Received, SessionMark, UnderSeal

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from till.domain.events.envelope import Event
    from till.domain.events.registry import EventData
    from till.journal import JournalFile
    from till.journal.disk import Disk

SHIFT = ShiftOpened(business_date="2026-03-03", currency="INR")
SHIFT_END = ShiftClosed(number="1-Z000001", currency="INR", sums=ShiftSums())
MOVED = CashMoved(kind="paid_in", amount="10.00", currency="INR")


def writer_of(journal: JournalFile, hand: Hand) -> Writer:
    """Return a writer of events of this journal's chain."""
    return Writer(hand, journal_id=journal.journal_id, head=journal.head)


def ids_of(events: Iterable[Event]) -> list[str]:
    return [event.id for event in events]


def carrying(path: Path, reopen: Reopen, hand: Hand, events: Iterable[Event]) -> JournalFile:
    """Return a new journal with these events of the one that it replaces."""
    found = Salvage()
    found.add(events)
    replacing.make(path, JournalIdentity(hand.new_id(), 1, STORE, HOST), found)
    return reopen()


# Commands


def test_a_command_ends_where_the_next_event_is_not_a_step_later(reopen: Reopen, hand: Hand) -> None:
    journal = reopen()
    writer = writer_of(journal, hand)
    for steps, ends in (
        ([0], {1}),
        ([0, 1], {2}),
        ([0, 1, 2], {3}),
        ([0, 2], {1, 2}),
        ([0, 1, 500, 501, 502, 1000], {2, 5, 6}),
        ([5, 4], {1, 2}),
        ([7, 7], {1, 2}),
    ):
        began, before, events = hand.now, journal.head.seq, []
        for step in steps:
            hand.now = began + step * STEP
            events.append(writer(hand.line()))
        journal.append(events)
        last = journal.head.seq
        found = {before + seq for seq in ends}
        assert journal.ends(before + 1, 99) == found
        assert journal.ends(last, last) == {last}
        assert journal.ends(before + 1, last - 1) == found - {last}
        assert journal.ends(before + 2, last) == found - {before + 1}


def test_events_of_two_calls_are_two_commands(reopen: Reopen, hand: Hand) -> None:
    journal, began = reopen(), hand.now
    writer = writer_of(journal, hand)
    for number in range(3):
        hand.now = began + number * STEP
        journal.append([writer(hand.line())])
    assert journal.ends(1, 3) == {1, 2, 3}


def test_only_the_next_event_of_this_chain_is_appended(reopen: Reopen, hand: Hand) -> None:
    journal = reopen()
    session = hand.opened(journal)
    hand.added(journal, session)
    head, before = journal.head, str(journal.hash_at(1))
    wrong = [Head(head.seq, before), Head(head.seq - 1, head.hash), Head(head.seq + 1, head.hash), Head(1, before)]
    for after in wrong:
        with pytest.raises(EventError):
            journal.append([hand.event(journal, hand.line(), session, after=after)])
    with pytest.raises(EventError):
        journal.append([Writer(hand, head=head)(hand.line(), session)])
    good = hand.event(journal, hand.line(), session)
    for after in (head, Head(good.seq, head.hash), Head(good.seq + 1, good.hash)):
        with pytest.raises(EventError):
            journal.append([good, hand.event(journal, hand.line(), session, after=after)])
    assert journal.head == head
    journal.append([good])


# Unsent


def test_an_order_is_unsent_while_its_last_event_is_after_the_acknowledged_head(reopen: Reopen, hand: Hand) -> None:
    journal = reopen()
    first, second = hand.opened(journal), hand.opened(journal)
    added = hand.added(journal, first)
    for seq, unsent in ((0, [first, second]), (1, [first, second]), (2, [first]), (3, [])):
        journal.acknowledge(Head(seq, str(journal.hash_at(seq))))
        assert [one for one in (first, second) if journal.is_unsent(one)] == unsent
    assert (journal.hash_at(3), journal.hash_at(4), journal.hash_at(0)) == (added.hash, None, None)


def test_events_after_a_later_head_follow_it_or_the_journal_is_damaged(reopen: Reopen, hand: Hand) -> None:
    journal = reopen()
    writer = writer_of(journal, hand)
    events = [writer(hand.line()) for _each in range(5)]
    journal.append(events)
    journal.acknowledge(Head(1, events[0].hash))
    assert journal.unsent(-1) == events[1:]
    assert journal.unsent(2) == events[1:3]
    for seq in range(1, 6):
        assert journal.unsent(-1, after=Head(seq, events[seq - 1].hash)) == events[seq:]
    assert journal.unsent(1, after=Head(2, events[1].hash)) == [events[2]]
    with pytest.raises(JournalDamagedError):
        journal.unsent(-1, after=Head(2, events[2].hash))
    journal.close()
    assert reopen().opened.set_aside is not None


def test_pruned_events_are_named_after_the_acknowledged_head(reopen: Reopen, hand: Hand) -> None:
    journal = reopen()
    for _each in range(4):
        hand.opened(journal)
    with journal.opened.disk as connection:
        connection.execute("UPDATE own SET body = NULL, texts = '' WHERE seq IN (1, 3, 4)")
    heads = [Head(seq, str(journal.hash_at(seq))) for seq in (1, 3, 4)]
    for acked, limit, expected in ((0, 9, heads), (0, 2, heads[:2]), (1, 9, heads[1:]), (3, 9, heads[2:]), (4, 9, [])):
        journal.acknowledge(Head(acked, "0" * 64))
        assert journal.gone(limit) == expected
        assert [event.seq for event in journal.unsent(9)] == ([2] if acked < 2 else [])


@pytest.mark.parametrize(("statement", "is_damage"), [("SET body = NULL, texts = ''", False), ("SET seq = 90", True)])
def test_only_pruned_events_may_be_missing_between_unsent_ones(
    reopen: Reopen, hand: Hand, statement: str, *, is_damage: bool
) -> None:
    journal = reopen()
    for _each in range(5):
        hand.opened(journal)
    with journal.opened.disk as connection:
        connection.execute(f"UPDATE own {statement} WHERE seq = 3")
        if is_damage:
            connection.execute("DELETE FROM own WHERE seq = 90")
    if is_damage:
        with pytest.raises(JournalDamagedError):
            journal.unsent(9)
    else:
        assert [event.seq for event in journal.unsent(9)] == [1, 2, 4, 5]


# Events of the journal before


def test_salvaged_events_are_carried_over_some_at_a_time_and_an_end_stays_an_end(
    path: Path, reopen: Reopen, hand: Hand, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A crash in the middle costs nothing: the next start goes on with the rest."""
    monkeypatch.setattr(chain, "_AT_ONCE", 2)
    before, paid, left = Writer(hand), hand.new_id(), hand.new_id()
    old = [before(opening(), paid), before(opening(), left)]
    old += [before(hand.line(), paid), before(hand.line(), left), before(hand.paying(), paid)]
    journal = carrying(path, reopen, hand, old)
    hand.begun(journal)
    calls: list[list[Event]] = []
    append = journal.append

    def once(events: list[Event], **more: Any) -> None:
        if calls:
            raise KeyboardInterrupt
        calls.append(events)
        append(events, **more)

    with monkeypatch.context() as patch:
        patch.setattr(journal, "append", once)
        with pytest.raises(KeyboardInterrupt):
            journal.re_emit()
    assert ids_of(journal.salvaged()) == ids_of(old[2:])
    assert journal.last_id == max(event.id for event in journal.unsent(9))
    journal.close()
    journal = reopen()
    assert ids_of(journal.salvaged(1)) == [old[2].id]
    assert journal.re_emit() == 3
    assert journal.re_emit() == 0
    assert ids_of(journal.unsent(9))[1:] == ids_of(old)
    assert journal.streams("order", is_open=True) == [left]
    assert [mark.session_id for mark in journal.followed_sessions()] == sorted([paid, left])
    assert {event.journal_id for event in journal.events_of(paid)} == {journal.journal_id}, "each once, of this chain"
    assert len(journal.events_of(paid)) == 3
    journal.close()
    assert reopen().salvaged() == []


def test_ids_go_on_after_the_newest_though_older_events_follow_it(path: Path, reopen: Reopen, hand: Hand) -> None:
    before = Writer(hand)
    journal = carrying(path, reopen, hand, [before(hand.line()), before(hand.line())])
    hand.begun(journal)
    newest = journal.last_id
    for _time in range(2):
        journal.re_emit()
        assert journal.last_id == newest
        journal.close()
        journal = reopen()
    assert journal.unsent(9)[-1].id < str(newest)


def test_carried_events_are_those_of_a_shift_of_this_till(path: Path, reopen: Reopen, hand: Hand) -> None:
    one, two = hand.new_id(), hand.new_id()
    before, other = Writer(hand), Writer(hand, till=2)
    mine = [before(hand.line(), shift=one) for _each in range(3)]
    rest = [before(hand.line(), shift=two), before(hand.line()), other(hand.line(), shift=one)]
    journal = carrying(path, reopen, hand, [*mine, *rest])
    hand.begun(journal)
    assert journal.carried(one, 9) == mine
    assert journal.carried(one, 2) == mine[:2]
    assert journal.carried(one, 9, after=mine[0].id) == mine[1:]
    assert journal.carried(two, 9) == rest[:1]
    assert journal.carried(hand.new_id(), 9) == []


def test_the_newest_of_a_list_are_of_this_till_and_those_of_the_journal_before_come_last(
    path: Path, reopen: Reopen, hand: Hand
) -> None:
    session = hand.new_id()
    facts: dict[str, Any] = {"tender": "CARD", "amount": "40.00", "key": "k"}

    def started() -> PaymentStarted:
        return PaymentStarted(**facts, payment_id=hand.new_id())

    before, other = Writer(hand), Writer(hand, till=2)
    old = [before(started(), session) for _each in range(3)]
    journal = carrying(path, reopen, hand, [*old, before(hand.line(), session), other(started(), session)])
    writer = writer_of(journal, hand)
    new = [writer(started(), session) for _each in range(2)]
    journal.append([*new, writer(hand.line(), session)])
    order = [*reversed(new), *reversed(old)]
    for limit in range(6):
        assert ids_of(journal.newest("payments", limit)) == ids_of(order[:limit])
    assert len(journal.listed("payments")) == 6
    assert ids_of(journal.listed("payments")) == sorted(ids_of(journal.listed("payments")))
    elsewhere = writer(started(), hand.new_id())
    journal.append([elsewhere])
    assert journal.streams_with("payments", '"tender":"CARD"') == [session, elsewhere.stream_id]
    assert isinstance(elsewhere.data, PaymentStarted)
    assert journal.streams_with("payments", elsewhere.data.payment_id) == [elsewhere.stream_id]
    assert journal.streams_with("answers", "CARD") == journal.streams_with("payments", hand.new_id()) == []


def test_kicks_that_were_not_tried_are_in_the_order_of_the_chain(reopen: Reopen, hand: Hand) -> None:
    journal = reopen()
    writer = writer_of(journal, hand)
    for number in range(1, 13):
        journal.append([writer(hand.line())], kick=number if number in {2, 10, 12} else 0)
    assert [event.seq for event in journal.kicks_left()] == [2, 10, 12]
    journal.kicked(1)
    journal.kicked(12)
    assert [event.seq for event in journal.kicks_left()] == [2, 10]


# Streams


@pytest.mark.parametrize(
    ("word", "ours", "others"),
    [
        ("opened", True, False),  # for an order of another till, the database's mark says if it is open
        ("resumed", True, False),
        ("granted here", None, True),
        ("granted elsewhere", None, False),
        ("line", False, False),
        ("refund", True, True),
        ("shift", True, True),
        ("refund approved", False, False),
        ("login", False, False),
    ],
)
def test_a_stream_begins_here_by_an_event_of_this_journal_or_a_grant_to_it(
    hand: Hand, word: str, *, ours: bool | None, others: bool
) -> None:
    here, there, server = Writer(hand), Writer(hand, till=2), Writer(hand, till=SERVER)
    data: dict[str, EventData] = {
        "opened": opening(),
        "resumed": OrderResumed(),
        "line": hand.line(),
        "refund": REFUND_STARTED,
        "refund approved": REFUND_APPROVED,
        "shift": SHIFT,
        "login": LoggedIn(user=1),
        "granted here": OrderGranted(till=1, journal=here.journal_id, user=1),
        "granted elsewhere": OrderGranted(till=1, journal=there.journal_id, user=1),
    }
    if ours is not None:
        assert sessions.begins(here(data[word]), here.journal_id) is ours
    by = there if ours is not None else server
    assert sessions.begins(by(data[word]), here.journal_id) is others


def test_a_stream_is_of_the_person_that_its_beginning_names(reopen: Reopen, hand: Hand) -> None:
    journal = reopen()
    writer = writer_of(journal, hand)
    rows: list[tuple[EventData, int | None, int]] = [
        (opening(user=5), 1, 5),
        (OrderResumed(user=6), 1, 6),
        (OrderResumed(), 1, 1),
        (OrderResumed(), None, 0),
        (REFUND_STARTED, 1, 1),
        (SHIFT, None, 0),
    ]
    for data, event_user, user in rows:
        stream = hand.new_id()
        journal.append([writer(data, stream, user=event_user)])
        mark = journal.mark_of(stream)
        assert mark is not None
        assert (mark.user, mark.version, mark.open, mark.closed) == (user, 0, True, False)
        assert stream in journal.streams(data.stream, is_open=True)


def test_an_ended_order_is_followed_and_an_ended_refund_is_not(reopen: Reopen, hand: Hand) -> None:
    journal = reopen()
    writer, order, refund = writer_of(journal, hand), hand.new_id(), hand.new_id()
    journal.append([writer(opening(), order), writer(REFUND_STARTED, refund)])
    journal.append([writer(hand.paying(), order), writer(REFUND_APPROVED, refund)], closed=[order, refund])
    marks = journal.marks_of([order, refund])
    assert [(marks[one].open, marks[one].closed) for one in (order, refund)] == [(True, True), (False, True)]
    assert [mark.session_id for mark in journal.followed_sessions()] == [order]
    journal.acknowledge(journal.head, [SessionMark(order, 1, version=3)])
    assert journal.streams("order", is_open=True) == [], "a mark does not open what ended here"
    journal.append([writer(OrderResumed(), order)])
    assert journal.streams("order", is_open=True) == [order]


def test_an_order_that_only_the_database_knows_is_open_by_its_mark(reopen: Reopen, hand: Hand) -> None:
    journal = reopen()
    ids = [hand.new_id(), hand.new_id()]
    journal.receive([], [SessionMark(ids[0], 1, version=2), SessionMark(ids[1], 1, version=2, open=False)])
    assert journal.streams("order", is_open=True) == ids[:1]
    assert [mark.session_id for mark in journal.followed_sessions()] == ids[:1]


# Events of others


def test_a_stream_that_others_sent_again_does_not_open_again(reopen: Reopen, hand: Hand) -> None:
    journal, there = reopen(), Writer(hand)
    refund = hand.new_id()
    started = Received(1, there(REFUND_STARTED, refund))
    assert journal.receive([started]) == [], "a refund is no session"
    assert journal.streams("refund", is_open=True) == [refund]
    journal.append([writer_of(journal, hand)(LoggedIn(user=1))], closed=[refund])
    journal.receive([started])
    assert journal.streams("refund", is_open=True) == []


def test_events_under_a_seal_are_sorted_by_id_and_others_dropped(reopen: Reopen, hand: Hand) -> None:
    journal, server, there = reopen(), Writer(hand, till=SERVER), Writer(hand, till=2)
    session, other = hand.new_id(), hand.new_id()
    granted = [server(OrderGranted(till=1, journal=journal.journal_id, user=1), session) for _each in range(2)]
    line, elsewhere, shift = there(hand.line(), session), there(hand.line(), other), there(SHIFT)
    seals = {granted[0].id: "one", granted[1].id: "two"}
    events = [Received(number, one, seals.get(one.id, "")) for number, one in enumerate([*reversed(granted), line], 1)]
    assert journal.receive([*events, Received(9, elsewhere), Received(0, shift)]) == [session, other]
    assert journal.under_seal(session) == [UnderSeal(granted[0], "one"), UnderSeal(granted[1], "two")]
    assert journal.under_seal(other) == []
    assert journal.sessions_by(SERVER) == [session]
    assert journal.sessions_by(2) == sorted([session, other])
    assert journal.sessions_by(1) == []
    assert journal.streams("order", is_open=True) == [session]
    journal.drop([granted[1].id, line.id, hand.new_id()])
    assert ids_of(journal.events_of(session)) == [granted[0].id]
    assert journal.events_of(shift.stream_id, "shift") == [shift]
    assert journal.events_of(shift.stream_id) == []


def test_an_event_is_here_if_this_chain_has_it_and_it_is_not_pruned(reopen: Reopen, hand: Hand) -> None:
    journal = reopen()
    writer, session = writer_of(journal, hand), hand.new_id()
    own, pruned = writer(hand.line(), session), writer(hand.line(), session)
    other_end = Writer(hand, journal_id=journal.journal_id)(hand.line(), session)  # a copy of this journal went on
    elsewhere = Writer(hand)(hand.line(), session)
    journal.append([own, pruned])
    with journal.opened.disk as connection:
        connection.execute("UPDATE own SET body = NULL, texts = '', stream_id = NULL WHERE seq = 2")
    found = [journal.is_here(event) for event in (own, pruned, other_end, elsewhere)]
    assert found == [True, False, False, False]
    for event, is_there in zip((own, pruned, other_end, elsewhere), found, strict=True):
        assert journal.receive([Received(1, event)]) == ([] if is_there else [session])
    assert ids_of(journal.events_of(session)) == sorted(ids_of([own, pruned, other_end, elsewhere]))


# Pruning


def test_old_events_of_ended_streams_are_pruned_and_no_others(reopen: Reopen, hand: Hand) -> None:
    journal = reopen()
    writer = writer_of(journal, hand)
    names = ("sold", "followed", "open", "refund", "asked", "late", "shift")
    ids = {name: hand.new_id() for name in names}

    def write(*rows: tuple[str, EventData], closed: Iterable[str] = ()) -> None:
        journal.append([writer(data, ids.get(name)) for name, data in rows], closed=[ids[one] for one in closed])

    write(("shift", SHIFT), ("", LoggedIn(user=1)), ("shift", SHIFT_END), closed=["shift"])
    write(
        *((name, opening()) for name in ("sold", "followed", "open", "late")),
        ("refund", REFUND_STARTED),
        ("asked", REFUND_STARTED),
    )
    write(
        ("sold", hand.paying()),
        ("followed", hand.paying()),
        ("refund", REFUND_APPROVED),
        closed=["sold", "followed", "refund"],
    )
    theirs = Writer(hand, till=2)(hand.line(), ids["sold"])
    journal.receive([Received(1, theirs)])
    journal.forget_open([ids["sold"]])
    days_later = moment_of(str(journal.last_id)) + timedelta(days=7)
    hand.now += timedelta(days=1)
    write(("late", hand.paying()), ("", LoggedIn(user=1)), closed=["late"])
    journal.forget_open([ids["late"]])
    journal.acknowledge(journal.head)
    now = days_later + timedelta(seconds=1)
    assert [journal.prune(7, now=now) for _call in range(3)] == [4, 1, 0]
    for name, kind, left in (
        ("sold", "order", 0), ("followed", "order", 2), ("open", "order", 1), ("late", "order", 2),
        ("refund", "refund", 0), ("asked", "refund", 1), ("shift", "shift", 2),
    ):  # fmt: skip
        assert (name, len(journal.events_of(ids[name], kind))) == (name, left)
        assert (journal.mark_of(ids[name]) is None) is (left == 0)
    assert len(journal.newest("logins", 9)) == 1
    assert journal.hash_at(1) is not None


def test_nothing_since_the_opening_of_an_open_shift_is_pruned(reopen: Reopen, hand: Hand) -> None:
    journal = reopen()
    writer, shift = writer_of(journal, hand), hand.new_id()
    views = [writer(MenuViewed(query="", result_count=0, meal_period="", items=())) for _each in range(2)]
    opened, later = writer(SHIFT, shift), writer(LoggedIn(user=1))
    journal.append([*views, opened, later])
    journal.acknowledge(journal.head)
    now = moment_of(later.id) + timedelta(days=8)
    assert [journal.prune(7, now=now) for _call in range(2)] == [2, 0], "up to the event before it"
    journal.append([writer(SHIFT_END, shift)], closed=[shift])
    journal.acknowledge(journal.head)
    assert [journal.prune(7, now=now) for _call in range(2)] == [1, 0], "no event of a shift"
    assert journal.events_of(shift, "shift")[0] == opened


@pytest.mark.parametrize("what", ["salvaged", "shift"])
def test_nothing_is_pruned_while_the_journal_before_is_needed(
    path: Path, reopen: Reopen, hand: Hand, what: str
) -> None:
    """Events of it are still to be sent, or the open shift began in it."""
    shift, before = hand.new_id(), Writer(hand)
    found = Salvage()
    found.add([before(SHIFT, shift, shift=shift) if what == "shift" else before(hand.line())])
    journal = carrying(path, reopen, hand, found.events.values())
    if what == "shift":
        journal.opened.disk.rows("DELETE FROM salvaged")
        assert journal.streams("shift", is_open=True) == [shift]
    journal.append([writer_of(journal, hand)(LoggedIn(user=1))])
    journal.acknowledge(journal.head)
    assert journal.prune(7, now=hand.now + timedelta(days=9)) == 0
    with journal.opened.disk as connection:
        connection.execute("DELETE FROM salvaged")
        connection.execute("UPDATE sessions SET closed = 1, open = 0")
    assert journal.prune(7, now=hand.now + timedelta(days=9)) >= 1


def test_streams_are_pruned_some_at_a_time_oldest_first(reopen: Reopen, hand: Hand) -> None:
    journal = reopen()
    writer, orders = writer_of(journal, hand), [hand.new_id() for _order in range(12)]
    journal.append([writer(opening(), one) for one in orders])
    journal.append([writer(OrderDiscarded(line_ids=()), one) for one in orders], closed=orders)
    journal.forget_open(orders)
    journal.acknowledge(journal.head)
    assert journal.prune(7, now=hand.now + timedelta(days=8)) == 20, "a key must not wait long"
    assert journal.streams("order") == orders[10:]


# The lock and the reason


def is_free(disk: Disk) -> bool:
    """True if another thread may use the disk."""
    free: list[bool] = []

    def ask() -> None:
        free.append(disk._lock.acquire(blocking=False))
        if free[0]:
            disk._lock.release()

    other = threading.Thread(target=ask)
    other.start()
    other.join()
    return free[0]


def test_a_write_that_fails_anywhere_holds_no_lock_and_changes_nothing(
    reopen: Reopen, hand: Hand, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = reopen()
    hand.opened(journal)
    disk = journal.opened.disk
    full = sqlite3.OperationalError("full")
    full.sqlite_errorcode = sqlite3.SQLITE_FULL

    def fail(problem: Exception) -> None:
        raise problem

    def write(statement: str = "DELETE FROM own", problem: Exception | None = None) -> None:
        with disk as connection:
            connection.execute(statement)
            assert not is_free(disk)
            if problem:
                raise problem

    with monkeypatch.context() as patch:
        patch.setattr(type(disk), "_begin", lambda _disk: fail(full))
        with pytest.raises(JournalError, match="The disk is full"):
            write()
    assert is_free(disk)
    for problem, expected in ((full, JournalError), (ValueError(), ValueError), (JournalError("x"), JournalError)):
        with pytest.raises(expected):
            write(problem=problem)
        assert is_free(disk)
    with pytest.raises(JournalError):
        write("INSERT INTO salvaged VALUES ('of no event')")
    assert is_free(disk)
    moved = path.with_name("moved.db")
    path.rename(moved)
    with pytest.raises(JournalError, match="The journal is gone"):
        write()
    assert is_free(disk)
    moved.rename(path)
    assert len(journal.unsent(9)) == 1
    hand.opened(journal)


@pytest.mark.parametrize("is_older", [False, True])
def test_the_first_reason_to_replace_a_journal_stays(reopen: Reopen, hand: Hand, *, is_older: bool) -> None:
    journal = reopen()
    hand.opened(journal)
    for older in (is_older, not is_older):
        if older:
            journal.condemn()
        else:
            journal.opened.disk.condemn()
    journal.close()
    assert (".older-" in reopen().opened.kept) is is_older


# Copies


def test_a_copy_has_all_files_and_leaves_the_journal_as_it_is(reopen: Reopen, hand: Hand, path: Path) -> None:
    journal = reopen()
    session = hand.opened(journal)
    journal.keep_typed("2 idly")
    with pytest.raises(JournalHeldError), temporary_copy(path):
        pass
    with temporary_copy(path, even_if_held=True) as copy:
        opened = reopen(copy)
        assert (len(opened.events_of(session)), opened.typed(), opened.opened.notice) == (1, "2 idly", "")
        opened.close()
        folder = copy.parent
        hand.added(journal, session)
    assert not folder.exists()
    reopen.close_all()
    with temporary_copy(path) as copy:
        assert copy.name == path.name
        journal = reopen()  # the till may be opened meanwhile
        assert len(journal.events_of(session)) == 2
        assert len(reopen(copy).events_of(session)) == 2
        reopen.close_all()
    with pytest.raises(ZeroDivisionError), temporary_copy(path):
        raise ZeroDivisionError
    reopen().close()


def test_a_copy_that_cannot_be_made_says_why_and_holds_no_lock(reopen: Reopen, path: Path) -> None:
    reopen().close()
    place = path.with_name(path.name + ".typed")
    place.unlink()
    place.mkdir()
    with (
        pytest.raises(JournalError, match=f"The journal {path} cannot be copied to look at it: .+"),
        temporary_copy(path),
    ):
        pass
    place.rmdir()
    reopen()
