"""The widgets of the desk and their layout."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from textual.geometry import Region
from typing_extensions import override

from till.tui.drawing.layout import PAGE
from till.tui.drawing.layout import sheet as sheet_areas
from till.tui.drawing.palette import Backdrop
from till.tui.drawing.screen import TillScreen
from till.tui.drawing.viewmodels import (
    BarsView,
    CardsView,
    ChoicesView,
    FactsView,
    FigureView,
    HeadView,
    RowsView,
    TotalView,
)
from till.tui.drawing.widgets.cards import Cards
from till.tui.drawing.widgets.choices import ANSWER_COLUMNS, ChoiceList, Columns, FactList
from till.tui.drawing.widgets.code import CodePane, code_of, columns_needed, rows_needed
from till.tui.drawing.widgets.head import Heading
from till.tui.drawing.widgets.report import Bars, ReportRows
from till.tui.drawing.widgets.sheet import Sheet
from till.tui.drawing.widgets.total import TotalPane
from till.tui.screens.desk.state import DeskList

if TYPE_CHECKING:
    from collections.abc import Mapping

    from textual.widget import Widget

    from till.tui.drawing.layout import Areas
    from till.tui.drawing.screen import Views
    from till.tui.drawing.viewmodels import CodeView
    from till.tui.screens.desk.state import SheetView

_HOURS: Final = 8
_HOUSE: Final = 3
#: The most rows for tills. A till takes two and a blank one; more tills scroll.
_TILL_ROWS: Final = 8
#: The least rows for what needs attention, before the hours and the house get any.
_NEEDS: Final = 5
#: The least rows of the left pane for two lists; below, it has one.
_ALL: Final = 9
_LIST_COLUMNS: Final = Columns(key=1, name=8, detail=32)
_HELP_COLUMNS: Final = Columns(key=1, name=22, detail=74)


class _Raised:
    """The sheet that is shown."""

    def __init__(self, view: SheetView, code: CodeView | None) -> None:
        columns = _HELP_COLUMNS if view.full else ANSWER_COLUMNS
        self.choices = ChoiceList(ChoicesView(), _LIST_COLUMNS if view.is_list else columns, ground=Backdrop.SURFACE)
        self.facts = FactList(FactsView(), ground=Backdrop.SURFACE)
        self.sheet = Sheet(view.head, CodePane(code) if code is not None else self.choices, self.facts)
        self.head, self.full, self.code = view.head, view.full, code
        self.room = (0, 0)


class DeskScreen(TillScreen):
    """Tills, open orders and the day on the left; what needs attention, the hours and the house on the right.

    A single pane shows one of the lists, above the day.
    """

    #: The list of a single pane, and the number of tills.
    shape = (DeskList.NEEDS, 0)

    def __init__(self) -> None:
        super().__init__()
        self.needs, self.orders, self.tills = (Cards(CardsView()) for _listed in DeskList)
        self.lists = dict(zip(DeskList, (self.needs, self.orders, self.tills), strict=True))
        self.needs_head = Heading(HeadView())
        self.orders_head = Heading(HeadView(), inset=1)
        self.total = TotalPane(TotalView(FigureView("")), inset=1)
        self.hours_head = Heading(HeadView())
        self.hours = Bars(BarsView())
        self.house_head = Heading(HeadView())
        self.house = ReportRows(RowsView())
        self._raised: _Raised | None = None
        self.choices: ChoiceList | None = None
        self.needs_head.follow(self.needs)
        self.orders_head.follow(self.orders)

    @property
    def is_wide(self) -> bool:
        """True if all lists are visible at once."""
        found = self.grid
        return found is not None and _has_all(found)

    def page(self, listed: DeskList | None) -> int:
        """Return the number of entries that a page key passes, in a list or on the sheet."""
        shown = self.choices if listed is None else self.lists[listed]
        return shown.page_step if shown is not None else PAGE

    def show(self, views: Views, listed: DeskList, sheet: SheetView | None) -> None:
        """Update the widgets: with a single pane the list `listed`, and the sheet if there is one."""
        self.head.follow(self.lists[DeskList.TILLS if self.is_wide else listed])
        self.show_all(**views)
        self.reshape((listed, len(views["tills"].cards)))
        self._show_sheet(sheet)

    def _show_sheet(self, view: SheetView | None) -> None:
        raised = self._raised
        code = self._code_with_room(view) if view is not None else None
        if raised is not None and (
            view is None or (raised.head, raised.full, raised.code) != (view.head, view.full, code)
        ):
            self.drop_sheet(raised.sheet)
            raised = self._raised = self.choices = None
        if view is None:
            return
        rows = rows_needed(len(code.modules)) if code is not None else max(1, len(view.choices.rows))
        room = (rows, len(view.facts.rows))
        if raised is None:
            raised = self._raised = _Raised(view, code)
            self.choices = raised.choices
            self.raise_sheet(raised.sheet, choices=room[0], facts=room[1], full=view.full)
        elif room != raised.room:
            self.resize_sheet(raised.sheet, choices=room[0], facts=room[1])
        raised.room = room
        raised.choices.show(view.choices)
        raised.facts.show(view.facts)

    def _code_with_room(self, view: SheetView) -> CodeView | None:
        """Return the code of a sheet; None if it has none, or without room for it: the text is shown then."""
        found = self.grid
        if not view.code or found is None:
            return None
        code = code_of(view.code)
        rows, columns = rows_needed(len(code.modules)), columns_needed(len(code.modules))
        place = sheet_areas(found, choices=rows, facts=len(view.facts.rows)).choices
        return code if place.height >= rows and place.width >= columns else None

    @override
    def lay(self, found: Areas) -> Mapping[Widget, Region | None]:
        """Place tills over orders, and what needs attention over hours and house; if narrow, the current list alone."""
        places: dict[Widget, Region | None] = dict(super().lay(found))
        places[self.total] = found.total
        right = found.right
        if right is None or not _has_all(found):
            return places | {self.divider: None, self.lists[self.shape[0]]: found.body}
        return places | self._left(found.body) | self._right(right) | {self.needs_head: found.right_head}

    def _left(self, body: Region) -> dict[Widget, Region | None]:
        """Return the regions of the tills, as many as fit in their share, and of the open orders below."""
        tills = min(_TILL_ROWS, max(1, 3 * self.shape[1] - 1), body.height // 2)
        orders = body.y + tills + 1
        return {
            self.lists[DeskList.TILLS]: Region(body.x, body.y, body.width, tills),
            self.orders_head: Region(body.x, orders, body.width, 2),
            self.lists[DeskList.ORDERS]: Region(body.x, orders + 2, body.width, body.bottom - orders - 2),
        }

    def _right(self, right: Region) -> dict[Widget, Region | None]:
        """Return the regions of what needs attention and, if there is room, of the hours and the house below."""
        places: dict[Widget, Region | None] = {}
        bottom = right.bottom
        for head, body, rows in ((self.house_head, self.house, _HOUSE), (self.hours_head, self.hours, _HOURS)):
            top = bottom - rows - 2
            fits = top - 1 - right.y >= _NEEDS
            places[head] = Region(right.x, top, right.width, 2) if fits else None
            places[body] = Region(right.x, top + 2, right.width, rows) if fits else None
            bottom = top - 1 if fits else bottom
        places[self.lists[DeskList.NEEDS]] = Region(right.x - 1, right.y, right.width + 2, bottom - right.y)
        return places


def _has_all(found: Areas) -> bool:
    """Return True if there is room for all lists at once."""
    return found.wide and found.body.height >= _ALL
