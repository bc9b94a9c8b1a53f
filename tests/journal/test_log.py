"""The end of a write-ahead log: what SQLite reads of it, what it drops, and what can be read again.

SQLite itself says how many frames of a damaged log it reads.
"""

from __future__ import annotations

import sqlite3
import struct
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from tests.journal.conftest import Hand, Reopen
from till.journal.log import PAGE, Ending, keep_log, look, place_of, read_log

if TYPE_CHECKING:
    from pathlib import Path

HEAD = 32
FRAME = PAGE + 24
#: The events that `written` has.
EVENTS = 5


@dataclass(frozen=True)
class Written:
    """A journal after a kill.

    Attributes:
        ends: the offset in the log of the end of each commit; the first is that of the tables.
    """

    journal_id: str
    file: bytes
    log: bytes
    ends: list[int]

    @property
    def frames(self) -> list[int]:
        return list(range(HEAD, len(self.log), FRAME))

    def frames_of(self, commit: int) -> list[int]:
        """The offsets of the frames of a commit; -1 is the last one."""
        end = self.ends[commit]
        before = self.ends[self.ends.index(end) - 1]
        return [at for at in self.frames if before <= at < end]


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Written:
    hand, path = Hand(), tmp_path_factory.mktemp("log") / "till-1.db"
    opener = Reopen(path, hand)
    journal = opener()
    hand.begun(journal)
    session = hand.opened(journal)
    ends = [len(read_log(path))]
    for _line in range(3):
        hand.added(journal, session)
        ends.append(len(read_log(path)))
    made = Written(journal.journal_id, path.read_bytes(), read_log(path), ends)
    opener.close_all()
    return made


def frames_read(path: Path, file: bytes, log: bytes) -> int:
    """Return the number of frames of a log that SQLite reads."""
    with closing(_opened(path, file, log)) as connection:
        found: int = connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()[1]
        return found


def events_read(path: Path, file: bytes, log: bytes) -> int:
    """Return the number of events that SQLite reads of a file with a log."""
    with closing(_opened(path, file, log)) as connection:
        found: int = connection.execute("SELECT count(*) FROM own").fetchone()[0]
        return found


def _opened(path: Path, file: bytes, log: bytes) -> sqlite3.Connection:
    path.write_bytes(file)
    place_of(path).write_bytes(log)
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA locking_mode = EXCLUSIVE")
    connection.execute("PRAGMA synchronous = OFF")
    connection.execute("PRAGMA journal_mode = WAL")
    return connection


def flipped(log: bytes, *places: int) -> bytes:
    data = bytearray(log)
    for at in places:
        data[at] ^= 1
    return bytes(data)


#: Bytes of a frame's head: its page, the mark of a commit, the two salts, the two checksums; then two of its page.
PARTS = {
    "page": 3,
    "mark": 7,
    "salt": 11,
    "second salt": 15,
    "sum": 19,
    "second sum": 23,
    "data": 24,
    "last": FRAME - 1,
}


@pytest.mark.parametrize("part", PARTS)
def test_a_damaged_frame_drops_its_commit_and_all_after_it(written: Written, path: Path, part: str) -> None:
    kept = written.ends[1]
    for at in written.frames_of(2):
        log = flipped(written.log, at + PARTS[part])
        ending = look(log)
        assert (ending.kept, ending.wrong, ending.end) == (kept, at, len(log))
        assert frames_read(path, written.file, log) == (kept - HEAD) // FRAME
        assert list(ending.dropped) == [one for one in written.frames if one >= at]
        marks = sum(end > at for end in written.ends)
        if part != "mark":
            assert ending.commits == marks
        assert ending.tail == log[kept:]
        assert ending.hides(written.journal_id, 99)
        pages = len(written.file) // PAGE + 1
        mended = ending.mended(pages)
        assert look(mended).dropped == ()
        assert len(mended) == len(log)
        if part not in {"page", "data", "last"}:
            assert events_read(path, written.file, mended) == EVENTS


def test_a_log_without_damage_drops_nothing(written: Written, path: Path) -> None:
    ending = look(written.log)
    end = len(written.log)
    assert (ending.end, ending.kept, ending.wrong, ending.dropped, ending.commits) == (end, end, end, (), 0)
    assert ending.tail == b""
    assert not ending.hides(written.journal_id, 0)
    assert ending.mended(99)[:-FRAME] == written.log[:-FRAME]
    assert events_read(path, written.file, ending.mended(len(written.file) // PAGE + 1)) == EVENTS


@pytest.mark.parametrize("places", [(3,), (11,), (14,), (18,), (22,), (18, 22), (26,), (30,)])
def test_a_damaged_head_drops_the_whole_log_and_all_of_it_is_read_again(
    written: Written, path: Path, places: tuple[int, ...]
) -> None:
    log = flipped(written.log, *places)
    ending = look(log)
    assert (ending.kept, ending.wrong, ending.dropped) == (HEAD, HEAD, tuple(written.frames))
    assert ending.tail == log[HEAD:]
    mended = ending.mended(len(written.file) // PAGE + 1)
    assert events_read(path, written.file, mended) == EVENTS


@pytest.mark.parametrize("cut", [1, FRAME - 1, FRAME, FRAME + 1])
def test_a_frame_that_is_not_whole_is_no_part_of_the_log(written: Written, path: Path, cut: int) -> None:
    ending = look(written.log[:-cut])
    whole = [at for at in written.frames if at + FRAME <= len(written.log) - cut]
    assert ending.end == whole[-1] + FRAME
    assert ending.kept == max(end for end in (HEAD, *written.ends) if end <= ending.end)
    assert ending.dropped == ()
    assert frames_read(path, written.file, written.log[:-cut]) == (ending.kept - HEAD) // FRAME


@pytest.mark.parametrize("size", [0, 1, HEAD, HEAD + FRAME - 1])
def test_a_log_without_a_whole_frame_has_no_end(written: Written, size: int) -> None:
    assert look(written.log[:size]) == Ending(written.log[:size], 0, 0, 0, ())


def test_a_frame_whose_salts_are_both_wrong_is_dropped_if_others_of_its_log_follow(written: Written) -> None:
    first, last = written.frames_of(2)[0], written.frames[-1]
    log = flipped(written.log, first + PARTS["salt"], first + PARTS["second salt"])
    assert look(log).dropped[:2] == (first, first + FRAME)
    log = flipped(written.log, last + PARTS["salt"], last + PARTS["second salt"])
    ending = look(log)
    assert (ending.dropped, ending.wrong, ending.kept) == ((), last, written.ends[-2])


def test_an_end_whose_salts_are_all_wrong_hides_what_its_bytes_name(written: Written) -> None:
    """Frames of an earlier log look the same, but have no events after the last one that is read."""
    frames = written.frames_of(-1)
    log = flipped(written.log, *(at + PARTS[part] for at in frames for part in ("salt", "second salt")))
    ending = look(log)
    assert (ending.dropped, ending.kept) == ((), written.ends[-2])
    assert ending.hides(written.journal_id, 4)
    assert not ending.hides(written.journal_id, 5), "the last event"
    assert not ending.hides("0197a000-0000-7000-8000-00000000000f", 0), "of another journal"


def test_a_commit_that_a_kill_cut_off_hides_nothing(written: Written) -> None:
    """A sound frame with an older one after it: the till never showed what it says."""
    frames = written.frames_of(-1)
    log = flipped(written.log, frames[-1] + PARTS["salt"], frames[-1] + PARTS["second salt"])
    assert b'"seq":5,' in log[frames[0] : frames[-1]]
    ending = look(log)
    assert (ending.kept, ending.wrong) == (written.ends[-2], frames[-1])
    assert not ending.hides(written.journal_id, 4)


def test_frames_of_the_log_before_are_not_dropped(path: Path, hand: Hand, reopen: Reopen) -> None:
    """A log begins again at its start after a checkpoint: what follows its end was checkpointed."""
    journal = reopen()
    session = hand.opened(journal)
    for _line in range(9):
        hand.added(journal, session)
    long = read_log(path)
    journal.opened.disk.rows("PRAGMA wal_checkpoint(RESTART)")
    hand.added(journal, session)
    file, log = path.read_bytes(), read_log(path)
    reopen.close_all()
    assert len(log) == len(long)
    ending = look(log)
    assert HEAD < ending.kept == ending.wrong < ending.end == len(log)
    assert (ending.dropped, ending.commits) == ((), 0)
    assert not ending.hides(journal.journal_id, journal.head.seq)
    other = path.with_name("other.db")
    assert frames_read(other, file, log) == (ending.kept - HEAD) // FRAME
    assert events_read(other, file, log) == journal.head.seq
    damaged = look(flipped(log, HEAD + PARTS["data"]))
    assert damaged.dropped == tuple(range(HEAD, ending.kept, FRAME))
    assert len(damaged.mended(len(file) // PAGE)) == ending.kept


def test_a_frame_of_a_page_far_beyond_the_file_is_left_out(written: Written) -> None:
    """A flipped bit in the number of a page would make the file grow by gigabytes."""
    pages, frames = len(written.file) // PAGE, len(written.frames)
    at = written.frames[-2]
    for number, is_kept in (
        (pages + frames, True),
        (pages + frames + 1, False),
        (1 << 30, False),
        (0, False),
        (1, True),
    ):
        log = written.log[:at] + struct.pack(">I", number) + written.log[at + 4 :]
        mended = look(log).mended(pages)
        assert (len(mended) - HEAD) // FRAME == (frames if is_kept else frames - 1)
        size = struct.unpack(">I", mended[-FRAME + 4 : -FRAME + 8])[0]
        assert size >= max(pages, number if is_kept else 0), "no page of the file is cut off"


def test_a_log_is_put_back_where_none_is(path: Path) -> None:
    place = place_of(path)
    assert place.name == "till-1.db-wal"
    assert read_log(path) == b""
    keep_log(path, b"")
    assert not place.exists()
    keep_log(path, b"written")
    assert place.stat().st_mode & 0o777 == 0o600
    keep_log(path, b"other")
    assert read_log(path) == b"written"
