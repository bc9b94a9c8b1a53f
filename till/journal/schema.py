"""The tables of a journal, by revision. A released revision is never edited; changes need a new revision."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, Final

from till.domain.advice import Advice
from till.domain.i18n import _
from till.journal.errors import Failures, JournalDamagedError, JournalNewerError, JournalOlderError

if TYPE_CHECKING:
    from pathlib import Path

#: The endings of a journal's files: its database and the log of it.
ENDINGS: Final = ("", "-wal")

# The hash, body and texts of an event are adjacent in its row, in this order, so that `salvage.carve` finds them in an
# otherwise unreadable file. `ends` marks the last event of a command: the events of a command are sent together. A
# pruned event is a row without a body. Ids in `own` are deliberately not unique: the index would be one more page to
# write at each key, and the fold drops repeated events. `salvaged` has the ids of events of the previous journal that
# are in `received` and are still to be appended to this chain. A row of `sessions` marks an opened stream of any
# `kind`. With `closed`, it ended here; the other columns are the database's mark of an order. Content of the cache
# follows its seal (`till.journal.documents`).
_FIRST: Final = (
    "CREATE TABLE schema (revision INTEGER NOT NULL)",
    "INSERT INTO schema VALUES (0)",
    "CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
    """CREATE TABLE own (
        seq INTEGER PRIMARY KEY, id TEXT NOT NULL, stream_id TEXT, receipt_series TEXT, receipt_number INTEGER,
        listed TEXT, ends INTEGER NOT NULL, hash TEXT NOT NULL, body TEXT, texts TEXT NOT NULL)""",
    "CREATE INDEX own_stream ON own (stream_id) WHERE stream_id IS NOT NULL",
    "CREATE INDEX own_receipt ON own (receipt_series, receipt_number) WHERE receipt_series IS NOT NULL",
    "CREATE INDEX own_listed ON own (listed, seq) WHERE listed IS NOT NULL",
    """CREATE TABLE received (
        id TEXT PRIMARY KEY, stream_id TEXT NOT NULL, listed TEXT, seal TEXT NOT NULL, hash TEXT NOT NULL,
        body TEXT NOT NULL, texts TEXT NOT NULL)""",
    "CREATE INDEX received_stream ON received (stream_id)",
    "CREATE INDEX received_listed ON received (listed) WHERE listed IS NOT NULL",
    """CREATE TABLE sessions (
        session_id TEXT PRIMARY KEY, user INTEGER NOT NULL, version INTEGER NOT NULL, event TEXT, till INTEGER,
        holder INTEGER, hold_id TEXT NOT NULL, status TEXT NOT NULL, refold INTEGER NOT NULL, open INTEGER NOT NULL,
        closed INTEGER NOT NULL DEFAULT 0, kind TEXT NOT NULL DEFAULT 'order') WITHOUT ROWID""",
    "CREATE INDEX sessions_followed ON sessions (session_id, closed) WHERE open",
    "CREATE TABLE cache (name TEXT PRIMARY KEY, version INTEGER NOT NULL, body TEXT NOT NULL)",
    "CREATE TABLE salvaged (id TEXT PRIMARY KEY REFERENCES received (id))",
)

# Print jobs. The names of their columns are those of `till.ports.printer.Job`; `of_id` is its `of`.
_JOBS: Final = (
    """CREATE TABLE jobs (
        number INTEGER PRIMARY KEY, paper TEXT NOT NULL, of_id TEXT NOT NULL, part TEXT NOT NULL, printer TEXT NOT NULL,
        at TEXT NOT NULL, copy INTEGER NOT NULL, again INTEGER NOT NULL, asked INTEGER NOT NULL,
        state TEXT NOT NULL)""",
    "CREATE INDEX jobs_of ON jobs (of_id)",
    "CREATE INDEX jobs_live ON jobs (number) WHERE state IN ('queued', 'unknown')",
)

#: The statements of each revision, from revision 1. A revision without statements is from before the first release: a
#: rewrite of the tables took the next number, and numbers are not reused. A journal of such a revision, or of a later
#: one than this till knows, is not changed.
REVISIONS: Final[tuple[tuple[str, ...], ...]] = ((), (), (), _FIRST, _JOBS)

# No other process opens a journal, so its locks are taken once and the index of the write-ahead log is in memory.
# `JournalFile.tidy` checkpoints the log between keys; at 1,000 pages a commit does it automatically, in 3 to 8 ms.
_PRAGMAS: Final = (
    "PRAGMA locking_mode = EXCLUSIVE",
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
    "PRAGMA secure_delete = ON",  # erased text must not remain in the file
    "PRAGMA wal_autocheckpoint = 1000",
    "PRAGMA temp_store = MEMORY",
    "PRAGMA cache_size = -512",  # a till appends, and reads the newest rows: more memory does not help
)


#: The position of the read and write versions in a file's header, and their value for a write-ahead log.
_WAYS: Final = slice(18, 20)
_BY_LOG: Final = b"\x02\x02"


def check_head(path: Path) -> None:
    """Check that the header has the version of a write-ahead log.

    SQLite treats any other value as a newer version, which it never writes.
    """
    with path.open("rb") as file:
        if file.read(_WAYS.stop)[_WAYS] != _BY_LOG:
            raise JournalDamagedError


def connect(path: Path) -> sqlite3.Connection:
    """Open a journal's database for durable writes: each commit is on disk when it returns."""
    connection = sqlite3.connect(path, isolation_level=None, timeout=0.5, check_same_thread=False)
    try:
        for pragma in _PRAGMAS:
            connection.execute(pragma)
    except Failures:
        connection.close()
        raise
    return connection


def revision_of(connection: sqlite3.Connection) -> int:
    """Return the revision of a journal."""
    row = connection.execute("SELECT max(revision) FROM schema").fetchone()
    if not isinstance(row[0], int):
        raise JournalDamagedError
    if row[0] > len(REVISIONS):
        sentence = _("This journal was written by a newer till (revision {theirs}; this till knows {ours}).")
        sentence = sentence.format(theirs=row[0], ours=len(REVISIONS))
        raise JournalNewerError(Advice(sentence, _(JournalNewerError.default.remedy)))
    if row[0] > 0 and not REVISIONS[row[0] - 1]:
        sentence = _("This journal was written by an older till, from before the first release.")
        raise JournalOlderError(
            Advice(sentence, _("Keep it, and start with a new data folder: another TILL_DATA_DIR."))
        )
    return row[0]


def check_tables(connection: sqlite3.Connection, revision: int) -> None:
    """Check that the tables and indexes exactly match the revision.

    SQLite accepts an index with a damaged name or condition, but queries would miss lines.
    """
    statements = (statement for one in REVISIONS[:revision] for statement in one)
    made = {_row_of(statement) for statement in statements if statement.startswith("CREATE ")}
    found = connection.execute("SELECT type, name, tbl_name, sql FROM sqlite_schema").fetchall()
    implied = {("index", f"sqlite_autoindex_{table}_1", table, None) for _type, _name, table, _sql in found}
    if not made <= set(found) <= made | implied:
        raise JournalDamagedError


def _row_of(statement: str) -> tuple[str, str, str, str]:
    """Return a statement's row in `sqlite_schema`: type, name, table, and the statement itself."""
    words = statement.split(maxsplit=5)
    return words[1].lower(), words[2], words[4] if words[1] == "INDEX" else words[2], statement


def upgrade(connection: sqlite3.Connection, current: int) -> None:
    """Upgrade a journal from a revision (0 for an empty file) to the last revision, in one transaction."""
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
