"""How much to send at once and how long to wait for the answer, learned from the link itself (design §6)."""

from __future__ import annotations

from typing import Final

#: Seconds that a slow link is waited for at most.
LONGEST_DEADLINE: Final = 30.0


class Patience:
    """Batch limit and deadline. A timeout halves the batch; with one event left it doubles the deadline.

    Args:
        batch: the most events in one push.
        deadline: seconds, where it starts and ends.
    """

    def __init__(self, batch: int, deadline: float) -> None:
        self._batch = batch
        self._base = deadline
        self.limit = batch
        self.deadline = deadline
        self.connect_deadline = deadline

    def timed_out(self, events: int) -> None:
        """No answer to so many events."""
        if events > 1:
            self.halve(events)
        else:
            self.deadline = min(LONGEST_DEADLINE, self.deadline * 2)

    def connect_timed_out(self) -> None:
        """No connection in time."""
        self.connect_deadline = min(LONGEST_DEADLINE, self.connect_deadline * 2)

    def halve(self, events: int) -> None:
        """Send half of that next time."""
        self.limit = max(1, events // 2)

    def answered(self, seconds: float) -> None:
        """An answer came after so many seconds: send more where there was room, wait less where it was not needed."""
        if seconds < self.deadline / 2:
            self.limit = min(self._batch, self.limit * 2)
        self.deadline = min(self.deadline, max(self._base, seconds * 4))
        self.connect_deadline = self._base
