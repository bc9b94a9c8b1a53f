"""The pace of the sync: pauses between attempts, and the size and deadline of a push."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

#: The shortest and the longest pause in seconds.
SHORTEST: Final = 0.25
LONGEST: Final = 30.0
#: The longest deadline of a slow connection, in seconds.
LONGEST_DEADLINE: Final = 30.0


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

    def halve(self, events: int) -> None:
        """Limit the next push to half of `events`."""
        self.limit = max(1, events // 2)

    def answered(self, seconds: float) -> None:
        """Adapt to an answer after `seconds`: send more if it was fast, and shorten the deadline if possible."""
        if seconds < self.deadline / 2:
            self.limit = min(self._batch, self.limit * 2)
        self.deadline = min(self.deadline, max(self._base, seconds * 4))
        self.connect_deadline = self._base
