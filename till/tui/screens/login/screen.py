"""The widgets of the login screen and their layout."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from textual.geometry import Region
from typing_extensions import override

from till.tui.drawing.screen import TillScreen
from till.tui.drawing.viewmodels import ChoicesView, FieldsView, FigureView, HeadView, RowsView, RowView
from till.tui.drawing.widgets.choices import STAFF_COLUMNS, ChoiceList
from till.tui.drawing.widgets.fields import Fields
from till.tui.drawing.widgets.head import Heading
from till.tui.drawing.widgets.report import ReportRows
from till.tui.drawing.widgets.total import FigurePane

if TYPE_CHECKING:
    from collections.abc import Mapping

    from textual.widget import Widget

    from till.tui.drawing.layout import Areas

# Below these heights the clock, then rows of the fields, make room for the list of staff.
_CLOCK_ROWS: Final = 15
_FIELD_ROWS: Final = 14


class LoginScreen(TillScreen):
    """Staff on the left; the clock and the fields on the right."""

    def __init__(self) -> None:
        super().__init__()
        self.staff = ChoiceList(ChoicesView(), STAFF_COLUMNS)
        self.date = Heading(HeadView())
        self.clock = FigurePane(FigureView(""), left=True)
        self.rule = ReportRows(RowsView((RowView(rule=True),)))
        self.fields = Fields(FieldsView(()))
        self.head.follow(self.staff)

    @property
    def has_clock(self) -> bool:
        """True if there is room for the clock."""
        found = self.grid
        return found is not None and found.right is not None and found.right.height > _CLOCK_ROWS

    @override
    def lay(self, found: Areas) -> Mapping[Widget, Region | None]:
        """Place the widgets. On a narrow screen the fields are below the staff, and there is no clock."""
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
