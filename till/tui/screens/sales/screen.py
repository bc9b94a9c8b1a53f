"""The widgets of the past sales and their layout."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from textual.geometry import Region
from typing_extensions import override

from till.tui.drawing.codes import CodePlace, place_of, room_for
from till.tui.drawing.screen import ListScreen
from till.tui.drawing.viewmodels import CardsView, CodeView, HeadView, RowsView
from till.tui.drawing.widgets.cards import Cards
from till.tui.drawing.widgets.code import CodePane
from till.tui.drawing.widgets.head import Heading
from till.tui.drawing.widgets.report import ReportRows

if TYPE_CHECKING:
    from collections.abc import Mapping

    from textual.widget import Widget

    from till.tui.drawing.layout import Areas
    from till.tui.drawing.screen import Views

#: Rows of a heading with its rule, and between two parts.
_HEAD: Final = 2
_GAP: Final = 2


class SalesScreen(ListScreen):
    """The sales, and the parts of the open one: its lines, the tenders for the refund, the payments; or its paper."""

    def __init__(self) -> None:
        super().__init__()
        self.lines = Cards(CardsView())
        self.ways_head = Heading(HeadView(), inset=1)
        self.ways = Cards(CardsView())
        self.paid_head = Heading(HeadView(), inset=1)
        self.paid = ReportRows(RowsView())
        self._parts = (0, 0, 0)
        self.code = CodePane(CodeView())
        #: The side of the code shown, in modules; 0 for none.
        self._modules = 0
        self._is_paper = False
        self.ways_head.follow(self.ways)
        self.paid_head.follow(self.paid)

    def show_sales(self, views: Views) -> None:
        """Update the widgets, and lay them out again if the size of a part changed."""
        lines = sum(len(card.rows) for card in views["lines"].cards)
        self._parts = (lines, max(1, len(views["ways"].cards)), len(views["paid"].rows))
        self._modules = len(views["code"].modules)
        self._is_paper = bool(views["detail"].rows or self._modules)
        self.detail_head.follow(self.detail if self._is_paper else self.lines)
        self.reshape((*self._parts, self._is_paper, self._modules) if views["detail_head"].title else ())
        self.show_all(**views)

    def has_room(self, modules: int) -> bool:
        """Return True if there is room for a code of `modules` modules a side."""
        found = self.grid
        return found is not None and room_for(found, modules) is not CodePlace.NONE

    @override
    def lay(self, found: Areas) -> Mapping[Widget, Region | None]:
        """Place the code of a sale over its paper, on a small screen over the whole height."""
        places = dict(super().lay(found))
        room = room_for(found, self._modules)
        if not self._modules or (code := place_of(found, room, self._modules)) is None:
            return places
        places |= {self.code: code, self.detail: None}
        if room is CodePlace.FULL:
            left = code.x - 1 - found.head.x
            places |= {
                self.status: Region(0, 0, code.x, found.status.height),
                self.detail_head: Region(found.head.x, found.head.y, left, found.head.height),
                self.total: None,
                self.band: Region(0, found.band.y, code.x, found.band.height),
                self.keys: Region(0, found.keys.y, code.x, 1),
            }
        return places

    @override
    def lay_detail(self, head: Region, room: Region) -> dict[Widget, Region | None]:
        """Return the regions of the lines of the sale, the tenders for the refund, the payments; or of the paper."""
        if not self.shape:
            return {}
        places: dict[Widget, Region | None] = {self.detail_head: head}
        return places | ({self.detail: room} if self._is_paper else self._lay_sale(room, paid=self.is_wide))

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
