"""List of the records that the database keeps but could not apply, for administration."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

from sqlalchemy import JSON, UUID, cast, func, select

from till.reports.conflicts import PAGE

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from till.reports.conflicts import WaitingCount


class QuarantinedRecord(TypedDict):
    """A quarantined record, as tills receive it (docs/protocol.md), with its settlement."""

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
    bookable: bool


class RecordPage(TypedDict):
    """A page of records; `next` is the cursor of the next one."""

    quarantine: list[QuarantinedRecord]
    next: int | None
    waiting: list[WaitingCount]


def read_quarantine(
    connection: Connection,
    store_id: str,
    *,
    till: int | None = None,
    after: int | None = None,
    limit: int = PAGE,
    every: bool = False,
) -> RecordPage:
    """Read a page of the records that need attention, by till, oldest first within each.

    Args:
        connection: a connection with the owner's rights.
        store_id: the venue.
        till: only records of this till; without it, some of each till.
        after: the `next` of the page before.
        limit: the maximum number of rows.
        every: True to include settled records.
    """
    page = func.till.quarantine_list_v1(cast(store_id, UUID), till, after, limit, every, type_=JSON)
    found: RecordPage = connection.execute(select(page)).scalar_one()
    return found
