"""The widgets of the reports at the desk and their layout."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace
from textual.geometry import Region
from typing_extensions import override

from till.tui.drawing.screen import TillScreen
from till.tui.drawing.viewmodels import CardsView, CategoryBarView, FigureView, HeadView, RowsView, RowView, TotalView
from till.tui.drawing.widgets.cards import Cards
from till.tui.drawing.widgets.head import CategoryBar, Heading
from till.tui.drawing.widgets.lines import more
from till.tui.drawing.widgets.report import ReportRows
from till.tui.drawing.widgets.total import TotalPane
from till.tui.screens.report.state import Level, Page, Widths

if TYPE_CHECKING:
    from collections.abc import Mapping

    from textual.widget import Widget

    from till.tui.drawing.layout import Areas
    from till.tui.drawing.widgets.window import Window


class ReportScreen(TillScreen):
    """A table over its sum, and the details of the marked row at its right; a single pane shows one of the two."""

    #: The list that keys act on, and True if the facts replace the table of a single pane.
    shape = (Level.ROWS, False)

    def __init__(self) -> None:
        super().__init__()
        self._page = Page()
        self.tabs = CategoryBar(CategoryBarView(()))
        self._heads = ReportRows(RowsView())
        self.rows = Cards(CardsView())
        self.total = TotalPane(TotalView(FigureView("")), inset=1)
        self.side_head = Heading(HeadView())
        self.side = Cards(CardsView())
        self.facts = ReportRows(RowsView())
        self.side_head.follow(self.side)
        self.rows.watchers.append(self._show_heads)

    @property
    def widths(self) -> Widths:
        """The columns of both panes."""
        found = self.grid
        if found is None:
            return Widths(0, None)
        return Widths(found.body.width, found.right.width if found.right is not None else None)

    def show_page(self, page: Page) -> None:
        """Show the headings of the rows that are drawn."""
        self._page = page
        self._show_heads(self.rows.window)

    def _show_heads(self, window: Window) -> None:
        """Show the headings of the table, the first one with how many rows are out of sight."""
        heads, before, after = self._page
        if heads and (hidden := more(window, before, after)):
            first = heads[0].message
            heading = replace(first, text="  ".join(filter(None, (first.text, hidden))))
            heads = replace(heads[0], message=heading), *heads[1:]
        self._heads.show(RowsView((RowView(heads),) if heads else ()))

    @override
    def lay(self, found: Areas) -> Mapping[Widget, Region | None]:
        """Place the table left and the details right; a single pane shows the one that keys act on."""
        places: dict[Widget, Region | None] = dict(super().lay(found))
        on_rows, right, body = self.shape[0] is Level.ROWS, found.right, found.body
        if right is not None:
            beside = Region(right.x - 1, right.y, right.width + 2, right.height)
            places |= {
                self.side_head: found.right_head,
                self.side: None if on_rows else beside,
                self.facts: right if on_rows else None,
            }
        else:
            places |= {self.side_head: None if on_rows else found.head, self.side: None if on_rows else body}
            places[self.facts] = body if on_rows and self.shape[1] else None
        shows = right is not None or (on_rows and not self.shape[1])
        return places | {
            self.head: None,
            self.tabs: found.head if on_rows or right is not None else None,
            self._heads: Region(body.x, body.y, body.width, 1) if shows else None,
            self.rows: Region(body.x, body.y + 1, body.width, body.height - 1) if shows else None,
            self.total: found.total,
        }
