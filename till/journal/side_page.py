"""A text kept beside a journal, at every key or event: one write into one page of a small file, no sync.

The page cache outlives the process, so a kill loses nothing; a power cut may lose the last words, never an event.
"""

from __future__ import annotations

import os
import struct
import zlib
from typing import TYPE_CHECKING, Final

from till.journal.errors import plain_os

if TYPE_CHECKING:
    from pathlib import Path

#: The size of one page, so that the kernel copies it in one piece.
_ROOM: Final = 4096
_HEAD: Final = struct.Struct("<II")


#: The ending of the file with the typed text that was not sent yet.
TYPED: Final = ".typed"
#: The file with the journal's id and the number of its last event. It reveals a log that was cut short.
END: Final = ".end"


class SidePage:
    """The side file. Texts of more than 4,088 bytes of UTF-8 are cut at a whole character.

    Raises from every call:
        JournalError: the file cannot be written.
    """

    def __init__(self, journal: Path, ending: str) -> None:
        self.path: Final = journal.with_name(journal.name + ending)
        try:
            self._file = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            missing = _ROOM - os.fstat(self._file).st_size
            if missing > 0:  # the space is reserved now, so that a full disk cannot refuse a key later
                os.pwrite(self._file, bytes(missing), _ROOM - missing)
        except OSError as problem:
            raise plain_os(problem, self.path) from problem

    def read(self) -> str:
        """Return the last kept text; empty if it was never written completely."""
        try:
            page = os.pread(self._file, _ROOM, 0)
        except OSError as problem:
            raise plain_os(problem, self.path) from problem
        size, check = _HEAD.unpack_from(page)
        text = page[_HEAD.size : _HEAD.size + size]
        whole = len(text) == size and zlib.crc32(text) == check
        return text.decode(errors="ignore") if whole else ""

    def write(self, text: str) -> None:
        """Keep a text in place of the last."""
        encoded = text.encode(errors="replace")[: _ROOM - _HEAD.size]
        encoded = encoded.decode(errors="ignore").encode()
        try:
            os.pwrite(self._file, _HEAD.pack(len(encoded), zlib.crc32(encoded)) + encoded, 0)
        except OSError as problem:
            raise plain_os(problem, self.path) from problem

    def close(self) -> None:
        """Close the file."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1
