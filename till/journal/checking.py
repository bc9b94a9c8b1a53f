"""Checks of a journal's indexes: events are sealed, but the indexes that find them are not.

A flipped bit in an index would silently hide lines, or a whole order, though all events exist.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from till.domain.events.envelope import canonical, sha256
from till.journal.errors import JournalDamagedError

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator

_OPEN: Final = "SELECT session_id, user FROM sessions WHERE open AND NOT closed ORDER BY session_id"
_OWN: Final = "SELECT count(*), max(id) FROM own WHERE stream_id = ?"
_RECEIVED: Final = "SELECT count(*), max(id) FROM received WHERE stream_id = ?"


def open_orders_digest(connection: sqlite3.Connection) -> str:
    """Return a digest of the open orders: their ids, users, numbers of events and last events."""
    found = [
        [
            session_id,
            user,
            *connection.execute(_OWN, (session_id,)).fetchone(),
            *connection.execute(_RECEIVED, (session_id,)).fetchone(),
        ]
        for session_id, user in connection.execute(_OPEN).fetchall()
    ]
    return sha256(canonical(found))


def check_open_orders(connection: sqlite3.Connection, signed: str) -> None:
    """Check after a clean close that the open orders are unchanged. It reads only the open orders."""
    if len(signed) > 1 and open_orders_digest(connection) != signed:  # a new file has only a mark
        raise JournalDamagedError


def check_whole(connection: sqlite3.Connection) -> None:
    """Check after an unclean end that the file is consistent, and that indexes match their tables.

    It reads the whole file.

    Raises:
        JournalDamagedError: the file is inconsistent.
    """
    if connection.execute("PRAGMA integrity_check(1)").fetchone() != ("ok",):
        raise JournalDamagedError


def places(data: bytes, journal_id: str) -> Iterator[tuple[int, int]]:
    """Yield the numbers of a journal's events in raw bytes, complete or not, with their positions."""
    own = rb'"journal_id":"%b","login_session":(?:null|"[^"]*"),"prev_hash":"[0-9a-f]{64}","seq":(\d{1,18}),'
    for found in re.finditer(own % journal_id.encode(), data):
        yield int(found[1]), found.start()
