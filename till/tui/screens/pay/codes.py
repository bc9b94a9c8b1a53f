"""The code that a guest scans: its modules, and where on the screen there is room for them."""

from __future__ import annotations

from enum import Enum
from functools import lru_cache
from typing import TYPE_CHECKING

from textual.geometry import Region

from till.tui.drawing.layout import RIGHT
from till.tui.drawing.viewmodels import CodeView
from till.tui.drawing.widgets.code import columns_needed, rows_needed

if TYPE_CHECKING:
    from till.tui.drawing.layout import Areas

#: With less than this beside it a code has no facts there.
_FACTS: int = 20
#: What the total and the keys need beside a code that takes the whole height.
_BESIDE: int = 28


class Room(Enum):
    """Where a code stands.

    `BESIDE` facts in the right pane; `RIGHT` takes that pane alone; `CORNER` is right of the one pane; `FULL` takes all
    rows of the screen; there is `NONE`.
    """

    BESIDE = "beside"
    RIGHT = "right"
    CORNER = "corner"
    FULL = "full"
    NONE = "none"


@lru_cache(maxsize=4)
def code_of(text: str) -> CodeView:
    """A text as a code that a phone reads."""
    import segno  # noqa: PLC0415 - most tills show no code

    made = segno.make(text, error="l", micro=False, boost_error=False)
    return CodeView(text, tuple(tuple(bool(module) for module in row) for row in made.matrix))


def room_for(found: Areas, modules: int) -> Room:
    """Where there is room for a code of so many modules."""
    columns, rows = columns_needed(modules), rows_needed(modules)
    width, height = found.keys.width, found.keys.bottom
    if found.right is not None:
        if rows < found.right.height and columns + _FACTS <= found.right.width:
            return Room.BESIDE
        if rows < found.right.height and columns <= found.right.width:
            return Room.RIGHT
    elif found.body.y - 1 + rows <= found.band.y and columns + _BESIDE + 8 <= width:
        return Room.CORNER
    return Room.FULL if rows <= height and columns + _BESIDE <= width else Room.NONE


def place_of(found: Areas, room: Room, modules: int) -> Region | None:
    """The region of a code that stands so."""
    columns, rows = columns_needed(modules), rows_needed(modules)
    width, height = found.keys.width, found.keys.bottom
    match room:
        case Room.BESIDE | Room.RIGHT:
            return Region(RIGHT, found.body.y + 1, columns, rows)
        case Room.CORNER:
            return Region(width - 2 - columns, found.body.y - 1, columns, rows)
        case Room.FULL:
            start = min(width - columns, max(_BESIDE, width - columns - 1))
            return Region(start, 0, width - start, height)
        case Room.NONE:
            return None
