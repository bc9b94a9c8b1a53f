"""The widgets of the screen between drills and their layout."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from textual.geometry import Region
from typing_extensions import override

from till.tui.drawing.layout import areas
from till.tui.drawing.screen import TillScreen
from till.tui.drawing.viewmodels import ChoicesView, FigureView, HeadView, RowsView, TotalView
from till.tui.drawing.widgets.choices import ChoiceList, Columns
from till.tui.drawing.widgets.head import Heading
from till.tui.drawing.widgets.report import Rows
from till.tui.drawing.widgets.total import TotalPane

if TYPE_CHECKING:
    from collections.abc import Mapping

    from textual.app import ComposeResult
    from textual.widget import Widget

    from till.tui.drawing.layout import Areas

_COLUMNS: Final = Columns(key=3, name=5, detail=34, key_ends=True)
#: The rows of the list of drills with its heading and a blank row above, and of the figures with one pane.
_NEXT: Final = 9
_FIGURES: Final = 5


class TrainScreen(TillScreen):
    """The score on the left; its days and the next drills on the right, or below with one pane."""

    def __init__(self) -> None:
        super().__init__()
        self.score = Rows(RowsView())
        self.total = TotalPane(TotalView(FigureView("")), inset=1)
        self.days_head = Heading(HeadView(), inset=1)
        self.days = Rows(RowsView())
        self.next_head = Heading(HeadView(), inset=1)
        self.next = ChoiceList(ChoicesView(), _COLUMNS)
        self.days_head.follow(self.days)
        self.next_head.follow(self.next)

    @override
    def widgets(self) -> ComposeResult:
        """Yield the common widgets, the score, its days and the drills."""
        yield from super().widgets()
        yield from (self.score, self.total, self.days_head, self.days, self.next_head, self.next)

    @property
    def chart(self) -> tuple[int, int]:
        """The width and height of the chart; 0 rows with one pane."""
        found = areas(*self.app.size)
        room = found.right if found is not None else None
        return (room.width, room.height - _NEXT) if room is not None else (0, 0)

    @override
    def lay(self, found: Areas) -> Mapping[Widget, Region | None]:
        """Place two panes if there is room; otherwise the figures above the drills."""
        places = dict(super().lay(found)) | {self.total: found.total}
        if (right := found.right) is not None:
            room = Region(right.x - 1, right.y, right.width + 2, right.height)
            chart = room.height - _NEXT
            return places | {
                self.score: found.body,
                self.days_head: Region(room.x, found.head.y, room.width, found.head.height),
                self.days: Region(room.x, room.y, room.width, chart),
                self.next_head: Region(room.x, room.y + chart + 1, room.width, 2),
                self.next: Region(room.x, room.y + chart + 3, room.width, _NEXT - 3),
            }
        body = found.body
        score = Region(body.x, body.y, body.width, min(_FIGURES, max(1, body.height - 1)))
        drills = Region(body.x, score.bottom, body.width, max(1, body.bottom - score.bottom))
        return places | {
            self.score: score,
            self.next: drills,
            self.days_head: None,
            self.days: None,
            self.next_head: None,
        }
