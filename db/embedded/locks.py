"""File locks that the kernel releases by itself, whatever happens to their holder.

All of them use `flock`: a lock belongs to an open file, not to a process id, so it cannot outlive its holder after a
kill -9 or a power cut, and a reused process id has no effect.
"""

from __future__ import annotations

import fcntl
import os
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

#: Seconds between two attempts to take a lock.
POLL_S = 0.01


def open_lock(path: Path) -> int:
    """Open a lock file, created for its owner only if missing. Other programs do not inherit the descriptor."""
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)


def try_lock(descriptor: int) -> bool:
    """Take the exclusive lock of an open file. Return False if another process holds it."""
    return _try(descriptor, fcntl.LOCK_EX)


def is_held(path: Path) -> bool:
    """True if a process holds the lock. Concurrent checks do not affect each other."""
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
    except FileNotFoundError:
        return False
    try:
        return not _try(descriptor, fcntl.LOCK_SH)
    finally:
        os.close(descriptor)


def wait_until_free(path: Path, patience_s: float) -> bool:
    """Wait until no process holds the lock. Return False on a timeout."""
    deadline = time.monotonic() + patience_s
    while is_held(path):
        if time.monotonic() >= deadline:
            return False
        time.sleep(POLL_S)
    return True


@contextmanager
def exclusively(path: Path, patience_s: float) -> Iterator[None]:
    """Hold the lock of a file (created if missing) or of a folder for the block.

    Raises:
        TimeoutError: another process held it for too long.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC) if path.is_dir() else open_lock(path)
    try:
        deadline = time.monotonic() + patience_s
        while not try_lock(descriptor):
            if time.monotonic() >= deadline:
                raise TimeoutError(path)
            time.sleep(POLL_S)
        yield
    finally:
        os.close(descriptor)


def _try(descriptor: int, kind: int) -> bool:
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
