"""Pauses between attempts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

#: Seconds of the shortest and of the longest pause (design §6).
SHORTEST: Final = 0.25
LONGEST: Final = 30.0


class Backoff:
    """Pauses that grow exponentially, each with full jitter, so that tills do not return in step.

    Args:
        chance: returns a number from 0 up to 1; a seeded one makes a run repeatable.
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
        """Return the seconds to the next attempt at what waits for a person: the upper half of the longest pause."""
        self.failures += 1
        return LONGEST / 2 * (1 + self._chance())

    def reset(self) -> None:
        """Note a success: the next failure starts from the shortest pause."""
        self._ceiling = 0.0
        self.failures = 0
