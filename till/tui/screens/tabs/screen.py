"""The widgets of the screen of tables and their layout."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from textual.geometry import Region
from typing_extensions import override

from till.tui.drawing.screen import TillScreen
from till.tui.drawing.viewmodels import FigureView, HeadView, PlanView, RowsView, TotalView
from till.tui.drawing.widgets.head import Heading
from till.tui.drawing.widgets.lines import LOW_LIST
from till.tui.drawing.widgets.report import Receipt
from till.tui.drawing.widgets.tables import GAP, TablePlan
from till.tui.drawing.widgets.total import TotalPane
from till.tui.screens.tabs.state import TableGrid

if TYPE_CHECKING:
    from collections.abc import Mapping

    from textual.widget import Widget

    from till.tui.drawing.layout import Areas
    from till.tui.drawing.screen import Views

#: Rows of a heading with its rule.
_HEAD: Final = 2
#: The least widths of a column: with the user of a table, and without.
_ROOMY: Final = 54
_CLOSE: Final = 24


class TablesScreen(TillScreen):
    """The tables in columns; with two panes, the lines of the marked one beside them."""

    #: The most rows of the plan on the right, and the columns of the left one.
    shape = (0, 0)

    def __init__(self) -> None:
        super().__init__()
        self.plan = TablePlan(PlanView())
        self.more = TablePlan(PlanView())
        self.detail_head = Heading(HeadView(), inset=1)
        self.detail = Receipt(RowsView())
        self.total = TotalPane(TotalView(FigureView("")), inset=1)
        self.detail_head.follow(self.detail)

    @property
    def room(self) -> TableGrid:
        """The room for tables."""
        found = self.grid
        if found is None:
            return TableGrid(1, 1, wide=False)
        rows = max(1, found.body.height - 1)
        tall = 2 if self.keys.paint.touch and rows > LOW_LIST else 1
        if found.right is None:
            return TableGrid(max(1, (found.body.width + GAP) // (_CLOSE + GAP)), rows, wide=False, tall=tall)
        return TableGrid(1 + max(1, (found.right.width + 2 + GAP) // (_ROOMY + GAP)), rows, wide=True, tall=tall)

    def show(self, views: Views) -> None:
        """Update the widgets, and lay them out again if the plan grew."""
        self.reshape((max(map(len, views["more"].columns), default=0), len(views["plan"].columns)))
        self.show_all(**views)

    @override
    def lay(self, found: Areas) -> Mapping[Widget, Region | None]:
        places: dict[Widget, Region | None] = dict(super().lay(found))
        places[self.total] = found.total
        if found.right is None or found.right_head is None:
            return places | {self.plan: found.body}
        head, right = found.head, found.right
        left = Region(head.x, head.y, head.width, found.total.y - head.y)
        room = Region(right.x - 1, head.y, right.width + 2, right.bottom - head.y)
        rows = self.shape[0]
        below = room.y + (rows + 1 if rows else 0)
        detail = Region(room.x, below + _HEAD, room.width, max(0, room.bottom - below - _HEAD))
        return places | {
            self.head: None,
            self.plan: left,
            self.more: Region(room.x, room.y, room.width, rows) if rows else None,
            self.detail_head: Region(room.x, below, room.width, _HEAD),
            self.detail: detail,
        }
