"""The connection to a journal's database: one transaction for each write, and a sentence for each failure."""

from __future__ import annotations

import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, Final

from till.domain.errors import JournalError
from till.journal.checking import open_orders_digest
from till.journal.errors import Failures, JournalDamagedError, is_damage, plain, removed_file_error
from till.journal.log import keep_log, place_of, read_log
from till.journal.rows import read_row
from till.journal.schema import connect

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator, Sequence
    from datetime import datetime
    from pathlib import Path
    from types import TracebackType

    from till.domain.events.envelope import Event


class Disk:
    """One SQLite connection behind a lock, so that several threads may use the journal.

    `with disk as connection:` is one durable transaction: it is on disk when the block ends, or has no effect. It holds
    the lock until the end. After a failure the next transaction may succeed. The first transaction removes the mark of
    a clean close. A file that was removed or replaced is refused, because new writes would be lost with this process.

    Raises from every use:
        JournalError: the disk failed, with a sentence for the failure.
    """

    __slots__ = (
        "_clean",
        "_condemned",
        "_connection",
        "_durable",
        "_file",
        "_level",
        "_lock",
        "_log",
        "_log_path",
        "path",
    )

    def __init__(self, connection: sqlite3.Connection, path: Path, *, clean: bool) -> None:
        self.path: Final = path
        self._connection = connection
        self._lock = threading.RLock()
        self._clean = clean
        self._condemned = False
        self._durable = True
        self._level = "FULL"
        self._log_path = place_of(path)
        self._file, self._log = _identity(path), _identity(self._log_path)

    def __enter__(self) -> sqlite3.Connection:
        self._lock.acquire()
        try:
            if self._durable:
                self._check_place()
            self._begin()
            if self._clean:
                self._connection.execute("DELETE FROM meta WHERE name IN ('clean', 'broke_off')")
        except Failures as problem:
            self._roll_back()
            failed = self._failed(problem)
            self._lock.release()
            raise failed from problem
        except JournalError:
            self._lock.release()
            raise
        return self._connection

    def __exit__(
        self, _kind: type[BaseException] | None, problem: BaseException | None, _trace: TracebackType | None
    ) -> None:
        try:
            if problem is None:
                self._connection.execute("COMMIT")
                if self._clean:
                    self._clean = False
                    self._checkpoint()
                return
            self._roll_back()
            if isinstance(problem, Failures):
                raise self._failed(problem) from problem
        except Failures as failed:
            self._roll_back()
            raise self._failed(failed) from failed
        finally:
            self._lock.release()

    def _failed(self, problem: sqlite3.Error | UnicodeDecodeError) -> JournalError:
        """Return the error for a failed statement. A damaged file is condemned."""
        if is_damage(problem):
            self._roll_back()
            self.condemn()
        return plain(problem, self.path)

    def _check_place(self) -> None:
        """Check that the open file is still at its path. A missing log is created again.

        Raises:
            JournalError: the file was removed or replaced.
        """
        if self._file != _identity(self.path):
            raise removed_file_error(self.path)
        if self._log != _identity(self._log_path):
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # from the unlinked log
            self._connection.close()
            self._connection = connect(self.path)
            self._level = "FULL"
            self._log = _identity(self._log_path)

    def _checkpoint(self) -> None:
        """Write the removal of the clean-close mark to the file itself, so that a lost log is noticed."""
        with suppress(*Failures):  # the log keeps the writes until a later checkpoint
            self._connection.execute("PRAGMA wal_checkpoint(PASSIVE)")

    @contextmanager
    def unhurried(self) -> Iterator[sqlite3.Connection]:
        """Run a transaction that does not wait for the disk, for data that the database can send again.

        It survives the end of this process. A power cut may undo it until the next `with disk`, but never keeps a later
        transaction without this one.
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
        if self._connection.in_transaction:  # on a full disk it may have been rolled back already
            self._connection.execute("ROLLBACK")

    def rows(self, statement: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Return all rows of a query."""
        with self._lock:
            try:
                return self._connection.execute(statement, values).fetchall()
            except Failures as problem:
                raise self._failed(problem) from problem

    def events(self, statement: str, values: Sequence[Any] = ()) -> list[Event]:
        """Return the events of a query for hash, body and texts.

        Raises:
            JournalDamagedError: an event is damaged. The next opening replaces the file.
        """
        try:
            return [read_row(*row) for row in self.rows(statement, values)]
        except JournalDamagedError:
            self.condemn()
            raise

    def condemn(self, why: str = "1") -> None:
        """Mark the file, so that the next opening replaces it with a new file with its readable part."""
        if self._condemned:
            return
        self._condemned = True
        # if the file cannot be written now, the next opening finds the damage
        with suppress(JournalError), self as connection:
            connection.execute("INSERT OR REPLACE INTO meta VALUES ('condemned', ?)", (why,))

    def sign_off(self, unshown: datetime | None = None) -> None:
        """Write the mark of a clean close, unless the file is condemned.

        `unshown` is the time of an unclean end before this opening, for the notice of the next one.
        """
        if self._condemned:
            return
        left = [] if unshown is None else [(unshown.isoformat(),)]
        with self._lock:
            try:
                kept = self._connection.execute("SELECT value FROM meta WHERE name = 'broke_off'").fetchall()
                if self._clean and kept == left:
                    return
                signed = open_orders_digest(self._connection)
            except Failures:
                return  # unreadable: without the mark, the next start checks the whole file
        with self as connection:
            connection.execute("INSERT OR REPLACE INTO meta VALUES ('clean', ?)", (signed,))
            connection.executemany("INSERT OR REPLACE INTO meta VALUES ('broke_off', ?)", left)
        self._clean = True

    def close(self) -> None:
        """Close the connection."""
        with self._lock:
            log = b"" if self._clean and not self._condemned else read_log(self.path)
            self._connection.close()
            keep_log(self.path, log)


def _identity(path: Path) -> tuple[int, int] | None:
    """Return the device and inode of a file, which differ for a replacement; None if there is no file."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino
