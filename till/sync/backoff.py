"""How long to wait before trying again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

#: Seconds of the shortest and of the longest pause (design §6).
SHORTEST: Final = 0.25
LONGEST: Final = 30.0


class Backoff:
    """Pauses that grow exponentially, each drawn with full jitter, so that tills do not come back in step.

    Args:
        chance: gives a number from 0 up to 1; a seeded one makes a run repeatable.
    """

    def __init__(self, chance: Callable[[], float]) -> None:
        self._chance = chance
        self._ceiling = 0.0
        self.failures = 0

    def next(self) -> float:
        """Seconds until the next attempt, from `SHORTEST` to a ceiling that doubles each time up to `LONGEST`."""
        self.failures += 1
        self._ceiling = min(LONGEST, max(self._ceiling, SHORTEST) * 2)
        return SHORTEST + self._chance() * (self._ceiling - SHORTEST)

    def slow(self) -> float:
        """Seconds until something is tried again that waits for a person: the upper half of the longest pause."""
        self.failures += 1
        return LONGEST / 2 * (1 + self._chance())

    def reset(self) -> None:
        """It worked: the next failure starts from the shortest pause."""
        self._ceiling = 0.0
        self.failures = 0
