"""What the whole numbers of money and measures count in: a type for each unit, so that none passes for another.

As the program runs each is a plain int. A sum or a difference is an int again, and says anew what it counts in:
`Minor(due - given)`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NewType, TypeVar, cast

if TYPE_CHECKING:
    from collections.abc import Iterable

#: Minor units of a currency: what amounts count in.
Minor = NewType("Minor", int)
#: Ten-thousandths of a major unit: what unit prices count in.
Price4 = NewType("Price4", int)
#: Millionths of a whole: what rates count in, so 20 % is 200,000.
Millionths = NewType("Millionths", int)
#: Thousandths of a measure (kilogram, litre): what a weighed quantity counts in.
Thousandths = NewType("Thousandths", int)

#: No money at all.
NOTHING: Final = Minor(0)
#: The unit price of what costs nothing.
FREE: Final = Price4(0)

_Unit = TypeVar("_Unit", Minor, Price4, Millionths, Thousandths)


def sum_of(parts: Iterable[_Unit]) -> _Unit:
    """Add up what counts in one unit."""
    return cast("_Unit", sum(parts))
