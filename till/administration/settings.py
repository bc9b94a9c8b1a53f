"""The settings of the venue: their typed form and their value. For commands and the desk."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from till.config import read_value
from till.domain.i18n import _
from till.domain.settings import VenueSettings
from till.domain.text import clean

if TYPE_CHECKING:
    from collections.abc import Mapping

    from till.reports.settings import ToldChange

#: All settings, in the order in which they are listed.
KEYS = VenueSettings.__struct_fields__
#: The defaults.
_USUAL = VenueSettings()


def setting_text(value: Any) -> str:
    """Return a setting in typed form."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key} = {json.dumps(one, ensure_ascii=False)}" for key, one in value.items()) + "}"
    return "" if value is None else str(value)


def change_text(change: ToldChange) -> str:
    """Return `business_day_ends: 03:30, was 04:00`."""
    empty = _("empty")
    now, was = setting_text(change["now"]) or empty, setting_text(change["was"]) or empty
    return _("{key}: {now}, was {was}").format(key=change["key"], now=clean(now), was=clean(was))


def setting_of(body: Mapping[str, Any], key: str) -> Any:
    """Return a setting that applies: the value set, or the default."""
    return body.get(key, getattr(_USUAL, key))


def check_key(key: str) -> None:
    """Refuse an unknown setting.

    Raises:
        ConfigError: the sentence names the nearest.
    """
    if key not in KEYS:
        read_value("venue", key, "")
