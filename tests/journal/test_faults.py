"""Disks that are full or read-only, processes that are killed, files that belong to others."""

from __future__ import annotations

import os
import random
import resource
import signal
import sqlite3
import subprocess
import sys
from contextlib import contextmanager, suppress
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.plugins.made_up import made_up
from till.domain.errors import JournalError
from till.domain.i18n import speaking
from till.domain.ids import moment_of
from till.domain.staff.events import LoggedIn
from till.journal import (
    ForeignJournalError,
    JournalFile,
    JournalHeldError,
    JournalNewerError,
    JournalOlderError,
    path_beside,
    schema,
)
from till.ports import Head, SessionMark

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

    from tests.journal.conftest import Hand, Reopen
    from till.domain.events.envelope import Event

#: A till in a process of its own: opens, says its pid, then sells for ever and says each event once it is kept.
CHILD = """
import pathlib, secrets, sys
from datetime import UTC, datetime
sys.path.insert(0, ".")
from tests.journal.conftest import HOST, STORE, Hand
from till.journal import JournalFile
hand = Hand()
journal = JournalFile.open(pathlib.Path(sys.argv[1]), till=1, store_id=STORE, new_id=hand.new_id, host=HOST)
if journal.last_id:
    hand.ids.follow(journal.last_id, datetime.now(UTC))
print("open", flush=True)
if len(sys.argv) > 2:
    sys.stdin.read()
while True:
    session = hand.opened(journal)
    journal.keep_typed(session)
    for _line in range(5):
        print(hand.added(journal, session).hash, flush=True)
    journal.tidy()
"""


@contextmanager
def another_till(path: Path, *words: str) -> Iterator[subprocess.Popen[str]]:
    child = subprocess.Popen(
        [sys.executable, "-c", CHILD, str(path), *words], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        assert child.stdout is not None
        assert child.stdout.readline() == "open\n"
        yield child
    finally:
        child.kill()
        child.communicate()


def test_a_second_process_is_refused_with_the_pid_of_the_first(reopen: Reopen, path: Path) -> None:
    with another_till(path, "wait") as child:
        with pytest.raises(JournalHeldError, match=f"is open in another window, process {child.pid}") as refused:
            reopen()
        assert refused.value.pid == child.pid
    assert reopen().head.seq == 0


def test_a_second_open_in_this_process_is_refused_too(reopen: Reopen) -> None:
    journal = reopen()
    with pytest.raises(JournalHeldError, match=str(os.getpid())):
        reopen()
    journal.close()
    reopen()


def test_a_pid_in_the_lock_file_is_never_believed_over_the_lock(reopen: Reopen, path: Path) -> None:
    reopen().close()
    path.with_name(path.name + ".lock").write_text(str(os.getppid()))
    assert reopen().head.seq == 0


def test_after_a_kill_in_the_middle_all_that_append_returned_for_is_there(reopen: Reopen, path: Path) -> None:
    chance = random.Random(5)  # noqa: S311 - chosen moments, not secrets
    known: list[str] = []
    for _round in range(5):
        with another_till(path) as child:
            assert child.stdout is not None
            known += [child.stdout.readline().strip() for _event in range(chance.randrange(1, 60))]
            child.send_signal(signal.SIGKILL)
            known += [line.strip() for line in child.stdout if line.endswith("\n")]
        journal = reopen()
        assert journal.closed_cleanly() is not None
        events = journal.unsent(100_000)
        assert set(known) <= {event.hash for event in events}
        before = Head(0, "0" * 64)
        for event in events:
            assert (event.seq, event.prev_hash) == (before.seq + 1, before.hash)
            before = Head(event.seq, event.hash)
        assert journal.head == before
        assert journal.typed() in journal.streams("order", is_open=True)
        # without a clean close: the next child finds it as the kill left it
        journal.opened.close()


def test_a_power_cut_may_undo_an_acknowledgement_and_never_an_event(reopen: Reopen, hand: Hand, path: Path) -> None:
    """Bytes that no sync forced to the disk are the end of the log, which is cut here at any place of that end."""
    journal = reopen()
    session = hand.opened(journal)
    hand.placed(journal, session, "1-000001")
    log = path.with_name(path.name + "-wal")
    kept = log.stat().st_size
    journal.acknowledge(journal.head, [SessionMark(session, 1, version=3, status="completed")])
    journal.forget_open([session])
    file, written = path.read_bytes(), log.read_bytes()
    found = []
    for place in (*range(kept, len(written), 700), len(written)):
        other = path.with_name(f"cut-at-{place}.db")
        other.write_bytes(file)
        other.with_name(other.name + "-wal").write_bytes(written[:place])
        cut = reopen(other)
        assert cut.opened.set_aside is None
        assert cut.head == journal.head
        found.append((cut.acked.seq, len(cut.unsent(10)), [mark.session_id for mark in cut.followed_sessions()]))
    assert found == sorted(found, key=lambda one: (one[0], -len(one[2])))
    assert [one for number, one in enumerate(found) if one not in found[:number]] == [
        (0, 2, [session]),
        (2, 0, [session]),
        (2, 0, []),
    ]


def test_an_event_is_made_durable_whatever_was_kept_before_it(reopen: Reopen) -> None:
    journal = reopen()
    disk = journal.opened.disk

    def level(of: AbstractContextManager[sqlite3.Connection]) -> object:
        with of as connection:
            return connection.execute("PRAGMA synchronous").fetchone()[0]

    assert [level(disk), level(disk.unhurried()), level(disk), level(disk.unhurried())] == [2, 1, 2, 1]
    with no_room_beyond(0), pytest.raises(JournalError):
        journal.acknowledge(journal.head)
    assert level(disk) == 2


@contextmanager
def no_room_beyond(size: int) -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_disk_that_takes_no_more_stops_selling_and_takes_it_up_again(reopen: Reopen, hand: Hand) -> None:
    journal = reopen()
    session = hand.opened(journal)
    with no_room_beyond(2000):
        head = journal.head
        with pytest.raises(JournalError, match="stopped selling"):
            hand.added(journal, session)
        with pytest.raises(JournalError, match="stopped selling"):
            journal.cache("menu", 1, {})
        with pytest.raises(JournalError, match="stopped selling"):
            journal.acknowledge(head)
        assert (journal.head, journal.acked.seq, journal.versions()) == (head, 0, {})
        assert len(journal.events_of(session)) == 1
        journal.keep_typed("still here")
    added = hand.added(journal, session)
    journal.close()
    journal = reopen()
    assert journal.head == Head(added.seq, added.hash)
    assert journal.typed() == "still here"
    assert journal.closed_cleanly() is None


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 1 MB of its own, which only root may mount."""
    place = tmp_path / "disk"
    place.mkdir()
    mounted = (
        os.geteuid() == 0
        and not subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(place)], check=False, capture_output=True
        ).returncode
    )
    if not mounted:
        pytest.skip("a small disk can only be mounted by root; the limit on file sizes is tested in any case")
    yield place
    subprocess.run(["umount", "--lazy", str(place)], check=True)


def fill(ballast: Path) -> None:
    """Leave no byte free on the disk."""
    with ballast.open("wb", buffering=0) as file, suppress(OSError):
        while file.write(bytes(4096)):
            pass


def test_a_full_disk_is_named_and_nothing_is_half_written(reopen: Reopen, hand: Hand, small_disk: Path) -> None:
    journal = reopen(path=small_disk / "till.db")
    session = hand.opened(journal)
    ballast = small_disk / "ballast"
    fill(ballast)
    kept: list[Event] = []
    with pytest.raises(JournalError, match="is full, so this till has stopped selling") as stopped:
        kept.extend(hand.added(journal, session) for _event in range(1000))
    assert stopped.value.sentence.index(str(small_disk)) < 80, "a small screen shows two rows of a sentence"
    assert journal.events_of(session)[1:] == kept
    with pytest.raises(JournalError, match="is full"):
        JournalFile.open(small_disk / "other.db", till=1, store_id="", new_id=hand.new_id, host="")
    ballast.unlink()
    kept.append(hand.added(journal, session))
    journal.close()
    journal = reopen(path=small_disk / "till.db")
    assert journal.events_of(session)[1:] == kept
    other = reopen(path=small_disk / "other.db")
    assert other.opened.set_aside is None


def test_no_damaged_file_is_lost_for_want_of_room(reopen: Reopen, hand: Hand, small_disk: Path) -> None:
    path = small_disk / "till.db"
    journal = reopen(path=path)
    session = hand.opened(journal)
    for _event in range(150):
        hand.added(journal, session)
        journal.tidy()
    journal.close()
    data = b"\xff" * 100 + path.read_bytes()[100:]
    path.write_bytes(data)
    (small_disk / "ballast").write_bytes(bytes(600_000))
    with pytest.raises(JournalError, match="is full"):
        reopen(path=path)
    assert path.read_bytes() == data
    assert {file.name for file in small_disk.iterdir()} <= {
        "ballast", "till.db", "till.db.lock", "till.db.typed", "till.db.end",
    }  # fmt: skip
    (small_disk / "ballast").unlink()
    assert len(reopen(path=path).salvaged()) == 151


def test_a_folder_that_may_not_be_written_is_named(reopen: Reopen, hand: Hand, small_disk: Path) -> None:
    path = small_disk / "till.db"
    journal = reopen(path=path)
    hand.opened(journal)
    journal.close()
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    with pytest.raises(JournalError, match="cannot write to"):
        reopen(path=path)
    subprocess.run(["mount", "-o", "remount,rw", str(small_disk)], check=True)
    assert reopen(path=path).head.seq == 1


def test_a_file_that_may_not_be_written_is_named(reopen: Reopen, hand: Hand, path: Path) -> None:
    if os.geteuid() == 0:
        pytest.skip("root may write to any file; a disk mounted read-only is tested instead")
    journal = reopen()
    hand.opened(journal)
    journal.close()
    path.chmod(0o400)
    with pytest.raises(JournalError, match="cannot write to"):
        reopen()
    path.chmod(0o600)
    assert reopen().head.seq == 1


def test_a_journal_in_the_place_of_a_folder_is_refused_plainly(hand: Hand, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(JournalError, match="cannot write"):
        JournalFile.open(tmp_path / "file" / "till.db", till=1, store_id="", new_id=hand.new_id, host="")


@pytest.mark.parametrize("changed", [{"host": "machine-b"}, {"till": 2}, {"store_id": "another"}])
def test_a_journal_of_another_machine_till_or_store_is_left_as_it_is(
    reopen: Reopen, hand: Hand, path: Path, changed: dict[str, Any]
) -> None:
    journal = reopen()
    hand.opened(journal)
    journal.close()
    before = path.read_bytes()
    with pytest.raises(ForeignJournalError, match="written by till 1 on machine-a") as refused:
        reopen(**changed)
    assert (refused.value.till, refused.value.host) == (1, "machine-a")
    assert path.read_bytes() == before
    beside = path_beside(path, till=1, store_id="another", host="machine-b")
    assert beside != path
    assert reopen(beside, **changed).opened.created
    assert reopen().head.seq == 1


def at_revision(path: Path, *statements: str) -> None:
    connection = sqlite3.connect(path, isolation_level=None)
    for statement in statements:
        connection.execute(statement)
    connection.close()


def test_a_journal_of_an_older_till_opens_and_loses_nothing(
    reopen: Reopen, hand: Hand, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = reopen()
    session = hand.opened(journal)
    events = [hand.added(journal, session) for _event in range(3)]
    journal.close()
    monkeypatch.setattr(schema, "REVISIONS", (*schema.REVISIONS, ("CREATE TABLE more (name TEXT PRIMARY KEY)",)))
    journal = reopen()
    assert journal.opened.set_aside is None
    assert journal.unsent(100)[1:] == events
    assert journal.streams("order", is_open=True) == [session]
    hand.added(journal, session)
    journal.close()
    journal = reopen()
    assert journal.head.seq == 5
    assert journal.opened.disk.rows("SELECT revision FROM schema") == [(len(schema.REVISIONS),)]


def test_a_journal_of_a_newer_till_asks_for_an_upgrade(reopen: Reopen, hand: Hand, path: Path, qps: str) -> None:
    journal = reopen()
    hand.opened(journal)
    journal.close()
    at_revision(path, "UPDATE schema SET revision = 99", "ALTER TABLE meta RENAME TO facts")
    before = path.read_bytes()
    with pytest.raises(JournalNewerError, match="Upgrade"):
        reopen()
    with speaking(qps), pytest.raises(JournalNewerError) as refused:
        reopen()
    assert refused.value.sentence.remedy == made_up("Upgrade this till; nothing in the journal was changed.")
    assert path.read_bytes() == before


@pytest.mark.parametrize("killed", [False, True], ids=["closed", "killed"])
def test_a_journal_from_before_the_release_is_refused_and_left_as_it_is(
    reopen: Reopen, hand: Hand, path: Path, *, killed: bool
) -> None:
    journal = reopen()
    hand.opened(journal)
    journal.close()
    at_revision(path, "UPDATE schema SET revision = 1", "ALTER TABLE own RENAME COLUMN stream_id TO session_id")

    def files() -> dict[Path, bytes]:
        return {file: file.read_bytes() for file in path.parent.iterdir() if file.suffix not in {".lock", ".db-shm"}}

    before = files()
    if killed:
        writing = sqlite3.connect(path, isolation_level=None)
        writing.execute("DELETE FROM meta WHERE name = 'clean'")
        kept = files()
        writing.close()
        before = files()  # SQLite carries the log over as it closes, whoever opens it; what it says is the same
        for file, data in kept.items():
            file.write_bytes(data)
        before |= {file: data for file, data in kept.items() if file != path}
    for _again in range(2):
        with pytest.raises(JournalOlderError, match=r"an older till, from before the first release\. Keep it"):
            reopen()
        assert files() == before


def test_pruned_events_leave_their_number_and_hash(reopen: Reopen, hand: Hand) -> None:
    journal = reopen()
    journal.append([hand.event(journal, LoggedIn(user=1))])
    sold, parked, unsent = hand.opened(journal), hand.opened(journal), hand.opened(journal)
    hand.placed(journal, sold, "1-000001")
    acked = journal.head
    hand.placed(journal, unsent, "1-000002")
    journal.forget_open([sold])
    journal.acknowledge(acked)
    head = journal.head
    week_later = moment_of(str(journal.last_id)) + timedelta(days=7, minutes=1)
    assert journal.prune(7, now=week_later - timedelta(minutes=5)) == 0
    assert [journal.prune(7, now=week_later) for _call in range(3)] == [2, 1, 0]  # of orders first, then of none
    journal.close()
    journal = reopen()
    assert journal.head == head
    assert journal.events_of(sold) == []
    assert journal.mark_of(sold) is None
    assert len(journal.events_of(parked)) == 1
    assert len(journal.events_of(unsent)) == 2
    links = journal.opened.disk.rows("SELECT seq FROM own WHERE body IS NULL AND length(hash) = 64 ORDER BY seq")
    assert [seq for (seq,) in links] == [1, 2, 5]
    journal.acknowledge(Head(0, "0" * 64))
    assert [event.seq for event in journal.unsent(10)] == [3, 4, 6]


def test_time_of_an_event_survives_pruning(reopen: Reopen, hand: Hand) -> None:
    journal = reopen()
    assert journal.written_at(0) is None
    login = hand.event(journal, LoggedIn(user=1))
    journal.append([login])
    sold = hand.opened(journal)
    assert journal.written_at(1) == login.at
    hand.placed(journal, sold, "1-000001")
    journal.forget_open([sold])
    journal.acknowledge(journal.head)
    later = moment_of(str(journal.last_id)) + timedelta(days=8)
    assert [journal.prune(7, now=later) for _call in range(3)] == [2, 1, 0]
    assert journal.written_at(1) == moment_of(login.id)
    assert journal.written_at(4) is None


def test_nothing_is_pruned_when_the_database_is_behind(reopen: Reopen, hand: Hand) -> None:
    journal = reopen()
    sold = hand.opened(journal)
    first = journal.head
    hand.placed(journal, sold, "1-000001")
    journal.forget_open([sold])
    much_later = moment_of(str(journal.last_id)) + timedelta(days=30)
    assert journal.prune(7, now=much_later) == 0
    journal.acknowledge(first)
    assert journal.prune(7, now=much_later) == 0
    journal.acknowledge(Head(journal.head.seq, "f" * 64))
    assert journal.prune(7, now=much_later) == 0
    journal.acknowledge(journal.head)
    assert journal.prune(7, now=much_later) == 2


def test_a_journal_that_is_moved_under_a_till_stops_selling_until_it_is_back(
    reopen: Reopen, hand: Hand, path: Path
) -> None:
    journal = reopen()
    session = hand.opened(journal)
    elsewhere = path.with_name("elsewhere.db")
    path.rename(elsewhere)
    with pytest.raises(JournalError, match="The journal is gone: this till has stopped selling"):
        hand.added(journal, session)
    journal.acknowledge(journal.head)  # unsent events are still sent
    assert len(journal.events_of(session)) == 1
    path.write_bytes(elsewhere.read_bytes())  # a copy is not the file that is open
    with pytest.raises(JournalError, match="stopped selling"):
        hand.added(journal, session)
    elsewhere.rename(path)
    hand.added(journal, session)
    journal.close()
    assert len(reopen().events_of(session)) == 2


def test_a_journal_that_is_removed_under_a_till_stops_selling(reopen: Reopen, hand: Hand, path: Path) -> None:
    journal = reopen()
    session = hand.opened(journal)
    path.unlink()
    for _time in range(2):
        with pytest.raises(JournalError, match="stopped selling"):
            hand.added(journal, session)
    with pytest.raises(JournalError, match="stopped selling"):
        journal.close()
    journal = reopen()
    assert journal.opened.created
    hand.opened(journal)


def test_a_log_that_is_removed_under_a_till_costs_nothing(reopen: Reopen, hand: Hand, path: Path) -> None:
    journal = reopen()
    session = hand.opened(journal)
    hand.added(journal, session)
    path.with_name(path.name + "-wal").unlink()
    last = hand.added(journal, session)
    files = {ending: path.with_name(path.name + ending).read_bytes() for ending in ("", "-wal")}
    reopen.close_all()
    for ending, data in files.items():  # as a kill leaves it
        path.with_name(path.name + ending).write_bytes(data)
    journal = reopen()
    assert journal.opened.notice == ""
    assert (journal.head.hash, len(journal.events_of(session))) == (last.hash, 3)
