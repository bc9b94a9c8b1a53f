"""The base of every screen of the till, the stack of sheets over it, and a list with a detail beside it."""

from __future__ import annotations

from contextvars import copy_context
from typing import TYPE_CHECKING, Any, Final, cast

from msgspec import Struct
from textual.geometry import Region
from typing_extensions import override

from till.domain.structs import replace
from till.tui.drawing.layout import areas
from till.tui.drawing.palette import Backdrop
from till.tui.drawing.screen_base import ScreenBase
from till.tui.drawing.viewmodels import (
    CardsView,
    EntryView,
    FactsView,
    FigureView,
    HeadView,
    KeysView,
    RowsView,
    StatusView,
    TotalView,
)
from till.tui.drawing.widgets.bars import KeyBar, StatusBar
from till.tui.drawing.widgets.cards import Cards
from till.tui.drawing.widgets.choices import ChoiceList, Columns, FactList
from till.tui.drawing.widgets.entry import EntryBand
from till.tui.drawing.widgets.head import Divider, Heading
from till.tui.drawing.widgets.report import ReportRows
from till.tui.drawing.widgets.sheet import Sheet, dim_behind
from till.tui.drawing.widgets.total import TotalPane

if TYPE_CHECKING:
    from collections.abc import Mapping

    from textual.widget import Widget

    from till.tui.drawing.layout import Areas
    from till.tui.drawing.themed import ThemedApp
    from till.tui.drawing.viewmodels import ChoicesView
    from till.tui.drawing.widgets.drawn import Drawn

_HELP_COLUMNS: Final = Columns(key=1, name=22, detail=62, whole=True)


class _Raised(Struct, frozen=True):
    """A sheet that is shown, and the room it asks for."""

    sheet: Sheet
    choices: int
    facts: int
    full: bool


#: The view of each widget of a screen, by its name; `entry` is that of the entry band.
Views = dict[str, Any]


class TillScreen(ScreenBase[None]):
    """A screen with status bar, heading, divider, entry band and key bar, and room for sheets."""

    #: The facts that the layout follows, besides the size of the screen.
    shape: Any = False

    def __init__(self) -> None:
        super().__init__()
        self.status = StatusBar(StatusView("", ""))
        self.head = Heading(HeadView(), inset=1)
        self.divider = Divider()
        self.band = EntryBand(EntryView())
        self.keys = KeyBar(KeysView(()), on_fold=self._refit)
        self._sheets: list[_Raised] = []
        #: The rows of the key bar as laid out, besides one, and true while it may need others.
        self._foot, self._refits = 0, False
        self._help: tuple[Sheet, ChoiceList] | None = None

    @property
    @override
    def grid(self) -> Areas | None:
        return areas(*self.app.size, self.keys.foot)

    def _refit(self) -> None:
        """Lay out and paint again around a key bar of another height, once all sheets have shown their keys."""
        if not self._refits:
            self._refits, context = True, copy_context()
            self.call_next(lambda: context.run(self._fit_bar))

    def _fit_bar(self) -> None:
        self._refits = False
        if self._foot != self.keys.foot:
            self.lay_now()
            context, paint = copy_context(), cast("ThemedApp[object]", self.app).paint_front
            self.call_after_refresh(lambda: context.run(paint))

    @property
    def is_wide(self) -> bool:
        """True if there are two panes."""
        found = self.grid
        return found is not None and found.wide

    def show_all(self, **views: Any) -> None:
        """Show each view on the widget of its name."""
        for name, view in views.items():
            widget: Drawn[Any] = getattr(self, "band" if name == "entry" else name)
            widget.show(view)

    def reshape(self, shape: object) -> None:
        """Lay out again if the facts that the layout follows have changed."""
        if shape != self.shape:
            self.shape = shape
            if self.is_mounted:  # a message at the start comes before the widgets
                self.lay_now()

    @override
    def lay(self, found: Areas) -> Mapping[Widget, Region | None]:
        touch, below = self.keys.paint.touch, found
        if touch and not found.wide:  # a sheet of tiles needs the rows of the total
            below = replace(found, total=Region(found.total.x, found.band.y, found.total.width, 0))
        for raised in self._sheets:
            choices = raised.choices * (2 if touch else 1)
            raised.sheet.fit(below, choices=choices, facts=raised.facts, full=raised.full)
        return {
            self.status: found.status,
            self.head: found.head,
            self.divider: found.divider,
            self.band: found.band,
            self.keys: found.keys,
        }

    @override
    def lay_now(self) -> None:
        """Lay out for the current size. In a window too small for a till, sheets do not cover the notice of that."""
        self._foot = self.keys.foot
        for raised in self._sheets:
            raised.sheet.display = False
        super().lay_now()
        self._dim()

    def _dim(self) -> None:
        """Dim the screen behind a sheet, except the entry band and the key bar, which the sheet uses."""
        dim_behind(self, bool(self._sheets))
        self.band.dim(False)
        self.keys.dim(False)

    def _note_change(self) -> None:
        """Note that all of the screen may have moved."""
        cast("ThemedApp[object]", self.app).changed()

    def raise_sheet(self, sheet: Sheet, *, choices: int, facts: int = 0, full: bool = False) -> None:
        """Show a sheet over the screen, with room for choices and facts; `full` choices take the whole width."""
        self._note_change()
        self._sheets.append(_Raised(sheet, choices, facts, full))
        sheet.display = False  # until it is laid out, as a widget without a size would appear in the corner
        self.mount(sheet)
        self.call_after_refresh(self.lay_now)

    def resize_sheet(self, sheet: Sheet, *, choices: int, facts: int = 0) -> None:
        """Resize a sheet for other numbers of choices and facts."""
        self._note_change()
        self._sheets = [
            replace(raised, choices=choices, facts=facts) if raised.sheet is sheet else raised
            for raised in self._sheets
        ]
        if self.is_mounted:
            self.lay_now()

    def drop_sheet(self, sheet: Sheet) -> None:
        """Remove a sheet."""
        self._note_change()
        self._sheets = [raised for raised in self._sheets if raised.sheet is not sheet]
        sheet.remove()
        self._dim()

    def show_help(self, view: ChoicesView | None, title: str) -> None:
        """Show the help as a sheet over the whole width, or remove it."""
        if self._help is not None and view is not None:
            self._help[1].show(view)
        elif self._help is not None:
            self.drop_sheet(self._help[0])
            self._help = None
        elif view is not None:
            choices = ChoiceList(view, _HELP_COLUMNS, ground=Backdrop.SURFACE)
            sheet = Sheet(HeadView(title), choices, FactList(FactsView(), ground=Backdrop.SURFACE))
            self._help = sheet, choices
            self.raise_sheet(sheet, choices=len(view.rows), full=True)


class ListScreen(TillScreen):
    """A list over the large figure on the left, and the detail of its marked entry on the right.

    With a single pane the detail takes the place of the list while it is open, so that its shape is true.
    """

    def __init__(self) -> None:
        super().__init__()
        self.list = Cards(CardsView())
        self.total = TotalPane(TotalView(FigureView("")), inset=1)
        self.detail_head = Heading(HeadView(), inset=1)
        self.detail = ReportRows(RowsView())
        self.head.follow(self.list)
        self.detail_head.follow(self.detail)

    @override
    def lay(self, found: Areas) -> Mapping[Widget, Region | None]:
        """Place two panes if there is room; otherwise the list, or the detail in its place."""
        places = dict(super().lay(found)) | {self.list: found.body, self.total: found.total}
        if (right := found.right) is not None:
            room = Region(right.x - 1, right.y, right.width + 2, right.height)
            return places | self.lay_detail(Region(room.x, found.head.y, room.width, found.head.height), room)
        if self.shape:
            return places | {self.list: None, self.head: None} | self.lay_detail(found.head, found.body)
        return places

    def lay_detail(self, head: Region, room: Region) -> dict[Widget, Region | None]:
        """Return the regions of the detail's widgets, in its room."""
        return {self.detail_head: head, self.detail: room}
