"""Reading of damaged files: by SQL, in the raw bytes, and in the end of a log that SQLite drops."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.journal.conftest import HOST, STORE, Hand, Reopen, Writer, opening
from till.domain.order.events import LineVoided
from till.journal import replacing, salvage
from till.journal.log import look, place_of, read_log
from till.journal.meta import JournalIdentity
from till.journal.rows import sealed_row
from till.journal.salvage import Salvage, carve, read, read_end
from till.ports import Head, Received
from till.ports.printer import Job, JobState

if TYPE_CHECKING:
    from till.domain.events.envelope import Event
    from till.journal import JournalFile
    from till.journal.opening import OpenedJournal

FRAME = 4096 + 24
WORDS = "Asha's brother walked out"


def bytes_of(event: Event) -> bytes:
    return "".join(sealed_row(event)).encode()


@pytest.fixture
def writer(hand: Hand) -> Writer:
    return Writer(hand)


def voided(writer: Writer, reason: str = WORDS) -> Event:
    return writer(LineVoided(line_id=writer.hand.new_id(), reason=reason))


# The raw bytes


def test_events_are_carved_from_any_bytes_around_them(writer: Writer) -> None:
    event, other = writer(writer.hand.line()), voided(writer)
    one, two = bytes_of(event), bytes_of(other)
    cut = one[:64] + one[64:200]
    for data, expected in (
        (one, [event]),
        (b"x" + one, [event]),
        (one + two, [event, other]),
        (two + one, [other, event]),
        (one + one, [event]),
        (one + b"\xff" + two + b"{", [event, other]),
        (cut + two, [other]),  # of the first one only the beginning is left
        (cut + b"\0" * 300 + one + two, [event, other]),
        (one.replace(b'"quantity":1', b'"quantity":2') + two, [other]),
        (one[64:] + two, [other]),  # a body without its hash
        (one[63:] + two, [other]),
        (b'{"at":"' * 50 + two, [other]),
        (b'{"at":"}{"at":""}' + two, [other]),
        (b"[" * 5000 + two, [other]),
        (b'{"at":"",' + b'"a":[' * 3000 + two, [other]),
        (b"", []),
    ):
        assert list(carve(data)) == expected, data[:40]
    assert list(carve(one + two, {event.hash.encode()})) == [other]


def test_a_carved_event_has_its_texts_unless_they_are_damaged(writer: Writer) -> None:
    event = voided(writer)
    data = bytes_of(event)
    texts = data[64 + len(event.body.encode()) :]
    for damaged, is_there in (
        (texts, True),
        (texts + b"}", True),
        (texts + texts, True),
        (texts.replace(b"Asha", b"Usha"), False),
        (texts[:-3], False),
        (b"x" + texts, False),
        (b"[1]" + texts, False),
        (b"", False),
    ):
        (found,) = carve(data[: -len(texts)] + damaged)
        assert (found.id, found.hash, bool(found.texts)) == (event.id, event.hash, is_there), damaged


@pytest.mark.parametrize(("size", "is_found"), [(8000, True), (9000, False)])
def test_an_event_of_a_few_kilobytes_is_carved(writer: Writer, size: int, *, is_found: bool) -> None:
    """A larger one spans pages, so that its bytes are not in one piece."""
    notes = size // 39 - 15
    event = writer(writer.hand.paying(notes=notes))
    assert abs(len(event.body) - size) < 300
    assert list(carve(bytes_of(event))) == ([event] if is_found else [])


@pytest.mark.parametrize("odd", [None, 7, b"raw", "", "{", "[1]", "7"])
def test_a_row_of_odd_values_is_no_event_or_one_without_texts(writer: Writer, odd: object) -> None:
    event = voided(writer)
    sealed, body, texts = sealed_row(event)
    assert list(salvage._verified(sealed, body, texts)) == [event]
    assert list(salvage._verified(odd, body, texts)) == []
    assert list(salvage._verified(sealed, odd, texts)) == []
    without = [(one.hash, bool(one.texts)) for one in salvage._verified(sealed, body, odd)]
    assert without == ([(event.hash, False)] if odd in {"", "[1]", "7"} else [])


# The file


def traded(journal: JournalFile, hand: Hand) -> tuple[list[Event], Event]:
    """A chain of six events, and one of another till; return both."""
    hand.begun(journal)
    session = hand.opened(journal)
    for name in ("Idly", "Vada", "Dosa", "Tea"):
        hand.added(journal, session, name)
    theirs = Writer(hand, till=2, head=Head(70, "a" * 64))
    received = theirs(hand.line(), session)
    journal.receive([Received(2, received)])
    return journal.unsent(100), received


@dataclass(frozen=True)
class Day:
    """A closed journal with the events of `traded`."""

    file: bytes
    own: list[Event]
    received: Event


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> Day:
    hand, path = Hand(), tmp_path_factory.mktemp("day") / "till-1.db"
    journal = Reopen(path, hand)()
    own, received = traded(journal, hand)
    journal.close()
    return Day(path.read_bytes(), own, received)


def damaged(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for statement in statements:
            connection.execute(statement)
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


@pytest.mark.parametrize(
    ("statement", "lost", "unread"),
    [
        ("UPDATE meta SET value = value", [], []),
        ("UPDATE own SET body = '{}' WHERE seq = 4", [4], [4]),
        ("UPDATE own SET body = '{}' WHERE seq IN (1, 6)", [1, 6], [1, 6]),
        ("UPDATE own SET body = CAST(X'FF' AS TEXT) WHERE seq = 2", [2], [2]),
        ("UPDATE own SET hash = 5 WHERE seq = 3", [3], [3]),
        ("UPDATE own SET body = NULL, texts = '' WHERE seq <= 3", [1, 2, 3], []),  # pruned
        ("UPDATE own SET texts = '{' WHERE seq = 3", [3], [3]),
        ("DELETE FROM own WHERE seq = 5", [5], []),  # its number says nothing; the chain has a gap
        ("UPDATE received SET body = '{}'", [0], []),
    ],
)
def test_rows_that_do_not_read_hide_no_other_and_name_their_numbers(
    day: Day, path: Path, statement: str, lost: list[int], unread: list[int]
) -> None:
    own, received = day.own, day.received
    path.write_bytes(day.file)
    damaged(path, statement)
    found = Salvage()
    salvage._query(path, found)
    expected = {event.id for event in (*own, received)}
    expected -= {event.id for event in own if event.seq in lost} | ({received.id} if 0 in lost else set())
    assert set(found.events) == expected
    assert found.unread == set(unread)
    after = Salvage()
    salvage._query(path, after, ["own"], 3)
    assert {event.seq for event in after.events.values()} == {4, 5, 6} - set(lost)


def test_a_damaged_document_or_job_is_left_out(reopen: Reopen, hand: Hand, path: Path) -> None:
    journal = reopen()
    session = hand.opened(journal)
    journal.cache("menu", 7, {"items": ["Idly"]})
    journal.cache("staff", 3, {})
    jobs = [Job(number=number, paper="receipt", of=session, printer="", at=hand.now) for number in range(1, 7)]
    journal.keep_jobs([*jobs, Job(number=7, paper="x", of=session, printer="", at=hand.now, state=JobState.PRINTED)])
    reopen.close_all()
    damaged(
        path,
        "UPDATE cache SET body = replace(body, 'Idly', 'Vada')",
        "UPDATE jobs SET paper = 'poster' WHERE number = 1",
        "UPDATE jobs SET at = 'never' WHERE number = 2",
        "UPDATE jobs SET at = 5 WHERE number = 3",
        "UPDATE jobs SET copy = 'x' WHERE number = 4",
    )
    found = read(path, path.with_name("scratch"))
    assert found.cache == [("staff", "{}")]
    assert found.jobs == {job.number: job for job in jobs[4:]}


def test_numbers_in_the_raw_bytes_are_unread_if_the_files_could_hold_so_many(
    reopen: Reopen, hand: Hand, path: Path
) -> None:
    journal = reopen()
    own, received = traded(journal, hand)
    reopen.close_all()
    last, whole = own[-1], path.read_bytes()
    room = (len(whole) + 2 * 400) // 256  # an event has at least 256 bytes

    def broken(seq: int) -> bytes:
        text = last.body.replace(f'"seq":{last.seq},', f'"seq":{seq},')
        return text[text.index('"journal_id"') :][:380].encode().ljust(400, b"\0")

    for seq, is_possible in ((7, True), (6 + room, True), (7 + room, False), (10**17, False)):
        path.write_bytes(whole + broken(9) + broken(seq))
        found = read(path, path.with_name("scratch"))
        assert found.unread - {*range(1, 7)} == ({9, seq} if is_possible else {9})
        assert set(found.events) == {event.id for event in (*own, received)}
    assert not list(path.parent.glob("scratch*"))


@pytest.mark.parametrize("left", ["file", "log", "both", "neither", "empty"])
def test_file_and_log_are_read_each_without_the_other(reopen: Reopen, hand: Hand, path: Path, left: str) -> None:
    journal = reopen()
    hand.begun(journal)
    session = hand.opened(journal)
    journal.tidy()
    hand.added(journal, session)
    own = journal.unsent(100)
    files = {"file": path.read_bytes(), "log": read_log(path)}
    reopen.close_all()
    place_of(path).unlink(missing_ok=True)
    path.unlink()
    if left in {"file", "both"}:
        path.write_bytes(files["file"])
    if left in {"log", "both"}:
        place_of(path).write_bytes(files["log"])
    if left == "empty":
        path.write_bytes(b"")
    before = {file: file.read_bytes() for file in path.parent.iterdir()}
    found = read(path, path.with_name("scratch"))
    expected = {"file": own[:2], "log": own, "both": own}.get(left, [])
    assert sorted(found.events) == [event.id for event in expected]
    assert {file: file.read_bytes() for file in path.parent.iterdir()} == before, "neither is changed"


# The end of a log


@pytest.mark.parametrize(
    ("damage", "kept", "read_again", "is_all"),
    [
        ("sum of the last", 5, [6], True),
        ("sum of the last but one", 4, [5, 6], True),
        ("text of the last", 5, [], False),
        ("text of the last but one", 4, [], False),
        ("text of the last of two", 4, [5], False),
        ("page of the last", 5, [6], True),  # its bytes are whole
        ("page and text of the last", 5, [], False),
    ],
)
def test_a_dropped_end_is_read_up_to_the_first_event_that_is_lost(
    reopen: Reopen, hand: Hand, path: Path, damage: str, kept: int, read_again: list[int], *, is_all: bool
) -> None:
    journal = reopen()
    hand.begun(journal)
    session = hand.opened(journal)
    names = ("Idly", "Vada", "Dosa", "Tea")
    ends = []
    for name in names:
        hand.added(journal, session, name)
        ends.append(len(read_log(path)))
    own = journal.unsent(100)
    file, log = path.read_bytes(), bytearray(read_log(path))
    reopen.close_all()
    first = ends[1] if "but one" in damage or "two" in damage else ends[2]
    log[first + 16] ^= 1  # the checksum of its first frame
    if "text" in damage:
        word = b"Dosa" if "but one" in damage else b"Tea"
        log = bytearray(bytes(log[:first]) + bytes(log[first:]).replace(b'"' + word + b'"', b'"' + word.upper() + b'"'))
    if "page" in damage:  # SQL cannot read it
        for at in range(first, len(log), FRAME):
            if b"tea" in log[at : at + FRAME].lower():
                log[at + 24 : at + 32] = b"\xff" * 8
    path.write_bytes(file)
    place_of(path).write_bytes(log)
    ending = look(bytes(log))
    assert (ending.kept, ending.wrong) == (first, first)
    head = Head(kept, own[kept - 1].hash)
    events, whole = read_end(path, ending, journal.journal_id, head)
    assert ([event.seq for event in events], whole) == (read_again, is_all)
    assert events == own[kept : kept + len(events)]
    assert not list(path.parent.glob("*.reading*"))


@pytest.mark.parametrize("has_own", [False, True])
def test_a_dropped_end_without_own_events_costs_nothing(
    reopen: Reopen, hand: Hand, path: Path, *, has_own: bool
) -> None:
    """The database sends it again."""
    journal = reopen()
    if has_own:
        hand.begun(journal)
    session, other = hand.new_id(), Writer(hand, till=2, head=Head(40, "a" * 64))
    for _each in range(2):  # the first one begins a log
        journal.receive([Received(3, other(hand.line(), session))])
    before = look(read_log(path)).kept
    journal.receive([Received(3, other(hand.line(), session))])
    file, log = path.read_bytes(), bytearray(read_log(path))
    head, journal_id = journal.head, journal.journal_id
    reopen.close_all()
    log[before + 16] ^= 1
    path.write_bytes(file)
    place_of(path).write_bytes(log)
    assert look(bytes(log)).dropped
    assert read_end(path, look(bytes(log)), journal_id, head) == ([], True)
    journal = reopen()
    assert (journal.opened.notice, journal.opened.missing, journal.opened.dropped_log) == ("", None, None)
    assert (journal.head, journal.opened.set_aside) == (head, None)
    assert replacing.set_aside_beside(path) == []


# The names and sentences of a replaced journal


def test_replaced_journals_are_listed_by_kind_oldest_first_then_logs_alone(path: Path) -> None:
    names = [
        "till-1.damaged-20260301T100000.db",
        "till-1.damaged-20260301T100000.db-wal",  # of the one before
        "till-1.damaged-20260301T100000-1.db",
        "till-1.damaged-20260302T100000.db-wal",
        "till-1.damaged-20260303T100000.db-wal",
        "till-1.damaged-20260304T100000.db",
        "till-1.older-20260302T100000.db",
        "till-1.older-20260302T100000.db-wal",
        "till-1.older-20260305T100000.db.replacement",
        "till-1.db",
        "till-2.damaged-20260301T100000.db",
        "till-1.damaged-20260301T100000.dbx",
    ]
    for name in reversed(names):
        path.with_name(name).touch()
    found = [(one.path.name, one.is_older, one.is_log) for one in replacing.set_aside_beside(path)]
    assert found == [
        (names[2], False, False),
        (names[0], False, False),
        (names[5], False, False),
        (names[6], True, False),
        (names[3], False, True),
        (names[4], False, True),
    ]


def test_a_name_is_free_if_neither_file_nor_log_has_it(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = replacing._free_name(path, "damaged")
    stamp = first.name.removeprefix("till-1.damaged-").removesuffix(".db")

    class Clock:
        @staticmethod
        def now(_zone: object) -> Clock:
            return Clock()

        @staticmethod
        def strftime(_form: str) -> str:
            return stamp

    monkeypatch.setattr(replacing, "datetime", Clock)
    for taken in (first.name, f"till-1.damaged-{stamp}-1.db-wal", f"till-1.damaged-{stamp}-2.db"):
        path.with_name(taken).touch()
    assert replacing._free_name(path, "damaged").name == f"till-1.damaged-{stamp}-3.db"
    assert replacing._free_name(path, "older").name == f"till-1.older-{stamp}.db"
    kept = replacing.keep_dropped(path, b"the end")
    assert kept.name == f"till-1.damaged-{stamp}-3.db-wal"
    assert (kept.read_bytes(), kept.stat().st_mode & 0o777) == (b"the end", 0o600)


def opened_anew(journal: JournalFile, reopen: Reopen, *, is_older: bool) -> OpenedJournal:
    """Replace a journal at its next opening, as an older copy or as a damaged one."""
    if is_older:
        journal.condemn()
    else:
        journal.opened.disk.condemn()
    journal.close()
    return reopen().opened


@pytest.mark.parametrize("lines", [0, 1])
@pytest.mark.parametrize("is_older", [False, True])
def test_a_notice_says_how_much_was_read_and_where_the_old_file_is(
    reopen: Reopen, hand: Hand, lines: int, *, is_older: bool
) -> None:
    journal = reopen()
    session = hand.opened(journal)
    for _line in range(lines):
        hand.added(journal, session)
    opened = opened_anew(journal, reopen, is_older=is_older)
    assert opened.set_aside is not None
    assert opened.set_aside.name.startswith("till-1.older-" if is_older else "till-1.damaged-")
    records = "2 records are" if lines else "1 record is"
    if is_older:
        assert opened.found == "The journal of this till was an older copy."
        assert opened.kept == f"It is kept as {opened.set_aside.name}; {records} carried over."
    else:
        assert opened.found == "The journal of this till was damaged."
        records = records.replace("are", "were").replace("is", "was")
        assert opened.kept == f"It is kept as {opened.set_aside.name}; {records} read from it."
    assert opened.notice == f"{opened.found} {opened.kept}"
    assert opened.created


@pytest.mark.parametrize("is_older", [False, True])
def test_a_drawer_that_cannot_be_added_up_is_named(reopen: Reopen, hand: Hand, *, is_older: bool) -> None:
    journal = reopen()
    shift = hand.new_id()
    writer = Writer(hand, journal_id=journal.journal_id)
    journal.append([writer(opening(), shift=shift)])
    opened = opened_anew(journal, reopen, is_older=is_older)
    assert "The drawer cannot be added up here: F11 counts it." in opened.kept
    assert opened.kept.startswith("It is kept as ")


def test_a_new_journal_that_cannot_be_made_whole_is_removed(hand: Hand, path: Path) -> None:
    found = Salvage()
    event = Writer(hand)(hand.line())
    found.events = {event.id: event, "twice": event}  # the second cannot be written
    identity = JournalIdentity(hand.new_id(), 1, STORE, HOST)
    with pytest.raises(sqlite3.IntegrityError):
        replacing.make(path, identity, found)
    assert list(path.parent.iterdir()) == []
    path.write_bytes(b"half")
    place_of(path).write_bytes(b"half")
    replacing.make(path, identity)
    assert path.stat().st_mode & 0o777 == 0o600
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def test_new_files_and_their_names_are_on_disk_before_the_till_goes_on(
    reopen: Reopen, hand: Hand, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = reopen()
    hand.opened(journal)
    journal.opened.disk.condemn()
    journal.close()
    synced: list[tuple[str, set[str]]] = []
    sync = os.fsync

    def watched(file: int) -> None:
        synced.append((str(Path(f"/proc/self/fd/{file}").readlink()), {one.name for one in path.parent.iterdir()}))
        sync(file)

    monkeypatch.setattr(os, "fsync", watched)
    files = Path("/proc/self/fd")
    open_files = len([*files.iterdir()])
    kept = replacing.keep_dropped(path, b"the end")
    assert [place for place, _names in synced] == [str(kept), str(path.parent)]
    aside, _event, _kept = replacing.replace(path, JournalIdentity(hand.new_id(), 1, STORE, HOST))
    place, names = synced[-1]
    assert (place, {path.name, aside.name} - names) == (str(path.parent), set())
    assert len([*files.iterdir()]) == open_files
