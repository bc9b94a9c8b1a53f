"""The acts of a manager at the server that a command and the desk do alike. What the server refuses, it says itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from till.administration.calls import AtServer

# Each raises an AdministrationError when the server refuses: nothing was changed then.


def settle_conflict(at: AtServer, conflict: str, how: str) -> None:
    """Settle a conflict about money. Nothing is paid back by this: it says what a person did."""
    at.act("conflict_resolve_v1", conflict, how)


def settle_record(at: AtServer, record: int, how: str) -> None:
    """Settle a record that could not be applied. It stays, with its amount."""
    at.act("quarantine_resolve_v1", record, how)


def put_aside(at: AtServer, session: str, version: int) -> None:
    """Let an order that is open wait for its user, if it still is this version."""
    at.act("order_session_update_v1", session, version, {"status": "pending_logout"})


def take_up(at: AtServer, session: str, version: int) -> None:
    """Open an order again that waits, if it still is this version."""
    at.act("order_session_update_v1", session, version, {"status": "active"})


def give_to(at: AtServer, session: str, version: int, user: int) -> None:
    """Let an order wait for somebody else, if it still is this version."""
    at.act("order_session_update_v1", session, version, {"user": user})


def discard(at: AtServer, session: str, reason: str) -> dict[str, Any]:
    """Discard an open order, whoever's it is. Its row and its events stay; money on it waits for a manager."""
    whole: dict[str, Any] = at.act("session_close_v1", session, reason)
    return whole


def unlock(at: AtServer, number: int) -> None:
    """Open a number that wrong PINs or passwords locked."""
    at.act("user_unlock_v1", number)


def revoke(at: AtServer, till: int) -> None:
    """Shut a till out. It keeps selling on its own disk."""
    at.act("till_revoke_v1", till)


def rename_till(at: AtServer, till: int, name: str) -> None:
    """Call a till otherwise, on every screen and in every report."""
    at.act("till_rename_v1", till, name)


def adopt(at: AtServer, till: int, journal: str | None = None, *, backlog: bool = False) -> None:
    """Let the next journal that a till brings, or this one, take the place of the one it had."""
    at.act("till_adopt_v1", till, journal, backlog)
