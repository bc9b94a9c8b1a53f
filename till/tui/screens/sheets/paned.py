"""A sheet with two panes: what is chosen, and what comes of it as a large figure; on a low screen in its title."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from typing_extensions import override

from till.domain.i18n import _
from till.tui.drawing.layout import is_wide
from till.tui.drawing.viewmodels import FigureView, KeysView, RowsView, StyledText, TitleView
from till.tui.drawing.widgets.lines import more
from till.tui.screens.sheets.choice_sheet import ChoiceSheet

if TYPE_CHECKING:
    from till.domain.money.formats import Formats
    from till.domain.money.measures import Minor
    from till.tui.drawing.screen import TillScreen
    from till.tui.drawing.widgets.drawn import Drawn
    from till.tui.drawing.widgets.panes import PanedSheet
    from till.tui.drawing.widgets.window import Window
    from till.tui.shell.controller import Controller


class PanedChoiceSheet(ChoiceSheet):
    """A sheet whose height is the same whatever stands in it: nothing jumps while one chooses."""

    def __init__(self, controller: Controller, screen: TillScreen) -> None:
        self._side = self.make_side()
        self._out_of_sight = ""
        super().__init__(controller, screen, "")

    def make_side(self) -> Drawn[Any]:
        """The widget that stands right."""
        raise NotImplementedError

    @override
    def make_sheet(self) -> PanedSheet:
        self._paned = self.make_panes()
        return self._paned

    def make_panes(self) -> PanedSheet:
        """What both stand on."""
        raise NotImplementedError

    # What it says.

    @property
    def is_wide(self) -> bool:
        """Whether the two panes of the screen are there."""
        return is_wide(self.screen.app.size.width)

    def title(self) -> TitleView:
        """What it is about."""
        raise NotImplementedError

    def side_title(self) -> TitleView:
        """What stands right."""
        return TitleView()

    def sided(self) -> object:
        """What its widget shows."""
        raise NotImplementedError

    def foot(self) -> RowsView:
        """What stands above the figure."""
        return RowsView()

    def figure(self) -> FigureView:
        """What moves at the next Enter."""
        raise NotImplementedError

    # Its widgets.

    @override
    def resize(self) -> None:
        """It has always room for the same."""

    @override
    def paint_beside(self) -> None:
        sheet = self._paned
        sheet.title.show(self._titled())
        sheet.side_title.show(self.side_title())
        self._side.show(self.sided())
        sheet.foot.show(self.foot())
        sheet.figure.show(self.figure())

    def _titled(self) -> TitleView:
        """What it is about, and what of it is out of sight."""
        title = self.title()
        if self._out_of_sight and not title.key:
            title = TitleView(title.title, self._out_of_sight, title.tabs, title.active, sum=title.sum)
        return title

    @override
    def _moved(self, window: Window) -> None:
        self._out_of_sight = more(window)
        self._paned.title.show(self._titled())
        if self.controller.sheets[-1:] == [self]:
            self.screen.keys.show(KeysView(self.keys(), self.primary()))


def figure_of(word: str, amount: Minor, formats: Formats, *under: StyledText) -> FigureView:
    """A large amount beside its word, and up to two things that stand under that."""
    label = StyledText(f"{word} {formats.currency.symbol.strip()}", bold=True)
    sentence = _("{word} {amount}.").format(word=word, amount=formats.money(amount))
    first, second = (*under, None, None)[:2]
    return FigureView(formats.amount(amount), label, sentence=sentence, under=first, lowest=second)
