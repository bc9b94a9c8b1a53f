"""List of the logins of a venue, for administration."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Text, cast, or_, select

from db.tables.session import sessions_now
from db.tables.till import tills, users
from till.reports.rows import plain_rows

if TYPE_CHECKING:
    from sqlalchemy import Connection

_NUMBER: Final = re.compile("[0-9]{1,10}")


def read_logins(
    connection: Connection, store_id: str, *, user: int | None = None, till: int | None = None, limit: int | None = None
) -> list[dict[str, Any]]:
    """Read the logins, newest first, including those of programs that name no store.

    Args:
        connection: a connection with the owner's rights.
        store_id: the venue.
        user: only logins of this staff number.
        till: only logins at this till.
        limit: the maximum number of rows.
    """
    login, person, place = sessions_now.c, users.c, tills.c
    query = (
        select(
            login.session_id.label("id"),
            login.user_id.label("user"),
            person.name.label("user_name"),
            login.till_id.label("till"),
            place.name.label("till_name"),
            login.status,
            login.connection_quality,
            login.created_at,
            login.last_active,
            login.expires_at,
            login.ended_at,
            login.metadata,
        )
        .select_from(
            sessions_now.outerjoin(
                users, (person.store_id == login.store_id) & (cast(person.id, Text) == login.user_id)
            ).outerjoin(tills, (place.store_id == login.store_id) & (place.id == login.till_id))
        )
        .where(or_(login.store_id == store_id, login.store_id.is_(None)))
        .order_by(login.created_at.desc().nulls_last(), login.session_id.desc())
        .limit(limit)
    )
    if user is not None:
        query = query.where(login.user_id == str(user))
    if till is not None:
        query = query.where(login.till_id == till)
    rows = plain_rows(connection, query)
    return [{**row, "user": int(row["user"]) if _NUMBER.fullmatch(row["user"]) else row["user"]} for row in rows]
