"""A short text in a file beside a journal, written at every key or event: one page, one write, no sync.

The page cache outlives the process, so a kill loses nothing. A power cut may lose the last text, but never an event.
"""

from __future__ import annotations

import os
import struct
import zlib
from contextlib import closing
from typing import TYPE_CHECKING, Final

from till.journal.errors import plain_os

if TYPE_CHECKING:
    from pathlib import Path

#: The size of one page, which the kernel copies in one piece.
_ROOM: Final = 4096
_HEAD: Final = struct.Struct("<II")


#: The ending of the file with the unsent typed text.
TYPED: Final = ".typed"
#: The ending of the file with the journal's id and the number of its last event, which reveals a truncated log.
END: Final = ".end"


def last_event_of(journal: Path) -> tuple[str, int]:
    """Return the id of a journal and the number of its last event, also if the journal itself was removed."""
    with closing(SidePage(journal, END)) as end:
        return end.last_event()


class SidePage:
    """A side file. Texts of more than 4,088 bytes of UTF-8 are cut between characters.

    Raises from every call:
        JournalError: the file cannot be written.
    """

    def __init__(self, journal: Path, ending: str) -> None:
        self.path: Final = journal.with_name(journal.name + ending)
        try:
            self._file = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            missing = _ROOM - os.fstat(self._file).st_size
            if missing > 0:  # reserve the space, so that a full disk cannot refuse a key later
                os.pwrite(self._file, bytes(missing), _ROOM - missing)
        except OSError as problem:
            raise plain_os(problem, self.path) from problem

    def read(self) -> str:
        """Return the last text; empty if it was never written completely."""
        try:
            page = os.pread(self._file, _ROOM, 0)
        except OSError as problem:
            raise plain_os(problem, self.path) from problem
        size, check = _HEAD.unpack_from(page)
        text = page[_HEAD.size : _HEAD.size + size]
        whole = len(text) == size and zlib.crc32(text) == check
        return text.decode(errors="ignore") if whole else ""

    def last_event(self) -> tuple[str, int]:
        """Return the id of the journal and the number of its last event, from the `END` file; 0 if it has none."""
        journal_id, _space, last = self.read().partition(" ")
        return journal_id, int(last) if last.isdecimal() else 0

    def write(self, text: str) -> None:
        """Replace the text."""
        encoded = text.encode(errors="replace")[: _ROOM - _HEAD.size]  # `read` leaves out a part of a character
        try:
            os.pwrite(self._file, _HEAD.pack(len(encoded), zlib.crc32(encoded)) + encoded, 0)
        except OSError as problem:
            raise plain_os(problem, self.path) from problem

    def close(self) -> None:
        """Close the file."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1
