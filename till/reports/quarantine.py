"""The records that the database keeps and could not apply, as administration lists them."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

from sqlalchemy import JSON, func, select

from db.tables.warm import quarantine

if TYPE_CHECKING:
    from sqlalchemy import Connection


class RecordRow(TypedDict):
    """A record, as tills get it too (docs/protocol.md), and how it was settled."""

    id: int
    session: str | None
    event: str | None
    type: str | None
    till: int | None
    journal: str | None
    seq: int | None
    reason: str
    amount: str | None
    currency: str
    conflict: str | None
    received_at: str
    resolved_at: str | None
    resolved_by: int | None
    how: str | None


def read_quarantine(connection: Connection, store_id: str, *, every: bool = False) -> list[RecordRow]:
    """Read the records that wait for a person, oldest first.

    Args:
        connection: with the owner's rights.
        store_id: the venue's.
        every: those that are settled too.
    """
    record = quarantine.c
    rows = (
        select(func.warm.quarantine_row(quarantine.table_valued(), type_=JSON))
        .where(record.store_id == store_id)
        .order_by(record.id)
    )
    return list(connection.scalars(rows if every else rows.where(record.resolved_at.is_(None))))
