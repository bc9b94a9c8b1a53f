"""Prices lines as one sale: discounts, taxes, a charge for service. Every level adds up: net + tax = gross."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from till.domain.money.discount import Off, share_of, take_off
from till.domain.money.measures import NOTHING, Minor, sum_of
from till.domain.money.rounding import HALF_UP, Direction
from till.domain.money.tax import Tax, Taxed, tax_order, undiscounted

if TYPE_CHECKING:
    from collections.abc import Sequence
    from fractions import Fraction

    from till.domain.money.measures import Millionths


@dataclass(frozen=True, slots=True)
class Rules:
    """How a place taxes: what the law says, or lets the venue choose.

    Attributes:
        included: whether taxes that do not say are in the price.
        by_order: whether a tax is rounded once for the order, and not for each line.
        direction: which way it is rounded.
        of_sum: whether the sum of the rates is rounded in place of each.
    """

    included: bool
    by_order: bool = False
    direction: Direction = HALF_UP
    of_sum: bool = False


@dataclass(frozen=True, slots=True)
class Item:
    """What is sold in one line: what it costs before discounts, in minor units, and what is to be known of it."""

    listed: Minor
    pieces: int
    taxes: tuple[Tax, ...] = ()
    discount: Off | None = None


@dataclass(frozen=True, slots=True)
class ServiceCharge:
    """A percentage of what the lines cost after discounts, with taxes of its own."""

    rate: Millionths
    taxes: tuple[Tax, ...] = ()


@dataclass(frozen=True, slots=True)
class KindSum:
    """One tax of the whole sale, in minor units: the net of the lines that bear it, and the tax."""

    name: str
    tax: Tax
    net: Minor
    amount: Minor


@dataclass(frozen=True)
class PricedBasket:
    """What a sale comes to.

    Attributes:
        lines: net, taxes and gross of each line; a charge for service is the last.
        taxes: the group of each of them.
        off: what discounts took off, those of lines and those of all.
    """

    lines: tuple[Taxed, ...]
    taxes: tuple[tuple[Tax, ...], ...]
    off: Minor

    @cached_property
    def net(self) -> Minor:
        return sum_of(line.net for line in self.lines)

    @cached_property
    def total(self) -> Minor:
        """What is to be paid before anything is rounded to coins."""
        return sum_of(line.gross for line in self.lines)

    @property
    def tax(self) -> Minor:
        return Minor(self.total - self.net)

    @cached_property
    def sums(self) -> tuple[KindSum, ...]:
        """Each tax, as the lines bring them; the net of a line counts once for a tax that it bears twice."""
        sums: dict[tuple[str, Millionths, Fraction | None], KindSum] = {}
        for taxed, group in zip(self.lines, self.taxes, strict=True):
            counted = set()
            for tax, amount in zip(group, taxed.taxes, strict=True):
                so_far = sums.get(tax.kind) or KindSum(tax.name, tax, NOTHING, NOTHING)
                net = so_far.net if tax.kind in counted else Minor(so_far.net + taxed.net)
                sums[tax.kind] = KindSum(tax.name, tax, net, Minor(so_far.amount + amount))
                counted.add(tax.kind)
        return tuple(sums.values())


def price_basket(
    items: Sequence[Item], discounts: Sequence[Off], rules: Rules, charge: ServiceCharge | None = None
) -> PricedBasket:
    """Price a sale.

    A line's discount comes off first, then those on all lines, then the charge is reckoned and everything is taxed. A
    deposit or levy that is in the price bears no discount.

    Args:
        items: the lines.
        discounts: on all lines, each on what the one before left.
        rules: how the place taxes.
        charge: for service; it bears no discount.
    """
    firm = [_firm(item, rules) for item in items]
    bearing = [Minor(item.listed - kept) for item, kept in zip(items, firm, strict=True)]
    own = [item.discount.of(part) if item.discount else NOTHING for item, part in zip(items, bearing, strict=True)]
    left, off = take_off([Minor(part - cut) for part, cut in zip(bearing, own, strict=True)], discounts)
    amounts = [Minor(part + kept) for part, kept in zip(left, firm, strict=True)]
    taxes = [item.taxes for item in items]
    pieces = [item.pieces for item in items]
    if charge is not None:
        amounts.append(share_of(sum_of(amounts), charge.rate))
        taxes.append(charge.taxes)
        pieces.append(0)  # a charge has no pieces
    taxed = tax_order(
        amounts,
        taxes,
        included=rules.included,
        by_order=rules.by_order,
        pieces=pieces,
        direction=rules.direction,
        of_sum=rules.of_sum,
    )
    return PricedBasket(tuple(taxed), tuple(taxes), Minor(off + sum(own)))


def _firm(item: Item, rules: Rules) -> Minor:
    """What of a line bears no discount: never more than the line."""
    kept = undiscounted(item.taxes, item.pieces, included=rules.included)
    return item.listed if abs(kept) > abs(item.listed) else kept
