"""The acts of a manager at the server, shared by commands and the desk. The server's refusals have its own words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from till.administration.calls import AtServer

# Each raises an AdministrationError if the server refuses: nothing was changed then.


def settle_conflict(at: AtServer, conflict: str, how: str) -> None:
    """Settle a conflict about money. This pays nothing back; `how` says what a person did."""
    at.act("conflict_resolve_v1", conflict, how)


def settle_record(at: AtServer, record: int, how: str) -> None:
    """Settle a record that could not be applied. It stays, with its amount."""
    at.act("quarantine_resolve_v1", record, how)


def settle_till(at: AtServer, till: int, how: str) -> dict[str, int]:
    """Settle all matters of a till at once. Return how many `conflicts` and `records` were settled, and are `left`."""
    settled: dict[str, int] = at.act("settle_till_v1", till, how)
    return settled


def book_sale(at: AtServer, record: int) -> None:
    """Book a sale that waits, whatever it lists: from then on it is in the reports."""
    at.act("quarantine_book_v1", record)


def put_aside(at: AtServer, session: str, version: int) -> None:
    """Suspend an open order for its user, if it still has this version."""
    at.act("order_session_update_v1", session, version, {"status": "pending_logout"})


def take_up(at: AtServer, session: str, version: int) -> None:
    """Resume a suspended order, if it still has this version."""
    at.act("order_session_update_v1", session, version, {"status": "active"})


def give_to(at: AtServer, session: str, version: int, user: int) -> None:
    """Suspend an order for another user, if it still has this version."""
    at.act("order_session_update_v1", session, version, {"user": user})


def discard(at: AtServer, session: str, reason: str) -> dict[str, Any]:
    """Discard an open order of any user. Its row and its events stay; money on it waits for a manager."""
    whole: dict[str, Any] = at.act("session_close_v1", session, reason)
    return whole


def unlock(at: AtServer, number: int) -> None:
    """Unlock a number that wrong PINs or passwords locked."""
    at.act("user_unlock_v1", number)


def revoke(at: AtServer, till: int) -> None:
    """Shut a till out. It keeps selling on its own disk."""
    at.act("till_revoke_v1", till)


def rename_till(at: AtServer, till: int, name: str) -> None:
    """Rename a till, on every screen and in every report."""
    at.act("till_rename_v1", till, name)


def adopt(at: AtServer, till: int, journal: str | None = None, *, backlog: bool = False) -> None:
    """Let the next journal that a till brings, or this one, replace the one it had."""
    at.act("till_adopt_v1", till, journal, backlog)
