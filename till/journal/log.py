"""The bytes of a journal's write-ahead log: the part that SQLite reads, and the part that it silently drops."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from till.journal.checking import places

if TYPE_CHECKING:
    from pathlib import Path

#: The sizes of a log's header, a frame's header, a page, and a frame.
_LOG_HEAD: Final = 32
_FRAME_HEAD: Final = 24
PAGE: Final = 4096
_FRAME: Final = PAGE + _FRAME_HEAD
#: The first bytes of a till's log, with checksums over little-endian words.
_LITTLE_ENDIAN: Final = b"\x37\x7f\x06\x82"
_BEGINS: Final = _LITTLE_ENDIAN + struct.pack(">II", 3_007_000, PAGE)
_NO_MARK: Final = bytes(4)


def place_of(path: Path) -> Path:
    """Return the path of a journal's log."""
    return path.with_name(path.name + "-wal")


def read_log(path: Path) -> bytes:
    """Return the log beside a journal, for `keep_log` and `look`; empty if there is none."""
    log = place_of(path)
    return log.read_bytes() if log.exists() else b""


def keep_log(path: Path, log: bytes) -> None:
    """Restore the log of a journal without a clean close: SQLite checkpoints and removes it on closing.

    The log may have earlier versions of pages that are damaged in the file. A second checkpoint changes nothing.
    """
    place = place_of(path)
    if log and not place.exists():
        place.touch(mode=0o600)
        place.write_bytes(log)


class Ending(Struct, frozen=True):
    """The end of a log, which SQLite drops from the first wrong byte on.

    A kill leaves no wrong checksums. A power cut may leave some in the last commit, which was never on the screen. A
    flipped bit on the disk leaves the same pattern, but that content was on the screen.

    Attributes:
        log: the whole log.
        end: the offset of the end of its last complete frame.
        kept: the offset of the end of the last commit that SQLite reads.
        wrong: the offset of the first frame that SQLite drops.
        dropped: the offsets of dropped frames of this generation of the log; older frames were checkpointed before.
    """

    log: bytes
    end: int
    kept: int
    wrong: int
    dropped: tuple[int, ...]

    @property
    def commits(self) -> int:
        """The number of dropped commits with intact marks."""
        return sum(self.log[at + 4 : at + 8] != _NO_MARK for at in self.dropped)

    def hides(self, journal_id: str, seq: int) -> bool:
        """True if the dropped part may have events after a number of the chain."""
        return bool(self.dropped) or any(one > seq for one, _at in places(self.log[self.wrong : self.end], journal_id))

    @property
    def tail(self) -> bytes:
        """The part after the last commit that SQLite reads."""
        return self.log[self.kept : self.end]

    def mended(self, pages: int) -> bytes:
        """Return the log with new checksums for the dropped part, so that it can be queried.

        Only sealed content of the result is reliable.

        Args:
            pages: the number of pages of the file. Frames far beyond are left out, since they would grow the file.
        """
        salt = self.log[16:24]
        head = _BEGINS + self.log[12:24]
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
        """Return the page number of a frame."""
        return int.from_bytes(self.log[at : at + 4], "big")


def look(log: bytes) -> Ending:
    """Analyse the end of a log."""
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
        dropped.insert(0, wrong)  # its salt is wrong, since frames of this generation follow
    return Ending(log, whole, kept, wrong, tuple(dropped))


def _add_up(data: bytes, sums: tuple[int, int]) -> tuple[int, int]:
    """Return the checksum of a log, continued over more bytes."""
    one, two = sums
    words = iter(struct.unpack(f"<{len(data) // 4}I", data))
    for word in words:
        one = (one + word + two) & 0xFFFFFFFF
        two = (two + next(words) + one) & 0xFFFFFFFF
    return one, two
