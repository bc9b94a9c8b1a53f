"""The widgets of the split screen and their layout."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from textual.geometry import Region
from typing_extensions import override

from till.tui.drawing.layout import TALL
from till.tui.drawing.screen import TillScreen
from till.tui.drawing.viewmodels import CardsView, CategoryBarView, FigureView, GuestsView, RowsView, TotalView
from till.tui.drawing.widgets.cards import Cards
from till.tui.drawing.widgets.guests import GuestList
from till.tui.drawing.widgets.head import CategoryBar
from till.tui.drawing.widgets.report import ReportRows
from till.tui.drawing.widgets.total import FigurePane, TotalPane

if TYPE_CHECKING:
    from collections.abc import Mapping

    from textual.widget import Widget

    from till.tui.drawing.layout import Areas

#: Rows for the guests with a single pane: a name above five rows of digits.
_GUEST_ROWS: Final = 6
#: Rows for the change with a single pane: a rule and three rows of digits.
_CHANGE_ROWS: Final = 4
_NO_FIGURE: Final = FigureView("")


class SplitScreen(TillScreen):
    """The order with the guest of each line; the guests beside it, or below it with a single pane."""

    def __init__(self) -> None:
        super().__init__()
        self.lines = Cards(CardsView())
        self.head.follow(self.lines)
        self.total = TotalPane(TotalView(_NO_FIGURE), inset=1)
        self.manners = CategoryBar(CategoryBarView(("",)))
        self.guests = GuestList(GuestsView())
        self.open_head = ReportRows(RowsView())
        self.open = FigurePane(_NO_FIGURE)

    @override
    def lay(self, found: Areas) -> Mapping[Widget, Region | None]:
        places: dict[Widget, Region | None] = dict(super().lay(found))
        right = found.right
        if right is None:
            room = found.left
            guests = min(_GUEST_ROWS, max(1, room.height // 2))
            change = _CHANGE_ROWS if self.shape else 0
            lines = Region(room.x, room.y, room.width, max(1, room.height - guests - 1 - change))
            total = Region(room.x - 1, lines.bottom, room.width + 2, change) if change else None
            rule = Region(room.x, room.bottom - guests - 1, room.width, 1)
            below = Region(room.x, room.bottom - guests, room.width, guests)
            return places | {
                self.lines: lines,
                self.total: total,
                self.open_head: rule,
                self.guests: below,
            }
        top = found.total.y
        figure = 3 if self.app.size.height >= TALL else 1
        return places | {
            self.lines: found.body,
            self.total: found.total,
            self.manners: found.right_head,
            self.guests: Region(right.x - 1, right.y, right.width + 2, top - right.y),
            self.open_head: Region(right.x, top, right.width, 2),
            self.open: Region(right.x, top + (3 if figure > 1 else 2), right.width, figure),
        }
