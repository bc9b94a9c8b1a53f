"""Damaged files: nothing is invented, nothing readable is lost, nothing is overwritten."""

from __future__ import annotations

import os
import random
import sqlite3
from contextlib import suppress
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from tests.journal.conftest import Hand, Reopen
from till.domain.events.envelope import data_without_texts
from till.domain.order.events import LineVoided, OrderParked, OrderResumed, TabAssigned
from till.domain.payment.events import PaymentStarted
from till.journal import JournalDamagedError, SetAside, schema, set_aside_beside
from till.journal.log import PAGE
from till.journal.salvage import carve
from till.ports import Head, Received

if TYPE_CHECKING:
    from pathlib import Path

    from till.domain.events.envelope import Event
    from till.journal import JournalFile


def sold(journal: JournalFile, hand: Hand, orders: int = 8) -> list[Event]:
    """A morning's trading: half of the orders paid, the others open; the first quarter acknowledged."""
    hand.begun(journal)
    for number in range(orders):
        if number == orders - 2:
            journal.tidy()  # so that after a crash some are in the file and some in its log
        session = hand.opened(journal)
        for _line in range(4):
            hand.added(journal, session)
        void = LineVoided(line_id=hand.new_id(), reason="dropped on the floor")
        journal.append([hand.event(journal, void, session)])
        if number % 2 == 0:
            hand.placed(journal, session, f"1-{number:06d}")
    journal.cache("menu", 7, {"items": ["Idly"]})
    events = journal.unsent(10_000)
    quarter = events[len(events) // 4]
    journal.acknowledge(Head(quarter.seq, quarter.hash))
    return events


@dataclass(frozen=True)
class Morning:
    """A morning's trading on disk, made once: the file as a clean close leaves it, and file and log as a kill does."""

    events: list[Event]
    closed: bytes
    killed: bytes
    log: bytes


@pytest.fixture(scope="module")
def morning(tmp_path_factory: pytest.TempPathFactory) -> Morning:
    hand, path = Hand(), tmp_path_factory.mktemp("morning") / "till-1.db"
    opener = Reopen(path, hand)
    journal = opener()
    events = sold(journal, hand)
    killed, log = path.read_bytes(), path.with_name(path.name + "-wal").read_bytes()
    opener.close_all()
    return Morning(events, path.read_bytes(), killed, log)


def content(event: Event) -> tuple[Any, ...]:
    """Return the parts of an event that stay the same when it is carried into another chain."""
    return event.id, event.type, event.session_id, event.at, event.data, event.texts


def without_texts(event: Event) -> Event:
    """An event whose free text was damaged."""
    return msgspec.structs.replace(event, data=data_without_texts(event.data), texts={})


def assert_chain(events: list[Event]) -> None:
    for one, following in pairwise(events):
        assert (following.seq, following.prev_hash) == (one.seq + 1, one.hash)


def test_garbage_is_set_aside_and_selling_goes_on(reopen: Reopen, path: Path) -> None:
    path.write_bytes(b"this was never a journal" * 400)
    journal = reopen()
    assert journal.opened.set_aside is not None
    assert journal.opened.set_aside.read_bytes() == b"this was never a journal" * 400
    assert journal.opened.set_aside.name in journal.opened.notice
    assert journal.head.seq == 0
    assert set_aside_beside(path) == [SetAside(journal.opened.set_aside, is_older=False)]


def test_a_damaged_journal_is_its_owners_alone_to_read(
    reopen: Reopen, path: Path, morning: Morning, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[int] = []
    ask = schema.connect

    def watched(file: Path) -> sqlite3.Connection:
        seen.extend(one.stat().st_mode & 0o777 for one in file.parent.glob("*.reading*"))
        return ask(file)

    before = os.umask(0o022)
    try:
        path.write_bytes(b"\xff" * 4096 + morning.killed[4096:])
        path.with_name(path.name + "-wal").write_bytes(morning.log)
        monkeypatch.setattr(schema, "connect", watched)
        reopen.close_all()
        assert reopen().opened.set_aside is not None
    finally:
        os.umask(before)
    modes = {file.name: file.stat().st_mode & 0o777 for file in path.parent.glob(f"{path.stem}*")}
    assert len(modes) >= 5
    assert set(modes.values()) == {0o600}, modes
    assert set(seen) == {0o600}


def test_a_file_of_no_length_without_its_log_is_set_aside(reopen: Reopen, hand: Hand, path: Path) -> None:
    hand.opened(reopen())
    path.write_bytes(b"")
    path.with_name(path.name + "-wal").unlink()
    path.with_name(path.name + ".lock").unlink()
    journal = reopen()
    assert journal.opened.set_aside is not None
    assert journal.events_of(hand.opened(journal))


def test_an_older_copy_that_is_set_aside_is_not_called_damaged(reopen: Reopen, hand: Hand, path: Path) -> None:
    journal = reopen()
    sold(journal, hand)
    journal.condemn()  # the database has another end of its chain
    journal.close()
    aside = reopen().opened.set_aside
    assert aside is not None
    assert "damaged" not in aside.name
    assert set_aside_beside(path) == [SetAside(aside, is_older=True)]


def test_damage_twice_in_one_second_overwrites_nothing(reopen: Reopen, path: Path) -> None:
    for number in range(3):
        path.write_bytes(b"garbage %d" % number)
        reopen().close()
    assert {one.path.read_bytes() for one in set_aside_beside(path)} == {b"garbage 0", b"garbage 1", b"garbage 2"}


def test_from_a_file_without_its_first_page_all_events_come_back(reopen: Reopen, hand: Hand, path: Path) -> None:
    journal = reopen()
    events = sold(journal, hand)
    old = journal.head, journal.journal_id
    journal.close()
    path.write_bytes(b"\xff" * 4096 + path.read_bytes()[4096:])
    journal = reopen()
    assert journal.previous is not None
    assert (journal.previous.head, journal.previous.journal_id) == old
    assert {event.id for event in journal.salvaged()} == {event.id for event in events[1:]}
    assert journal.last_id == events[-1].id
    assert len(journal.streams("order", is_open=True)) == 4


def test_salvaged_events_go_on_in_the_new_chain_with_the_ids_they_had(reopen: Reopen, hand: Hand, path: Path) -> None:
    journal = reopen()
    events = sold(journal, hand)
    acked = journal.acked.seq
    open_before = journal.streams("order", is_open=True)
    orders = {mark.session_id: journal.events_of(mark.session_id) for mark in journal.followed_sessions()}
    journal.close()
    condemn(path)

    journal = reopen()
    hand.begun(journal)
    newest = journal.last_id
    assert journal.re_emit() == len(events) - acked
    assert journal.salvaged() == []
    assert journal.re_emit() == 0
    journal.close()

    journal = reopen()
    sent = journal.unsent(10_000)
    assert_chain(sent)
    assert [content(event) for event in sent[1:]] == [content(event) for event in events[acked:]]
    assert {event.journal_id for event in sent} == {journal.journal_id}
    assert journal.last_id == newest
    assert journal.streams("order", is_open=True) == open_before
    for session, before in orders.items():
        assert [content(event) for event in journal.events_of(session)] == [content(event) for event in before]
    assert journal.cached("menu") == (0, {"items": ["Idly"]})
    assert journal.opened.set_aside is None


def test_a_pending_charge_is_found_in_the_journal_that_replaced_a_damaged_one(
    reopen: Reopen, hand: Hand, path: Path
) -> None:
    """A terminal may have charged for it: the new journal asks about it, even if the database has all of it."""
    journal = reopen()
    session = hand.opened(journal)
    facts: dict[str, Any] = {"tender": "TERMINAL", "amount": "40.00"}
    ours, theirs, later = (PaymentStarted(**facts, payment_id=hand.new_id(), key=key) for key in ("a", "b", "c"))
    journal.append([hand.event(journal, ours, session)])
    journal.receive([Received(1, hand.event(journal, theirs, session, till=2))])
    journal.acknowledge(journal.head)
    journal.close()
    condemn(path)
    journal = reopen()
    journal.append([hand.event(journal, later, session)])
    assert [event.data for event in journal.newest("payments", 2)] == [later, ours]
    assert [event.data for event in journal.newest("payments", 1)] == [later]


def test_an_unsent_suspended_order_is_listed_after_damage_too(reopen: Reopen, hand: Hand, path: Path) -> None:
    """No other till can list it. The database has the rest: it may be paid on another till by now."""
    journal = reopen()
    sent, parked, on_tab, recalled = (hand.opened(journal) for _order in range(4))
    journal.append([hand.event(journal, OrderParked(), sent)])
    journal.append([hand.event(journal, TabAssigned(tab_id=hand.new_id()), recalled)])
    journal.acknowledge(journal.head)
    journal.append([hand.event(journal, OrderParked(), parked)])
    journal.append([hand.event(journal, TabAssigned(tab_id=hand.new_id()), on_tab)])
    journal.append([hand.event(journal, OrderResumed(), recalled, hold=hand.new_id())])
    before = journal.streams("order", is_open=True)
    journal.close()
    condemn(path)
    after = reopen().streams("order", is_open=True)
    assert after == [session for session in before if session != sent] == sorted([parked, on_tab, recalled])


def condemn(path: Path, why: str = "1") -> None:
    """Have the next open take the file for damaged, though all of it reads."""
    connection = sqlite3.connect(path)
    connection.execute("INSERT INTO meta VALUES ('condemned', ?)", (why,))
    connection.commit()
    connection.close()


def test_events_that_still_waited_are_carried_over_a_second_damage(reopen: Reopen, hand: Hand, path: Path) -> None:
    journal = reopen()
    events = sold(journal, hand, 2)
    acked = journal.acked.seq
    journal.close()
    for _time in range(2):
        condemn(path)
        journal = reopen()
        journal.close()
    waiting = {event.id for event in reopen().salvaged()}
    assert {event.id for event in events[acked:]} <= waiting


@pytest.mark.parametrize("seed", range(20))
def test_wherever_a_file_is_cut_what_is_left_is_genuine(
    reopen: Reopen, path: Path, morning: Morning, seed: int
) -> None:
    chance = random.Random(seed)  # noqa: S311 - chosen places, not secrets
    path.write_bytes(morning.closed[: chance.randrange(len(morning.closed))])
    check_salvage(reopen, path, morning.events)


@pytest.mark.parametrize("seed", range(60))
def test_flipped_bytes_never_yield_another_event(reopen: Reopen, path: Path, morning: Morning, seed: int) -> None:
    if seed % 2:
        path.with_name(path.name + "-wal").write_bytes(morning.log)
    data = bytearray(morning.killed if seed % 2 else morning.closed)
    chance = random.Random(seed)  # noqa: S311 - chosen places, not secrets
    start = chance.randrange(len(data))
    for at in range(start, min(start + chance.choice((1, 8, 512, 4096)), len(data))):
        data[at] ^= chance.randrange(1, 256)
    path.write_bytes(data)
    check_salvage(reopen, path, morning.events)


def check_salvage(reopen: Reopen, path: Path, events: list[Event]) -> None:
    """Each event that is read was written, each whole event in the bytes is read, and selling continues."""
    originals = {event.id: (content(event), content(without_texts(event))) for event in events}
    whole = still_whole(path, events)
    try:
        found = all_events(reopen(), events)
    except JournalDamagedError:
        reopen.close_all()
        whole = still_whole(path, events)  # later writes overwrote old pages in the log
        journal = reopen()
        assert journal.opened.set_aside is not None
        found = all_events(journal, events)
    assert all(content(event) in originals[event.id] for event in found)
    assert whole <= {event.id for event in found}


def still_whole(path: Path, events: list[Event]) -> set[str]:
    left = b"".join(file.read_bytes() for file in (path, path.with_name(path.name + "-wal")) if file.exists())
    return {event.id for event in events[1:] if event.hash.encode() + event.body.encode() in left}


def all_events(journal: JournalFile, events: list[Event]) -> list[Event]:
    journal.acknowledge(Head(0, "0" * 64))
    found = journal.unsent(10_000) + journal.salvaged()
    for session_id in {event.session_id for event in events if event.session_id}:
        found += journal.events_of(session_id)
    return found


def test_a_row_that_changed_within_itself_is_found_when_it_is_read(reopen: Reopen, hand: Hand, path: Path) -> None:
    journal = reopen()
    events = sold(journal, hand)
    session = str(events[-1].session_id)
    journal.close()
    data = path.read_bytes()
    body = events[-2].hash.encode() + events[-2].body.encode()
    assert data.count(body) == 1
    path.write_bytes(data.replace(body, body.replace(b'"price":"40.00"', b'"price":"10.00"')))

    journal = reopen()
    assert journal.opened.set_aside is None
    with pytest.raises(JournalDamagedError, match="start it again"):
        journal.events_of(session)
    journal.close()

    journal = reopen()
    assert journal.opened.set_aside is not None
    assert "1 record is missing. An order here may be paid already: check the last receipts." in journal.opened.notice
    assert {event.id for event in events} - {event.id for event in journal.salvaged()} > {events[-2].id}
    assert [event.id for event in journal.events_of(session)] == [
        event.id for event in events if event.session_id == session and event is not events[-2]
    ]


@pytest.mark.parametrize("only_marked", [False, True])
def test_a_row_that_is_gone_breaks_the_chain_and_is_reported(
    reopen: Reopen, hand: Hand, path: Path, *, only_marked: bool
) -> None:
    journal = reopen()
    events = sold(journal, hand)
    journal.close()
    connection = sqlite3.connect(path)
    connection.execute("DELETE FROM own WHERE seq = ?", (len(events) - 3,))
    connection.commit()
    connection.close()
    if only_marked:  # it left only a mark that it closed well, so the gap shows when it is read
        mark(path)
        journal = reopen()
        with pytest.raises(JournalDamagedError):
            journal.unsent(10_000)
        journal.close()
    assert "1 record is missing. An order here may be paid already: check the last receipts." in reopen().opened.notice


def test_number_that_no_record_can_have_counts_no_record_as_missing(reopen: Reopen, hand: Hand, path: Path) -> None:
    journal = reopen()
    events = sold(journal, hand)
    journal.close()
    connection = sqlite3.connect(path)
    damaged = events[-1].body.replace('"price":', '"prize":')[:-1]
    connection.execute("UPDATE own SET seq = seq << 7, body = ? WHERE id = ?", (damaged, events[-1].id))
    connection.commit()
    connection.close()
    mark(path)
    journal = reopen()
    with suppress(JournalDamagedError):
        journal.unsent(10_000)
    journal.close()
    assert "1 record is missing. An order here may be paid already: check the last receipts." in reopen().opened.notice


def mark(path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.execute("UPDATE meta SET value = '1' WHERE name = 'clean'")
    connection.commit()
    connection.close()


def test_a_torn_page_costs_what_stood_on_it_alone(reopen: Reopen, hand: Hand, path: Path) -> None:
    journal = reopen()
    events = sold(journal, hand, 30)
    journal.acknowledge(Head(0, "0" * 64))
    journal.close()
    data = path.read_bytes()
    page = data.index(events[90].hash.encode()) // 4096
    torn = page * 4096 + 2048
    path.write_bytes(data[: page * 4096] + bytes(2048) + data[torn:])
    connection = sqlite3.connect(path)
    connection.execute("DELETE FROM meta WHERE name = 'clean'")
    connection.commit()
    connection.close()
    journal = reopen()
    assert journal.opened.set_aside is not None
    kept = {event.id for event in journal.salvaged()}
    assert len(kept) >= len(events) - 1 - 6
    assert events[-1].id in kept
    assert "missing. An" in journal.opened.notice


def test_a_page_on_which_a_write_fails_replaces_the_file_at_the_next_opening(
    reopen: Reopen, hand: Hand, path: Path
) -> None:
    """A clean close is checked by its open orders alone: a till that was opened for one sentence never got past it."""

    def sell(journal: JournalFile, number: int) -> None:
        session = hand.opened(journal)
        hand.placed(journal, session, f"1-{number:06d}")

    journal, failed = reopen(), 0
    hand.begun(journal)
    for number in range(4):
        sell(journal, number)
    reopen.close_all()
    closed = path.read_bytes()
    for page in range(1, len(closed) // PAGE):
        data, half = bytearray(closed), page * PAGE + PAGE // 2
        data[half : half + PAGE // 2] = b"\xff" * (PAGE // 2)
        path.write_bytes(data)
        journal = reopen()
        if journal.opened.set_aside is None:
            try:
                sell(journal, 100 + page)
            except JournalDamagedError:
                failed += 1
                reopen.close_all()
                assert reopen().opened.set_aside is not None, page
        reopen.close_all()
    assert failed


@pytest.mark.parametrize("why", ["1", "parted"])
def test_a_crash_between_setting_aside_and_replacing_loses_neither(
    reopen: Reopen, hand: Hand, path: Path, why: str
) -> None:
    journal = reopen()
    events = sold(journal, hand)
    journal.close()
    condemn(path, why)
    damaged = path.read_bytes()
    journal = reopen()
    aside = journal.opened.set_aside
    assert aside is not None
    journal.close()
    replacement = aside.with_name(aside.name + ".replacement")
    for moved in (False, True):  # before the damaged file was moved, and after
        path.rename(replacement)
        if not moved:
            aside.rename(path)
        journal = reopen()
        assert {event.id for event in journal.salvaged()} <= {event.id for event in events}
        assert journal.salvaged()
        assert aside.read_bytes() == damaged
        journal.close()


def test_a_journal_that_was_half_made_is_made_again(reopen: Reopen, path: Path) -> None:
    path.with_name(path.name + ".making").write_bytes(b"half")
    assert reopen().opened.created


def test_carving_finds_events_and_their_texts_in_raw_bytes(reopen: Reopen, hand: Hand, path: Path) -> None:
    journal = reopen()
    events = sold(journal, hand, 2)
    found = {event.id: event for event in carve(path.with_name(path.name + "-wal").read_bytes())}
    assert found == {event.id: event for event in events}
    assert list(carve(b'{"at":"' * 1000)) == []


def test_records_that_a_shortened_log_lost_are_counted(reopen: Reopen, hand: Hand, path: Path) -> None:
    """A log that is cut after any byte reads as a shorter one; the number of the last event is in a file beside it."""
    journal = reopen()
    sold(journal, hand)
    last, files = journal.head.seq, (path, *(path.with_name(path.name + one) for one in ("-wal", ".end")))
    killed, log, end = (file.read_bytes() for file in files)
    reopen.close_all()
    lost = 0
    for cut in range(11, len(log), len(log) // 60):
        for file, content_then in zip(files, (killed, log[:cut], end), strict=True):
            file.write_bytes(content_then)
        journal = reopen()
        missing = last - journal.head.seq
        if missing > 0 and journal.opened.set_aside is None:
            lost += 1
            assert f"{missing} record" in journal.opened.notice, (cut, journal.opened.notice)
        reopen.close_all()
        path.with_name(path.name + "-wal").unlink(missing_ok=True)
    assert lost > 10


@pytest.mark.parametrize("end", [b"", b"\0" * 4096, b"\xff" * 4096, None])
def test_a_number_of_the_last_event_that_does_not_read_says_nothing(
    reopen: Reopen, hand: Hand, path: Path, end: bytes | None
) -> None:
    hand.opened(reopen())
    reopen.close_all()
    side = path.with_name(path.name + ".end")
    side.unlink()
    if end is not None:
        side.write_bytes(end)
    assert reopen().opened.notice == ""


def test_the_number_of_another_journal_says_nothing(reopen: Reopen, hand: Hand) -> None:
    journal = reopen()
    hand.opened(journal)
    journal.opened.end.write(f"{hand.new_id()} 99")
    reopen.close_all()
    assert reopen().opened.notice == ""
