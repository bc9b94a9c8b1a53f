"""What passes between two tills and the database, as far as the register sees it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from till.ports import Received, RemoteSession, SessionMark

if TYPE_CHECKING:
    from tests.register.conftest import Till

EARLY = datetime(2026, 3, 3, 5, 0, tzinfo=UTC)


def give(source: Till, target: Till, session: str, mark: SessionMark | None = None) -> None:
    """The target fetches all events of an order that the source has pushed."""
    found = source.register.ledger.journal.events_of(session)
    mark = mark or SessionMark(session, source.user, len(found), open=False)
    target.journal.receive([Received(place, event) for place, event in enumerate(found, 1)], [mark])
    target.register.sessions_grew([session])


def acknowledge(till: Till, *marks: SessionMark) -> None:
    """The database has all of the till's events."""
    till.journal.acknowledge(till.journal.head, marks)


def row(session: str, till: int | None = None, **more: Any) -> RemoteSession:
    """An order as the database lists it."""
    facts: dict[str, Any] = {
        "user": 1,
        "till_name": f"Till {till}" if till else "",
        "status": "active" if till else "pending_logout",
        "hold_epoch": 1,
        "version": 2,
        "lines": 1,
        "total": 4_000,
        "currency": "INR",
        "order_type": "take_away",
        "tab_id": None,
        "tab_name": "",
        "created_at": EARLY,
        "updated_at": EARLY,
        "logout_time": None,
        "till_seen_at": None,
    }
    return RemoteSession(session_id=session, till=till, **(facts | more))
