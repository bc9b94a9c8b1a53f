"""Writing of the configuration of a new till."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import msgspec

from till.config.folders import write_once
from till.config.model import DatabaseConfig
from till.domain.errors import ConfigError
from till.domain.i18n import _

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_HEAD = "# Made by `till init` or `till enrol`. config.example.toml names every other key with its default.\n"


def write_config(place: Path, till: Mapping[str, Any], database: DatabaseConfig | None = None) -> None:
    """Write a configuration, readable by its owner only. An existing file is kept.

    The settings of the venue are not in it: every till reads them from the database.

    Args:
        place: the file.
        till: the settings of the till.
        database: the settings of the database, of which defaults are not written; None for the embedded database.

    Raises:
        ConfigError: the file cannot be written.
    """
    tables = {"till": till}
    if database is not None:
        usual = msgspec.to_builtins(DatabaseConfig())
        settings = msgspec.to_builtins(database)
        tables["database"] = {key: value for key, value in settings.items() if value != usual[key]}
    # a JSON string is a TOML string, because control characters were refused before
    written = (
        f"\n[{name}]\n"
        + "".join(
            f"{key} = {json.dumps(value, ensure_ascii=False)}\n" for key, value in table.items() if value is not None
        )
        for name, table in tables.items()
    )
    try:
        write_once(place, _HEAD + "".join(written))
    except OSError as problem:
        raise ConfigError(
            _("The configuration {file} cannot be written: {why}. Name another in TILL_CONFIG.").format(
                file=place, why=problem.strerror
            )
        ) from problem
