"""Where tests put their files: in memory, for what a disk costs is seldom what is asked."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Final

_MEMORY: Final = Path("/dev/shm")  # noqa: S108 - a file system of the machine; each run takes a folder of its own
#: A run needs a tenth of it; the rest is for whatever else the machine does.
_ROOM: Final = 4 << 30


def disk() -> Path:
    """A folder on the disk, for what the disk itself is asked."""
    return Path(tempfile.gettempdir())


def ground() -> Path:
    """A folder in memory where there is room for a run, and for programs; else one on the disk."""
    if not _MEMORY.is_dir() or not os.access(_MEMORY, os.W_OK):
        return disk()
    found = os.statvfs(_MEMORY)
    fits = found.f_bavail * found.f_frsize >= _ROOM and not found.f_flag & os.ST_NOEXEC
    return _MEMORY if fits else disk()
