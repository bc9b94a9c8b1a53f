"""Rounding to whole units. It is symmetric, so that a return has the amounts of its sale with a minus."""

from __future__ import annotations

from enum import Enum
from typing import Final


class Direction(Enum):
    """A direction of rounding: up is away from zero, down is towards zero."""

    HALF_UP = "half_up"
    HALF_DOWN = "half_down"
    UP = "up"
    DOWN = "down"


HALF_UP: Final = Direction.HALF_UP


def divide_and_round(numerator: int, denominator: int, direction: Direction = HALF_UP) -> int:
    """Divide and round to a whole number. `denominator` must be positive."""
    whole, rest = divmod(abs(numerator), denominator)
    if direction is Direction.HALF_UP:
        more = 2 * rest >= denominator
    elif direction is Direction.HALF_DOWN:
        more = 2 * rest > denominator
    else:
        more = rest > 0 and direction is Direction.UP
    return (whole + more) * (-1 if numerator < 0 else 1)
