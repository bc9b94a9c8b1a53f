"""The conflicts about money, as administration lists them."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

from sqlalchemy import JSON, func, select

from db.tables.till import conflicts

if TYPE_CHECKING:
    from sqlalchemy import Connection


class ConflictRow(TypedDict):
    """A conflict, as tills get it too (docs/protocol.md), and how it was settled. `till` 0 is the server."""

    conflict: str
    session: str | None
    kind: str
    subject: str
    amount: str
    currency: str
    user: int
    till: int
    till_name: str | None
    found_at: str
    resolved_at: str | None
    resolved_by: int | None
    how: str | None
    receipts: list[str]
    also: list[str]


def read_conflicts(connection: Connection, store_id: str, *, every: bool = False) -> list[ConflictRow]:
    """Read the conflicts that wait to be settled, newest first.

    Args:
        connection: with the owner's rights.
        store_id: the venue's.
        every: those that are settled too.
    """
    found = conflicts.c
    rows = (
        select(func.till.conflict_row(conflicts.table_valued(), type_=JSON))
        .where(found.store_id == store_id)
        .order_by(found.found_at.desc(), found.id)
    )
    return list(connection.scalars(rows if every else rows.where(found.resolved_at.is_(None))))
