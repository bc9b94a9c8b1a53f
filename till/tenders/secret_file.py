"""The secret of a tender, in a file that only its owner may read."""

from __future__ import annotations

import stat
from typing import TYPE_CHECKING

from till.domain.errors import ConfigError
from till.domain.i18n import _

if TYPE_CHECKING:
    from pathlib import Path

_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def read_secret(file: Path) -> str:
    """Return the first line of a file, with all spaces.

    Raises:
        ConfigError: the file does not exist, is empty, or others may read it.
    """
    try:
        if stat.S_IMODE(file.stat().st_mode) & _OTHERS:
            raise ConfigError(
                _("Others can read {file}, and it holds a key. Close it: chmod 600 {file}.").format(file=file)
            )
        secret = file.read_text("utf-8").partition("\n")[0].removesuffix("\r")
    except (OSError, UnicodeDecodeError) as fault:
        raise ConfigError(
            _("{file} cannot be read: {reason}.").format(
                file=file, reason=getattr(fault, "strerror", None) or _("no text")
            )
        ) from None
    if not secret:
        raise ConfigError(_("{file} holds no key. Its first line is the key.").format(file=file))
    return secret
