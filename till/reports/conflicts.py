"""List of the conflicts about money, for administration."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypedDict

from sqlalchemy import JSON, UUID, cast, func, select

if TYPE_CHECKING:
    from sqlalchemy import Connection


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


#: The default number of rows of a page.
PAGE: Final = 200


def read_conflicts(
    connection: Connection,
    store_id: str,
    *,
    till: int | None = None,
    after: str | None = None,
    limit: int = PAGE,
    every: bool = False,
) -> ConflictPage:
    """Read a page of open conflicts, by till, newest first within each.

    Args:
        connection: a connection with the owner's rights.
        store_id: the venue.
        till: only conflicts of this till; without it, some of each till.
        after: the `next` of the page before.
        limit: the maximum number of rows.
        every: True to include settled conflicts.
    """
    page = func.till.conflict_list_v1(cast(store_id, UUID), till, cast(after, UUID), limit, every, type_=JSON)
    found: ConflictPage = connection.execute(select(page)).scalar_one()
    return found
