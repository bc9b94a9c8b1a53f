"""The records that the database keeps and could not apply, as administration lists them."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

from sqlalchemy import JSON, UUID, cast, func, select

from till.reports.conflicts import PAGE

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from till.reports.conflicts import WaitingRow


class RecordRow(TypedDict):
    """A record, as tills get it too (docs/protocol.md), with its settlement."""

    id: int
    session: str | None
    event: str | None
    type: str | None
    till: int
    journal: str | None
    seq: int | None
    reason: str
    amount: str | None
    currency: str
    received_at: str
    resolved_at: str | None
    resolved_by: int | None
    how: str | None


class RecordPage(TypedDict):
    """A page of records; `next` is the cursor of the next one."""

    quarantine: list[RecordRow]
    next: int | None
    waiting: list[WaitingRow]


def read_quarantine(
    connection: Connection,
    store_id: str,
    *,
    till: int | None = None,
    after: int | None = None,
    limit: int = PAGE,
    every: bool = False,
) -> RecordPage:
    """Read a page of the records that wait for a person, by till, oldest first within each.

    Args:
        connection: with the owner's rights.
        store_id: the venue.
        till: only those of this till; otherwise some of each.
        after: the `next` of the page before.
        limit: rows of the page.
        every: include settled ones.
    """
    page = func.till.quarantine_list_v1(cast(store_id, UUID), till, after, limit, every, type_=JSON)
    found: RecordPage = connection.execute(select(page)).scalar_one()
    return found
