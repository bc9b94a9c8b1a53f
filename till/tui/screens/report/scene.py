"""The running reports at the desk: keep their state, take answers and paint."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from typing_extensions import override

from till.domain.i18n import _
from till.tui.screens.report.acts import ReportActs
from till.tui.screens.report.presenter import ReportPresenter
from till.tui.screens.report.reduce import ask, reduce
from till.tui.screens.report.screen import ReportScreen
from till.tui.screens.report.state import Labels, Level, ReportFacts, ReportState
from till.tui.shell.keymap import CLOSE

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from till.tui.drawing.widgets.drawn import Drawn
    from till.tui.screens.report.acts import ReportSource
    from till.tui.screens.report.reduce import ReportStep
    from till.tui.screens.report.state import ReportOutcome
    from till.tui.screens.report.words import Wanted
    from till.tui.shell.keymap import Keymap, KeyPress


class ReportScene(ReportActs):
    """The scene of the reports.

    Args:
        source: the reports.
        keymap: the keys of each command.
        person: the manager at the desk; empty for the owner of the database.
        start: runs something in the background.
        leave: goes back to the desk.
    """

    def __init__(
        self,
        source: ReportSource,
        keymap: Keymap,
        person: str,
        start: Callable[[Coroutine[None, None, None]], None],
        leave: Callable[[], None],
    ) -> None:
        super().__init__(source, start, leave)
        self.state = ReportState()
        self.screen = ReportScreen()
        self._keymap, self._person, self._labels = keymap, person, Labels()
        self._presenter = ReportPresenter()
        self._first = 0

    def open(self, wanted: Wanted) -> None:
        """Read the report that was asked for."""
        self.state, calls = ask(self.state, wanted)
        for asked in calls:
            asked.on(self)

    @override
    def reduce(self, event: KeyPress | ReportOutcome) -> ReportStep:
        return reduce(self.state, event, self.facts())

    @override
    def kept(self) -> None:
        """Paint before the calls are made, one of which leaves the screen."""
        self.paint()

    def facts(self) -> ReportFacts:
        """Return the current facts."""
        screen = self.screen
        wide = not screen.is_mounted or screen.widths.right is not None
        listed = screen.rows if self.state.level is Level.ROWS else screen.side
        return ReportFacts(self._keymap, self._labels, self._person, wide, listed.page_step)

    def closes(self, press: KeyPress) -> bool:
        """Return True if a key closes the screen."""
        return self._keymap.command(press) == CLOSE or press.key == "escape"

    @override
    def point(self, widget: Drawn[Any], place: int) -> None:
        """Act on a click, counting the rows before the page."""
        super().point(widget, self._first + place if widget is self.screen.rows else place)

    @override
    def paint(self) -> None:
        """Update the widgets from the state."""
        if self.screen.is_mounted:
            views = self._presenter.views(self.state, self.facts(), self.screen.widths)
            self._first = views.first
            self.screen.show(views, _("Help"))
