"""A sheet with two panes: the choices, and their result as a large figure; on a low screen in the title."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from typing_extensions import override

from till.domain.i18n import _
from till.tui.drawing.layout import is_wide
from till.tui.drawing.palette import Backdrop
from till.tui.drawing.viewmodels import FigureView, RowsView, StyledText, TitleView
from till.tui.drawing.widgets.choices import ChoiceList
from till.tui.drawing.widgets.lines import more
from till.tui.drawing.widgets.panes import PanedSheet
from till.tui.drawing.widgets.report import ReportRows
from till.tui.screens.sheets.choice_sheet import ChoiceSheet

if TYPE_CHECKING:
    from collections.abc import Sequence

    from till.domain.money.formats import Formats
    from till.domain.money.measures import Minor
    from till.tui.drawing.screen import TillScreen
    from till.tui.drawing.viewmodels import ChoiceView
    from till.tui.drawing.widgets.drawn import Drawn
    from till.tui.drawing.widgets.window import Window
    from till.tui.shell.controller import Controller


class CloseList(ChoiceList):
    """Rows without blank ones between them."""

    @override
    def heights(self, entries: Sequence[ChoiceView]) -> list[int]:
        return [1] * len(entries)


class KeyedList(ChoiceList):
    """Rows without blank ones between them, but for one below the digits if there is room."""

    @override
    def heights(self, entries: Sequence[ChoiceView]) -> list[int]:
        rows = [1] * len(entries)
        digits = next((at for at, entry in enumerate(entries) if not entry.key.isdigit()), 0)
        if digits and len(rows) < self.size.height:
            rows[digits - 1] = 2
        return rows


class PanedChoiceSheet(ChoiceSheet):
    """A sheet of constant height, so that nothing moves while choosing."""

    #: The widget of both panes.
    panes: type[PanedSheet] = PanedSheet

    def __init__(self, controller: Controller, screen: TillScreen) -> None:
        self._side = self.make_side()
        self._out_of_sight = ""
        super().__init__(controller, screen, "")

    def make_side(self) -> Drawn[Any]:
        """Return the widget of the right pane."""
        return ReportRows(RowsView(), ground=Backdrop.SURFACE)

    @override
    def make_sheet(self) -> PanedSheet:
        self._paned = self.panes(self._list, self._side)
        return self._paned

    # Content.

    @property
    def is_wide(self) -> bool:
        """True if the screen has two panes."""
        return is_wide(self.screen.app.size.width)

    def title(self) -> TitleView:
        """Return the title."""
        raise NotImplementedError

    def side_title(self) -> TitleView:
        """Return the title of the right pane."""
        return TitleView()

    def sided(self) -> object:
        """Return the view of the right pane."""
        raise NotImplementedError

    def foot(self) -> RowsView:
        """Return the rows above the figure."""
        return RowsView()

    def figure(self) -> FigureView:
        """Return the amount that the next Enter moves."""
        raise NotImplementedError

    # Widgets.

    @override
    def resize(self) -> None:
        """Do nothing, as the height is constant."""

    @override
    def paint_beside(self) -> None:
        sheet = self._paned
        sheet.title.show(self._titled())
        sheet.side_title.show(self.side_title())
        self._side.show(self.sided())
        sheet.foot.show(self.foot())
        sheet.figure.show(self.figure())

    def _titled(self) -> TitleView:
        """Return the title, with how much of the list is out of sight."""
        title = self.title()
        if self._out_of_sight and not title.key:
            title = TitleView(title.title, self._out_of_sight, title.tabs, title.active, sum=title.sum)
        return title

    @override
    def _moved(self, window: Window) -> None:
        self._out_of_sight = more(window)
        self._paned.title.show(self._titled())
        super()._moved(window)


def figure_of(word: str, amount: Minor, formats: Formats, *under: StyledText) -> FigureView:
    """Return a large amount beside its word, with up to two lines below the word."""
    label = StyledText(f"{word} {formats.currency.symbol.strip()}", bold=True)
    sentence = _("{word} {amount}.").format(word=word, amount=formats.money(amount))
    first, second = (*under, None, None)[:2]
    return FigureView(formats.amount(amount), label, sentence=sentence, under=first, lowest=second)
