"""List of the logins of a venue, for administration."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final, TypedDict

from sqlalchemy import Text, cast, or_, select

from db.tables.till import tills, users
from db.tables.views import sessions_now
from till.domain.events.envelope import time_text

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

_NUMBER: Final = re.compile("[0-9]{1,10}")


class LoginRow(TypedDict):
    """The current state of a login, without its token. Status and quality have the names of the documents.

    `user` is a staff number, or the id that a program uses for its person. `till` is None for a login without a till.
    """

    id: str
    user: int | str
    user_name: str | None
    till: int | None
    till_name: str | None
    status: str
    connection_quality: str | None
    created_at: str | None
    last_active: str | None
    expires_at: str
    ended_at: str | None
    metadata: dict[str, Any]


def read_logins(
    connection: Connection, store_id: str, *, user: int | None = None, till: int | None = None, limit: int | None = None
) -> list[LoginRow]:
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
        select(*login, person.name.label("user_name"), place.name.label("till_name"))
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
    return [
        LoginRow(
            id=row["session_id"],
            user=int(row["user_id"]) if _NUMBER.fullmatch(row["user_id"]) else row["user_id"],
            user_name=row["user_name"],
            till=row["till_id"],
            till_name=row["till_name"],
            status=row["status"],
            connection_quality=row["connection_quality"],
            created_at=_text(row["created_at"]),
            last_active=_text(row["last_active"]),
            expires_at=time_text(row["expires_at"]),
            ended_at=_text(row["ended_at"]),
            metadata=row["metadata"],
        )
        for row in connection.execute(query).mappings()
    ]


def _text(moment: datetime | None) -> str | None:
    return time_text(moment) if moment else None
