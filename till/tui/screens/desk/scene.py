"""The running desk: watches the venue and paints."""

from __future__ import annotations

import asyncio
import contextlib
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from typing_extensions import override

from till.domain.errors import TillError
from till.tui.drawing.widgets.entry import answer_room
from till.tui.screens.desk.about import sheet_of
from till.tui.screens.desk.acts import DeskActs
from till.tui.screens.desk.presenter import desk_views
from till.tui.screens.desk.reduce import reduce
from till.tui.screens.desk.state import DeskFacts, DeskStage

if TYPE_CHECKING:
    from datetime import datetime

    from till.tui.screens.desk.reduce import DeskStep
    from till.tui.screens.desk.state import DeskOutcome
    from till.tui.shell.keymap import KeyPress

#: Seconds between looks at the venue when no notification arrives.
LOOK_S: Final = 3.0
#: Seconds to wait after a notification, so that a burst of them causes one refresh.
_BURST_S: Final = 0.2


class DeskScene(DeskActs):
    """The scene of the desk: its state, and its picture of the venue."""

    @override
    def reduce(self, event: KeyPress | DeskOutcome) -> DeskStep:
        return reduce(self.state, event, self.facts())

    # The venue.

    async def watch(self) -> None:
        """Look at the venue periodically, and whenever the database notifies of a change."""
        while True:
            await self._look()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LOOK_S):
                    await self._due.wait()
                    await asyncio.sleep(_BURST_S)
            self._due.clear()

    async def follow(self) -> None:
        """Listen for notifications of the database."""
        await self._desk.follow(self.look_soon)

    async def _look(self) -> None:
        try:
            self._keep(await self._desk.look())
        except TillError as problem:
            self._trouble = problem.sentence
        self.paint()

    # Facts and painting.

    def facts(self) -> DeskFacts:
        """Return the current facts."""
        return DeskFacts(
            keymap=self._keymap,
            written=self._written,
            picture=self._picture,
            trouble=self._trouble,
            since=self._picture.now if self._picture is not None else None,
            now=self._now(),
            person=self._desk.person,
            asks_password=self._desk.asks_password,
            is_held=self._host.is_held,
            page=self.screen.page(self.state.listed if self.state.step is DeskStage.LOOKING else None),
        )

    def _now(self) -> datetime | None:
        """Return the database's time, advanced by the monotonic clock. This machine's wall clock may be wrong."""
        if self._picture is None:
            return None
        return self._picture.now + timedelta(seconds=self._monotonic() - self._looked_at)

    @override
    def paint(self) -> None:
        """Update the widgets from the state."""
        state, facts, screen = self.state, self.facts(), self.screen
        room = answer_room(*screen.app.size)
        views = desk_views(state, facts, wide=screen.is_wide, room=room)
        screen.show(views, state.listed, sheet_of(state, facts, room))
