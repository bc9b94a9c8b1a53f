"""The changes of a venue's settings, with person and time, from the server's chain."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypedDict

from sqlalchemy import select, union_all

from db.tables.cold import order_audit
from db.tables.warm import journal_head, session_events
from till.domain.events.envelope import time_text
from till.domain.events.registry import name_of
from till.domain.till.events import SettingsChanged

if TYPE_CHECKING:
    from sqlalchemy import Connection


class SettingChange(TypedDict):
    """A changed setting, with its old value if any; `user` is None for the owner of the database."""

    key: str
    was: Any
    now: Any
    user: int | None
    at: str


def read_settings_changes(
    connection: Connection, store_id: str, limit: int, key: str | None = None
) -> list[SettingChange]:
    """Read the changes, newest first.

    Args:
        connection: with the owner's rights.
        store_id: the venue.
        limit: the most rows.
        key: only those of this setting.
    """
    own = select(journal_head.c.journal_id).where(journal_head.c.store_id == store_id, journal_head.c.till_id == 0)
    parts = [
        select(place.c.seq, place.c.user_id, place.c.timestamp, place.c.event_data).where(
            place.c.journal_id.in_(own), place.c.event_type == name_of(SettingsChanged)
        )
        for place in (session_events, order_audit)
    ]
    changes: list[SettingChange] = []
    rows = union_all(*parts).subquery()
    for _seq, user, at, data in connection.execute(select(rows).order_by(rows.c.seq.desc())):
        changes += [
            SettingChange(key=name, was=data.get("was", {}).get(name), now=now, user=user, at=time_text(at))
            for name, now in sorted(data["changes"].items())
            if key in {None, name}
        ]
        if len(changes) >= limit:
            break
    return changes[:limit]
