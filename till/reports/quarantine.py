"""The rows of the list of records that the database keeps but could not apply, as the database gives them."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

if TYPE_CHECKING:
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
