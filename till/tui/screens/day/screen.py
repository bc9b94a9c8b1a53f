"""The widgets of a replayed day: the order on the left, the events on the right."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.geometry import Region
from typing_extensions import override

from till.tui.drawing.screen import TillScreen
from till.tui.drawing.viewmodels import (
    CardsView,
    FigureView,
    HeadView,
    OrderView,
    TotalView,
)
from till.tui.drawing.widgets.cards import Cards
from till.tui.drawing.widgets.head import Heading
from till.tui.drawing.widgets.order import OrderList
from till.tui.drawing.widgets.total import TotalPane

if TYPE_CHECKING:
    from collections.abc import Mapping

    from textual.app import ComposeResult
    from textual.widget import Widget

    from till.tui.drawing.layout import Areas
    from till.tui.screens.day.state import DayViews


class DayScreen(TillScreen):
    """The order at one event above its total, with the day's events beside it on a wide screen."""

    def __init__(self) -> None:
        super().__init__()
        self.order = OrderList(OrderView())
        self.total = TotalPane(TotalView(FigureView("")), inset=1)
        self.events_head = Heading(HeadView())
        self.events = Cards(CardsView())
        self.head.follow(self.order)

    @override
    def widgets(self) -> ComposeResult:
        """Yield the common widgets, the order with its total, and the events with their heading."""
        yield from super().widgets()
        yield from (self.order, self.total, self.events_head, self.events)

    def show(self, views: DayViews, title: str) -> None:
        """Update the widgets; `title` is that of the help sheet."""
        self.show_all(views)
        self.show_help(views.help, title)

    @override
    def lay(self, found: Areas) -> Mapping[Widget, Region | None]:
        """Place the order left and the events right; on a narrow screen the order alone."""
        right = found.right
        beside = Region(right.x - 1, right.y, right.width + 2, right.height) if right is not None else None
        return {
            **super().lay(found),
            self.order: found.body,
            self.total: found.total,
            self.events_head: found.right_head,
            self.events: beside,
        }
