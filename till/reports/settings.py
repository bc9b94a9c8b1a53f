"""List of the changes of a venue's settings with person and time, from the server's chain."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypedDict

from sqlalchemy import select, union_all

from db.tables.cold import order_audit
from db.tables.warm import journal_head, session_events
from till.domain.events.envelope import time_text
from till.domain.events.registry import name_of
from till.domain.settings import KeptSettings
from till.domain.till.events import SettingsChanged

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection


#: The default values of settings.
_DEFAULTS: Final = KeptSettings()


class ChangedSetting(TypedDict):
    """A changed setting with its old and new value; None for an empty value."""

    key: str
    was: Any
    now: Any


class SettingChange(ChangedSetting):
    """A change with its person and time; `user` is None for the owner of the database."""

    user: int | None
    at: str


def changed_settings(data: Mapping[str, Any]) -> list[ChangedSetting]:
    """Return the changes of a `settings_changed` event. The event omits empty and unset values."""

    def value(values: Mapping[str, Any], key: str) -> Any:
        return values.get(key, getattr(_DEFAULTS, key, None))

    return [
        ChangedSetting(key=key, was=value(data["was"], key), now=value(data["changes"], key)) for key in data["keys"]
    ]


def read_settings_changes(
    connection: Connection, store_id: str, limit: int, key: str | None = None
) -> list[SettingChange]:
    """Read the changes, newest first.

    Args:
        connection: a connection with the owner's rights.
        store_id: the venue.
        limit: the maximum number of rows.
        key: only changes of this setting.
    """
    server_journals = select(journal_head.c.journal_id).where(
        journal_head.c.store_id == store_id, journal_head.c.till_id == 0
    )
    parts = [
        select(place.c.seq, place.c.user_id, place.c.timestamp, place.c.event_data).where(
            place.c.journal_id.in_(server_journals), place.c.event_type == name_of(SettingsChanged)
        )
        for place in (session_events, order_audit)
    ]
    changes: list[SettingChange] = []
    rows = union_all(*parts).subquery()
    for _seq, user, at, data in connection.execute(select(rows).order_by(rows.c.seq.desc())):
        changes += [
            SettingChange(**change, user=user, at=time_text(at))
            for change in changed_settings(data)
            if key in {None, change["key"]}
        ]
        if len(changes) >= limit:
            break
    return changes[:limit]
