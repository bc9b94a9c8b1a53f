"""The sell screen, alone and with a sheet over it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace
from textual.geometry import Region

from tests.tui.drawing.stock import KEYS, MORNING, STATUS, TABS, muted, styled
from till.tui.drawing.layout import Areas, sheet
from till.tui.drawing.palette import Backdrop, Mark
from till.tui.drawing.screen_base import ScreenBase
from till.tui.drawing.viewmodels import (
    BoardView,
    ChoicesView,
    ChoiceView,
    EntryView,
    FactsView,
    FactView,
    HeadView,
    OrderView,
    StatusView,
    StyledText,
    TotalView,
)
from till.tui.drawing.widgets.bars import KeyBar, StatusBar
from till.tui.drawing.widgets.choices import ANSWER_COLUMNS, ChoiceList, FactList
from till.tui.drawing.widgets.entry import EntryBand
from till.tui.drawing.widgets.head import CategoryBar, Divider, Heading
from till.tui.drawing.widgets.lines import more
from till.tui.drawing.widgets.menu import MenuBoard
from till.tui.drawing.widgets.order import OrderList
from till.tui.drawing.widgets.sheet import Sheet, dim_behind
from till.tui.drawing.widgets.total import TotalPane

if TYPE_CHECKING:
    from collections.abc import Mapping

    from textual.app import ComposeResult
    from textual.widget import Widget

    from till.tui.drawing.widgets.window import Window

TAKE_AWAY = HeadView("Order", "take away")


class SellPicture(ScreenBase[None]):
    """Order, menu, total, entry: the screen that a till shows all day."""

    def __init__(
        self,
        order: OrderView,
        foot: TotalView,
        entry: EntryView,
        *,
        status: StatusView = STATUS,
        head: HeadView = TAKE_AWAY,
        board: BoardView = MORNING,
    ) -> None:
        super().__init__()
        self.status = StatusBar(status)
        self.head_view = head
        self.head = Heading(self.head_view, inset=1)
        self.divider = Divider()
        self.order = OrderList(order, on_window=self.follow)
        self.foot = TotalPane(foot, inset=1)
        self.tabs = CategoryBar(TABS)
        self.board = MenuBoard(board, on_page=self.paged)
        self.entry = EntryBand(entry)
        self.keys = KeyBar(KEYS)

    def follow(self, window: Window) -> None:
        self.head.show(replace(self.head_view, note=more(window)))
        thumb = window.thumb()
        self.divider.show(range(thumb.start + 2, thumb.stop + 2) if thumb else range(0))

    def paged(self, board: MenuBoard) -> None:
        self.tabs.show(replace(self.tabs.view, note=board.note()))

    def widgets(self) -> ComposeResult:
        yield from (self.status, self.head, self.divider, self.order, self.foot)
        yield from (self.tabs, self.board, self.entry, self.keys)

    def lay(self, found: Areas) -> Mapping[Widget, Region | None]:
        board = None
        if found.right is not None:
            board = Region(found.right.x, found.right.y + 1, found.right.width, found.right.height - 1)
        return {
            self.status: found.status,
            self.head: found.head,
            self.divider: found.divider,
            self.order: found.body,
            self.foot: found.total,
            self.tabs: found.right_head,
            self.board: board,
            self.entry: found.band,
            self.keys: found.keys,
        }


TAKEOVER = ChoicesView(
    (
        ChoiceView("T", "Take it over here", muted("the order locks on Till 2")),
        ChoiceView("V", "View it", muted("nothing changes anywhere")),
        ChoiceView("N", "Start a new one", muted("that one stays on Till 2")),
        ChoiceView("Esc", "Back to login"),
    ),
    selected=0,
)
TAKEOVER_FACTS = FactsView(
    (
        FactView("Till", styled("Till 2")),
        FactView("Order", styled("14 lines, ₹1,240.00", bold=True)),
        FactView("Last key", styled("20 s ago")),
        FactView("Connection", StyledText("good", mark=Mark.GOOD)),
    )
)


class TakeoverPicture(SellPicture):
    """The sell screen with a sheet over it."""

    def widgets(self) -> ComposeResult:
        yield from super().widgets()
        self.sheet = Sheet(
            HeadView("Your order is open on another till"),
            ChoiceList(TAKEOVER, ANSWER_COLUMNS, ground=Backdrop.SURFACE),
            FactList(TAKEOVER_FACTS, ground=Backdrop.SURFACE),
        )
        yield self.sheet

    def lay(self, found: Areas) -> Mapping[Widget, Region | None]:
        self.sheet.lay(sheet(found, choices=4, facts=4))
        dim_behind(self, True)
        return super().lay(found)


class MenuPicture(SellPicture):
    """The menu as a sheet, where there is one pane."""

    def widgets(self) -> ComposeResult:
        yield from super().widgets()
        self.choices = MenuBoard(MORNING, columns=1, picks=True, ground=Backdrop.SURFACE)
        self.sheet = Sheet(HeadView("Menu"), self.choices)
        yield self.sheet

    def lay(self, found: Areas) -> Mapping[Widget, Region | None]:
        self.sheet.lay(sheet(found, choices=99))
        dim_behind(self, True)
        return super().lay(found)
