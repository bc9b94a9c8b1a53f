"""The views of the sell screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from till.tui.drawing.viewmodels import (
        BoardView,
        CategoryBarView,
        EntryView,
        HeadView,
        KeysView,
        OrderView,
        RowsView,
        StatusView,
        TotalView,
    )


class SellViews(Struct, frozen=True):
    """The view of each widget of the sell screen."""

    status: StatusView
    order: OrderView | RowsView
    head: HeadView
    total: TotalView
    categories: CategoryBarView
    board: BoardView
    entry: EntryView
    keys: KeysView
