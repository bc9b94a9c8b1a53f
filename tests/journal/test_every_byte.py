"""A small journal with one damaged byte, at any place: reported or harmless; no line disappears silently."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from tests.journal.conftest import Hand, Reopen
from till.domain.errors import JournalError
from till.journal import JournalDamagedError, set_aside_beside
from till.ports import Head

if TYPE_CHECKING:
    from pathlib import Path

    from till.domain.events.envelope import Event
    from till.journal import JournalFile

#: Every so many bytes one is flipped, and some at the head of each page; TILL_FLIP_EVERY=1 takes them all.
EVERY = int(os.environ.get("TILL_FLIP_EVERY", "5999"))
PAGE = 4096
FRAME = PAGE + 24


@dataclass(frozen=True)
class Small:
    """A journal with a paid order and an open one, of which the database has the first two events.

    Attributes:
        files: the files on the disk, by the ending of their names.
    """

    events: list[Event]
    paid: str
    open: str
    files: dict[str, bytes]


def made(folder: Path, *, killed: bool) -> Small:
    hand, path = Hand(), folder / "till-1.db"
    opener = Reopen(path, hand)
    journal = opener()
    hand.begun(journal)
    paid = hand.opened(journal)
    hand.added(journal, paid)
    hand.placed(journal, paid, "1-000001")
    left = hand.opened(journal)
    hand.added(journal, left)
    if killed:
        journal.tidy()
    hand.added(journal, left)
    events = journal.unsent(100)
    journal.acknowledge(Head(events[1].seq, events[1].hash))
    if not killed:
        opener.close_all()
    files = {end: file.read_bytes() for end in ("", "-wal") if (file := path.with_name(path.name + end)).exists()}
    opener.close_all()
    return Small(events, paid, left, files)


def places(ending: str, data: bytes) -> list[int]:
    if ending:  # the log: its head, and the heads of its first frames
        heads = {*range(1, 32, 4), *(at for k in range(7) for at in range(33 + k * FRAME, 56 + k * FRAME, 4))}
    else:  # the file: its head, words that make its tables, and the type, count and beginning of what each page holds
        heads = {*range(0, 100, 4), *(page + at for page in range(0, len(data), PAGE) for at in (0, 2, 4, 6, 10))}
        heads |= {18, 19}  # numbers of one byte: the versions to write and to read it
        heads |= {word.start() + 2 for word in re.finditer(rb"PRIMARY|WITHOUT|WHERE|INDEX|TABLE", data[:PAGE])}
    return sorted(heads | set(range(0, len(data), EVERY)))


def is_whole(journal: JournalFile, small: Small) -> bool:
    """True if the till still shows every line of the open order, and will send what is unsent.

    A closed file is read only where the first screen needs it. The till would send all of the paid order.
    """
    shown = set(journal.streams("order", is_open=True))
    waiting = {event.id for event in [*journal.unsent(100), *journal.salvaged()]}
    return (
        small.open in shown
        and {event.id for event in journal.events_of(small.open)}
        == {event.id for event in small.events if event.session_id == small.open}
        and {event.id for event in small.events[2:]} <= waiting
    )


def looked_at(reopen: Reopen, small: Small) -> tuple[bool, str]:
    """Open it as a till does, again if it says so; return True if everything is there, and the messages."""
    notices = []
    for _time in range(3):
        try:
            journal = reopen()
            notices.append(journal.opened.notice)
            return is_whole(journal, small), " ".join(notices)
        except JournalDamagedError as problem:
            notices.append(problem.sentence)
            reopen.close_all()
    raise AssertionError("It cannot be opened, however often the till is started.")


@pytest.mark.parametrize("killed", [False, True], ids=["closed", "killed"])
def test_no_byte_takes_a_line_in_silence(reopen: Reopen, path: Path, tmp_path: Path, *, killed: bool) -> None:
    folder = tmp_path / "made"
    folder.mkdir()
    small = made(folder, killed=killed)
    for ending, data in small.files.items():
        for at in places(ending, data):
            for file in path.parent.glob(f"{path.stem}*"):
                file.unlink()
            for other, whole in small.files.items():
                path.with_name(path.name + other).write_bytes(whole)
            flipped = bytearray(data)
            flipped[at] ^= 1 << at % 8
            path.with_name(path.name + ending).write_bytes(flipped)
            try:
                whole_still, message = looked_at(reopen, small)
            except JournalError as problem:
                whole_still, message = False, problem.sentence
                assert "written by" in message, (
                    ending,
                    at,
                    message,
                )  # another's, or a newer till's: it is left as it is
            assert whole_still or message, (ending, at)
            reopen.close_all()


@dataclass(frozen=True)
class Sold:
    """A journal of a till that was killed as an order had been paid.

    Attributes:
        frames: the offset in the log of the payment's frames, which are one commit.
    """

    events: list[Event]
    paid: str
    file: bytes
    log: bytes
    frames: list[int]


def sold(folder: Path, *, notes: int = 0) -> Sold:
    """Sell; what is paid has as many lines taken off for a reason beforehand, so that the payment fills pages."""
    hand, path = Hand(), folder / "till-1.db"
    opener = Reopen(path, hand)
    journal = opener()
    hand.begun(journal)
    paid = hand.opened(journal)
    for _line in range(6):
        hand.added(journal, paid)
    log = path.with_name(path.name + "-wal")
    before = log.read_bytes()
    hand.placed(journal, paid, "1-000001", notes=notes)
    events, after = journal.unsent(100), log.read_bytes()
    frames = [at for at in range(32, len(after), FRAME) if after[at : at + FRAME] != before[at : at + FRAME]]
    made = Sold(events, paid, path.read_bytes(), after, frames)
    opener.close_all()
    for file in folder.iterdir():
        file.unlink()
    return made


def with_log(path: Path, made: Sold, log: bytes) -> None:
    for file in path.parent.glob(f"{path.stem}*"):
        file.unlink()
    path.write_bytes(made.file)
    path.with_name(path.name + "-wal").write_bytes(log)


@pytest.mark.parametrize("notes", [0, 400], ids=["a page", "several pages"])
def test_no_byte_of_the_last_commit_takes_a_sale_in_silence(
    reopen: Reopen, path: Path, tmp_path: Path, notes: int
) -> None:
    made = sold(tmp_path, notes=notes)
    heads = {at + part for at in made.frames for part in range(1, 24, 4)}  # each number of the head
    within = {at + part for at in made.frames for part in range(24, FRAME, EVERY)}
    kept_whole = 0
    for at in sorted(heads | within):
        flipped = bytearray(made.log)
        flipped[at] ^= 1 << at % 8
        with_log(path, made, bytes(flipped))
        journal = reopen()
        whole = [event.id for event in journal.unsent(100)] == [event.id for event in made.events]
        assert journal.opened.notice, at
        if journal.opened.set_aside:  # a mark that looks like one more commit: more seems to be gone than is
            assert {event.id for event in journal.salvaged()} == {event.id for event in made.events[1:]}
            reopen.close_all()
            continue
        aside = [one for one in set_aside_beside(path) if one.is_log]
        if whole:
            assert "was read from the damaged end" in journal.opened.notice
            assert journal.streams("order", is_open=True) == []
            assert journal.last_number() == 0  # its series is not given yet
            assert aside == []
        else:
            assert [event.id for event in journal.unsent(100)] == [event.id for event in made.events[:-1]]
            assert [one.path.read_bytes() for one in aside] == [bytes(flipped)]
            assert aside[0].path.stat().st_mode & 0o777 == 0o600
            assert aside[0].path.name in journal.opened.notice
        kept_whole += whole
        hash_after = journal.head
        reopen.close_all()
        again = reopen()
        assert (again.head, again.opened.notice) == (hash_after, "")
        reopen.close_all()
    assert kept_whole * 2 > len(heads | within)  # heads of frames, places between records, and indexes cost nothing


def test_a_till_that_is_killed_again_says_a_damaged_end_once(reopen: Reopen, path: Path, tmp_path: Path) -> None:
    made = sold(tmp_path)
    body = made.log.rindex(made.events[-1].body.encode())
    flipped = bytearray(made.log)
    flipped[body + 5] ^= 1
    with_log(path, made, bytes(flipped))
    journal = reopen()
    assert "cannot be read" in journal.opened.notice
    journal.opened.close()
    reopen.close_all()
    journal = reopen()
    assert journal.opened.notice == ""
    assert len(set_aside_beside(path)) == 1


def test_half_a_command_is_never_taken_in(reopen: Reopen, path: Path, hand: Hand) -> None:
    """If the start and the approval of a payment are one command and the approval is damaged, neither counts."""
    journal = reopen()
    session = hand.opened(journal)
    one = hand.event(journal, hand.line(), session)
    two = hand.event(journal, hand.line("Dosa"), session, after=Head(one.seq, one.hash))
    journal.append([one, two])
    log = path.with_name(path.name + "-wal")
    file, written = path.read_bytes(), log.read_bytes()
    reopen.close_all()
    path.write_bytes(file)
    log.write_bytes(written.replace(two.body.encode(), two.body.encode().replace(b"Dosa", b"Dose")))
    journal = reopen()
    assert "cannot be read" in journal.opened.notice
    assert [event.type for event in journal.events_of(session)] == ["order_opened"]


MAY_BE_PAID = "An order here may be paid already: check the last receipts."


@pytest.mark.parametrize(
    ("counted", "expected"),
    [
        (True, f"1 record is missing. {MAY_BE_PAID}"),
        (False, f"The log of the journal is gone. {MAY_BE_PAID}"),
    ],
)
def test_a_log_that_is_gone_after_an_unclean_end_is_reported(
    reopen: Reopen, path: Path, hand: Hand, *, counted: bool, expected: str
) -> None:
    journal = reopen()
    session = hand.opened(journal)
    hand.added(journal, session)
    file = path.read_bytes()
    reopen.close_all()
    path.write_bytes(file)
    assert not path.with_name(path.name + "-wal").exists()
    if not counted:
        path.with_name(path.name + ".end").unlink()
    journal = reopen()
    assert journal.opened.notice == expected
    assert journal.closed_cleanly() is not None
    missing = journal.opened.missing
    assert missing is not None
    assert missing.ranges == (((journal.head.seq + 1, journal.head.seq + 1),) if counted else ())
    if counted:
        reopen.close_all()
        journal = reopen()
        assert journal.opened.notice == expected, "until an event names it"
    hand.opened(journal)
    reopen.close_all()
    assert reopen().opened.notice == ""


@pytest.mark.parametrize("left", [None, 0, PAGE], ids=["removed", "empty", "one page"])
def test_a_journal_that_is_gone_is_missing_up_to_the_number_beside_it(
    reopen: Reopen, path: Path, hand: Hand, left: int | None
) -> None:
    journal = reopen()
    hand.begun(journal)
    hand.opened(journal)
    gone = journal.journal_id
    reopen.close_all()
    data = path.read_bytes()
    path.unlink()
    if left is not None:
        path.write_bytes(data[:left])
    for _again in range(2):  # until an event names it
        journal = reopen()
        assert f"2 records are missing. {MAY_BE_PAID}" in journal.opened.notice
        missing = journal.opened.missing
        assert missing is not None
        assert (missing.journal_id, missing.ranges) == (gone, ((1, 2),))
        reopen.close_all()
    hand.begun(reopen())
    reopen.close_all()
    assert reopen().opened.notice == ""
