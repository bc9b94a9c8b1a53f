"""The pace of the sync: when a push or a poll is due, pauses between attempts, and the size and deadline of a push.

Times are seconds of the caller's monotonic clock.
"""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

    from till.sync.settings import Settings

#: The fewest seconds from an answer to the next poll.
_CALM_S: Final = 0.1
#: The shortest and the longest pause in seconds.
SHORTEST: Final = 0.25
LONGEST: Final = 30.0
#: The longest deadline of a slow connection, in seconds.
LONGEST_DEADLINE: Final = 30.0


class Schedule:
    """The timers: debounce and its bound, poll, heartbeat, and the pause after a failure.

    Args:
        settings: the durations.

    Attributes:
        beat_at: the time of the next heartbeat; it waits for a scheduled push.
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
        """Schedule a push: after the debounce, at the latest `max_wait_ms` after the first event, or at once."""
        if self._first_at is None:
            self._first_at = now
        due = now if at_once else min(now + self._debounce, self._first_at + self._max_wait)
        # Later events do not delay a push that is already due.
        self._push_at = due if self._push_at is None or self._push_at > now else self._push_at

    def poll_soon(self, now: float) -> None:
        """Poll soon, because the database has news, but not during a pause after a failure.

        Polls keep a minimum distance, since anybody with the tills' password can send notifications.
        """
        self._poll_at = min(self._poll_at, max(now, self._calm_until))

    def pause(self, now: float, seconds: float) -> None:
        """Send nothing for a number of seconds."""
        self._retry_at = now + seconds

    def hurry(self, now: float) -> None:
        """End the pause after a failure, because a caller waits."""
        if self._retry_at is not None:
            self._retry_at = min(self._retry_at, now)
        self.nudge(now, at_once=True)

    def sent(self) -> None:
        """Note that the due request was sent; new events restart the timers."""
        self._first_at = self._push_at = self._retry_at = None
        self._poll_at = inf

    def answered(self, now: float) -> None:
        """Note an answer. It also counts as a poll, unless the database announced news meanwhile."""
        self._calm_until = now + _CALM_S
        self._poll_at = min(max(self._poll_at, self._calm_until), now + self._poll)

    @property
    def due_at(self) -> float:
        """The time of the next request."""
        if self._retry_at is not None:
            return self._retry_at
        return min(self.beat_at if self._push_at is None else self._push_at, self._poll_at)


class Backoff:
    """Pauses with exponential growth and full jitter, so that tills do not reconnect at the same time.

    Args:
        chance: returns a number from 0 up to 1; a seeded function makes a run repeatable.
    """

    def __init__(self, chance: Callable[[], float]) -> None:
        self._chance = chance
        self._ceiling = 0.0
        self.failures = 0

    def next(self) -> float:
        """Return the seconds to the next attempt, from `SHORTEST` to a ceiling that doubles up to `LONGEST`."""
        self.failures += 1
        self._ceiling = min(LONGEST, max(self._ceiling, SHORTEST) * 2)
        return SHORTEST + self._chance() * (self._ceiling - SHORTEST)

    def slow(self) -> float:
        """Return the seconds to the next attempt if a person must act: from half of `LONGEST` up to `LONGEST`."""
        self.failures += 1
        return LONGEST / 2 * (1 + self._chance())

    def reset(self) -> None:
        """Note a success: the next failure starts again from the shortest pause."""
        self._ceiling = 0.0
        self.failures = 0


class Patience:
    """The batch limit and the deadline. A timeout halves the batch; with a single event, it doubles the deadline.

    Args:
        batch: the most events in one push.
        deadline: the initial and shortest deadline in seconds.
    """

    def __init__(self, batch: int, deadline: float) -> None:
        self._batch = batch
        self._base = deadline
        self.limit = batch
        self.deadline = deadline
        self.connect_deadline = deadline

    def timed_out(self, events: int) -> None:
        """Adapt to a timeout of a push with a number of events."""
        if events > 1:
            self.halve(events)
        else:
            self.deadline = min(LONGEST_DEADLINE, self.deadline * 2)

    def connect_timed_out(self) -> None:
        """Adapt to a timeout while connecting."""
        self.connect_deadline = min(LONGEST_DEADLINE, self.connect_deadline * 2)

    def greeted(self, seconds: float) -> None:
        """Adapt to a first answer on a connection after `seconds`: a push of any size may wait longer."""
        self.deadline = min(LONGEST_DEADLINE, max(self.deadline, seconds * 4))

    def halve(self, events: int) -> None:
        """Limit the next push to half of `events`."""
        self.limit = max(1, events // 2)

    def answered(self, seconds: float) -> None:
        """Adapt to an answer after `seconds`: send more if it was fast, and shorten the deadline if possible."""
        if seconds < self.deadline / 2:
            self.limit = min(self._batch, self.limit * 2)
        self.deadline = min(self.deadline, max(self._base, seconds * 4))
        self.connect_deadline = self._base
