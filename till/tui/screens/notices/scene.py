"""The running screen of notices."""

from __future__ import annotations

from typing import TYPE_CHECKING

from typing_extensions import override

from till.register.other_tills.news import NoticeCame
from till.tui.screens.notices.acts import NoticesActs
from till.tui.screens.notices.presenter import notices_views
from till.tui.screens.notices.reduce import reduce
from till.tui.screens.notices.state import NoticesFacts
from till.tui.shell.messages import refusal

if TYPE_CHECKING:
    from till.tui.screens.notices.reduce import NoticesStep
    from till.tui.shell.keymap import KeyPress
    from till.tui.shell.messages import Heard


class NoticesScene(NoticesActs):
    """The scene of the notices. A notice that was seen stays listed until the screen is left."""

    @property
    def session_id(self) -> str | None:
        """The order on the sell screen, if any."""
        return self._selling.session_id

    @override
    def reduce(self, event: KeyPress) -> NoticesStep:
        return reduce(self.state, event, self._facts())

    @override
    def hear(self, news: Heard) -> bool:
        if not isinstance(news, NoticeCame):
            return False
        self.message = refusal(news.sentence)
        return True

    def _facts(self) -> NoticesFacts:
        register = self.controller.register
        listed, new = self._listed(), {one.id for one in register.notices.open()}
        return NoticesFacts(
            notices=tuple((one, register.notices.in_words(one)) for one in listed.values()),
            seen=frozenset(listed.keys() - new),
            count=register.notices.count,
            formats=register.formats,
            keymap=self.controller.keymap,
            wide=self.screen.is_wide,
            page=self.screen.list.page_step,
        )

    def paint(self) -> None:
        """Update the widgets from the state."""
        views = notices_views(self.state, self._facts(), self.controller.status())
        self.screen.show(views, opened=self.state.opened)
