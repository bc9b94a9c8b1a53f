"""The acts of the form."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from typing_extensions import override

from till.domain.catalogue.csv_table import MenuFileError
from till.tui.screens.init.screen import InitScreen
from till.tui.screens.init.state import Checked, InitOutcome, InitState, Refused, Taken
from till.tui.shell.scene import SideScene

if TYPE_CHECKING:
    from collections.abc import Callable

    from till.domain.errors import TillError
    from till.ports.founding import Founding
    from till.tui.shell.calls import Call
    from till.tui.shell.keymap import Keymap
    from till.tui.shell.scene import SideHost


class InitActs(SideScene[InitState, InitOutcome, InitScreen]):
    """The acts of the scene, which its reducer calls.

    Args:
        host: the app.
        screen: the widgets.
        keymap: the keys of each command.
        founding: takes the answers.

    Attributes:
        agreed: True if the venue is to be set up.
    """

    def __init__(self, host: SideHost, screen: InitScreen, keymap: Keymap, founding: Founding) -> None:
        super().__init__(host, screen, keymap)
        self._founding = founding
        #: True while a thread takes an answer.
        self._is_taking = False
        self.agreed = False

    @override
    def refused(self, problem: TillError, asked: Call[Any, Any]) -> None:
        self._host.drop_keys()  # they were typed for the questions after this one
        self.happens(Refused(problem.sentence, problem.faults if isinstance(problem, MenuFileError) else ()))

    def finish(self, *, make: bool) -> None:
        """Leave the form, and set up the venue if `make`."""
        self.agreed = make
        self._host.leave()

    async def check(self, name: str, text: str) -> Checked:
        """Check whether a secret is acceptable."""
        await self._in_thread(lambda: self._founding.check(name, text))
        return Checked()

    async def submit(self, name: str, text: str) -> Taken:
        """Submit an answer."""
        await self._in_thread(lambda: self._founding.take(name, text))
        return Taken()

    async def _in_thread(self, work: Callable[[], None]) -> None:
        """Work in a thread: it may read a file or hash a secret."""
        self._is_taking = True
        try:
            await asyncio.to_thread(work)
        finally:
            self._is_taking = False
