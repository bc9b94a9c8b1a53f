"""Whether a journal still shows what it showed: events carry seals, but the indexes by which they are found do not.

A flipped bit in an index would take lines, or a whole order, off the screen in silence, though every event stands.
"""

from __future__ import annotations

import re
import struct
from typing import TYPE_CHECKING, Final

from till.domain.events.envelope import canonical, sha256
from till.journal.errors import JournalDamagedError

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator

_OPEN: Final = "SELECT session_id, user FROM sessions WHERE open AND NOT closed ORDER BY session_id"
_OWN: Final = "SELECT count(*), max(id) FROM own WHERE session_id = ?"
_RECEIVED: Final = "SELECT count(*), max(id) FROM received WHERE session_id = ?"
#: The head of a write-ahead log, and a page with its own head before it.
_LOG_HEAD: Final = 32
_FRAME: Final = 4096 + 24
#: How the log of a till begins: its sums are over little-endian words.
_LITTLE_ENDIAN: Final = b"\x37\x7f\x06\x82"


def standing(connection: sqlite3.Connection) -> str:
    """A digest of what the next start shows: the open orders, how many events each has, and its last."""
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


def check_standing(connection: sqlite3.Connection, signed: str) -> None:
    """After a clean close: the next start shows what the last one left. It asks for the open orders alone.

    Raises:
        JournalDamagedError: it would show something else.
    """
    if len(signed) > 1 and standing(connection) != signed:  # a new file has only a mark
        raise JournalDamagedError


def check_whole(connection: sqlite3.Connection) -> None:
    """After any other end: the file hangs together, and each index finds what its table holds. Reads all of it.

    Raises:
        JournalDamagedError: it does not.
    """
    if connection.execute("PRAGMA integrity_check(1)").fetchone() != ("ok",):
        raise JournalDamagedError


def check_log(log: bytes) -> None:
    """After a kill: SQLite drops a write-ahead log from its first wrong byte on, and says nothing.

    The last commit may be torn by the end itself, for it was never on the screen. Where more than that is dropped, what
    had been kept would be gone.

    Raises:
        JournalDamagedError: it is.
    """
    if len(log) < _LOG_HEAD + _FRAME:
        return
    sums = _add_up(log[:24], (0, 0))
    sound = struct.pack(">II", *sums) == log[24:_LOG_HEAD] and log[:4] == _LITTLE_ENDIAN
    salt = log[16:24] if sound else log[_LOG_HEAD + 8 : _LOG_HEAD + 16]
    dropped = 0
    for at in range(_LOG_HEAD, len(log) - _FRAME + 1, _FRAME):
        alive = log[at + 8 : at + 16] == salt  # else of an earlier life of the log, carried over long ago
        counts = alive or sound  # of the first wrong frame even that may be wrong
        if sound:
            sums = _add_up(log[at + 24 : at + _FRAME], _add_up(log[at : at + 8], sums))
            sound = alive and struct.pack(">II", *sums) == log[at + 16 : at + 24]
        if not sound:
            dropped += counts and log[at + 4 : at + 8] != bytes(4)  # a commit ends here
    if dropped > 1:
        raise JournalDamagedError


def _add_up(data: bytes, sums: tuple[int, int]) -> tuple[int, int]:
    """The checksum of a log, carried on over more of it."""
    one, two = sums
    words = iter(struct.unpack(f"<{len(data) // 4}I", data))
    for word in words:
        one = (one + word + two) & 0xFFFFFFFF
        two = (two + next(words) + one) & 0xFFFFFFFF
    return one, two


def places(data: bytes, journal_id: str) -> Iterator[tuple[int, int]]:
    """The numbers that events of a journal have in raw bytes, whole or not, and where each stands."""
    own = rb'"journal_id":"%b","login_session":(?:null|"[^"]*"),"prev_hash":"[0-9a-f]{64}","seq":(\d{1,18}),'
    for found in re.finditer(own % journal_id.encode(), data):
        yield int(found[1]), found.start()
