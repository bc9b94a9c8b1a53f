"""The views of the screen of tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from till.tui.drawing.viewmodels import EntryView, HeadView, KeysView, PlanView, RowsView, StatusView, TotalView


class TablesViews(Struct, frozen=True):
    """The view of each widget. With two panes, the first column is on the left and the others on the right."""

    status: StatusView
    head: HeadView
    left: PlanView
    right: PlanView
    detail_head: HeadView
    detail: RowsView
    total: TotalView
    entry: EntryView
    keys: KeysView
