"""The opening of a journal: what it finds, what it says, and what it leaves behind when it fails."""

from __future__ import annotations

import errno
import os
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.journal.conftest import HOST, STORE, Hand, Reopen, Writer, opening
from till.domain.errors import JournalError
from till.domain.events.envelope import sha256
from till.domain.order.events import OrderDiscarded, OrderParked
from till.domain.shift.events import ShiftClosed, ShiftOpened, ShiftSums
from till.journal import JournalDamagedError, JournalFile, path_beside, replacing
from till.journal.log import look, place_of, read_log
from till.journal.meta import Missing
from till.journal.opening import Owner
from till.ports import Head, Received, SessionMark

if TYPE_CHECKING:
    from collections.abc import Iterator

    from till.domain.events.registry import EventData

MAY_BE_PAID = "An order here may be paid already: check the last receipts."
FILES = ("", "-wal", ".end", ".typed")


def kill(path: Path, reopen: Reopen) -> None:
    """Close the journal and put its files back as they were, as a killed till leaves them."""
    kept = {end: path.with_name(path.name + end).read_bytes() for end in FILES}
    reopen.close_all()
    for end, data in kept.items():
        path.with_name(path.name + end).write_bytes(data)


def damage(path: Path, *places: int) -> None:
    """Flip bits of the log."""
    log = bytearray(read_log(path))
    for at in places:
        log[at] ^= 1
    place_of(path).write_bytes(log)


def end_of(path: Path) -> int:
    """The end of the last commit in the log: the next one begins there."""
    return look(read_log(path)).kept


# The time of the last write


@pytest.mark.parametrize("newest", ["", "-wal", ".typed"])
def test_a_till_stopped_at_its_last_write_to_the_journal_or_of_typed_text(
    reopen: Reopen, hand: Hand, path: Path, newest: str
) -> None:
    hand.opened(reopen())
    kill(path, reopen)
    for end in (*FILES, ".lock"):
        moment = {newest: 500, ".end": 900, ".lock": 900}.get(end, 100)
        os.utime(path.with_name(path.name + end), (1_700_000_000 + moment,) * 2)
    assert reopen().closed_cleanly() == datetime.fromtimestamp(1_700_000_500, UTC)


def test_a_damaged_journal_did_not_close_cleanly(reopen: Reopen, hand: Hand, path: Path) -> None:
    journal = reopen()
    hand.opened(journal)
    journal.opened.disk.condemn()
    journal.close()
    for end in FILES:
        if (file := path.with_name(path.name + end)).exists():
            os.utime(file, (1_700_000_000,) * 2)
    journal = reopen()
    assert journal.opened.set_aside is not None
    assert journal.closed_cleanly() == datetime.fromtimestamp(1_700_000_000, UTC)


@pytest.mark.parametrize("left", ["", "-wal", ".typed", ".end", ".lock"])
def test_a_journal_is_new_if_neither_its_file_nor_its_log_is_there(
    reopen: Reopen, hand: Hand, path: Path, left: str
) -> None:
    hand.opened(reopen())
    kill(path, reopen)
    for end in {*FILES, ".lock"} - {left}:
        path.with_name(path.name + end).unlink(missing_ok=True)
    opened = reopen().opened
    is_there = left in {"", "-wal"}
    assert opened.created is (left != "")
    assert (opened.broke_off is not None) is is_there
    assert (opened.set_aside is not None) is (left == "-wal"), "a log alone is read, and set aside"


# The log


def test_a_log_without_its_file_is_read(reopen: Reopen, hand: Hand, path: Path) -> None:
    journal = reopen()
    session = hand.opened(journal)
    added = hand.added(journal, session)
    kill(path, reopen)
    path.unlink()
    journal = reopen()
    assert journal.opened.found == "The journal of this till was damaged."
    assert [event.id for event in journal.salvaged()][-1] == added.id
    assert journal.streams("order", is_open=True) == [session]


@pytest.mark.parametrize(("dropped", "is_replaced"), [(1, False), (2, True), (3, True)])
def test_a_journal_whose_log_dropped_more_than_a_commit_is_replaced(
    reopen: Reopen, hand: Hand, path: Path, dropped: int, *, is_replaced: bool
) -> None:
    """A power cut tears the last commit alone."""
    journal = reopen()
    session = hand.opened(journal)
    hand.added(journal, session)
    ends = []
    for _line in range(4):
        ends.append(end_of(path))
        hand.added(journal, session)
    own = journal.unsent(10)
    kill(path, reopen)
    damage(path, ends[-dropped] + 16)
    journal = reopen()
    assert (journal.opened.set_aside is not None) is is_replaced
    found = journal.salvaged() if is_replaced else journal.unsent(10)
    assert [event.id for event in found] == [event.id for event in own]
    if not is_replaced:
        assert journal.opened.found == "1 record was read from the damaged end of this till's journal."
        assert (journal.opened.kept, journal.opened.missing) == ("", None)
        assert journal.closed_cleanly() is not None
        assert replacing.set_aside_beside(path) == []


@pytest.mark.parametrize(
    ("before", "last", "is_open"),
    [
        ([], [opening()], True),
        ([opening()], [OrderDiscarded(line_ids=())], False),
        ([opening()], [OrderParked()], True),  # the database does not know it
        ([], [opening(), OrderDiscarded(line_ids=())], False),
        ([], [ShiftOpened(business_date="2026-03-03", currency="INR")], True),
        (
            [ShiftOpened(business_date="2026-03-03", currency="INR")],
            [ShiftClosed(number="1-Z000001", currency="INR", sums=ShiftSums())],
            False,
        ),
    ],
)
def test_a_stream_in_a_damaged_end_is_open_or_closed_as_it_was(
    reopen: Reopen, hand: Hand, path: Path, before: list[EventData], last: list[EventData], *, is_open: bool
) -> None:
    journal = reopen()
    writer = Writer(hand, journal_id=journal.journal_id)
    stream, kind = hand.new_id(), (before + last)[0].stream
    for _each in range(2):  # the first one begins a log
        journal.append([writer(opening())])
    if before:
        journal.append([writer(data, stream) for data in before])
    end = end_of(path)
    own = [writer(data, stream) for data in last]
    journal.append(own)
    kill(path, reopen)
    damage(path, end + 16)
    for _time in range(2):
        journal = reopen()
        assert journal.head == Head(own[-1].seq, own[-1].hash)
        assert (stream in journal.streams(kind, is_open=True)) is is_open
        assert kind != "order" or stream in {mark.session_id for mark in journal.followed_sessions()}
        journal.close()


@pytest.mark.parametrize(("end", "missing"), [(2, None), (1, None), (3, (3, 3)), (9, (3, 9))])
@pytest.mark.parametrize("is_clean", [False, True])
def test_records_up_to_the_number_beside_the_journal_are_missing(
    reopen: Reopen, hand: Hand, path: Path, end: int, missing: tuple[int, int] | None, *, is_clean: bool
) -> None:
    journal = reopen()
    hand.added(journal, hand.opened(journal))
    journal_id = journal.journal_id
    journal.opened.end.write(f"{journal_id} {end}")
    if is_clean:
        reopen.close_all()
    else:
        kill(path, reopen)
    opened = reopen().opened
    assert opened.missing == (Missing(journal_id, (missing,)) if missing else None)
    count = missing[1] - missing[0] + 1 if missing else 0
    records = "1 record is" if count == 1 else f"{count} records are"
    assert opened.found == (f"{records} missing. {MAY_BE_PAID}" if missing else "")


def test_an_end_that_cannot_be_read_is_kept_and_asks_about_the_last_order(
    reopen: Reopen, hand: Hand, path: Path
) -> None:
    journal = reopen()
    session = hand.opened(journal)
    hand.added(journal, session)
    end = end_of(path)
    lost = hand.added(journal, session, "Dosa")
    kill(path, reopen)
    log = read_log(path)
    log = log[:end] + log[end:].replace(b'"Dosa"', b'"Dose"')
    place_of(path).write_bytes(log)
    opened = reopen().opened
    assert opened.found == (
        "The end of the journal cannot be read. Is the last order complete? If not, call the manager."
    )
    assert opened.missing == Missing(lost.journal_id, ((lost.seq, lost.seq),)), "the database may have it"
    assert opened.dropped_log is not None
    assert opened.kept == f"It is kept as {opened.dropped_log.name}."
    assert (opened.dropped, opened.dropped_log.read_bytes()) == ((), log)
    assert (opened.set_aside, opened.created) == (None, False)


def test_a_record_read_from_the_end_is_not_missing(reopen: Reopen, hand: Hand, path: Path) -> None:
    journal = reopen()
    session = hand.opened(journal)
    hand.added(journal, session)
    end = end_of(path)
    hand.added(journal, session)
    journal.opened.end.write(f"{journal.journal_id} 5")
    kill(path, reopen)
    damage(path, end + 16)
    opened = reopen().opened
    assert [event.seq for event in opened.dropped] == [3]
    assert opened.missing == Missing(journal.journal_id, ((4, 5),))


def test_a_number_of_a_journal_before_the_one_before_is_not_missing(reopen: Reopen, hand: Hand) -> None:
    """The new journal names what it lacks of the one before; no number beside it says more."""
    journal = reopen()
    hand.opened(journal)
    journal.opened.end.write(f"{hand.new_id()} 99")
    journal.opened.disk.condemn()
    reopen.close_all()
    opened = reopen().opened
    assert opened.set_aside is not None
    assert opened.missing is None


# A journal that closed cleanly


@dataclass(frozen=True)
class Closed:
    """A journal with an open order and a paid one, cleanly closed."""

    file: bytes
    open: str
    paid: str


@pytest.fixture(scope="module")
def closed(tmp_path_factory: pytest.TempPathFactory) -> Closed:
    hand, path = Hand(), tmp_path_factory.mktemp("closed") / "till-1.db"
    journal = Reopen(path, hand)()
    left, paid = hand.opened(journal), hand.new_id()
    hand.added(journal, left)
    journal.append([hand.event(journal, opening(), paid)])
    other = Writer(hand, till=2)
    journal.receive([Received(1, other(hand.line(), one)) for one in (left, paid)])
    hand.placed(journal, paid, "1-000001")
    journal.close()
    return Closed(path.read_bytes(), left, paid)


def changed(path: Path, closed: Closed, statement: str) -> None:
    """Put the journal in its place, with a change by nobody who may."""
    path.write_bytes(closed.file)
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute(statement, {"open": closed.open, "paid": closed.paid})


@pytest.mark.parametrize(
    ("statement", "is_noticed"),
    [
        ("UPDATE sessions SET user = 2 WHERE session_id = :open", True),
        ("UPDATE sessions SET closed = 1 WHERE session_id = :open", True),
        ("UPDATE sessions SET open = 0 WHERE session_id = :open", True),
        ("DELETE FROM sessions WHERE session_id = :open", True),
        ("DELETE FROM own WHERE stream_id = :open AND seq = 2", True),
        ("DELETE FROM received WHERE stream_id = :open", True),
        ("UPDATE own SET id = id || 'x' WHERE stream_id = :open AND seq = 2", True),
        ("UPDATE received SET id = id || 'x' WHERE stream_id = :open", True),
        ("UPDATE sessions SET closed = 0 WHERE session_id = :paid", True),
        ("UPDATE sessions SET user = 2 WHERE session_id = :paid", False),  # no screen needs it at once
        ("DELETE FROM received WHERE stream_id = :paid", False),
    ],
)
def test_open_orders_are_those_of_the_close(
    reopen: Reopen, path: Path, closed: Closed, statement: str, *, is_noticed: bool
) -> None:
    changed(path, closed, statement)
    assert (reopen().opened.set_aside is not None) is is_noticed


@pytest.mark.parametrize(
    "statement",
    [
        "DROP INDEX own_listed",
        "DROP TABLE cache",
        "CREATE TABLE more (name TEXT)",
        "CREATE INDEX more ON own (id)",
        "UPDATE schema SET revision = 'x'",
        "DELETE FROM schema",
        "UPDATE meta SET value = replace(value, 'machine-a', 'machine-b') WHERE name = 'identity'",
        "UPDATE own SET texts = '{' WHERE seq = 4",
        "UPDATE own SET hash = replace(hash, 'a', 'b') || 'b' WHERE seq = 4",
        "INSERT INTO meta VALUES ('condemned', '1')",
    ],
)
def test_a_journal_that_is_not_as_it_was_made_is_replaced(
    reopen: Reopen, path: Path, closed: Closed, statement: str
) -> None:
    changed(path, closed, statement)
    journal = reopen()
    assert journal.opened.set_aside is not None
    assert journal.salvaged()
    assert closed.open in journal.streams("order", is_open=True)


# Failures


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[BaseException]]:
    """Failures that the next openings raise after they have the lock."""
    failures: list[BaseException] = []
    finish = replacing.finish

    def fail(path: Path) -> None:
        if failures:
            raise failures.pop()
        finish(path)

    monkeypatch.setattr(replacing, "finish", fail)
    yield failures
    assert not failures


def _coded(code: int) -> sqlite3.OperationalError:
    problem = sqlite3.OperationalError("failed")
    problem.sqlite_errorcode = code
    return problem


@pytest.mark.parametrize(
    ("problem", "sentence"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), "The disk is full"),
        (OSError(errno.EROFS, "Read-only"), "cannot write to its disk"),
        (OSError(errno.EIO, "Input/output error"), r"The disk fails.*\(Input/output error\)"),
        (_coded(sqlite3.SQLITE_FULL), "The disk is full"),
        (_coded(sqlite3.SQLITE_READONLY), "cannot write to its disk"),
        (_coded(sqlite3.SQLITE_BUSY), "is open in another window"),
        (_coded(sqlite3.SQLITE_IOERR), r"The disk fails.*\(failed\)"),
    ],
)
def test_an_opening_that_fails_says_why_and_holds_no_lock(
    reopen: Reopen, failing: list[BaseException], problem: Exception, sentence: str
) -> None:
    failing.append(problem)
    with pytest.raises(JournalError, match=sentence) as raised:
        reopen()
    assert not isinstance(raised.value, JournalDamagedError)
    assert reopen().opened.created


def test_an_opening_that_is_interrupted_holds_no_lock(reopen: Reopen, failing: list[BaseException]) -> None:
    failing.append(KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt):
        reopen()
    assert reopen().opened.created


def test_a_fault_while_a_journal_begins_closes_it(
    reopen: Reopen, hand: Hand, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hand.opened(reopen())
    kill(path, reopen)
    with monkeypatch.context() as patch:
        patch.setattr(JournalFile, "_append_dropped", lambda _journal: 1 // 0)
        with pytest.raises(ZeroDivisionError):
            reopen()
    journal = reopen()
    assert (journal.head.seq, journal.opened.notice) == (1, "")
    assert journal.closed_cleanly() is not None


def test_a_closed_journal_has_no_file_open(reopen: Reopen, path: Path) -> None:
    def files_open() -> set[str]:
        files = (Path(f"/proc/self/fd/{one.name}") for one in Path("/proc/self/fd").iterdir())
        return {str(file.readlink()) for file in files if file.is_symlink()}

    journal = reopen()
    ours = {f"{path}{end}" for end in ("", "-wal", ".typed", ".end", ".lock")}
    assert ours <= files_open()
    journal.close()
    assert not any(file.startswith(str(path)) for file in files_open())


def test_a_folder_of_a_journal_is_made_for_its_owner_alone(hand: Hand, path: Path) -> None:
    place = path.parent / "a" / "b" / "till.db"
    JournalFile.open(place, till=1, store_id=STORE, new_id=hand.new_id, host=HOST).close()
    assert place.parent.stat().st_mode & 0o777 == 0o700
    assert place.stat().st_mode & 0o777 == 0o600


def test_an_identity_and_a_path_beside_depend_on_till_store_and_machine_alone(path: Path) -> None:
    owner = Owner(2, STORE, HOST)
    assert [getattr(owner.identity("of"), name) for name in ("journal_id", "till", "store_id", "host")] == [
        "of", 2, STORE, HOST,
    ]  # fmt: skip
    here = path_beside(path, till=2, store_id=STORE, host=HOST)
    digest = sha256(f'[2,"{STORE}","{HOST}"]')[:8]
    assert here == path.with_name(f"till-1-{digest}.db")


@pytest.mark.parametrize("after", range(5))
def test_a_journal_that_the_enrolment_does_not_name_is_renamed_also_after_a_crash(
    reopen: Reopen, hand: Hand, path: Path, monkeypatch: pytest.MonkeyPatch, after: int
) -> None:
    """The till dies after some of the renames; the next start finishes them, and overwrites no file."""
    journal = reopen()
    hand.opened(journal)
    journal.keep_typed("2 idly")
    kill(path, reopen)
    moves = sum(path.with_name(path.name + end).exists() for end in FILES)
    names = (path.with_name(f"{path.stem}-{sha256(f'{journal.journal_id} {n}')[:8]}.db") for n in range(2))
    there, beside = names
    there.write_text("a copy")
    left, rename = after, Path.rename

    def breaks(file: Path, to: Path) -> Path:
        nonlocal left
        if not left:
            raise InterruptedError
        left -= 1
        return rename(file, to)

    def start() -> JournalFile:
        return JournalFile.open(path, till=1, store_id=STORE, new_id=hand.new_id, host=HOST, journals=frozenset())

    with monkeypatch.context() as patch:
        patch.setattr(Path, "rename", breaks)
        with pytest.raises(JournalError):
            start().close()
    with closing(start()) as fresh:
        assert (fresh.head.seq, fresh.opened.missing, fresh.closed_cleanly(), fresh.typed()) == (0, None, None, "")
        is_named = f"It is kept as {beside.name}" in fresh.opened.notice
        assert is_named == (after < moves), "once all is renamed, `till recover` finds it"
    with closing(JournalFile.open(beside, till=1, store_id=STORE, new_id=hand.new_id, host=HOST)) as kept:
        assert (kept.journal_id, kept.head, kept.typed()) == (journal.journal_id, journal.head, "2 idly")
        assert (kept.opened.set_aside, kept.opened.missing) == (None, None)
    assert there.read_text() == "a copy"


def test_a_mark_of_the_database_survives_an_opening(reopen: Reopen, hand: Hand) -> None:
    journal = reopen()
    session = hand.opened(journal)
    mark = SessionMark(session, 4, version=3, till=2, holder=2, hold=hand.new_id(), status="parked", open=False)
    journal.acknowledge(journal.head, [mark])
    reopen.close_all()
    assert reopen().mark_of(session) == mark
