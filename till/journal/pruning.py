"""What the database has for good goes from this disk after a while; of each event its number and hash stay."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from till.journal.rows import REFUND

if TYPE_CHECKING:
    import sqlite3

    from till.ports import Head

#: Sessions in one go, so that no key waits long: some 5 ms.
_SESSIONS: Final = 10

_DONE: Final = """
    SELECT session_id FROM sessions WHERE NOT open AND session_id < :before AND NOT EXISTS (
        SELECT 1 FROM own WHERE own.session_id = sessions.session_id AND (seq > :acked OR id >= :before))
    ORDER BY session_id LIMIT :limit"""
_EMPTY: Final = "UPDATE own SET body = NULL, texts = '', session_id = NULL"


def prune(connection: sqlite3.Connection, acked: Head, before: str) -> int:
    """Empty events older than the id `before` of sessions that nobody follows, and of none; how many of ours went.

    Nothing goes while events of an earlier journal wait for their place here, or when the acknowledged head is not one
    of this chain: then the database does not have what it seems to.
    """
    here = connection.execute("SELECT hash FROM own WHERE seq = ?", (acked.seq,)).fetchone()
    if here != (acked.hash,) or connection.execute("SELECT 1 FROM salvaged").fetchone():
        return 0
    limits = {"before": before, "acked": acked.seq, "limit": _SESSIONS}
    gone = 0
    for (session_id,) in connection.execute(_DONE, limits).fetchall():
        gone += connection.execute(f"{_EMPTY} WHERE session_id = ?", (session_id,)).rowcount
        connection.execute("DELETE FROM received WHERE session_id = ?", (session_id,))
        connection.execute("DELETE FROM sessions WHERE session_id = ?", (session_id,))
    if gone:
        return gone
    connection.execute("DELETE FROM received WHERE kind = ? AND id < ?", (REFUND, before))  # as its answer here goes
    of_none = f"{_EMPTY} WHERE session_id IS NULL AND body IS NOT NULL AND seq <= :acked AND id < :before"
    return connection.execute(of_none, limits).rowcount
