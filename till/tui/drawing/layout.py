"""The place of each part of a screen, for any size from 40 × 10 up, on one grid.

From 100 columns on there are two panes: the left one is always 54 wide, the divider is in column 57, and the rest is
the right pane. Below that there is one pane, and sheets show what would be on the right. There are five heights:
towering (seven-row digits), tall (five-row digits), roomy (three-row digits, as 80 × 24), tight (no blank rows) and
tiny (no digits).
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
#: The entries that a page key passes in a list whose height is not known.
PAGE: Final = 8
TOWERING: Final = 48
TALL: Final = 32
ROOMY: Final = 22
#: The least height, without the foot, for a band with a row above it over tiles.
_BAND: Final = 18
TIGHT: Final = 14


def margin(width: int) -> int:
    """Return the number of blank columns at the left and right edge."""
    return 2 if width >= NARROW else 1


def is_wide(width: int) -> bool:
    """Return True if a screen of this width has two panes."""
    return width >= TWO_PANES


class Areas(Struct, frozen=True):
    """The regions of a screen. Those on the right are None with a single pane."""

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
        """The left pane below its heading: body and total together."""
        return self.body.union(self.total)

    @property
    def wide(self) -> bool:
        """True if there are two panes."""
        return self.right is not None

    @property
    def two_rows_of_keys(self) -> Region | None:
        """The key bar with the blank row above it; None if all keys have room in one row, or no row is blank."""
        is_free = not self.wide and self.band.bottom < self.keys.y and self.keys.height == 1
        return Region(0, self.keys.y - 1, self.keys.width, 2) if is_free else None


class SheetAreas(Struct, frozen=True):
    """The regions of a sheet: its full-width band, the choices, the facts. A roomy one has blank rows inside."""

    band: Region
    choices: Region
    facts: Region
    roomy: bool


@lru_cache(maxsize=8)
def areas(width: int, height: int, more: int = 0) -> Areas | None:
    """Return the regions of a screen of this size; None if it is too small for a till.

    The key bar has `more` rows than one; the rest is laid out as on a screen without them.
    """
    height -= more
    if width < SMALLEST[0] or height < SMALLEST[1]:
        return None
    edge = margin(width)
    loose = height >= ROOMY
    head, body = (2, 4) if loose else (1, 3) if height >= TIGHT else (1, 2)
    foot = 10 if height >= TOWERING else 8 if height >= TALL else 4 if height >= TIGHT else 1
    band_height = 3 if loose or (more and height >= _BAND) else 2
    band = height - band_height - (2 if loose else 1)
    total = band - foot
    left = LEFT_WIDTH if is_wide(width) else width - 2 * edge
    found = {
        "status": Region(0, 0, width, 2 if loose else 1),
        "head": Region(edge, head, left, body - head),
        "body": Region(edge, body, left, total - body),
        "total": Region(edge, total, left, foot),
        "band": Region(0, band, width, band_height),
        "keys": Region(0, height - 1, width, 1 + more),
    }
    if is_wide(width):
        found |= {
            "divider": Region(DIVIDER, head, 1, band - head),
            "right_head": Region(RIGHT, head, width - RIGHT - edge, body - head),
            "right": Region(RIGHT, body, width - RIGHT - edge, band - body),
        }
    return Areas(**found)


def sheet(screen: Areas, *, choices: int, facts: int = 0, full: bool = False) -> SheetAreas:
    """Return the regions of a sheet with this many choices and facts, right above the total.

    Without choices, the facts take their place. `full` choices take the whole width, without facts beside them. A sheet
    grows upwards to the status bar; beyond that it scrolls. It has blank rows between and around its rows while there
    is room.
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
    if not screen.total:  # it ends at the band, whose first row is blank
        around -= 1
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
    """The regions of a sheet with two panes: choices on the left, the result on the right with its figure at the foot.

    On a screen with a single pane the two are side by side if both have room, and the result is shown in the title:
    then `figure`, `foot` and `side_title` are None.
    """

    band: Region
    title: Region
    left: Region
    right: Region | None
    side_title: Region | None = None
    foot: Region | None = None
    figure: Region | None = None


def panes(screen: Areas, *, low: bool = False) -> PaneAreas:
    """Return the regions of a sheet with two panes. Its height does not depend on its content.

    A `low` one leaves the foot of the order visible; otherwise it covers the words above the large figure.
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


#: The rows of a sheet with panes: at full height, and a low one.
_PANES: Final = (20, 14)
#: The least width for two panes of a sheet side by side.
_SIDE_BY_SIDE: Final = 72
#: The least height for a blank row or a rule below the title.
_SPARE: Final = 10
_GUTTER: Final = 3
_FIGURE: Final = 3
#: The least rows on the right; with fewer, the rows above the figure are dropped.
_LEAST_RIGHT: Final = 5
_TALL_FOOT: Final = 8


def place(widget: Widget, region: Region | None) -> None:
    """Place a widget within its parent; without a region, or with an empty one, hide it."""
    if region is None or not region:
        widget.display = False
        return
    widget.display = True
    styles = widget.styles
    styles.position = "absolute"
    styles.offset = (region.x, region.y)
    styles.width = region.width
    styles.height = region.height
