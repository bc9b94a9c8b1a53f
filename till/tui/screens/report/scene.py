"""The running reports at the desk: keep their state, take answers and paint."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from typing_extensions import override

from till.domain.i18n import _
from till.tui.screens.report.acts import ReportActs
from till.tui.screens.report.presenter import ReportPresenter
from till.tui.screens.report.reduce import ask, help_rows, reduce
from till.tui.screens.report.state import Labels, Level, Page, ReportFacts, ReportState
from till.tui.shell.key_table import help_view

if TYPE_CHECKING:
    from till.tui.drawing.widgets.drawn import Drawn
    from till.tui.screens.report.acts import ReportSource
    from till.tui.screens.report.reduce import ReportStep
    from till.tui.screens.report.state import ReportOutcome
    from till.tui.screens.report.words import ReportRequest
    from till.tui.shell.keymap import Keymap, KeyPress
    from till.tui.shell.scene import SideHost


class ReportScene(ReportActs):
    """The scene of the reports.

    Args:
        host: the desk.
        keymap: the keys of each command.
        source: the reports.
        person: the manager at the desk; empty for the owner of the database.
    """

    closing_key = "escape"

    def __init__(self, host: SideHost, keymap: Keymap, source: ReportSource, person: str) -> None:
        super().__init__(host, keymap, source)
        self.state = ReportState()
        self._person, self._labels = person, Labels()
        self._presenter = ReportPresenter()
        self._page = Page()

    def open(self, wanted: ReportRequest) -> None:
        """Read the report that was asked for."""
        self.state, calls = ask(self.state, wanted)
        self.make(*calls)

    @override
    def reduce(self, event: KeyPress | ReportOutcome) -> ReportStep:
        return reduce(self.state, event, self.facts())

    def facts(self) -> ReportFacts:
        """Return the current facts."""
        screen = self.screen
        wide = not screen.is_mounted or screen.widths.right is not None
        listed = screen.rows if self.state.level is Level.ROWS else screen.side
        return ReportFacts(self._keymap, self._labels, self._person, wide, listed.page_step)

    @override
    def point(self, widget: Drawn[Any], place: int) -> None:
        """Act on a click, counting the rows before the page."""
        super().point(widget, self._page.before + place if widget is self.screen.rows else place)

    @override
    def paint(self) -> None:
        """Update the widgets from the state."""
        state, facts, screen = self.state, self.facts(), self.screen
        views, self._page = self._presenter.views(state, facts, screen.widths)
        screen.show_all(**views)
        screen.show_page(self._page)
        rows = help_view(help_rows(facts.keymap), state.helps) if state.helps is not None else None
        screen.show_help(rows, _("Help"))
        screen.reshape((state.level, state.about))
