"""The disk of a till and the death of its program: the state of the last commit stays."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable
    from pathlib import Path

    from till.journal import JournalFile

_ENDINGS: Final = ("", "-wal")
#: A log is carried over at so many pages: who starts after a kill adds up each of them.
_LOG_PAGES: Final = 24


class KilledError(BaseException):
    """The program is gone at this instruction. No handler of its own can hold it up."""


class Fuse:
    """A fuse between the journal and SQLite, which kills the program at a commit once it is lit."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._left = 0
        self._after = False
        self.is_blown = False

    def light(self, commits: int, *, after: bool) -> None:
        """Kill at the n-th commit from now: before it, or after it and before it returns."""
        self._left, self._after = commits, after

    @property
    def in_transaction(self) -> bool:
        return self._connection.in_transaction

    def execute(self, statement: str, values: Any = ()) -> sqlite3.Cursor:
        if statement != "COMMIT" or not self._left:
            return self._connection.execute(statement, values)
        self._left -= 1
        if self._left:
            return self._connection.execute(statement)
        if self._after:
            self._connection.execute(statement)
        self.is_blown = True
        raise KilledError

    def executemany(self, statement: str, values: Iterable[Any]) -> sqlite3.Cursor:
        return self._connection.executemany(statement, values)

    def close(self) -> None:
        self._connection.close()


def put_fuse(journal: JournalFile) -> Fuse:
    """Put a fuse into a journal that was just opened."""
    disk = journal._disk
    disk._connection.execute(f"PRAGMA wal_autocheckpoint = {_LOG_PAGES}")
    fuse = Fuse(disk._connection)
    disk._connection = fuse  # type: ignore[assignment] # it passes everything on
    return fuse


def read_files(path: Path) -> dict[str, bytes]:
    """Return the files of a journal as they are on the disk now."""
    files = {ending: path.with_name(path.name + ending) for ending in _ENDINGS}
    return {ending: file.read_bytes() for ending, file in files.items() if file.exists()}


def write_files(path: Path, files: dict[str, bytes]) -> None:
    """Replace the files of a journal."""
    for ending in _ENDINGS:
        place = path.with_name(path.name + ending)
        if ending in files:
            place.write_bytes(files[ending])
        else:
            place.unlink(missing_ok=True)


def crash(journal: JournalFile, path: Path) -> None:
    """Let go of a journal as a kill does: write nothing more, and leave the log as it is."""
    files = read_files(path)
    journal.opened.close()
    write_files(path, files)
