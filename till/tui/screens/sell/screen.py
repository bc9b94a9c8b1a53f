"""The widgets of the sell screen and their layout."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec.structs import replace
from textual.geometry import Region
from typing_extensions import override

from till.tui.drawing.layout import is_wide
from till.tui.drawing.screen import TillScreen
from till.tui.drawing.viewmodels import BoardView, CategoryBarView, FigureView, HeadView, OrderView, RowsView, TotalView
from till.tui.drawing.widgets.head import CategoryBar, Heading
from till.tui.drawing.widgets.menu import MenuBoard
from till.tui.drawing.widgets.order import OrderList
from till.tui.drawing.widgets.report import ReportRows
from till.tui.drawing.widgets.total import TotalPane
from till.tui.screens.sell.guest_pane import WORDS_NARROW, guest_views, narrow_views
from till.tui.screens.sell.menu_board import MenuBoards

if TYPE_CHECKING:
    from collections.abc import Mapping

    from textual.app import ComposeResult
    from textual.widget import Widget

    from till.ports.training import DrillShown
    from till.tui.drawing.layout import Areas
    from till.tui.drawing.screen import Views
    from till.tui.drawing.widgets.window import Window

#: The most keys in one row of a single pane; of more the first half stand in the row above.
_ONE_ROW: Final = 6


def _board_region(found: Areas) -> Region | None:
    """Return the region of the board. The highlight extends a column beyond the text on both sides."""
    right = found.right
    return Region(right.x - 1, right.y + 1, right.width + 2, right.height - 1) if right is not None else None


class SellScreen(TillScreen):
    """The order and its total on the left, the menu on the right; after a sale a receipt takes the order's place.

    Args:
        trains: True to show the guest of a training in place of the menu; with one pane, above the order.
    """

    def __init__(self, *, trains: bool = False) -> None:
        super().__init__()
        self._trains = trains
        self.guest_head = Heading(HeadView(), inset=1)
        self.guest = ReportRows(RowsView())
        self.so_far = ReportRows(RowsView())
        self.order = OrderList(OrderView(), on_window=self._moved)
        self.total = TotalPane(TotalView(FigureView("")), inset=1)
        self.categories = CategoryBar(CategoryBarView(()))
        self.board = MenuBoard(BoardView(), edge=1, on_page=self._turned)
        self.boards = MenuBoards()
        self.head.follow(self.order, over=True)

    @override
    def widgets(self) -> ComposeResult:
        """Leave out those of the guest, but in a training."""
        left_out = () if self._trains else (self.guest_head, self.guest, self.so_far)
        yield from (one for one in super().widgets() if one not in left_out)

    @override
    def lay(self, found: Areas) -> Mapping[Widget, Region | None]:
        places = dict(super().lay(found)) | {self.order: found.body, self.total: found.total}
        places[self.keys] = found.two_rows_of_keys or found.keys
        if not self._trains:
            return places | {self.categories: found.right_head, self.board: _board_region(found)}
        if (region := _board_region(found)) is not None:
            head = found.right_head and Region(region.x, found.head.y, region.width, found.head.height)
            return places | {self.guest_head: head, self.guest: region}
        body = found.body
        above = Region(body.x, body.y, body.width, WORDS_NARROW)
        order = Region(body.x, above.bottom, body.width, max(1, body.height - WORDS_NARROW - 1))
        below = Region(body.x, order.bottom, body.width, 1)
        return places | {
            self.head: None,
            self.guest_head: found.head,
            self.guest: above,
            self.order: order,
            self.so_far: below,
        }

    @property
    def has_board(self) -> bool:
        """True if the menu is beside the order."""
        return is_wide(self.app.size.width) and not self._trains and not self.board.paint.plain

    @property
    def board_room(self) -> int:
        """The number of items that the board has room for, even before the first layout; 0 without a board."""
        found = self.grid
        region = _board_region(found) if found is not None and not self._trains else None
        return self.board.room_in(region.size) if region is not None else 0

    def guest_views(self, drill: DrillShown | None) -> Views:
        """Return the views of the guest of a drill, for the current size."""
        found = self.grid
        if drill is None or found is None:
            return {"guest_head": HeadView(), "guest": RowsView(), "so_far": RowsView()}
        region = _board_region(found)
        return guest_views(drill, *region.size) if region is not None else narrow_views(drill, found.body.width)

    def show(self, views: Views) -> None:
        """Update the widgets from the views."""
        found, bar = self.grid, views["keys"]
        if found is not None and found.two_rows_of_keys is not None and len(bar.keys) > _ONE_ROW:
            half = (len(bar.keys) + 1) // 2
            views |= {"keys": replace(bar, keys=bar.keys[half:], above=bar.keys[:half])}
        self.show_all(**views)

    def _moved(self, window: Window) -> None:
        thumb = window.thumb()
        self.divider.show(range(thumb.start + 2, thumb.stop + 2) if thumb else range(0))

    def _turned(self, board: MenuBoard) -> None:
        self.categories.show(replace(self.categories.view, note=board.note()))
