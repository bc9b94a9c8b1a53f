"""The pruning of old events that the database has. The number and hash of each event are kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import sqlite3

    from till.ports import Head

#: The most streams in one call, about 5 ms, so that no key waits long.
_STREAMS: Final = 10

_DONE: Final = """
    SELECT session_id FROM sessions WHERE NOT open AND session_id < :before AND NOT EXISTS (
        SELECT 1 FROM own WHERE stream_id = session_id AND (seq > :acked OR id >= :before))
    ORDER BY session_id LIMIT :limit"""
_EMPTY: Final = "UPDATE own SET body = NULL, texts = '', stream_id = NULL"
_OF_NONE: Final = f"""{_EMPTY} WHERE body IS NOT NULL AND seq <= :acked AND id < :before
    AND NOT EXISTS (SELECT 1 FROM sessions WHERE session_id = stream_id)"""  # noqa: S608 - our own words


def prune(connection: sqlite3.Connection, acked: Head, before: str) -> int:
    """Prune events before the id `before` of finished streams, or without a stream. Return the number of own events.

    Nothing is pruned while events of an earlier journal are still to be appended, or if the acknowledged head is not in
    this chain: then the database may lack the events.
    """
    here = connection.execute("SELECT hash FROM own WHERE seq = ?", (acked.seq,)).fetchone()
    if here != (acked.hash,) or connection.execute("SELECT 1 FROM salvaged").fetchone():
        return 0
    limits = {"before": before, "acked": acked.seq, "limit": _STREAMS}
    gone = 0
    for (stream_id,) in connection.execute(_DONE, limits).fetchall():
        gone += connection.execute(f"{_EMPTY} WHERE stream_id = ?", (stream_id,)).rowcount
        connection.execute("DELETE FROM received WHERE stream_id = ?", (stream_id,))
        connection.execute("DELETE FROM sessions WHERE session_id = ?", (stream_id,))
    return gone or connection.execute(_OF_NONE, limits).rowcount
