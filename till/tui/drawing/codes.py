"""The place on the screen of the QR code that a guest scans."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from textual.geometry import Region

from till.tui.drawing.layout import RIGHT
from till.tui.drawing.widgets.code import columns_needed, rows_needed

if TYPE_CHECKING:
    from till.tui.drawing.layout import Areas

#: The least width for facts beside a code, in cells.
_FACTS: int = 20
#: The width that the total and the keys need beside a full-height code, in cells.
_BESIDE: int = 28


class CodePlace(Enum):
    """The place of a code on the screen.

    Attributes:
        BESIDE: in the right pane, with facts beside it.
        RIGHT: alone in the right pane.
        CORNER: at the right of the single pane.
        FULL: over all rows of the screen.
        NONE: no room for it.
    """

    BESIDE = "beside"
    RIGHT = "right"
    CORNER = "corner"
    FULL = "full"
    NONE = "none"


def room_for(found: Areas, modules: int) -> CodePlace:
    """Return the place with room for a code of `modules` modules a side."""
    columns, rows = columns_needed(modules), rows_needed(modules)
    width, height = found.keys.width, found.keys.bottom
    if found.right is not None:
        if rows < found.right.height and columns + _FACTS <= found.right.width:
            return CodePlace.BESIDE
        if rows < found.right.height and columns <= found.right.width:
            return CodePlace.RIGHT
    elif found.body.y - 1 + rows <= found.band.y and columns + _BESIDE + 8 <= width:
        return CodePlace.CORNER
    return CodePlace.FULL if rows <= height and columns + _BESIDE <= width else CodePlace.NONE


def place_of(found: Areas, room: CodePlace, modules: int) -> Region | None:
    """Return the region of a code at a place."""
    columns, rows = columns_needed(modules), rows_needed(modules)
    width, height = found.keys.width, found.keys.bottom
    match room:
        case CodePlace.BESIDE | CodePlace.RIGHT:
            return Region(RIGHT, found.body.y + 1, columns, rows)
        case CodePlace.CORNER:
            return Region(width - 2 - columns, found.body.y - 1, columns, rows)
        case CodePlace.FULL:
            start = min(width - columns, max(_BESIDE, width - columns - 1))
            return Region(start, 0, width - start, height)
        case CodePlace.NONE:
            return None
