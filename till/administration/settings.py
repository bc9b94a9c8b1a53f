"""The settings of the venue: how one is typed, what it becomes, and setting it. For commands and the desk."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from till.administration.calls import AdministrationError
from till.config import VenueConfig, read_value
from till.domain.i18n import _
from till.domain.text import clean
from till.domain.venue import read_venue

if TYPE_CHECKING:
    from collections.abc import Mapping

    from till.administration.calls import AtServer

#: All settings, in the order in which they are listed.
KEYS = VenueConfig.__struct_fields__
#: What a setting is that nobody set.
_USUAL = VenueConfig()


class Setting(Struct, frozen=True):
    """What a setting shall be; `was` is as it is typed, `value` as it is kept."""

    key: str
    was: str
    value: Any
    changes: bool

    @property
    def now(self) -> str:
        """What it shall be, as a person reads it."""
        return clean(setting_text(self.value)) or _("empty")


def setting_text(value: Any) -> str:
    """A setting as it is typed."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key} = {json.dumps(one, ensure_ascii=False)}" for key, one in value.items()) + "}"
    return "" if value is None else str(value)


def setting_of(body: Mapping[str, Any], key: str) -> Any:
    """A setting as it counts: what was set, or what is so where nobody set it."""
    return body.get(key, getattr(_USUAL, key))


def check_key(key: str) -> None:
    """Refuse what is no setting.

    Raises:
        ConfigError: the sentence names the nearest.
    """
    if key not in KEYS:
        read_value("venue", key, "")


def plan(at: AtServer, key: str, text: str) -> Setting:
    """What a text would make of a setting. Nothing is changed.

    Raises:
        ConfigError: there is no such setting, or it takes no such value.
        TillError: it does not go together with another.
    """
    value, before = read_value("venue", key, text), at.ask("venue")
    read_venue({**before, key: value})  # two settings may not go together, as a coin that the currency has not
    return Setting(key, setting_text(setting_of(before, key)), value, key not in before or before[key] != value)


def set_to(at: AtServer, key: str, text: str, *, seen: str | None = None) -> str:
    """Set one at every till, and say what was done. Orders that are open keep the terms under which they were opened.

    Args:
        at: the server.
        key: its name.
        text: what it shall be, as it is typed.
        seen: what it was for whoever agreed; None where nobody was asked.

    Raises:
        TillError: it cannot be, or somebody set it meanwhile; nothing was changed.
    """
    planned = plan(at, key, text)
    if seen is not None and planned.was != seen:
        raise AdministrationError(_("Somebody set it meanwhile. Esc, and look again."))
    if not planned.changes:
        return _("Nothing changes.")
    at.act("store_settings_v1", {key: planned.value})
    sentence = _("{key} is {now}, was {was}.") if planned.was else _("{key} is {now}.")
    return sentence.format(key=key, now=planned.now, was=clean(planned.was))
