"""The schedule of pushes. Times are seconds of one monotonic clock that the caller owns."""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from till.sync.settings import Settings

#: The fewest seconds from an answer to the next poll.
_CALM_S = 0.1


class Schedule:
    """The timers: debounce and its bound, poll, heartbeat, and the pause after a failure.

    Args:
        settings: their durations.

    Attributes:
        beat_at: when a heartbeat is due; it waits for a push that is coming anyway.
    """

    def __init__(self, settings: Settings) -> None:
        self._debounce = settings.debounce_ms / 1000
        self._max_wait = settings.max_wait_ms / 1000
        self._poll = settings.poll_s
        self._first_at: float | None = None
        self._push_at: float | None = None
        self._poll_at = 0.0
        self._calm_until = -inf
        self._retry_at: float | None = None
        self.beat_at = inf

    def start(self, now: float) -> None:
        """Make the first poll due at once."""
        self._poll_at = now

    def nudge(self, now: float, *, at_once: bool) -> None:
        """Schedule a new event: after the debounce, never later than the bound since the first, or at once."""
        if self._first_at is None:
            self._first_at = now
        due = now if at_once else min(now + self._debounce, self._first_at + self._max_wait)
        # A push that is due at once stays so, whatever is keyed after it.
        self._push_at = due if self._push_at is None or self._push_at > now else self._push_at

    def poll_soon(self, now: float) -> None:
        """Poll soon, because the database has news, but not before a pause after a failure is over.

        Polls keep a distance however often it is signalled: anybody with the tills' password can signal.
        """
        self._poll_at = min(self._poll_at, max(now, self._calm_until))

    def pause(self, now: float, seconds: float) -> None:
        """Send nothing before that many seconds have passed."""
        self._retry_at = now + seconds

    def hurry(self, now: float) -> None:
        """End the pause after a failure: somebody waits."""
        if self._retry_at is not None:
            self._retry_at = min(self._retry_at, now)
        self.nudge(now, at_once=True)

    def sent(self) -> None:
        """Note that the due request is out; new events start the timers anew."""
        self._first_at = self._push_at = self._retry_at = None
        self._poll_at = inf

    def answered(self, now: float) -> None:
        """Note an answer. It was a poll as well, unless the database called for another meanwhile."""
        self._calm_until = now + _CALM_S
        self._poll_at = min(max(self._poll_at, self._calm_until), now + self._poll)

    @property
    def due_at(self) -> float:
        """When the next request is due."""
        if self._retry_at is not None:
            return self._retry_at
        return min(self.beat_at if self._push_at is None else self._push_at, self._poll_at)
