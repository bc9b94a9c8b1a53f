"""The views of the screen of past sales."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from till.tui.drawing.viewmodels import (
        CardsView,
        EntryView,
        HeadView,
        KeysView,
        RowsView,
        StatusView,
        TotalView,
    )


class SalesViews(Struct, frozen=True):
    """The view of each widget. `lines` and below belong to the open sale; `paper` takes their place."""

    status: StatusView
    head: HeadView
    list: CardsView
    total: TotalView
    sale_head: HeadView
    lines: CardsView
    ways_head: HeadView
    ways: CardsView
    paid_head: HeadView
    paid: RowsView
    paper: RowsView | None
    entry: EntryView
    keys: KeysView
