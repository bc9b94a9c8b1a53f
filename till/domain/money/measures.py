"""Integer types for money and measures, one for each unit, so that mypy finds mixed units.

At run time they are plain integers. A sum or a difference is an `int` and must be converted again:
`Minor(due - given)`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NewType, TypeVar, cast

if TYPE_CHECKING:
    from collections.abc import Iterable

#: Minor units of a currency: the unit of amounts.
Minor = NewType("Minor", int)
#: Ten-thousandths of a major unit: the unit of unit prices.
Price4 = NewType("Price4", int)
#: Millionths of a whole: the unit of rates, so 20 % is 200,000.
Millionths = NewType("Millionths", int)
#: Thousandths of a measure (kilogram, litre): the unit of weighed quantities.
Thousandths = NewType("Thousandths", int)

#: An amount of zero.
NOTHING: Final = Minor(0)
#: The unit price of a free item.
FREE: Final = Price4(0)

_Unit = TypeVar("_Unit", Minor, Price4, Millionths, Thousandths)


def sum_of(parts: Iterable[_Unit]) -> _Unit:
    """Add up numbers of one unit."""
    return cast("_Unit", sum(parts))
