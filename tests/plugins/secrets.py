"""Search of texts for secrets. A time or an id that has the figures of one by chance does not count."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

#: An id, a digest, a time of day with its fraction, a time in milliseconds, an address in memory: logs and databases
#: are full of them.
_BY_CHANCE = re.compile(
    r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|\b[0-9a-f]{64}\b"
    r"|\d\d:\d\d:\d\d[.,]\d+|\b\d{13}\b|0x[0-9a-f]+"
)


def leaked(secrets: Iterable[str], written: str) -> list[str]:
    """Return those of `secrets` that are in `written`."""
    rest = _BY_CHANCE.sub("", written)
    return [secret for secret in secrets if secret in rest]
