"""The journal's marks of streams, with the database's state for order sessions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from till.domain.order.events import OrderGranted, OrderOpened, OrderResumed
from till.ports import SessionMark

if TYPE_CHECKING:
    import sqlite3

    from till.domain.events.envelope import Event

_KEPT: Final = "session_id, user, version, event, till, holder, hold_id, status, refold, open"
COLUMNS: Final = f"{_KEPT}, closed"

_BEGIN: Final = f"""
    INSERT INTO sessions ({_KEPT}, kind) VALUES (?, ?, 0, NULL, NULL, NULL, '', 'active', 0, 1, ?)
    ON CONFLICT (session_id) DO UPDATE SET open = 1, closed = 0"""  # noqa: S608 - names of columns alone

_CLOSE: Final = "UPDATE sessions SET closed = 1, open = open AND kind = 'order' WHERE session_id = ?"

_KEEP: Final = f"""
    INSERT INTO sessions ({COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (session_id) DO UPDATE SET user = excluded.user, version = excluded.version, event = excluded.event,
        till = excluded.till, holder = excluded.holder, hold_id = excluded.hold_id,
        status = excluded.status, refold = excluded.refold, open = excluded.open"""  # noqa: S608 - names of columns alone


def begins(event: Event, journal_id: str) -> bool:
    """True if an event opens a stream here: an event of this journal, or a grant to it.

    For an order of another journal, the database's mark decides if it is open.
    """
    if isinstance(event.data, OrderGranted):
        return event.data.journal == journal_id
    return event.data.opens and (event.journal_id == journal_id or event.session_id is None)


def begin(connection: sqlite3.Connection, event: Event) -> None:
    """Follow the stream that an event opens, resumes or grants."""
    named = event.data.user if isinstance(event.data, OrderOpened | OrderGranted | OrderResumed) else None
    connection.execute(_BEGIN, (event.stream_id, (event.user or 0) if named is None else named, event.stream_kind))


def close(connection: sqlite3.Connection, stream_id: str) -> None:
    """Mark a stream as finished here. A finished order is followed until `JournalFile.forget_open`."""
    connection.execute(_CLOSE, (stream_id,))


def keep(connection: sqlite3.Connection, mark: SessionMark, *, closed: bool = False) -> None:
    """Write the database's mark of a session. `closed` applies only to a session that is unknown here."""
    connection.execute(
        _KEEP,
        (
            mark.session_id,
            mark.user,
            mark.version,
            mark.event,
            mark.till,
            mark.holder,
            mark.hold,
            mark.status,
            mark.refold,
            mark.open,
            closed,
        ),
    )


def read(row: tuple[Any, ...]) -> SessionMark:
    """Return the mark of a row with `COLUMNS`."""
    session_id, user, version, event, till, holder, hold_id, status, *flags = row
    refold, followed, closed = map(bool, flags)
    return SessionMark(session_id, user, version, event, till, holder, hold_id, status, refold, followed, closed)
