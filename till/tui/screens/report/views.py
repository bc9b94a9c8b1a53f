"""The views of the reports at the desk."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from till.tui.drawing.viewmodels import (
        CardsView,
        CategoryBarView,
        CellView,
        ChoicesView,
        EntryView,
        HeadView,
        KeysView,
        RowsView,
        StatusView,
        TotalView,
    )
    from till.tui.screens.report.state import Level


class Widths(Struct, frozen=True):
    """The columns of the left pane, and of the right one; None with a single pane."""

    left: int
    right: int | None


class ReportViews(Struct, frozen=True):
    """The view of each widget.

    Attributes:
        heads: the headings of the table's columns.
        listed: the number of rows that are listed, on any page.
        first: the number of rows before those of the page.
        side: the orders of a row, or the contents of an order.
        facts: the figures of the report and of the marked row.
        about: True if the facts replace the table, which they do on a screen with a single pane.
    """

    status: StatusView
    tabs: CategoryBarView
    heads: tuple[CellView, ...]
    rows: CardsView
    listed: int
    first: int
    total: TotalView
    side_head: HeadView
    side: CardsView
    facts: RowsView
    entry: EntryView
    keys: KeysView
    help: ChoicesView | None
    level: Level
    about: bool
