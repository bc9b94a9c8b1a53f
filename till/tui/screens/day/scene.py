"""The running screen of a till's day: keeps its state and paints it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from till.domain.i18n import _
from till.tui.screens.day.acts import DayActs
from till.tui.screens.day.presenter import DayPresenter
from till.tui.screens.day.reduce import go_to, reduce
from till.tui.screens.day.screen import DayScreen
from till.tui.screens.day.state import DayFacts, DayState
from till.tui.shell.keymap import CLOSE
from till.tui.shell.messages import Answer

if TYPE_CHECKING:
    from collections.abc import Callable

    from till.domain.money.formats import Marks
    from till.ports.desk import TillDay
    from till.tui.drawing.widgets.drawn import Drawn
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

    message = Answer()

    def __init__(
        self, day: TillDay, till_name: str, keymap: Keymap, marks: Marks, currency: str, leave: Callable[[], None]
    ) -> None:
        super().__init__(leave)
        self.state = DayState()
        self.screen = DayScreen()
        self._facts = DayFacts(keymap, day)
        self._presenter = DayPresenter(day, till_name, marks, currency)

    def press(self, press: KeyPress) -> None:
        """Act on a key."""
        self.state, calls = reduce(self.state, press, self._facts)
        self.paint()
        for asked in calls:
            asked.on(self)

    def closes(self, press: KeyPress) -> bool:
        """True if a key closes the screen."""
        return self._facts.keymap.command(press) == CLOSE or press.key == "escape"

    def point(self, widget: Drawn[Any], place: int) -> None:
        """Go to an event that was clicked."""
        if widget is self.screen.events:
            self.state = go_to(self.state, place, self._facts)
            self.paint()

    def paint(self) -> None:
        """Update the widgets from the state."""
        self.screen.show(self._presenter.views(self.state, self._facts, wide=self.screen.is_wide), _("Help"))
