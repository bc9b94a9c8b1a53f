"""The leases on the server: a locked file for each till, which the kernel unlocks when the till exits."""

from __future__ import annotations

import json
import os
import secrets
from typing import TYPE_CHECKING

from msgspec import Struct

from db.embedded import locks

if TYPE_CHECKING:
    from pathlib import Path


class Holder(Struct, frozen=True):
    """A program that uses the server, with its process id."""

    name: str
    pid: int

    def __str__(self) -> str:
        return f"{self.name} ({self.pid})"


class Claim(Struct, frozen=True):
    """A lease that this process holds."""

    path: Path
    descriptor: int

    def drop(self) -> None:
        """Remove the file and release its lock."""
        self.path.unlink(missing_ok=True)
        os.close(self.descriptor)


def claim(folder: Path, name: str) -> Claim:
    """Create a lease on the server for this process. Call it under the control lock."""
    path = folder / f"{os.getpid()}-{secrets.token_hex(4)}"
    descriptor = locks.open_lock(path)
    locks.try_lock(descriptor)
    os.write(descriptor, json.dumps({"name": name, "pid": os.getpid()}).encode())
    return Claim(path, descriptor)


def holders(folder: Path) -> tuple[Holder, ...]:
    """Return the current holders of a lease."""
    return tuple(_read(path) for path in _held(folder))


def sweep(folder: Path) -> bool:
    """Remove leases of killed tills. Return True if a lease is still held. Call it under the control lock."""
    held = _held(folder)
    for path in folder.iterdir():
        if path not in held:
            path.unlink()
    return bool(held)


def _held(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if locks.is_held(path)) if folder.is_dir() else []


def _read(path: Path) -> Holder:
    try:
        found = json.loads(path.read_bytes())
        return Holder(str(found["name"]), int(found["pid"]))
    except (FileNotFoundError, ValueError, KeyError):
        return Holder("till", int(path.name.partition("-")[0]))
