"""The typed forms and values of the venue's settings, for commands and the desk."""

from __future__ import annotations

import json
import re
import shlex
from typing import TYPE_CHECKING, Any, Final

import msgspec

from till.config import read_value
from till.domain.i18n import _
from till.domain.settings import VenueSettings
from till.domain.text import clean

if TYPE_CHECKING:
    from collections.abc import Mapping

    from till.reports.settings import SettingChange

#: All settings, in display order.
KEYS = VenueSettings.__struct_fields__
#: The defaults, as the database has them.
_USUAL = msgspec.json.decode(msgspec.json.encode(VenueSettings()))
#: The endings of settings that are figures, the settings that are tables, and the figures in the tables.
_OF_FIGURE: Final = ("_percent", "_amount")
_TABLES: Final = {"rounding", "service_charge"}
_FIGURES: Final = ("percent", "step")
_IN_TABLE: Final = re.compile(rf'\b(?:{"|".join(_FIGURES)})"?\s*[=:]\s*"[^"]*"')


def setting_text(key: str, value: Any, point: str) -> str:
    """Return a setting in typed form. Figures have the venue's decimal separator."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        texts = (json.dumps(one) if isinstance(one, str) else setting_text(key, one, point) for one in value)
        return f"[{', '.join(texts)}]"
    if isinstance(value, dict) and key == "fiscal":
        own = " ".join(f"{name}={shlex.quote(one)}" for name, one in value["settings"].items())
        return " ".join(filter(None, (value["scheme"], own, _("from"), value["from"])))
    if isinstance(value, dict):
        parts = {
            name: one.replace(".", point) if name in _FIGURES and isinstance(one, str) else one
            for name, one in value.items()
        }
        return "{" + ", ".join(f"{name} = {json.dumps(one, ensure_ascii=False)}" for name, one in parts.items()) + "}"
    text = "" if value is None else str(value)
    return text.replace(".", point) if key.endswith(_OF_FIGURE) else text


def setting_typed(key: str, typed: str, point: str) -> str:
    """Return the typed text of a setting. Figures have a decimal point."""
    if key.endswith(_OF_FIGURE):
        return typed.replace(point, ".")
    return _IN_TABLE.sub(lambda found: found[0].replace(point, "."), typed) if key in _TABLES else typed


def change_text(change: SettingChange, point: str) -> str:
    """Return `business_day_ends: 03:30, was 04:00`."""
    key, empty = change["key"], _("empty")
    now, was = (setting_text(key, value, point) or empty for value in (change["now"], change["was"]))
    return _("{key}: {now}, was {was}").format(key=key, now=clean(now), was=clean(was))


def setting_of(body: Mapping[str, Any], key: str) -> Any:
    """Return the value of a setting, or its default."""
    return body.get(key, _USUAL[key])


def check_key(key: str) -> None:
    """Refuse an unknown setting."""
    if key not in KEYS:
        read_value("venue", key, "")
