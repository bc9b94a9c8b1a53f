"""The values of a journal: its identity, heads and gaps, and the errors of its disk."""

from __future__ import annotations

import errno
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from tests.journal.conftest import HOST, STORE
from till.domain.errors import JournalError
from till.domain.events.envelope import canonical, sha256
from till.journal import JournalDamagedError, JournalHeldError, errors, jobs, meta
from till.journal.checking import places
from till.journal.meta import NO_HEAD, JournalIdentity, Missing, Previous
from till.ports import Head
from till.ports.printer import Job

PATH = Path("/var/till/till-3.db")
HASH = "ab" * 32


@pytest.mark.parametrize(
    ("text", "head"),
    [
        (f"7 {HASH}", Head(7, HASH)),
        (f"0 {HASH}", Head(0, HASH)),
        (f"-7 {HASH}", NO_HEAD),
        (f"x {HASH}", NO_HEAD),
        (f" {HASH}", NO_HEAD),
        (f"7 {HASH}a", NO_HEAD),
        (f"7 {HASH[1:]}", NO_HEAD),
        ("7", NO_HEAD),
        ("", NO_HEAD),
        (None, NO_HEAD),
    ],
)
def test_a_head_is_read_whole_or_is_none(text: str | None, head: Head) -> None:
    assert meta.read_head(text) == head
    assert meta.read_head(meta.head_text(head)) == head
    previous = meta.previous_of({"previous": f"journal {text}"})
    assert previous == Previous("journal", head)


def test_no_journal_came_before_the_first() -> None:
    assert meta.previous_of({}) is None
    assert meta.previous_of({"previous": ""}) is None
    assert meta.previous_of({"previous": "journal"}) == Previous("journal", NO_HEAD)
    assert (NO_HEAD.seq, len(NO_HEAD.hash), set(NO_HEAD.hash)) == (0, 64, {"0"})


@pytest.mark.parametrize(
    ("ranges", "count", "text"),
    [
        ((), 0, "journal"),
        (((4, 4),), 1, "journal 4-4"),
        (((4, 6), (9, 9), (11, 20)), 14, "journal 4-6 9-9 11-20"),
    ],
)
def test_missing_numbers_are_counted_and_read_back(ranges: tuple[tuple[int, int], ...], count: int, text: str) -> None:
    missing = Missing("journal", ranges)
    assert (missing.count, missing.text()) == (count, text)
    assert meta.missing_of({"missing": text}) == missing
    assert meta.missing_of({"missing": ""}) is None
    assert meta.missing_of({}) is None


def test_an_identity_is_read_whole_or_the_journal_is_damaged() -> None:
    identity = JournalIdentity("journal", 1, STORE, HOST)
    text = identity.sealed()
    assert meta.identity_of({"identity": text}) == identity
    odd = [canonical({"till": 1}), canonical(["journal"]), "7", "{"]
    sealed = [sha256(one) + one for one in odd]
    for damaged in ("", text[1:], text[:-1], text.replace('"till":1', '"till":2'), "0" * 64, *sealed):
        with pytest.raises(JournalDamagedError):
            meta.identity_of({"identity": damaged})
    with pytest.raises(JournalDamagedError):
        meta.identity_of({})


def test_numbers_of_a_journal_are_found_in_raw_bytes() -> None:
    text = '"journal_id":"{}","login_session":{},"prev_hash":"{}","seq":{},'
    one = text.format("one", "null", HASH, 7).encode()
    two = text.format("one", '"0197"', HASH, 123).encode()
    other = text.format("other", "null", HASH, 9).encode()
    data = b"xx" + one + b"\0" + other + two
    assert list(places(data, "one")) == [(7, 2), (123, len(data) - len(two))]
    assert list(places(data, "other")) == [(9, 3 + len(one))]
    assert list(places(data[:-1], "one")) == [(7, 2)], "the number may go on"
    assert list(places(text.format("one", "null", HASH, "1" * 19).encode(), "one")) == []


_ROW: dict[str, Any] = {
    "number": 3, "paper": "receipt", "of": "order", "part": "x", "printer": "Bar", "at": "2026-03-03T10:31:00+00:00",
    "copy": 2, "again": 1, "asked": 0, "state": "unknown",
}  # fmt: skip


@pytest.mark.parametrize(
    "changed",
    [
        {"number": "3"}, {"number": None}, {"copy": "2"}, {"copy": 1.5}, {"paper": "poster"}, {"paper": None},
        {"at": "never"}, {"at": 7}, {"at": None}, {"state": "lost"}, {"state": None},
    ],
)  # fmt: skip
def test_a_damaged_row_of_a_print_job_is_none(changed: dict[str, Any]) -> None:
    job = jobs.read(tuple(_ROW.values()))
    assert job == Job(**_ROW | {"at": job.at, "again": True, "asked": False, "state": job.state})
    with pytest.raises((ValueError, TypeError)):
        jobs.read(tuple((_ROW | changed).values()))


# Errors

FULL = "The disk is full, so this till has stopped selling. Free some space under /var/till and continue"
REFUSED = "This till cannot write to its disk: it has stopped selling. Make /var/till/till-3.db writable"
FAILS = "The disk fails, so this till has stopped selling. Call the manager: it is the disk under /var/till."


def failed(code: int | None, kind: type[sqlite3.Error] = sqlite3.OperationalError) -> sqlite3.Error:
    problem = kind("what failed")
    if code is not None:
        problem.sqlite_errorcode = code
    return problem


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        (sqlite3.SQLITE_CORRUPT, None),
        (sqlite3.SQLITE_CORRUPT_INDEX, None),
        (sqlite3.SQLITE_NOTADB, None),
        (sqlite3.SQLITE_FORMAT, None),
        (sqlite3.SQLITE_ERROR, None),
        (sqlite3.SQLITE_IOERR_SHORT_READ, None),
        (sqlite3.SQLITE_FULL, FULL),
        (sqlite3.SQLITE_READONLY, REFUSED),
        (sqlite3.SQLITE_READONLY_DIRECTORY, REFUSED),
        (sqlite3.SQLITE_CANTOPEN, REFUSED),
        (sqlite3.SQLITE_PERM, REFUSED),
        (sqlite3.SQLITE_AUTH, REFUSED),
        (sqlite3.SQLITE_BUSY, "Till 3 is open in another window. Continue there, or close it first."),
        (sqlite3.SQLITE_BUSY_SNAPSHOT, "Till 3 is open in another window."),
        (sqlite3.SQLITE_LOCKED, "Till 3 is open in another window."),
        (sqlite3.SQLITE_IOERR, FAILS),
        (sqlite3.SQLITE_IOERR_WRITE, FAILS),
        (sqlite3.SQLITE_IOERR_FSYNC, FAILS),
        (sqlite3.SQLITE_NOMEM, FAILS),
    ],
)
def test_a_failure_of_sqlite_is_damage_or_names_the_remedy(code: int, sentence: str | None) -> None:
    problem = failed(code)
    assert errors.is_damage(problem) is (sentence is None)
    found = errors.plain(problem, PATH)
    assert isinstance(found, JournalDamagedError) is (sentence is None)
    if sentence is not None:
        assert found.sentence.startswith(sentence)
        assert ("(what failed)" in found.sentence) is (sentence == FAILS)


def test_text_that_is_no_utf8_is_damage_and_a_wrong_call_is_a_fault() -> None:
    odd = UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid")
    assert errors.is_damage(odd)
    assert isinstance(errors.plain(odd, PATH), JournalDamagedError)
    assert errors.is_damage(failed(None)), "raised by Python for a text that does not decode"
    assert not errors.is_damage(failed(None, sqlite3.ProgrammingError))
    for code in (None, sqlite3.SQLITE_CORRUPT):
        wrong = failed(code, sqlite3.ProgrammingError)
        with pytest.raises(sqlite3.ProgrammingError):
            errors.plain(wrong, PATH)


@pytest.mark.parametrize(
    ("number", "sentence"),
    [
        *((one, FULL) for one in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)),
        *((one, REFUSED) for one in (errno.EROFS, errno.EACCES, errno.EPERM, errno.EBADF)),
        *((one, REFUSED) for one in (errno.ENOTDIR, errno.EISDIR, errno.EEXIST)),
        *((one, FAILS) for one in (errno.EIO, errno.ENODEV, errno.EMFILE, errno.ESTALE)),
    ],
)
def test_a_failure_of_the_system_names_the_remedy(number: int, sentence: str) -> None:
    found = errors.plain_os(OSError(number, "why"), PATH)
    assert isinstance(found, JournalError)
    assert found.sentence.startswith(sentence)
    assert ("(why)" in found.sentence) is (sentence == FAILS)


def test_a_failure_without_a_number_is_named_by_its_words() -> None:
    assert "(odd)" in errors.plain_os(OSError("odd"), PATH).sentence


@pytest.mark.parametrize(
    ("name", "pid", "sentence"),
    [
        ("till-3.db", 71, "Till 3 is open in another window, process 71. Continue there, or close it first."),
        ("till-12-ab.db", None, "Till 12 is open in another window. Continue there, or close it first."),
        ("my-till-3.db", 71, "The till of /x/my-till-3.db is open in another window, process 71."),
        ("till.db", None, "The till of /x/till.db is open in another window."),
    ],
)
def test_a_held_journal_names_its_till_and_process(name: str, pid: int | None, sentence: str) -> None:
    found = JournalHeldError(Path("/x", name), pid)
    assert found.sentence.startswith(sentence)
    assert found.pid == pid
