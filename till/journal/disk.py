"""The connection to a journal's database: one transaction for each write, and a plain sentence for each failure."""

from __future__ import annotations

import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, Final

from till.domain.errors import JournalError
from till.journal.checking import standing
from till.journal.errors import Failures, JournalDamagedError, is_damage, plain
from till.journal.rows import read_row
from till.journal.schema import keep_log, read_log

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator, Sequence
    from pathlib import Path
    from types import TracebackType

    from till.domain.events.envelope import Event


class Disk:
    """One SQLite connection behind a lock, so that a second thread (the sync's) may use the journal too.

    `with disk as connection:` is one durable transaction: on disk when the block was left, or not there at all. It
    holds the lock to its end. After a failure the next one may work. The first takes the mark of a clean close away.

    Raises from every use:
        JournalError: with the sentence for what failed.
    """

    __slots__ = ("_clean", "_condemned", "_connection", "_durable", "_level", "_lock", "path")

    def __init__(self, connection: sqlite3.Connection, path: Path, *, clean: bool) -> None:
        self.path: Final = path
        self._connection = connection
        self._lock = threading.RLock()
        self._clean = clean
        self._condemned = False
        self._durable = True
        self._level = "FULL"

    def __enter__(self) -> sqlite3.Connection:
        self._lock.acquire()
        try:
            self._begin()
            if self._clean:
                self._connection.execute("DELETE FROM meta WHERE name = 'clean'")
        except Failures as problem:
            self._roll_back()
            self._lock.release()
            raise plain(problem, self.path) from problem
        return self._connection

    def __exit__(
        self, _kind: type[BaseException] | None, problem: BaseException | None, _trace: TracebackType | None
    ) -> None:
        try:
            if problem is None:
                self._connection.execute("COMMIT")
                self._clean = False
                return
            self._roll_back()
        except Failures as failed:
            self._roll_back()
            raise plain(failed, self.path) from failed
        finally:
            self._lock.release()
        if isinstance(problem, Failures):
            raise plain(problem, self.path) from problem

    @contextmanager
    def unhurried(self) -> Iterator[sqlite3.Connection]:
        """A transaction that nobody waits for the disk with, for what the database says again when it is asked again.

        No end of this process undoes it. A power cut may, until the next `with disk`: it never keeps a later one and
        loses this one.
        """
        with self._lock:
            self._durable = False
            with self as connection:
                yield connection

    def _begin(self) -> None:
        level = "FULL" if self._durable else "NORMAL"
        self._durable = True
        if level != self._level:
            self._connection.execute(f"PRAGMA synchronous = {level}")
            self._level = level
        self._connection.execute("BEGIN IMMEDIATE")

    def _roll_back(self) -> None:
        if self._connection.in_transaction:  # a full disk may have rolled back already
            self._connection.execute("ROLLBACK")

    def rows(self, statement: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """All rows of a query."""
        with self._lock:
            try:
                return self._connection.execute(statement, values).fetchall()
            except Failures as problem:
                if is_damage(problem):
                    self.condemn()
                raise plain(problem, self.path) from problem

    def events(self, statement: str, values: Sequence[Any] = ()) -> list[Event]:
        """The events of a query for hash, body and texts.

        Raises:
            JournalDamagedError: one of them is not what was written. The next open sets the file aside.
        """
        try:
            return [read_row(*row) for row in self.rows(statement, values)]
        except JournalDamagedError:
            self.condemn()
            raise

    def condemn(self, why: str = "1") -> None:
        """Have the file set aside at the next open, and what is readable of it carried into a new one."""
        if self._condemned:
            return
        self._condemned = True
        with suppress(JournalError), self as connection:  # what cannot be written to now is found damaged then
            connection.execute("INSERT OR REPLACE INTO meta VALUES ('condemned', ?)", (why,))

    def sign_off(self) -> None:
        """Leave the mark of a clean close, unless the file is condemned."""
        if self._clean or self._condemned:
            return
        with self._lock:
            try:
                signed = standing(self._connection)
            except Failures:
                return  # it does not read: without the mark the next start looks at all of it
        with self as connection:
            connection.execute("INSERT OR REPLACE INTO meta VALUES ('clean', ?)", (signed,))

    def close(self) -> None:
        """Close the connection."""
        with self._lock:
            log = read_log(self.path) if self._condemned else b""
            self._connection.close()
            keep_log(self.path, log)
