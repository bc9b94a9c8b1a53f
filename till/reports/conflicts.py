"""The rows of the list of conflicts about money, as the database gives them."""

from __future__ import annotations

from typing import TypedDict


class ConflictEntry(TypedDict):
    """A conflict, as tills receive it (docs/protocol.md), with its settlement.

    `till` is the till that found it, 0 for the server. `till_id` is the till whose records show it, 0 for none.
    """

    conflict: str
    session: str | None
    kind: str
    subject: str
    amount: str
    currency: str
    user: int
    till: int
    till_id: int
    till_name: str | None
    found_at: str
    resolved_at: str | None
    resolved_by: int | None
    how: str | None
    receipts: list[str]
    also: list[str]


class WaitingCount(TypedDict):
    """The number of conflicts and records of a till that wait for a manager. `till` 0 is the server."""

    till: int
    conflicts: int
    records: int


class ConflictPage(TypedDict):
    """A page of conflicts; `next` is the cursor of the next one."""

    conflicts: list[ConflictEntry]
    next: str | None
    waiting: list[WaitingCount]
