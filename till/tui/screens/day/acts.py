"""The acts of the replayed day."""

from __future__ import annotations

from typing import TYPE_CHECKING, Never

from till.tui.screens.day.state import DayState
from till.tui.shell.scene import ReducedScene

if TYPE_CHECKING:
    from collections.abc import Callable


class DayActs(ReducedScene[DayState, Never]):
    """The acts of the scene, which its reducer calls.

    Args:
        leave: goes back to the desk.
    """

    def __init__(self, leave: Callable[[], None]) -> None:
        self._leave = leave

    def leave(self) -> None:
        """Go back to the desk."""
        self._leave()
