"""The widgets of the notices and their layout."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.geometry import Region
from typing_extensions import override

from till.tui.drawing.layout import areas
from till.tui.drawing.screen import TillScreen
from till.tui.drawing.viewmodels import CardsView, FigureView, HeadView, RowsView, TotalView
from till.tui.drawing.widgets.cards import Cards
from till.tui.drawing.widgets.head import Heading
from till.tui.drawing.widgets.report import Rows
from till.tui.drawing.widgets.total import TotalPane

if TYPE_CHECKING:
    from collections.abc import Mapping

    from textual.app import ComposeResult
    from textual.widget import Widget

    from till.tui.drawing.layout import Areas
    from till.tui.screens.notices.views import NoticesViews


class NoticesScreen(TillScreen):
    """The list over the large figure on the left; the notice on the right, or in the list's place with one pane."""

    def __init__(self) -> None:
        super().__init__()
        self.list = Cards(CardsView())
        self.total = TotalPane(TotalView(FigureView("")), inset=1)
        self.told_head = Heading(HeadView(), inset=1)
        self.told = Rows(RowsView())
        self._is_open = False

    @override
    def widgets(self) -> ComposeResult:
        """Yield the common widgets, the list and the figure, and the notice's text."""
        yield from super().widgets()
        yield from (self.list, self.total, self.told_head, self.told)

    @property
    def is_wide(self) -> bool:
        """True if the notice's text stands beside the list."""
        found = areas(*self.app.size)
        return found is not None and found.wide

    def show(self, views: NoticesViews, *, is_open: bool) -> None:
        """Update the widgets, and lay them out again if a notice was opened or closed in the list's place."""
        if is_open != self._is_open:
            self._is_open = is_open
            if self.is_mounted:
                self.lay_now()
        self.status.show(views.status)
        self.head.show(views.head)
        self.list.show(views.list)
        self.total.show(views.total)
        self.told_head.show(views.told_head)
        self.told.show(views.told)
        self.band.show(views.entry)
        self.keys.show(views.keys)

    @override
    def lay(self, found: Areas) -> Mapping[Widget, Region | None]:
        """Place two panes if there is room; otherwise the list, or the notice in its place."""
        places = dict(super().lay(found)) | {self.list: found.body, self.total: found.total}
        if found.right is not None:
            room = Region(found.right.x - 1, found.right.y, found.right.width + 2, found.right.height)
            head = Region(room.x, found.head.y, room.width, found.head.height)
            return places | {self.told_head: head, self.told: room}
        if self._is_open:
            return places | {self.list: None, self.head: None, self.told_head: found.head, self.told: found.body}
        return places | {self.told_head: None, self.told: None}
