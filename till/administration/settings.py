"""The settings of the venue: their typed form, their value, and setting them. For commands and the desk."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from till.administration.calls import AdministrationError
from till.config import read_value
from till.domain.i18n import _
from till.domain.settings import VenueSettings
from till.domain.text import clean
from till.domain.venue import read_venue

if TYPE_CHECKING:
    from collections.abc import Mapping

    from till.administration.calls import AtServer

#: All settings, in the order in which they are listed.
KEYS = VenueSettings.__struct_fields__
#: The defaults.
_USUAL = VenueSettings()


class Setting(Struct, frozen=True):
    """A planned setting; `was` is in typed form, `value` as it is kept."""

    key: str
    was: str
    value: Any
    changes: bool

    @property
    def now(self) -> str:
        """The planned value for people."""
        return clean(setting_text(self.value)) or _("empty")


def setting_text(value: Any) -> str:
    """Return a setting in typed form."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key} = {json.dumps(one, ensure_ascii=False)}" for key, one in value.items()) + "}"
    return "" if value is None else str(value)


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


def plan(at: AtServer, key: str, text: str) -> Setting:
    """Return the setting that a text would make. Nothing is changed.

    Raises:
        ConfigError: there is no such setting, or the value is invalid.
        TillError: it conflicts with another setting.
    """
    value, before = read_value("venue", key, text), at.ask("venue")
    read_venue({**before, key: value})  # two settings may conflict, such as a coin that the currency lacks
    return Setting(key, setting_text(setting_of(before, key)), value, key not in before or before[key] != value)


def set_to(at: AtServer, key: str, text: str, *, seen: str | None = None) -> str:
    """Change a setting at every till, and return what was done. Open orders keep their terms.

    Args:
        at: the server.
        key: its name.
        text: the new value, in typed form.
        seen: the value that was confirmed to be replaced; None if nobody was asked.

    Raises:
        TillError: it is invalid, or somebody changed it meanwhile; nothing was changed.
    """
    planned = plan(at, key, text)
    if seen is not None and planned.was != seen:
        raise AdministrationError(_("Somebody else set it. Esc, and look again."))
    if not planned.changes:
        return _("Nothing changes.")
    at.act("store_settings_v1", {key: planned.value})
    sentence = _("{key} is {now}, was {was}.") if planned.was else _("{key} is {now}.")
    return sentence.format(key=key, now=planned.now, was=clean(planned.was))
