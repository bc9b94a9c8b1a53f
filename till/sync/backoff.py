"""Pauses between attempts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

#: The shortest and the longest pause in seconds (design §6).
SHORTEST: Final = 0.25
LONGEST: Final = 30.0


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
