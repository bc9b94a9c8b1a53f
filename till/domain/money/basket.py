"""Prices lines as one sale: discounts, taxes, a charge for service. Every level adds up: net + tax = gross."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from msgspec import Struct

from till.domain.money.discount import Off, share_of, take_off
from till.domain.money.measures import FREE, NOTHING, Minor, Price4, sum_of
from till.domain.money.promotion import Offer, save_on, ware_of
from till.domain.money.rounding import HALF_UP, Direction
from till.domain.money.tax import Tax, Taxed, tax_line, tax_order, undiscounted

if TYPE_CHECKING:
    from collections.abc import Sequence
    from fractions import Fraction

    from till.domain.money.amount import Currency
    from till.domain.money.measures import Millionths


class Rules(Struct, frozen=True):
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


class Item(Struct, frozen=True):
    """What is sold in one line: what it costs before discounts, in minor units, and what is to be known of it.

    Attributes:
        price4: of a piece, or of a measure of it where it is `weighed`.
        offers: the promotions that it meets.
        saved: what promotions took off it, where that is known.
    """

    listed: Minor
    pieces: int
    taxes: tuple[Tax, ...] = ()
    discount: Off | None = None
    name: str = ""
    price4: Price4 = FREE
    weighed: bool = False
    offers: tuple[Offer, ...] = ()
    saved: Minor = NOTHING


class ServiceCharge(Struct, frozen=True):
    """A percentage of what the lines cost after discounts, with taxes of its own."""

    rate: Millionths
    taxes: tuple[Tax, ...] = ()

    def of(self, amounts: Minor) -> Minor:
        """What it is on so much, rounded half up."""
        return share_of(amounts, self.rate)


class KindSum(Struct, frozen=True):
    """One tax of the whole sale, in minor units: the net of the lines that bear it, and the tax."""

    name: str
    tax: Tax
    net: Minor
    amount: Minor


class PricedBasket(Struct, frozen=True, dict=True):
    """What a sale comes to.

    Attributes:
        lines: net, taxes and gross of each line; a charge for service is the last.
        amounts: what each of them comes to after discounts, before taxes that are added.
        taxes: the group of each of them.
        off: what promotions and discounts took off, those of lines and those of all.
        offs: what each discount on all lines took off.
    """

    lines: tuple[Taxed, ...]
    amounts: tuple[Minor, ...]
    taxes: tuple[tuple[Tax, ...], ...]
    off: Minor
    offs: tuple[Minor, ...] = ()

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
    items: Sequence[Item],
    discounts: Sequence[Off],
    rules: Rules,
    charge: ServiceCharge | None = None,
    currency: Currency | None = None,
) -> PricedBasket:
    """Price a sale.

    A line's discount comes off first, then those on all lines, then the charge is reckoned and everything is taxed. A
    deposit or levy that is in the price bears no discount.

    Args:
        items: the lines.
        discounts: on all lines, each on what the one before left.
        rules: how the place taxes.
        charge: for service; it bears no discount.
        currency: of the amounts, where promotions are on lines.
    """
    saved = _saved(items, rules, currency)
    own = [_own_discount(item, cut, rules) for item, cut in zip(items, saved, strict=True)]
    bearing = [
        Minor(item.listed - cut - part.off - part.firm) for item, cut, part in zip(items, saved, own, strict=True)
    ]
    left, offs = bearing, list[Minor]()
    for discount in discounts:
        left, off = take_off(left, [discount])
        offs.append(off)
    amounts = [Minor(bears + part.firm) for bears, part in zip(left, own, strict=True)]
    taxes = [item.taxes for item in items]
    pieces = [item.pieces for item in items]
    if charge is not None:
        amounts.append(charge.of(sum_of(amounts)))
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
    off = Minor(sum(offs) + sum(part.off for part in own) + sum(saved))
    return PricedBasket(tuple(taxed), tuple(amounts), tuple(taxes), off, tuple(offs))


def _saved(items: Sequence[Item], rules: Rules, currency: Currency | None) -> list[Minor]:
    """What promotions save on each line, before its discount comes off: what is known of it, else what they come to."""
    if currency is None or not any(item.offers for item in items):
        return [item.saved for item in items]
    wares = [
        ware_of(
            item.name,
            item.price4,
            item.pieces,
            Minor(item.listed - _firm(item, rules)),
            item.listed,
            item.offers,
            currency,
            weighed=item.weighed,
        )
        for item in items
    ]
    return [sum_of(one.amount for one in saved) for saved in save_on(wares, currency)]


def price_item(item: Item, rules: Rules) -> tuple[Minor, Taxed]:
    """A line by itself: what its own discount takes off, and the rest taxed.

    It is what `price_basket` makes of it where nothing comes off all lines and no tax is rounded by the order.
    """
    off = _own_discount(item, item.saved, rules).off if item.discount else NOTHING
    return off, _taxed_alone(Minor(item.listed - item.saved - off), item.taxes, item.pieces, rules)


def price_charge(amounts: Minor, charge: ServiceCharge, rules: Rules) -> tuple[Minor, Taxed]:
    """A charge by itself, on what the lines come to: what it is, and that taxed. It is exact where `price_item` is."""
    amount = charge.of(amounts)
    return amount, _taxed_alone(amount, charge.taxes, 0, rules)


def _taxed_alone(amount: Minor, taxes: tuple[Tax, ...], pieces: int, rules: Rules) -> Taxed:
    return tax_line(
        amount, taxes, included=rules.included, pieces=pieces, direction=rules.direction, of_sum=rules.of_sum
    )


class _Own(NamedTuple):
    """What a line's own discount takes off, and what of the line bears no discount at all."""

    off: Minor
    firm: Minor


def _own_discount(item: Item, saved: Minor, rules: Rules) -> _Own:
    firm = _firm(item, rules)
    bearing = Minor(item.listed - firm - saved)
    return _Own(item.discount.of(bearing) if item.discount else NOTHING, firm)


def _firm(item: Item, rules: Rules) -> Minor:
    return firm_of(item.listed, item.taxes, item.pieces, included=rules.included)


def firm_of(listed: Minor, taxes: tuple[Tax, ...], pieces: int, *, included: bool) -> Minor:
    """What of a line's price bears no discount, the levies that are in it: never more than the line."""
    kept = undiscounted(taxes, pieces, included=included)
    return listed if abs(kept) > abs(listed) else kept
