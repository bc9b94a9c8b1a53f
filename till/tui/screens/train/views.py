"""The views of the screen between drills."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from till.tui.drawing.viewmodels import (
        ChoicesView,
        EntryView,
        HeadView,
        KeysView,
        RowsView,
        StatusView,
        TotalView,
    )


class TrainViews(Struct, frozen=True):
    """The view of each widget."""

    status: StatusView
    head: HeadView
    score: RowsView
    total: TotalView
    days_head: HeadView
    days: RowsView
    next_head: HeadView
    next: ChoicesView
    entry: EntryView
    keys: KeysView
