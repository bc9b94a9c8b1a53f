"""The running screen of a till's day: keeps its state and paints it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from typing_extensions import override

from till.domain.i18n import _
from till.tui.screens.day.presenter import DayPresenter
from till.tui.screens.day.reduce import DayActs, reduce
from till.tui.screens.day.screen import DayScreen
from till.tui.screens.day.state import DayFacts, DayState

if TYPE_CHECKING:
    from till.domain.money.formats import Marks
    from till.ports.desk import TillDay
    from till.tui.screens.day.reduce import DayStep
    from till.tui.shell.keymap import Keymap, KeyPress
    from till.tui.shell.scene import SideHost


class DayScene(DayActs):
    """The scene of a replayed day.

    Args:
        host: the desk.
        day: the day as it was read; later events of the till are not in it.
        till_name: the till's name.
        keymap: the keys of each command.
        marks: the number format.
        currency: the venue's currency code.
    """

    closing_key = "escape"

    def __init__(
        self, host: SideHost, day: TillDay, till_name: str, keymap: Keymap, marks: Marks, currency: str
    ) -> None:
        super().__init__(host, DayScreen(), keymap)
        self.state = DayState()
        self._facts = DayFacts(keymap, day)
        self._presenter = DayPresenter(day, till_name, marks, currency)

    @override
    def reduce(self, event: KeyPress) -> DayStep:
        return reduce(self.state, event, self._facts)

    @override
    def paint(self) -> None:
        """Update the widgets from the state."""
        self.screen.show(self._presenter.views(self.state, self._facts, wide=self.screen.is_wide), _("Help"))
