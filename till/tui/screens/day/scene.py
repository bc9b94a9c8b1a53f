"""The running screen of a till's day: keeps its state and paints it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from typing_extensions import override

from till.domain.i18n import _
from till.tui.screens.day.presenter import DayPresenter
from till.tui.screens.day.reduce import DayActs, reduce
from till.tui.screens.day.screen import DayScreen
from till.tui.screens.day.state import DayFacts, DayState
from till.tui.shell.keymap import CLOSE

if TYPE_CHECKING:
    from collections.abc import Callable

    from till.domain.money.formats import Marks
    from till.ports.desk import TillDay
    from till.tui.screens.day.reduce import DayStep
    from till.tui.shell.keymap import Keymap, KeyPress


class DayScene(DayActs):
    """The scene of a replayed day.

    Args:
        day: the day as it was read; later events of the till are not in it.
        till_name: the till's name.
        keymap: the keys of each command.
        marks: the number format.
        currency: the venue's currency code.
        leave: goes back to the desk.
    """

    def __init__(
        self, day: TillDay, till_name: str, keymap: Keymap, marks: Marks, currency: str, leave: Callable[[], None]
    ) -> None:
        super().__init__(leave)
        self.state = DayState()
        self.screen = DayScreen()
        self._facts = DayFacts(keymap, day)
        self._presenter = DayPresenter(day, till_name, marks, currency)

    @override
    def reduce(self, event: KeyPress) -> DayStep:
        return reduce(self.state, event, self._facts)

    @override
    def kept(self) -> None:
        """Paint before the calls are made, one of which leaves the screen."""
        self.paint()

    def closes(self, press: KeyPress) -> bool:
        """Return True if a key closes the screen."""
        return self._facts.keymap.command(press) == CLOSE or press.key == "escape"

    @override
    def paint(self) -> None:
        """Update the widgets from the state."""
        self.screen.show(self._presenter.views(self.state, self._facts, wide=self.screen.is_wide), _("Help"))
