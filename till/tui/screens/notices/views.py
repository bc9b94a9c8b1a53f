"""The views of the screen of notices."""

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


class NoticesViews(Struct, frozen=True):
    """The view of each widget."""

    status: StatusView
    head: HeadView
    list: CardsView
    total: TotalView
    detail_head: HeadView
    detail: RowsView
    entry: EntryView
    keys: KeysView
