"""The connection to a journal's database: one transaction for each write, and a plain sentence for each failure."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from till.journal.errors import plain

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path


class Disk:
    """One SQLite connection behind a lock, so that a second thread (the sync's) may use the journal too.

    A write holds the lock for its whole transaction. After a failure nothing of it is there, and the next one may work.

    Raises from every call:
        JournalError: with the sentence for what failed.
    """

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self.path: Final = path
        self._connection = connection
        self._lock = threading.RLock()

    @contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """A durable transaction: on disk when the block was left, or not there at all."""
        connection = self._connection
        with self._lock:
            try:
                connection.execute("BEGIN IMMEDIATE")
                yield connection
                connection.execute("COMMIT")
            except BaseException as problem:
                self._roll_back()
                if isinstance(problem, sqlite3.Error):
                    raise plain(problem, self.path) from problem
                raise

    def _roll_back(self) -> None:
        try:
            if self._connection.in_transaction:  # a full disk may have rolled back already
                self._connection.execute("ROLLBACK")
        except sqlite3.Error as problem:
            raise plain(problem, self.path) from problem

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
