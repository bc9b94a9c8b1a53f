"""The place of tests' files: in memory, as few tests are about the disk."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Final

_MEMORY: Final = Path("/dev/shm")  # noqa: S108 - a file system of the machine; each run takes a folder of its own
#: A run needs a tenth of it; the rest is for whatever else the machine does.
_ROOM: Final = 4 << 30


def disk() -> Path:
    """Return a folder on the disk, for tests of the disk itself."""
    return Path(tempfile.gettempdir())


def ground() -> Path:
    """Return a folder in memory with room for a run and the right to execute; otherwise one on the disk."""
    if not _MEMORY.is_dir() or not os.access(_MEMORY, os.W_OK):
        return disk()
    found = os.statvfs(_MEMORY)
    fits = found.f_bavail * found.f_frsize >= _ROOM and not found.f_flag & os.ST_NOEXEC
    return _MEMORY if fits else disk()
