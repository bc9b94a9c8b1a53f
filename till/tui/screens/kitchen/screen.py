"""The widgets of the board and their layout."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from textual.geometry import Region
from typing_extensions import override

from till.tui.drawing.layout import DIVIDER, TWO_PANES, margin
from till.tui.drawing.screen import TillScreen
from till.tui.drawing.viewmodels import CardsView, FigureView, RowsView, TotalView
from till.tui.drawing.widgets.cards import Cards
from till.tui.drawing.widgets.report import ReportRows
from till.tui.drawing.widgets.total import TALL_FOOT, TotalPane
from till.tui.screens.kitchen.state import Room

if TYPE_CHECKING:
    from collections.abc import Mapping

    from textual.widget import Widget

    from till.tui.drawing.layout import Areas

#: The most columns, the least width of one, and the gap between two.
_MOST: Final = 4
_LEAST: Final = 24
_GAP: Final = 2
#: The rows of the foot of a low screen: its hairline, and two of pieces.
_LOW_FOOT: Final = 3


class KitchenDisplay(TillScreen):
    """Columns of cards over the age of the marked one and all pieces still to be made."""

    def __init__(self) -> None:
        super().__init__()
        self.columns = [Cards(CardsView()) for _number in range(_MOST)]
        self.column_0, self.column_1, self.column_2, self.column_3 = self.columns
        self.total = TotalPane(TotalView(FigureView("")), inset=1)
        self.pieces = ReportRows(RowsView())

    @property
    def room(self) -> Room:
        """The room for cards at the current size."""
        found = self.grid
        return _room(found) if found is not None else Room()

    @override
    def lay(self, found: Areas) -> Mapping[Widget, Region | None]:
        """Place the columns side by side over the whole width. A low screen has no figure: each card has its age."""
        places = dict(super().lay(found))
        room, edge, width = _room(found), found.body.x, found.keys.width
        wide = Region(edge, found.head.y, width - 2 * edge, _top(found) - found.head.y)
        split = DIVIDER - edge if width >= TWO_PANES else (width - 2 * edge) // 2
        foot, top = found.total, _top(found)
        places |= {self.head: wide, self.divider: None}
        if _is_low(found):
            places |= {self.total: None, self.pieces: Region(edge, top + room.height, wide.width, _LOW_FOOT)}
        else:
            places |= {self.total: Region(edge, foot.y, split, foot.height)}
            places |= {self.pieces: Region(edge + split, foot.y, wide.width - split, foot.height)}
        for number, column in enumerate(self.columns):
            at = edge + 1 + number * (room.width + _GAP)
            fits = number < room.columns
            places[column] = Region(at, top, room.width, room.height) if fits else None
        return places


def _is_low(found: Areas) -> bool:
    return _LOW_FOOT < found.total.height < TALL_FOOT


def _top(found: Areas) -> int:
    return found.head.y + 1 if _is_low(found) else found.body.y


def _room(found: Areas) -> Room:
    width = found.keys.width - 2 * margin(found.keys.width)
    columns = max(1, min(_MOST, width // (_LEAST + 1)))
    height = found.total.bottom - _LOW_FOOT - _top(found) if _is_low(found) else found.body.height
    return Room(columns, width // columns - _GAP, height)
