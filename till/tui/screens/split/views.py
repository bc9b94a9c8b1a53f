"""The views of the split screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from till.tui.drawing.viewmodels import (
        CardsView,
        CategoryBarView,
        EntryView,
        FigureView,
        GuestsView,
        HeadView,
        KeysView,
        RowsView,
        StatusView,
        TotalView,
    )


class SplitViews(Struct, frozen=True):
    """The view of each widget. With `has_change` the total is the change to hand over, also with a single pane."""

    status: StatusView
    head: HeadView
    lines: CardsView
    total: TotalView
    manners: CategoryBarView
    guests: GuestsView
    open_head: RowsView
    open: FigureView
    entry: EntryView
    keys: KeysView
    has_change: bool = False
