"""QR codes on receipts and screens: their modules, and the size that law and phones want."""

from __future__ import annotations

from functools import lru_cache
from typing import Final, Literal

#: The side of a code on paper in millimetres: the middle of the 30 to 40 that Spain's law allows.
CODE_MM: Final = 35
#: Light modules around a code.
QUIET_MODULES: Final = 4


@lru_cache(maxsize=8)
def modules_of(text: str, level: Literal["l", "m"] = "m") -> tuple[tuple[bool, ...], ...]:
    """Return the modules of a text as a QR code by rows, dark ones true, without light ones around it."""
    import segno  # noqa: PLC0415 - most venues show no code

    made = segno.make(text, error=level, micro=False, boost_error=False)
    return tuple(tuple(bool(module) for module in row) for row in made.matrix)
