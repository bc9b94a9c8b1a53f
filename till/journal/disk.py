"""The connection to a journal's database: one transaction for each write, and a plain sentence for each failure."""

from __future__ import annotations

import sqlite3
import threading
from typing import TYPE_CHECKING, Any, Final

from till.journal.errors import plain

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path
    from types import TracebackType


class Disk:
    """One SQLite connection behind a lock, so that a second thread (the sync's) may use the journal too.

    `with disk as connection:` is one durable transaction: on disk when the block was left, or not there at all. It
    holds the lock to its end. After a failure the next one may work.

    Raises from every use:
        JournalError: with the sentence for what failed.
    """

    __slots__ = ("_connection", "_lock", "path")

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self.path: Final = path
        self._connection = connection
        self._lock = threading.RLock()

    def __enter__(self) -> sqlite3.Connection:
        self._lock.acquire()
        try:
            self._connection.execute("BEGIN IMMEDIATE")
        except sqlite3.Error as problem:
            self._lock.release()
            raise plain(problem, self.path) from problem
        return self._connection

    def __exit__(
        self, _kind: type[BaseException] | None, problem: BaseException | None, _trace: TracebackType | None
    ) -> None:
        try:
            if problem is None:
                self._connection.execute("COMMIT")
                return
            self._roll_back()
        except sqlite3.Error as failed:
            self._roll_back()
            raise plain(failed, self.path) from failed
        finally:
            self._lock.release()
        if isinstance(problem, sqlite3.Error):
            raise plain(problem, self.path) from problem

    def _roll_back(self) -> None:
        if self._connection.in_transaction:  # a full disk may have rolled back already
            self._connection.execute("ROLLBACK")

    def rows(self, statement: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """All rows of a query."""
        with self._lock:
            try:
                return self._connection.execute(statement, values).fetchall()
            except sqlite3.Error as problem:
                raise plain(problem, self.path) from problem

    def close(self) -> None:
        """Close the connection."""
        with self._lock:
            self._connection.close()
