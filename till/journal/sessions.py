"""What the journal knows of order sessions beside their events."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from till.domain.events.envelope import Hold
from till.domain.order.events import OrderOpened, Taking
from till.ports import SessionMark

if TYPE_CHECKING:
    import sqlite3

    from till.domain.events.envelope import Event

_KEPT: Final = "session_id, user, version, event, holder, hold_epoch, hold_id, status, refold, open"
COLUMNS: Final = f"{_KEPT}, closed"

_HOLD: Final = f"""
    INSERT INTO sessions ({_KEPT}) VALUES (?, ?, 0, NULL, NULL, 0, '', 'active', 0, 1)
    ON CONFLICT (session_id) DO UPDATE SET open = 1, closed = 0"""  # noqa: S608 - names of columns alone

_KEEP: Final = f"""
    INSERT INTO sessions ({COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (session_id) DO UPDATE SET user = excluded.user, version = excluded.version, event = excluded.event,
        holder = excluded.holder, hold_epoch = excluded.hold_epoch, hold_id = excluded.hold_id,
        status = excluded.status, refold = excluded.refold, open = excluded.open"""  # noqa: S608 - names of columns alone


def hold(connection: sqlite3.Connection, event: Event) -> None:
    """Follow the session that an event opens, resumes or takes over."""
    named = event.data.user if isinstance(event.data, OrderOpened | Taking) else None
    connection.execute(_HOLD, (event.session_id, (event.user or 0) if named is None else named))


def keep(connection: sqlite3.Connection, mark: SessionMark, *, closed: bool = False) -> None:
    """Keep what the database says of a session. `closed` counts for one that was not known here."""
    connection.execute(
        _KEEP,
        (
            mark.session_id,
            mark.user,
            mark.version,
            mark.event,
            mark.holder,
            mark.hold.epoch,
            mark.hold.id,
            mark.status,
            mark.refold,
            mark.open,
            closed,
        ),
    )


def read(row: tuple[Any, ...]) -> SessionMark:
    """A mark from its row, as `COLUMNS` orders it."""
    session_id, user, version, event, holder, epoch, hold_id, status, *flags = row
    refold, followed, closed = map(bool, flags)
    return SessionMark(session_id, user, version, event, holder, Hold(epoch, hold_id), status, refold, followed, closed)
