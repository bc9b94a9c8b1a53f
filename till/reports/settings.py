"""List of the changes of a venue's settings with person and time, from the server's chain."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypedDict

from till.domain.settings import KeptSettings

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


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


def read_settings_changes(ask: Callable[..., Any], limit: int, key: str | None = None) -> list[SettingChange]:
    """Read the changes, newest first.

    Args:
        ask: calls a function of administration for the store.
        limit: the maximum number of rows.
        key: only changes of this setting.
    """
    changes = [
        SettingChange(**change, user=event["user"], at=event["at"])
        for event in ask("settings_history_v1", limit, key)
        for change in changed_settings(event["data"])
        if key in {None, change["key"]}
    ]
    return changes[:limit]
