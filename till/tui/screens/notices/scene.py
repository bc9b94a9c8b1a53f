"""The running screen of notices."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from till.tui.screens.notices.acts import NoticesActs
from till.tui.screens.notices.presenter import notices_views
from till.tui.screens.notices.reduce import reduce
from till.tui.screens.notices.state import NoticesFacts
from till.tui.shell.keymap import KeyPress

if TYPE_CHECKING:
    from till.tui.drawing.widgets.drawn import Drawn


class NoticesScene(NoticesActs):
    """The scene of the notices. A notice that was seen stays listed until the screen is left."""

    takes_money = False
    says_trouble = False
    logs_out = False

    @property
    def session_id(self) -> str | None:
        """The order on the sell screen, if any."""
        return self._selling.session_id

    def tick(self) -> None:
        """Do nothing: the screen does not depend on the time."""

    def show(self) -> None:
        """Bring the screen to the front."""
        self.controller.go(self)

    def press(self, press: KeyPress) -> None:
        """Choose a notice, read it, or go back."""
        self.state, calls = reduce(self.state, press, self._facts())
        for asked in calls:
            asked.on(self)

    def point(self, widget: Drawn[Any], place: int) -> None:
        """Mark the notice that was clicked; a click on the marked one acts like Enter."""
        if widget is not self.screen.list:
            return
        if self.state.place == place:
            self.press(KeyPress("enter"))
        else:
            self.state = replace(self.state, place=place, message=None, unconfirmed="")

    def _facts(self) -> NoticesFacts:
        register = self.controller.register
        listed, new = self._listed(), {one.id for one in register.notices.open()}
        return NoticesFacts(
            notices=tuple((one, register.notices.said(one)) for one in listed.values()),
            seen=frozenset(listed.keys() - new),
            count=register.notices.count,
            formats=register.formats,
            keymap=self.controller.keymap,
            wide=self.screen.is_wide,
        )

    def paint(self) -> None:
        """Update the widgets from the state."""
        views = notices_views(self.state, self._facts(), self.controller.status())
        self.screen.show(views, is_open=self.state.opened)
