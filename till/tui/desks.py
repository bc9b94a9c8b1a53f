"""The three screens: to log in, to sell, to take money. They lay widgets on the grid; scenes hand them views."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec.structs import replace
from textual.geometry import Region

from till.tui.desk import Desk
from till.tui.layout import areas
from till.tui.view import (
    BoardView,
    ChoicesView,
    FieldsView,
    FigureView,
    HeadView,
    NotesView,
    OrderView,
    RowsView,
    RowView,
    TabsView,
    TotalView,
)
from till.tui.widgets.choices import STAFF, WAYS, ChoiceList
from till.tui.widgets.fields import Fields
from till.tui.widgets.head import Head, Tabs
from till.tui.widgets.lines import more
from till.tui.widgets.menu import MenuBoard
from till.tui.widgets.notes import NotesGrid
from till.tui.widgets.order import OrderList
from till.tui.widgets.report import Receipt, Rows
from till.tui.widgets.total import FigurePane, TotalPane

if TYPE_CHECKING:
    from collections.abc import Mapping

    from textual.app import ComposeResult
    from textual.widget import Widget

    from till.tui.layout import Areas
    from till.tui.widgets.window import Window

_NO_FIGURE: Final = FigureView("")
# Under these heights the clock and the large figure of what is due give way to the list above them.
_CLOCK_ROWS: Final = 15
_DUE_ROWS: Final = 17
_FIELD_ROWS: Final = 14
# From this height on the keys of the notes stand under the tenders where there is one pane.
_NOTE_ROWS: Final = 9


class LoginDesk(Desk):
    """Staff on the left; the clock and the fields on the right."""

    def __init__(self) -> None:
        super().__init__()
        self.staff = ChoiceList(ChoicesView(), STAFF)
        self.date = Head(HeadView())
        self.clock = FigurePane(_NO_FIGURE, left=True)
        self.rule = Rows(RowsView((RowView(rule=True),)))
        self.fields = Fields(FieldsView(()))

    def widgets(self) -> ComposeResult:
        """The common parts, and staff, clock, fields."""
        yield from super().widgets()
        yield from (self.staff, self.date, self.clock, self.rule, self.fields)

    @property
    def has_clock(self) -> bool:
        """Whether a screen of this size has room for the clock."""
        found = areas(*self.app.size)
        return found is not None and found.right is not None and found.right.height > _CLOCK_ROWS

    def lay(self, found: Areas) -> Mapping[Widget, Region | None]:
        """On a narrow screen the fields stand under the staff, and there is no clock."""
        places = dict(super().lay(found))
        places[self.divider] = None if found.divider is None else found.divider.shrink((0, 0, 1, 0))
        places[self.date] = found.right_head
        left, right = found.left, found.right
        if right is not None and right.height > _CLOCK_ROWS:
            return places | {
                self.staff: Region(left.x, left.y + 1, left.width, left.height - 1),
                self.clock: Region(right.x, right.y + 1, right.width, 3),
                self.rule: Region(right.x, right.y + 6, right.width, 1),
                self.fields: Region(right.x, right.y + 9, right.width, 7),
            }
        fields = 3 if left.height < _FIELD_ROWS else 7
        return places | {
            self.staff: Region(left.x, left.y, left.width, left.height - fields - 1),
            self.clock: None,
            self.rule: None,
            self.fields: Region(left.x + 1, left.bottom - fields, left.width - 1, fields),
        }


class SellDesk(Desk):
    """The order and its total on the left, the menu on the right; a receipt takes the order's place after a sale."""

    def __init__(self) -> None:
        super().__init__()
        self.order = OrderList(OrderView(), on_window=self._moved)
        self.total = TotalPane(TotalView(_NO_FIGURE), inset=1)
        self.tabs = Tabs(TabsView(()))
        self.board = MenuBoard(BoardView(), on_page=self._turned)
        self._head = HeadView()

    def widgets(self) -> ComposeResult:
        """The common parts, and order, total, menu."""
        yield from super().widgets()
        yield from (self.order, self.total, self.tabs, self.board)

    def lay(self, found: Areas) -> Mapping[Widget, Region | None]:
        """The grid of the look."""
        right = found.right
        return dict(super().lay(found)) | {
            self.order: found.body,
            self.total: found.total,
            self.tabs: found.right_head,
            self.board: None if right is None else Region(right.x, right.y + 1, right.width, right.height - 1),
        }

    def show_head(self, view: HeadView) -> None:
        """The head of the order, with the note of what is out of sight."""
        self._head = view
        self.head.show(replace(view, note=more(self.order.window) or view.note))

    def _moved(self, window: Window) -> None:
        self.head.show(replace(self._head, note=more(window) or self._head.note))
        thumb = window.thumb()
        self.divider.show(range(thumb.start + 2, thumb.stop + 2) if thumb else range(0))

    def _turned(self, board: MenuBoard) -> None:
        self.tabs.show(replace(self.tabs.view, note=board.note()))


class PayDesk(Desk):
    """What is due and what came in on the left; notes and other ways on the right."""

    def __init__(self) -> None:
        super().__init__()
        self.tenders = Receipt(RowsView())
        self.due = FigurePane(_NO_FIGURE, inset=1)
        self.tendered = Rows(RowsView())
        self.change = TotalPane(TotalView(_NO_FIGURE), inset=1)
        self.notes_head = Head(HeadView())
        self.notes = NotesGrid(NotesView())
        self.ways_head = Head(HeadView())
        self.ways = ChoiceList(ChoicesView(), WAYS)
        #: Whether it is said in words how it is paid: then there are no keys for notes.
        self.is_worded = False

    def widgets(self) -> ComposeResult:
        """The common parts, and tenders, due, tendered, change; notes and ways."""
        yield from super().widgets()
        yield from (self.tenders, self.due, self.tendered, self.change)
        yield from (self.notes_head, self.notes, self.ways_head, self.ways)

    def word(self, *, worded: bool) -> None:
        """Show the words that pay, or the keys of the notes."""
        if worded != self.is_worded:
            self.is_worded = worded
            if self.is_mounted:
                self.lay_now()

    @property
    def is_roomy(self) -> bool:
        """Whether what is due has a large figure of its own, above the change."""
        found = areas(*self.app.size)
        return found is not None and found.body.height > _DUE_ROWS

    @property
    def tender_rows(self) -> int:
        """The rows that there are for the tenders."""
        found = areas(*self.app.size)
        return self._tenders(found).height if found is not None else 0

    @property
    def names_notes(self) -> bool:
        """Whether the keys of the notes have no room for a head of their own."""
        found = areas(*self.app.size)
        return found is not None and self._has_notes_under(found)

    def _has_notes_under(self, found: Areas) -> bool:
        """Whether the keys of the notes stand under the tenders."""
        return not found.wide and found.body.height >= _NOTE_ROWS and not self.is_worded

    def _tenders(self, found: Areas) -> Region:
        body = found.body
        if body.height > _DUE_ROWS:
            return Region(body.x, body.y + 1, body.width, 9)
        under = 3 if self._has_notes_under(found) else 0
        return Region(body.x, body.y, body.width, body.height - under)

    def lay(self, found: Areas) -> Mapping[Widget, Region | None]:
        """Due in three rows, change in five; on a low screen the due is a row of the list."""
        body, right = found.body, found.right
        roomy = body.height > _DUE_ROWS
        places = dict(super().lay(found)) | {
            self.change: found.total,
            self.notes_head: found.right_head,
            self.notes: None,
            self.ways_head: None,
            self.ways: None,
            self.tenders: self._tenders(found),
            self.due: Region(body.x, body.y + 11, body.width, 3) if roomy else None,
            self.tendered: Region(body.x, body.y + 16, body.width, 1) if roomy else None,
        }
        if self.is_worded:
            places[self.ways] = right and Region(right.x, right.y + 1, right.width, right.height - 1)
        elif self._has_notes_under(found):
            places[self.notes] = Region(body.x + 1, body.bottom - 2, body.width - 2, 2)
        elif right is not None:
            notes = min(self.notes.rows_needed(right.width), max(1, right.height - 7))
            ways = right.y + notes + 6
            places[self.notes] = Region(right.x, right.y + 1, right.width, notes)
            places[self.ways_head] = Region(right.x, right.y + notes + 3, right.width, 2)
            places[self.ways] = Region(right.x, ways, right.width, max(0, right.bottom - ways))
        return places
