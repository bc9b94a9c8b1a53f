"""The lock of a journal for one process: a lock file that the kernel unlocks when the process ends."""

from __future__ import annotations

import fcntl
import os
from typing import TYPE_CHECKING

from till.journal.errors import JournalHeldError, plain_os

if TYPE_CHECKING:
    from pathlib import Path

_WIDTH = 20


class JournalLock:
    """A lock on a journal for this process until `release`.

    The process id in the file only names the holder in an error. The kernel decides if there is a holder, so the id of
    a dead process, or a reused id, does no harm.
    """

    def __init__(self, journal: Path) -> None:
        path = journal.with_name(journal.name + ".lock")
        try:
            self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as problem:
            raise plain_os(problem, path) from problem
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            os.pwrite(self._file, str(os.getpid()).ljust(_WIDTH).encode(), 0)
        except BlockingIOError as problem:
            pid = self._named()
            self.release()
            raise JournalHeldError(journal, pid) from problem
        except OSError as problem:
            self.release()
            raise plain_os(problem, path) from problem

    def _named(self) -> int | None:
        text = os.pread(self._file, _WIDTH, 0).strip()
        return int(text) if text.isdigit() else None

    @property
    def held(self) -> bool:
        """True if this process has the lock."""
        return self._file >= 0

    def release(self) -> None:
        """Release the lock. The file is kept: removing it could let two processes lock two files of one name."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1
