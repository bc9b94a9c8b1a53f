"""The pricing of lines as one sale: discounts, taxes, a service charge. On every level net + tax = gross."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

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
    """The tax rules of a place: those of its law, and the venue's choices within it.

    Attributes:
        included: True if taxes are in the price by default.
        by_order: True if a tax is rounded once for the order, not for each line.
        direction: the direction of rounding.
        of_sum: True if the sum of the rates is rounded, not each tax.
    """

    included: bool
    by_order: bool = False
    direction: Direction = HALF_UP
    of_sum: bool = False


class Item(Struct, frozen=True):
    """The item of one line: its price before discounts, in minor units, and all that its pricing needs.

    Attributes:
        price4: the price of a piece, or of a measure of it if it is `weighed`.
        offers: the promotions that it meets.
        saved: the amount that promotions took off it, if known.
        deposit: True if it bears no discount.
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
    deposit: bool = False


class ServiceCharge(Struct, frozen=True):
    """A percentage of the lines after discounts, with taxes of its own."""

    rate: Millionths
    taxes: tuple[Tax, ...] = ()

    def of(self, amounts: Minor) -> Minor:
        """Return the charge on an amount, rounded half up."""
        return share_of(amounts, self.rate)


class KindSum(Struct, frozen=True):
    """One tax of the whole sale, in minor units: the net of the lines that bear it, and the tax."""

    name: str
    tax: Tax
    net: Minor
    amount: Minor


class PricedBasket(Struct, frozen=True, dict=True):
    """A priced sale.

    Attributes:
        lines: net, taxes and gross of each line; a service charge is the last.
        amounts: the amount of each of them after discounts, before added taxes.
        taxes: the tax group of each of them.
        off: the amount that promotions and discounts took off, of lines and of the whole sale.
        offs: the amount that each discount on all lines took off.
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
        """The total before it is rounded to coins."""
        return sum_of(line.gross for line in self.lines)

    @property
    def tax(self) -> Minor:
        return Minor(self.total - self.net)

    @cached_property
    def sums(self) -> tuple[KindSum, ...]:
        """Each tax in the order of the lines. The net of a line counts once for a tax that it bears twice."""
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

    A line's discount comes off first, then those on all lines. Then the charge is worked out and everything is taxed.
    A deposit or levy in the price bears no discount.

    Args:
        items: the lines.
        discounts: on all lines, each on what the one before left.
        rules: the tax rules of the place.
        charge: the service charge; it bears no discount.
        currency: the currency of the amounts, if promotions are on lines.
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
    """Return the savings by promotions on each line, before its discount. Known savings are taken as they are."""
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
    """Return the reduction by a line's own discount, and the rest taxed.

    The result equals that of `price_basket` if nothing comes off all lines and no tax is rounded by the order.
    """
    off = _own_discount(item, item.saved, rules).off if item.discount else NOTHING
    return off, _taxed_alone(Minor(item.listed - item.saved - off), item.taxes, item.pieces, rules)


def price_charge(amounts: Minor, charge: ServiceCharge, rules: Rules) -> tuple[Minor, Taxed]:
    """Return the service charge on the amount of the lines, and that charge taxed.

    It is exact in the same cases as `price_item`.
    """
    amount = charge.of(amounts)
    return amount, _taxed_alone(amount, charge.taxes, 0, rules)


def _taxed_alone(amount: Minor, taxes: tuple[Tax, ...], pieces: int, rules: Rules) -> Taxed:
    return tax_line(
        amount, taxes, included=rules.included, pieces=pieces, direction=rules.direction, of_sum=rules.of_sum
    )


class _Own(Struct, frozen=True):
    """The amount that a line's own discount takes off, and the part of the line that bears no discount."""

    off: Minor
    firm: Minor


def _own_discount(item: Item, saved: Minor, rules: Rules) -> _Own:
    firm = _firm(item, rules)
    bearing = Minor(item.listed - firm - saved)
    return _Own(item.discount.of(bearing) if item.discount else NOTHING, firm)


def _firm(item: Item, rules: Rules) -> Minor:
    return item.listed if item.deposit else firm_of(item.listed, item.taxes, item.pieces, included=rules.included)


def firm_of(listed: Minor, taxes: tuple[Tax, ...], pieces: int, *, included: bool) -> Minor:
    """Return the part of a line's price that bears no discount, its levies: never more than the line."""
    kept = undiscounted(taxes, pieces, included=included)
    return listed if abs(kept) > abs(listed) else kept
