"""The write-ahead log of a journal, as bytes: what SQLite will take of it, what it will drop without a word."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from till.journal.checking import places

if TYPE_CHECKING:
    from pathlib import Path

#: The head of a log, and a page with its own head before it.
_LOG_HEAD: Final = 32
_FRAME_HEAD: Final = 24
PAGE: Final = 4096
_FRAME: Final = PAGE + _FRAME_HEAD
#: How the log of a till begins: its sums are over little-endian words.
_LITTLE_ENDIAN: Final = b"\x37\x7f\x06\x82"
_BEGINS: Final = _LITTLE_ENDIAN + struct.pack(">II", 3_007_000, PAGE)
_NO_MARK: Final = bytes(4)


def place_of(path: Path) -> Path:
    """Where the log of a journal stands."""
    return path.with_name(path.name + "-wal")


def read_log(path: Path) -> bytes:
    """The log beside a journal, for `keep_log` and `look`; empty when there is none."""
    log = place_of(path)
    return log.read_bytes() if log.exists() else b""


def keep_log(path: Path, log: bytes) -> None:
    """Put back the log of a journal that was not closed well: SQLite carries it over and takes it away at its close.

    Pages of before stand in it that are damaged in the file. Carrying it over once more would change nothing.
    """
    place = place_of(path)
    if log and not place.exists():
        place.touch(mode=0o600)
        place.write_bytes(log)


class Ending(Struct, frozen=True):
    """How a log ends, for SQLite drops it from its first wrong byte on.

    What a kill breaks off has no wrong sums; a power cut may leave some in the last commit, which was never on the
    screen. A disk that changed a bit leaves the same picture, and what it changed was on the screen.

    Attributes:
        log: all of it.
        end: where its last whole frame ends.
        kept: where the last commit ends that SQLite takes.
        wrong: where the first frame begins that it drops.
        dropped: the frames that it drops and that are of this life of the log; those of an earlier one were carried
            over long ago.
    """

    log: bytes
    end: int
    kept: int
    wrong: int
    dropped: tuple[int, ...]

    @property
    def commits(self) -> int:
        """How many commits are dropped, as far as their marks stand."""
        return sum(self.log[at + 4 : at + 8] != _NO_MARK for at in self.dropped)

    def hides(self, journal_id: str, seq: int) -> bool:
        """Whether something may stand in it that SQLite drops, and that comes after a place of the chain."""
        return bool(self.dropped) or any(one > seq for one, _at in places(self.log[self.wrong : self.end], journal_id))

    @property
    def tail(self) -> bytes:
        """What stands behind the last commit that SQLite takes."""
        return self.log[self.kept : self.end]

    def mended(self, pages: int) -> bytes:
        """The log with new sums over what SQLite would drop, so that it can be asked for what stands there.

        What it says is to be believed as far as seals go.

        Args:
            pages: how many the file has: a frame for one far beyond would make a file of any size of it.
        """
        salt = self.log[16:24] if self.wrong > _LOG_HEAD else self.log[_LOG_HEAD + 8 : _LOG_HEAD + 16]
        head = _BEGINS + self.log[12:16] + salt
        sums = _add_up(head, (0, 0))
        made = [head, struct.pack(">II", *sums)]
        end = self.dropped[-1] + _FRAME if self.dropped else self.end
        most = pages + (end - _LOG_HEAD) // _FRAME
        frames = [at for at in range(_LOG_HEAD, end, _FRAME) if 0 < self._number(at) <= most]
        last = max((self._number(at) for at in frames), default=0)
        for at in frames:
            number, mark = struct.unpack(">II", self.log[at : at + 8])
            begins = struct.pack(">II", number, max(last, pages) if at == frames[-1] else mark)
            page = self.log[at + _FRAME_HEAD : at + _FRAME]
            sums = _add_up(page, _add_up(begins, sums))
            made += [begins, salt, struct.pack(">II", *sums), page]
        return b"".join(made)

    def _number(self, at: int) -> int:
        """Of which page a frame is."""
        return int.from_bytes(self.log[at : at + 4], "big")


def look(log: bytes) -> Ending:
    """How a log ends."""
    whole = max(0, len(log) - _LOG_HEAD) // _FRAME * _FRAME + _LOG_HEAD
    if whole == _LOG_HEAD:
        return Ending(log, 0, 0, 0, ())
    sums = _add_up(log[:24], (0, 0))
    sound = struct.pack(">II", *sums) == log[24:_LOG_HEAD] and log[:4] == _LITTLE_ENDIAN
    salt = log[16:24] if sound else log[_LOG_HEAD + 8 : _LOG_HEAD + 16]
    kept, wrong = _LOG_HEAD, whole if sound else _LOG_HEAD
    dropped: list[int] = []
    for at in range(_LOG_HEAD, whole, _FRAME):
        if sound:
            sums = _add_up(log[at + _FRAME_HEAD : at + _FRAME], _add_up(log[at : at + 8], sums))
            sound = log[at + 8 : at + 16] == salt and struct.pack(">II", *sums) == log[at + 16 : at + 24]
            if sound and log[at + 4 : at + 8] != _NO_MARK:
                kept = at + _FRAME
            if not sound:
                wrong = at
        if not sound and (log[at + 8 : at + 12] == salt[:4] or log[at + 12 : at + 16] == salt[4:]):
            dropped.append(at)
    if dropped and dropped[0] != wrong:
        dropped.insert(0, wrong)  # its salt is what is wrong with it, for others of this life follow
    return Ending(log, whole, kept, wrong, tuple(dropped))


def _add_up(data: bytes, sums: tuple[int, int]) -> tuple[int, int]:
    """The checksum of a log, carried on over more of it."""
    one, two = sums
    words = iter(struct.unpack(f"<{len(data) // 4}I", data))
    for word in words:
        one = (one + word + two) & 0xFFFFFFFF
        two = (two + next(words) + one) & 0xFFFFFFFF
    return one, two
