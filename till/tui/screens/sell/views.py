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
    from till.tui.screens.sell.guest_pane import GuestViews


class SellViews(Struct, frozen=True):
    """The view of each widget of the sell screen; `guest` in a training only."""

    status: StatusView
    order: OrderView | RowsView
    head: HeadView
    total: TotalView
    categories: CategoryBarView
    board: BoardView
    entry: EntryView
    keys: KeysView
    guest: GuestViews | None = None
