"""Files that pip installs beside the till; a checkout has them at their own places."""

from __future__ import annotations

import sysconfig
from pathlib import Path
from typing import Final

import till

#: The top of a checkout; in an installed till, the folder of all libraries.
_TOP: Final = Path(till.__file__).parents[1]


def is_checkout() -> bool:
    """Return True if the program runs from its source, which may change."""
    return _TOP.joinpath("tools/packing.py").exists()


def shared_file(place: str) -> Path | None:
    """Return a file or folder by its place in the checkout, of which the wheel keeps the name; None if it is gone."""
    if is_checkout():
        return _TOP / place
    name = Path(place).name
    folders = (
        sysconfig.get_path("data", scheme)
        for scheme in (sysconfig.get_default_scheme(), sysconfig.get_preferred_scheme("user"))
    )
    return next((found for folder in folders if (found := Path(folder, "share", "till", name)).exists()), None)
