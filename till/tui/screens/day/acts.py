"""The acts of the replayed day."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


class DayActs:
    """The acts of the scene, which its reducer calls.

    Args:
        leave: goes back to the desk.
    """

    def __init__(self, leave: Callable[[], None]) -> None:
        self._leave = leave

    def leave(self) -> None:
        """Go back to the desk."""
        self._leave()
