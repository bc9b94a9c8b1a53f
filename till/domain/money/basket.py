"""The pricing of a sale: discounts, taxes, a service charge. Net + tax = gross, for each line and for the sale."""

from __future__ import annotations

from functools import cached_property
from itertools import compress
from typing import TYPE_CHECKING

from msgspec import Struct

from till.domain.money.discount import Off, share_of, take_off
from till.domain.money.measures import FREE, NOTHING, Minor, Price4, sum_of
from till.domain.money.promotion import Offer, save_on, ware_of
from till.domain.money.rounding import HALF_UP, Direction
from till.domain.money.tax import Tax, Taxed, tax_line, tax_order, undiscounted_part

if TYPE_CHECKING:
    from collections.abc import Sequence
    from fractions import Fraction

    from till.domain.money.amount import Currency
    from till.domain.money.measures import Millionths


class Rules(Struct, frozen=True):
    """The tax rules of a venue, by law or by its choice.

    Attributes:
        included: True if taxes are in the price by default.
        by_order: True if a tax is rounded once for the order; False if it is rounded for each line.
        direction: the direction of rounding.
        of_sum: True if the sum of the rates is rounded; False if each tax is.
    """

    included: bool
    by_order: bool = False
    direction: Direction = HALF_UP
    of_sum: bool = False


class BasketItem(Struct, frozen=True):
    """A line of a sale, as input for its pricing.

    Attributes:
        listed: the price before discounts, in minor units.
        price4: the price of a piece, or of one unit of measure if it is `weighed`.
        offers: the promotions that apply.
        saved: the amount that promotions take off, if already known.
        deposit: True if the line is never discounted and, in new orders, bears no service charge.
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
    """A percentage of the lines after discounts, with taxes of its own; with `except_deposits`, not of deposits."""

    rate: Millionths
    taxes: tuple[Tax, ...] = ()
    except_deposits: bool = False

    def is_on(self, *, deposit: bool) -> bool:
        """True if a line bears the charge."""
        return not (deposit and self.except_deposits)

    def of(self, amounts: Minor) -> Minor:
        """Return the charge on an amount, rounded half up."""
        return share_of(amounts, self.rate)


class KindSum(Struct, frozen=True):
    """The sum of one tax over the sale, in minor units: the net of the taxed lines, and the tax."""

    name: str
    tax: Tax
    net: Minor
    amount: Minor


class PricedBasket(Struct, frozen=True, dict=True):
    """A priced sale.

    Attributes:
        lines: net, taxes and gross of each line; a service charge is the last line.
        amounts: the amount of each line after discounts, before added taxes.
        taxes: the taxes of each line.
        off: the sum of all promotions and discounts.
        offs: the amount of each discount on the whole sale.
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
        """The total before cash rounding."""
        return sum_of(line.gross for line in self.lines)

    @property
    def tax(self) -> Minor:
        return Minor(self.total - self.net)

    @cached_property
    def sums(self) -> tuple[KindSum, ...]:
        """The sum of each tax, in the order of the lines. If a line has a tax twice, its net counts once."""
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
    items: Sequence[BasketItem],
    discounts: Sequence[Off],
    rules: Rules,
    charge: ServiceCharge | None = None,
    currency: Currency | None = None,
) -> PricedBasket:
    """Price a sale.

    Takes off the discount of each line, then the discounts on the whole sale. Then adds the service charge and taxes
    everything. Deposits and levies in the price are never discounted.

    Args:
        items: the lines.
        discounts: the discounts on the whole sale, each on the rest that the previous one leaves.
        rules: the tax rules of the venue.
        charge: the service charge, which is never discounted.
        currency: the currency of the amounts; needed if lines have promotions.
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
        bears = [charge.is_on(deposit=item.deposit) for item in items]
        amounts.append(charge.of(sum_of(compress(amounts, bears))))
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


def _saved(items: Sequence[BasketItem], rules: Rules, currency: Currency | None) -> list[Minor]:
    """Return the savings by promotions on each line, before its discount. Already known savings are kept."""
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


def price_item(item: BasketItem, rules: Rules) -> tuple[Minor, Taxed]:
    """Return the reduction by a line's own discount, and the taxed rest.

    Equals the result of `price_basket` if the sale has no discount on the whole and no tax is rounded by order.
    """
    off = _own_discount(item, item.saved, rules).off if item.discount else NOTHING
    return off, _taxed_alone(Minor(item.listed - item.saved - off), item.taxes, item.pieces, rules)


def price_charge(amounts: Minor, charge: ServiceCharge, rules: Rules) -> tuple[Minor, Taxed]:
    """Return the service charge on the amount of the lines that bear it, and the taxed charge.

    Equals the result of `price_basket` in the same cases as `price_item`.
    """
    amount = charge.of(amounts)
    return amount, _taxed_alone(amount, charge.taxes, 0, rules)


def _taxed_alone(amount: Minor, taxes: tuple[Tax, ...], pieces: int, rules: Rules) -> Taxed:
    return tax_line(
        amount, taxes, included=rules.included, pieces=pieces, direction=rules.direction, of_sum=rules.of_sum
    )


class _Own(Struct, frozen=True):
    """The amount of a line's own discount, and the part of the line that is never discounted."""

    off: Minor
    firm: Minor


def _own_discount(item: BasketItem, saved: Minor, rules: Rules) -> _Own:
    firm = _firm(item, rules)
    bearing = Minor(item.listed - firm - saved)
    return _Own(item.discount.of(bearing) if item.discount else NOTHING, firm)


def _firm(item: BasketItem, rules: Rules) -> Minor:
    return item.listed if item.deposit else firm_of(item.listed, item.taxes, item.pieces, included=rules.included)


def firm_of(listed: Minor, taxes: tuple[Tax, ...], pieces: int, *, included: bool) -> Minor:
    """Return the part of a line's price that is never discounted, its levies: at most the whole price."""
    kept = undiscounted_part(taxes, pieces, included=included)
    return listed if abs(kept) > abs(listed) else kept
