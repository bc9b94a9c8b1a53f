"""The acts of the form."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Protocol

from till.domain.catalogue.csv_table import MenuFileError
from till.domain.errors import TillError
from till.tui.screens.init.state import Checked, InitOutcome, InitState, Refused, Taken
from till.tui.shell.scene import ReducedScene

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from till.ports.founding import Founding
    from till.tui.shell.keymap import KeyPress


class Host(Protocol):
    """The app around the form, as the scene needs it."""

    def start(self, work: Coroutine[None, None, None]) -> None:
        """Run something in the background."""

    def leave(self) -> None:
        """Close the form."""


class InitActs(ReducedScene[InitState, InitOutcome]):
    """The acts of the scene, which its reducer calls.

    Args:
        host: the app.
        founding: takes the answers.

    Attributes:
        agreed: True if the venue is to be set up.
    """

    def __init__(self, host: Host, founding: Founding) -> None:
        self._host, self._founding = host, founding
        self._waiting: list[KeyPress] = []
        self._is_held = False
        self.agreed = False

    def finish(self, *, make: bool) -> None:
        """Leave the form, and set up the venue if `make`."""
        self.agreed = make
        self._host.leave()

    def check(self, name: str, text: str) -> None:
        """Check whether a secret is acceptable."""
        self._hold(lambda: self._founding.check(name, text), Checked())

    def submit(self, name: str, text: str) -> None:
        """Submit an answer."""
        self._hold(lambda: self._founding.take(name, text), Taken())

    def _hold(self, work: Callable[[], None], outcome: InitOutcome) -> None:
        """Let the keys wait for the work."""
        self._is_held = True
        self._host.start(self._wait(work, outcome))

    async def _wait(self, work: Callable[[], None], outcome: InitOutcome) -> None:
        """Work in a thread: it may read a file or hash a secret."""
        try:
            await asyncio.to_thread(work)
        except TillError as problem:
            outcome = Refused(problem.sentence, problem.faults if isinstance(problem, MenuFileError) else ())
            self._waiting.clear()  # it was typed for the questions after this one
        self._is_held = False
        self.happens(outcome)
        while self._waiting and not self._is_held:
            self.happens(self._waiting.pop(0))
