"""The open orders of all tills for the login screen, read in the background."""

from __future__ import annotations

from typing import TYPE_CHECKING

from till.domain.errors import StoreError
from till.domain.i18n import _
from till.ports import LightState
from till.tui.drawing.palette import Tone
from till.tui.drawing.viewmodels import StyledText

if TYPE_CHECKING:
    from till.ports import RemoteSession, Store
    from till.tui.shell.controller import Controller


class OpenElsewhere:
    """The open order of each user, here or on another till.

    Args:
        controller: the till.
    """

    def __init__(self, controller: Controller) -> None:
        self._controller = controller
        self._rows: dict[int, RemoteSession] = {}

    @property
    def is_out_of_sight(self) -> bool:
        """True if the other tills cannot be asked."""
        return self._controller.register.light.state is LightState.OFFLINE

    def look_again(self) -> None:
        """Ask now. Without an answer, only what this till knows is shown."""
        if (store := self._controller.answering) is not None:
            self._controller.meanwhile(self._ask(store))

    async def _ask(self, store: Store) -> None:
        try:
            self._rows = {row.user: row for row in await store.open_orders()}
        except StoreError:
            self._rows = {}

    def shown(self, user: int) -> StyledText | None:
        """Return the size of a user's open order and what is due, or the till it is on; None without one."""
        register = self._controller.register
        found = register.recovery.glimpse(user, None if self.is_out_of_sight else self._rows.get(user))
        if found is None:
            return None
        if found.till is not None:
            return StyledText(_("on {till}").format(till=register.venue.till_name(found.till)), Tone.MUTED)
        size = register.answers.counted(found.lines, found.total, found.paid)
        return StyledText(size if found.paid else _("{size} open").format(size=size))
