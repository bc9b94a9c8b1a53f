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
    """The view of each widget. `lines` and below belong to the open sale; the paper, if any, takes their place."""

    status: StatusView
    head: HeadView
    list: CardsView
    total: TotalView
    detail_head: HeadView
    lines: CardsView
    ways_head: HeadView
    ways: CardsView
    paid_head: HeadView
    paid: RowsView
    detail: RowsView
    entry: EntryView
    keys: KeysView
