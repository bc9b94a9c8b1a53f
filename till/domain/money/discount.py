"""Discounts: the amount that a discount takes off, and its share on each of several lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from till.domain.money.amount import spread
from till.domain.money.measures import NOTHING, Millionths, Minor, sum_of
from till.domain.money.rounding import divide_and_round

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_WHOLE = 1_000_000


class Off(Struct, frozen=True):
    """A discount: either a `rate` in millionths or an `amount` in minor units.

    Attributes:
        price: the price that an amount was given for. On a lower price, the amount is reduced in proportion.
        then: another discount, on the rest that this one leaves.
    """

    rate: Millionths | None
    amount: Minor | None
    price: Minor | None = None
    then: Off | None = None

    def of(self, listed: Minor) -> Minor:
        """Return the reduction of a price, rounded half up, with the sign of the price and at most all of it."""
        off = self._alone(listed)
        return off if self.then is None else Minor(off + self.then.of(Minor(listed - off)))

    def _alone(self, listed: Minor) -> Minor:
        if self.rate is not None:
            return share_of(listed, self.rate)
        sign = -1 if listed < 0 else 1
        amount = self.amount or NOTHING
        if self.price is not None:
            amount = part_of(amount, abs(listed), self.price)
        return Minor(sign * min(amount, abs(listed)))


def share_of(amount: Minor, rate: Millionths) -> Minor:
    """Return a percentage of an amount, rounded half up."""
    return Minor(divide_and_round(amount * rate, _WHOLE))


def part_of(amount: Minor, numerator: int, denominator: int) -> Minor:
    """Return the part `numerator / denominator` of a discount amount, rounded half up; at most the amount."""
    return min(amount, Minor(divide_and_round(amount * numerator, denominator)))


def take_off(amounts: Sequence[Minor], discounts: Iterable[Off]) -> tuple[list[Minor], Minor]:
    """Take discounts off several amounts, one after the other. Each is divided by largest remainder.

    Args:
        amounts: the amounts to discount, line by line.
        discounts: the discounts, each on the rest that the previous one leaves.

    Returns:
        The rest of each amount, and the sum of the discounts.
    """
    left, off = list(amounts), NOTHING
    for discount in discounts:
        part = discount.of(sum_of(left))
        off = Minor(off + part)
        left = [Minor(amount - share) for amount, share in zip(left, spread(part, left), strict=True)]
    return left, off
