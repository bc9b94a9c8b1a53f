"""The widgets of the past sales and their layout."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec.structs import replace
from textual.geometry import Region
from typing_extensions import override

from till.tui.drawing.layout import areas
from till.tui.drawing.screen import TillScreen
from till.tui.drawing.viewmodels import CardsView, FigureView, HeadView, RowsView, TotalView
from till.tui.drawing.widgets.cards import Cards
from till.tui.drawing.widgets.head import Heading
from till.tui.drawing.widgets.lines import more
from till.tui.drawing.widgets.report import Rows
from till.tui.drawing.widgets.total import TotalPane

if TYPE_CHECKING:
    from collections.abc import Mapping

    from textual.app import ComposeResult
    from textual.widget import Widget

    from till.tui.drawing.layout import Areas
    from till.tui.drawing.widgets.window import Window
    from till.tui.screens.sales.views import SalesViews

#: Rows of a heading with its rule, and between two parts.
_HEAD: Final = 2
_GAP: Final = 2


class SalesScreen(TillScreen):
    """The list over the large figure on the left; the sale on the right, or in the list's place with a single pane."""

    def __init__(self) -> None:
        super().__init__()
        self.list = Cards(CardsView())
        self.total = TotalPane(TotalView(FigureView("")), inset=1)
        self.sale_head = Heading(HeadView(), inset=1)
        self.lines = Cards(CardsView(), on_window=self._moved_parts)
        self.ways_head = Heading(HeadView(), inset=1)
        self.ways = Cards(CardsView(), on_window=self._moved_parts)
        self.paid_head = Heading(HeadView(), inset=1)
        self.paid = Rows(RowsView())
        self.paper = Rows(RowsView(), on_window=self._moved)
        self._sale_head = self._ways_head = HeadView()
        self._parts = (0, 0, 0)
        self._is_open = self._is_paper = False

    @override
    def widgets(self) -> ComposeResult:
        """Yield the common widgets, the list and the figure, the sale, and its paper."""
        yield from super().widgets()
        yield from (self.list, self.total, self.sale_head, self.lines)
        yield from (self.ways_head, self.ways, self.paid_head, self.paid, self.paper)

    @property
    def is_wide(self) -> bool:
        """True if the sale stands beside the list."""
        found = areas(*self.app.size)
        return found is not None and found.wide

    @property
    def page(self) -> int:
        """The number of visible rows of the list."""
        found = areas(*self.app.size)
        return found.body.height if found is not None else 1

    def show(self, views: SalesViews) -> None:
        """Update the widgets, and lay them out again if the size of a part changed."""
        lines = sum(len(card.rows) for card in views.lines.cards)
        parts = (lines, max(1, len(views.ways.cards)), len(views.paid.rows))
        is_open, is_paper = bool(views.sale_head.title), views.paper is not None
        if (parts, is_open, is_paper) != (self._parts, self._is_open, self._is_paper):
            self._parts, self._is_open, self._is_paper = parts, is_open, is_paper
            if self.is_mounted:
                self.lay_now()
        self.status.show(views.status)
        self.head.show(views.head)
        self.list.show(views.list)
        self.total.show(views.total)
        self._sale_head, self._ways_head = views.sale_head, views.ways_head
        self.lines.show(views.lines)
        self.ways.show(views.ways)
        self.paid_head.show(views.paid_head)
        self.paid.show(views.paid)
        self.paper.show(views.paper or RowsView())
        self._moved_parts(self.lines.window)
        self._moved(self.paper.window)
        self.band.show(views.entry)
        self.keys.show(views.keys)

    def _moved_parts(self, _window: Window) -> None:
        """Show in the headings how much of the lines and of the tenders is out of sight."""
        for heading, view, part in (
            (self.sale_head, self._sale_head, self.lines),
            (self.ways_head, self._ways_head, self.ways),
        ):
            told = ", ".join(one for one in (view.detail, more(part.window)) if one)
            heading.show(replace(view, detail=told) if view.title else view)

    def _moved(self, window: Window) -> None:
        """Show in the heading how much of the paper is out of sight."""
        if self._is_paper:
            self.sale_head.show(replace(self._sale_head, note=more(window)))

    @override
    def lay(self, found: Areas) -> Mapping[Widget, Region | None]:
        """Place the lines of the sale, the tenders for the refund, and the payments, as far as there is room."""
        places = dict(super().lay(found))
        sale: tuple[Widget, ...] = (self.lines, self.ways_head, self.ways, self.paid_head, self.paid, self.paper)
        places |= dict.fromkeys((self.sale_head, *sale))
        places[self.total] = found.total
        if found.right is not None:
            places[self.list] = found.body
            room = Region(found.right.x - 1, found.right.y, found.right.width + 2, found.right.height)
            head = Region(room.x, found.head.y, room.width, found.head.height)
        elif self._is_open:
            places[self.list], room = None, found.body
            head = found.head
            places[self.head] = None
        else:
            places[self.list] = found.body
            return places
        if not self._is_open:
            return places
        places[self.sale_head] = head
        if self._is_paper:
            places[self.paper] = room
            return places
        return places | self._lay_sale(room, paid=found.right is not None)

    def _lay_sale(self, room: Region, *, paid: bool) -> dict[Widget, Region | None]:
        lines, ways, payments = self._parts
        least = max(1, min(lines, (room.height - _HEAD) // 2))  # the lines keep half of the room
        ways = max(1, min(ways, room.height - _HEAD - least))
        under = _HEAD + ways
        gap = _GAP if lines + _GAP + under <= room.height else 1 if lines + 1 + under <= room.height else 0
        lines = min(lines, max(1, room.height - gap - under))
        top = room.y + lines + gap
        places: dict[Widget, Region | None] = {
            self.lines: Region(room.x, room.y, room.width, lines),
            self.ways_head: Region(room.x, top, room.width, _HEAD),
            self.ways: Region(room.x, top + _HEAD, room.width, ways),
        }
        below = top + _HEAD + ways + _GAP
        left = room.bottom - below - _HEAD
        if paid and left > 0:
            places[self.paid_head] = Region(room.x, below, room.width, _HEAD)
            places[self.paid] = Region(room.x, below + _HEAD, room.width, min(left, payments))
        return places
