"""The open orders of all tills for the login screen, read periodically in the background."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from till.domain.errors import StoreError
from till.domain.i18n import _
from till.ports import LightState
from till.tui.drawing.palette import Tone
from till.tui.drawing.viewmodels import StyledText

if TYPE_CHECKING:
    from till.ports import RemoteSession, Store
    from till.tui.shell.controller import Controller

#: Seconds between two reads.
_LOOK_S: Final = 5.0


class OpenElsewhere:
    """The open order of each user, here or on another till.

    Args:
        controller: the till.
    """

    def __init__(self, controller: Controller) -> None:
        self._controller = controller
        self._rows: dict[int, RemoteSession] = {}
        self.looks_at = 0.0
        self.is_looking = False

    @property
    def is_out_of_sight(self) -> bool:
        """True if the other tills cannot be asked."""
        return self._controller.register.light.state is LightState.OFFLINE

    def look(self, now: float) -> None:
        """Ask if it is due; `now` is in seconds. Without an answer, only what this till knows is shown."""
        store = self._controller.store
        if store is None or self.is_looking:
            return
        if self.is_out_of_sight:
            self._rows = {}
        elif now >= self.looks_at:
            self.looks_at, self.is_looking = now + _LOOK_S, True
            self._controller.meanwhile(self._ask(store))

    def look_again(self) -> None:
        """Ask now, as another till did something to an order."""
        self.looks_at = 0.0
        self.look(time.monotonic())

    async def _ask(self, store: Store) -> None:
        try:
            self._rows = {row.user: row for row in await store.open_orders()}
        except StoreError:
            self._rows = {}
        finally:
            self.is_looking = False

    def shown(self, user: int) -> StyledText | None:
        """Return the size of a user's open order, or the till it is on; None without one."""
        register = self._controller.register
        found = register.recovery.glimpse(user, self._rows.get(user))
        if found is None:
            return None
        if found.till is not None:
            return StyledText(_("on {till}").format(till=register.venue.till_name(found.till)), Tone.MUTED)
        return StyledText(_("{size} open").format(size=register.answers.counted(found.lines, found.total)))
