"""Discounts: the amount that one takes off, and the share of each line in one on many lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from till.domain.money.amount import spread
from till.domain.money.measures import NOTHING, Millionths, Minor, sum_of
from till.domain.money.rounding import rounded

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_WHOLE = 1_000_000


class Off(Struct, frozen=True):
    """A discount: one of `rate` (millionths) and `amount` (minor units, for all that it is given on).

    Attributes:
        price: the price that an amount was given on; on less than that, the amount is reduced in proportion.
    """

    rate: Millionths | None
    amount: Minor | None
    price: Minor | None = None

    def of(self, listed: Minor) -> Minor:
        """Return the reduction of an amount, rounded half up: with the amount's sign and never more than all of it."""
        if self.rate is not None:
            return share_of(listed, self.rate)
        sign = -1 if listed < 0 else 1
        amount = self.amount or NOTHING
        if self.price is not None:
            amount = part_of(amount, abs(listed), self.price)
        return Minor(sign * min(amount, abs(listed)))


def share_of(amount: Minor, rate: Millionths) -> Minor:
    """Return a percentage of an amount, rounded half up."""
    return Minor(rounded(amount * rate, _WHOLE))


def part_of(amount: Minor, there: int, given_on: int) -> Minor:
    """Return the share of a discount amount for `there` of the price it was given on, rounded half up; never more."""
    return min(amount, Minor(rounded(amount * there, given_on)))


def take_off(amounts: Sequence[Minor], discounts: Iterable[Off]) -> tuple[list[Minor], Minor]:
    """Take discounts off many amounts, one after the other, each shared by largest remainder.

    Args:
        amounts: the amounts that bear the discounts, line by line.
        discounts: each on what the one before left.

    Returns:
        The rest of each amount, and what was taken off altogether.
    """
    left, off = list(amounts), NOTHING
    for discount in discounts:
        part = discount.of(sum_of(left))
        off = Minor(off + part)
        left = [Minor(amount - share) for amount, share in zip(left, spread(part, left), strict=True)]
    return left, off
