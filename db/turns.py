"""Turns: work in a database that only one session does at a time, and the error if another session blocks it.

A client with the password of `till_app` can take any advisory lock and block a till's transaction. Every wait therefore
has a timeout, and its error names the blocking session.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from psycopg import errors

from db.errors import HeldUpError
from db.words import _

if TYPE_CHECKING:
    from collections.abc import Sequence

    import psycopg

#: Seconds to wait for another session's turn: an upgrade takes two or three.
PATIENCE_S: Final = 30.0

_PATIENCE: Final = "SELECT set_config('lock_timeout', %s, true)"
_TAKE: Final = "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))"
_HOLDS_TURN: Final = """
    SELECT a.pid, a.usename, a.application_name FROM pg_stat_activity AS a JOIN pg_locks AS l USING (pid)
    WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1
        AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
        AND (l.classid::bigint << 32 | l.objid::bigint) = hashtextextended(%s, 0)
"""
_HOLDS_TABLES: Final = """
    SELECT a.pid, a.usename, a.application_name FROM pg_stat_activity AS a WHERE a.pid <> pg_backend_pid() AND EXISTS (
        SELECT FROM pg_locks AS l JOIN pg_class AS c ON c.oid = l.relation
        WHERE l.pid = a.pid AND l.granted AND c.relnamespace = ANY (%s::text[]::regnamespace[])
            AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database()))
    ORDER BY a.xact_start NULLS LAST LIMIT 1
"""


def take_turn(raw: psycopg.Connection[Any], name: str, patience_s: float = PATIENCE_S) -> None:
    """Wait for the turn, and keep it until the end of the transaction, which must have begun.

    The timeout also applies to every other lock of this transaction.

    Args:
        raw: the connection.
        name: the name of the work.
        patience_s: the seconds to wait.
    """
    raw.execute(_PATIENCE, [f"{round(patience_s * 1000)}ms"])
    try:
        with raw.transaction():
            raw.execute(_TAKE, [name])
    except errors.LockNotAvailable as problem:
        raise _held_up(raw, _HOLDS_TURN, name, patience_s) from problem


def held_up(raw: psycopg.Connection[Any], schemas: Sequence[str], patience_s: float = PATIENCE_S) -> HeldUpError:
    """Return the error for a timeout on a table lock. It names the oldest transaction that uses the tables."""
    return _held_up(raw, _HOLDS_TABLES, list(schemas), patience_s)


def _held_up(raw: psycopg.Connection[Any], query: str, value: object, patience_s: float) -> HeldUpError:
    row = raw.execute(query, [value]).fetchone()
    if row is None:  # the lock was released meanwhile
        return HeldUpError(seconds=round(patience_s), holder=_("another session"), pid="PID")
    pid, user, program = row
    return HeldUpError(seconds=round(patience_s), holder=name_session(pid, user, program), pid=pid)


def name_session(pid: int, user: str, program: str) -> str:
    """Return the name of a session, by which the server's administrator finds it."""
    return _("{user} ({program}, process {pid})").format(user=user, program=program or _("nameless"), pid=pid)
