"""List of the unseen notices, for the desk and administration."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec
from sqlalchemy import JSON, func, select

from db.tables.till import notices
from till.domain.notice.notice import Notice

if TYPE_CHECKING:
    from sqlalchemy import Connection

#: The default number of rows.
MOST: Final = 200


def read_notices(connection: Connection, store_id: str, *, till: int | None = None, limit: int = MOST) -> list[Notice]:
    """Read the unseen notices, oldest first.

    Args:
        connection: a connection with the owner's rights.
        store_id: the venue.
        till: only notices for this till.
        limit: the maximum number of rows.
    """
    of = notices.c
    rows = select(func.till.notice_row(notices.table_valued(), type_=JSON))
    rows = rows.where(of.store_id == store_id, of.seen_at.is_(None))
    if till is not None:
        rows = rows.where(of.till_id == till)
    found = connection.scalars(rows.order_by(of.place).limit(limit)).all()
    return msgspec.convert(found, list[Notice])
