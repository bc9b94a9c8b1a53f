"""Where each part of a screen stands, for any size from 40 × 10 up. The grid is that of the look.

Two panes from 100 columns on: the left one is 54 wide whatever comes, the divider in column 57, the rest is right.
Under that one pane, and what would be right is a sheet. In height there are five cuts: towering (seven-row digits),
tall (five-row digits), roomy (three-row digits, as 80 × 24), tight (no blank rows) and tiny (no digits).
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

from msgspec import Struct
from textual.geometry import Region

if TYPE_CHECKING:
    from textual.widget import Widget

SMALLEST: Final = (40, 10)
TWO_PANES: Final = 100
LEFT_WIDTH: Final = 54
DIVIDER: Final = 57
RIGHT: Final = 60
NARROW: Final = 60
TOWERING: Final = 48
TALL: Final = 32
ROOMY: Final = 22
TIGHT: Final = 14


def margin(width: int) -> int:
    """Blank columns left and right of everything."""
    return 2 if width >= NARROW else 1


def is_wide(width: int) -> bool:
    """Whether two panes stand side by side."""
    return width >= TWO_PANES


class Areas(Struct, frozen=True):
    """Regions of the screen. Right-hand ones are None where there is one pane only."""

    status: Region
    head: Region
    body: Region
    total: Region
    band: Region
    keys: Region
    divider: Region | None = None
    right_head: Region | None = None
    right: Region | None = None

    @property
    def left(self) -> Region:
        """The whole left pane under its head: body and total together."""
        return self.body.union(self.total)

    @property
    def wide(self) -> bool:
        """Whether there are two panes."""
        return self.right is not None


class SheetAreas(Struct, frozen=True):
    """Regions of a sheet: its band over the full width, the choices, the facts. A roomy one has blank rows inside."""

    band: Region
    choices: Region
    facts: Region
    roomy: bool


@lru_cache(maxsize=8)
def areas(width: int, height: int) -> Areas | None:
    """The regions of a screen of this size; None when it is too small for a till."""
    if width < SMALLEST[0] or height < SMALLEST[1]:
        return None
    edge = margin(width)
    loose = height >= ROOMY
    head, body = (2, 4) if loose else (1, 3) if height >= TIGHT else (1, 2)
    foot = 10 if height >= TOWERING else 8 if height >= TALL else 4 if height >= TIGHT else 1
    band_height = 3 if loose else 2
    band = height - band_height - (2 if loose else 1)
    total = band - foot
    left = LEFT_WIDTH if is_wide(width) else width - 2 * edge
    found = {
        "status": Region(0, 0, width, 2 if loose else 1),
        "head": Region(edge, head, left, body - head),
        "body": Region(edge, body, left, total - body),
        "total": Region(edge, total, left, foot),
        "band": Region(0, band, width, band_height),
        "keys": Region(0, height - 1, width, 1),
    }
    if is_wide(width):
        found |= {
            "divider": Region(DIVIDER, head, 1, band - head),
            "right_head": Region(RIGHT, head, width - RIGHT - edge, body - head),
            "right": Region(RIGHT, body, width - RIGHT - edge, band - body),
        }
    return Areas(**found)


def sheet(screen: Areas, *, choices: int, facts: int = 0, full: bool = False) -> SheetAreas:
    """The regions of a sheet with so many choices and facts on such a screen, standing right above the total.

    Where there is nothing to choose facts stand in the place of choices. `full` choices have no facts beside them and
    take the whole width. It grows upwards as far as the status bar; what does not fit then scrolls. Blank rows between
    the rows, and around them, are there as long as there is room.
    """
    width = screen.keys.width
    bottom = screen.total.y
    top = screen.status.height
    wide = screen.wide
    rows = max(choices, facts, 1) if wide or not choices else choices + (facts + 1 if facts else 0)
    spread = 2 * rows - 1
    roomy = wide and spread + _ROOMY_ROWS <= bottom - top
    # Rule, title, a blank row if there is room, then the rows and a blank one.
    blank = 1 if rows + _CLOSE_ROWS < bottom - top else 0
    above, around = (6, _ROOMY_ROWS) if roomy else (2 + blank, _CLOSE_ROWS + blank)
    inside = spread if roomy else min(rows, bottom - top - around)
    band = Region(0, bottom - inside - around, width, inside + around)
    y, x, left = band.y + above, screen.body.x, screen.body.width
    if not choices:
        return SheetAreas(band, Region(x, y, 0, 0), Region(x + 1, y, left - 1, inside), roomy=roomy)
    if wide and full:
        return SheetAreas(band, Region(x, y, width - 2 * x, inside), Region(0, 0, 0, 0), roomy=roomy)
    if wide:
        side = Region(RIGHT, y, width - RIGHT - screen.body.x, inside)
        return SheetAreas(band, Region(x, y, left, inside), side, roomy=roomy)
    shown = max(1, inside - (facts + 1)) if facts else inside
    below = Region(x + 1, y + shown + 1, left - 1, max(0, inside - shown - 1))
    return SheetAreas(band, Region(x, y, left, shown), below, roomy=roomy)


# Blank, rule, blank, title, blank, blank … blank, blank, blank; and rule, title … blank.
_ROOMY_ROWS: Final = 9
_CLOSE_ROWS: Final = 3


class PaneAreas(Struct, frozen=True):
    """Regions of a sheet with two panes: left what is chosen, right what comes of it, its figure at the foot.

    Where there is one pane of the screen the two stand side by side in it as long as both have room, and what comes of
    it stands in the title: there is no figure then, and nothing of `foot` and `side_title` either.
    """

    band: Region
    title: Region
    left: Region
    right: Region | None
    side_title: Region | None = None
    foot: Region | None = None
    figure: Region | None = None


def panes(screen: Areas, *, low: bool = False) -> PaneAreas:
    """The regions of a sheet with two panes on such a screen. Its height is the same whatever stands there.

    A `low` one leaves the foot of the order in sight; else it reaches over the words above the large figure.
    """
    top, width, edge = screen.status.height, screen.keys.width, screen.body.x
    if screen.right is None:
        rule = max(top, screen.total.y - _PANES[low])
        band = Region(0, rule, width, screen.total.y - rule)
        title = Region(edge, rule + 1, screen.body.width, 2 if band.height >= _SPARE else 1)
        body = Region(edge, title.bottom, screen.body.width, max(1, band.bottom - 1 - title.bottom))
        if width < _SIDE_BY_SIDE:
            return PaneAreas(band, title, body, None)
        half = (screen.body.width - _GUTTER) // 2
        right = Region(body.right - half - 1, body.y, half + 1, body.height)
        return PaneAreas(band, title, Region(body.x, body.y, half, body.height), right)
    reach = (-1 if low else 2) if screen.total.height >= _TALL_FOOT else 0
    bottom = screen.total.y + reach
    rule = max(top, bottom - _PANES[low])
    roomy = bottom - rule == _PANES[low]
    band = Region(0, rule, width, bottom - rule)
    title = Region(edge, rule + (2 if roomy else 1), LEFT_WIDTH, 2)
    figure = Region(RIGHT, bottom - (5 if roomy else 4), screen.right.width, _FIGURE)
    body = Region(edge, title.bottom, LEFT_WIDTH, max(1, bottom - 1 - title.bottom))
    foot = Region(RIGHT, figure.y - _FIGURE, figure.width, _FIGURE)
    if foot.y - title.bottom < _LEAST_RIGHT:
        foot = Region(RIGHT, figure.y - 1, figure.width, 0)
    right = Region(RIGHT, title.bottom, figure.width, max(1, foot.y - title.bottom))
    return PaneAreas(band, title, body, right, Region(RIGHT, title.y, figure.width, 2), foot, figure)


#: The rows of a sheet with panes: one that is as high as it may be, and a low one.
_PANES: Final = (20, 14)
#: From this width on two panes of a sheet stand side by side.
_SIDE_BY_SIDE: Final = 72
#: From this height on a title has a blank row or a hairline under it.
_SPARE: Final = 10
_GUTTER: Final = 3
_FIGURE: Final = 3
#: So many rows there are at least right of what is chosen, before what stands above the figure gives way.
_LEAST_RIGHT: Final = 5
_TALL_FOOT: Final = 8


def place(widget: Widget, region: Region | None) -> None:
    """Put a widget there, relative to what holds it; without a region, or with an empty one, it is not shown."""
    if region is None or not region:
        widget.display = False
        return
    widget.display = True
    styles = widget.styles
    styles.position = "absolute"
    styles.offset = (region.x, region.y)
    styles.width = region.width
    styles.height = region.height
