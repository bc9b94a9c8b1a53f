"""The tables of a journal, by revision. None is edited once a till has shipped with it; a new one follows."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, Final

from till.domain.i18n import _
from till.journal.errors import Failures, JournalDamagedError, JournalNewerError

if TYPE_CHECKING:
    from pathlib import Path

# An event's hash, body and texts stand side by side in its record, in this order: `salvage.carve` finds them so in a
# file of which nothing else reads. `ends` marks the last event of a command: what one wrote is sent together. A pruned
# event is a row without body. Ids are not unique in `own` on purpose: the index would be one more page to write at each
# key, and the fold drops repeats. In `salvaged` are events of the journal before this one that stand in `received` and
# are still to be given a place in this chain; what the cache holds stands behind its seal (`till.journal.documents`).
_FIRST: Final = (
    "CREATE TABLE schema (revision INTEGER NOT NULL)",
    "INSERT INTO schema VALUES (0)",
    "CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
    """CREATE TABLE own (
        seq INTEGER PRIMARY KEY, id TEXT NOT NULL, session_id TEXT, receipt_series TEXT, receipt_number INTEGER,
        kind TEXT, ends INTEGER NOT NULL, hash TEXT NOT NULL, body TEXT, texts TEXT NOT NULL)""",
    "CREATE INDEX own_session ON own (session_id) WHERE session_id IS NOT NULL",
    "CREATE INDEX own_receipt ON own (receipt_series, receipt_number) WHERE receipt_series IS NOT NULL",
    "CREATE INDEX own_kind ON own (kind, seq) WHERE kind IS NOT NULL",
    """CREATE TABLE received (
        id TEXT PRIMARY KEY, session_id TEXT, kind TEXT, hash TEXT NOT NULL, body TEXT NOT NULL,
        texts TEXT NOT NULL)""",
    "CREATE INDEX received_session ON received (session_id) WHERE session_id IS NOT NULL",
    "CREATE INDEX received_kind ON received (kind) WHERE kind IS NOT NULL",
    """CREATE TABLE sessions (
        session_id TEXT PRIMARY KEY, user INTEGER NOT NULL, version INTEGER NOT NULL, event TEXT, holder INTEGER,
        hold_epoch INTEGER NOT NULL, hold_id TEXT NOT NULL, status TEXT NOT NULL, refold INTEGER NOT NULL,
        open INTEGER NOT NULL,
        closed INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID""",
    "CREATE INDEX sessions_followed ON sessions (session_id, closed) WHERE open",
    "CREATE TABLE cache (name TEXT PRIMARY KEY, version INTEGER NOT NULL, body TEXT NOT NULL)",
    "CREATE TABLE salvaged (id TEXT PRIMARY KEY REFERENCES received (id))",
)

#: The statements of each revision; the first is revision 1.
REVISIONS: Final[tuple[tuple[str, ...], ...]] = (_FIRST,)

# Nobody else opens a journal, so its locks are taken once and its index of the write-ahead log stays in memory. The
# log is carried over by `JournalFile.tidy` between keys; at 1,000 pages a commit does it by itself, in 3 to 8 ms.
_PRAGMAS: Final = (
    "PRAGMA locking_mode = EXCLUSIVE",
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
    "PRAGMA secure_delete = ON",  # what was erased is not left in the bytes of the file
    "PRAGMA wal_autocheckpoint = 1000",
    "PRAGMA temp_store = MEMORY",
    "PRAGMA cache_size = -512",  # a till appends, and reads again what it wrote last: memory for more is wasted
)


#: Where the head of a file says how it is written and read, and what it says of one with a write-ahead log.
_WAYS: Final = slice(18, 20)
_BY_LOG: Final = b"\x02\x02"


def check_head(path: Path) -> None:
    """The file says that it is written by way of a log, as every journal is.

    To SQLite another word there is a file of a newer version, which it reads and never writes to.

    Raises:
        JournalDamagedError: it says something else.
    """
    with path.open("rb") as file:
        if file.read(_WAYS.stop)[_WAYS] != _BY_LOG:
            raise JournalDamagedError


def connect(path: Path) -> sqlite3.Connection:
    """Open a journal's database for writing, durably: each commit is on disk when it returns."""
    connection = sqlite3.connect(path, isolation_level=None, timeout=0.5, check_same_thread=False)
    try:
        for pragma in _PRAGMAS:
            connection.execute(pragma)
    except Failures:
        connection.close()
        raise
    return connection


def revision_of(connection: sqlite3.Connection) -> int:
    """The revision that a journal stands at.

    Raises:
        JournalNewerError: a newer till wrote it.
        JournalDamagedError: it has none.
    """
    row = connection.execute("SELECT max(revision) FROM schema").fetchone()
    if not isinstance(row[0], int):
        raise JournalDamagedError
    if row[0] > len(REVISIONS):
        sentence = _(
            "This journal was written by a newer till (revision {theirs}; this till knows {ours}). Upgrade it."
        )
        raise JournalNewerError(sentence.format(theirs=row[0], ours=len(REVISIONS)))
    return row[0]


def check_tables(connection: sqlite3.Connection, revision: int) -> None:
    """The tables and indexes are those of the revision, word for word.

    A name or a condition of an index that a disk changed is no fault to SQLite: lines would not be found.

    Raises:
        JournalDamagedError: they are others.
    """
    statements = (statement for one in REVISIONS[:revision] for statement in one)
    made = {_row_of(statement) for statement in statements if statement.startswith("CREATE ")}
    found = connection.execute("SELECT type, name, tbl_name, sql FROM sqlite_schema").fetchall()
    implied = {("index", f"sqlite_autoindex_{table}_1", table, None) for _type, _name, table, _sql in found}
    if not made <= set(found) <= made | implied:
        raise JournalDamagedError


def _row_of(statement: str) -> tuple[str, str, str, str]:
    """As SQLite keeps it: type, name, the table that it is about, and the statement itself."""
    words = statement.split(maxsplit=5)
    return words[1].lower(), words[2], words[4] if words[1] == "INDEX" else words[2], statement


def upgrade(connection: sqlite3.Connection, current: int) -> None:
    """Bring a journal from a revision (0 for an empty file) to the last one, in one transaction."""
    if current == len(REVISIONS):
        return
    connection.execute("BEGIN IMMEDIATE")
    try:
        for statements in REVISIONS[current:]:
            for statement in statements:
                connection.execute(statement)
        connection.execute("UPDATE schema SET revision = ?", (len(REVISIONS),))
        connection.execute("COMMIT")
    except Failures:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
