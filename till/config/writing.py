"""Write the configuration of a new venue."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import msgspec

from till.config.folders import write_once
from till.domain.errors import ConfigError
from till.domain.i18n import _

if TYPE_CHECKING:
    from pathlib import Path

    from till.config.model import TillConfig, VenueConfig

_HEAD = "# Made by `till init`. config.example.toml names every other key with its default.\n"


def write_config(place: Path, venue: VenueConfig, till: TillConfig) -> None:
    """Write a config, for its owner alone to read; one that is there stays as it is.

    Raises:
        ConfigError: it cannot be written.
    """
    tables = {"venue": msgspec.to_builtins(venue), "till": msgspec.to_builtins(till)}
    # a text of JSON is one of TOML; no value holds a control character, for none is taken
    written = (
        f"\n[{name}]\n" + "".join(f"{key} = {json.dumps(value, ensure_ascii=False)}\n" for key, value in table.items())
        for name, table in tables.items()
    )
    try:
        write_once(place, _HEAD + "".join(written))
    except OSError as problem:
        raise ConfigError(
            _("The configuration {file} cannot be written: {why}. TILL_CONFIG names another.").format(
                file=place, why=problem.strerror
            )
        ) from problem
