"""List of the tills of a venue, for administration."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

from sqlalchemy import func, select

from db.tables.till import tills
from db.tables.warm import journal_head
from till.domain.events.envelope import time_text

if TYPE_CHECKING:
    from sqlalchemy import Connection


class TillRow(TypedDict):
    """A till. `journal` is its current journal, None before the first; `seq` is its last number in the database."""

    till: int
    name: str
    journal: str | None
    series: str
    seq: int | None
    revoked: bool
    seen_at: str | None


def read_tills(connection: Connection, store_id: str) -> list[TillRow]:
    """Read all tills by number, including revoked ones.

    Args:
        connection: a connection with the owner's rights.
        store_id: the venue.
    """
    till, head = tills.c, journal_head.c
    rows = connection.execute(
        select(
            till.id,
            till.name,
            till.live_journal,
            func.coalesce(head.series, ""),
            head.seq,
            till.revoked_at.is_not(None),
            till.seen_at,
        )
        .select_from(tills.outerjoin(journal_head, head.journal_id == till.live_journal))
        .where(till.store_id == store_id)
        .order_by(till.id)
    ).all()
    return [
        TillRow(
            till=number,
            name=name,
            journal=journal,
            series=series,
            seq=seq,
            revoked=revoked,
            seen_at=time_text(seen_at) if seen_at else None,
        )
        for number, name, journal, series, seq, revoked, seen_at in rows
    ]
